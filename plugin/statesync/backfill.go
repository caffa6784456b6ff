package statesync

import (
	"context"
	"log/slog"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// backfillPause is the pause before another attempt, when no peer gives anything.
const backfillPause = time.Minute

// Holder holds the blocks of a chain that goes on.
type Holder interface {
	// Older returns the ID and the height of the block before the oldest one. It reports false if it is
	// not to be held.
	Older() (id ids.ID, height uint64, wanted bool, err error)
	// AddOlder adds blocks from there on, from the newest to the oldest.
	AddOlder(blocks [][]byte) error
}

// Backfill fetches the blocks that a chain is to hold and does not, from the newest to the oldest, until
// it holds all or ctx ends.
func Backfill(ctx context.Context, chainID ids.ID, to Holder, network Network, log *slog.Logger, metrics *Metrics) {
	f := &backfill{chainID: chainID, to: to, log: log, metrics: metrics, network: network, times: defaultTimes, pause: backfillPause}
	f.run(ctx)
}

type backfill struct {
	chainID ids.ID
	to      Holder
	network Network
	log     *slog.Logger
	metrics *Metrics
	times   times
	pause   time.Duration
}

func (f *backfill) run(ctx context.Context) {
	fetched, peers := 0, newPeers(f.network, f.log, f.times)
	for ctx.Err() == nil {
		id, height, wanted, err := f.to.Older()
		if err == nil && !wanted {
			if fetched > 0 {
				f.log.Info("all blocks that this node is to hold are here", "fetched", fetched, "oldest", height+1)
			}
			return
		}
		if err == nil {
			var added int
			added, err = f.next(ctx, peers, id)
			fetched += added
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		f.log.Warn("older blocks can't be fetched now", "height", height, "error", err)
		select {
		case <-time.After(f.pause):
		case <-ctx.Done():
		}
		peers = newPeers(f.network, f.log, f.times)
	}
}

// next fetches one answer of blocks.
func (f *backfill) next(ctx context.Context, peers *peers, id ids.ID) (added int, err error) {
	var blocks []*chain.Block
	if err := peers.ask(ctx, blocksRequest(id, maxBlocks), func(answer []byte) (err error) {
		blocks, err = parseBlocks(f.chainID, answer, id, maxBlocks)
		return err
	}); err != nil {
		return 0, err
	}
	encoded := make([][]byte, len(blocks))
	for i, blk := range blocks {
		encoded[i] = blk.Bytes()
		f.metrics.received(len(encoded[i]))
	}
	return len(blocks), f.to.AddOlder(encoded)
}
