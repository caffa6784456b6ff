package vm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

const testNetworkID = 12345

// testNetwork is five validators of one chain, and a platform that tells of them. It is the
// platform of each and the network between them.
type testNetwork struct {
	t    *testing.T
	keys []*testKey

	mu      sync.Mutex
	nodes   []*testChain
	down    map[ids.NodeID]bool
	sets    map[uint64][]signing.Validator // by platform height
	sources map[ids.ID][]signing.Validator // of other chains
	height  uint64
}

// testKey is a validator's BLS key.
type testKey struct{ *signing.SecretKey }

func (testKey) Ciphersuite(context.Context) (warp.Ciphersuite, error) {
	return warp.CiphersuitePOP, nil
}

func (k testKey) Sign(_ context.Context, m *warp.UnsignedMessage) (warp.Signature, error) {
	return k.SecretKey.Sign(warp.CiphersuitePOP, m.Bytes())
}

func nodeID(i int) ids.NodeID { return ids.NodeID{byte(i + 1)} }

func startNetwork(t *testing.T, size int, changes ...func(*chain.Genesis)) *testNetwork {
	t.Helper()
	n := &testNetwork{t: t, down: make(map[ids.NodeID]bool), sets: make(map[uint64][]signing.Validator)}
	clock := newClock()
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = clock.millis()
	for _, change := range changes {
		change(genesis)
	}
	for i := range size {
		seed := make([]byte, signing.SeedSize)
		seed[0] = byte(i)
		signer, err := signing.SecretKeyFromSeed(seed)
		require.NoError(t, err)
		n.keys = append(n.keys, &testKey{signer})
		n.nodes = append(n.nodes, &testChain{t: t, clock: clock, db: dbm.NewMemDB(), genesis: genesis.Bytes()})
		n.start(i)
	}
	t.Cleanup(func() {
		for _, node := range n.nodes {
			require.NoError(t, node.Shutdown(context.Background()))
		}
	})
	return n
}

// start starts a node on its database.
func (n *testNetwork) start(i int) {
	n.t.Helper()
	node := n.nodes[i]
	n.mu.Lock()
	node.VM = New()
	n.mu.Unlock()
	require.NoError(n.t, node.Initialize(context.Background(), Host{
		NetworkID: testNetworkID,
		ChainID:   testChainID,
		NodeID:    nodeID(i),
		Log:       slog.New(slog.DiscardHandler),
		Clock:     node.clock.Now,
		Database:  unclosed{node.db},
		Platform:  n,
		Signer:    n.keys[i],
		Network:   n,
		Keys:      func() ([]*pq.DSAKey, error) { return n.dsaKeys(i), nil },
	}, node.genesis, nil))
	require.NoError(n.t, node.SetState(context.Background(), NormalOperation))
}

// dsaKeys returns a node's ML-DSA-65 keys: two, so that it can replace one.
func (n *testNetwork) dsaKeys(node int) []*pq.DSAKey {
	return []*pq.DSAKey{dsaKey(byte(100 + node)), dsaKey(byte(200 + node))}
}

// setValidators makes the nodes validators of weight 1 from a platform height on.
func (n *testNetwork) setValidators(height uint64, nodes ...int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.height, n.sets[height] = height, nil
	for _, i := range nodes {
		n.sets[height] = append(n.sets[height], signing.Validator{Node: nodeID(i), PublicKey: n.keys[i].PublicKey().Uncompressed(), Weight: 1})
	}
}

func (n *testNetwork) setDown(down bool, nodes ...int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range nodes {
		n.down[nodeID(i)] = down
	}
}

func (n *testNetwork) CurrentHeight(context.Context) (uint64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.height, nil
}

func (n *testNetwork) Validators(_ context.Context, height uint64) ([]signing.Validator, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	set, ok := n.sets[height]
	if !ok {
		return nil, fmt.Errorf("platform height %d is not known yet", height)
	}
	return set, nil
}

// SourceValidators: those of another chain are the same at all heights.
func (n *testNetwork) SourceValidators(_ context.Context, source ids.ID, _ uint64) ([]signing.Validator, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	set, ok := n.sources[source]
	if !ok {
		return nil, fmt.Errorf("chain %s is not known", source)
	}
	return set, nil
}

func (n *testNetwork) RequestSignature(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	to, err := n.connect(node)
	if err != nil {
		return nil, err
	}
	return to.collector.Respond(ctx, request)
}

func (n *testNetwork) RequestAttestation(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	to, err := n.connect(node)
	if err != nil {
		return nil, err
	}
	return to.collector.Attest(ctx, request)
}

func (n *testNetwork) connect(node ids.NodeID) (*VM, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down[node] {
		return nil, errors.New("no connection")
	}
	return n.nodes[node[0]-1].VM, nil
}

