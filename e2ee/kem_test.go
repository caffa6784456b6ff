package e2ee

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/mlkem"
	"crypto/sha3"
	"testing"

	"github.com/cloudflare/circl/kem/xwing"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// The KEMs against Go's standard library: crypto/mlkem for ML-KEM-768, and X-Wing put together from
// crypto/mlkem, crypto/ecdh and crypto/sha3 as its draft says, with the key pairs of crypto/hpke.
func TestKEMsAgainstTheStandardLibrary(t *testing.T) {
	random := testRandom("kems")
	for range 8 {
		seed, err := readRandom(random, pq.KEMSeedSize)
		require.NoError(t, err)
		key, err := mlkem.NewDecapsulationKey768(seed)
		require.NoError(t, err)
		ciphertext, shared, err := encapsulateIdentity(random, key.EncapsulationKey().Bytes())
		require.NoError(t, err)
		opened, err := key.Decapsulate(ciphertext)
		require.NoError(t, err)
		require.Equal(t, opened, shared)

		seed = seed[:PrekeySeedSize]
		hybrid, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
		require.NoError(t, err)
		public := publicXWing(seed)
		require.Equal(t, hybrid.PublicKey().Bytes(), public)
		ciphertext, shared, err = encapsulateXWing(random, public)
		require.NoError(t, err)
		require.Equal(t, xwingByHand(t, seed, ciphertext), shared)
		require.Equal(t, shared, xwing.Decapsulate(ciphertext, seed))
	}
}

func xwingByHand(t *testing.T, seed, ciphertext []byte) []byte {
	t.Helper()
	expander := sha3.NewSHAKE256()
	expander.Write(seed)
	expanded := make([]byte, 96)
	expander.Read(expanded)
	curve, err := ecdh.X25519().NewPrivateKey(expanded[64:])
	require.NoError(t, err)
	return xwingFrom(t, expanded[:64], expanded[64:], curve.PublicKey().Bytes(), ciphertext)
}

// xwingFrom decapsulates with the two halves' secrets and the public X25519 key.
func xwingFrom(t *testing.T, latticeSeed, curveSecret, curvePublic, ciphertext []byte) []byte {
	t.Helper()
	lattice, err := mlkem.NewDecapsulationKey768(latticeSeed)
	require.NoError(t, err)
	curve, err := ecdh.X25519().NewPrivateKey(curveSecret)
	require.NoError(t, err)
	sharedLattice, err := lattice.Decapsulate(ciphertext[:mlkem.CiphertextSize768])
	require.NoError(t, err)
	ephemeral, err := ecdh.X25519().NewPublicKey(ciphertext[mlkem.CiphertextSize768:])
	require.NoError(t, err)
	sharedCurve, err := curve.ECDH(ephemeral)
	require.NoError(t, err)
	sum := sha3.New256()
	for _, part := range [][]byte{sharedLattice, sharedCurve, ephemeral.Bytes(), curvePublic, []byte(`\.//^\`)} {
		sum.Write(part)
	}
	return sum.Sum(nil)
}

func TestKEMRefusals(t *testing.T) {
	public := publicXWing(make([]byte, PrekeySeedSize))
	_, _, err := encapsulateXWing(failingRandom{}, public)
	require.ErrorIs(t, err, ErrRandom)
	_, _, err = encapsulateIdentity(failingRandom{}, public[:pq.KEMPublicKeySize])
	require.ErrorIs(t, err, ErrRandom)
	require.NoError(t, checkXWing(public))
	require.ErrorIs(t, checkXWing(public[1:]), ErrMalformed)
	public[0], public[1] = 0xff, 0xff
	require.ErrorIs(t, checkXWing(public), ErrMalformed)
	_, _, err = encapsulateIdentity(testRandom("x"), public[:pq.KEMPublicKeySize])
	require.ErrorIs(t, err, ErrMalformed)
}
