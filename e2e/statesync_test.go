package e2e

import (
	"context"
	"flag"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

var loadBinary = flag.String("load", "../build/load", "the program that sends (internal/trial/load)")

// fillTime is how long messages are sent before nodes join, fillInFlight how many at a time.
const (
	fillTime     = 20 * time.Second
	fillInFlight = "300"
)

// offerStates lets validators offer their state every few blocks, from their next start on. Two of them
// are not started again before it matters: nodes need not have the interval alike.
func offerStates(_ context.Context, t *testing.T) {
	for _, node := range net.Nodes {
		require.NoError(t, node.Configure("config.json", []byte(`{"stateSync":{"interval":16}}`)))
	}
}

// testStateSync: a sixth node joins under load by fetching the state, and proves at once what was
// delivered before it was there. A seventh one executes the chain.
func testStateSync(ctx context.Context, t *testing.T) {
	early, _, _ := sendOne(ctx, t, net.Nodes[0], "before the others came")
	var nodes []string
	for _, node := range net.Nodes {
		nodes = append(nodes, node.RPC())
	}
	out, err := exec.CommandContext(ctx, *loadBinary, "-nodes", strings.Join(nodes, ","), "-in-flight", fillInFlight, "-for", fillTime.String()).CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("sent before:\n%s", out)

	l := startLoad(ctx, t)
	join := func(config string) (*network.Node, network.Joined) {
		guest, err := net.AddNode()
		require.NoError(t, err)
		require.NoError(t, guest.Configure("config.json", []byte(config)))
		joined, err := net.Join(ctx, guest)
		require.NoError(t, err)
		return guest, joined
	}
	fetches, fetched := join(`{"stateSync":{"minBlocks":16}}`)
	proof := filepath.Join(t.TempDir(), "early.proof")
	requireSession(ctx, t, fetches.RPC(), "proof", "--message", early.ID.String(), "--out", proof)
	require.Contains(t, requireSession(ctx, t, nowhere, "verify", proof), "VERIFIED")
	requireLogged(ctx, t, fetches, "state sync: the database is made")
	executes, executed := join(`{"stateSync":{"enabled":false}}`)
	t.Logf("a node has joined under load\nby fetching the state: %s\nby executing:          %s", fetched, executed)
	require.Less(t, fetched.Chain, executed.Chain)

	l.finish(ctx, t)
	height := requireAgreement(ctx, t)
	ours, err := headerAt(ctx, net.Nodes[0], height)
	require.NoError(t, err)
	for _, guest := range []*network.Node{fetches, executes} {
		eventually(ctx, t, 100*time.Millisecond, "a node that has joined follows", func() bool {
			theirs, err := headerAt(ctx, guest, height)
			return err == nil && theirs == ours
		})
	}
	// The older blocks come after the state.
	first, err := headerAt(ctx, net.Nodes[0], 1)
	require.NoError(t, err)
	eventually(ctx, t, 100*time.Millisecond, "the node has all blocks", func() bool {
		theirs, err := headerAt(ctx, fetches, 1)
		return err == nil && theirs == first
	})
	for _, guest := range []*network.Node{fetches, executes} {
		require.NoError(t, guest.Stop())
	}
}
