package pq

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestADSAKeySignsAsItsSeedSays(t *testing.T) {
	seed := GenerateDSASeed()
	require.NotEqual(t, seed, GenerateDSASeed())
	key, err := DSAKeyFromSeed(seed)
	require.NoError(t, err)
	again, err := DSAKeyFromSeed(bytes.Clone(seed))
	require.NoError(t, err)
	require.Equal(t, key.Public(), again.Public())
	key.Public()[0] ^= 1
	require.Equal(t, key.Public(), again.Public(), "it is a copy")

	message := []byte("message")
	signature, err := key.Sign("context", message)
	require.NoError(t, err)
	require.NoError(t, Verify(again.Public(), "context", message, signature))
	require.ErrorIs(t, Verify(again.Public(), "other", message, signature), ErrSignature)
	_, err = DSAKeyFromSeed(seed[1:])
	require.ErrorIs(t, err, ErrSeed)
}
