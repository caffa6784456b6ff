package pq

import (
	"crypto/hmac"
	"crypto/sha512"
	"testing"

	"github.com/stretchr/testify/require"
)

// derive is HKDF (RFC 5869) written out: extract, then one or more blocks of expand.
func TestDeriveIsHKDF(t *testing.T) {
	mac := func(key []byte, parts ...[]byte) []byte {
		h := hmac.New(sha512.New, key)
		for _, part := range parts {
			h.Write(part)
		}
		return h.Sum(nil)
	}
	seed := [SeedSize]byte{0: 1, 31: 2}
	extracted := mac([]byte("sessionvm/identity/v1"), seed[:])
	info := []byte("label\x00field")
	first := mac(extracted, info, []byte{1})
	second := mac(extracted, first, info, []byte{2})

	for size, want := range map[int][]byte{32: first[:32], 64: first, 128: append(append([]byte{}, first...), second...)} {
		derived, err := derive(&seed, "label", size, []byte("fi"), []byte("eld"))
		require.NoError(t, err)
		require.Equal(t, want, derived)
	}
}

func TestLabelsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, label := range []string{labelKEM, labelDSA, labelStore, labelPrivate, labelSafetyNumber} {
		require.NotContains(t, label, "\x00")
		require.False(t, seen[label], label)
		seen[label] = true
	}
}
