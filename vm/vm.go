package vm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp/signing"
)

// State is what the host wants of the chain.
type State int

// The states of a chain.
const (
	Bootstrapping   State = iota + 1 // blocks come from others and are accepted one by one
	NormalOperation                  // the chain takes part in consensus and builds blocks
)

// VM is a SessionVM chain. Its methods are safe for concurrent use.
type VM struct {
	host    Host
	log     *slog.Logger
	genesis *chain.Genesis
	rules   *schedule
	guard   *clockGuard
	config  Config
	store   *state.Store

	mempool    *mempool
	verifier   *verifier
	checks     chan func() // of submitted transactions, for the workers
	awaiting   *awaiting
	acceptance acceptance
	metrics    *metrics
	validators *validators
	foreign    *validators // of other chains, apart: who names many of them does not push out this one's
	calls      *calls
	collector  *signing.Collector
	checkpoints
	keys     []*pq.DSAKey // see Host.Keys
	snapshot atomic.Pointer[state.Snapshot]
	running  atomic.Int32 // State; 0: not initialised, or shut down
	failure  atomic.Pointer[error]
	failed   chan struct{} // closed when there is a failure

	progress progress
	known    map[uint32]func(*chain.Genesis) // rule sets
	shutdown sync.Once
	closed   chan struct{}

	// deciding is held while a block is accepted, so that mu need not be held while it is
	// written to disk: the next block can be executed meanwhile.
	deciding sync.Mutex
	// mu is the consensus lock: it guards what follows, and everything that executes.
	mu         sync.Mutex
	processing map[ids.ID]*Block      // verified, not decided
	writing    *Block                 // the one of them that Accept writes to disk, or nil
	built      []*Block               // built here, not verified yet; the newest last
	refused    map[ids.ID][]refusedTx // by the processing block on whose state they were refused
	preferred  ids.ID
	emptyAt    uint64 // the mempool's version when a build found nothing to take
	pace       pace
}

// New returns a chain to initialise.
func New() *VM {
	return &VM{
		known:       ruleSets(),
		closed:      make(chan struct{}),
		failed:      make(chan struct{}),
		checkpoints: checkpoints{due: make(chan struct{}, 1)},
		processing:  make(map[ids.ID]*Block),
		refused:     make(map[ids.ID][]refusedTx),
		acceptance:  acceptance{next: make(chan struct{})},
	}
}

// Initialize opens the chain, or makes it from its genesis. It comes once, before all but
// Shutdown.
func (vm *VM) Initialize(_ context.Context, host Host, genesisBytes, configBytes []byte) error {
	select {
	case <-vm.closed:
		return refusal.New(refusal.ErrNotReady, "a new chain to initialise", "one that is shut down")
	default:
	}
	if host.Log == nil {
		host.Log = slog.Default()
	}
	if host.Clock == nil {
		host.Clock = time.Now
		started := time.Now()
		host.Elapsed = func() time.Duration { return time.Since(started) }
	}
	genesis, err := chain.ParseGenesis(genesisBytes)
	if err != nil {
		return err
	}
	config, err := ParseConfig(configBytes, genesis)
	if err != nil {
		return err
	}
	if host.SetLog != nil {
		host.SetLog(config.LogLevel, config.LogJSON)
	}
	rules, err := newSchedule(genesis, host.Upgrades, vm.known)
	if err != nil {
		return err
	}
	db, blockFolder := host.Database, ""
	if db == nil {
		if config.Database != state.MemDB {
			blockFolder = state.BlockFolder(host.DataDir)
		}
		if db, err = state.OpenDatabase(config.Database, host.DataDir); err != nil {
			return err
		}
	}
	store, err := state.Open(db, host.ChainID, genesis, state.Options{
		CacheNodes:  config.TreeCacheNodes,
		CacheLeaves: config.LeafCache,
		History:     config.ProofHistory,
		BlockFolder: blockFolder,
		Upgrades:    rules.upgrades,
		BlockLife:   blockLife(genesis, host, config),

		SummaryInterval: summaryInterval(host, config),
	})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	vm.host, vm.log, vm.genesis, vm.rules, vm.config, vm.store = host, host.Log, genesis, rules, config, store
	vm.mempool = newMempool(config.Mempool)
	vm.verifier = &verifier{keys: pq.NewVerifierCache(config.KeyCache), networkID: host.NetworkID, chainID: host.ChainID, issuers: genesis.Registration.Issuers}
	vm.awaiting = newAwaiting()
	vm.validators = newValidators(host.Platform)
	vm.foreign = newValidators(host.Platform)
	vm.calls = newCalls(host.NetworkID, host.ChainID)
	err = vm.refreshSnapshot()
	if err == nil && host.Keys != nil {
		vm.keys, err = host.Keys()
	}
	vm.collector = newCollector(vm)
	if err == nil {
		vm.metrics, err = newMetrics(vm, host.Metrics)
	}
	if err != nil {
		vm.store = nil // closed here, not by Shutdown
		return errors.Join(err, store.Close())
	}
	last := store.Last()
	vm.preferred = last.ID()
	vm.guard = newClockGuard(&vm.host, last, time.Duration(config.MaxClockJump)*time.Second)
	vm.startChecks()
	vm.running.Store(int32(Bootstrapping))
	vm.log.Info("chain opened", "chain", host.ChainID, "height", last.Height, "block", vm.preferred, "root", last.StateRoot)
	return nil
}

// blockLife returns for how long a block is kept, in milliseconds; 0: for ever. A session of a
// block is in the state for its own life and retention after it, a message for less.
func blockLife(genesis *chain.Genesis, host Host, config Config) uint64 {
	if config.archives(host) {
		return 0
	}
	return genesis.SessionTTL*1000 + genesis.Retention()
}

