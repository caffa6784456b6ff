package node

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/consensus/engine/chain/block"
	"github.com/luxfi/database"
	"github.com/luxfi/ids"
	"github.com/luxfi/p2p"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/plugin/gossip"
	"github.com/luxfi/session/plugin/statesync"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

// What WaitForEvent tells the node (enum Message of vm.proto). The module's server loses it unless
// it is an int32.
const (
	pendingTransactions = int32(1) // a block can be built
	stateSyncDone       = int32(2)
)

// eventRetry is how long WaitForEvent holds back an error: nodes ask again at once.
const eventRetry = time.Second

var (
	_ block.ChainVM                      = (*ChainVM)(nil)
	_ block.BuildBlockWithContextChainVM = (*ChainVM)(nil)
)

// ChainVM is the chain as the node's module wants it.
type ChainVM struct {
	current atomic.Pointer[vm.VM] // another one after a state sync
	version string
	log     *slog.Logger
	setLog  func(slog.Level, bool)
	gate    gate
	host    *host // the node's services; nil before they are known
	nodeID  ids.NodeID
	network *p2p.Network // to the other nodes; nil before Initialize
	// connected reports whether another node ever was.
	connected atomic.Bool
	opening   opening
	handlers  map[string]http.Handler
	service   atomic.Pointer[map[string]http.Handler] // what the handlers lead to
	metrics   atomic.Pointer[prometheus.Registry]
	fetched   *statesync.Metrics

	// joining is guarded by joins.
	joins   sync.Mutex
	joining chan struct{}   // closed when the state sync is over; nil if there is none, or the node has noticed its end
	begins  context.Context // done when the next state sync begins
	begin   context.CancelFunc
	gossip  *gossip.Gossip
	filling bool // Backfill was started

	// closing is done from Shutdown on: then nothing is sent any more.
	closing context.Context
	close   context.CancelFunc
	running sync.WaitGroup // what uses the chain, until closing is done

	// failure is why Initialize failed. The module's server writes a file in /tmp if
	// Initialize says so itself; so LastAccepted says it, which the server asks next.
	failure atomic.Pointer[error]
}

// NewChainVM returns a chain for a node to initialize. setLog may be nil, see vm.Host.
func NewChainVM(version string, log *slog.Logger, setLog func(level slog.Level, json bool)) *ChainVM {
	c := &ChainVM{version: version, log: log, setLog: setLog, fetched: statesync.NewMetrics()}
	c.current.Store(vm.New())
	c.closing, c.close = context.WithCancel(context.Background())
	c.begins, c.begin = context.WithCancel(context.Background())
	return c
}

// vm returns the chain as it is open now.
func (c *ChainVM) vm() *vm.VM { return c.current.Load() }

// Initialize opens the chain, or makes it from its genesis. A failure is told by
// LastAccepted.
func (c *ChainVM) Initialize(
	ctx context.Context,
	chainContext interface{},
	_ interface{}, // the node's database: a remote call for every tree node
	genesis, upgrade, config []byte,
	_ interface{}, _ []interface{}, // message channel and feature extensions: always nil
	sender interface{},
) error {
	if err := c.initialize(ctx, chainContext, genesis, upgrade, config, sender); err != nil {
		c.log.Error("the chain cannot start", "error", err)
		c.failure.Store(&err)
	}
	return nil
}

// SetState tells the chain what the node wants of it. The protocol's numbers (enum State of
// vm.proto) are 1 state syncing, 2 bootstrapping, 3 normal operation, and AvalancheGo sends
// these. luxd has other constants (1 starting, 2 syncing, 3 bootstrapping, 4 ready) and
// passes them through; the one it sends is 4. So 3 is always normal operation: were it ever
// a bootstrapping luxd, the chain would only take transactions a little early.
func (c *ChainVM) SetState(ctx context.Context, state uint32) error {
	if state < 1 || state > 4 {
		return refusal.New(refusal.ErrInvalidArgs, "a state from 1 to 4", state)
	}
	wanted := vm.Bootstrapping
	if state >= 3 {
		wanted = vm.NormalOperation
	}
	c.patient(wanted == vm.Bootstrapping)
	if state > 1 {
		if err := c.joined(ctx, wanted); err != nil {
			return err
		}
	}
	return c.vm().SetState(ctx, wanted)
}

// patient says whether the node may take long to answer: while the chain bootstraps, an error of
// Verify would end that.
func (c *ChainVM) patient(long bool) {
	if c.host != nil {
		c.host.patient.Store(long)
	}
}

