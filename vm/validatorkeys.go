package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// checkRegisterValidatorKey lets a validator of the block bind a key to itself, once in a transactionWindow. The
// first key is taken on its BLS signature; each after it names the one that it replaces, which consents.
func (r *rules) checkRegisterValidatorKey(body *chain.RegisterValidatorKey) error {
	if err := r.checkDeadline(body.Deadline); err != nil {
		return err
	}
	if r.validators == nil {
		return refusal.New(refusal.ErrNotValidator, "a block that commits to a validator set", "one that does not")
	}
	if !r.validators.Has(body.BLSPublicKey) {
		return refusal.New(refusal.ErrNotValidator, fmt.Sprintf("the BLS key of one of the %d validators of the block", r.validators.Len()), fmt.Sprintf("%x", body.BLSPublicKey))
	}
	key, exists, err := r.state.ValidatorKey(chain.ValidatorKeyID(body.BLSPublicKey))
	if err != nil {
		return err
	}
	if !exists {
		return r.checkFirstValidatorKey(body)
	}
	if !bytes.Equal(key.PublicKey, body.Replaces) {
		return refusal.New(refusal.ErrValidatorKey, fmt.Sprintf("a key that replaces the validator's, %x...", key.PublicKey[:8]), fmt.Sprintf("%x...", body.Replaces[:min(8, len(body.Replaces))]))
	}
	if from := key.Registered + r.genesis.Limits.TransactionWindow*1000; r.now < from {
		return refusal.New(refusal.ErrValidatorKeyRenewal, fmt.Sprintf("a replacement from %d on (Unix milliseconds)", from), r.now)
	}
	return nil
}

func (r *rules) checkFirstValidatorKey(body *chain.RegisterValidatorKey) error {
	if len(body.Replaces) > 0 {
		return refusal.New(refusal.ErrValidatorKey, "a key that replaces none: the validator has none", fmt.Sprintf("%x...", body.Replaces[:8]))
	}
	if r.totals.LiveValidatorKeys >= chain.MaxValidatorKeys {
		return refusal.New(refusal.ErrValidatorKeyLimit, fmt.Sprintf("fewer than %d validators with a key", chain.MaxValidatorKeys), r.totals.LiveValidatorKeys)
	}
	return nil
}

func (e *execution) registerValidatorKey(body *chain.RegisterValidatorKey) error {
	id := chain.ValidatorKeyID(body.BLSPublicKey)
	_, exists, err := e.change.ValidatorKey(id)
	if err != nil {
		return err
	}
	if !exists {
		e.totals.LiveValidatorKeys++
	}
	e.putValidatorKey(id, &chain.ValidatorKey{Scheme: body.Scheme, PublicKey: body.PublicKey, BLSPublicKey: body.BLSPublicKey, Registered: e.now})
	return nil
}

// putValidatorKey writes a key that was seen now, the last in the order of sweeps.
func (e *execution) putValidatorKey(id ids.ID, key *chain.ValidatorKey) {
	e.totals.ValidatorKeys++
	key.Number, key.Seen = e.totals.ValidatorKeys, e.now
	e.change.PutValidatorKey(id, key)
}

// sweepValidatorKeys looks once in a retention whether each validator with a key is still one. It removes the
// keys of those that were none at two visits. Only a block that commits to validators can look.
func (e *execution) sweepValidatorKeys(budget *int) error {
	for ; *budget > 0 && e.validators != nil && e.totals.ValidatorKeysSwept < e.totals.ValidatorKeys; *budget-- {
		number := e.totals.ValidatorKeysSwept + 1
		id, err := e.change.Numbered(state.ValidatorKeyQueue, number, false)
		if err != nil {
			return err
		}
		key, exists, err := e.change.ValidatorKey(id)
		if err != nil {
			return err
		}
		if exists && key.Number == number { // else replaced or seen since: it has another number
			if key.Seen+e.genesis.Retention() > e.now {
				return nil
			}
			if absent := !e.validators.Has(key.BLSPublicKey); absent && key.Absent {
				e.change.RemoveValidatorKey(id)
				e.totals.LiveValidatorKeys--
			} else {
				key.Absent = absent
				e.putValidatorKey(id, key)
			}
		}
		if _, err := e.change.Numbered(state.ValidatorKeyQueue, number, true); err != nil {
			return err
		}
		e.totals.ValidatorKeysSwept = number
	}
	return nil
}

// verifyValidatorKey checks the three signatures for a validator's key, the cheap ones first.
func (v *verifier) verifyValidatorKey(body *chain.RegisterValidatorKey) error {
	signed := chain.SigningBytes(v.chainID, body)
	v.verified.Add(1)
	if err := pq.Verify(body.PublicKey, body.Context(), signed, body.Possession); err != nil {
		return refusal.New(refusal.ErrBadSignature, fmt.Sprintf("an ML-DSA-65 signature of the key that is registered, with context %q", body.Context()), err)
	}
	if len(body.Replaces) > 0 {
		v.verified.Add(1)
		if err := pq.Verify(body.Replaces, chain.ContextReplaceValidatorKey, signed, body.Consent); err != nil {
			return refusal.New(refusal.ErrBadSignature, fmt.Sprintf("an ML-DSA-65 signature of the key that is replaced, with context %q", chain.ContextReplaceValidatorKey), err)
		}
	}
	if err := warp.VerifyValidatorKey(v.networkID, v.chainID, body); err != nil {
		return refusal.New(refusal.ErrBLSSignature, "the validator's signature of the registration", err)
	}
	return nil
}

// validatorsOfLast returns the validators that the last accepted block commits to; nil: none.
func (vm *VM) validatorsOfLast() (*signing.Validators, error) {
	set, err := vm.ValidatorsOf(context.Background(), vm.store.Last())
	if errors.Is(err, refusal.ErrValidatorSet) {
		return nil, nil
	}
	return set, err
}
