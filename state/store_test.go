package state

import (
	"errors"
	"fmt"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestDatabaseOfAnotherChainIsRefused(t *testing.T) {
	genesis := testGenesis(t, 1000)
	for _, test := range []struct {
		name    string
		chainID ids.ID
		genesis *chain.Genesis
		damage  func(t *testing.T, db dbm.DB)
		is      error
		says    string
	}{
		{"the same", testChainID, genesis, nil, nil, ""},
		{"another chain ID", ids.ID{'o'}, genesis, nil, refusal.ErrConfig, "one of chain " + testChainID.String()},
		{"another genesis", testChainID, testGenesis(t, 2000), nil, refusal.ErrConfig, "the genesis that the chain was made with"},
		{"another format", testChainID, genesis, func(t *testing.T, db dbm.DB) {
			require.NoError(t, db.Set([]byte{keyFormat}, uint64Bytes(formatVersion+1)))
		}, ErrFormat, fmt.Sprint("expected ", formatVersion)},
		{"no format", testChainID, genesis, func(t *testing.T, db dbm.DB) {
			require.NoError(t, db.Delete([]byte{keyFormat}))
		}, ErrFormat, fmt.Sprint("expected ", formatVersion)},
		{"no header", testChainID, genesis, func(t *testing.T, db dbm.DB) {
			require.NoError(t, db.Delete(numberKey(keyHeader, 3)))
		}, refusal.ErrNotFound, "height"},
		{"no tree", testChainID, genesis, func(t *testing.T, db dbm.DB) {
			require.NoError(t, db.Delete(rootKey(3)))
		}, nil, "opening the tree at height 3"},
		{"another tree", testChainID, genesis, func(t *testing.T, db dbm.DB) {
			value, err := db.Get(numberKey(keyHeader, 3))
			require.NoError(t, err)
			header, err := chain.ParseHeader(value)
			require.NoError(t, err)
			header.StateRoot[0] ^= 1
			require.NoError(t, db.Set(numberKey(keyHeader, 3), header.Bytes()))
		}, nil, "damaged database: the tree at height 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &scene{t: t, db: dbm.NewMemDB()}
			s.open()
			for n := range 3 {
				s.accept(mutate(uint64(n)))
			}
			require.NoError(t, s.Close())
			if test.damage != nil {
				test.damage(t, s.db)
			}
			store, err := Open(unclosed{s.db}, test.chainID, test.genesis, Options{})
			if test.says == "" {
				require.NoError(t, err)
				require.NoError(t, store.Close())
				return
			}
			require.ErrorContains(t, err, test.says)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
		})
	}
}

func TestEveryDatabaseKeepsTheChain(t *testing.T) {
	for _, backend := range []string{PebbleDB, GoLevelDB} {
		for _, blockFolder := range []string{"", t.TempDir()} {
			t.Run(backend+" "+map[bool]string{true: "alone", false: "and a block log"}[blockFolder == ""], func(t *testing.T) {
				folder := t.TempDir()
				open := func() *scene {
					db, err := OpenDatabase(backend, folder)
					require.NoError(t, err)
					store, err := Open(db, testChainID, testGenesis(t, 1000), Options{CacheNodes: 1000, BlockFolder: blockFolder, History: 2})
					require.NoError(t, err)
					return &scene{Store: store, t: t, db: db}
				}
				s := open()
				var blocks []*chain.Block
				for n := range 50 {
					if n%10 == 9 {
						require.NoError(t, s.Close())
						s = open()
					}
					blocks = append(blocks, s.accept(mutate(uint64(n))))
				}
				require.NoError(t, s.Close())
				s = open()
				defer func() { require.NoError(t, s.Close()) }()
				require.Equal(t, blocks[49].Header, s.Last())
				for i, blk := range blocks {
					height := uint64(i + 1)
					stored, err := s.BlockAt(height)
					require.NoError(t, err)
					require.Equal(t, blk.Bytes(), stored.Bytes())
					found, err := s.HeightOf(blk.ID())
					require.NoError(t, err)
					require.Equal(t, height, found)
					header, err := s.HeaderAt(height)
					require.NoError(t, err)
					require.Equal(t, blk.ID(), header.ID())
				}
				_, err := s.BlockAt(51)
				require.ErrorIs(t, err, refusal.ErrNotFound)
				_, err = s.HeightOf(ids.ID{1})
				require.ErrorIs(t, err, refusal.ErrNotFound)
				snapshot, err := s.SnapshotAt(48)
				require.NoError(t, err)
				totals, err := snapshot.Totals()
				require.NoError(t, err)
				require.EqualValues(t, 48, totals.Height)
				require.Zero(t, s.PruneErrors())
			})
		}
	}
}

