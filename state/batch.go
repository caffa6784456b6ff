package state

import (
	"errors"

	corestore "cosmossdk.io/core/store"
	dbm "github.com/cometbft/cometbft-db"
)

// boundedBatch collects writes and writes them to the database when they are some megabytes.
type boundedBatch struct {
	db    dbm.DB
	batch dbm.Batch
	size  int
}

const maxBatchBytes = 4 << 20

// open returns the batch to add to, after at least the entry of a size is given room.
func (b *boundedBatch) open(size int) (dbm.Batch, error) {
	if b.size+size > maxBatchBytes {
		if err := b.flush(); err != nil {
			return nil, err
		}
	}
	if b.batch == nil {
		b.batch = b.db.NewBatch()
	}
	b.size += size
	return b.batch, nil
}

func (b *boundedBatch) put(entries []write) error {
	for _, entry := range entries {
		batch, err := b.open(len(entry.key) + len(entry.value))
		if err == nil {
			err = put(batch, entry.key, entry.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *boundedBatch) flush() error {
	if b.batch == nil {
		return nil
	}
	return errors.Join(b.batch.Write(), b.close())
}

func (b *boundedBatch) close() (err error) {
	if b.batch != nil {
		err = b.batch.Close()
	}
	b.batch, b.size = nil, 0
	return err
}

// direct is a database in the form that IAVL wants, whose batches are not atomic.
type direct struct{ view }

// NewBatch implements iavldb.DB.
func (d *direct) NewBatch() corestore.Batch { return &directBatch{boundedBatch{db: d.db}} }

// NewBatchWithSize implements iavldb.DB.
func (d *direct) NewBatchWithSize(int) corestore.Batch { return d.NewBatch() }

type directBatch struct{ boundedBatch }

// Set implements corestore.Batch.
func (b *directBatch) Set(key, value []byte) error { return b.put([]write{{key, value}}) }

// Delete implements corestore.Batch.
func (b *directBatch) Delete(key []byte) error { return b.put([]write{{key, nil}}) }

// Write implements corestore.Batch.
func (b *directBatch) Write() error { return b.flush() }

// WriteSync implements corestore.Batch. What is synced is the end of the making.
func (b *directBatch) WriteSync() error { return b.flush() }

// Close implements corestore.Batch.
func (b *directBatch) Close() error { return b.close() }

// GetByteSize implements corestore.Batch.
func (b *directBatch) GetByteSize() (int, error) { return b.size, nil }
