package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

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

// keyPause is the time between two looks at the chain's leaf of this validator's key.
const keyPause = 5 * time.Second

// KeepKeyRegistered looks again and again whether the chain has this validator's ML-DSA-65 key, until the chain is
// closed, and registers the key if the chain has not. A chain without validators costs nothing.
func (vm *VM) KeepKeyRegistered() {
	if len(vm.keys) == 0 || vm.host.Signer == nil || vm.host.Signer.PublicKey() == nil {
		return
	}
	ticker := time.NewTicker(keyPause)
	defer ticker.Stop()
	sent, warned := ids.Empty, ""
	for {
		select {
		case <-ticker.C:
		case <-vm.closed:
			return
		}
		if _, _, waits := vm.mempool.get(sent); waits {
			continue
		}
		tx, err := vm.keyRegistration(context.Background())
		if tx != nil {
			if err = vm.Submit(context.Background(), tx, ""); err == nil {
				sent, warned = tx.ID(), ""
				vm.log.Info("this validator's ML-DSA-65 key is sent to the chain", "transaction", sent)
			}
		}
		if err != nil && err.Error() != warned {
			warned = err.Error()
			vm.log.Warn("this validator's ML-DSA-65 key is not registered", "error", err)
		}
	}
}

// keyRegistration returns the transaction that registers this validator's key; nil if there is nothing to do, or
// not yet: the last block has a set without the validator, or its key is too fresh to be replaced.
func (vm *VM) keyRegistration(ctx context.Context) (*chain.Transaction, error) {
	if vm.ready() != nil || !vm.InNormalOperation() {
		return nil, nil
	}
	set, err := vm.validatorsOfLast()
	own := vm.host.Signer.PublicKey().Bytes()
	if err != nil || set == nil || !set.Has(own) {
		return nil, err
	}
	register := signing.ValidatorKey{NetworkID: vm.host.NetworkID, ChainID: vm.host.ChainID, Signer: vm.host.Signer, Key: vm.keys[0]}
	window := vm.genesis.Limits.TransactionWindow * 1000
	now := uint64(vm.host.Clock().UnixMilli())
	key, exists, err := vm.store.Latest().ValidatorKey(chain.ValidatorKeyID(own))
	switch {
	case err != nil:
		return nil, err
	case exists && bytes.Equal(key.PublicKey, vm.keys[0].Public()), exists && now < key.Registered+window:
		return nil, nil
	case exists:
		if register.Replaces = vm.ownKey(key.PublicKey); register.Replaces == nil {
			return nil, fmt.Errorf("the chain has another one of this validator, %x..., which has to sign the next: put its line back into the key file, below the new one", key.PublicKey[:8])
		}
	}
	return register.Register(ctx, now+window/2)
}

// ownKey returns this validator's key with a public key; nil if it is none of its.
func (vm *VM) ownKey(public []byte) *pq.DSAKey {
	for _, key := range vm.keys {
		if bytes.Equal(key.Public(), public) {
			return key
		}
	}
	return nil
}
