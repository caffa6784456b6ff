package vm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/luxfi/session/chain"
)

const (
	// healthInterval is how often the chain looks at its own health, to log what changes.
	healthInterval = 10 * time.Second
	// stallTime is how long transactions may wait while no block is accepted.
	stallTime = time.Minute
)

// The names of problems. docs/operations.md says what each means and what to do.
const (
	ProblemBootstrapping   = "bootstrapping"
	ProblemUpgradeRequired = "upgradeRequired"
	ProblemUpgradeUnknown  = "upgradeUnknown"
	ProblemClockJumped     = "clockJumped"
	ProblemChainAhead      = "chainAheadOfClock"
	ProblemNotBuilding     = "notBuilding"
	ProblemMempoolFull     = "mempoolFull"
	ProblemDiskLow         = "diskLow"
	ProblemFetchingBlocks  = "fetchingBlocks"
)

// Problem is something that an operator should look at.
type Problem struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
	// Warning means that the chain is healthy still.
	Warning bool `json:"warning,omitempty"`
}

// Health is how the chain is doing.
type Health struct {
	Healthy      bool      `json:"healthy"`
	Bootstrapped bool      `json:"bootstrapped"`
	Height       uint64    `json:"height"`
	Sessions     uint64    `json:"sessions"` // active sessions (LP-42)
	Channels     uint64    `json:"channels"` // channels (LP-42)
	Mempool      int       `json:"mempool"`  // transactions waiting for acceptance
	Processing   int       `json:"processing"`
	Rules        uint32    `json:"rules"` // rule set of the last accepted block
	Problems     []Problem `json:"problems,omitempty"`
}

// HealthCheck says how the chain is doing. An error means that it is not healthy: it has the
// problems that are no warnings.
func (vm *VM) HealthCheck(context.Context) (Health, error) {
	if err := vm.ready(); err != nil {
		return Health{}, err
	}
	snapshot := vm.Snapshot()
	totals, err := snapshot.Totals()
	if err != nil {
		return Health{}, err
	}
	waiting, _ := vm.mempool.size()
	vm.mu.Lock()
	processing := len(vm.processing)
	vm.mu.Unlock()
	problems := vm.problems()
	for _, problem := range problems {
		if !problem.Warning {
			err = errors.Join(err, fmt.Errorf("%s: %s", problem.Name, problem.Reason))
		}
	}
	return Health{
		Healthy:      err == nil,
		Bootstrapped: vm.InNormalOperation(),
		Height:       snapshot.Header().Height,
		Sessions:     totals.ActiveSessions,
		Channels:     totals.LiveChannels,
		Mempool:      waiting,
		Processing:   processing,
		Rules:        snapshot.Header().Version,
		Problems:     problems,
	}, err
}

// problems returns what is wrong with the chain now, in a fixed order.
func (vm *VM) problems() (found []Problem) {
	add := func(name string, warning bool, err error) {
		if err != nil {
			found = append(found, Problem{name, err.Error(), warning})
		}
	}
	last := vm.store.Last()
	if !vm.InNormalOperation() {
		add(ProblemBootstrapping, false, errors.New("the chain is fetching the blocks of others"))
	}
	if _, _, err := vm.rules.after(last.Timestamp); err != nil {
		add(ProblemUpgradeRequired, false, err)
	} else if upgrade, exists := vm.rules.firstUnknown(); exists {
		add(ProblemUpgradeUnknown, true, fmt.Errorf("this software does not know %s: replace it before", upgrade))
	}
	add(ProblemClockJumped, false, vm.guard.check())
	if now := vm.host.Clock(); last.Time().After(now.Add(maxFuture)) {
		add(ProblemChainAhead, false, fmt.Errorf("the last block is of %s, the clock says %s: set the clock, or wait", last.Time(), now.UTC()))
	}
	add(ProblemNotBuilding, false, vm.progress.check(vm.guard.elapsed(), last, vm.mempool))
	add(ProblemMempoolFull, true, vm.mempoolFull())
	add(ProblemDiskLow, false, vm.diskLow())
	add(ProblemFetchingBlocks, true, vm.fetchingBlocks())
	return found
}

func (vm *VM) mempoolFull() error {
	limits := vm.config.Mempool
	if count, bytes := vm.mempool.size(); count >= limits.MaxTransactions || bytes+chain.MaxTransactionBytes > limits.MaxBytes {
		return fmt.Errorf("%d transactions of %d bytes wait, the most are %d and %d", count, bytes, limits.MaxTransactions, limits.MaxBytes)
	}
	return nil
}

func (vm *VM) diskLow() error {
	if vm.host.FreeSpace == nil {
		return nil
	}
	free, err := vm.host.FreeSpace()
	if err == nil && free < vm.config.MinFreeBytes {
		err = fmt.Errorf("%d bytes are free, expected at least %d (minFreeBytes)", free, vm.config.MinFreeBytes)
	}
	return err
}

// progress notices that no blocks are accepted while transactions wait.
type progress struct {
	mu     sync.Mutex
	height uint64
	since  time.Duration // of the last look at which a block was new, or nothing waited
}

func (p *progress) check(now time.Duration, last *chain.Header, waits *mempool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	count, _ := waits.size()
	if count == 0 || last.Height != p.height {
		p.height, p.since = last.Height, now
	}
	if idle := now - p.since; idle > stallTime {
		return fmt.Errorf("%d transactions wait, and no block was accepted for %s", count, idle.Round(time.Second))
	}
	return nil
}

// Watch logs problems as they come and go, until the chain is closed.
func (vm *VM) Watch() {
	ticker := time.NewTicker(healthInterval)
	defer ticker.Stop()
	known := make(map[string]struct{})
	for {
		now := make(map[string]struct{})
		for _, problem := range vm.problems() {
			now[problem.Name] = struct{}{}
			if _, ok := known[problem.Name]; !ok {
				vm.log.Warn("a problem of the chain", "problem", problem.Name, "reason", problem.Reason)
			}
		}
		for name := range known {
			if _, ok := now[name]; !ok {
				vm.log.Info("a problem of the chain is over", "problem", name)
			}
		}
		known = now
		select {
		case <-ticker.C:
		case <-vm.closed:
			return
		}
	}
}
