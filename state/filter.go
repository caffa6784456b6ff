package state

import (
	"sync"

	"github.com/bits-and-blooms/bloom/v3"
	dbm "github.com/cometbft/cometbft-db"
)

const (
	// leastFiltered is for how many transactions a filter is made at least, about 10 bits each.
	leastFiltered = 1 << 20
	// filterError is how many transactions that are in no block a filter does not know for such.
	filterError = 0.01
)

// filtered is a database that knows, of nearly every transaction that its index does not hold, that it
// does not: a new transaction costs no look into the database. The knowledge is in memory, and made
// anew from the index by fill; until then each transaction is looked up.
type filtered struct {
	dbm.DB
	writing sync.RWMutex // held by those who write

	mu       sync.RWMutex
	filter   *bloom.BloomFilter // nil: not filled yet
	filling  *bloom.BloomFilter // the next one, nil if none is made
	added    int                // since the filter was begun
	capacity int
	indexed  int // how many transactions the index has, more or less
}

// holds reports whether the database may hold a key.
func (f *filtered) holds(key []byte) bool {
	if len(key) == 0 || key[0] != keyTransaction {
		return true
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.filter == nil || f.filter.Test(key)
}

func (f *filtered) add(keys [][]byte, removed int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.added += len(keys)
	f.indexed += len(keys) - removed
	for _, filter := range []*bloom.BloomFilter{f.filter, f.filling} {
		for _, key := range keys {
			if filter != nil {
				filter.Add(key)
			}
		}
	}
}

// full reports whether there is no filter, or it has more transactions than it was made for.
func (f *filtered) full() bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.filter == nil || f.added > f.capacity
}

// fill makes a filter of the index, for about twice as many transactions, until stop says true. So its
// size follows that of the index, and not all that was ever in it. It is for one goroutine.
func (f *filtered) fill(transactions int, stop func() bool) error {
	f.writing.Lock() // What is written from here on is added to the new filter too.
	f.mu.Lock()
	f.capacity = max(2*transactions, 2*f.indexed, leastFiltered)
	f.added, f.indexed = 0, 0
	f.filling = bloom.NewWithEstimates(uint(f.capacity), filterError)
	f.mu.Unlock()
	f.writing.Unlock()
	it, err := f.DB.Iterator([]byte{keyTransaction}, []byte{keyTransaction + 1})
	if err != nil {
		return err
	}
	for ; it.Valid() && !stop(); it.Next() {
		f.mu.Lock()
		f.filling.Add(it.Key())
		f.added, f.indexed = f.added+1, f.indexed+1
		f.mu.Unlock()
	}
	complete := !it.Valid()
	if err := it.Error(); err != nil {
		_ = it.Close()
		return err
	}
	if complete {
		f.mu.Lock()
		f.filter, f.filling = f.filling, nil
		f.mu.Unlock()
	}
	return it.Close()
}

// Has implements dbm.DB.
func (f *filtered) Has(key []byte) (bool, error) {
	if !f.holds(key) {
		return false, nil
	}
	return f.DB.Has(key)
}

// Get implements dbm.DB.
func (f *filtered) Get(key []byte) ([]byte, error) {
	if !f.holds(key) {
		return nil, nil
	}
	return f.DB.Get(key)
}

// NewBatch implements dbm.DB.
func (f *filtered) NewBatch() dbm.Batch { return &filteredBatch{Batch: f.DB.NewBatch(), db: f} }

type filteredBatch struct {
	dbm.Batch
	db      *filtered
	added   [][]byte
	removed int
}

// Set implements dbm.Batch.
func (b *filteredBatch) Set(key, value []byte) error {
	if len(key) > 0 && key[0] == keyTransaction {
		b.added = append(b.added, key)
	}
	return b.Batch.Set(key, value)
}

// Delete implements dbm.Batch.
func (b *filteredBatch) Delete(key []byte) error {
	if len(key) > 0 && key[0] == keyTransaction {
		b.removed++
	}
	return b.Batch.Delete(key)
}

// Write implements dbm.Batch.
func (b *filteredBatch) Write() error { return b.write(b.Batch.Write) }

// WriteSync implements dbm.Batch.
func (b *filteredBatch) WriteSync() error { return b.write(b.Batch.WriteSync) }

func (b *filteredBatch) write(write func() error) error {
	b.db.writing.RLock()
	defer b.db.writing.RUnlock()
	b.db.add(b.added, b.removed)
	return write()
}
