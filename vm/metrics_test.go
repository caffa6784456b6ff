package vm

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// gather returns the metrics of a registry by name: a counter's or gauge's value, summed
// over its labels, or how many observations a histogram has.
func gather(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	values := make(map[string]float64)
	for _, family := range families {
		require.NotEmpty(t, family.GetHelp(), family.GetName())
		require.True(t, strings.HasPrefix(family.GetName(), "sessionvm_"), family.GetName())
		for _, metric := range family.GetMetric() {
			switch {
			case metric.GetCounter() != nil:
				values[family.GetName()] += metric.GetCounter().GetValue()
			case metric.GetGauge() != nil:
				values[family.GetName()] += metric.GetGauge().GetValue()
			case metric.GetHistogram() != nil:
				values[family.GetName()] += float64(metric.GetHistogram().GetSampleCount())
			}
			for _, label := range metric.GetLabel() {
				values[family.GetName()+"/"+label.GetValue()] += metric.GetCounter().GetValue()
			}
		}
	}
	return values
}

// startMeasured starts a chain whose metrics are in a registry, with its data on disk.
func startMeasured(t *testing.T) (*testChain, *prometheus.Registry) {
	c := &testChain{t: t, clock: newClock(), db: dbm.NewMemDB()}
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = c.clock.millis()
	c.genesis = genesis.Bytes()
	registry := prometheus.NewRegistry()
	c.VM = New()
	require.NoError(t, c.Initialize(context.Background(), Host{
		ChainID: testChainID, DataDir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: c.clock.Now, Metrics: registry,
	}, c.genesis, []byte(`{"database":"goleveldb"}`)))
	require.NoError(t, c.SetState(context.Background(), NormalOperation))
	t.Cleanup(func() { require.NoError(t, c.Shutdown(context.Background())) })
	return c, registry
}

func TestMetricsMove(t *testing.T) {
	ctx := context.Background()
	c, registry := startMeasured(t)
	start := gather(t, registry)
	for name, want := range map[string]float64{
		"sessionvm_height": 0, "sessionvm_messages": 0, "sessionvm_tree_leaves": 1, "sessionvm_identities": 0,
		"sessionvm_last_block_timestamp_seconds": float64(c.clock.millis()) / 1000,
	} {
		require.Contains(t, start, name)
		require.Equal(t, want, start[name], name)
	}
	require.Positive(t, start["sessionvm_database_bytes"])

	alice, bob, session := c.open2()
	channel, _ := c.channelOf(alice, bob)
	c.accept(channel, sign(t, nil, c.sessionBody(nil, alice, bob)), c.message(alice, session, "one"))
	waiting := c.message(bob, session, "two")
	require.NoError(t, c.Submit(ctx, waiting, ""))
	c.refuseNow(waiting2(t, c), refusal.ErrUnknownSession)
	blk, err := c.BuildBlock(ctx)
	require.NoError(t, err)
	require.NoError(t, blk.Verify(ctx))

	now := gather(t, registry)
	for name, want := range map[string]float64{
		"sessionvm_height":                                       3,
		"sessionvm_oldest_state_height":                          0,
		"sessionvm_messages":                                     1,
		"sessionvm_active_sessions":                              1,
		"sessionvm_pending_sessions":                             1,
		"sessionvm_channels":                                     1,
		"sessionvm_identities":                                   2,
		"sessionvm_mempool_transactions":                         1,
		"sessionvm_mempool_bytes":                                float64(len(waiting.Bytes())),
		"sessionvm_processing_blocks":                            1,
		"sessionvm_refused_transactions_total":                   1,
		"sessionvm_accepted_transactions_total":                  6,
		"sessionvm_accepted_transactions_total/SendMessage":      1,
		"sessionvm_accepted_transactions_total/CreateSession":    2,
		"sessionvm_accepted_transactions_total/CreateChannel":    1,
		"sessionvm_accepted_transactions_total/RegisterIdentity": 2,
		"sessionvm_block_build_seconds":                          4,
		"sessionvm_block_verify_seconds":                         4,
		"sessionvm_block_commit_seconds":                         3,
		"sessionvm_signatures_verified_total":                    4,
		"sessionvm_tree_leaves":                                  1 + 2 + 1 + 2*2 + 1 + 1, // totals, identities, the usage of one, sessions and keys, channel, message
		"sessionvm_prune_errors_total":                           0,
	} {
		require.Contains(t, now, name)
		require.Equal(t, want, now[name], name)
	}
	require.Positive(t, now["sessionvm_cold_trees_total"]+1)
	require.Contains(t, now, "sessionvm_cold_trees_total")
	require.Greater(t, now["sessionvm_database_bytes"], start["sessionvm_database_bytes"])
}

// waiting2 returns a transaction that is refused.
func waiting2(t *testing.T, c *testChain) *chain.Transaction {
	return c.message(identity(1), otherChainID, "to nowhere")
}

// TestMetricsAreTakenBack shows that a chain that is shut down leaves nothing in the
// registry that would read its closed database, and that another can take its place.
func TestMetricsAreTakenBack(t *testing.T) {
	ctx := context.Background()
	c, registry := startMeasured(t)
	require.NotEmpty(t, gather(t, registry))

	second, genesis := New(), c.genesis
	host := Host{ChainID: testChainID, Log: slog.New(slog.DiscardHandler), Clock: c.clock.Now, Metrics: registry, Database: dbm.NewMemDB()}
	require.ErrorContains(t, second.Initialize(ctx, host, genesis, nil), "metrics", "the names are taken")
	require.NoError(t, second.Shutdown(ctx), "after an Initialize that failed")
	require.NotEmpty(t, gather(t, registry), "those of the first are still there")

	require.NoError(t, c.Shutdown(ctx))
	require.Empty(t, gather(t, registry))
	third := New()
	host.Database = dbm.NewMemDB()
	require.NoError(t, third.Initialize(ctx, host, genesis, nil))
	require.NotEmpty(t, gather(t, registry))
	require.NoError(t, third.Shutdown(ctx))
}

// TestMetricsAreRegisteredAllOrNone has one name taken in the middle of the others.
func TestMetricsAreRegisteredAllOrNone(t *testing.T) {
	ctx := context.Background()
	registry := prometheus.NewRegistry()
	require.NoError(t, registry.Register(prometheus.NewGauge(prometheus.GaugeOpts{Name: "sessionvm_messages", Help: "Somebody else's."})))
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = 1
	vm := New()
	err := vm.Initialize(ctx, Host{ChainID: testChainID, Log: slog.New(slog.DiscardHandler), Metrics: registry, Database: dbm.NewMemDB()}, genesis.Bytes(), nil)
	require.ErrorContains(t, err, "sessionvm_messages")
	require.Len(t, gather(t, registry), 1)
	require.ErrorIs(t, vm.ready(), refusal.ErrNotReady)
	require.NoError(t, vm.Shutdown(ctx))
}
