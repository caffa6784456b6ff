package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/warp"
)

// fakePlatform is a P-chain's API, with one subnet and one chain. Its members answer each
// method.
func fakePlatform(t *testing.T, answers map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			ID     json.RawMessage
			Method string
			Params map[string]any
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &call) != nil {
			return
		}
		key := call.Method
		if height, ok := call.Params["height"]; ok {
			key += fmt.Sprint(" ", height)
		}
		answer, ok := answers[key]
		if !ok {
			answer = `"error":{"code":-32000,"message":"no such thing\u001b[2J"}`
		}
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, call.ID, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

var testSubnet = ids.ID{5, 5}

// platformAnswers are those of a P-chain that has the node's validator.
func platformAnswers(t *testing.T) map[string]string {
	key := validatorKey(t).PublicKey().Bytes()
	return map[string]string{
		"platform.validatedBy":       fmt.Sprintf(`"result":{"subnetID":%q}`, testSubnet),
		"platform.getHeight":         `"result":{"height":"0"}`,
		"platform.getValidatorsAt 0": fmt.Sprintf(`"result":{"NodeID-1":{"publicKey":"0x%x","weight":"1"}}`, key),
	}
}

func TestATrustFileIsMadeFromANodeAndSaysSo(t *testing.T) {
	alice, _, _ := pair(t)
	path, made := alice.trusts()
	require.Equal(t, fromNode, made.Source)
	require.Equal(t, path, made.File)
	require.Equal(t, warp.Weight{Signed: 1, Total: 1}, made.SignedBy)
	require.False(t, made.PostQuantum)
	require.Equal(t, lightclient.DefaultTrustingPeriod, made.Expires.Sub(made.BlockTime))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	trust, err := lightclient.ParseTrustOptions(content)
	require.NoError(t, err)
	require.Equal(t, made.Block, trust.Checkpoint.Header.ID())
	require.Equal(t, alice.info().ChainID, trust.ChainID)

	text := alice.does("trust", "--policy", "bls", "--height", number(made.Height), "--out", path)
	require.Contains(t, text, "WARNING: all of this is trusted on the word of one node.")
	require.Contains(t, text, made.Block.String())
	require.Contains(t, text, "not post-quantum")
	result := alice.runs("trust", "--policy", "bls", "--height", number(made.Height))
	require.Equal(t, string(content), result.out, "the file itself, and the rest elsewhere")
	require.Contains(t, result.err, "WARNING")

	require.NotContains(t, alice.does("trust", "--policy", "bls", "--height", number(made.Height), "--block", made.Block.String(), "--out", path), "WARNING")
	alice.fails(ExitRefused, "expected block "+ids.ID{1}.String(), "trust", "--block", ids.ID{1}.String(), "--out", path)
	alice.fails(ExitRefused, "another chain", "trust", "--chain", ids.ID{1}.String())
	alice.fails(ExitRefused, "signed in another way", "trust", "--ciphersuite", "nul")
	alice.fails(ExitRefused, "not the validator set that the header commits to", "trust", "--network-id", "7")
	alice.fails(ExitRefused, "trusting period", "trust", "--period", "1ns")
	alice.fails(ExitRefused, "not found", "trust", "--height", "1000000")
	alice.fails(ExitUsage, "2/3", "trust", "--quorum", "60")
	alice.fails(ExitUsage, "POP or NUL", "trust", "--ciphersuite", "RSA")
	alice.fails(ExitUsage, "leave out --quorum", "trust", "--from", path, "--quorum", "70")
	alice.fails(ExitUsage, "needs --p-chain", "trust", "--subnet", ids.ID{1}.String())
	alice.fails(ExitUsage, "no such file", "trust", "--from", filepath.Join(t.TempDir(), "none"))
	alice.offline().fails(ExitUnreachable, "no answer", "trust")
}

// TestATrustFileDemandsMLDSA once the validator has registered its key, which it does by itself, and nothing less follows from it.
func TestATrustFileDemandsMLDSA(t *testing.T) {
	alice, _, _ := pair(t)
	path := filepath.Join(t.TempDir(), "trust.json")
	policy := func() lightclient.Policy {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		trust, err := lightclient.ParseTrustOptions(content)
		require.NoError(t, err)
		if trust.Policy.PostQuantum() {
			require.Equal(t, warp.Weight{Signed: 1, Total: 1}, trust.Checkpoint.Keys.Keyed())
		}
		return trust.Policy
	}
	require.Eventually(t, func() bool {
		alice.does("trust", "--out", path)
		return policy() == lightclient.PolicyBoth
	}, 30*time.Second, 500*time.Millisecond, "it is the default as soon as it can be")
	require.Contains(t, alice.does("trust", "--policy", "ml-dsa", "--out", path), "ML-DSA-65, post-quantum\n")
	require.Contains(t, alice.does("trust", "--from", path, "--out", path), "ML-DSA-65, post-quantum\n", "the policy is kept")
	require.Equal(t, lightclient.PolicyMLDSA, policy())
	for _, less := range []string{"bls", "both"} {
		alice.fails(ExitUsage, "demands ml-dsa, and nothing less follows", "trust", "--from", path, "--policy", less)
	}
	alice.fails(ExitUsage, "policy bls, ml-dsa or both", "trust", "--policy", "rsa")

	alice.does("trust", "--policy", "bls", "--out", path)
	require.Empty(t, policy())
	alice.does("trust", "--from", path, "--policy", "bls", "--out", path)
	require.Empty(t, policy())
	alice.does("trust", "--from", path, "--out", path)
	require.Equal(t, lightclient.PolicyBoth, policy(), "more follows from less")
	alice.does("trust", "--policy", "bls", "--out", path)
	alice.does("trust", "--from", path, "--policy", "ml-dsa", "--out", path)
	require.Equal(t, lightclient.PolicyMLDSA, policy())
}

