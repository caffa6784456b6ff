package warp

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/sign/bls"

	"github.com/luxfi/session/refusal"
)

const (
	// SecretKeySize is the size of a secret key: a scalar, big endian.
	SecretKeySize = 32
	// SeedSize is the least size of a seed that a secret key is derived from.
	SeedSize = 32
)

// Signer holds a BLS12-381 secret key. It is for a validator that has no host to sign for
// it, and for tests: nodes of a network let the host sign.
type Signer struct {
	scalar bls12381.Scalar
	public *PublicKey
}

// NewSigner returns a signer with a new key.
func NewSigner() (*Signer, error) {
	seed := make([]byte, SeedSize)
	if _, err := io.ReadFull(rand.Reader, seed); err != nil {
		return nil, err
	}
	return SignerFromSeed(seed)
}

// SignerFromSeed derives the key from at least SeedSize bytes (KeyGen of
// draft-irtf-cfrg-bls-signature-05, section 2.3, with its default salt, hashed).
func SignerFromSeed(seed []byte) (*Signer, error) {
	salt := sha256.Sum256([]byte("BLS-SIG-KEYGEN-SALT-"))
	key, err := bls.KeyGen[bls.KeyG1SigG2](seed, salt[:], nil)
	if err != nil {
		return nil, refusal.Wrap(ErrSecretKey, refusal.ErrInvalidArgs, fmt.Sprintf("a seed of at least %d bytes", SeedSize), err)
	}
	encoded, err := key.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return SignerFromBytes(encoded)
}

// SignerFromBytes decodes a secret key: a scalar above 0 and below the group's order.
func SignerFromBytes(encoded []byte) (*Signer, error) {
	s := new(Signer)
	if len(encoded) != SecretKeySize {
		return nil, refusal.Wrap(ErrSecretKey, refusal.ErrKeySize, fmt.Sprintf("%d bytes", SecretKeySize), len(encoded))
	}
	if err := s.scalar.UnmarshalBinary(encoded); err != nil || s.scalar.IsZero() == 1 {
		return nil, refusal.Wrap(ErrSecretKey, refusal.ErrInvalidArgs, "a scalar above 0 and below the group's order", "another")
	}
	var point bls12381.G1
	point.ScalarMult(&s.scalar, bls12381.G1Generator())
	public, err := ParsePublicKey(point.BytesCompressed())
	if err != nil {
		return nil, err
	}
	s.public = public
	return s, nil
}

// Bytes returns the secret key. Keep it secret.
func (s *Signer) Bytes() ([]byte, error) { return s.scalar.MarshalBinary() }

// PublicKey returns the public key.
func (s *Signer) PublicKey() *PublicKey { return s.public }

// String keeps the secret key out of logs.
func (s *Signer) String() string { return "signer " + s.public.String() }

// GoString keeps the secret key out of logs.
func (s *Signer) GoString() string { return s.String() }

// Sign signs a message.
func (s *Signer) Sign(suite Ciphersuite, message []byte) (signature Signature, err error) {
	if err := suite.Check(); err != nil {
		return Signature{}, err
	}
	point := new(bls12381.G2)
	point.Hash(message, []byte(suite))
	point.ScalarMult(&s.scalar, point)
	copy(signature[:], point.BytesCompressed())
	return signature, nil
}
