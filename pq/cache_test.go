package pq

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// countedKey returns an identity's DSA key, and counts the calls.
func countedKey(identity *Identity, calls *int) func() ([]byte, error) {
	return func() ([]byte, error) {
		*calls++
		return identity.Public().DSA, nil
	}
}

func TestVerifierCacheAsksForAKeyOnce(t *testing.T) {
	identity := testIdentity(t, 1)
	message := []byte("message")
	signature, err := identity.Sign("test", message)
	require.NoError(t, err)
	cache := NewVerifierCache(2)
	calls := 0
	for range 3 {
		require.NoError(t, cache.Verify(identity.ID(), countedKey(identity, &calls), "test", message, signature))
	}
	require.Equal(t, 1, calls)
	require.ErrorIs(t, cache.Verify(identity.ID(), countedKey(identity, &calls), "other", message, signature), ErrSignature)
	require.ErrorIs(t, cache.Verify(identity.ID(), countedKey(identity, &calls), "test", message[1:], signature), ErrSignature)
	require.Equal(t, 1, calls)
}

func TestVerifierCacheKeepsTheLastUsedKeys(t *testing.T) {
	cache := NewVerifierCache(2)
	identities := []*Identity{testIdentity(t, 1), testIdentity(t, 2), testIdentity(t, 3)}
	signatures := make([][]byte, len(identities))
	calls := make([]int, len(identities))
	for i, identity := range identities {
		var err error
		signatures[i], err = identity.Sign("", nil)
		require.NoError(t, err)
	}
	for _, i := range []int{0, 1, 0, 2, 0, 1} { // 2 pushes 1 out
		require.NoError(t, cache.Verify(identities[i].ID(), countedKey(identities[i], &calls[i]), "", nil, signatures[i]))
	}
	require.Equal(t, []int{1, 2, 1}, calls)
	require.Equal(t, 2, cache.keys.Len())
}

func TestVerifierCacheIgnoresKeysThatVerifiedNothing(t *testing.T) {
	good, bad := testIdentity(t, 1), testIdentity(t, 2)
	signature, err := good.Sign("", nil)
	require.NoError(t, err)
	cache := NewVerifierCache(0) // one key
	calls := 0
	require.NoError(t, cache.Verify(good.ID(), countedKey(good, &calls), "", nil, signature))
	require.ErrorIs(t, cache.Verify(bad.ID(), countedKey(bad, new(int)), "", nil, signature), ErrSignature)
	require.NoError(t, cache.Verify(good.ID(), countedKey(good, &calls), "", nil, signature))
	require.Equal(t, 1, calls)
}

func TestVerifierCacheErrors(t *testing.T) {
	identity := testIdentity(t, 1)
	signature, err := identity.Sign("", nil)
	require.NoError(t, err)
	cache := NewVerifierCache(1)
	unknown := errors.New("not registered")
	require.ErrorIs(t, cache.Verify(identity.ID(), func() ([]byte, error) { return nil, unknown }, "", nil, signature), unknown)
	require.ErrorIs(t, cache.Verify(identity.ID(), func() ([]byte, error) { return []byte{1}, nil }, "", nil, signature), ErrDSAPublicKey)
	calls := 0
	require.ErrorIs(t, cache.Verify(identity.ID(), countedKey(identity, &calls), "", nil, signature[1:]), ErrSignature)
	require.Zero(t, calls, "a signature of the wrong size costs no look-up")
}

func TestVerifierCacheConcurrently(t *testing.T) {
	cache := NewVerifierCache(2)
	var group sync.WaitGroup
	for i := range 8 {
		identity := testIdentity(t, byte(i%4+1))
		signature, err := identity.Sign("", []byte("message"))
		require.NoError(t, err)
		group.Go(func() {
			for range 10 {
				if err := cache.Verify(identity.ID(), countedKey(identity, new(int)), "", []byte("message"), signature); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
