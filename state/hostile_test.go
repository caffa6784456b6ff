package state

import (
	"bytes"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// TestASnapshotAfterAQuietTimeIsRestored: a chain forgets what is old, but for one block that is older
// than a transaction can be.
func TestASnapshotAfterAQuietTimeIsRestored(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 5, BlockLife: 40_000, BlockFolder: t.TempDir()})
	for range 10 {
		s.acceptRegistration()
	}
	s.accept(func(c *Change) { c.Totals.Timestamp += 100_000 })
	s.requireLowest(10)
	_, err := restored(bytes.NewReader(s.snapshotFile()), s.Last())
	require.NoError(t, err)
}

// TestABlockBeforeBlock1IsNoBlockOfASnapshot: block 0 follows from the genesis.
func TestABlockBeforeBlock1IsNoBlockOfASnapshot(t *testing.T) {
	s := snapshotScene(t)
	b, err := NewBuilder(dbm.NewMemDB(), "", testGenesis(t, 1000), s.Last())
	require.NoError(t, err)
	for height := s.Last().Height; height > 0; height-- {
		body, err := s.BlockBytesAt(height)
		require.NoError(t, err)
		require.NoError(t, b.AddBlock(body))
	}
	body, err := s.BlockBytesAt(0)
	require.NoError(t, err)
	require.ErrorIs(t, b.AddBlock(body), refusal.ErrBlockHeight)

	high := *s.Last()
	high.Height = 1 << 50
	_, err = NewBuilder(dbm.NewMemDB(), "", testGenesis(t, 1000), &high)
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
}

// TestLargeLeavesAreNotRemembered: the number of leaves in memory is bounded, and so is their size.
func TestLargeLeavesAreNotRemembered(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 100, CacheLeaves: 1000, History: 1})
	session := func(n byte) ids.ID { return ids.ID{7, n} }
	keys := func(size int) *chain.SessionKeys { return &chain.SessionKeys{PublicKeys: [][]byte{make([]byte, size)}} }
	s.accept(func(c *Change) {
		for n := range byte(100) {
			c.AddSession(session(n), ids.ID{n}, &chain.Session{Status: chain.SessionActive, Participants: []ids.ID{{8}}, Acted: []bool{true}, Number: uint64(n)}, keys(maxCachedLeaf))
		}
	})
	for range 2 { // read, and read again
		for n := range byte(100) {
			_, exists, err := s.Latest().SessionKeys(session(n))
			require.NoError(t, err)
			require.True(t, exists)
		}
	}
	for _, key := range s.latest.leaves.Keys() {
		leaf, _ := s.latest.leaves.Peek(key)
		require.LessOrEqual(t, len(leaf.value), maxCachedLeaf)
	}
	_, exists, err := s.Latest().Session(session(1))
	require.NoError(t, err)
	require.True(t, exists)
	require.True(t, s.latest.leaves.Contains(string(chain.SessionKey(session(1)))))
}
