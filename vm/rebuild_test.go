package vm

import (
	"context"
	"fmt"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/state"
)

// rebuild makes a database of the chain's last accepted state and of its blocks, down to a
// height or as far as they are needed.
func (n *crashNode) rebuild(lowest uint64) dbm.DB {
	header := n.store.Last()
	db := dbm.NewMemDB()
	b, err := state.NewBuilder(db, "", n.genesis, header)
	n.is.NoError(err)
	n.is.NoError(b.Tree(func(path state.Path, _ chain.Hash) ([]byte, error) { return n.store.Chunk(header.Height, path) }))
	for height := header.Height; height >= lowest || b.Needs(); height-- {
		body, err := n.store.BlockBytesAt(height)
		n.is.NoError(err)
		n.is.NoError(b.AddBlock(body))
	}
	n.is.NoError(b.Finish())
	n.is.NoError(b.Close())
	return db
}

// addOlder gives the chain blocks that it is to hold and does not, at most so many.
func (n *crashNode) addOlder(h *crashHistory, most int) {
	var blocks [][]byte
	_, height, wanted, err := n.Older()
	n.is.NoError(err)
	for ; wanted && height > 0 && len(blocks) < most; height-- {
		blocks = append(blocks, h.blocks[height].Bytes())
	}
	n.is.NoError(n.AddOlder(blocks))
}

// TestARebuiltDatabaseIsWholeAndGoesOnAsOneThatExecutes rebuilds the chain after each block of
// a history with every kind of transaction, sweeps and pruning, and follows it to the end.
func TestARebuiltDatabaseIsWholeAndGoesOnAsOneThatExecutes(t *testing.T) {
	h := newCrashHistory(t)
	h.config = archiveConfig
	is := require.New(t)
	executed, err := h.open(is, &failing{DB: dbm.NewMemDB()})
	is.NoError(err)
	for executed.height()+1 < len(h.blocks) {
		is.NoError(executed.next().Accept(context.Background()))
		height := executed.height()
		db := executed.rebuild(1)
		requireConsistent(t, db, h.blocks[:height+1], true)
		if height%5 != 0 {
			continue
		}
		for _, lowest := range []uint64{1, uint64(height)} {
			db := executed.rebuild(lowest)
			rebuilt, err := h.open(is, &failing{DB: unclosed{db}})
			is.NoError(err)
			for rebuilt.height()+1 < len(h.blocks) {
				is.NoError(rebuilt.next().Accept(context.Background()))
				rebuilt.addOlder(h, 2)
			}
			rebuilt.addOlder(h, len(h.blocks))
			is.NoError(rebuilt.Shutdown(context.Background()))
			requireConsistent(t, db, h.blocks, true)
		}
	}
	is.NoError(executed.Shutdown(context.Background()))
}

// TestWhatARebuiltNodeHasForgottenCanNotComeAgain gives a node that knows only the transactions
// of the window every older transaction again, as one that knows all of them.
func TestWhatARebuiltNodeHasForgottenCanNotComeAgain(t *testing.T) {
	h := newCrashHistory(t)
	h.config = archiveConfig
	is := require.New(t)
	executed, err := h.open(is, &failing{DB: dbm.NewMemDB()})
	is.NoError(err)
	kinds := make(map[string]bool)
	for executed.height()+1 < len(h.blocks) {
		is.NoError(executed.next().Accept(context.Background()))
		height := executed.height()
		rebuilt, err := h.open(is, &failing{DB: executed.rebuild(uint64(height))})
		is.NoError(err)
		last := rebuilt.store.Last()
		rebuilt.clock.now = h.times[height]
		known := 0
		for _, blk := range h.blocks[1 : height+1] {
			for _, tx := range blk.Transactions {
				if has, err := rebuilt.store.Latest().HasTransaction(tx.ID()); err != nil || has {
					is.NoError(err)
					known++
				}
				change, err := rebuilt.store.Begin(rebuilt.store.Accepted())
				is.NoError(err)
				e, err := begin(rebuilt.genesis, change, testChainID, commitment{}, last.Height+1, last.Timestamp)
				is.NoError(err)
				is.Error(e.execute(tx), "%T of height %d after height %d", tx.Body, blk.Header.Height, height)
				kinds[fmt.Sprintf("%T", tx.Body)] = true
			}
		}
		is.Positive(known)
		is.NoError(rebuilt.Shutdown(context.Background()))
	}
	is.Greater(len(kinds), 7)
	is.NoError(executed.Shutdown(context.Background()))
}
