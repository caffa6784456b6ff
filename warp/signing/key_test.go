package signing

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/warp"
)

func TestSecretKeysThatAreNoneAreRefused(t *testing.T) {
	secret, err := newKey(t, 1).Bytes()
	require.NoError(t, err)
	for name, encoded := range map[string][]byte{
		"nothing":         nil,
		"zero":            make([]byte, SecretKeySize),
		"above the order": bytes.Repeat([]byte{0xff}, SecretKeySize),
		"a byte more":     append(secret, 0),
	} {
		_, err := ParseSecretKey(encoded)
		require.ErrorIs(t, err, ErrSecretKey, name)
	}
	_, err = SecretKeyFromSeed(make([]byte, SeedSize-1))
	require.ErrorIs(t, err, ErrSecretKey)
	a, err := NewSecretKey()
	require.NoError(t, err)
	b, err := NewSecretKey()
	require.NoError(t, err)
	require.False(t, a.PublicKey().Equal(b.PublicKey()))
	_, err = a.Sign("", nil)
	require.ErrorIs(t, err, warp.ErrCiphersuite)
	require.Equal(t, "secret key of "+a.PublicKey().String(), a.GoString())
}
