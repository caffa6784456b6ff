package e2e

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	requireSession(ctx, t, node, "proof", "--message", sent.ID.String(), "--certified", "--out", classical)
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
