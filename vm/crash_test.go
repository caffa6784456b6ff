package vm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/state"
)

var errCrash = errors.New("injected crash")

// failing is a database that stops at one write: before it is done, or after. From then on
// it refuses every write, as a machine without power does; what it has already holds.
//
// A batch is one write. Half a batch is outside of the model: both databases on disk write
// a batch to their log with a checksum and drop one that is not whole.
type failing struct {
	dbm.DB

	mu      sync.Mutex
	writes  int // how many there were
	failAt  int // the number of the write to stop at, from 1; 0: none
	after   bool
	stopped bool
}

// write does one write, or stops.
func (f *failing) write(do func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return errCrash
	}
	f.writes++
	if f.writes != f.failAt {
		return do()
	}
	f.stopped = true
	if f.after {
		if err := do(); err != nil {
			return err
		}
	}
	return errCrash
}

func (f *failing) Set(key, value []byte) error {
	return f.write(func() error { return f.DB.Set(key, value) })
}

func (f *failing) SetSync(key, value []byte) error {
	return f.write(func() error { return f.DB.SetSync(key, value) })
}

func (f *failing) Delete(key []byte) error {
	return f.write(func() error { return f.DB.Delete(key) })
}

func (f *failing) DeleteSync(key []byte) error {
	return f.write(func() error { return f.DB.DeleteSync(key) })
}

func (f *failing) NewBatch() dbm.Batch { return &failingBatch{f.DB.NewBatch(), f} }

type failingBatch struct {
	dbm.Batch
	db *failing
}

func (b *failingBatch) Write() error     { return b.db.write(b.Batch.Write) }
func (b *failingBatch) WriteSync() error { return b.db.write(b.Batch.WriteSync) }

// crashHistory is the chain that crashes: some forty blocks of every kind of transaction,
// in which sessions expire, records leave the tree, and versions are pruned.
type crashHistory struct {
	genesis []byte
	blocks  []*chain.Block // block 0 first
	times   []time.Time    // the clock at each block
	config  string
}

// newCrashHistory makes the chain once, with a node that does not fail.
func newCrashHistory(t testing.TB) *crashHistory {
	c := startChain(t, func(genesis *chain.Genesis) {
		genesis.SessionTTL = 600
		genesis.RetentionDays = 1
		genesis.Limits.PendingTTL = 60
		genesis.Limits.IdentityDays = 2
	})
	h := &crashHistory{genesis: c.genesis, config: crashConfig}
	add := func(blk *chain.Block) {
		h.blocks, h.times = append(h.blocks, blk), append(h.times, c.clock.now)
	}
	add(c.last())
	alice, bob := identity(1), identity(2)
	for round := range 8 {
		add(c.accept(c.registration(alice), c.invitation(bob.ID()), c.registration(bob), c.invitation(alice.ID())).Block)
		create, plain := sign(t, alice, c.sessionBody(alice, alice, bob)), sign(t, nil, c.sessionBody(nil, bob, alice))
		channel := sign(t, bob, &chain.CreateChannel{Owner: bob.ID(), Members: nil, Nonce: c.nonce, Deadline: c.deadline()})
		add(c.accept(create, plain, channel, c.invitation(bob.ID())).Block)
		session, channelID := c.sessionID(create), chain.ChannelID(testChainID, channel.ID())
		add(c.accept(c.message(alice, session, fmt.Sprint("first ", round)), c.message(bob, session, fmt.Sprint("second ", round))).Block)
		add(c.accept(
			c.receipt(bob, session, 2),
			sign(t, bob, &chain.AddMember{Channel: channelID, Owner: bob.ID(), Member: alice.ID(), Version: 1}),
			sign(t, alice, &chain.RotateKey{Session: session, Participant: alice.ID(), PublicKey: bob.Public().KEM, Epoch: 1}),
		).Block)
		c.clock.advance(time.Minute)
		add(c.accept(c.message(bob, session, fmt.Sprint("third ", round)), sign(t, alice, &chain.RemoveMember{Channel: channelID, Remover: alice.ID(), Member: alice.ID(), Version: 2})).Block)
		if round%2 == 0 {
			add(c.accept(sign(t, alice, &chain.CloseSession{Session: session, Participant: alice.ID()})).Block)
		}
		c.clock.advance(25 * time.Hour)
		if round%2 == 1 { // identities have been registered 25 hours ago, of 48
			continue
		}
		c.clock.advance(25 * time.Hour)
	}
	add(c.accept(c.registration(identity(3))).Block)
	return h
}

// crashNode is a node that follows a crashHistory on a database that fails.
type crashNode struct {
	*VM
	is      *require.Assertions
	history *crashHistory
	db      *failing
	clock   *clock
}

