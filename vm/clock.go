package vm

import (
	"fmt"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// clockGuard compares the clock with the time that is known to have passed. What it starts from
// is the last block's time where no other node checks the clock: a block of a wrong time lets
// all sessions expire, and no later block can be before it.
type clockGuard struct {
	now     func() time.Time
	elapsed func() time.Duration // since the start, by the monotonic clock
	from    time.Time
	bound   time.Duration // 0: none
}

func newClockGuard(host *Host, last *chain.Header, bound time.Duration) *clockGuard {
	g := &clockGuard{now: host.Clock, elapsed: host.Elapsed, from: host.Clock().Round(0), bound: bound}
	if g.elapsed == nil {
		started := host.Clock()
		g.elapsed = func() time.Duration { return host.Clock().Sub(started) }
	}
	if host.Alone && !host.AcceptTime && last.Height > 0 && last.Time().Before(g.from) {
		g.from = last.Time()
	}
	return g
}

// check refuses a clock that is further ahead than the time that has passed explains.
func (g *clockGuard) check() error {
	latest := g.from.Add(g.elapsed() + g.bound)
	if now := g.now().Round(0); g.bound > 0 && now.After(latest) {
		return refusal.New(refusal.ErrNotReady,
			fmt.Sprintf("a clock up to %s (maxClockJump is %s); set the clock, or, if it is right because the chain or the machine slept, restart with --accept-time", latest.UTC().Format(time.RFC3339), g.bound),
			now.UTC().Format(time.RFC3339))
	}
	return nil
}

// CheckClock refuses to go on if the clock has jumped ahead and no other node would notice: then
// no blocks are built and no transactions are taken.
func (vm *VM) CheckClock() error {
	if !vm.host.Alone {
		return nil
	}
	return vm.guard.check()
}

// clockRetry returns a channel that receives soon if the clock has jumped: it may be set right.
func (vm *VM) clockRetry() <-chan time.Time {
	if vm.CheckClock() == nil {
		return nil
	}
	return time.After(time.Second)
}