// Shutdown closes the chain, before Initialize and twice too.
func (c *ChainVM) Shutdown(ctx context.Context) error {
	c.close()
	c.gate.close()
	c.joins.Lock() // nothing begins after it: closing is done
	gossips := c.gossip
	c.joins.Unlock()
	if gossips != nil {
		gossips.Stop()
	}
	c.running.Wait()
	err := c.vm().Shutdown(ctx)
	if c.host != nil {
		err = errors.Join(err, c.host.close())
		c.host = nil
	}
	return err
}

// Version returns the software's version.
func (c *ChainVM) Version(context.Context) (string, error) { return c.version, nil }

// HealthCheck says how the chain is doing.
func (c *ChainVM) HealthCheck(ctx context.Context) (interface{}, error) {
	health, err := c.vm().HealthCheck(ctx)
	if err != nil {
		return nil, err
	}
	return struct {
		vm.Health
		Peers int `json:"peers"`
	}{health, c.peers()}, nil
}

// CreateHandlers returns the chain's HTTP handlers, which the node serves below
// /ext/bc/CHAIN.
func (c *ChainVM) CreateHandlers(context.Context) (map[string]http.Handler, error) {
	return c.handlers, nil
}

// NewHTTPHandler returns none: the chain has CreateHandlers.
func (*ChainVM) NewHTTPHandler(context.Context) (interface{}, error) { return nil, nil }

// BuildBlock builds a block on the preferred one.
func (c *ChainVM) BuildBlock(ctx context.Context) (block.Block, error) {
	return c.block(c.vm().BuildBlock(ctx))
}

// BuildBlockWithContext builds a block on the preferred one that commits to the validators
// of its context.
func (c *ChainVM) BuildBlockWithContext(ctx context.Context, context *block.Context) (block.Block, error) {
	return c.block(c.vm().BuildBlockWithContext(ctx, vm.Context{PChainHeight: context.PChainHeight}))
}

// ParseBlock decodes a block.
func (c *ChainVM) ParseBlock(ctx context.Context, encoded []byte) (block.Block, error) {
	return c.block(c.vm().ParseBlock(ctx, encoded))
}

// GetBlock returns a block that is accepted, being processed or built here; else exactly
// database.ErrNotFound.
func (c *ChainVM) GetBlock(ctx context.Context, id ids.ID) (block.Block, error) {
	return c.block(c.vm().GetBlock(ctx, id))
}

func (*ChainVM) block(b *vm.Block, err error) (block.Block, error) {
	if err != nil {
		return nil, notFound(err)
	}
	return hostBlock{b}, nil
}

// GetBlockIDAtHeight returns the accepted block of a height, or exactly
// database.ErrNotFound.
func (c *ChainVM) GetBlockIDAtHeight(ctx context.Context, height uint64) (ids.ID, error) {
	id, err := c.vm().GetBlockIDAtHeight(ctx, height)
	return id, notFound(err)
}

// notFound makes a refusal.ErrNotFound the one value that the protocol has a code for. To the
// node, what the chain has forgotten is not there.
func notFound(err error) error {
	if errors.Is(err, refusal.ErrNotFound) || errors.Is(err, refusal.ErrNotHeld) {
		return database.ErrNotFound
	}
	return err
}

// SetPreference says on which block the next one should be built.
func (c *ChainVM) SetPreference(ctx context.Context, id ids.ID) error {
	return c.vm().SetPreference(ctx, id)
}

// LastAccepted returns the last accepted block's ID, or why Initialize failed.
func (c *ChainVM) LastAccepted(ctx context.Context) (ids.ID, error) {
	if failure := c.failure.Load(); failure != nil {
		return ids.Empty, *failure
	}
	return c.vm().LastAccepted(ctx)
}

// WaitForEvent returns when a block can be built, or a state sync is over. AvalancheGo asks before a
// state sync begins, and again after each error.
func (c *ChainVM) WaitForEvent(ctx context.Context) (interface{}, error) {
	over, begins := c.syncing()
	if over != nil {
		select {
		case <-over:
			return stateSyncDone, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(begins, cancel)()
	err := c.vm().WaitForEvent(waiting)
	if err == nil {
		return pendingTransactions, nil
	}
	select {
	case <-waiting.Done():
	case <-time.After(eventRetry):
	}
	return nil, err
}