// SetState tells the chain what the host wants of it.
func (vm *VM) SetState(_ context.Context, s State) error {
	if err := vm.ready(); err != nil {
		return err
	}
	if s != Bootstrapping && s != NormalOperation {
		return refusal.New(refusal.ErrInvalidArgs, "bootstrapping or normal operation", s)
	}
	vm.running.Store(int32(s))
	return nil
}

// InNormalOperation reports whether the chain takes part in consensus, and so transactions.
func (vm *VM) InNormalOperation() bool { return State(vm.running.Load()) == NormalOperation }

// Shutdown closes the chain. It does no harm before Initialize, or twice.
func (vm *VM) Shutdown(context.Context) error {
	var err error
	vm.shutdown.Do(func() {
		vm.deciding.Lock()
		defer vm.deciding.Unlock()
		vm.mu.Lock()
		defer vm.mu.Unlock()
		vm.running.Store(0)
		close(vm.closed)
		if vm.collector != nil {
			vm.collector.Close()
		}
		vm.checkpoints.under.Wait()
		if vm.store != nil {
			vm.metrics.unregister()
			err = vm.store.Close()
			vm.log.Info("chain closed", "height", vm.store.Last().Height)
		}
	})
	return err
}

// ready refuses calls before Initialize and after Shutdown, and after a failure that the
// chain can't recover from.
func (vm *VM) ready() error {
	if vm.running.Load() == 0 {
		return refusal.New(refusal.ErrNotReady, "a chain that is running", "one that is not initialised, or shut down")
	}
	if failure := vm.failure.Load(); failure != nil {
		return fmt.Errorf("the chain has stopped; restart the node: %w", *failure)
	}
	return nil
}

// fail stops the chain after an error that it can't recover from: the database, or damage
// to it, and ends the calls that wait. Nothing is lost: a restart goes on from the last accepted block.
func (vm *VM) fail(err error) error {
	if vm.failure.CompareAndSwap(nil, &err) {
		close(vm.failed)
	}
	vm.log.Error("the chain has stopped", "error", err)
	return err
}

// LastAccepted returns the ID of the last accepted block.
func (vm *VM) LastAccepted(context.Context) (ids.ID, error) {
	if err := vm.ready(); err != nil {
		return ids.Empty, err
	}
	return vm.store.Last().ID(), nil
}

// GetBlockIDAtHeight returns the ID of the accepted block of a height, or a
// refusal.ErrNotFound.
func (vm *VM) GetBlockIDAtHeight(_ context.Context, height uint64) (ids.ID, error) {
	header, err := vm.HeaderAt(height)
	if err != nil {
		return ids.Empty, err
	}
	return header.ID(), nil
}

// GetBlock returns a block that is accepted, being processed, or built here; else a
// refusal.ErrNotFound.
func (vm *VM) GetBlock(_ context.Context, id ids.ID) (*Block, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if blk := vm.undecided(id); blk != nil {
		return blk, nil
	}
	height, err := vm.store.HeightOf(id)
	if err != nil {
		return nil, err
	}
	decoded, err := vm.store.BlockAt(height)
	if err != nil {
		return nil, err
	}
	return &Block{Block: decoded, vm: vm}, nil
}

// undecided returns a block that is being processed or was built here, or nil.
func (vm *VM) undecided(id ids.ID) *Block {
	if blk, ok := vm.processing[id]; ok {
		return blk
	}
	for _, blk := range vm.built {
		if blk.ID() == id {
			return blk
		}
	}
	return nil
}

// ParseBlock decodes a block. It says nothing about whether the block is valid.
func (vm *VM) ParseBlock(_ context.Context, blockBytes []byte) (*Block, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	decoded, err := chain.ParseBlock(vm.host.ChainID, blockBytes, vm.rules.maxBlockBytes())
	if err != nil {
		return nil, err
	}
	if version := decoded.Header.Version; vm.rules.values[version] == nil {
		return nil, vm.rules.unknown(version)
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if blk := vm.undecided(decoded.ID()); blk != nil {
		return blk, nil
	}
	return &Block{Block: decoded, vm: vm}, nil
}

// SetPreference says on which block the next one should be built.
func (vm *VM) SetPreference(_ context.Context, id ids.ID) error {
	if err := vm.ready(); err != nil {
		return err
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if _, err := vm.fork(id); err != nil {
		return err
	}
	if vm.preferred != id {
		vm.preferred = id
		vm.mempool.touch()
	}
	return nil
}

// fork returns the state after a block that can be built on: the last decided one, or one
// that is being processed and descends from it. On a branch that is lost nothing executes
// any more: its state is read from a database that has gone on without it.
func (vm *VM) fork(id ids.ID) (*state.Fork, error) {
	decided := vm.decided()
	base := decided.Header().ID()
	if id == base {
		return decided, nil
	}
	blk := vm.processing[id]
	for at := blk; at != nil; at = vm.processing[at.Header.Parent] {
		if at.Header.Parent == base {
			return blk.fork, nil
		}
	}
	return nil, refusal.New(refusal.ErrBlockParent, "the last accepted block or a descendant that is being processed", id)
}

// decided returns the state after the block that is being written to disk, or else after
// the last accepted one.
func (vm *VM) decided() *state.Fork {
	if vm.writing != nil {
		return vm.writing.fork
	}
	return vm.store.Accepted()
}

// refreshSnapshot makes the last accepted state the one that reads are served from.
func (vm *VM) refreshSnapshot() error {
	snapshot, err := vm.store.Snapshot()
	if err != nil {
		return err
	}
	vm.snapshot.Store(snapshot)
	return nil
}
