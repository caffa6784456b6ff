package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// nowhere is an address that nobody serves.
const nowhere = "http://127.0.0.1:1/rpc"

// session runs the session command line against a node, and returns what it prints and its
// exit status.
func session(ctx context.Context, t *testing.T, rpc string, arguments ...string) (out string, status int) {
	t.Helper()
	command := exec.CommandContext(ctx, *sessionBinary, arguments...)
	command.Env = append(os.Environ(), "SESSION_NODE="+rpc)
	var printed, complaints bytes.Buffer
	command.Stdout, command.Stderr = &printed, &complaints
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return printed.String() + complaints.String(), command.ProcessState.ExitCode()
}

// requireSession is session for a command that must do what it says.
func requireSession(ctx context.Context, t *testing.T, rpc string, arguments ...string) string {
	t.Helper()
	out, status := session(ctx, t, rpc, arguments...)
	require.Zero(t, status, "session %v: %s", arguments, out)
	return out
}

// trustFile is where testLightClient leaves the checkpoint for the steps after it.
var trustFile string

// testLightClient: a delivery that one node proves verifies offline, against a checkpoint
// made of the P-chain's validators.
func testLightClient(ctx context.Context, t *testing.T) {
	folder, err := os.MkdirTemp(net.Folder(), "lightclient-")
	require.NoError(t, err)
	trustFile = filepath.Join(folder, "trust.json")
	proof := filepath.Join(folder, "delivery.proof")
	platform := net.Nodes[1].URL() + "/ext/bc/P"
	requireSession(ctx, t, net.Nodes[0].RPC(), "trust", "--p-chain", platform, "--chain", net.ChainID.String(), "--out", trustFile)

	sent, _, _ := sendOne(ctx, t, net.Nodes[0], "to be verified by a stranger")
	requireSession(ctx, t, net.Nodes[2].RPC(), "proof", "--message", sent.ID.String(), "--certified", "--binary", "--out", proof)
	out := requireSession(ctx, t, nowhere, "verify", proof, "--trust", trustFile)
	t.Logf("session verify --trust, offline:\n%s", out)

	var verified struct {
		Basis struct {
			Weight struct{ Signed, Total uint64 }
		}
	}
	out = requireSession(ctx, t, nowhere, "verify", proof, "--trust", trustFile, "--json")
	require.NoError(t, json.Unmarshal([]byte(out), &verified), out)
	weight := verified.Basis.Weight
	require.NotZero(t, weight.Total, out)
	require.GreaterOrEqual(t, weight.Signed*100, weight.Total*67, out)

	// Changed anywhere, it is refused. (Each byte of one: the tests of lightclient and proofs.)
	good, err := os.ReadFile(proof)
	require.NoError(t, err)
	for at := 0; at < len(good); at += len(good)/20 + 1 {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		require.NoError(t, os.WriteFile(proof, bad, 0o600))
		out, status := session(ctx, t, nowhere, "verify", proof, "--trust", trustFile)
		require.NotZero(t, status, "byte %d: %s", at, out)
	}
}

// followChange has a light client that trusts the old validators follow to the new ones.
func followChange(ctx context.Context, t *testing.T, sent sent) {
	store := filepath.Join(filepath.Dir(trustFile), "store")
	node, witness := net.Nodes[0].RPC(), net.Nodes[1].RPC()
	t.Logf("session follow:\n%s", requireSession(ctx, t, node, "follow", "--trust", trustFile, "--witness", witness, "--store", store, "--once"))
	proof := filepath.Join(filepath.Dir(trustFile), "after.proof")
	requireSession(ctx, t, node, "proof", "--message", sent.ID.String(), "--certified", "--trust", trustFile, "--out", proof)
	requireSession(ctx, t, nowhere, "verify", proof, "--trust", trustFile)
}
