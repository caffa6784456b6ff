package e2e

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// postQuantumTrust are trust files that demand ML-DSA-65, by their policy. They are made while the fifth validator has never
// run, so that it has no key.
var postQuantumTrust = make(map[string]string)

// weight is how much of the validators' weight has signed.
type weight struct{ Signed, Total uint64 }

// testPostQuantum: validators register their ML-DSA-65 keys by themselves, and then a delivery verifies offline on these
// signatures alone. A validator without a key counts in the total.
func testPostQuantum(ctx context.Context, t *testing.T) {
	folder, err := os.MkdirTemp(net.Folder(), "postquantum-")
	require.NoError(t, err)
	node, platform := net.Nodes[0].RPC(), net.Nodes[1].URL()+"/ext/bc/P"
	bls := filepath.Join(folder, "bls.json")
	requireSession(ctx, t, node, "trust", "--policy", "bls", "--p-chain", platform, "--chain", net.ChainID.String(), "--out", bls)
	for _, policy := range []string{"ml-dsa", "both"} {
		file := filepath.Join(folder, policy+".json")
		eventually(ctx, t, time.Second, "two thirds of the weight have registered keys", func() bool {
			_, status := session(ctx, t, node, "trust", "--policy", policy, "--p-chain", platform, "--chain", net.ChainID.String(), "--out", file)
			return status == 0
		})
		postQuantumTrust[policy] = file
	}
	sent, _, _ := sendOne(ctx, t, net.Nodes[0], "to be verified without BLS")
	signed := verifiedWithoutBLS(ctx, t, sent)
	require.Equal(t, 4*signed.Total, 5*signed.Signed, "four of five have a key")

	classical := filepath.Join(folder, "classical.proof")
	requireSession(ctx, t, node, "proof", "--message", sent.ID.String(), "--trust", bls, "--out", classical)
	for policy, trust := range postQuantumTrust {
		out, status := session(ctx, t, nowhere, "verify", classical, "--trust", trust)
		require.NotZero(t, status, "%s: BLS signatures alone: %s", policy, out)
		require.Contains(t, out, "ML-DSA-65")
	}
}

// verifiedWithoutBLS requires that a delivery verifies offline, from the trust files of the beginning, on ML-DSA-65
// signatures. It returns how much of the weight has signed where the policy knows no BLS.
func verifiedWithoutBLS(ctx context.Context, t *testing.T, sent sent) weight {
	t.Helper()
	signed := make(map[string]weight)
	for policy, trust := range postQuantumTrust {
		proof := filepath.Join(t.TempDir(), "delivery.proof")
		requireSession(ctx, t, net.Nodes[2].RPC(), "proof", "--message", sent.ID.String(), "--trust", trust, "--out", proof)
		out := requireSession(ctx, t, nowhere, "verify", proof, "--trust", trust, "--json")
		var verified struct {
			Trusted bool
			Basis   struct {
				Weight      weight
				Scheme      string
				PostQuantum bool
			}
		}
		require.NoError(t, json.Unmarshal([]byte(out), &verified), out)
		require.True(t, verified.Trusted && verified.Basis.PostQuantum, out)
		require.Contains(t, verified.Basis.Scheme, "ML-DSA-65", out)
		require.Equal(t, policy == "ml-dsa", verified.Basis.Scheme == "ML-DSA-65", out)
		signed[policy] = verified.Basis.Weight
		t.Logf("policy %s, offline: %d of the weight of %d have signed, %s", policy, signed[policy].Signed, signed[policy].Total, verified.Basis.Scheme)
	}
	return signed["ml-dsa"]
}

// rotated is the validator that rotateKey gives a new key, which it has from its next start on, and the key's SHA-256.
var rotated struct {
	node *network.Node
	key  string
}

func rotateKey(ctx context.Context, t *testing.T) {
	rotated.node = net.Nodes[1]
	out, err := exec.CommandContext(ctx, *pluginBinary, "rotate-key", "--data", rotated.node.ChainFolder()).Output()
	require.NoError(t, err, "%s", out)
	_, err = fmt.Sscanf(string(out), "new key %s", &rotated.key)
	require.NoError(t, err, "%s", out)
	require.Len(t, rotated.key, 2*sha256.Size)
}

// followWithoutBLS has clients follow on ML-DSA-65 signatures from the trust files of the beginning: since then a validator got
// its first key, one has replaced its key, one has left, and one has joined.
func followWithoutBLS(ctx context.Context, t *testing.T, joined *network.Node) {
	var after sent
	eventually(ctx, t, time.Second, "the keys of those who have joined, and replaced theirs, are registered", func() bool {
		after, _, _ = sendOne(ctx, t, net.Nodes[0], "after all that")
		var certified struct {
			Keys []hexBytes `json:"keys"`
		}
		require.NoError(t, net.Nodes[0].Call(ctx, "GetCertificate", map[string]any{"height": after.Height, "postQuantum": true}, &certified))
		at, err := headerAt(ctx, net.Nodes[0], after.Height)
		require.NoError(t, err)
		set := canonicalSet(ctx, t, at.PChainHeight)
		require.Len(t, certified.Keys, network.Size)
		key := certified.Keys[indexIn(set, rotated.node)]
		return len(certified.Keys[indexIn(set, joined)]) > 0 && fmt.Sprintf("%x", sha256.Sum256(key)) == rotated.key
	})
	signed := verifiedWithoutBLS(ctx, t, after)
	require.GreaterOrEqual(t, 5*signed.Signed, 4*signed.Total)
	for policy, trust := range postQuantumTrust {
		out := requireSession(ctx, t, net.Nodes[0].RPC(), "follow", "--trust", trust, "--witness", net.Nodes[1].RPC(), "--store", trust+".store", "--once", "--json")
		var last struct {
			Height      uint64
			PostQuantum bool
		}
		for lines := bufio.NewScanner(bytes.NewReader([]byte(out))); lines.Scan(); {
			require.NoError(t, json.Unmarshal(lines.Bytes(), &last), out)
			require.True(t, last.PostQuantum, out)
		}
		require.GreaterOrEqual(t, last.Height, after.Height, out)
		t.Logf("policy %s, session follow:\n%s", policy, out)
	}
}
