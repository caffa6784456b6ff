package node

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/luxfi/consensus/engine/chain/block"
	"github.com/luxfi/database"
	"github.com/luxfi/ids"
	nodelog "github.com/luxfi/log"
	"github.com/luxfi/p2p"

	"github.com/luxfi/session/plugin/statesync"
	"github.com/luxfi/session/refusal"
)

var (
	_ block.StateSyncableVM = (*ChainVM)(nil)
	_ block.StateSummary    = hostSummary{}
)

// The modes of a state sync (enum StateSummaryAcceptResponse.Mode of vm.proto). The module's
// constants are one less, and its server passes the number on.
const (
	syncSkipped = block.StateSyncMode(1)
	syncStatic  = block.StateSyncMode(2)
)

const (
	// A peer may ask for this many chunks or lists of blocks in this time.
	statePeriod        = 10 * time.Second
	maxStatesPerPeriod = 300
)

// hostSummary is a summary as the node's module wants it.
type hostSummary struct {
	statesync.Summary
	chain *ChainVM
}

// ID returns the ID of the summary's block.
func (s hostSummary) ID() ids.ID { return s.Header.ID() }

// Height returns the height of the summary's block.
func (s hostSummary) Height() uint64 { return s.Header.Height }

// Accept begins to fetch the summary's state, if that is worth it.
func (s hostSummary) Accept(context.Context) (block.StateSyncMode, error) {
	c := s.chain
	c.joins.Lock()
	defer c.joins.Unlock()
	switch {
	case c.joining != nil:
		return syncStatic, nil
	case c.gossip != nil || c.closing.Err() != nil || !c.vm().WantsState(s.Header):
		return syncSkipped, nil
	}
	over := make(chan struct{})
	c.joining = over
	c.begin()
	c.begins, c.begin = context.WithCancel(context.Background())
	c.running.Go(func() {
		defer close(over)
		c.fetch(s.Summary)
	})
	return syncStatic, nil
}

// fetch fetches a state and goes on from it. If that fails, the chain goes on from where it is.
func (c *ChainVM) fetch(summary statesync.Summary) {
	ctx, opened := c.closing, c.vm()
	c.log.Info("the state is fetched from other nodes", "height", summary.Header.Height, "block", summary.Header.ID())
	err := statesync.Fetch(ctx, summary, statesync.Options{
		Network:  newStateNetwork(c.network),
		Log:      c.log,
		DataDir:  c.opening.host.DataDir,
		Database: opened.Config().Database,
		Genesis:  opened.Genesis(),
		Verify:   opened.VerifySummary,
		Metrics:  c.fetched,
	})
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		c.log.Error("the state can't be fetched; the chain is executed from the last block that is here", "error", err)
		return
	}
	err = opened.Shutdown(ctx)
	if err == nil {
		err = statesync.Install(c.opening.host.DataDir)
	}
	if err == nil {
		err = c.open(ctx)
	}
	if err != nil {
		c.log.Error("the fetched state can't be opened; restart the node", "error", err)
		c.failure.Store(&err)
	}
}

// syncing returns joining and begins.
func (c *ChainVM) syncing() (over <-chan struct{}, begins context.Context) {
	c.joins.Lock()
	defer c.joins.Unlock()
	return c.joining, c.begins
}

// StateSyncEnabled reports whether the node may fetch the state of others.
func (c *ChainVM) StateSyncEnabled(context.Context) (bool, error) {
	return c.service.Load() != nil && c.vm().Config().StateSync.Enabled, nil
}

// GetOngoingSyncStateSummary returns the summary of a state sync that was broken off, or exactly
// database.ErrNotFound.
func (c *ChainVM) GetOngoingSyncStateSummary(context.Context) (block.StateSummary, error) {
	summary, err := statesync.Ongoing(c.opening.host.DataDir, c.opening.host.ChainID)
	if err != nil {
		return nil, database.ErrNotFound
	}
	return hostSummary{summary, c}, nil
}

// GetLastStateSummary returns the newest summary. There is always one: a node that asks for it
// would otherwise wait for an answer.
func (c *ChainVM) GetLastStateSummary(context.Context) (block.StateSummary, error) {
	header, err := c.vm().LastSummary()
	if err != nil {
		return nil, noSummary(err)
	}
	return hostSummary{statesync.Summary{Header: header}, c}, nil
}

// GetStateSummary returns the summary of a height, or exactly database.ErrNotFound: so the node
// votes for what is accepted here, and here to be fetched.
func (c *ChainVM) GetStateSummary(_ context.Context, height uint64) (block.StateSummary, error) {
	header, err := c.vm().SummaryAt(height)
	if err != nil {
		return nil, noSummary(err)
	}
	return hostSummary{statesync.Summary{Header: header}, c}, nil
}

// noSummary makes a refusal the one value that the protocol has a code for.
func noSummary(err error) error {
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) {
		return database.ErrNotFound
	}
	return err
}

// ParseStateSummary decodes a summary.
func (c *ChainVM) ParseStateSummary(_ context.Context, encoded []byte) (block.StateSummary, error) {
	summary, err := statesync.ParseSummary(c.opening.host.ChainID, encoded)
	if err != nil {
		return nil, err
	}
	return hostSummary{summary, c}, nil
}

// stateServer answers the requests of nodes that fetch the state.
type stateServer struct {
	p2p.NoOpHandler
	chain  *ChainVM
	server *statesync.Server
}

// addStateServer adds the handler of such requests to the network.
func addStateServer(c *ChainVM, network *p2p.Network) error {
	s := &stateServer{chain: c, server: statesync.NewServer(func() statesync.Source { return c.vm() })}
	throttled := p2p.NewThrottlerHandler(s, p2p.NewSlidingWindowThrottler(statePeriod, maxStatesPerPeriod), nodelog.NewNoOpLogger())
	return network.AddHandler(statesync.HandlerID, throttled)
}

// Request implements p2p.Handler.
func (s *stateServer) Request(ctx context.Context, node ids.NodeID, deadline time.Time, request []byte) ([]byte, *p2p.Error) {
	if !s.chain.gate.enter() {
		return nil, &p2p.Error{Code: brokenCode, Message: "the node is shutting down"}
	}
	defer s.chain.gate.inside.Done()
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	answer, err := s.server.Answer(ctx, request)
	if err == nil {
		return answer, nil
	}
	s.chain.log.Debug("a request for state is refused", "node", node, "error", err)
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) {
		return nil, &p2p.Error{Code: refusedCode, Message: err.Error()}
	}
	return nil, &p2p.Error{Code: brokenCode, Message: "this node can't answer now"}
}

// stateNetwork asks the other nodes of the network for state.
type stateNetwork struct {
	network *p2p.Network
	client  *p2p.Client
}

func newStateNetwork(network *p2p.Network) stateNetwork {
	return stateNetwork{network, network.NewClient(statesync.HandlerID)}
}

// Peers implements statesync.Network.
func (n stateNetwork) Peers() []ids.NodeID { return n.network.Peers.Sample(math.MaxInt) }

// Request implements statesync.Network.
func (n stateNetwork) Request(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	return ask(ctx, n.client, node, request)
}
