package gossip

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
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
	"github.com/luxfi/session/vm"
)

// The tests run in bubbles of testing/synctest: the clock stands until nobody has anything
// to do, and a goroutine that outlives its chain fails the test.

var testChainID = ids.ID{'t', 'e', 's', 't'}

// requestTimeout is when a node says that an answer is not coming.
const requestTimeout = 10 * time.Second

// testNetwork carries messages between nodes, as badly as a test wants it.
type testNetwork struct {
	t        *testing.T
	genesis  []byte
	upgrade  []byte // file
	stem     bool
	platform vm.Platform
	nodes    []*testNode
	flying   sync.WaitGroup
	silent   atomic.Bool // no pull arrives: they come at times that differ from run to run

	mu     sync.Mutex
	sent   map[link]uint64    // messages
	loss   float64            // share of the messages that are lost
	delay  time.Duration      // the longest way of a message
	free   map[link]time.Time // when all has arrived
	heard  []hearing
	deaf   map[ids.NodeID]bool // who drops what comes along stems
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

// link is the way of messages of a kind from one node to another, or to all.
type link struct {
	from, to ids.NodeID
	gossip   bool
}

// random returns random numbers for a link's next message, which do not depend on what goes over others.
func (n *testNetwork) random(way link) *rand.Rand {
	kind := 0
	if way.gossip {
		kind = 1
	}
	n.sent[way]++
	return rand.New(rand.NewPCG(uint64(way.from[0])<<16|uint64(way.to[0])<<8|uint64(kind), n.sent[way]))
}

// hearing is a transaction that a node has got of another.
type hearing struct {
	tx       chain.Hash
	from, to ids.NodeID
	stem     bool
	at       time.Time
}

// inNetwork runs a test in a bubble with a network of nodes that are all connected, and without stems.
func inNetwork(t *testing.T, nodes int, config string, test func(t *testing.T, n *testNetwork)) {
	inAnyNetwork(t, nodes, config, false, test)
}

// inStemNetwork is inNetwork with stems.
func inStemNetwork(t *testing.T, nodes int, test func(t *testing.T, n *testNetwork)) {
	inAnyNetwork(t, nodes, "", true, func(t *testing.T, n *testNetwork) {
		time.Sleep(stemRefresh) // until all have chosen
		synctest.Wait()
		test(t, n)
	})
}

func inAnyNetwork(t *testing.T, nodes int, config string, stem bool, test func(t *testing.T, n *testNetwork)) {
	synctest.Test(t, func(t *testing.T) {
		genesis := chain.DefaultGenesis()
		genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
		genesis.Timestamp = uint64(time.Now().UnixMilli())
		n := &testNetwork{
			t:       t,
			genesis: genesis.Bytes(),
			stem:    stem,
			sent:    make(map[link]uint64),
			free:    make(map[link]time.Time),
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
	node.gossip.stem.random = rand.New(rand.NewPCG(3, uint64(node.id[0])))
	if !n.stem {
		config = `{"stem":false` + strings.Replace(","+cmp.Or(config, "{}")[1:], ",}", "}", 1)
	}
	ctx := context.Background()
	require.NoError(n.t, node.Initialize(ctx, vm.Host{
		ChainID:   testChainID,
		NodeID:    node.id,
		Log:       log,
		Database:  dbm.NewMemDB(),
		Submitted: node.gossip.Submitted,
		Upgrades:  n.upgrade,
		Platform:  n.platform,
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

// carry brings a message to a node, later and after what the other has sent it before, or never.
func (n *testNetwork) carry(way link, arrive func(*testNode)) (lost bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	random := n.random(way)
	if random.Float64() < n.loss {
		return true
	}
	now := time.Now()
	at := now.Add(time.Duration(random.Int64N(int64(n.delay) + 1)))
	if free := n.free[way]; !at.After(free) {
		at = free.Add(time.Microsecond)
	}
	n.free[way] = at
	for _, node := range n.nodes {
		if node.id == way.to {
			n.flying.Go(func() {
				time.Sleep(at.Sub(now))
				arrive(node)
			})
			return false
		}
	}
	return true
}

// SendGossip implements p2p.Sender.
func (n *testNode) SendGossip(_ context.Context, to p2p.SendConfig, message []byte) error {
	transactions, err := parseTransactions(message[1:])
	require.NoError(n.net.t, err)
	n.net.mu.Lock()
	targets := to.NodeIDs.List()
	for _, i := range n.net.random(link{from: n.id}).Perm(len(n.net.nodes)) {
		if other := n.net.nodes[i]; other != n && len(targets) < to.Validators {
			targets = append(targets, other.id)
		}
	}
	if n.net.pushed[n.id] == nil {
		n.net.pushed[n.id] = make(map[chain.Hash]int)
	}
	stem := message[0] == StemHandlerID
	for _, leaf := range leavesOf(n.net.t, transactions) {
		if !stem {
			n.net.pushed[n.id][leaf] += len(targets)
		}
	}
	n.net.mu.Unlock()
	for _, target := range targets {
		n.net.carry(link{n.id, target, true}, func(other *testNode) {
			if dropped := other.hears(n, stem, transactions); dropped {
				return
			}
			require.NoError(n.net.t, other.network.Gossip(context.Background(), n.id, message))
		})
	}
	return nil
}

// SendRequest implements p2p.Sender.
func (n *testNode) SendRequest(_ context.Context, nodes set.Set[ids.NodeID], request uint32, message []byte) error {
	for node := range nodes {
		if n.net.silent.Load() || n.net.carry(link{n.id, node, false}, func(other *testNode) {
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
	transactions, err := parseTransactions(message)
	require.NoError(n.net.t, err)
	lost := n.net.carry(link{n.id, node, false}, func(other *testNode) {
		other.hears(n, false, transactions)
		require.NoError(n.net.t, other.network.Response(context.Background(), n.id, request, message))
	})
	if other := n.net.node(node); lost && other != nil {
		other.fail(n.id, request)
	}
	return nil
}

// SendError implements p2p.Sender.
func (n *testNode) SendError(_ context.Context, node ids.NodeID, request uint32, code int32, reason string) error {
	n.net.carry(link{n.id, node, false}, func(other *testNode) {
		require.NoError(n.net.t, other.network.RequestFailed(context.Background(), n.id, request, &p2p.Error{Code: code, Message: reason}))
	})
	return nil
}

// hears notes what a node gets of another, and reports whether it drops it.
func (n *testNode) hears(from *testNode, stem bool, transactions [][]byte) (dropped bool) {
	leaves := leavesOf(n.net.t, transactions)
	n.net.mu.Lock()
	defer n.net.mu.Unlock()
	for _, leaf := range leaves {
		n.net.heard = append(n.net.heard, hearing{leaf, from.id, n.id, stem, time.Now()})
	}
	return stem && n.net.deaf[n.id]
}

// hear returns what was heard since it was called before.
func (n *testNetwork) hear() []hearing {
	n.mu.Lock()
	defer n.mu.Unlock()
	defer func() { n.heard = nil }()
	return n.heard
}

func leavesOf(t *testing.T, transactions [][]byte) (leaves []chain.Hash) {
	for _, encoded := range transactions {
		tx, err := chain.ParseTransaction(testChainID, encoded)
		require.NoError(t, err)
		leaves = append(leaves, tx.Leaf())
	}
	return leaves
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
