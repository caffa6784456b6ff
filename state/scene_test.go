package state

import (
	"encoding/binary"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

var testChainID = ids.ID{'s', 't', 'a', 't', 'e'}

// testGenesis returns the genesis of the tests; another one for every other time.
func testGenesis(t testing.TB, timestamp uint64) *chain.Genesis {
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = timestamp
	genesis.Limits.TransactionWindow = 5
	parsed, err := chain.ParseGenesis(genesis.Bytes())
	require.NoError(t, err)
	return parsed
}

// unclosed is a database that survives its store, as the one on disk does.
type unclosed struct{ dbm.DB }

func (unclosed) Close() error { return nil }

// scene is a store to try things with.
type scene struct {
	*Store
	t       testing.TB
	db      dbm.DB
	options Options
}

func newScene(t testing.TB, options Options) *scene {
	t.Helper()
	s := &scene{t: t, db: dbm.NewMemDB(), options: options}
	s.open()
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func (s *scene) open() {
	s.t.Helper()
	var err error
	s.Store, err = Open(unclosed{s.db}, testChainID, testGenesis(s.t, 1000), s.options)
	require.NoError(s.t, err)
}

func (s *scene) reopen() {
	s.t.Helper()
	require.NoError(s.t, s.Close())
	s.open()
}

// made is a block with the state after it.
type made struct {
	fork  *Fork
	block *chain.Block
}

// build makes a block on a state. Nothing of it is committed.
func (s *scene) build(parent *Fork, do func(*Change)) made {
	s.t.Helper()
	c, err := s.Begin(parent)
	require.NoError(s.t, err)
	c.Totals.Height++
	c.Totals.Timestamp += 1000
	do(c)
	root, err := c.Root()
	require.NoError(s.t, err)
	blk := chain.NewBlock(chain.Header{
		Version:   chain.HeaderVersion,
		ChainID:   testChainID,
		Parent:    parent.Header().ID(),
		Height:    c.Totals.Height,
		Timestamp: c.Totals.Timestamp,
		StateRoot: root,
	}, nil)
	fork, err := c.Save(blk.Header)
	require.NoError(s.t, err)
	return made{fork, blk}
}

// accept makes a block on the last accepted state and accepts it.
func (s *scene) accept(do func(*Change)) *chain.Block {
	s.t.Helper()
	m := s.build(s.Accepted(), do)
	require.NoError(s.t, s.Accept(m.fork, m.block))
	return m.block
}

// numberedID returns an ID for a number.
func numberedID(n int) (id ids.ID) {
	binary.BigEndian.PutUint64(id[:], uint64(n)*0x9e3779b97f4a7c15) // all over the tree
	return id
}

// putIdentity registers a small record under a number.
func putIdentity(c *Change, n int, note byte) {
	c.PutIdentity(numberedID(n), &chain.Identity{KEMPublicKey: []byte{note}, Registered: c.Totals.Timestamp, Number: uint64(n)})
}

// addMessages appends messages of one session.
func addMessages(c *Change, session ids.ID, n int) {
	for range n {
		c.Totals.Messages++
		index := c.Totals.Messages
		c.AddMessage(index, &chain.Message{ID: numberedID(int(index)), Session: session, Sequence: index, Timestamp: c.Totals.Timestamp, Previous: index - 1})
		c.AddTransaction(numberedID(int(index)), Location{Height: c.Totals.Height, Message: index, Sequence: index})
	}
}
