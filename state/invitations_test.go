package state

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// invite makes a block with invitations of buckets on the last accepted state.
func (s *scene) invite(buckets ...chain.Bucket) made {
	s.t.Helper()
	parent := s.Accepted()
	c, err := s.Begin(parent)
	require.NoError(s.t, err)
	c.Totals.Height++
	c.Totals.Timestamp += 1000
	var transactions []*chain.Transaction
	offset := uint32(0)
	for position, bucket := range buckets {
		body := &chain.Invite{Bits: bucket.Bits, Bucket: bucket.Number, Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, chain.InvitationSizes[0])}
		binary.BigEndian.PutUint64(body.Head, c.Totals.Height<<8+uint64(position))
		tx, err := chain.NewTransaction(testChainID, body, nil)
		require.NoError(s.t, err)
		invitations, exists, err := c.Invitations(bucket)
		require.NoError(s.t, err)
		if !exists {
			invitations = chain.NewInvitations(testChainID, bucket)
		}
		compact := body.Compact(c.Totals.Timestamp)
		invitations.Add(s.genesis, &compact)
		location := NewLocation(c.Totals.Height, uint32(position), offset, tx)
		offset = location.Offset + location.Size
		c.AddInvitation(bucket, invitations, &compact, location)
		c.AddTransaction(tx.ID(), location)
		transactions = append(transactions, tx)
	}
	root, err := c.Root()
	require.NoError(s.t, err)
	blk := chain.NewBlock(chain.Header{
		Version: chain.HeaderVersion, ChainID: testChainID, Parent: parent.Header().ID(),
		Height: c.Totals.Height, Timestamp: c.Totals.Timestamp, StateRoot: root,
	}, transactions)
	fork, err := c.Save(blk.Header)
	require.NoError(s.t, err)
	return made{fork, blk}
}

func (s *scene) acceptInvitations(buckets ...chain.Bucket) {
	s.t.Helper()
	m := s.invite(buckets...)
	require.NoError(s.t, s.Accept(m.fork, m.block))
}

// listed returns the places of a bucket's invitations, whose bodies are what they must be.
func (s *scene) listed(bucket chain.Bucket) (found []IndexedInvitation) {
	s.t.Helper()
	require.NoError(s.t, s.EachInvitation(bucket, 0, func(at IndexedInvitation) bool {
		found = append(found, at)
		return true
	}))
	for i, at := range found {
		body, err := s.InvitationAt(at)
		require.NoError(s.t, err)
		require.Equal(s.t, bucket, body.To())
		require.Equal(s.t, body.Compact(at.Timestamp), at.CompactInvitation)
		require.Equal(s.t, at.Height<<8+uint64(at.Position), binary.BigEndian.Uint64(body.Head))
		require.Equal(s.t, found[0].Number+uint64(i), at.Number)
	}
	return found
}

var testBuckets = []chain.Bucket{{Bits: 0, Number: 0}, {Bits: 1, Number: 1}, {Bits: 9, Number: 0x155}}

func someBuckets(random *rand.Rand) (buckets []chain.Bucket) {
	for range random.IntN(4) {
		buckets = append(buckets, testBuckets[random.IntN(len(testBuckets))])
	}
	return buckets
}

// TestAJoinedNodeNumbersInvitationsBackwards gives older blocks, in pieces of many sizes, to stores that have the state
// and that go on with newer invitations meanwhile: at the end they find all that one does which has executed the chain.
func TestAJoinedNodeNumbersInvitationsBackwards(t *testing.T) {
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 1))
		s := newScene(t, Options{CacheNodes: 1000, History: 100})
		for range 30 {
			s.acceptInvitations(someBuckets(random)...)
		}
		options := Options{CacheNodes: 1000, History: 100}
		if seed%2 == 0 {
			options.BlockFolder, options.SegmentBytes = t.TempDir(), 100_000
		}
		held := s.Last().Height - random.Uint64N(20)
		r := s.rebuildFrom(s.Last(), options, held)
		require.Empty(t, r.problems())
		for r.Lowest() > 1 {
			buckets := someBuckets(random)
			ours, theirs := s.invite(buckets...), r.invite(buckets...)
			require.NoError(t, s.Accept(ours.fork, ours.block))
			if random.IntN(2) == 0 { // between Commit and Finish
				require.NoError(t, r.Commit(theirs.fork, theirs.block))
				require.NoError(t, r.AddOlder(s.older(r.Lowest()-1, max(1, r.Lowest()-min(r.Lowest(), 1+random.Uint64N(6))))))
				r.Finish(theirs.fork)
			} else {
				require.NoError(t, r.Accept(theirs.fork, theirs.block))
			}
			if r.Lowest() > 1 {
				require.NoError(t, r.AddOlder(s.older(r.Lowest()-1, r.Lowest()-min(r.Lowest()-1, 1+random.Uint64N(3)))))
			}
			require.Empty(t, r.problems())
			if random.IntN(3) == 0 {
				r.reopen()
			}
		}
		for _, bucket := range testBuckets {
			require.Equal(t, s.listed(bucket), r.listed(bucket), "seed %d", seed)
			snapshot, err := s.Snapshot()
			require.NoError(t, err)
			leaf, err := snapshot.Invitations(bucket)
			require.NoError(t, err)
			require.Len(t, s.listed(bucket), int(leaf.Count))
		}
	}
}

// TestInvitationsAreForgottenWithTheirBlocks, and no others.
func TestInvitationsAreForgottenWithTheirBlocks(t *testing.T) {
	const life = 20
	for _, onDisk := range []bool{false, true} {
		t.Run(fmt.Sprint("on disk: ", onDisk), func(t *testing.T) {
			options := Options{CacheNodes: 1000, History: 5, BlockLife: life * 1000}
			if onDisk {
				options.BlockFolder, options.SegmentBytes = t.TempDir(), 100_000
			}
			random := rand.New(rand.NewPCG(1, 1))
			s := newScene(t, options)
			for n := uint64(1); n <= 5*life; n++ {
				s.acceptInvitations(someBuckets(random)...)
				if n > life {
					s.requireLowest(n - life + 1)
				}
				if n%life == 0 {
					s.reopen()
				}
			}
			require.Empty(t, s.problems())
			places := 0
			for _, bucket := range testBuckets {
				found := s.listed(bucket)
				require.NotEmpty(t, found)
				require.GreaterOrEqual(t, found[0].Height, s.Lowest())
				places += len(found)
			}
			count := 0
			for height := s.Lowest(); height <= s.Last().Height; height++ {
				blk, err := s.BlockAt(height)
				require.NoError(t, err)
				count += len(blk.Transactions)
			}
			require.Equal(t, count, places)
			require.Zero(t, s.PruneErrors())
		})
	}
}