func TestFolderInUseIsRefused(t *testing.T) {
	for _, backend := range []string{PebbleDB, GoLevelDB} {
		folder := t.TempDir()
		db, err := OpenDatabase(backend, folder)
		require.NoError(t, err)
		_, err = OpenDatabase(backend, folder)
		require.ErrorContains(t, err, "is another process using it?", backend)
		require.ErrorContains(t, err, folder)
		require.NoError(t, db.Close())
		db, err = OpenDatabase(backend, folder)
		require.NoError(t, err, "once it is free")
		require.NoError(t, db.Close())
	}
}

func TestUnknownDatabaseIsRefused(t *testing.T) {
	_, err := OpenDatabase("rocksdb", t.TempDir())
	require.ErrorIs(t, err, refusal.ErrConfig)
	require.ErrorContains(t, err, PebbleDB)
	db, err := OpenDatabase(MemDB, "/nowhere")
	require.NoError(t, err, "needs no folder")
	require.NoError(t, db.Close())
}

func TestLatestFollowsTheChainWithAnyCache(t *testing.T) {
	for _, leaves := range []int{0, 3, 1000} {
		s := newScene(t, Options{CacheNodes: 1000, CacheLeaves: leaves})
		model := make(map[int]byte)
		for round := range 40 {
			lost := s.build(s.Accepted(), mutate(uint64(round))) // never accepted
			s.accept(func(c *Change) {
				for n := range 5 {
					at := (round*7 + n*3) % 20
					if (round+n)%3 == 0 {
						c.RemoveIdentity(numberedID(at))
						delete(model, at)
						continue
					}
					putIdentity(c, at, byte(round))
					model[at] = byte(round)
				}
			})
			s.Reject(lost.fork)
			for n := range 20 {
				record, exists, err := s.Latest().Identity(numberedID(n))
				require.NoError(t, err)
				note, expected := model[n]
				require.Equal(t, expected, exists, "round %d, %d", round, n)
				if exists {
					require.Equal(t, []byte{note}, record.KEMPublicKey)
				}
			}
			totals, err := s.Latest().Totals()
			require.NoError(t, err)
			require.EqualValues(t, round+1, totals.Height)
		}
	}
}

// stuck is a database that takes no batches.
type stuck struct{ dbm.DB }

var errStuck = errors.New("disk full")

func (stuck) NewBatch() dbm.Batch { return stuckBatch{dbm.NewMemDB().NewBatch()} }

type stuckBatch struct{ dbm.Batch }

func (stuckBatch) WriteSync() error { return errStuck }

func TestCommitThatFailsChangesNothing(t *testing.T) {
	s := &scene{t: t, db: dbm.NewMemDB()}
	s.open()
	s.accept(mutate(1))
	before := s.Last()
	require.NoError(t, s.Close())
	store, err := Open(stuck{unclosed{s.db}}, testChainID, testGenesis(t, 1000), Options{})
	require.NoError(t, err)
	s.Store = store
	m := s.build(s.Accepted(), mutate(2))
	err = s.Accept(m.fork, m.block)
	require.ErrorIs(t, err, errStuck)
	require.ErrorContains(t, err, "committing block")
	require.Equal(t, before, s.Last())
	_, err = s.HeightOf(m.block.ID())
	require.ErrorIs(t, err, refusal.ErrNotFound)
	require.NoError(t, s.Close())
	_, err = Open(stuck{dbm.NewMemDB()}, testChainID, testGenesis(t, 1000), Options{})
	require.ErrorIs(t, err, errStuck, "a chain that can't be made")
}
