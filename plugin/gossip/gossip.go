package gossip

import (
	"context"
	cryptorand "crypto/rand"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/p2p"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/vm"
)

var (
	_ p2p.Handler = (*Gossip)(nil)

	// errInactive is what a node answers that has not caught up.
	errInactive = &p2p.Error{Code: 1, Message: "not in normal operation"}
)

// Options are what gossip needs.
type Options struct {
	Chain   *vm.VM
	Network *p2p.Network
	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: none
}

// Gossip passes on the transactions of one chain. Its methods are safe for concurrent use.
type Gossip struct {
	chain      *vm.VM
	network    *p2p.Network
	client     *p2p.Client
	stemClient *p2p.Client
	log        *slog.Logger
	metrics    *metrics

	peers  *peers
	outbox *outbox
	intake *intake
	stem   *stem

	mu    sync.Mutex
	asked map[ids.NodeID]time.Time // since when peers owe an answer to a pull

	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// New returns the gossip of a chain, which need not be initialized yet, and makes it the
// network's handler p2p.TxGossipHandlerID, and for stems StemHandlerID.
func New(options Options) (*Gossip, error) {
	metrics, err := newMetrics(options.Metrics)
	if err != nil {
		return nil, err
	}
	var seed [32]byte
	if _, err := cryptorand.Read(seed[:]); err != nil {
		return nil, err
	}
	g := &Gossip{
		chain:      options.Chain,
		network:    options.Network,
		client:     options.Network.NewClient(p2p.TxGossipHandlerID),
		stemClient: options.Network.NewClient(StemHandlerID),
		log:        options.Log,
		metrics:    metrics,
		peers:      newPeers(),
		outbox:     newOutbox(),
		intake:     newIntake(checks()),
		stem:       newStem(rand.New(rand.NewChaCha8(seed))),
		asked:      make(map[ids.NodeID]time.Time),
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	if err := options.Network.AddHandler(StemHandlerID, stemHandler{g}); err != nil {
		return nil, err
	}
	return g, options.Network.AddHandler(p2p.TxGossipHandlerID, g)
}

// Start begins to gossip whenever the chain is in normal operation. It comes once, after the
// chain is initialized.
func (g *Gossip) Start() {
	for _, work := range []func(){g.push, g.pull, g.walk, g.afterBlocks} {
		g.running.Go(work)
	}
	for _, queue := range g.intake.queues {
		g.running.Go(func() { g.check(queue) })
	}
}

// Stop ends gossip and waits until nothing of it uses the chain any more. It comes before the
// chain is shut down, and does no harm before Start or twice.
func (g *Gossip) Stop() {
	g.cancel()
	g.running.Wait()
}

// active reports whether to send and to take anything.
func (g *Gossip) active() bool { return g.ctx.Err() == nil && g.chain.InNormalOperation() }

// Gossip implements p2p.Handler: a peer pushes.
func (g *Gossip) Gossip(_ context.Context, node ids.NodeID, message []byte) {
	g.accept(node, message, byPush)
}

// accept takes a message of a peer that wants no answer.
func (g *Gossip) accept(node ids.NodeID, message []byte, by string) {
	from, now := g.peers.get(node), time.Now()
	switch {
	case !g.active():
		g.metrics.dropMessage(dropInactive)
	case from.ignored(now):
		g.metrics.dropMessage(dropIgnored)
	case !from.bytes.AllowN(now, len(message)):
		g.metrics.dropMessage(dropRate)
	default:
		g.receive(from, message, by)
	}
}

// large reports whether the network has more nodes than get what is submitted to one of them: in
// one that has not, nothing needs to be passed on.
func (g *Gossip) large() bool {
	return len(g.network.Peers.Sample(pushValidators+1)) > pushValidators
}

// blame holds a fault against a peer.
func (g *Gossip) blame(from *peer, fault error) {
	g.log.Debug("a peer sent what no honest one sends", "node", from.node, "error", fault)
	if from.blame(time.Now()) {
		g.metrics.ignored.Inc()
		g.log.Warn("a peer is ignored", "node", from.node, "for", ignoreTime, "error", fault)
	}
}
