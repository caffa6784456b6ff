package warp

import (
	"crypto/sha256"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// domainKeySet separates the hash of a key set from all others of the chain.
const domainKeySet = "sessionvm/key-set/v1"

// KeySet is a validator set with the ML-DSA-65 keys of those of its validators that have registered one. Those
// without count in the weight, and can't attest. It is immutable.
type KeySet struct {
	*ValidatorSet
	keys [][]byte // of each validator, in the set's order; empty: none
}

// NewKeySet returns a set with keys, chain.DSAPublicKeySize bytes each or none, in the set's order.
func NewKeySet(set *ValidatorSet, keys [][]byte) (*KeySet, error) {
	if len(keys) != set.Len() {
		return nil, refusal.Wrap(ErrKeySet, refusal.ErrKeyCount, fmt.Sprintf("a key, or none, of each of %d validators", set.Len()), len(keys))
	}
	for i, key := range keys {
		if len(key) != 0 && len(key) != chain.DSAPublicKeySize {
			return nil, refusal.Wrap(ErrKeySet, refusal.ErrKeySize, fmt.Sprintf("an ML-DSA-65 key of %d bytes, or none", chain.DSAPublicKeySize), fmt.Sprintf("%d bytes of validator %d", len(key), i))
		}
	}
	return &KeySet{set, keys}, nil
}

// Key returns the key of the validator at an index; empty if it has none. The caller must not change it.
func (s *KeySet) Key(index int) []byte { return s.keys[index] }

// Keyed returns how much of the weight has a key.
func (s *KeySet) Keyed() Weight {
	w := Weight{Total: s.TotalWeight()}
	for i, key := range s.keys {
		if len(key) > 0 {
			w.Signed += s.Validator(i).Weight
		}
	}
	return w
}

// Hash returns a hash of the validators and their keys: SHA-256 over "sessionvm/key-set/v1", a zero byte, the
// validator set's hash, and for each validator the scheme (1 byte; 0: no key) and the key.
func (s *KeySet) Hash(networkID uint32, chainID ids.ID) (hash chain.Hash) {
	h := sha256.New()
	h.Write([]byte(domainKeySet + "\x00"))
	set := s.ValidatorSet.Hash(networkID, chainID)
	h.Write(set[:])
	for _, key := range s.keys {
		if len(key) == 0 {
			h.Write([]byte{0})
			continue
		}
		h.Write([]byte{byte(chain.SchemeMLDSA65)})
		h.Write(key)
	}
	h.Sum(hash[:0])
	return hash
}

// Shared returns the weight, of this set, of those signers of another set that are in both with the same BLS and
// the same ML-DSA key.
func (s *KeySet) Shared(other *KeySet, signers Signers) Weight {
	w := Weight{Total: s.TotalWeight()}
	for _, i := range signers.Indices() {
		if i >= other.Len() {
			continue
		}
		at := s.Index(other.Validator(i).PublicKey)
		if at >= 0 && len(s.keys[at]) > 0 && string(s.keys[at]) == string(other.keys[i]) {
			w.Signed += s.Validator(at).Weight
		}
	}
	return w
}
