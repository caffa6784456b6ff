package state

import (
	"encoding/binary"
	"sync/atomic"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"
)

// watchedDB counts reads, and holds a batch back until it is let through.
type watchedDB struct {
	dbm.DB
	reads            atomic.Int64
	writing, through chan struct{} // nil: batches pass
}

func (d *watchedDB) Has(key []byte) (bool, error) {
	d.reads.Add(1)
	return d.DB.Has(key)
}

func (d *watchedDB) NewBatch() dbm.Batch { return watchedBatch{d.DB.NewBatch(), d} }

type watchedBatch struct {
	dbm.Batch
	db *watchedDB
}

func (b watchedBatch) Write() error {
	if b.db.writing != nil {
		b.db.writing <- struct{}{}
		<-b.db.through
	}
	return b.Batch.Write()
}

func never() bool { return false }

func filteredKey(n int) []byte { return hashKey(keyTransaction, numberedID(n)) }

func writeFiltered(t testing.TB, f *filtered, n int) {
	batch := f.NewBatch()
	require.NoError(t, batch.Set(filteredKey(n), binary.BigEndian.AppendUint32(nil, uint32(n))))
	require.NoError(t, batch.Set([]byte("X"), []byte{}))
	require.NoError(t, batch.Write())
	require.NoError(t, batch.Close())
}

func requireFiltered(t testing.TB, f *filtered, from, to int, want bool) {
	t.Helper()
	for n := from; n < to; n++ {
		has, err := f.Has(filteredKey(n))
		require.NoError(t, err)
		require.Equal(t, want, has)
		value, err := f.Get(filteredKey(n))
		require.NoError(t, err)
		require.Equal(t, want, value != nil)
	}
}

// TestTheFilterHidesNoTransaction: what the index has is found, before the filter is there, after,
// and where it is made anew; what it does not have is looked up a few times in a thousand.
func TestTheFilterHidesNoTransaction(t *testing.T) {
	db := &watchedDB{DB: dbm.NewMemDB()}
	f := &filtered{DB: db}
	for n := range 1000 {
		writeFiltered(t, f, n)
	}
	requireFiltered(t, f, 0, 1000, true)
	require.True(t, f.full())
	require.NoError(t, f.fill(0, func() bool { return true }))
	require.True(t, f.full(), "the node stops")
	for range 2 {
		require.NoError(t, f.fill(0, never))
		require.False(t, f.full())
		requireFiltered(t, f, 0, 1000, true)
		db.reads.Store(0)
		requireFiltered(t, f, 1000, 2000, false)
		require.Less(t, db.reads.Load(), int64(50))
	}
	writeFiltered(t, f, 1000)
	requireFiltered(t, f, 0, 1001, true)
	f.capacity = 10
	require.True(t, f.full())
	require.NoError(t, f.fill(0, never))
	require.False(t, f.full(), "made for more")
}

func TestAFilterIsMadeBeforeTheFirstBlock(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 100})
	s.reopen() // what follows from block 0 is over
	require.Eventually(t, func() bool { return !s.filter.full() }, 10*time.Second, time.Millisecond)
}

// TestTheFilterIsAsLargeAsTheIndex: transactions that have left the index take no memory.
func TestTheFilterIsAsLargeAsTheIndex(t *testing.T) {
	f := &filtered{DB: dbm.NewMemDB()}
	require.NoError(t, f.fill(0, never))
	const stay = 100
	for n := range 3 * stay {
		writeFiltered(t, f, n)
	}
	batch := f.NewBatch()
	for n := stay; n < 3*stay; n++ {
		require.NoError(t, batch.Delete(filteredKey(n)))
	}
	require.NoError(t, batch.Write())
	require.NoError(t, batch.Close())
	require.Equal(t, 3*stay, f.added)
	require.Equal(t, stay, f.indexed)

	f.added = 4 * leastFiltered // many more have come and gone
	require.True(t, f.full())
	require.NoError(t, f.fill(0, never))
	require.Equal(t, leastFiltered, f.capacity)
	require.Equal(t, stay, f.added)
	require.Equal(t, stay, f.indexed)
	requireFiltered(t, f, 0, stay, true)

	f.indexed = 4 * leastFiltered // as many are here
	require.NoError(t, f.fill(0, never))
	require.Equal(t, 8*leastFiltered, f.capacity)
}

// TestTheFilterHidesNothingThatIsWrittenMeanwhile fills while a batch is on its way to the disk.
func TestTheFilterHidesNothingThatIsWrittenMeanwhile(t *testing.T) {
	db := &watchedDB{DB: dbm.NewMemDB(), writing: make(chan struct{}), through: make(chan struct{})}
	f := &filtered{DB: db}
	written, filled := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(written)
		writeFiltered(t, f, 1)
	}()
	<-db.writing
	go func() { filled <- f.fill(0, never) }()
	select {
	case <-filled:
		require.Fail(t, "filled without the batch")
	case <-time.After(20 * time.Millisecond):
	}
	close(db.through)
	<-written
	require.NoError(t, <-filled)
	requireFiltered(t, f, 1, 2, true)
}

// TestTheFilterHidesNothingFromThoseWhoReadMeanwhile reads, writes and fills at the same time.
func TestTheFilterHidesNothingFromThoseWhoReadMeanwhile(t *testing.T) {
	f := &filtered{DB: dbm.NewMemDB()}
	const transactions = 2000
	var written atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := range transactions {
			writeFiltered(t, f, n)
			written.Add(1)
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		require.NoError(t, f.fill(0, never))
		until := int(written.Load())
		requireFiltered(t, f, max(0, until-50), until, true)
	}
	requireFiltered(t, f, 0, transactions, true)
}
