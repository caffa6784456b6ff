package state

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// acceptRegistration accepts a block with one transaction, of some 3 KB.
func (s *scene) acceptRegistration() (transaction ids.ID) {
	s.t.Helper()
	n := s.Last().Height
	tx, err := chain.NewTransaction(testChainID, &chain.RegisterIdentity{
		KEMPublicKey: make([]byte, chain.KEMPublicKeySize),
		DSAPublicKey: make([]byte, chain.DSAPublicKeySize),
		Deadline:     n,
	}, nil)
	require.NoError(s.t, err)
	parent := s.Accepted()
	c, err := s.Begin(parent)
	require.NoError(s.t, err)
	c.Totals.Height++
	c.Totals.Timestamp += 1000
	c.AddTransaction(tx.ID(), NewLocation(c.Totals.Height, 0, 0, tx))
	putIdentity(c, int(n%40), byte(n))
	root, err := c.Root()
	require.NoError(s.t, err)
	blk := chain.NewBlock(chain.Header{
		Version: chain.HeaderVersion, ChainID: testChainID, Parent: parent.Header().ID(),
		Height: c.Totals.Height, Timestamp: c.Totals.Timestamp, StateRoot: root,
	}, []*chain.Transaction{tx})
	fork, err := c.Save(blk.Header)
	require.NoError(s.t, err)
	require.NoError(s.t, s.Accept(fork, blk))
	return tx.ID()
}

// requireLowest waits until the blocks below a height are forgotten.
func (s *scene) requireLowest(height uint64) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		value, err := s.db.Get([]byte{keyLowest})
		require.NoError(s.t, err)
		return value != nil && s.Lowest() == height && string(value) == string(uint64Bytes(height))
	}, 10*time.Second, time.Millisecond, "lowest %d, expected %d", s.Lowest(), height)
}

func folderSize(t *testing.T, folder string) (size int64) {
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		info, err := entry.Info()
		require.NoError(t, err)
		size += info.Size()
	}
	return size
}

func segmentsOf(t *testing.T, folder, pattern string) []string {
	names, err := filepath.Glob(filepath.Join(folder, pattern))
	require.NoError(t, err)
	return names
}

// countKeys counts the database's keys, but for the tree's nodes.
func countKeys(t *testing.T, db dbm.DB) (count int) {
	it, err := db.Iterator([]byte{'A'}, []byte{'Z'})
	require.NoError(t, err)
	for ; it.Valid(); it.Next() {
		count++
	}
	require.NoError(t, it.Close())
	return count
}

// TestTheDiskIsBoundedWhereBlocksAreForgotten runs a chain for ten lives of its blocks. After
// the first few, neither the block log nor the database grows.
func TestTheDiskIsBoundedWhereBlocksAreForgotten(t *testing.T) {
	const life, segment = 40, 32 << 10 // blocks; some ten of them
	folder := t.TempDir()
	s := newScene(t, Options{CacheNodes: 1000, History: 5, BlockLife: life * 1000, BlockFolder: folder, SegmentBytes: segment})
	var (
		transactions = []ids.ID{{}}
		keys         int
		largest      int64
	)
	for n := 1; n <= 10*life; n++ {
		transactions = append(transactions, s.acceptRegistration())
		require.NoError(t, s.KeepCertificate(uint64(n), chain.Hash{}, []byte{1}))
		if n > life {
			s.requireLowest(uint64(n - life + 1))
		}
		if n%life == 7 {
			s.reopen()
		}
		largest = max(largest, folderSize(t, folder))
		if n == 3*life {
			keys = countKeys(t, s.db)
		}
	}
	body, err := s.BlockBytesAt(s.Last().Height)
	require.NoError(t, err)
	require.LessOrEqual(t, largest, int64((life+1)*(recordHeader+len(body))+2*(segment+len(body))), "the held bodies, and what is left of the segments at both ends")
	require.InDelta(t, keys, countKeys(t, s.db), 50)
	require.Zero(t, s.PruneErrors())

	lowest := s.Lowest()
	for n := range uint64(len(transactions)) {
		header, err := s.HeaderAt(n)
		_, bodyErr := s.BlockAt(n)
		_, locateErr := s.Locate(transactions[n])
		_, certificateErr := s.Certificate(n, chain.Hash{})
		switch {
		case n == 0:
			require.NoError(t, bodyErr, "block 0 follows from its header")
		case n < lowest:
			require.ErrorIs(t, err, refusal.ErrNotHeld)
			require.ErrorContains(t, bodyErr, fmt.Sprintf("a height from %d on", lowest))
			require.ErrorIs(t, locateErr, refusal.ErrNotFound)
			require.ErrorIs(t, certificateErr, refusal.ErrNotFound)
		default:
			require.NoError(t, err)
			require.NoError(t, bodyErr)
			require.NoError(t, locateErr)
			require.NoError(t, certificateErr)
			height, err := s.HeightOf(header.ID())
			require.NoError(t, err)
			require.Equal(t, n, height)
		}
	}
	_, err = s.BlockAt(uint64(len(transactions)))
	require.ErrorIs(t, err, refusal.ErrNotFound)
}

// TestWhatIsHeldIsNotForgotten holds a state and its blocks, restores a snapshot of it, and lets
// that forget too: its older blocks are in a log of their own.
func TestWhatIsHeldIsNotForgotten(t *testing.T) {
	options := Options{CacheNodes: 1000, History: 3, BlockLife: 10_000, BlockFolder: t.TempDir(), SegmentBytes: 8 << 10}
	s := newScene(t, options)
	for range 30 {
		s.acceptRegistration()
	}
	s.requireLowest(21)
	header, release := s.Hold()
	for range 40 {
		s.acceptRegistration()
	}
	require.EqualValues(t, 21, s.Lowest())
	require.LessOrEqual(t, s.Oldest(), header.Height)
	folder := t.TempDir()
	r := s.rebuildFrom(header, Options{CacheNodes: 1000, History: 3, BlockLife: 10_000, BlockFolder: folder, SegmentBytes: 8 << 10}, 21)
	require.EqualValues(t, 21, r.Lowest())
	older := len(segmentsOf(t, folder, "older-*"))
	require.Greater(t, older, 1)
	for n := range 60 {
		r.acceptRegistration()
		if n == 3 {
			r.requireLowest(r.Last().Height - 9)
			require.Eventually(t, func() bool { return len(segmentsOf(t, folder, "older-*")) < older }, 10*time.Second, time.Millisecond)
			r.reopen()
		}
	}
	r.requireLowest(r.Last().Height - 9)
	require.LessOrEqual(t, folderSize(t, folder), int64(60<<10))
	release()
	s.acceptRegistration()
	s.requireLowest(s.Last().Height - 9)
}
