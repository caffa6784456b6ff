package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/luxfi/ids"
	"github.com/luxfi/node/utils/storage"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/plugin/keyfile"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/rpc"
	"github.com/luxfi/session/vm"
	"github.com/luxfi/session/warp/signing"
)

// MetricsPath is where Prometheus finds the metrics.
const MetricsPath = "/metrics"

// DefaultBlockInterval is the least time between two blocks that are not full. A block's cost is mostly its
// sync to disk, so messages that come close together share one; a message that comes alone
// does not wait.
const DefaultBlockInterval = 20 * time.Millisecond

// blockRetry is the pause after a block that could not be made.
const blockRetry = time.Second

// Options are how a chain runs.
type Options struct {
	// Config is the node's configuration (vm.Config, JSON).
	Config []byte
	// Upgrades is the upgrade file (chain.Upgrades, JSON); nil: none.
	Upgrades []byte
	// NewValidatorKey allows another validator key than the chain had.
	NewValidatorKey bool
	// AcceptTime takes the clock for right, however long ago the last block was.
	AcceptTime bool
	// BlockInterval is the least time between two blocks that are not full.
	BlockInterval time.Duration
	// Sources are the validators of other chains, whose contracts may act on this one; nil: none may.
	Sources map[ids.ID][]signing.Validator
	// Version of the software.
	Version string
	Log     *slog.Logger
	// SetLog: see vm.Host.
	SetLog func(level slog.Level, json bool)
}

// Chain is a running chain.
type Chain struct {
	vm       *vm.VM
	genesis  []byte
	interval time.Duration
	log      *slog.Logger
	door     Door
	stop     context.CancelFunc

	accepting sync.WaitGroup // the last block
	produced  chan error     // what ended the production of blocks; nil if stop did
}

// Open starts the chain of a folder that has a genesis.
func Open(folder *Folder, options Options) (*Chain, error) {
	encoded, err := folder.Genesis()
	if err != nil {
		return nil, err
	}
	genesis, err := chain.ParseGenesis(encoded)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder.genesisPath(), err)
	}
	signer, err := folder.validator(options.NewValidatorKey)
	if err != nil {
		return nil, err
	}
	signer.sources = options.Sources
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	ctx := context.Background()
	c := &Chain{vm: vm.New(), genesis: encoded, interval: options.BlockInterval, log: options.Log, produced: make(chan error, 1)}
	if err := c.vm.Initialize(ctx, vm.Host{
		ChainID:  genesis.StandaloneChainID(),
		DataDir:  filepath.Join(folder.Path(), chainFolder),
		Log:      options.Log,
		SetLog:   options.SetLog,
		Metrics:  registry,
		Upgrades: options.Upgrades,
		Alone:    true,

		AcceptTime: options.AcceptTime,
		FreeSpace:  func() (uint64, error) { return storage.AvailableBytes(folder.Path()) },
		Platform:   signer,
		Signer:     signer,
		Keys:       func() ([]*pq.DSAKey, error) { return keyfile.Load(folder.Path()) },
		Clock:      clock,
	}, encoded, options.Config); err != nil {
		return nil, err
	}
	err = c.check(ctx, options.NewValidatorKey)
	if err == nil {
		err = c.open(ctx, registry, options.Version)
	}
	if err != nil {
		return nil, errors.Join(err, c.vm.Shutdown(ctx))
	}
	ctx, c.stop = context.WithCancel(ctx)
	if err := c.serveSnapshots(ctx, folder); err != nil { // a path that is too long for a socket
		c.log.Warn("no snapshots while the chain runs", "error", err)
	}
	go c.vm.Watch()
	go c.vm.KeepKeyRegistered()
	go c.vm.KeepCheckpoints()
	go func() {
		defer close(c.produced)
		c.produced <- c.produce(ctx)
	}()
	return c, nil
}

// check refuses a clock that has jumped, and another validator key than the last block commits to.
func (c *Chain) check(ctx context.Context, newKey bool) error {
	if err := c.vm.CheckClock(); err != nil {
		return err
	}
	last := c.vm.Snapshot().Header()
	if newKey || last.Height == 0 {
		return nil
	}
	if _, err := c.vm.ValidatorsOf(ctx, last); err != nil {
		return fmt.Errorf("%s is not the key of the chain's last block; put that back, or restart with --new-validator-key: %w", validatorKeyFile, err)
	}
	return nil
}

func (c *Chain) open(ctx context.Context, registry *prometheus.Registry, version string) error {
	handlers, err := rpc.Handlers(c.vm, version)
	if err != nil {
		return err
	}
	config, err := rpc.ParseConfig(c.vm.Config().RPC)
	if err != nil {
		return err
	}
	connections := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: chain.Name, Subsystem: "http", Name: "connections", Help: "Open connections."})
	if err := registry.Register(connections); err != nil {
		return err
	}
	handlers[MetricsPath] = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	c.door = Door{Handler: rpc.Serve(handlers), Config: config, Connections: connections}
	return c.vm.SetState(ctx, vm.NormalOperation)
}

// VM returns the chain itself.
func (c *Chain) VM() *vm.VM { return c.vm }

// Door returns what serves the chain over HTTP: the service's paths and MetricsPath.
func (c *Chain) Door() Door { return c.door }

// Failed receives why the chain can't go on. Before Close it is sent once, or never.
func (c *Chain) Failed() <-chan error { return c.produced }

// Close ends the production of blocks and closes the chain.
func (c *Chain) Close() error {
	c.stop()
	return errors.Join(<-c.produced, c.vm.Shutdown(context.Background()))
}

// produce does what a network's consensus does where there is one validator: it builds on
// the last block, and accepts. The next block is built while one is written, if it is full: else it waits, and
// takes what comes meanwhile, which would be in the one after it. It returns why the chain has stopped.
func (c *Chain) produce(ctx context.Context) error {
	defer c.accepting.Wait()
	for {
		if err := c.vm.WaitForEvent(ctx); ctx.Err() != nil {
			return nil
		} else if err != nil {
			return err
		}
		next := time.Now().Add(c.interval)
		if !c.vm.FillsBlock() {
			c.accepting.Wait()
		}
		if err := c.block(); err != nil {
			// If the chain can't go on, it says so above. Else it is the clock: it is behind
			// the last block's time.
			c.log.Error("no block", "error", err)
			next = time.Now().Add(blockRetry)
		} else if c.vm.FillsBlock() {
			continue // there is nothing to wait for
		}
		select {
		case <-time.After(time.Until(next)):
		case <-ctx.Done():
			return nil
		}
	}
}

// block makes one block, if there is anything to put in, and begins to accept it. It is not broken
// off: a block takes milliseconds, and closing waits for it.
func (c *Chain) block() error {
	ctx := context.Background()
	block, err := c.vm.BuildBlockWithContext(ctx, vm.Context{})
	if errors.Is(err, refusal.ErrEmptyBlock) {
		return nil // the transactions that wait are not, or no longer, allowed
	} else if err != nil {
		return err
	}
	if err := block.VerifyWithContext(ctx, vm.Context{}); err != nil {
		return err
	}
	if err := c.vm.SetPreference(ctx, block.ID()); err != nil {
		return err
	}
	c.accepting.Wait()
	c.accepting.Go(func() {
		if err := block.Accept(ctx); err != nil { // the chain has stopped
			c.log.Error("block not accepted", "error", err)
		}
	})
	return nil
}
