package state

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// older returns the blocks of a chain from a height down to another one.
func (s *scene) older(from, to uint64) (blocks [][]byte) {
	s.t.Helper()
	for height := from; height >= to; height-- {
		body, err := s.BlockBytesAt(height)
		require.NoError(s.t, err)
		blocks = append(blocks, body)
	}
	return blocks
}

// TestOlderBlocksAreAddedWhileTheChainGoesOn adds them in pieces, on disk and in memory, with blocks
// accepted between and the store opened again.
func TestOlderBlocksAreAddedWhileTheChainGoesOn(t *testing.T) {
	for _, onDisk := range []bool{false, true} {
		t.Run(fmt.Sprint("on disk: ", onDisk), func(t *testing.T) {
			s := newScene(t, Options{CacheNodes: 1000, History: 10})
			for n := range 30 {
				s.accept(mutate(uint64(n)))
			}
			options := Options{CacheNodes: 1000, History: 10}
			if onDisk {
				options.BlockFolder, options.SegmentBytes = t.TempDir(), 2000
			}
			r := s.rebuild(options)
			for lowest := r.Lowest(); lowest > 1; lowest = r.Lowest() {
				id, height, wanted, err := r.Older()
				require.NoError(t, err)
				require.True(t, wanted)
				require.Equal(t, lowest-1, height)
				header, err := s.HeaderAt(height)
				require.NoError(t, err)
				require.Equal(t, header.ID(), id)

				// Another block is refused, and what came before it is there.
				wrong := s.older(height, height-min(2, height-1))
				wrong = append(wrong, wrong[0])
				err = r.AddOlder(wrong)
				if height > 3 {
					require.ErrorIs(t, err, refusal.ErrBlockParent)
				}
				require.Equal(t, height-min(2, height-1), r.Lowest())
				ours, theirs := s.build(s.Accepted(), mutate(lowest)), r.build(r.Accepted(), mutate(lowest))
				require.NoError(t, s.Accept(ours.fork, ours.block))
				require.NoError(t, r.Accept(theirs.fork, theirs.block))
				r.reopen()
			}
			_, _, wanted, err := r.Older()
			require.NoError(t, err)
			require.False(t, wanted)
			checked, err := r.Check(func(problem string) { require.Fail(t, problem) })
			require.NoError(t, err)
			require.EqualValues(t, r.Last().Height, checked.Blocks)
			require.Equal(t, s.older(r.Last().Height, 1), r.older(r.Last().Height, 1))
		})
	}
}

// TestBlocksWhoseLifeIsOverAreNotAdded stops at the first of them, also where they were forgotten.
func TestBlocksWhoseLifeIsOverAreNotAdded(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	for n := range 30 {
		s.accept(mutate(uint64(n)))
	}
	r := s.rebuildFrom(s.Last(), Options{CacheNodes: 1000, History: 10, BlockLife: 20_000}, s.Last().Height)
	require.NoError(t, r.AddOlder(s.older(r.Lowest()-1, 1)))
	lowest := r.Lowest()
	header, err := r.HeaderAt(lowest)
	require.NoError(t, err)
	require.Equal(t, r.Last().Timestamp-20_000+1000, header.Timestamp)
	_, _, wanted, err := r.Older()
	require.NoError(t, err)
	require.False(t, wanted)
	require.NoError(t, r.AddOlder(s.older(lowest-1, lowest-1)))
	require.Equal(t, lowest, r.Lowest())
}

// TestTheStatesOfSummariesStay keeps them for longer than the history, and not for ever.
func TestTheStatesOfSummariesStay(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 3, SummaryInterval: 40})
	for height := uint64(1); height <= 200; height++ {
		s.accept(mutate(height))
		last := height - height%40 // the last summary
		switch {
		case height <= 3:
			require.Zero(t, s.Oldest())
		case height%40 < 20 && last > 0: // and the one before, while it is new
			require.Equal(t, min(height-3, last-40), s.Oldest(), height)
		default:
			require.Equal(t, min(height-3, last), s.Oldest(), height)
		}
		_, err := s.Chunk(s.Oldest(), Path{})
		require.NoError(t, err)
	}
	s.reopen()
	_, err := s.Chunk(200, Path{})
	require.NoError(t, err)
	_, err = s.Chunk(160, Path{})
	require.NoError(t, err)
}
