package client

import (
	"context"
	"errors"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// RegisterIdentityParams are both public keys of an identity, and what the chain asks for: the
// ID commits to the keys, so the identity does not sign.
type RegisterIdentityParams struct {
	KEMPublicKey Bytes   `json:"kemPublicKey"`      // ML-KEM-768, 1184 bytes
	DSAPublicKey Bytes   `json:"dsaPublicKey"`      // ML-DSA-65, 1952 bytes
	Deadline     uint64  `json:"deadline,omitzero"` // Unix milliseconds; zero: the service fills it
	Wait         Seconds `json:"wait,omitzero"`     // for acceptance; zero: the service's default

	Work      uint64 `json:"work,omitzero"`       // chain.RegisterIdentity.Work; zero: RegisterIdentity finds it
	Issuer    uint64 `json:"issuer,omitzero"`     // of an Admission, as are the next two
	Until     uint64 `json:"until,omitzero"`      // Unix milliseconds
	Admission Bytes  `json:"admission,omitempty"` // its signature: ML-DSA-65, 3309 bytes
}

// RegisterIdentityResult says under which ID the identity is registered. Registering again
// what needs no renewal yet is no error: AlreadyRegistered says so, and nothing changes.
type RegisterIdentityResult struct {
	IdentityID        ids.ID    `json:"identityId"`
	Registered        time.Time `json:"registered"` // of the registration that counts
	Expires           time.Time `json:"expires"`    // when it lapses unless it is renewed
	AlreadyRegistered bool      `json:"alreadyRegistered"`
	TransactionID     ids.ID    `json:"transactionId,omitzero"` // left out if already registered
	Height            uint64    `json:"height,omitzero"`        // left out if already registered
}

// RegisterIdentity registers an identity, or renews it, and waits until it is accepted. Where the
// chain asks for work it does that, on one processor, until the context ends: 2^22 hashes by
// default, about a second; Options.Working is told. The error is ErrWork if the chain asks for more
// than MaxWork.
func (c *Client) RegisterIdentity(ctx context.Context, params RegisterIdentityParams) (*RegisterIdentityResult, error) {
	answer, refused := call[RegisterIdentityResult](ctx, c, "RegisterIdentity", params)
	for try := 0; try < workTries && params.Work == 0 && errors.Is(refused, refusal.ErrWork); try++ { // the beacon and the price move on
		paid, id := params, chain.IdentityID(params.KEMPublicKey, params.DSAPublicKey)
		bits, beacon, err := c.RegistrationPrice(ctx, id)
		if err != nil {
			return nil, err
		}
		if paid.Work, err = c.work(ctx, id, bits, beacon); err != nil {
			return nil, err
		}
		answer, refused = call[RegisterIdentityResult](ctx, c, "RegisterIdentity", paid)
	}
	return answer, refused
}

// GetIdentityParams name an identity.
type GetIdentityParams struct {
	IdentityID ids.ID `json:"identityId" id:"identity"`
}

// GetIdentityResult holds an identity.
type GetIdentityResult struct {
	Identity Identity `json:"identity"`
}

// Identity is a registered identity.
type Identity struct {
	ID           ids.ID    `json:"id"`
	Text         string    `json:"text"`         // the ID as people write it: 07 and 64 hex digits
	KEMPublicKey Bytes     `json:"kemPublicKey"` // ML-KEM-768, 1184 bytes
	DSAPublicKey Bytes     `json:"dsaPublicKey"` // ML-DSA-65, 1952 bytes
	Registered   time.Time `json:"registered"`
	Expires      time.Time `json:"expires"`
	Number       uint64    `json:"number"`   // counts registrations of the chain, from 1
	Channels     uint64    `json:"channels"` // how many channels it owns

	Prekey       Bytes     `json:"prekey,omitempty"`      // X-Wing, 1216 bytes; left out if none was published
	PrekeyNumber uint64    `json:"prekeyNumber,omitzero"` // counts its prekeys, from 1
	PrekeyTime   time.Time `json:"prekeyTime,omitzero"`   // when it was published

	SingleSession ids.ID `json:"singleSession,omitzero"` // the only one of its kind that it has made; left out if none was
}

// GetIdentity returns a registered identity.
func (c *Client) GetIdentity(ctx context.Context, params GetIdentityParams) (*GetIdentityResult, error) {
	return call[GetIdentityResult](ctx, c, "GetIdentity", params)
}
