package state

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	ics23 "github.com/cosmos/ics23/go"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// requireHistory requires that exactly the states of the history can be read.
func (s *scene) requireHistory() {
	s.t.Helper()
	last := s.Last().Height
	oldest := uint64(0)
	if last > s.options.History {
		oldest = last - s.options.History
	}
	require.Equal(s.t, oldest, s.Oldest())
	for height := range last + 3 {
		snapshot, err := s.SnapshotAt(height)
		switch {
		case height > last:
			require.ErrorIs(s.t, err, refusal.ErrNotFound)
			require.ErrorContains(s.t, err, fmt.Sprintf("a height up to %d", last))
		case height < oldest:
			require.ErrorIs(s.t, err, refusal.ErrPruned)
			require.ErrorContains(s.t, err, fmt.Sprintf("a height from %d on", oldest))
		default:
			require.NoError(s.t, err)
			totals, err := snapshot.Totals()
			require.NoError(s.t, err)
			require.Equal(s.t, height, totals.Height)
			require.Equal(s.t, height, snapshot.Header().Height)
		}
	}
}

// requirePruned waits until the versions before a height are gone from the database.
func (s *scene) requirePruned(height uint64) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		has, err := s.db.Has(rootKey(height - 1))
		require.NoError(s.t, err)
		return !has
	}, 10*time.Second, time.Millisecond, "the version of height %d is not pruned", height-1)
}

// rootKey is where IAVL keeps the root of the tree of a height: 's', version, number 1.
func rootKey(height uint64) []byte {
	return append(numberKey('s', uint64(version(height))), 0, 0, 0, 1)
}

func TestExactlyTheHistoryCanBeRead(t *testing.T) {
	for _, history := range []uint64{1, 7, 1000} {
		t.Run(fmt.Sprint(history), func(t *testing.T) {
			s := newScene(t, Options{CacheNodes: 1000, History: history})
			for n := range 100 {
				s.accept(mutate(uint64(n)))
				if oldest := s.Oldest(); oldest > 0 && oldest%pruneEvery == 0 {
					s.requirePruned(oldest)
				}
				if n%9 == 0 || s.Oldest()%pruneEvery == 0 {
					s.requireHistory()
				}
			}
			require.Equal(t, history < 50, s.Oldest() >= pruneEvery)
			s.reopen()
			s.requireHistory()
			require.Zero(t, s.PruneErrors())
		})
	}
}

func TestHistoryThatIsRaisedDoesNotPromiseWhatIsPruned(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 2})
	for n := range 60 {
		s.accept(mutate(uint64(n)))
	}
	s.requirePruned(32)
	s.options.History = 1000
	s.reopen()
	oldest := s.Oldest()
	require.GreaterOrEqual(t, oldest, uint64(32))
	_, err := s.SnapshotAt(oldest - 1)
	require.ErrorIs(t, err, refusal.ErrPruned)
	require.ErrorContains(t, err, fmt.Sprintf("a height from %d on", oldest))
	for height := oldest; height <= s.Last().Height; height++ {
		snapshot, err := s.SnapshotAt(height)
		require.NoError(t, err)
		totals, err := snapshot.Totals()
		require.NoError(t, err)
		require.Equal(t, height, totals.Height)
	}
	s.accept(mutate(60))
	require.Equal(t, oldest, s.Oldest(), "what there is stays")
}

func TestHistoryThatIsLoweredIsPrunedInPieces(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 1000})
	for n := range 200 {
		s.accept(mutate(uint64(n)))
	}
	s.options.History = 2
	counting := &countingBatches{DB: s.db}
	require.NoError(t, s.Close())
	var err error
	s.Store, err = Open(unclosed{counting}, testChainID, testGenesis(t, 1000), s.options)
	require.NoError(t, err)
	s.accept(mutate(200))
	s.requirePruned(160)
	s.requireHistory()
	require.GreaterOrEqual(t, counting.unsynced.Load(), int64(4), "each batch prunes a few versions")
}

// countingBatches counts the batches that are written without a sync.
type countingBatches struct {
	dbm.DB
	unsynced atomic.Int64
}

func (c *countingBatches) NewBatch() dbm.Batch { return countingBatch{c.DB.NewBatch(), c} }

type countingBatch struct {
	dbm.Batch
	db *countingBatches
}

func (b countingBatch) Write() error {
	b.db.unsynced.Add(1)
	return b.Batch.Write()
}

// TestReadersProveWhileBlocksAreAcceptedAndPruned reads and proves at random heights from
// many goroutines while the chain goes on. What is read is right, or it is pruned.
func TestReadersProveWhileBlocksAreAcceptedAndPruned(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, CacheLeaves: 20, History: 3})
	s.accept(func(c *Change) { // more than the reader's cache holds
		for n := range 700 {
			putIdentity(c, n, 'x')
		}
	})
	held, err := s.Snapshot()
	require.NoError(t, err)
	var (
		readers sync.WaitGroup
		done    = make(chan struct{})
		proven  atomic.Int64
		failure atomic.Pointer[error]
	)
	read := func(random *rand.Rand) error {
		height := s.Last().Height
		height -= min(height, random.Uint64N(6))
		oldest := s.Oldest()
		snapshot, err := s.SnapshotAt(height)
		if err == nil {
			err = proveSomething(snapshot, random)
		}
		if errors.Is(err, refusal.ErrPruned) && height < s.Oldest() {
			return nil
		}
		if err != nil {
			return fmt.Errorf("height %d, oldest %d: %w", height, oldest, err)
		}
		proven.Add(1)
		totals, err := s.Latest().Totals()
		if err == nil && totals.Height+1 < height { // it is the last to be told
			err = fmt.Errorf("the latest totals are of height %d, after %d was read", totals.Height, height)
		}
		if err == nil {
			_, _, err = s.Latest().Identity(numberedID(random.IntN(40)))
		}
		return err
	}
	for n := range 4 {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 2))
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := read(random); err != nil {
					failure.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
	for n := range 150 {
		s.accept(mutate(uint64(n)))
		time.Sleep(time.Millisecond) // readers get their turn on one processor too
	}
	close(done)
	readers.Wait()
	if err := failure.Load(); err != nil {
		require.NoError(t, *err)
	}
	require.Greater(t, proven.Load(), int64(100))
	s.requirePruned(100)

	// A snapshot that was taken long ago says that it is pruned, or what it always said.
	pruned := 0
	for n := range 700 {
		record, err := held.Identity(numberedID(n))
		if err != nil {
			require.ErrorIs(t, err, refusal.ErrPruned)
			pruned++
			continue
		}
		require.Equal(t, []byte{'x'}, record.KEMPublicKey)
	}
	require.Positive(t, pruned)
}

// proveSomething reads and proves a few keys at a snapshot.
func proveSomething(snapshot *Snapshot, random *rand.Rand) error {
	totals, err := snapshot.Totals()
	if err != nil {
		return err
	}
	if totals.Height != snapshot.Header().Height {
		return fmt.Errorf("totals of height %d", totals.Height)
	}
	root := snapshot.Header().StateRoot
	for range 3 {
		key := chain.IdentityKey(numberedID(random.IntN(750)))
		value, proof, err := snapshot.Prove(key)
		if err != nil {
			return err
		}
		if value != nil && !ics23.VerifyMembership(ics23.IavlSpec, root[:], proof, key, value) ||
			value == nil && !ics23.VerifyNonMembership(ics23.IavlSpec, root[:], proof, key) {
			return fmt.Errorf("the proof of %x does not verify", key)
		}
	}
	return nil
}
