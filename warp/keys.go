package warp

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/cloudflare/circl/ecc/bls12381"

	"github.com/luxfi/session/refusal"
)

const (
	// PublicKeySize is the size of a public key: a compressed point of G1, in bytes.
	PublicKeySize = bls12381.G1SizeCompressed
	// UncompressedPublicKeySize is the size of the form by which validators are sorted.
	UncompressedPublicKeySize = bls12381.G1Size
	// SignatureSize is the size of a signature: a compressed point of G2, in bytes.
	SignatureSize = bls12381.G2SizeCompressed
)

// Signature is a BLS signature, of one validator or of several: a compressed point of G2.
type Signature [SignatureSize]byte

// PublicKey is a BLS12-381 public key: a point of G1 in the subgroup of prime order, and
// not its identity.
type PublicKey struct {
	point        bls12381.G1
	compressed   [PublicKeySize]byte
	uncompressed [UncompressedPublicKeySize]byte
}

// ParsePublicKey decodes a key from its compressed form, 48 bytes, or its uncompressed
// form, 96 bytes, and checks it: on the curve, in the subgroup, not the identity.
func ParsePublicKey(encoded []byte) (*PublicKey, error) {
	k := new(PublicKey)
	if err := k.point.SetBytes(encoded); err != nil {
		return nil, refusal.Wrap(ErrPublicKey, refusal.ErrMalformed, "a point of the prime-order subgroup of G1", fmt.Sprintf("%d bytes: %v", len(encoded), err))
	}
	if k.point.IsIdentity() {
		return nil, refusal.Wrap(ErrPublicKey, refusal.ErrMalformed, "a point that is not the identity", "infinity")
	}
	copy(k.compressed[:], k.point.BytesCompressed())
	copy(k.uncompressed[:], k.point.Bytes())
	if !bytes.Equal(encoded, k.compressed[:]) && !bytes.Equal(encoded, k.uncompressed[:]) {
		return nil, refusal.Wrap(ErrPublicKey, refusal.ErrMalformed, "a canonical encoding of a point", fmt.Sprintf("%x", encoded))
	}
	return k, nil
}

// Bytes returns the compressed form.
func (k *PublicKey) Bytes() []byte { return bytes.Clone(k.compressed[:]) }

// Uncompressed returns the uncompressed form.
func (k *PublicKey) Uncompressed() []byte { return bytes.Clone(k.uncompressed[:]) }

// Equal reports whether it is the same key.
func (k *PublicKey) Equal(other *PublicKey) bool { return k.compressed == other.compressed }

// String returns the compressed form in hex.
func (k *PublicKey) String() string { return hex.EncodeToString(k.compressed[:]) }

// Verify checks a key's own signature of a message.
func (k *PublicKey) Verify(suite Ciphersuite, message []byte, signature Signature) error {
	p, err := signaturePoint(signature)
	if err != nil {
		return err
	}
	return verifyPoint(suite, &k.point, message, p)
}

// signaturePoint decodes a signature: on the curve, in the subgroup, not the identity.
func signaturePoint(signature Signature) (*point, error) {
	p := new(point)
	if err := p.setBytes(signature[:]); err != nil {
		return nil, refusal.Wrap(ErrSignaturePoint, refusal.ErrMalformed, "a compressed point of the prime-order subgroup of G2", err)
	}
	if p.isIdentity() {
		return nil, refusal.Wrap(ErrSignaturePoint, refusal.ErrMalformed, "a point that is not the identity", "infinity")
	}
	if !bytes.Equal(p.compressed(), signature[:]) {
		return nil, refusal.Wrap(ErrSignaturePoint, refusal.ErrMalformed, "the canonical encoding of a point", fmt.Sprintf("%x", signature[:]))
	}
	return p, nil
}

// verifyPoint checks e(key, H(message)) == e(generator, signature). If the check fails, it
// reports whether another ciphersuite was used: that is a mistake in a configuration more
// often than a forgery.
func verifyPoint(suite Ciphersuite, key *bls12381.G1, message []byte, signature *point) error {
	if err := suite.Check(); err != nil {
		return err
	}
	if key.IsIdentity() {
		return refusal.Wrap(ErrBadSignature, refusal.ErrProof, "keys whose sum is not the identity", "infinity")
	}
	if pairs(suite, key, message, signature) {
		return nil
	}
	for _, other := range ciphersuites {
		if other != suite && pairs(other, key, message, signature) {
			return refusal.Wrap(ErrWrongCiphersuite, refusal.ErrProof, "the network's ciphersuite "+string(suite), other)
		}
	}
	return refusal.Wrap(ErrBadSignature, refusal.ErrProof, "the signature of these keys on this message", "another")
}
