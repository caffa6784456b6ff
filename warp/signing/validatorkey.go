package signing

import (
	"context"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp"
)

// ValidatorKey is what a validator's post-quantum key is registered with.
type ValidatorKey struct {
	NetworkID uint32
	ChainID   ids.ID
	Signer    Signer // with the validator's BLS key
	Key       *pq.DSAKey
	// Replaces is the key so far; nil if there is none.
	Replaces *pq.DSAKey
}

// Register returns the transaction that binds the key to the validator, with a deadline in Unix milliseconds.
func (k *ValidatorKey) Register(ctx context.Context, deadline uint64) (*chain.Transaction, error) {
	body := &chain.RegisterValidatorKey{Scheme: chain.SchemeMLDSA65, PublicKey: k.Key.Public(), BLSPublicKey: k.Signer.PublicKey().Bytes(), Deadline: deadline}
	if k.Replaces != nil {
		body.Replaces = k.Replaces.Public()
	}
	signed := chain.SigningBytes(k.ChainID, body)
	signature, err := k.Signer.Sign(ctx, warp.ValidatorKeyMessage(k.NetworkID, k.ChainID, chain.TransactionID(k.ChainID, body)))
	if err != nil {
		return nil, fmt.Errorf("the host's signer: %w", err)
	}
	body.BLSSignature = signature[:]
	if body.Possession, err = k.Key.Sign(body.Context(), signed); err != nil {
		return nil, err
	}
	if k.Replaces != nil {
		if body.Consent, err = k.Replaces.Sign(chain.ContextReplaceValidatorKey, signed); err != nil {
			return nil, err
		}
	}
	return chain.NewTransaction(k.ChainID, body, nil)
}