// crashConfig prunes as early as can be, and archiveConfig forgets no blocks.
const archiveConfig = `{"proofHistory":1,"treeCacheNodes":1000,"archive":true}`

const crashConfig = `{"proofHistory":1,"treeCacheNodes":1000}`

// open opens the chain. The error is what Initialize said.
func (h *crashHistory) open(is *require.Assertions, db *failing) (*crashNode, error) {
	n := &crashNode{VM: New(), is: is, history: h, db: db, clock: &clock{now: h.times[len(h.times)-1]}}
	err := n.Initialize(context.Background(), Host{ChainID: testChainID, Log: discard, Clock: n.clock.Now, Database: db}, h.genesis, []byte(h.config))
	if err == nil {
		is.NoError(n.SetState(context.Background(), NormalOperation))
	}
	return n, err
}

func (n *crashNode) height() int { return int(n.Snapshot().Header().Height) }

// next verifies the block after the last accepted one, and returns it.
func (n *crashNode) next() *Block {
	ctx := context.Background()
	expected := n.history.blocks[n.store.Last().Height+1]
	blk, err := n.ParseBlock(ctx, expected.Bytes())
	n.is.NoError(err)
	n.is.NoError(blk.Verify(ctx))
	n.is.Equal(expected.ID(), blk.ID())
	return blk
}

// requireStopped requires that a node whose database has failed does nothing any more.
func (n *crashNode) requireStopped(blk *Block) {
	ctx := context.Background()
	is := n.is
	is.ErrorIs(blk.Accept(ctx), errCrash)
	is.ErrorIs(blk.Verify(ctx), errCrash)
	is.ErrorIs(blk.Reject(ctx), errCrash)
	_, err := n.BuildBlock(ctx)
	is.ErrorIs(err, errCrash)
	_, err = n.ParseBlock(ctx, blk.Bytes())
	is.ErrorIs(err, errCrash)
	_, err = n.GetBlock(ctx, blk.Header.Parent)
	is.ErrorIs(err, errCrash)
	_, err = n.LastAccepted(ctx)
	is.ErrorIs(err, errCrash)
	_, err = n.HealthCheck(ctx)
	is.ErrorIs(err, errCrash)
	is.ErrorIs(n.SetPreference(ctx, blk.Header.Parent), errCrash)
	is.ErrorIs(n.WaitForEvent(ctx), errCrash)
	is.ErrorIs(n.Submit(ctx, blk.Transactions[0], ""), errCrash)
}

// reopenable is a database that can be opened again after its chain was closed.
type reopenable interface {
	open() dbm.DB
}

type memory struct{ db dbm.DB }

func (m memory) open() dbm.DB { return unclosed{m.db} }

type onDisk struct {
	t       testing.TB
	backend string
	folder  string
}

func (d onDisk) open() dbm.DB {
	db, err := state.OpenDatabase(d.backend, d.folder)
	require.NoError(d.t, err)
	return db
}

// crash runs the chain from what is in a database until the failAt-th write of it fails,
// then opens it again, holds the database against the blocks, and goes on. It returns false
// if there is no such write within the next blocks.
func (h *crashHistory) crash(t testing.TB, at reopenable, blocks, failAt int, after bool) (crashed bool) {
	ctx := context.Background()
	is := require.New(t)
	db := &failing{DB: at.open(), failAt: failAt, after: after}
	n, err := h.open(is, db)
	height := -1 // the last block that was accepted for certain
	if err == nil {
		height = n.height()
		for n.height()+1 < len(h.blocks) && n.height() < height+blocks {
			blk := n.next()
			if err = blk.Accept(ctx); err != nil {
				is.ErrorIs(err, errCrash)
				n.requireStopped(blk)
				break
			}
		}
		height = n.height()
		is.NoError(n.Shutdown(ctx)) // waits for what prunes in the background
	} else {
		is.ErrorIs(err, errCrash)
	}
	if !db.stopped {
		return false
	}
	db = &failing{DB: at.open()}
	n, err = h.open(is, db)
	is.NoError(err)
	is.Contains([]int{height, height + 1}, n.height(), "the last accepted block or the one that was being accepted")
	is.NoError(n.Shutdown(ctx))

	db = &failing{DB: at.open()}
	requireConsistentDatabase(t, db, h.blocks[:n.height()+1])
	is.Zero(db.writes)
	is.NoError(db.Close())

	db = &failing{DB: at.open()}
	n, err = h.open(is, db)
	is.NoError(err)
	for range 2 {
		if height = n.height(); height+1 < len(h.blocks) {
			is.NoError(n.next().Accept(ctx))
			is.Equal(h.blocks[height+1].ID(), n.Snapshot().Header().ID())
		}
	}
	height = n.height()
	is.NoError(n.Shutdown(ctx))
	db = &failing{DB: at.open()}
	requireConsistentDatabase(t, db, h.blocks[:height+1])
	is.NoError(db.Close())
	return true
}