// accept has the first node build a block, which the nodes accept.
func (n *testNetwork) accept(pChainHeight uint64, nodes []*testChain, transactions ...*chain.Transaction) *chain.Header {
	n.t.Helper()
	ctx := context.Background()
	for _, tx := range transactions {
		require.NoError(n.t, n.nodes[0].Submit(ctx, tx, ""))
	}
	context := Context{PChainHeight: pChainHeight}
	built, err := n.nodes[0].BuildBlockWithContext(ctx, context)
	require.NoError(n.t, err)
	for _, node := range nodes {
		parsed := node.parse(built.Block)
		require.NoError(n.t, parsed.VerifyWithContext(ctx, context))
		require.NoError(n.t, node.SetPreference(ctx, parsed.ID()))
		require.NoError(n.t, parsed.Accept(ctx))
	}
	return built.Header
}

func (n *testNetwork) verify(c *warp.Certificate, header *chain.Header, by *signing.Validators) {
	n.t.Helper()
	v := warp.Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: warp.CiphersuitePOP}
	_, err := v.VerifyCertificateBy(c, header, by.ValidatorSet, warp.DefaultQuorum)
	require.NoError(n.t, err)
}

func TestValidatorsCertifyBlocksAndDeliveries(t *testing.T) {
	ctx := context.Background()
	n := startNetwork(t, 5)
	n.setValidators(10, 0, 1, 2, 3)
	first := n.nodes[0]
	alice, bob := identity(1), identity(2)
	create := sign(t, nil, first.sessionBody(nil, alice, bob))
	text := first.message(alice, first.sessionID(create), "hello")

	genesis, err := first.HeaderAt(0)
	require.NoError(t, err)
	_, err = first.Certificates()
	require.ErrorIs(t, err, refusal.ErrValidatorSet, "nobody stands behind a chain without validators")
	_, err = first.collector.Certificate(ctx, genesis, nil)
	require.ErrorIs(t, err, refusal.ErrValidatorSet, "nobody stands behind a chain without validators")

	n.accept(10, n.nodes, first.registration(alice), create)
	header := n.accept(10, n.nodes, text)
	transcript := chain.NextTranscript(chain.FirstTranscript(first.sessionID(create)), text.ID(), header.Timestamp)
	require.Equal(t, uint64(10), header.PChainHeight)
	old, err := first.ValidatorsAt(ctx, 10)
	require.NoError(t, err)

	// Each node collects the same block's certificate, from those that are there.
	n.setDown(true, 3)
	for _, node := range n.nodes {
		certificate, err := node.collector.Certificate(ctx, header, nil)
		require.NoError(t, err)
		n.verify(certificate, header, old)
	}
	kept, err := first.collector.Certificate(ctx, header, nil)
	require.NoError(t, err)
	// It is kept: when nobody is there any more, and after a restart.
	n.setDown(true, 1, 2)
	require.NoError(t, first.Shutdown(ctx))
	n.start(0)
	again, err := first.collector.Certificate(ctx, header, nil)
	require.NoError(t, err)
	require.Equal(t, kept.Bytes(), again.Bytes())

	// A delivery is signed by whom the receiver knows: by the new set too.
	n.setDown(false, 1, 2, 3)
	n.setValidators(20, 2, 3, 4)
	verifier := warp.Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: warp.CiphersuitePOP}
	current, height, err := first.CurrentValidators(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(20), height)
	for _, set := range []*signing.Validators{old, current} {
		signed, err := first.collector.Delivery(ctx, text.ID(), set)
		require.NoError(t, err)
		_, err = verifier.VerifyMessage(signed, set.ValidatorSet)
		require.NoError(t, err)
		delivery, err := signed.Delivery()
		require.NoError(t, err)
		require.Equal(t, warp.Delivery{
			Type: warp.MessageType, ChainID: testChainID, Height: 2, StateRoot: header.StateRoot, Session: first.sessionID(create),
			Transaction: text.ID(), Sequence: 1, Sender: alice.ID(), Transcript: transcript,
		}, *delivery)
	}
	_, err = first.collector.Delivery(ctx, create.ID(), current)
	require.ErrorIs(t, err, refusal.ErrNotFound, "neither a message nor a receipt")

	// So is a receipt.
	n.accept(20, n.nodes, first.registration(bob))
	read := first.receipt(bob, first.sessionID(create), 1)
	_, err = first.collector.Delivery(ctx, read.ID(), current)
	require.ErrorIs(t, err, refusal.ErrNotFound, "not accepted")
	header = n.accept(20, n.nodes, read)
	signed, err := first.collector.Delivery(ctx, read.ID(), current)
	require.NoError(t, err)
	_, err = verifier.VerifyMessage(signed, current.ValidatorSet)
	require.NoError(t, err)
	delivery, err := signed.Delivery()
	require.NoError(t, err)
	require.Equal(t, warp.Delivery{
		Type: warp.ReceiptType, ChainID: testChainID, Height: 4, StateRoot: header.StateRoot, Session: first.sessionID(create),
		Transaction: read.ID(), Sequence: 1, Sender: bob.ID(), Transcript: transcript,
	}, *delivery)
}

