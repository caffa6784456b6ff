package statesync

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

var testChainID = ids.ID{'s', 'y', 'n', 'c'}

// testTimes are of tests, which are in a hurry.
var testTimes = times{answer: 50 * time.Millisecond, firstPause: time.Millisecond, lastPause: 4 * time.Millisecond, patience: 2 * time.Second, lookAgain: time.Millisecond}

// testCertificate is what the tests' validators sign a header with.
func testCertificate(header *chain.Header) []byte {
	id := header.ID()
	return append([]byte("certificate of "), id[:]...)
}

func verifyTest(_ context.Context, header *chain.Header, certificate []byte) error {
	if !bytes.Equal(certificate, testCertificate(header)) {
		return refusal.New(refusal.ErrProof, "a certificate", "something else")
	}
	return nil
}

// scene is a chain with some thousand leaves, which peers have. No test changes it.
type scene struct {
	t testing.TB
	*sharedChain
}

type sharedChain struct {
	genesis *chain.Genesis
	store   *state.Store
}

const (
	sceneBlocks = 20
	sceneLeaves = 150 // a block
)

func newScene(t testing.TB) *scene { return &scene{t, theChain()} }

var theChain = sync.OnceValue(func() *sharedChain {
	genesis := chain.DefaultGenesis()
	genesis.Timestamp = 1000
	genesis.Limits.TransactionWindow = 5
	genesis, err := chain.ParseGenesis(genesis.Bytes())
	must(err)
	store, err := state.Open(dbm.NewMemDB(), testChainID, genesis, state.Options{CacheNodes: 1000, CacheLeaves: 10, History: 100})
	must(err)
	c := &sharedChain{genesis, store}
	for n := range sceneBlocks {
		c.accept(n)
	}
	return c
})

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// accept makes a block that registers identities: one second after the one before.
func (s *sharedChain) accept(note int) {
	parent := s.store.Accepted()
	c, err := s.store.Begin(parent)
	must(err)
	c.Totals.Height++
	c.Totals.Timestamp += 1000
	for range sceneLeaves {
		c.Totals.Identities++
		var id ids.ID
		binary.BigEndian.PutUint64(id[:], c.Totals.Identities*0x9e3779b97f4a7c15)
		c.PutIdentity(id, &chain.Identity{KEMPublicKey: bytes.Repeat([]byte{byte(note)}, 200), Registered: c.Totals.Timestamp, Number: c.Totals.Identities})
	}
	root, err := c.Root()
	must(err)
	blk := chain.NewBlock(chain.Header{
		Version: chain.HeaderVersion, ChainID: testChainID, Parent: parent.Header().ID(), Height: c.Totals.Height,
		Timestamp: c.Totals.Timestamp, StateRoot: root, ValidatorSetHash: chain.Hash{1},
	}, nil)
	fork, err := c.Save(blk.Header)
	must(err)
	must(s.store.Accept(fork, blk))
}

func (s *scene) summary() Summary { return Summary{s.store.Last()} }

// SummaryCertificate implements Source.
func (s *scene) SummaryCertificate(height uint64) ([]byte, error) {
	header, err := s.store.HeaderAt(height)
	if err != nil {
		return nil, err
	}
	return testCertificate(header), nil
}

// Chunk implements Source.
func (s *scene) Chunk(height uint64, path state.Path) ([]byte, error) {
	return s.store.Chunk(height, path)
}

// HeaderByID implements Source.
func (s *scene) HeaderByID(id ids.ID) (*chain.Header, error) {
	height, err := s.store.HeightOf(id)
	if err != nil {
		return nil, err
	}
	return s.store.HeaderAt(height)
}

// BlockBytes implements Source.
func (s *scene) BlockBytes(id ids.ID) ([]byte, error) {
	height, err := s.store.HeightOf(id)
	if err != nil {
		return nil, err
	}
	return s.store.BlockBytesAt(height)
}

// behaviour is what a peer does with a request, and the answer that an honest one gives.
type behaviour func(ctx context.Context, kind uint32, answer []byte, err error) ([]byte, error)

