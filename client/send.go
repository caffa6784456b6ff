package client

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Signer signs with ML-DSA-65 (FIPS 204, pure mode) in a context, as an identity of
// package pq does.
type Signer interface {
	Sign(context string, message []byte) ([]byte, error)
}

// ChainID returns the ID of the service's chain. It asks once.
func (c *Client) ChainID(ctx context.Context) (ids.ID, error) {
	info, err := c.chainInfo(ctx)
	if err != nil {
		return ids.Empty, err
	}
	return info.ChainID, nil
}

// Genesis returns the genesis of the service's chain. It asks once.
func (c *Client) Genesis(ctx context.Context) (*chain.Genesis, error) {
	info, err := c.chainInfo(ctx)
	if err != nil {
		return nil, err
	}
	if info.Genesis == nil {
		return nil, fmt.Errorf("%w: no genesis", ErrResponse)
	}
	genesis, err := chain.ParseGenesis(info.Genesis.Bytes()) // checks it, and computes its hash
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResponse, err)
	}
	return genesis, nil
}

// Limits returns what the service takes and gives. It asks once.
func (c *Client) Limits(ctx context.Context) (ServiceLimits, error) {
	info, err := c.chainInfo(ctx)
	if err != nil {
		return ServiceLimits{}, err
	}
	return info.Service, nil
}

// chainInfo caches what never changes: all of ChainInfo but the last accepted block.
func (c *Client) chainInfo(ctx context.Context) (*ChainInfo, error) {
	c.mu.Lock()
	info := c.info
	c.mu.Unlock()
	if info != nil {
		return info, nil
	}
	info, err := c.GetChainInfo(ctx)
	if err != nil {
		return nil, err
	}
	if info.Genesis == nil || info.ChainID == ids.Empty {
		return nil, fmt.Errorf("%w: GetChainInfo without chainId or genesis", ErrResponse)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.info = info
	return info, nil
}

// Deadline returns a transaction's deadline that the chain takes: now and half of the
// genesis transactionWindow, in Unix milliseconds.
func (c *Client) Deadline(ctx context.Context) (uint64, error) {
	genesis, err := c.Genesis(ctx)
	if err != nil {
		return 0, err
	}
	return DeadlineAt(genesis, time.Now()), nil
}

// DeadlineAt returns the deadline of a transaction that is made at a time, in Unix milliseconds: in half of the chain's
// transactionWindow at least, and in three quarters at most. It is one of four in a window, so that it does not say what
// the clock of a device shows, as long as it is right by some seconds.
func DeadlineAt(genesis *chain.Genesis, at time.Time) uint64 {
	quarter := max(1, genesis.Limits.TransactionWindow*1000/4)
	return (uint64(max(0, at.UnixMilli()))/quarter + 3) * quarter
}

// Nonce returns 64 random bits, for what makes something new: two sessions of the same people
// have other nonces, and so other IDs.
func Nonce() uint64 {
	var nonce [8]byte
	rand.Read(nonce[:]) // never fails: without randomness it ends the program
	return binary.BigEndian.Uint64(nonce[:])
}

// SignTransaction builds the transaction of a body for the service's chain, signed unless
// nobody acts in it; the signer may then be nil.
func (c *Client) SignTransaction(ctx context.Context, body chain.Body, signer Signer) (*chain.Transaction, error) {
	chainID, err := c.ChainID(ctx)
	if err != nil {
		return nil, err
	}
	var signature []byte
	if body.Actor() != ids.Empty {
		if signer == nil {
			return nil, refusal.New(refusal.ErrSignatureRequired, "a signer for "+body.Actor().String(), "none")
		}
		if signature, err = signer.Sign(body.Context(), chain.SigningBytes(chainID, body)); err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
	}
	return chain.NewTransaction(chainID, body, signature)
}

// SendTransaction signs the transaction of a body, submits it and waits until it is
// accepted: as long as the service waits at most, and as the context allows. An error that
// is refusal.ErrWaitTimeout says that it may still be accepted: GetTransaction tells.
func (c *Client) SendTransaction(ctx context.Context, body chain.Body, signer Signer) (*TransactionResult, error) {
	tx, err := c.SignTransaction(ctx, body, signer)
	if err != nil {
		return nil, err
	}
	return c.send(ctx, tx)
}

func (c *Client) send(ctx context.Context, tx *chain.Transaction) (*TransactionResult, error) {
	limits, err := c.Limits(ctx)
	if err != nil {
		return nil, err
	}
	return c.IssueTransaction(ctx, IssueTransactionParams{Bytes: tx.Bytes(), Wait: limits.MaxWait})
}
