package signing

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/sign/bls"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// SecretKeySize is the size of a secret key: a scalar, big endian.
	SecretKeySize = 32
	// SeedSize is the least size of a seed that a secret key is derived from.
	SeedSize = 32
)

// SecretKey is a BLS12-381 secret key. It is for a validator that has no host to sign for
// it, and for tests: nodes of a network let the host sign.
type SecretKey struct {
	scalar bls12381.Scalar
	public *warp.PublicKey
}

// NewSecretKey returns a new key.
func NewSecretKey() (*SecretKey, error) {
	seed := make([]byte, SeedSize)
	if _, err := io.ReadFull(rand.Reader, seed); err != nil {
		return nil, err
	}
	return SecretKeyFromSeed(seed)
}

// SecretKeyFromSeed derives the key from at least SeedSize bytes (KeyGen of
// draft-irtf-cfrg-bls-signature-05, section 2.3, with its default salt, hashed).
func SecretKeyFromSeed(seed []byte) (*SecretKey, error) {
	salt := sha256.Sum256([]byte("BLS-SIG-KEYGEN-SALT-"))
	key, err := bls.KeyGen[bls.KeyG1SigG2](seed, salt[:], nil)
	if err != nil {
		return nil, refusal.Wrap(ErrSecretKey, refusal.ErrInvalidArgs, fmt.Sprintf("a seed of at least %d bytes", SeedSize), err)
	}
	encoded, err := key.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return ParseSecretKey(encoded)
}

// ParseSecretKey decodes a secret key: a scalar above 0 and below the group's order.
func ParseSecretKey(encoded []byte) (*SecretKey, error) {
	k := new(SecretKey)
	if len(encoded) != SecretKeySize {
		return nil, refusal.Wrap(ErrSecretKey, refusal.ErrKeySize, fmt.Sprintf("%d bytes", SecretKeySize), len(encoded))
	}
	if err := k.scalar.UnmarshalBinary(encoded); err != nil || k.scalar.IsZero() == 1 {
		return nil, refusal.Wrap(ErrSecretKey, refusal.ErrInvalidArgs, "a scalar above 0 and below the group's order", "another")
	}
	var point bls12381.G1
	point.ScalarMult(&k.scalar, bls12381.G1Generator())
	public, err := warp.ParsePublicKey(point.BytesCompressed())
	if err != nil {
		return nil, err
	}
	k.public = public
	return k, nil
}

// Bytes returns the secret key. Keep it secret.
func (k *SecretKey) Bytes() ([]byte, error) { return k.scalar.MarshalBinary() }

// PublicKey returns the public key.
func (k *SecretKey) PublicKey() *warp.PublicKey { return k.public }

// String keeps the secret key out of logs.
func (k *SecretKey) String() string { return "secret key of " + k.public.String() }

// GoString keeps the secret key out of logs.
func (k *SecretKey) GoString() string { return k.String() }

// Sign signs a message.
func (k *SecretKey) Sign(suite warp.Ciphersuite, message []byte) (signature warp.Signature, err error) {
	if err := suite.Check(); err != nil {
		return warp.Signature{}, err
	}
	point := new(bls12381.G2)
	point.Hash(message, []byte(suite))
	point.ScalarMult(&k.scalar, point)
	copy(signature[:], point.BytesCompressed())
	return signature, nil
}
