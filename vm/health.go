package vm

import "context"

// Health is how the chain is doing.
type Health struct {
	Healthy      bool   `json:"healthy"`
	Bootstrapped bool   `json:"bootstrapped"`
	Height       uint64 `json:"height"`
	Sessions     uint64 `json:"sessions"` // active sessions (LP-42)
	Channels     uint64 `json:"channels"` // channels (LP-42)
	Mempool      int    `json:"mempool"`  // transactions waiting for acceptance
	Processing   int    `json:"processing"`
}

// HealthCheck says how the chain is doing. An error means that it is not healthy.
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
	return Health{
		Healthy:      true,
		Bootstrapped: vm.InNormalOperation(),
		Height:       snapshot.Header().Height,
		Sessions:     totals.ActiveSessions,
		Channels:     totals.LiveChannels,
		Mempool:      waiting,
		Processing:   processing,
	}, nil
}