// run follows the history from the beginning to a height and closes the chain.
func (h *crashHistory) run(t testing.TB, at reopenable, height int) (writes int) {
	is := require.New(t)
	db := &failing{DB: at.open()}
	n, err := h.open(is, db)
	is.NoError(err)
	for n.height() < height {
		is.NoError(n.next().Accept(context.Background()))
	}
	is.NoError(n.Shutdown(context.Background()))
	return db.writes
}

// copyDatabase returns a copy in memory.
func copyDatabase(t testing.TB, db dbm.DB) dbm.DB {
	clone := dbm.NewMemDB()
	it, err := db.Iterator(nil, nil)
	require.NoError(t, err)
	for ; it.Valid(); it.Next() {
		require.NoError(t, clone.Set(it.Key(), it.Value()))
	}
	require.NoError(t, it.Close())
	return clone
}

// TestCrashAtAnyWriteLeavesABlockOrTheOneBefore stops at every write of every block's
// commit and of the pruning after it, before it is done and after, from block 0 on.
func TestCrashAtAnyWriteLeavesABlockOrTheOneBefore(t *testing.T) {
	h := newCrashHistory(t)
	require.Greater(t, len(h.blocks), 36, "long enough to prune and to forget")
	db := dbm.NewMemDB() // at the block before the one that crashes
	commits, prunings := 0, 0
	for height := range h.blocks {
		for _, after := range []bool{false, true} {
			failAt := 1
			for h.crash(t, memory{copyDatabase(t, db)}, 1, failAt, after) {
				failAt++
			}
			if after {
				commits++
				prunings += failAt - 2
			}
			require.GreaterOrEqual(t, failAt, 2, "at height %d there is a write", height)
		}
		h.run(t, memory{db}, height)
	}
	require.Equal(t, len(h.blocks), commits)
	require.Positive(t, prunings, "pruning was stopped too")
}

// TestCrashOnDisk stops at writes of a run on the databases on disk, and opens them again
// from their files.
func TestCrashOnDisk(t *testing.T) {
	h := newCrashHistory(t)
	for _, backend := range []string{state.PebbleDB, state.GoLevelDB} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			crash := func(failAt int, after bool) bool {
				return h.crash(t, onDisk{t, backend, t.TempDir()}, len(h.blocks), failAt, after)
			}
			writes := h.run(t, onDisk{t, backend, t.TempDir()}, len(h.blocks)-1)
			require.Greater(t, writes, len(h.blocks), "every block, and pruning")
			for _, after := range []bool{false, true} {
				for _, failAt := range []int{1, 2, 3, 17} {
					require.True(t, crash(failAt, after), "write %d", failAt)
				}
				// The last two writes of a run: a slower pruner does in one what takes a faster one several.
				for failAt, crashes := writes, 0; crashes < 2; failAt-- {
					require.GreaterOrEqual(t, failAt, len(h.blocks)-1, "every block is a write")
					if crash(failAt, after) {
						crashes++
					}
				}
			}
		})
	}
}

// unpruned is a database on which the first batch that needs no sync, which is a pruning,
// fails.
type unpruned struct {
	dbm.DB
	failed bool
}

func (u *unpruned) NewBatch() dbm.Batch { return &unprunedBatch{u.DB.NewBatch(), u} }

type unprunedBatch struct {
	dbm.Batch
	db *unpruned
}

func (b *unprunedBatch) Write() error {
	if !b.db.failed {
		b.db.failed = true
		return errCrash
	}
	return b.Batch.Write()
}

// TestFailedPruningIsTriedAgain shows that the chain goes on, and that nothing is left over
// in the end.
func TestFailedPruningIsTriedAgain(t *testing.T) {
	h := newCrashHistory(t)
	is := require.New(t)
	memory := dbm.NewMemDB()
	n, err := h.open(is, &failing{DB: &unpruned{DB: unclosed{memory}}})
	is.NoError(err)
	for n.height()+1 < len(h.blocks) {
		is.NoError(n.next().Accept(context.Background()))
		if n.height() == 34 {
			is.Eventually(func() bool { return n.store.PruneErrors() == 1 }, 10*time.Second, time.Millisecond)
		}
	}
	is.NoError(n.Shutdown(context.Background()))
	is.EqualValues(1, n.store.PruneErrors())
	requireConsistentDatabase(t, memory, h.blocks)
	first, err := memory.Has(nodeKey(1, 1))
	is.NoError(err)
	is.False(first, "the first version is gone")
}
