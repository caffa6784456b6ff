package gossip

import (
	"context"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	nodelog "github.com/luxfi/log"
	"github.com/luxfi/math/set"
	"github.com/luxfi/p2p"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/vm"
)

// The tests run in bubbles of testing/synctest: the clock stands until nobody has anything
// to do, and a goroutine that outlives its chain fails the test.

var testChainID = ids.ID{'t', 'e', 's', 't'}

// requestTimeout is when a node says that an answer is not coming.
const requestTimeout = 10 * time.Second

// testNetwork carries messages between nodes, as badly as a test wants it.
type testNetwork struct {
	t       *testing.T
	genesis []byte
	upgrade []byte // file
	nodes   []*testNode
	flying  sync.WaitGroup

	mu     sync.Mutex
	random *rand.Rand
	loss   float64       // share of the messages that are lost
	delay  time.Duration // the longest way of a message
	pushed map[ids.NodeID]map[chain.Hash]int
	pulls  int // answers
	most   int // bytes of an answer
}

// testNode is a chain and its gossip.
type testNode struct {
	*vm.VM
	id      ids.NodeID
	net     *testNetwork
	network *p2p.Network
	gossip  *Gossip
	metrics *prometheus.Registry
}

// inNetwork runs a test in a bubble with a network of nodes that are all connected.
func inNetwork(t *testing.T, nodes int, config string, test func(t *testing.T, n *testNetwork)) {
	synctest.Test(t, func(t *testing.T) {
		genesis := chain.DefaultGenesis()
		genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
		genesis.Timestamp = uint64(time.Now().UnixMilli())
		n := &testNetwork{
			t:       t,
			genesis: genesis.Bytes(),
			random:  rand.New(rand.NewPCG(1, uint64(nodes))),
			delay:   10 * time.Millisecond,
			pushed:  make(map[ids.NodeID]map[chain.Hash]int),
		}
		defer func() {
			for _, node := range n.nodes {
				node.leave()
			}
			n.flying.Wait()
		}()
		for range nodes {
			n.join(config)
		}
		test(t, n)
	})
}

// join adds a node in normal operation.
func (n *testNetwork) join(config string) *testNode {
	n.t.Helper()
	node := &testNode{VM: vm.New(), id: ids.NodeID{byte(len(n.nodes) + 1)}, net: n, metrics: prometheus.NewRegistry()}
	var err error
	node.network, err = p2p.NewNetwork(nodelog.NewNoOpLogger(), node, nil, "")
	require.NoError(n.t, err)
	log := slog.New(slog.DiscardHandler)
	node.gossip, err = New(Options{Chain: node.VM, Network: node.network, Log: log, Metrics: node.metrics})
	require.NoError(n.t, err)
	ctx := context.Background()
	require.NoError(n.t, node.Initialize(ctx, vm.Host{
		ChainID:   testChainID,
		NodeID:    node.id,
		Log:       log,
		Database:  dbm.NewMemDB(),
		Submitted: node.gossip.Submitted,
		Upgrades:  n.upgrade,
	}, n.genesis, []byte(config)))
	require.NoError(n.t, node.SetState(ctx, vm.NormalOperation))
	n.mu.Lock()
	others := n.nodes
	n.nodes = append(n.nodes[:len(n.nodes):len(n.nodes)], node)
	n.mu.Unlock()
	for _, other := range others {
		require.NoError(n.t, other.network.Connected(ctx, node.id, nil))
		require.NoError(n.t, node.network.Connected(ctx, other.id, nil))
	}
	node.gossip.Start()
	return node
}

func (n *testNode) leave() {
	n.gossip.Stop()
	require.NoError(n.net.t, n.Shutdown(context.Background()))
}

// set makes the network lose a share of the messages, and take up to a time for the others.
func (n *testNetwork) set(loss float64, delay time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.loss, n.delay = loss, delay
}

// pulled is how many pulls have been answered.
func (n *testNetwork) pulled() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.pulls
}

// carry brings a message to a node, later, or never.
func (n *testNetwork) carry(to ids.NodeID, arrive func(*testNode)) (lost bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.random.Float64() < n.loss {
		return true
	}
	way := time.Duration(n.random.Int64N(int64(n.delay) + 1))
	for _, node := range n.nodes {
		if node.id == to {
			n.flying.Go(func() {
				time.Sleep(way)
				arrive(node)
			})
			return false
		}
	}
	return true
}

