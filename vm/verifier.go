package vm

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// verifier does the checks of a transaction that are expensive and need no state but the
// actor's public key: its ML-DSA-65 signature and the input check of the ML-KEM-768 keys
// it brings, of which one is part of a prekey. An identity's ID commits to its keys, so a key that is found for an ID is
// right whatever fork it was found on.
type verifier struct {
	keys      *pq.VerifierCache
	networkID uint32
	chainID   ids.ID
	issuers   []chain.Bytes // their ML-DSA-65 public keys, see chain.Registration; no rule set has others: what was checked under one waits for the next
	verified  atomic.Uint64 // how many signatures were checked
}

// verify checks one transaction, and the registration that it carries whether it is needed or not: so
// what is found depends on the bytes alone, and holds in every block. publicKey returns the actor's
// ML-DSA-65 public key; that it can't says nothing of the signature, so its error is returned as it is.
func (v *verifier) verify(tx *chain.Transaction, publicKey func() ([]byte, error)) error {
	if err := v.verifyBody(tx.Body); err != nil {
		return err
	}
	if carried := tx.Registration; carried != nil {
		if err := v.verifyBody(carried); err != nil {
			return err
		}
		publicKey = func() ([]byte, error) { return carried.DSAPublicKey, nil }
	}
	if !tx.Signs() { // of a contract's transaction see calls
		return nil
	}
	actor := tx.Body.Actor()
	v.verified.Add(1)
	var missing error
	find := func() (key []byte, err error) {
		key, missing = publicKey()
		return key, missing
	}
	if err := v.keys.Verify(actor, find, tx.Body.Context(), tx.SigningBytes(), tx.Signature); missing != nil {
		return missing
	} else if err != nil {
		return refusal.New(refusal.ErrBadSignature,
			fmt.Sprintf("an ML-DSA-65 signature of %s over the chain's signing bytes with context %q", actor, tx.Body.Context()), err)
	}
	return nil
}

// verifyBody checks what the actor's signature says nothing of: KEM keys, an issuer's admission, and the signatures
// for a validator's key.
func (v *verifier) verifyBody(body chain.Body) error {
	if err := checkKEMKeys(body); err != nil {
		return err
	}
	switch body := body.(type) {
	case *chain.RegisterIdentity:
		if body.Issuer != 0 {
			return v.verifyAdmission(body)
		}
	case *chain.RegisterValidatorKey:
		return v.verifyValidatorKey(body)
	}
	return nil
}

// verifyAdmission checks the signature of one of the issuers. The rules have looked for it, but not if a
// registration is carried and not needed.
func (v *verifier) verifyAdmission(body *chain.RegisterIdentity) error {
	if body.Issuer > uint64(len(v.issuers)) {
		return refusal.New(refusal.ErrNotAdmitted, fmt.Sprintf("the place of one of the %d issuers of the genesis", len(v.issuers)), body.Issuer)
	}
	v.verified.Add(1)
	key := v.issuers[body.Issuer-1]
	id := chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey)
	signed := chain.AdmissionBytes(v.chainID, id, body.Until)
	find := func() ([]byte, error) { return key, nil }
	if err := v.keys.Verify(chain.IdentityID(nil, key), find, chain.ContextAdmission, signed, body.Admission); err != nil {
		return refusal.New(refusal.ErrBadSignature,
			fmt.Sprintf("an ML-DSA-65 signature of issuer %d over the admission of %s with context %q", body.Issuer, id, chain.ContextAdmission), err)
	}
	return nil
}

func checkKEMKeys(body chain.Body) error {
	var keys [][]byte
	switch body := body.(type) {
	case *chain.RegisterIdentity:
		keys = [][]byte{body.KEMPublicKey}
	case *chain.PublishPrekey:
		keys = [][]byte{body.PublicKey[:chain.KEMPublicKeySize]}
	case *chain.CreateSession:
		keys = body.PublicKeys
	case *chain.RotateKey:
		keys = [][]byte{body.PublicKey}
	}
	for _, key := range keys {
		if err := pq.CheckKEMPublicKey(key); err != nil {
			return refusal.New(refusal.ErrKEMKey, "ML-KEM-768 public keys with coefficients below 3329 (FIPS 203, section 7.2)", err)
		}
	}
	return nil
}

// verification checks the transactions of one block in parallel while the block executes.
type verification struct {
	jobs   chan func() error
	done   sync.WaitGroup
	mu     sync.Mutex
	failed map[uint32]error // by position; the first in the block's order counts
}

func startVerification(transactions int) *verification {
	v := &verification{jobs: make(chan func() error, transactions), failed: make(map[uint32]error)}
	for range min(runtime.GOMAXPROCS(0), transactions) {
		v.done.Add(1)
		go func() {
			defer v.done.Done()
			for job := range v.jobs {
				_ = job()
			}
		}()
	}
	return v
}

// add starts a check of the transaction at a position of the block.
func (v *verification) add(position uint32, check func() error) {
	v.jobs <- func() error {
		err := check()
		if err != nil {
			v.mu.Lock()
			v.failed[position] = err
			v.mu.Unlock()
		}
		return err
	}
}

// wait returns the error of the first transaction that failed.
func (v *verification) wait() error {
	close(v.jobs)
	v.done.Wait()
	var (
		first uint32
		err   error
	)
	for position, failure := range v.failed {
		if err == nil || position < first {
			first, err = position, failure
		}
	}
	if err != nil {
		return fmt.Errorf("transaction %d: %w", first, err)
	}
	return nil
}
