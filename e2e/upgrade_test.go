package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// upgradeAfter is when the rules change: all nodes are restarted before, one by one.
const upgradeAfter = 45 * time.Second

// schedule is the upgrade file that testUpgrade leaves.
var schedule []byte

// rulesOf returns the number of the latest rule set that a program of SessionVM's knows.
func rulesOf(ctx context.Context, t *testing.T, program string) uint32 {
	t.Helper()
	out, err := exec.CommandContext(ctx, program, "version", "--json").Output()
	require.NoError(t, err)
	var version struct {
		Rules uint32 `json:"rules"`
	}
	require.NoError(t, json.Unmarshal(out, &version))
	return version.Rules
}

// requireLogged waits until a node's log has a text.
func requireLogged(ctx context.Context, t *testing.T, node *network.Node, text string) {
	t.Helper()
	eventually(ctx, t, 100*time.Millisecond, fmt.Sprintf("%q in %s", text, node.Log()), func() bool {
		log, err := os.ReadFile(node.Log())
		require.NoError(t, err)
		return strings.Contains(string(log), text)
	})
}

// testUpgrade changes the rules as docs/operations.md says, while messages are sent: the trial rule set
// halves the largest ciphertext. One node has a program that does not know it, another is down when
// it begins.
func testUpgrade(ctx context.Context, t *testing.T) {
	before, after := rulesOf(ctx, t, *pluginBinary), rulesOf(ctx, t, *trialPlugin)
	require.Greater(t, after, before)
	l := startLoad(ctx, t)
	long := longSender(ctx, t)
	old, down := net.Nodes[3], net.Nodes[2]

	activation := time.Now().Add(upgradeAfter)
	schedule = fmt.Appendf(nil, `{"upgrades":[{"rules":%d,"time":%d}]}`, after, activation.UnixMilli())
	for _, node := range net.Nodes {
		require.NoError(t, node.Configure("upgrade.json", schedule))
		if node != old {
			require.NoError(t, node.SetPlugin(*trialPlugin))
		}
		require.NoError(t, node.Stop())
		require.NoError(t, net.StartNode(ctx, node))
	}
	require.NoError(t, long(net.Nodes[0]), "long ciphertexts are allowed still")
	require.True(t, time.Now().Before(activation), "restarting all nodes took too long")
	t.Logf("all nodes have been restarted %s before the activation", -since(activation))
	requireLogged(ctx, t, old, "upgradeUnknown")

	require.NoError(t, down.Stop())
	time.Sleep(time.Until(activation))
	require.NoError(t, net.StartNode(ctx, down))
	first := firstUnder(ctx, t, net.Nodes[0], after)
	t.Logf("rule set %d from height %d on", after, first)
	require.ErrorContains(t, long(net.Nodes[1]), "wrong ciphertext size")
	requireStopped(ctx, t, old, first-1)

	// Replaced by what knows the rules, it goes on.
	require.NoError(t, old.SetPlugin(*trialPlugin))
	require.NoError(t, old.Stop())
	require.NoError(t, net.StartNode(ctx, old))
	l.finish(ctx, t)
	requireBoth(t, l, first)
	requireAgreement(ctx, t)

	alice := users[0]
	out, status := alice.runs(ctx, t, "read", "bob")
	require.NotZero(t, status, out)
	require.Contains(t, out, "upgrade", "a command line that does not know the rules")
	*sessionBinary = *trialSession
	alice.does(ctx, t, "send", "bob", "by other rules")
	users[1].hears(ctx, t, "alice", "hello alice", "by other rules")
}

// longSender returns what sends a message to a node that the trial rule set does not allow.
func longSender(ctx context.Context, t *testing.T) func(*network.Node) error {
	var info struct {
		Genesis struct {
			Limits struct {
				MaxCiphertextBytes int `json:"maxCiphertextBytes"`
			} `json:"limits"`
		} `json:"genesis"`
	}
	require.NoError(t, net.Nodes[0].Call(ctx, "GetChainInfo", struct{}{}, &info))
	p, err := newPerson(ctx, net.Nodes[0])
	require.NoError(t, err)
	session, err := newSession(ctx, net.Nodes[0], p)
	require.NoError(t, err)
	text := make([]byte, info.Genesis.Limits.MaxCiphertextBytes/2+1)
	return func(node *network.Node) error {
		text[0]++
		_, err := p.send(ctx, node, net.ChainID, session, text, longestWait)
		return err
	}
}

// firstUnder waits for blocks of a rule set, and returns the height of the first.
func firstUnder(ctx context.Context, t *testing.T, node *network.Node, rules uint32) (height uint64) {
	t.Helper()
	height, err := node.Height(ctx)
	require.NoError(t, err)
	version := func() uint32 {
		header, err := headerAt(ctx, node, height)
		require.NoError(t, err)
		return header.Version
	}
	eventually(ctx, t, 100*time.Millisecond, "blocks by the new rules", func() bool {
		now, err := node.Height(ctx)
		if err == nil {
			height = now
		}
		return version() == rules
	})
	for version() == rules {
		height--
	}
	return height + 1
}

// requireStopped requires that a node has stopped at a height, because it does not know the rules
// from there on, says so, and takes nothing.
func requireStopped(ctx context.Context, t *testing.T, node *network.Node, at uint64) {
	t.Helper()
	var health struct {
		Healthy bool   `json:"healthy"`
		Height  uint64 `json:"height"`
		Error   string `json:"error"`
	}
	eventually(ctx, t, 100*time.Millisecond, "the old program has all blocks that it can have", func() bool {
		require.NoError(t, node.Call(ctx, "Health", struct{}{}, &health))
		return health.Height == at
	})
	require.False(t, health.Healthy)
	require.Contains(t, health.Error, "upgradeRequired")
	require.Contains(t, health.Error, "replace it")
	requireLogged(ctx, t, node, "problem=upgradeRequired")
	_, err := newPerson(ctx, node)
	require.ErrorContains(t, err, "replace it")
	require.NoError(t, node.Call(ctx, "Health", struct{}{}, &health))
	require.Equal(t, at, health.Height)
	t.Logf("the old program, at height %d: %s", at, health.Error)
}

// requireBoth requires that messages were accepted on both sides of a height.
func requireBoth(t *testing.T, l *load, first uint64) {
	t.Helper()
	sides := make(map[bool]int)
	for _, sent := range l.accepted {
		require.NotEqual(t, ids.Empty, sent.ID)
		sides[sent.Height >= first]++
	}
	require.NotZero(t, sides[false])
	require.NotZero(t, sides[true])
	t.Logf("%d messages by the old rules, %d by the new", sides[false], sides[true])
}
