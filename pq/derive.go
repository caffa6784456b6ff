package pq

import (
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
)

// Labels of what derives from an identity's seed. A label never changes its meaning:
// another derivation takes another version.
const (
	saltIdentity    = "sessionvm/identity/v1"
	labelKEM        = "sessionvm/identity/kem/v1"
	labelDSA        = "sessionvm/identity/dsa/v1"
	labelSessionKEM = "sessionvm/identity/session-kem/v1"
	labelStore      = "sessionvm/identity/store/v1"
	labelPrivate    = "sessionvm/identity/private/v1"
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
		return nil, fmt.Errorf("pq: deriving %s: %w", label, err)
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

// deriveSessionKEMKey returns the KEM key pair of one epoch of one session.
func deriveSessionKEMKey(seed *[SeedSize]byte, chainID, sessionNonce [32]byte, epoch uint64) (*KEMKey, error) {
	var epochBytes [8]byte
	binary.BigEndian.PutUint64(epochBytes[:], epoch)
	return deriveKEMKey(seed, labelSessionKEM, chainID[:], sessionNonce[:], epochBytes[:])
}