func TestATrustFileIsMadeFromThePChain(t *testing.T) {
	alice, _, _ := pair(t)
	chainID := alice.info().ChainID.String()
	path := filepath.Join(t.TempDir(), "trust.json")
	url := fakePlatform(t, platformAnswers(t))
	made := gets[trustResult](alice, "trust", "--p-chain", url, "--chain", chainID, "--out", path)
	require.Equal(t, fromPlatform, made.Source)
	require.Equal(t, warp.Weight{Signed: 1, Total: 1}, made.SignedBy)
	require.Len(t, made.OnTheWordOf, 1)
	require.Contains(t, made.OnTheWordOf[0], testSubnet.String())
	text := alice.does("trust", "--p-chain", url, "--subnet", testSubnet.String(), "--out", path)
	require.NotContains(t, text, "WARNING")
	require.Contains(t, text, "that this chain is the one you mean")

	for name, test := range map[string]struct {
		method, answer, says string
		status               int
	}{
		"other validators": {"platform.getValidatorsAt 0", fmt.Sprintf(`"result":{"NodeID-1":{"publicKey":"0x%x","weight":"2"}}`, validatorKey(t).PublicKey().Bytes()),
			"does not commit to the validators", ExitRefused},
		"a refusal":      {"platform.getValidatorsAt 0", `"error":{"message":"pruned\u001b[2J"}`, `refuses platform.getValidatorsAt: "pruned\x1b[2J"`, ExitRefused},
		"no subnet":      {"platform.validatedBy", `"result":{}`, "without a subnet", ExitRefused},
		"another subnet": {"platform.validatedBy", fmt.Sprintf(`"result":{"netID":%q}`, ids.ID{9}), "validated by subnet " + ids.ID{9}.String(), ExitRefused},
		"no height":      {"platform.getHeight", `"result":{}`, "without a height", ExitRefused},
		// Those of now have not signed, whoever did at the time.
		"validators that came later": {"platform.getHeight", `"result":{"height":"9"}`, "try again", ExitRefused},
	} {
		answers := platformAnswers(t)
		answers["platform.getValidatorsAt 9"] = strings.Replace(answers["platform.getValidatorsAt 0"], `"weight":"1"`, `"weight":"3"`, 1)
		answers[test.method] = test.answer
		result := alice.runs("trust", "--p-chain", fakePlatform(t, answers), "--subnet", testSubnet.String())
		require.Equal(t, test.status, result.status, "%s\n%s", name, result.err)
		require.Contains(t, result.err, test.says, name)
		require.Empty(t, result.out, name)
	}
	alice.fails(ExitUnreachable, "no answer", "trust", "--p-chain", "http://127.0.0.1:1")
	alice.fails(ExitUsage, "--p-chain", "trust", "--p-chain", "the p-chain")
	alice.fails(ExitRefused, "on network 7", "trust", "--p-chain", url, "--network-id", "7")

	// A node that shows a block which the P-chain's validators have not signed.
	node := liar(t, "GetHeader", func(result map[string]any) {
		shown := result["header"].(map[string]any)
		var encoded client.Bytes
		require.NoError(t, encoded.UnmarshalText([]byte(shown["bytes"].(string))))
		header, err := chain.ParseHeader(encoded)
		require.NoError(t, err)
		header.StateRoot[0] ^= 1
		shown["bytes"] = client.Bytes(header.Bytes()).String()
	})
	alice.fails(ExitRefused, "not found", "trust", "--p-chain", url, "--node", node)
}

func TestATrustFileIsMadeFromAnEarlierOne(t *testing.T) {
	alice, _, session := pair(t)
	path, first := alice.trusts()
	alice.does("send", session, "hello")
	made := gets[trustResult](alice, "trust", "--from", path, "--witness", nodeAddress, "--out", path)
	require.Equal(t, fromTrust, made.Source)
	require.Greater(t, made.Height, first.Height)
	require.Equal(t, uint64(1), made.SignedBy.Signed)
	again := gets[trustResult](alice, "trust", "--from", path, "--height", number(made.Height), "--out", path)
	require.Equal(t, made.Block, again.Block)
	require.Contains(t, alice.does("trust", "--from", path, "--height", number(made.Height), "--out", path), "checkpoint of the earlier trust file")

	// A node that lies gets nowhere.
	alice.does("send", session, "again")
	lie := forged(alice, made.Height)
	lie.Certificate.Signature[3] ^= 1
	node := liar(t, "GetLightBlock", func(result map[string]any) { result["lightBlock"] = client.Bytes(lie.Bytes()).String() })
	alice.fails(ExitRefused, node, "trust", "--from", path, "--node", node)
}
