package pq

import (
	"crypto/sha512"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawID(t *rapid.T, name string) [IDSize]byte {
	return [IDSize]byte(rapid.SliceOfN(rapid.Byte(), IDSize, IDSize).Draw(t, name))
}

func TestSafetyNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawID(t, "a"), drawID(t, "b")
		number := SafetyNumber(a, b)
		require.Regexp(t, `^[0-9]{5}( [0-9]{5}){11}$`, number)
		require.Len(t, number, SafetyNumberSize)
		require.Equal(t, number, SafetyNumber(b, a))

		changed := a
		changed[rapid.IntRange(0, IDSize-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		require.NotEqual(t, number, SafetyNumber(changed, b))
	})
}

// The number written out, another way.
func TestSafetyNumberIsTheHash(t *testing.T) {
	lower, higher := [IDSize]byte{0: 1, 31: 9}, [IDSize]byte{0: 2}
	sum := sha512.Sum512(slices.Concat([]byte("sessionvm/safety-number/v1\x00"), lower[:], higher[:]))
	var digits strings.Builder
	for at := 0; at < 60; at += 5 {
		group := new(big.Int).SetBytes(sum[at : at+5])
		fmt.Fprintf(&digits, "%05d", group.Mod(group, big.NewInt(100_000)).Int64())
	}
	require.Equal(t, digits.String(), strings.ReplaceAll(SafetyNumber(higher, lower), " ", ""))
}

// Pairs that are made of the same IDs in other ways have other numbers.
func TestSafetyNumbersOfPairs(t *testing.T) {
	ids := make([][IDSize]byte, 12)
	for i := range ids {
		ids[i][i] = 1
	}
	seen := map[string]bool{}
	for i := range ids {
		for j := range i + 1 {
			number := SafetyNumber(ids[i], ids[j])
			require.False(t, seen[number], "%d and %d", i, j)
			seen[number] = true
		}
	}
	require.Len(t, seen, 12*13/2)
}
