package proofs

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// TestEveryValueOfEveryByte changes each byte of an encoded proof, and of a bundle in both
// forms, to each other value, leaves it out, and repeats it.
func TestEveryValueOfEveryByte(t *testing.T) {
	tt := newTestTree(t, 5)
	root := tt.header.StateRoot
	for name, key := range map[string][]byte{"inclusion": chain.MessageKey(3), "absence": chain.MessageKey(6)} {
		t.Run(name+"/commitment", func(t *testing.T) {
			t.Parallel()
			valid := tt.commitment(key)
			eachChange(valid, exhaustive(1), func(changed []byte) {
				_, _, err := verifyCommitment(root, key, changed)
				require.ErrorIs(t, err, refusal.ErrProof, "%x", changed)
			})
		})
		b := tt.bundle(key)
		want, err := b.Verify(pq.Verify)
		require.NoError(t, err)
		for form, valid := range map[string][]byte{"binary": b.Bytes(), "json": encode(t, b)} {
			t.Run(name+"/"+form, func(t *testing.T) {
				t.Parallel()
				step := 1
				if form == "json" {
					step = 5
				}
				same := 0
				eachChange(valid, exhaustive(step), func(changed []byte) {
					parsed, err := Parse(changed)
					if err != nil {
						return
					}
					if got, err := parsed.Verify(pq.Verify); err == nil {
						require.Equal(t, shown(t, want), shown(t, got), "%q", changed)
						same++
					}
				})
				if form == "binary" {
					require.Zero(t, same, "the binary form has one encoding")
				}
			})
		}
	}
}

// exhaustive returns how many bytes to go on after each: more where time is short.
func exhaustive(step int) int {
	if testing.Short() || race.Enabled {
		return 23 * step
	}
	return step
}

func eachChange(valid []byte, step int, check func([]byte)) {
	changed := bytes.Clone(valid)
	for i := 0; i < len(valid); i += step {
		for value := range 256 {
			if changed[i] = byte(value); changed[i] != valid[i] {
				check(changed)
			}
		}
		changed[i] = valid[i]
		check(slices.Delete(bytes.Clone(valid), i, i+1))
		check(slices.Insert(bytes.Clone(valid), i, valid[i]))
	}
}