// TestAHandoverIsCollectedWhenTheValidatorsChange, and kept: the old ones may be gone when
// somebody asks.
func TestAHandoverIsCollectedWhenTheValidatorsChange(t *testing.T) {
	ctx := context.Background()
	n := startNetwork(t, 4)
	n.setValidators(10, 0, 1)
	first := n.nodes[0]
	n.accept(10, n.nodes, first.registration(identity(1)))
	n.setValidators(20, 2, 3)
	header := n.accept(20, n.nodes, first.registration(identity(2)))
	old, err := first.ValidatorsAt(ctx, 10)
	require.NoError(t, err)
	own, err := first.ValidatorsAt(ctx, 20)
	require.NoError(t, err)
	for _, by := range []*signing.Validators{old, own} {
		require.Eventually(t, func() bool {
			_, err := first.collector.KeptCertificate(header, by)
			return err == nil
		}, 20*time.Second, time.Millisecond)
	}
	n.setDown(true, 0, 1, 2, 3)
	require.NoError(t, first.Shutdown(ctx))
	n.start(0)
	for _, by := range []*signing.Validators{old, own} {
		certificate, err := first.collector.Certificate(ctx, header, by)
		require.NoError(t, err)
		n.verify(certificate, header, by)
	}
}

// TestAHandoverDoesNotWaitForTheNewValidators: they can sign later, the old ones perhaps not.
func TestAHandoverDoesNotWaitForTheNewValidators(t *testing.T) {
	ctx := context.Background()
	n := startNetwork(t, 4)
	n.setValidators(10, 0, 1)
	first := n.nodes[0]
	n.accept(10, n.nodes, first.registration(identity(1)))
	n.setValidators(20, 2, 3)
	n.setDown(true, 2, 3)
	header := n.accept(20, n.nodes, first.registration(identity(2)))
	old, err := first.ValidatorsAt(ctx, 10)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, err := first.collector.KeptCertificate(header, old)
		return err == nil
	}, 20*time.Second, time.Millisecond)
	n.setDown(true, 0, 1)
	certificate, err := first.collector.Certificate(ctx, header, old)
	require.NoError(t, err)
	n.verify(certificate, header, old)
}

// TestNobodySignsForNobody: a chain's first blocks may commit to a set without validators.
// There is nothing to collect, and nothing to warn of.
func TestNobodySignsForNobody(t *testing.T) {
	n := startNetwork(t, 2)
	n.setValidators(10)
	n.setValidators(20, 0, 1)
	first := n.nodes[0]
	for i, height := range []uint64{10, 20} {
		header := n.accept(height, n.nodes, first.registration(identity(i)))
		require.NoError(t, first.collector.CertifyHandover(header.Height))
	}
}

// TestNobodyCertifiesABlockThatOthersDoNotHave: a node that is alone gets no quorum.
func TestNobodyCertifiesABlockThatOthersDoNotHave(t *testing.T) {
	n := startNetwork(t, 3)
	n.setValidators(10, 0, 1, 2)
	first := n.nodes[0]
	n.accept(10, n.nodes, first.registration(identity(1)))
	header := n.accept(10, n.nodes[:1], first.registration(identity(2)))
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := first.collector.Certificate(ctx, header, nil)
	require.ErrorIs(t, err, refusal.ErrWaitTimeout)
	require.ErrorContains(t, err, "try again")
	_, err = first.store.Certificate(header.Height, header.ValidatorSetHash)
	require.ErrorIs(t, err, refusal.ErrNotFound)
}

func TestABlockThatCommitsToOtherValidatorsIsRefused(t *testing.T) {
	ctx := context.Background()
	n := startNetwork(t, 2)
	n.setValidators(10, 0, 1)
	n.setValidators(20, 0)
	first, second := n.nodes[0], n.nodes[1]
	require.NoError(t, first.Submit(ctx, first.registration(identity(1)), ""))
	built, err := first.BuildBlockWithContext(ctx, Context{PChainHeight: 10})
	require.NoError(t, err)
	for name, change := range map[string]func(h *chain.Header){
		"another height":   func(h *chain.Header) { h.PChainHeight = 20 },
		"another set":      func(h *chain.Header) { h.ValidatorSetHash[0]++ },
		"no set":           func(h *chain.Header) { h.ValidatorSetHash = chain.Hash{} },
		"nothing at all":   func(h *chain.Header) { h.PChainHeight, h.ValidatorSetHash = 0, chain.Hash{} },
		"set at no height": func(h *chain.Header) { h.PChainHeight = 0 },
	} {
		header := *built.Header
		change(&header)
		forged := second.parse(chain.NewBlock(header, built.Transactions))
		t.Run(name, func(t *testing.T) {
			second.requireRefused(forged.VerifyWithContext(ctx, Context{PChainHeight: 10}), refusal.ErrValidatorSet)
		})
	}
	// A height that the platform does not know yet is nobody's fault: later it may be right.
	blk := second.parse(built.Block)
	require.ErrorContains(t, blk.VerifyWithContext(ctx, Context{PChainHeight: 30}), "not known yet")
	require.NoError(t, second.ready())
	require.NoError(t, blk.VerifyWithContext(ctx, Context{PChainHeight: 10}))
}