// SendGossip implements p2p.Sender.
func (n *testNode) SendGossip(_ context.Context, to p2p.SendConfig, message []byte) error {
	require.Empty(n.net.t, to.NodeIDs)
	transactions, err := parseTransactions(message[1:])
	require.NoError(n.net.t, err)
	n.net.mu.Lock()
	var targets []ids.NodeID
	for _, i := range n.net.random.Perm(len(n.net.nodes)) {
		if other := n.net.nodes[i]; other != n && len(targets) < to.Validators {
			targets = append(targets, other.id)
		}
	}
	if n.net.pushed[n.id] == nil {
		n.net.pushed[n.id] = make(map[chain.Hash]int)
	}
	for _, encoded := range transactions {
		tx, err := chain.ParseTransaction(testChainID, encoded)
		require.NoError(n.net.t, err)
		n.net.pushed[n.id][tx.Leaf()] += len(targets)
	}
	n.net.mu.Unlock()
	for _, target := range targets {
		n.net.carry(target, func(other *testNode) {
			require.NoError(n.net.t, other.network.Gossip(context.Background(), n.id, message))
		})
	}
	return nil
}

// SendRequest implements p2p.Sender.
func (n *testNode) SendRequest(_ context.Context, nodes set.Set[ids.NodeID], request uint32, message []byte) error {
	for node := range nodes {
		if n.net.carry(node, func(other *testNode) {
			_, failure := other.network.Request(context.Background(), n.id, request, time.Now().Add(requestTimeout), message)
			require.Nil(n.net.t, failure)
		}) {
			n.fail(node, request)
		}
	}
	return nil
}

// fail tells that a request to a node has no answer, when a node does.
func (n *testNode) fail(to ids.NodeID, request uint32) {
	n.net.flying.Go(func() {
		time.Sleep(requestTimeout)
		require.NoError(n.net.t, n.network.RequestFailed(context.Background(), to, request, p2p.ErrUnexpected))
	})
}

// SendResponse implements p2p.Sender.
func (n *testNode) SendResponse(_ context.Context, node ids.NodeID, request uint32, message []byte) error {
	n.net.mu.Lock()
	n.net.pulls++
	n.net.most = max(n.net.most, len(message))
	n.net.mu.Unlock()
	lost := n.net.carry(node, func(other *testNode) {
		require.NoError(n.net.t, other.network.Response(context.Background(), n.id, request, message))
	})
	if other := n.net.node(node); lost && other != nil {
		other.fail(n.id, request)
	}
	return nil
}

// SendError implements p2p.Sender.
func (n *testNode) SendError(_ context.Context, node ids.NodeID, request uint32, code int32, reason string) error {
	n.net.carry(node, func(other *testNode) {
		require.NoError(n.net.t, other.network.RequestFailed(context.Background(), n.id, request, &p2p.Error{Code: code, Message: reason}))
	})
	return nil
}

func (n *testNetwork) node(id ids.NodeID) *testNode {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, node := range n.nodes {
		if node.id == id {
			return node
		}
	}
	return nil
}

// submit gives a transaction to a node as a client does.
func (n *testNode) submit(tx *chain.Transaction) {
	n.net.t.Helper()
	require.NoError(n.net.t, n.Submit(context.Background(), tx, ""))
}

// pushes gives a node a push of a peer, and waits until it is dealt with.
func (n *testNode) pushes(from ids.NodeID, message []byte) {
	n.net.t.Helper()
	require.NoError(n.net.t, n.network.Gossip(context.Background(), from, append(p2p.ProtocolPrefix(p2p.TxGossipHandlerID), message...)))
	synctest.Wait()
}

// holds says how many of the transactions the node holds.
func (n *testNode) holds(transactions []*chain.Transaction) (count int) {
	for _, tx := range transactions {
		if n.Holds(tx.ID()) {
			count++
		}
	}
	return count
}

