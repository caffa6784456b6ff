package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	consensus "github.com/luxfi/consensus/context"
	"github.com/luxfi/node/utils/storage"
	"github.com/luxfi/p2p"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/plugin/gossip"
	"github.com/luxfi/session/plugin/keyfile"
	"github.com/luxfi/session/plugin/statesync"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/rpc"
	"github.com/luxfi/session/vm"
)

// opening is what the chain is opened with.
type opening struct {
	host            vm.Host
	genesis, config []byte
}

func (c *ChainVM) initialize(ctx context.Context, chainContext interface{}, genesis, upgrade, config []byte, sender interface{}) error {
	given, ok := chainContext.(*consensus.Context)
	if !ok {
		return fmt.Errorf("expected a chain context of type %T, got %T", given, chainContext)
	}
	if given.ChainDataDir == "" {
		return errors.New("expected a chain data folder, got none: set the node's chain-data-dir")
	}
	messages, ok := sender.(p2p.Sender)
	if c.host != nil {
		messages = c.host.sender(c.closing, &c.connected)
	} else if !ok {
		return fmt.Errorf("expected a p2p.Sender, got %T", sender)
	}
	network, err := newNetwork(messages)
	if err != nil {
		return err
	}
	c.nodeID, c.network = given.NodeID, network
	if gatherer, ok := given.Metrics.(interface {
		Register(name string, gatherer prometheus.Gatherer) error
	}); ok {
		if err := gatherer.Register("", prometheus.GathererFunc(c.gather)); err != nil {
			return err
		}
	}
	c.opening = opening{genesis: genesis, config: config, host: vm.Host{
		NetworkID: given.NetworkID,
		ChainID:   given.ChainID,
		NodeID:    given.NodeID,
		DataDir:   given.ChainDataDir,
		Archive:   true, // other nodes execute the chain from its first block
		Log:       c.log,
		SetLog:    c.setLog,
		Upgrades:  upgrade,
		FreeSpace: func() (uint64, error) { return storage.AvailableBytes(given.ChainDataDir) },
		Submitted: c.submitted,
	}}
	if c.host != nil {
		c.opening.host.Platform, c.opening.host.Signer = c.host, c.host
		c.opening.host.Keys = func() ([]*pq.DSAKey, error) { return keyfile.Load(given.ChainDataDir) }
		if c.opening.host.Network, err = newSignatures(c, network); err != nil {
			return err
		}
	}
	if err := addStateServer(c, network); err != nil {
		return err
	}
	if err := statesync.Install(given.ChainDataDir); err != nil { // a crash may have broken it off
		return err
	}
	if err := c.open(ctx); err != nil {
		return err
	}
	c.handlers = make(map[string]http.Handler)
	for path := range *c.service.Load() {
		c.handlers[path] = c.gate.guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			(*c.service.Load())[path].ServeHTTP(w, r)
		}), c.log)
	}
	return nil
}

// open opens the chain's database, and everything that serves it. It is done again after a state
// sync, with the chain closed before.
func (c *ChainVM) open(ctx context.Context) error {
	metrics := prometheus.NewRegistry()
	if err := metrics.Register(c.fetched); err != nil {
		return err
	}
	opened, host := c.vm(), c.opening.host
	if c.service.Load() != nil {
		opened = vm.New()
	}
	host.Metrics = metrics
	if err := opened.Initialize(ctx, host, c.opening.genesis, c.opening.config); err != nil {
		return err
	}
	handlers, err := rpc.Handlers(opened, c.version)
	if err != nil {
		return errors.Join(err, opened.Shutdown(ctx))
	}
	c.current.Store(opened)
	c.metrics.Store(metrics)
	c.service.Store(&handlers)
	go opened.Watch()
	go opened.KeepKeyRegistered()
	go opened.KeepCheckpoints()
	return nil
}

func (c *ChainVM) gather() ([]*dto.MetricFamily, error) {
	if metrics := c.metrics.Load(); metrics != nil {
		return metrics.Gather()
	}
	return nil, nil
}

// submitted passes a transaction on that a client has sent. Nobody is there to pass it on before the node takes part.
func (c *ChainVM) submitted(tx *chain.Transaction, source vm.Source) {
	c.joins.Lock()
	to := c.gossip
	c.joins.Unlock()
	if to != nil {
		to.Submitted(tx, source)
	} else {
		c.vm().Diffuse(tx.ID())
	}
}

// joined begins what a node does that has its state: gossip, and in normal operation the fetching of
// blocks that it is to hold. It waits for a state sync that is under way; none begins after it.
func (c *ChainVM) joined(ctx context.Context, state vm.State) (err error) {
	if over, _ := c.syncing(); over != nil {
		select {
		case <-over:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c.joins.Lock()
	defer c.joins.Unlock()
	if c.network == nil || c.closing.Err() != nil {
		return refusal.New(refusal.ErrNotReady, "a chain that is running", "one that is not initialised, or shut down")
	}
	c.joining = nil
	if c.gossip == nil {
		if c.failure.Load() == nil { // else the next start goes on with it
			if err := statesync.Discard(c.opening.host.DataDir); err != nil {
				c.log.Warn("what a state sync has left can't be removed", "error", err)
			}
		}
		if c.gossip, err = gossip.New(gossip.Options{Chain: c.vm(), Network: c.network, Log: c.log, Metrics: c.metrics.Load()}); err != nil {
			return err
		}
		c.gossip.Start()
	}
	if state == vm.NormalOperation && !c.filling {
		c.filling = true
		c.running.Go(func() {
			statesync.Backfill(c.closing, c.opening.host.ChainID, c.vm(), newStateNetwork(c.network), c.log, c.fetched)
		})
	}
	return nil
}
