package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// contractSent is what the command line shows of what a contract has sent.
type contractSent struct {
	Session, Message string
	Gas              uint64
}

// arrives waits until all nodes that run have a message. It asks seldom: the relayer asks from the same address, which may ask so often.
func arrives(ctx context.Context, t *testing.T, message string) {
	t.Helper()
	eventually(ctx, t, 300*time.Millisecond, "a contract's message", func() bool {
		return !slices.ContainsFunc(net.Running(), func(n *network.Node) bool {
			return n.Call(ctx, "GetMessage", map[string]any{"messageId": message}, &struct{}{}) != nil
		})
	})
}

// testSender: a contract on an EVM chain of the same network makes a session with two people and writes in it; the relayer is
// killed meanwhile. Both read it, every node has it, and nothing is there twice.
func testSender(ctx context.Context, t *testing.T) {
	folder, err := os.MkdirTemp(net.Folder(), "sender-")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "key"), []byte(network.EVMKey()), 0o600))
	alice, bob := &evmUser{users[0], folder}, users[1]
	var sender struct {
		Address string
		Gas     uint64
	}
	alice.evm(ctx, t, &sender, "evm", "deploy", "sender")

	var out bytes.Buffer
	defer func() { t.Logf("session relay:\n%s", &out) }()
	ends := alice.relays(ctx, t, &out, "--sender", sender.Address)
	started := time.Now()
	var made contractSent
	alice.evm(ctx, t, &made, "evm", "create", sender.Address, alice.id, bob.id)
	says := func(text string) (sent contractSent) {
		alice.evm(ctx, t, &sent, "evm", "say", sender.Address, made.Session, text)
		require.Equal(t, made.Session, sent.Session)
		return sent
	}
	first := says("deposit 1 is paid")
	t.Logf("gas: to deploy %d, a session of three %d, a message of %d bytes %d", sender.Gas, made.Gas, len("deposit 1 is paid")+1, first.Gas)
	arrives(ctx, t, first.Message)
	t.Logf("everywhere %s after the session was asked for on the EVM chain", since(started))

	ends(os.Kill)
	all := []contractSent{first, says("deposit 2 is paid"), says("deposit 3 is paid")}
	ends = alice.relays(ctx, t, &out, "--sender", sender.Address)
	started = time.Now()
	arrives(ctx, t, all[2].Message)
	t.Logf("two messages everywhere %s after the relayer has started", since(started))
	ends(os.Interrupt)
	for _, u := range []*user{alice.user, bob} {
		u.hears(ctx, t, made.Session, "deposit 1 is paid", "deposit 2 is paid", "deposit 3 is paid")
	}

	// A light client verifies that the chain has it, and says whose it is and what that rests on.
	proof := filepath.Join(folder, "message.proof")
	requireSession(ctx, t, net.Nodes[0].RPC(), "proof", "--message", first.Message, "--certified", "--trust", trustFile, "--out", proof)
	verified := requireSession(ctx, t, nowhere, "verify", proof, "--trust", trustFile)
	require.Contains(t, verified, strings.ToLower(sender.Address))
	require.Contains(t, verified, "BLS, of validators of that chain")

	// All of it again, with a file that knows nothing.
	require.NoError(t, os.Remove(filepath.Join(folder, "relay.json")))
	out.Reset()
	ends = alice.relays(ctx, t, &out, "--sender", sender.Address, "--json")
	last := says("and that is all")
	arrives(ctx, t, last.Message)
	ends(os.Interrupt)
	for _, node := range net.Running() {
		var page struct{ Messages []struct{ ID string } }
		require.NoError(t, node.Call(ctx, "ListMessages", map[string]any{"sessionId": made.Session}, &page))
		require.Len(t, page.Messages, 4, "each once")
		for i, sent := range append(all, last) {
			require.Equal(t, sent.Message, page.Messages[i].ID, "in their order")
		}
	}
	brought := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, brought, 5)
	for _, line := range brought {
		var result struct{ Session string }
		require.NoError(t, json.Unmarshal([]byte(line), &result), line)
		require.Equal(t, made.Session, result.Session)
	}
}
