package vm

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// problemsNow returns the names of the chain's problems, and holds Healthy against them.
func (c *testChain) problemsNow() (names []string) {
	c.t.Helper()
	health, err := c.HealthCheck(context.Background())
	healthy := true
	for _, problem := range health.Problems {
		require.NotEmpty(c.t, problem.Reason)
		names = append(names, problem.Name)
		healthy = healthy && problem.Warning
		if !problem.Warning {
			require.ErrorContains(c.t, err, problem.Name)
		}
	}
	require.Equal(c.t, healthy, health.Healthy)
	require.Equal(c.t, healthy, err == nil)
	return names
}

func TestHealthNamesWhatIsWrong(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	require.Empty(t, c.problemsNow())

	require.NoError(t, c.SetState(ctx, Bootstrapping))
	require.Equal(t, []string{ProblemBootstrapping}, c.problemsNow())
	require.NoError(t, c.SetState(ctx, NormalOperation))

	require.NoError(t, c.Submit(ctx, c.message(alice, session, "waits"), ""))
	require.Empty(t, c.problemsNow())
	c.clock.advance(stallTime + time.Second)
	require.Equal(t, []string{ProblemNotBuilding}, c.problemsNow())
	c.block()
	require.Empty(t, c.problemsNow())

	c.clock.advance(-maxFuture - time.Second)
	require.Equal(t, []string{ProblemChainAhead}, c.problemsNow())
	c.clock.advance(maxFuture + time.Second)

	c.config.Mempool.MaxTransactions = 1
	require.NoError(t, c.Submit(ctx, c.message(alice, session, "fills it"), ""))
	require.Equal(t, []string{ProblemMempoolFull}, c.problemsNow())
	c.block()

	free := c.config.MinFreeBytes
	c.host.FreeSpace = func() (uint64, error) { return free, nil }
	require.Empty(t, c.problemsNow())
	free--
	require.Equal(t, []string{ProblemDiskLow}, c.problemsNow())
}

func TestHealthWarnsOfUnknownRulesBeforeTheyBegin(t *testing.T) {
	c := startUpgraded(t)
	alice, _, session := c.open2()
	require.Empty(t, c.problemsNow())
	c.old = true
	c.restart()
	require.Equal(t, []string{ProblemUpgradeUnknown}, c.problemsNow())
	c.clock.advance(time.Hour)
	c.accept(c.message(alice, session, "the last of the first rules"))
	require.Equal(t, []string{ProblemUpgradeRequired}, c.problemsNow())
}

// alone starts the chain again as its only node, with a clock that nobody sets beside it.
func (c *testChain) alone(acceptTime bool) (elapsed *time.Duration) {
	c.t.Helper()
	require.NoError(c.t, c.Shutdown(context.Background()))
	elapsed = new(time.Duration)
	host := c.hostOf(nil)
	host.Alone, host.AcceptTime = true, acceptTime
	host.Elapsed = func() time.Duration { return *elapsed }
	c.VM = New()
	require.NoError(c.t, c.Initialize(context.Background(), host, c.genesis, nil))
	require.NoError(c.t, c.SetState(context.Background(), NormalOperation))
	return elapsed
}

func TestAClockThatJumpsDoesNotReachTheChain(t *testing.T) {
	ctx := context.Background()
	const jump = 60 * 24 * time.Hour
	c := startChain(t, nil)
	alice, _, session := c.open2()
	elapsed := c.alone(false)
	require.NoError(t, c.CheckClock())
	require.NoError(t, c.Submit(ctx, c.message(alice, session, "waits"), ""))

	c.clock.advance(jump)
	c.requireUntouched(func() {
		_, err := c.BuildBlock(ctx)
		c.requireRefused(err, refusal.ErrNotReady)
		require.ErrorContains(t, err, "--accept-time")
		c.requireRefused(c.Submit(ctx, c.message(alice, session, "not now"), ""), refusal.ErrNotReady)
	})
	require.Equal(t, []string{ProblemClockJumped}, c.problemsNow())
	c.clock.advance(-jump)
	require.Len(t, c.block().Transactions, 1)

	// Time that has really passed is no jump, however much.
	c.clock.advance(jump)
	*elapsed = jump
	require.NoError(t, c.CheckClock())

	// But who has slept can't tell, so a person has to.
	c.alone(false)
	require.ErrorContains(t, c.CheckClock(), "--accept-time")
	c.alone(true)
	require.NoError(t, c.CheckClock())
	c.clock.advance(time.Duration(c.config.MaxClockJump)*time.Second + time.Second)
	require.Error(t, c.CheckClock(), "the next jump is none of that")
}