// metric is the value of one of the gossip's metrics, with a value of its label; "": it has
// none.
func (n *testNode) metric(name, label string) int {
	families, err := n.metrics.Gather()
	require.NoError(n.net.t, err)
	for _, family := range families {
		if family.GetName() != "sessionvm_gossip_"+name {
			continue
		}
		for _, metric := range family.Metric {
			if label == "" || metric.Label[0].GetValue() == label {
				return int(metric.Counter.GetValue())
			}
		}
	}
	return 0
}

// dropped is how many transactions were dropped for a reason, and droppedMessages messages.
func (n *testNode) dropped(reason string) int { return n.metric("dropped_transactions_total", reason) }

func (n *testNode) droppedMessages(reason string) int {
	return n.metric("dropped_messages_total", reason)
}

// block makes a block on the node and accepts it on all that are given.
func (n *testNode) block(on ...*testNode) {
	t, ctx := n.net.t, context.Background()
	t.Helper()
	built, err := n.BuildBlock(ctx)
	require.NoError(t, err)
	for _, node := range on {
		parsed, err := node.ParseBlock(ctx, built.Bytes())
		require.NoError(t, err)
		require.NoError(t, parsed.Verify(ctx))
		require.NoError(t, node.SetPreference(ctx, parsed.ID()))
		require.NoError(t, parsed.Accept(ctx))
	}
}

// identity returns an identity that is the same in every run.
func identity(n int) *pq.Identity {
	seed := make([]byte, pq.SeedSize)
	binary.BigEndian.PutUint32(seed, uint32(n))
	identity, err := pq.IdentityFromSeed(seed)
	if err != nil {
		panic(err)
	}
	return identity
}

func deadline() uint64 { return uint64(time.Now().Add(4 * time.Minute).UnixMilli()) }

// sign returns the signed transaction of a body; nil signs nothing.
func sign(t *testing.T, signer *pq.Identity, body chain.Body) *chain.Transaction {
	t.Helper()
	var signature []byte
	if signer != nil {
		var err error
		signature, err = signer.SignDeterministic(body.Context(), chain.SigningBytes(testChainID, body))
		require.NoError(t, err)
	}
	tx, err := chain.NewTransaction(testChainID, body, signature)
	require.NoError(t, err)
	return tx
}

func registration(t *testing.T, n int) *chain.Transaction {
	public := identity(n).Public()
	return sign(t, nil, &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: deadline()})
}

// plain returns a session that nobody signs, the cheapest of transactions.
func plain(t *testing.T, nonce int) *chain.Transaction {
	body := &chain.CreateSession{Nonce: uint64(nonce), Deadline: deadline()}
	for i := range 2 {
		public := twoIdentities()[i].Public()
		body.Participants = append(body.Participants, twoIdentities()[i].ID())
		body.PublicKeys = append(body.PublicKeys, public.KEM)
	}
	return sign(t, nil, body)
}

var twoIdentities = sync.OnceValue(func() [2]*pq.Identity { return [2]*pq.Identity{identity(1), identity(2)} })

// session registers two identities on all nodes and returns their session.
func (n *testNetwork) session() ids.ID {
	t, first := n.t, n.nodes[0]
	t.Helper()
	first.submit(registration(t, 1))
	first.submit(registration(t, 2))
	first.block(n.nodes...)
	create := plain(t, 0).Body.(*chain.CreateSession)
	create.Creator = twoIdentities()[0].ID()
	tx := sign(t, twoIdentities()[0], create)
	first.submit(tx)
	first.block(n.nodes...)
	return chain.SessionID(first.Genesis().Prefix(), testChainID, tx.ID())
}

func message(t *testing.T, session ids.ID, text string) *chain.Transaction {
	sender := twoIdentities()[0]
	return sign(t, sender, &chain.SendMessage{Session: session, Sender: sender.ID(), Ciphertext: []byte(text)})
}

// forged returns the transaction with a signature that is wrong, and so the same ID.
func forged(t *testing.T, tx *chain.Transaction, at int) *chain.Transaction {
	signature := append([]byte(nil), tx.Signature...)
	signature[at] ^= 1
	bad, err := chain.NewTransaction(testChainID, tx.Body, signature)
	require.NoError(t, err)
	return bad
}

func push(transactions ...*chain.Transaction) (message []byte) {
	for _, tx := range transactions {
		message = appendTransaction(message, tx)
	}
	return message
}
