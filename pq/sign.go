package pq

import (
	"fmt"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"

	"github.com/luxfi/session/internal/avx"
)

// Verify checks an ML-DSA-65 signature (FIPS 204, algorithm 3, pure mode). It unpacks the
// public key each time, which costs more than the check itself: use a VerifierCache where
// the same identities sign again and again.
func Verify(dsaPublicKey []byte, context string, message, signature []byte) error {
	if err := checkSignatureSizes(context, signature); err != nil {
		return err
	}
	key, err := unpackDSAPublicKey(dsaPublicKey)
	if err != nil {
		return err
	}
	return verifyUnpacked(key, context, message, signature)
}

// verifyUnpacked checks a signature whose sizes are checked.
func verifyUnpacked(key *mldsa65.PublicKey, context string, message, signature []byte) error {
	defer avx.Clear()
	if !mldsa65.Verify(key, message, []byte(context), signature) {
		return fmt.Errorf("%w: it is not this key's signature of this message in context %q", ErrSignature, context)
	}
	return nil
}

// signMessage signs with ML-DSA-65 (FIPS 204, algorithm 2, pure mode).
func signMessage(key *mldsa65.PrivateKey, context string, message []byte, hedged bool) ([]byte, error) {
	defer avx.Clear()
	if err := checkContext(context); err != nil {
		return nil, err
	}
	signature := make([]byte, DSASignatureSize)
	if err := mldsa65.SignTo(key, message, []byte(context), hedged, signature); err != nil {
		return nil, fmt.Errorf("signing with ML-DSA-65: %w", err)
	}
	return signature, nil
}

// newDSAKey expands the seed ξ of a key pair (FIPS 204, algorithm 6).
func newDSAKey(seed []byte) (public []byte, private *mldsa65.PrivateKey, err error) {
	defer avx.Clear()
	if len(seed) != DSASeedSize {
		return nil, nil, fmt.Errorf("%w: an ML-DSA-65 key takes %d bytes, got %d", ErrSeed, DSASeedSize, len(seed))
	}
	publicKey, private := mldsa65.NewKeyFromSeed((*[DSASeedSize]byte)(seed))
	return publicKey.Bytes(), private, nil
}

func unpackDSAPublicKey(packed []byte) (*mldsa65.PublicKey, error) {
	defer avx.Clear()
	if err := checkDSAPublicKey(packed); err != nil {
		return nil, err
	}
	key := new(mldsa65.PublicKey)
	key.Unpack((*[DSAPublicKeySize]byte)(packed))
	return key, nil
}

func checkDSAPublicKey(packed []byte) error {
	if len(packed) != DSAPublicKeySize {
		return fmt.Errorf("%w: expected %d bytes, got %d", ErrDSAPublicKey, DSAPublicKeySize, len(packed))
	}
	return nil
}

func checkSignatureSizes(context string, signature []byte) error {
	if err := checkContext(context); err != nil {
		return err
	}
	if len(signature) != DSASignatureSize {
		return fmt.Errorf("%w: expected %d bytes, got %d", ErrSignature, DSASignatureSize, len(signature))
	}
	return nil
}

func checkContext(context string) error {
	if len(context) > MaxContextSize {
		return fmt.Errorf("%w: expected at most %d bytes, got %d", ErrContext, MaxContextSize, len(context))
	}
	return nil
}
