package pq

import (
	"bytes"
	"fmt"

	"golang.org/x/crypto/blake2b"
)

// PublicIdentity is the public half of an identity: what others need to encrypt to it and
// to verify what it signed. Make one with NewPublicIdentity, which checks the keys.
type PublicIdentity struct {
	// KEM is the ML-KEM-768 encapsulation key, KEMPublicKeySize bytes.
	KEM []byte
	// DSA is the ML-DSA-65 public key, DSAPublicKeySize bytes.
	DSA []byte
}

// NewPublicIdentity checks both keys and returns an identity with copies of them: the KEM
// key as CheckKEMPublicKey does, the DSA key's size (every string of that size is an
// ML-DSA public key, FIPS 204, algorithm 23).
func NewPublicIdentity(kem, dsa []byte) (PublicIdentity, error) {
	if err := CheckKEMPublicKey(kem); err != nil {
		return PublicIdentity{}, err
	}
	if err := checkDSAPublicKey(dsa); err != nil {
		return PublicIdentity{}, err
	}
	return PublicIdentity{KEM: bytes.Clone(kem), DSA: bytes.Clone(dsa)}, nil
}

// IdentityOf checks both keys, and that they are those that an ID commits to: then it does not matter
// who handed them over. Errors: ErrID for another's keys.
func IdentityOf(id [IDSize]byte, kem, dsa []byte) (PublicIdentity, error) {
	public, err := NewPublicIdentity(kem, dsa)
	if err != nil {
		return PublicIdentity{}, fmt.Errorf("the keys of %s: %w", FormatID(id), err)
	}
	if got := public.ID(); got != id {
		return PublicIdentity{}, fmt.Errorf("%w: expected the keys of %s, got those of %s: do not use them", ErrID, FormatID(id), FormatID(got))
	}
	return public, nil
}

// ID returns BLAKE2b-256(KEM || DSA), which commits to both keys: who holds an ID can check
// the keys that somebody hands them for it.
func (p PublicIdentity) ID() [IDSize]byte {
	h, err := blake2b.New256(nil)
	if err != nil {
		panic(fmt.Sprintf("BLAKE2b-256 without a key: %v", err)) // only a key above 64 bytes fails
	}
	h.Write(p.KEM)
	h.Write(p.DSA)
	var id [IDSize]byte
	h.Sum(id[:0])
	return id
}
