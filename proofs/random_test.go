package proofs

import (
	"testing"

	"github.com/cosmos/iavl"
	iavldb "github.com/cosmos/iavl/db"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/chain"
)

// Whatever a tree holds after any sets and removals, it proves; and of each key only that.
func TestAnyTreeProvesWhatItHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := iavl.NewMutableTree(iavldb.NewMemDB(), 1000, true, iavl.NewNopLogger())
		anyKey := rapid.SliceOfN(rapid.ByteRange(0, 7), 1, 3)
		held := map[string]byte{"held": 1}
		_, err := tree.Set([]byte("held"), []byte{1}) // a tree is never empty
		require.NoError(t, err)
		for range rapid.IntRange(0, 60).Draw(t, "changes") {
			key, value := anyKey.Draw(t, "key"), rapid.ByteRange(0, 3).Draw(t, "value")
			switch {
			case value == 0:
				_, _, err = tree.Remove(key)
				delete(held, string(key))
			case value == 3:
				_, _, err = tree.SaveVersion()
			default:
				_, err = tree.Set(key, []byte{value})
				held[string(key)] = value
			}
			require.NoError(t, err)
		}
		_, _, err = tree.SaveVersion()
		require.NoError(t, err)
		root := chain.Hash(tree.Hash())

		key := anyKey.Draw(t, "asked")
		proof, err := tree.GetProof(key)
		require.NoError(t, err)
		commitment, err := EncodeCommitment(proof)
		require.NoError(t, err)
		value, present := held[string(key)]
		got, gotPresent, err := verifyCommitment(root, key, commitment)
		require.NoError(t, err)
		require.Equal(t, present, gotPresent)
		if present {
			require.Equal(t, []byte{value}, got)
		}

		other := anyKey.Draw(t, "other key")
		if string(other) != string(key) {
			_, _, err = verifyCommitment(root, other, commitment)
			require.ErrorIs(t, err, ErrKey)
		}
	})
}
