//go:build cgo

package signing

import (
	"bytes"
	"testing"

	"github.com/luxfi/crypto/bls"
	"github.com/stretchr/testify/require"
	blst "github.com/supranational/blst/bindings/go"

	"github.com/luxfi/session/warp"
)

// The peers: luxfi/crypto/bls signs with the basic scheme's tag, blst with any.
func TestSignaturesEqualThePeers(t *testing.T) {
	message := []byte("what is signed")
	for seed := range byte(3) {
		ikm := bytes.Repeat([]byte{seed + 1}, SeedSize)
		ours, err := SecretKeyFromSeed(ikm)
		require.NoError(t, err)
		theirs, err := bls.SecretKeyFromSeed(ikm)
		require.NoError(t, err)
		secret, err := ours.Bytes()
		require.NoError(t, err)
		require.Equal(t, bls.SecretKeyToBytes(theirs), secret)
		require.Equal(t, bls.PublicKeyToCompressedBytes(theirs.PublicKey()), ours.PublicKey().Bytes())
		require.Equal(t, bls.PublicKeyToUncompressedBytes(theirs.PublicKey()), ours.PublicKey().Uncompressed())

		nul, err := ours.Sign(warp.CiphersuiteNUL, message)
		require.NoError(t, err)
		theirSignature, err := theirs.Sign(message)
		require.NoError(t, err)
		require.Equal(t, bls.SignatureToBytes(theirSignature), nul[:])
		require.NoError(t, ours.PublicKey().Verify(warp.CiphersuiteNUL, message, nul))
		require.ErrorIs(t, ours.PublicKey().Verify(warp.CiphersuitePOP, message, nul), warp.ErrWrongCiphersuite)

		pop, err := ours.Sign(warp.CiphersuitePOP, message)
		require.NoError(t, err)
		theirPOP := new(blst.P2Affine).Sign(blst.KeyGen(ikm), message, []byte(warp.CiphersuitePOP))
		require.Equal(t, theirPOP.Compress(), pop[:])
		require.NoError(t, ours.PublicKey().Verify(warp.CiphersuitePOP, message, pop))
		require.ErrorIs(t, ours.PublicKey().Verify(warp.CiphersuiteNUL, message, pop), warp.ErrWrongCiphersuite)
		require.ErrorIs(t, ours.PublicKey().Verify(warp.CiphersuitePOP, []byte("another"), pop), warp.ErrBadSignature)
	}
}
