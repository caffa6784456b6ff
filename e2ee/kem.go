package e2ee

import (
	"fmt"
	"io"

	"github.com/cloudflare/circl/kem/mlkem/mlkem768"
	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/internal/avx"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Suite is the number of this protocol's algorithms: X-Wing (draft-connolly-cfrg-xwing-kem, KEM
// 0x647a of HPKE), which is ML-KEM-768 (FIPS 203) with X25519, HKDF-SHA-256, HMAC-SHA-256,
// ChaCha20-Poly1305 and XChaCha20-Poly1305. Every key is bound to it.
const Suite = 2

// PrekeySize is the size of the public half of an X-Wing key in bytes: ML-KEM-768's, then
// X25519's of 32.
const PrekeySize = xwing.PublicKeySize

// publicXWing returns the public half of a seed's X-Wing key.
func publicXWing(seed []byte) []byte {
	defer avx.Clear()
	secret, public := xwing.DeriveKeyPairPacked(seed)
	clear(secret)
	return public
}

// checkXWing makes the input check of FIPS 203, section 7.2. Every 32 bytes are an X25519 key.
func checkXWing(public []byte) error {
	if len(public) != PrekeySize {
		return refusal.Because(ErrMalformed, "expected an X-Wing key of %d bytes, got %d", PrekeySize, len(public))
	}
	if err := pq.CheckKEMPublicKey(public[:pq.KEMPublicKeySize]); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// encapsulateXWing makes a ciphertext for a checked key and the 32-byte key that it carries. It
// reads 64 bytes of randomness: m of FIPS 203, algorithm 17, then the ephemeral X25519 key.
func encapsulateXWing(random io.Reader, public []byte) (ciphertext, shared []byte, err error) {
	seed, err := readRandom(random, xwing.EncapsulationSeedSize)
	if err != nil {
		return nil, nil, err
	}
	defer clear(seed)
	defer avx.Clear()
	if shared, ciphertext, err = xwing.Encapsulate(public, seed); err != nil {
		return nil, nil, refusal.Because(ErrMalformed, "encapsulating: %v", err)
	}
	return ciphertext, shared, nil
}

// encapsulateIdentity is encapsulateXWing for an identity's ML-KEM-768 key. It reads 32 bytes of
// randomness.
func encapsulateIdentity(random io.Reader, public []byte) (ciphertext, shared []byte, err error) {
	defer avx.Clear()
	var key mlkem768.PublicKey
	if err := key.Unpack(public); err != nil {
		return nil, nil, refusal.Because(ErrMalformed, "encapsulating: %v", err)
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
