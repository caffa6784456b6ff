package statesync

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/state"
)

// rebuilt returns a store that has the last state and the blocks of the window.
func (s *scene) rebuilt(t *testing.T) *state.Store {
	t.Helper()
	db, folder, last := dbm.NewMemDB(), t.TempDir(), s.store.Last()
	b, err := state.NewBuilder(db, folder, s.genesis, last)
	require.NoError(t, err)
	require.NoError(t, b.Tree(func(path state.Path, _ chain.Hash) ([]byte, error) { return s.store.Chunk(last.Height, path) }))
	for height := last.Height; b.Needs(); height-- {
		body, err := s.store.BlockBytesAt(height)
		require.NoError(t, err)
		require.NoError(t, b.AddBlock(body))
	}
	require.NoError(t, b.Finish())
	require.NoError(t, b.Close())
	store, err := state.Open(db, testChainID, s.genesis, state.Options{CacheNodes: 1000, History: 100, BlockFolder: folder})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func (s *scene) fill(ctx context.Context, store *state.Store, network Network) {
	f := &backfill{chainID: testChainID, to: store, log: slog.New(slog.DiscardHandler), network: network, times: testTimes, pause: time.Millisecond}
	f.times.patience = 50 * time.Millisecond
	f.run(ctx)
}

func TestOlderBlocksAreFetchedWhileTheChainGoesOn(t *testing.T) {
	s := newScene(t)
	store := s.rebuilt(t)
	require.EqualValues(t, 14, store.Lowest())
	s.fill(context.Background(), store, s.peers(corrupt(kindBlocks), instead(kindBlocks, nil), silent, honest))
	require.EqualValues(t, 1, store.Lowest())
	checked, err := store.Check(func(problem string) { require.Fail(t, problem) })
	require.NoError(t, err)
	require.Equal(t, sceneBlocks, checked.Blocks)
	_, _, wanted, err := store.Older()
	require.NoError(t, err)
	require.False(t, wanted)
}

// TestBlocksThatNobodyGivesAreAskedForAgain has peers that give nothing for some time.
func TestBlocksThatNobodyGivesAreAskedForAgain(t *testing.T) {
	s := newScene(t)
	store := s.rebuilt(t)
	var asked atomic.Int64
	late := func(_ context.Context, _ uint32, answer []byte, err error) ([]byte, error) {
		if asked.Add(1) < 20 {
			return nil, errors.New("busy")
		}
		return answer, err
	}
	s.fill(context.Background(), store, s.peers(late))
	require.EqualValues(t, 1, store.Lowest())

	lonely, ctx := s.rebuilt(t), context.Background()
	ctx, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	s.fill(ctx, lonely, s.peers(corrupt(kindBlocks)))
	require.EqualValues(t, 14, lonely.Lowest(), "nothing wrong is added")
}
