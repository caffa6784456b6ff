package e2ee

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/luxfi/session/refusal"
)

// nonceSize is the size of a synthetic nonce. XChaCha20-Poly1305 has room for one that is a
// hash: at 24 bytes no two texts share one by chance.
const nonceSize = chacha20poly1305.NonceSizeX

// newXAEAD makes the cipher that synthetic nonces are for. Tests replace it to see every key
// and nonce that is used.
var newXAEAD = chacha20poly1305.NewX

// syntheticKeys seal with a nonce that is computed from what they seal. So what is sealed
// twice under the same keys, as from an old copy of a state, shows whether it is equal and
// nothing else: a nonce that repeats stands for the same text in the same place.
type syntheticKeys struct {
	seal  [keySize]byte // encrypts
	nonce [keySize]byte // makes the nonces
}

func (k *syntheticKeys) wipe() {
	clear(k.seal[:])
	clear(k.nonce[:])
}

// deriveSynthetic returns the keys of a secret that is uniform: HKDF-Expand with SHA-256 and a
// label as info, for each.
func deriveSynthetic(secret []byte, labelSeal, labelNonce string) (keys syntheticKeys, err error) {
	for _, out := range []struct {
		label string
		to    *[keySize]byte
	}{{labelSeal, &keys.seal}, {labelNonce, &keys.nonce}} {
		expanded, err := hkdf.Expand(sha256.New, secret, out.label, len(out.to))
		if err != nil {
			return syntheticKeys{}, fmt.Errorf("expanding %s: %w", out.label, err)
		}
		copy(out.to[:], expanded)
		clear(expanded)
	}
	return keys, nil
}

// syntheticNonce returns the first 24 bytes of HMAC-SHA-256(nonce key, associated data ||
// plaintext). All that one nonce key sees has associated data of one size, that of its label,
// so where the plaintext begins is never in doubt.
func (k *syntheticKeys) syntheticNonce(associated, plaintext []byte) [nonceSize]byte {
	h := hmac.New(sha256.New, k.nonce[:])
	h.Write(associated)
	h.Write(plaintext)
	return [nonceSize]byte(h.Sum(nil))
}

// sealAfter encrypts, and returns header || nonce || ciphertext. The plaintext may stand where
// its ciphertext goes.
func (k *syntheticKeys) sealAfter(header, plaintext, associated []byte) ([]byte, error) {
	aead, err := xaeadOf(k.seal[:])
	if err != nil {
		return nil, err
	}
	nonce := k.syntheticNonce(associated, plaintext)
	return aead.Seal(append(header, nonce[:]...), nonce[:], plaintext, associated), nil
}

// open decrypts what sealAfter made. The nonce has to be the one that the text gives, so that
// one text in one place has one encoding, whoever sealed it.
func (k *syntheticKeys) open(nonce, ciphertext, associated []byte) ([]byte, error) {
	aead, err := xaeadOf(k.seal[:])
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(nil, nonce, ciphertext, associated)
	if err != nil {
		return nil, refusal.Because(ErrAuthentication, "expected it as it was sealed, in its place: fetch it again")
	}
	if want := k.syntheticNonce(associated, plaintext); !hmac.Equal(want[:], nonce) {
		clear(plaintext)
		return nil, refusal.Because(ErrAuthentication, "expected the nonce that its content gives")
	}
	return plaintext, nil
}

func xaeadOf(key []byte) (cipher.AEAD, error) {
	aead, err := newXAEAD(key)
	if err != nil {
		return nil, fmt.Errorf("XChaCha20-Poly1305: %w", err) // a key that is not 32 bytes
	}
	return aead, nil
}
