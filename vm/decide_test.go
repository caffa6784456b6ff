package vm

import (
	"context"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestBlockMayBeVerifiedAndDecidedAgain(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	follower := c.peer()
	blk := c.accept(c.message(alice, session, "message")).Block

	unverified := follower.parse(blk)
	follower.requireUntouched(func() {
		follower.requireRefused(unverified.Accept(ctx), refusal.ErrNotFound)
		require.NoError(t, unverified.Reject(ctx), "a block that was never verified")
	})
	first := follower.parse(blk)
	require.NoError(t, first.Verify(ctx))
	require.NoError(t, first.Verify(ctx))
	again := follower.parse(blk)
	require.NoError(t, again.Verify(ctx))
	require.Len(t, follower.processing, 1)

	require.NoError(t, first.Reject(ctx))
	require.NoError(t, first.Reject(ctx))
	require.Empty(t, follower.processing)
	follower.requireRefused(first.Accept(ctx), refusal.ErrNotFound)
	require.NoError(t, first.Verify(ctx), "a rejected block that comes again")

	other, err := follower.GetBlock(ctx, blk.ID())
	require.NoError(t, err)
	require.NoError(t, other.Accept(ctx))
	for _, known := range []*Block{first, again, other, follower.parse(blk)} {
		require.NoError(t, known.Accept(ctx), "an Accept repeated")
		require.NoError(t, known.Verify(ctx), "an accepted block verified")
		require.NoError(t, known.Reject(ctx), "too late: nothing happens")
	}
	require.Equal(t, blk.ID(), follower.store.Last().ID())
	follower.follow(c.accept(c.message(alice, session, "next")).Block)
}

// TestBlockIsAcceptedOnItsParentOnly shows that a host that decides in an impossible order
// is refused, and that the chain goes on.
func TestBlockIsAcceptedOnItsParentOnly(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	follower := c.peer()
	sibling := follower.parse(c.forge(nil, c.message(alice, session, "sibling")))
	parent := follower.parse(c.accept(c.message(alice, session, "parent")).Block)
	child := follower.parse(c.accept(c.message(alice, session, "child")).Block)
	for _, blk := range []*Block{sibling, parent, child} {
		require.NoError(t, blk.Verify(ctx))
	}
	follower.requireRefused(child.Accept(ctx), refusal.ErrBlockParent)
	require.NoError(t, parent.Accept(ctx))
	follower.requireRefused(sibling.Accept(ctx), refusal.ErrBlockParent)
	require.NoError(t, sibling.Reject(ctx))
	require.NoError(t, child.Accept(ctx))
	require.Equal(t, c.Snapshot().Header(), follower.Snapshot().Header())
}

// TestNothingIsExecutedOnABranchThatIsLost shows that the descendants of a block whose
// sibling was accepted are refused even before the host rejects it.
func TestNothingIsExecutedOnABranchThatIsLost(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	follower := c.peer()
	lost := c.peer()
	won := c.accept(c.message(alice, session, "won")).Block
	lostBlock := lost.forge(nil, c.message(alice, session, "lost"))
	lost.follow(lostBlock)
	lostChild := lost.forge(nil, c.message(alice, session, "child of the lost"))

	loser, winner := follower.parse(lostBlock), follower.parse(won)
	require.NoError(t, loser.Verify(ctx))
	require.NoError(t, winner.Verify(ctx))
	require.NoError(t, follower.SetPreference(ctx, loser.ID()))
	require.NoError(t, winner.Accept(ctx))
	follower.requireRefused(follower.verifyBytes(lostChild.Bytes()), refusal.ErrBlockParent)
	require.NoError(t, follower.Submit(ctx, c.message(alice, session, "next"), ""))
	next, err := follower.BuildBlock(ctx)
	require.NoError(t, err)
	require.Equal(t, winner.ID(), next.Header.Parent, "not the preference, which is lost")
	require.NoError(t, loser.Reject(ctx))
	require.NoError(t, next.Verify(ctx))
	require.NoError(t, next.Accept(ctx))
}

// lingering is a database whose synced writes are done before they return: when it is told
// to, it waits in between.
type lingering struct {
	dbm.DB
	written, goOn chan struct{} // nil: no wait
}

func (l *lingering) NewBatch() dbm.Batch { return lingeringBatch{l.DB.NewBatch(), l} }

type lingeringBatch struct {
	dbm.Batch
	db *lingering
}

func (b lingeringBatch) WriteSync() error {
	err := b.Batch.WriteSync()
	if b.db.written != nil {
		b.db.written <- struct{}{}
		<-b.db.goOn
	}
	return err
}

// TestWhileABlockIsWritten shows what happens on the other branches in the time in which an
// accepted block is on disk and not yet the last accepted one: its writes, that they would
// read, are not theirs.
func TestWhileABlockIsWritten(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	db := &lingering{DB: dbm.NewMemDB()}
	follower := &testChain{t: t, clock: c.clock, db: db, genesis: c.genesis}
	follower.open()
	t.Cleanup(func() { require.NoError(t, follower.Shutdown(ctx)) })
	for height := uint64(1); height <= c.store.Last().Height; height++ {
		blk, err := c.BlockAt(height)
		require.NoError(t, err)
		follower.follow(blk)
	}
	message := c.message(alice, session, "in both branches")
	sibling := follower.parse(c.forge(func(h *chain.Header) { h.Timestamp++ }, message, c.message(bob, session, "and another")))
	c.clock.advance(time.Second)
	blk := follower.parse(c.accept(message).Block)
	child := follower.parse(c.accept(c.message(bob, session, "child")).Block)
	require.NoError(t, blk.Verify(ctx))
	later := c.message(alice, session, "later")
	require.NoError(t, follower.Submit(ctx, later, ""))

	db.written, db.goOn = make(chan struct{}), make(chan struct{})
	written := make(chan error)
	go func() { written <- blk.Accept(ctx) }()
	<-db.written
	defer func() { close(db.goOn) }()
	follower.requireRefused(sibling.Verify(ctx), refusal.ErrBlockParent)
	built, err := follower.BuildBlock(ctx)
	require.NoError(t, err)
	require.Equal(t, blk.ID(), built.Header.Parent)
	require.NoError(t, child.Verify(ctx), "a child may be verified at the same time")
	require.NoError(t, blk.Reject(ctx), "too late: nothing happens")
	state, _, err := follower.TransactionStatus(message.ID())
	require.NoError(t, err)
	require.Equal(t, TransactionProcessing, state, "it is not accepted before reads show it, nor unknown")
	_, err = follower.HeaderByID(blk.ID())
	require.NoError(t, err, "it is in the database")
	_, err = accepted{follower.VM}.HeaderByID(blk.ID())
	require.ErrorIs(t, err, refusal.ErrNotFound, "nothing is signed before the block is on disk")
	db.goOn <- struct{}{}
	require.NoError(t, <-written)

	db.written = nil
	state, _, err = follower.TransactionStatus(message.ID())
	require.NoError(t, err)
	require.Equal(t, TransactionAccepted, state)
	follower.requireRefused(sibling.Verify(ctx), refusal.ErrBlockParent)
	require.NoError(t, child.Accept(ctx))
	require.Equal(t, c.Snapshot().Header(), follower.Snapshot().Header())
}

func TestBlocksAreFoundByHeightAndID(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	require.NoError(t, c.Submit(ctx, c.message(alice, session, "message"), ""))
	blk, err := c.BuildBlock(ctx)
	require.NoError(t, err)
	find := func() {
		found, err := c.GetBlock(ctx, blk.ID())
		require.NoError(t, err)
		require.Equal(t, blk.Bytes(), found.Bytes())
	}
	find()
	last, err := c.LastAccepted(ctx)
	require.NoError(t, err)
	_, err = c.GetBlockIDAtHeight(ctx, blk.Header.Height)
	require.ErrorIs(t, err, refusal.ErrNotFound)
	require.NoError(t, blk.Verify(ctx))
	find()
	require.NoError(t, blk.Accept(ctx))
	find()
	id, err := c.GetBlockIDAtHeight(ctx, blk.Header.Height)
	require.NoError(t, err)
	require.Equal(t, blk.ID(), id)
	require.Equal(t, last, blk.Header.Parent)

	_, err = c.GetBlock(ctx, ids.ID{1})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	require.ErrorIs(t, c.SetPreference(ctx, ids.ID{1}), refusal.ErrBlockParent)
	_, err = c.HeaderByID(ids.ID{1})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	header, err := c.HeaderByID(blk.ID())
	require.NoError(t, err)
	require.Equal(t, blk.Header.Bytes(), header.Bytes())
}

func TestBuiltBlocksThatNobodyVerifiesAreForgotten(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	require.NoError(t, c.Submit(ctx, c.message(alice, session, "message"), ""))
	var blocks []*Block
	for range maxBuilt + 3 {
		c.clock.advance(time.Millisecond)
		blk, err := c.BuildBlock(ctx)
		require.NoError(t, err)
		blocks = append(blocks, blk)
	}
	require.Len(t, c.built, maxBuilt)
	_, err := c.GetBlock(ctx, blocks[0].ID())
	require.ErrorIs(t, err, refusal.ErrNotFound)
	// Each of them can still be verified; all but one are siblings that lose.
	for _, blk := range blocks {
		require.NoError(t, blk.Verify(ctx))
	}
	require.NoError(t, blocks[2].Accept(ctx))
	for n, blk := range blocks {
		if n != 2 {
			require.NoError(t, blk.Reject(ctx))
		}
	}
	require.Empty(t, c.built)
	require.Empty(t, c.processing)
	count, _ := c.mempool.size()
	require.Zero(t, count)
}

func TestChainThatIsNotRunningRefuses(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	follower := c.peer()
	next := c.accept(c.message(alice, session, "message")).Block
	parsed := follower.parse(next)
	require.NoError(t, follower.SetState(ctx, Bootstrapping))
	follower.requireRefused(follower.Submit(ctx, c.message(alice, session, "too early"), ""), refusal.ErrNotReady)
	require.NoError(t, parsed.Verify(ctx), "blocks come while the chain bootstraps")
	require.ErrorIs(t, follower.SetState(ctx, State(7)), refusal.ErrInvalidArgs)

	stopped := New()
	require.NoError(t, stopped.Shutdown(ctx), "before Initialize")
	require.NoError(t, follower.Shutdown(ctx))
	require.NoError(t, follower.Shutdown(ctx), "again")
	for _, vm := range []*VM{New(), stopped, follower.VM} {
		_, err := vm.BuildBlock(ctx)
		require.ErrorIs(t, err, refusal.ErrNotReady)
		_, err = vm.ParseBlock(ctx, next.Bytes())
		require.ErrorIs(t, err, refusal.ErrNotReady)
		_, err = vm.GetBlock(ctx, next.ID())
		require.ErrorIs(t, err, refusal.ErrNotReady)
		_, err = vm.LastAccepted(ctx)
		require.ErrorIs(t, err, refusal.ErrNotReady)
		_, err = vm.GetBlockIDAtHeight(ctx, 0)
		require.ErrorIs(t, err, refusal.ErrNotReady)
		_, err = vm.HealthCheck(ctx)
		require.ErrorIs(t, err, refusal.ErrNotReady)
		require.ErrorIs(t, vm.SetPreference(ctx, next.ID()), refusal.ErrNotReady)
		require.ErrorIs(t, vm.SetState(ctx, NormalOperation), refusal.ErrNotReady)
		require.ErrorIs(t, vm.Submit(ctx, next.Transactions[0], ""), refusal.ErrNotReady)
		require.ErrorIs(t, vm.WaitForEvent(ctx), refusal.ErrNotReady)
	}
	require.ErrorIs(t, parsed.Verify(ctx), refusal.ErrNotReady)
	require.ErrorIs(t, parsed.Accept(ctx), refusal.ErrNotReady)
	require.ErrorIs(t, parsed.Reject(ctx), refusal.ErrNotReady)
}
