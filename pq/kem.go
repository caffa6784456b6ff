package pq

import (
	"bytes"
	"crypto/mlkem"
	"fmt"
)

const (
	// kemModulus is q, the field prime of ML-KEM (FIPS 203, section 2.4).
	kemModulus = 3329
	// kemPolynomialsSize is the part of a public key that holds coefficients, 12 bits each:
	// 384 * k bytes, k = 3 (FIPS 203, algorithm 13).
	kemPolynomialsSize = KEMPublicKeySize - 32
)

// KEMKey is an ML-KEM-768 key pair (FIPS 203). It prints as redacted text, never as its
// bytes.
type KEMKey struct {
	public []byte
	secret *kemSecret
}

// kemSecret stands behind a pointer, so that a KEMKey's copies are wiped with it, and holds
// a pointer in turn, for the reason that identitySecret gives.
type kemSecret struct {
	key *mlkem.DecapsulationKey768 // nil once wiped
}

// GenerateKEMKey makes a key pair from the system's randomness.
func GenerateKEMKey() (*KEMKey, error) {
	key, err := mlkem.GenerateKey768()
	if err != nil {
		return nil, fmt.Errorf("generating an ML-KEM-768 key: %w", err)
	}
	return newKEMKey(key), nil
}

// KEMKeyFromSeed makes the key pair of the 64-byte seed d || z (FIPS 203, algorithm 16).
func KEMKeyFromSeed(seed []byte) (*KEMKey, error) {
	if len(seed) != KEMSeedSize {
		return nil, fmt.Errorf("%w: an ML-KEM-768 key takes %d bytes, got %d", ErrSeed, KEMSeedSize, len(seed))
	}
	key, err := mlkem.NewDecapsulationKey768(seed)
	if err != nil {
		return nil, fmt.Errorf("expanding an ML-KEM-768 seed: %w", err)
	}
	return newKEMKey(key), nil
}

func newKEMKey(key *mlkem.DecapsulationKey768) *KEMKey {
	return &KEMKey{public: key.EncapsulationKey().Bytes(), secret: &kemSecret{key: key}}
}

// Public returns a copy of the encapsulation key, KEMPublicKeySize bytes.
func (k *KEMKey) Public() []byte { return bytes.Clone(k.public) }

// Decapsulate returns the 32-byte key that is shared by who made the ciphertext for this
// key pair. A ciphertext of the right size never fails: one that was made for another key,
// or changed, gives a key that nobody else has (FIPS 203, section 6.3, implicit rejection),
// so what is encrypted under it must be authenticated.
func (k *KEMKey) Decapsulate(ciphertext []byte) ([]byte, error) {
	key := k.secret.key
	if key == nil {
		return nil, fmt.Errorf("%w: load the identity again to decapsulate", ErrWiped)
	}
	if len(ciphertext) != KEMCiphertextSize {
		return nil, fmt.Errorf("%w: expected %d bytes, got %d", ErrKEMCiphertext, KEMCiphertextSize, len(ciphertext))
	}
	shared, err := key.Decapsulate(ciphertext)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKEMCiphertext, err)
	}
	return shared, nil
}

// Wipe drops the secret half: Decapsulate fails from then on, for copies of the key too.
// The memory itself is Go's crypto/mlkem's, and is only given back to the collector. Wipe
// must not run while another goroutine uses the key.
func (k *KEMKey) Wipe() { k.secret.key = nil }

// CheckKEMPublicKey checks an encapsulation key as FIPS 203, section 7.2, asks of whoever
// takes one from somebody else: its size, and that each of its 768 coefficients is below
// q = 3329. It does not expand the matrix and does not allocate.
func CheckKEMPublicKey(publicKey []byte) error {
	if len(publicKey) != KEMPublicKeySize {
		return fmt.Errorf("%w: expected %d bytes, got %d", ErrKEMPublicKey, KEMPublicKeySize, len(publicKey))
	}
	for i := 0; i < kemPolynomialsSize; i += 3 {
		// Three bytes hold two coefficients, the low one first (FIPS 203, algorithm 6).
		low := uint16(publicKey[i]) | uint16(publicKey[i+1]&0x0f)<<8
		high := uint16(publicKey[i+1]>>4) | uint16(publicKey[i+2])<<4
		if low >= kemModulus || high >= kemModulus {
			return fmt.Errorf("%w: expected coefficients below %d, got %d and %d at byte %d: the key is damaged or made up",
				ErrKEMPublicKey, kemModulus, low, high, i)
		}
	}
	return nil
}

// Encapsulate checks an encapsulation key and makes a fresh 32-byte shared key and the
// 1088-byte ciphertext that carries it to the key's owner (FIPS 203, section 7.2).
func Encapsulate(publicKey []byte) (ciphertext, shared []byte, err error) {
	if err := CheckKEMPublicKey(publicKey); err != nil {
		return nil, nil, err
	}
	key, err := mlkem.NewEncapsulationKey768(publicKey)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrKEMPublicKey, err)
	}
	shared, ciphertext = key.Encapsulate()
	return ciphertext, shared, nil
}
