package pq

import (
	"crypto/sha512"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrivate(t *testing.T) {
	root := testIdentity(t, 1)
	nested, err := root.Private("one")
	require.NoError(t, err)
	seen := map[[IDSize]byte]string{root.ID(): "the root"}
	for _, c := range []struct {
		name  string
		root  *Identity
		label string
	}{
		{"one", root, "one"},
		{"two", root, "two"},
		{"upper case", root, "One"},
		{"a space more", root, "one "},
		{"a zero byte", root, "one\x00"},
		{"composed", root, "\u00e9"},
		{"decomposed", root, "e\u0301"},
		{"the longest", root, strings.Repeat("l", MaxPrivateLabelSize)},
		{"another root", testIdentity(t, 2), "one"},
		{"of a private one", nested, "one"},
	} {
		private, err := c.root.Private(c.label)
		require.NoError(t, err, c.name)
		again, err := c.root.Private(c.label)
		require.NoError(t, err, c.name)
		require.Equal(t, private.Public(), again.Public(), c.name)
		require.NotContains(t, seen, private.ID(), "%s is %s", c.name, seen[private.ID()])
		seen[private.ID()] = c.name
	}
}

func TestPrivateLabels(t *testing.T) {
	root := testIdentity(t, 1)
	for name, label := range map[string]string{
		"empty":               "",
		"too long":            strings.Repeat("l", MaxPrivateLabelSize+1),
		"too long in bytes":   strings.Repeat("é", MaxPrivateLabelSize/2+1),
		"not UTF-8":           "\xff",
		"a character cut off": "é"[:1],
		"a surrogate":         "\xed\xa0\x80",
	} {
		_, err := root.Private(label)
		require.ErrorIs(t, err, ErrLabel, name)
	}
}

// What is derived is a seed for the label's hash, under a label of its own.
func TestPrivateIsDerived(t *testing.T) {
	root := testIdentity(t, 1)
	hashed := sha512.Sum512([]byte("a label"))
	seed, err := derive(root.secret.seed, "sessionvm/identity/private/v1", SeedSize, hashed[:])
	require.NoError(t, err)
	want, err := IdentityFromSeed(seed)
	require.NoError(t, err)
	private, err := root.Private("a label")
	require.NoError(t, err)
	require.Equal(t, want.ID(), private.ID())
	require.Equal(t, *want.secret.seed, *private.secret.seed)
}

// It does what an identity does, and outlives the root in memory.
func TestPrivateWorks(t *testing.T) {
	root := testIdentity(t, 1)
	private, err := root.Private("a label")
	require.NoError(t, err)
	root.Wipe()
	_, err = root.Private("a label")
	require.ErrorIs(t, err, ErrWiped)

	signature, err := private.Sign("context", []byte("message"))
	require.NoError(t, err)
	require.NoError(t, Verify(private.Public().DSA, "context", []byte("message"), signature))
	require.ErrorIs(t, Verify(root.Public().DSA, "context", []byte("message"), signature), ErrSignature)

	ciphertext, shared, err := Encapsulate(private.Public().KEM)
	require.NoError(t, err)
	got, err := private.KEM().Decapsulate(ciphertext)
	require.NoError(t, err)
	require.Equal(t, shared, got)

	checked, err := NewPublicIdentity(private.Public().KEM, private.Public().DSA)
	require.NoError(t, err)
	require.Equal(t, private.ID(), checked.ID())
	private.Wipe()
	_, err = private.Sign("context", nil)
	require.ErrorIs(t, err, ErrWiped)
}
