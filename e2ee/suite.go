package e2ee

import (
	"bytes"
	"fmt"
	"io"

	"github.com/cloudflare/circl/kem/mlkem/mlkem768"
	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/pq"
)

// Suite names the KEM of a session's epochs. The rest is the same in each: HKDF-SHA-256,
// HMAC-SHA-256, ChaCha20-Poly1305. A higher number is the stronger one.
type Suite uint8

const (
	// SuiteMLKEM768 is ML-KEM-768 (FIPS 203). Everybody has keys for it.
	SuiteMLKEM768 Suite = 1
	// SuiteXWing is ML-KEM-768 with X25519, combined as X-Wing does
	// (draft-connolly-cfrg-xwing-kem, KEM 0x647a of HPKE): a flaw in one alone opens
	// nothing. What is sealed to a member before it has announced itself is so with its Offer;
	// without one it rests on its ML-KEM-768 key (Policy.HybridStart). A change of its session
	// key takes it back to that.
	SuiteXWing Suite = 2
)

// String returns the suite's name.
func (s Suite) String() string {
	switch s {
	case SuiteMLKEM768:
		return "ML-KEM-768"
	case SuiteXWing:
		return "X-Wing (ML-KEM-768 and X25519)"
	default:
		return fmt.Sprintf("suite %d", uint8(s))
	}
}

func (s Suite) known() bool { return s == SuiteMLKEM768 || s == SuiteXWing }

// seedSize is the size of the secret that a key pair derives from: d || z of FIPS 203, or
// X-Wing's 32 bytes.
func (s Suite) seedSize() int {
	if s == SuiteXWing {
		return xwing.SeedSize
	}
	return pq.KEMSeedSize
}

// publicKeySize is 1184 bytes for ML-KEM-768, 1216 for X-Wing.
func (s Suite) publicKeySize() int {
	if s == SuiteXWing {
		return xwing.PublicKeySize
	}
	return pq.KEMPublicKeySize
}

// ciphertextSize is 1088 bytes for ML-KEM-768, 1120 for X-Wing.
func (s Suite) ciphertextSize() int {
	if s == SuiteXWing {
		return xwing.CiphertextSize
	}
	return pq.KEMCiphertextSize
}

// publicKey returns the public half of a seed's key pair.
func (s Suite) publicKey(seed []byte) ([]byte, error) {
	if len(seed) != s.seedSize() {
		return nil, wrapf(ErrSuite, "want a seed of %d bytes for %s, got %d", s.seedSize(), s, len(seed))
	}
	if s == SuiteXWing {
		secret, public := xwing.DeriveKeyPairPacked(seed)
		clear(secret)
		return public, nil
	}
	key, err := pq.KEMKeyFromSeed(seed)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return key.Public(), nil
}

// checkPublicKey makes the input check of FIPS 203, section 7.2. Every 32 bytes are an
// X25519 key.
func (s Suite) checkPublicKey(publicKey []byte) error {
	if len(publicKey) != s.publicKeySize() {
		return wrapf(ErrMalformed, "want a public key of %d bytes for %s, got %d", s.publicKeySize(), s, len(publicKey))
	}
	if err := pq.CheckKEMPublicKey(publicKey[:pq.KEMPublicKeySize]); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// encapsulate makes a ciphertext for a public key and the 32-byte key that it carries. It
// reads 32 bytes of randomness for ML-KEM-768 (m of FIPS 203, algorithm 17), 64 for X-Wing
// (m, then the ephemeral X25519 key).
func (s Suite) encapsulate(random io.Reader, publicKey []byte) (ciphertext, shared []byte, err error) {
	if err := s.checkPublicKey(publicKey); err != nil {
		return nil, nil, err
	}
	if s == SuiteXWing {
		seed, err := readRandom(random, xwing.EncapsulationSeedSize)
		if err != nil {
			return nil, nil, err
		}
		defer clear(seed)
		shared, ciphertext, err = xwing.Encapsulate(publicKey, seed)
		if err != nil {
			return nil, nil, wrapf(ErrMalformed, "encapsulating: %v", err)
		}
		return ciphertext, shared, nil
	}
	var key mlkem768.PublicKey
	if err := key.Unpack(publicKey); err != nil {
		return nil, nil, wrapf(ErrMalformed, "encapsulating: %v", err)
	}
	seed, err := readRandom(random, mlkem768.EncapsulationSeedSize)
	if err != nil {
		return nil, nil, err
	}
	defer clear(seed)
	ciphertext, shared = make([]byte, mlkem768.CiphertextSize), make([]byte, mlkem768.SharedKeySize)
	key.EncapsulateTo(ciphertext, shared, seed)
	return ciphertext, shared, nil
}

// decapsulate returns the key that a ciphertext of the right size carries. One that was made
// for another key gives a key that nobody else has.
func (s Suite) decapsulate(seed, ciphertext []byte) ([]byte, error) {
	if len(ciphertext) != s.ciphertextSize() {
		return nil, wrapf(ErrMalformed, "want a KEM ciphertext of %d bytes, got %d", s.ciphertextSize(), len(ciphertext))
	}
	if len(seed) != s.seedSize() {
		return nil, wrapf(ErrSuite, "want a seed of %d bytes for %s, got %d", s.seedSize(), s, len(seed))
	}
	if s == SuiteXWing {
		return xwing.Decapsulate(ciphertext, seed), nil
	}
	key, err := pq.KEMKeyFromSeed(seed)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	return key.Decapsulate(ciphertext)
}

// samePublicKey compares public keys, which are no secrets.
func samePublicKey(a, b []byte) bool { return bytes.Equal(a, b) }
