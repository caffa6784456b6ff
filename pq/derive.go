package pq

import (
	"crypto/hkdf"
	"crypto/sha512"
	"fmt"
)

// Labels of what derives from an identity's seed. A label never changes its meaning:
// another derivation takes another version.
const (
	saltIdentity = "sessionvm/identity/v1"
	labelKEM     = "sessionvm/identity/kem/v1"
	labelDSA     = "sessionvm/identity/dsa/v1"
	labelStore   = "sessionvm/identity/store/v1"
	labelPrivate = "sessionvm/identity/private/v1"
)

// derive returns size bytes of HKDF-SHA-512 (RFC 5869) over an identity's seed, for one
// label. The info is label || 0x00 || fields; labels have no zero byte and a label's fields
// have fixed sizes, so no two derivations share an info.
func derive(seed *[SeedSize]byte, label string, size int, fields ...[]byte) ([]byte, error) {
	info := append([]byte(label), 0)
	for _, field := range fields {
		info = append(info, field...)
	}
	key, err := hkdf.Key(sha512.New, seed[:], []byte(saltIdentity), string(info), size)
	if err != nil {
		return nil, fmt.Errorf("deriving %s: %w", label, err)
	}
	return key, nil
}

// deriveKEMKey returns the KEM key pair of a label.
func deriveKEMKey(seed *[SeedSize]byte, label string, fields ...[]byte) (*KEMKey, error) {
	kemSeed, err := derive(seed, label, KEMSeedSize, fields...)
	if err != nil {
		return nil, err
	}
	defer clear(kemSeed)
	return KEMKeyFromSeed(kemSeed)
}
