package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

const (
	// MaxWork bounds the work for one transaction, in bits: the price is a node's word.
	MaxWork = 34
	// workTries is how often it does work, and so a node that lies can have it done.
	workTries = 3
)

// RegistrationPrice returns what the registration of an identity costs now: the bits of work, and
// the beacon that it is for; no bits where the chain asks for none. Renewals are cheaper where the
// chain is more than half full.
func (c *Client) RegistrationPrice(ctx context.Context, identity ids.ID) (bits uint64, beacon ids.ID, err error) {
	info, err := c.GetChainInfo(ctx)
	if err != nil {
		return 0, ids.Empty, err
	}
	price := &info.Registration
	if price.Bits == 0 {
		return 0, ids.Empty, nil
	}
	switch _, err := c.GetIdentity(ctx, GetIdentityParams{IdentityID: identity}); {
	case err == nil:
		return price.Renewal, price.Beacon, nil
	case errors.Is(err, refusal.ErrNotRegistered):
		return price.Bits, price.Beacon, nil
	default:
		return 0, ids.Empty, err
	}
}

// RegisterAndSend is SendTransaction for an identity that is not registered: the transaction carries
// its registration, with the work that the chain asks for, see RegisterIdentity. An identity that is
// registered acts all the same, and has done the work for nothing.
func (c *Client) RegisterAndSend(ctx context.Context, body chain.Body, signer Signer, kemPublicKey, dsaPublicKey []byte) (*TransactionResult, error) {
	act, err := c.SignTransaction(ctx, body, signer)
	if err != nil {
		return nil, err
	}
	return c.SendRegistering(ctx, act, kemPublicKey, dsaPublicKey)
}

// SendRegistering is RegisterAndSend for a transaction that is signed.
func (c *Client) SendRegistering(ctx context.Context, act *chain.Transaction, kemPublicKey, dsaPublicKey []byte) (*TransactionResult, error) {
	registration := chain.RegisterIdentity{KEMPublicKey: kemPublicKey, DSAPublicKey: dsaPublicKey}
	for try := 0; ; try++ {
		info, err := c.GetChainInfo(ctx)
		if err != nil {
			return nil, err
		}
		registration.Work, err = c.work(ctx, act.Body.Actor(), info.Registration.Bits, info.Registration.Beacon)
		if err != nil {
			return nil, err
		}
		tx, err := act.WithRegistration(&registration)
		if err != nil {
			return nil, err
		}
		answer, err := c.send(ctx, tx)
		if try == workTries-1 || !errors.Is(err, refusal.ErrWork) { // the beacon and the price move on
			return answer, err
		}
	}
}

// work finds the work of an identity's registration at a price.
func (c *Client) work(ctx context.Context, id ids.ID, bits uint64, beacon ids.ID) (uint64, error) {
	chainID, err := c.ChainID(ctx)
	if err != nil {
		return 0, err
	}
	return c.find(ctx, chain.NewChallenge(chainID, id, beacon), bits)
}

// find finds work of so many bits, at most MaxWork.
func (c *Client) find(ctx context.Context, challenge chain.Challenge, bits uint64) (uint64, error) {
	if bits > MaxWork {
		return 0, refusal.New(refusal.ErrWork, fmt.Sprintf("a price of at most %d bits of work; try again when the chain has more room", MaxWork), bits)
	}
	if bits > 0 {
		c.working(bits)
	}
	return challenge.Find(ctx, bits)
}

// Admission is an issuer's word that an identity may register, and renew, up to a time.
type Admission struct {
	ChainID   ids.ID `json:"chainId"`
	Identity  ids.ID `json:"identity"`
	Issuer    uint64 `json:"issuer"` // place of the issuer's key in the genesis, from 1
	Until     uint64 `json:"until"`  // Unix milliseconds
	Signature Bytes  `json:"signature"`
}

// Admit makes the admission of an identity, signed by the issuer that has an ML-DSA-65 public
// key. The error is refusal.ErrNotAdmitted if the genesis does not name that key.
func (c *Client) Admit(ctx context.Context, issuer Signer, publicKey []byte, identity ids.ID, until uint64) (*Admission, error) {
	chainID, err := c.ChainID(ctx)
	if err != nil {
		return nil, err
	}
	genesis, err := c.Genesis(ctx)
	if err != nil {
		return nil, err
	}
	for i, key := range genesis.Registration.Issuers {
		if bytes.Equal(key, publicKey) {
			signature, err := issuer.Sign(chain.ContextAdmission, chain.AdmissionBytes(chainID, identity, until))
			return &Admission{chainID, identity, uint64(i) + 1, until, signature}, err
		}
	}
	return nil, refusal.New(refusal.ErrNotAdmitted, fmt.Sprintf("the key of one of the %d issuers of the genesis", len(genesis.Registration.Issuers)), "another")
}