func honest(_ context.Context, _ uint32, answer []byte, err error) ([]byte, error) {
	return answer, err
}

func silent(ctx context.Context, _ uint32, _ []byte, _ error) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// testNetwork is peers of a scene.
type testNetwork struct {
	*Server
	behave []behaviour

	mu    sync.Mutex
	asked map[ids.NodeID][]string // requests
}

// peers returns a network of peers with a behaviour each.
func (s *scene) peers(behave ...behaviour) *testNetwork {
	return &testNetwork{Server: NewServer(func() Source { return s }), behave: behave, asked: make(map[ids.NodeID][]string)}
}

// Peers implements Network.
func (n *testNetwork) Peers() (all []ids.NodeID) {
	for i := range n.behave {
		all = append(all, ids.NodeID{byte(i)})
	}
	return all
}

// Request implements Network.
func (n *testNetwork) Request(ctx context.Context, node ids.NodeID, message []byte) ([]byte, error) {
	n.mu.Lock()
	n.asked[node] = append(n.asked[node], string(message))
	n.mu.Unlock()
	answer, err := n.Answer(ctx, message)
	kind := uint32(0)
	if r, err := parseRequest(message); err == nil {
		kind = r.Kind
	}
	return n.behave[node[0]](ctx, kind, answer, err)
}

// requests returns how many requests of a kind there were; 0: of all kinds.
func (n *testNetwork) requests(kind uint32) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, messages := range n.asked {
		for _, message := range messages {
			if r, err := parseRequest([]byte(message)); err == nil && (kind == 0 || r.Kind == kind) {
				count++
			}
		}
	}
	return count
}

func (s *scene) options(network Network, data string) Options {
	return Options{
		Network: network, Log: slog.New(slog.DiscardHandler), DataDir: data, Database: state.GoLevelDB, Genesis: s.genesis,
		Verify: verifyTest, times: testTimes,
	}
}

// requireJoined requires that a folder has the chain at the last block.
func (s *scene) requireJoined(data string) {
	s.t.Helper()
	require.NoError(s.t, Install(data))
	require.NoDirExists(s.t, stagingFolder(data))
	db, err := state.OpenDatabase(state.GoLevelDB, data)
	require.NoError(s.t, err)
	joined, err := state.Open(db, testChainID, s.genesis, state.Options{CacheNodes: 1000, CacheLeaves: 10, History: 100, BlockFolder: state.BlockFolder(data)})
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, joined.Close()) }()
	last := s.store.Last()
	require.Equal(s.t, last, joined.Last())
	checked, err := joined.Check(func(problem string) { require.Fail(s.t, problem) })
	require.NoError(s.t, err)
	require.Equal(s.t, sceneBlocks*sceneLeaves+1, checked.Leaves)
	require.EqualValues(s.t, 14, joined.Lowest(), "blocks of the transaction window")
	certificate, err := joined.Certificate(last.Height, last.ValidatorSetHash)
	require.NoError(s.t, err)
	require.Equal(s.t, testCertificate(last), certificate)
}

// requireNothingWrong requires that all that is kept is what honest peers have.
func (s *scene) requireNothingWrong(data string) {
	s.t.Helper()
	if _, err := os.Stat(filepath.Join(stagingFolder(data), summaryFile)); errors.Is(err, os.ErrNotExist) {
		return
	}
	staged, err := openStaging(data, s.summary().Bytes())
	require.NoError(s.t, err)
	defer staged.close()
	good := make(map[string]bool)
	require.NoError(s.t, s.store.Chunks(s.store.Last(), func(chunk []byte) error {
		good[string(chunk)] = true
		return nil
	}))
	for height := uint64(1); height <= s.store.Last().Height; height++ {
		body, err := s.store.BlockBytesAt(height)
		require.NoError(s.t, err)
		good[string(body)] = true
	}
	for hash := range staged.index {
		kept, err := staged.get(hash)
		require.NoError(s.t, err)
		require.True(s.t, good[string(kept)])
	}
}
