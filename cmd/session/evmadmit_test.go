package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/luxfi/crypto"
	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// evmNode is a node of the EVM chain that the platform knows by an ID. It answers no more than which chain it is, and that the
// key has sent nothing, and notes what else it is asked.
type evmNode struct {
	source ids.ID
	mu     sync.Mutex
	others []string
}

// startEVM starts a node, has people use it, and returns the address of their key's next contract.
func startEVM(t *testing.T, source ids.ID, people ...*person) (*evmNode, common.Address) {
	t.Helper()
	n := &evmNode{source: source}
	server := httptest.NewServer(n)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "key")
	key, err := crypto.GenerateKey()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "%x", crypto.FromECDSA(key)), 0o600))
	for _, p := range people {
		p.env[envEVM], p.env[envEVMKey] = server.URL, file
	}
	return n, common.Address(crypto.CreateAddress(crypto.PubkeyToAddress(key.PublicKey), 0))
}

// ServeHTTP implements http.Handler.
func (n *evmNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		ID     json.RawMessage
		Method string
		Params []struct{ To string }
	}
	_ = json.NewDecoder(r.Body).Decode(&call) // the other methods' parameters are not read
	answer := ""
	switch {
	case call.Method == "eth_chainId":
		answer = "0x1"
	case call.Method == "eth_getTransactionCount":
		answer = "0x0"
	case call.Method == "eth_call" && len(call.Params) > 0 && common.HexToAddress(call.Params[0].To) == common.HexToAddress("0x0200000000000000000000000000000000000005"):
		answer = fmt.Sprintf("0x%x", n.source[:])
	}
	w.Header().Set("Content-Type", "application/json")
	if answer != "" {
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":%q}`, call.ID, answer)
		return
	}
	n.mu.Lock()
	n.others = append(n.others, call.Method)
	n.mu.Unlock()
	_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32000,"message":"no more is said"}}`, call.ID)
}

// goesOn reports whether anything was asked that leads to a transaction, since it was last called.
func (n *evmNode) goesOn() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	on := len(n.others) > 0
	n.others = nil
	return on
}

// TestNobodyPaysAContractThatCannotAdmit: neither for a registration nor for the contract, before it is known that the genesis names it.
func TestNobodyPaysAContractThatCannotAdmit(t *testing.T) {
	alice, bob := newPerson(t, ""), newPerson(t, "")
	source, other := ids.ID{'e', 'v', 'm'}, "0x00000000000000000000000000000000000000ad"
	evm, next := startEVM(t, source, alice)
	elsewhere, _ := startEVM(t, ids.ID{9}, bob)
	bob.env[envEVMKey] = alice.env[envEVMKey]
	startPriced(t, chain.Registration{
		Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{alice.identity.Public().DSA}, Contracts: []chain.Contract{{Chain: source, Address: next[:]}},
	}, alice, bob)
	expected := fmt.Sprintf("expected 0x%x on chain %s, got ", next, source)

	alice.fails(ExitRefused, expected+other+" on chain "+source.String(), "evm", "admit", other)
	alice.fails(ExitRefused, expected+other, "evm", "admit", other, "--again")
	alice.fails(ExitRefused, "Nothing was sent.", "evm", "admit", other)
	require.False(t, evm.goesOn())
	for _, arguments := range [][]string{{"evm", "admit", next.Hex()}, {"evm", "deploy", "admission", "--price", "1"}} {
		bob.fails(ExitRefused, fmt.Sprintf("%s0x%x on chain %s", expected, next, ids.ID{9}), arguments...)
		require.False(t, elsewhere.goesOn(), "the same address on another chain")
		alice.fails(ExitRefused, "no more is said", arguments...)
		require.True(t, evm.goesOn(), "the one that is named")
	}
	got := alice.runs("evm", "admit", other, "--json")
	var said struct{ Error failure }
	require.NoError(t, json.Unmarshal([]byte(got.err), &said))
	require.Equal(t, int(refusal.ErrNotAdmitted), said.Error.Code)
	require.Contains(t, said.Error.Expected, source.String())
	require.Contains(t, said.Error.Got, other)
}

// TestTheGenesisThatNamesAContractIsVerified from a trust file, and told to be the node's word without one.
func TestTheGenesisThatNamesAContractIsVerified(t *testing.T) {
	newPerson(t, nodeAddress).does("id", "register") // a first block, which has validators
	alice := newPerson(t, nodeAddress)
	trust, _ := alice.trusts()
	source := ids.ID{'e', 'v', 'm'}
	evm, next := startEVM(t, source, alice)
	admit := []string{"evm", "admit", next.Hex()}
	alice.fails(ExitRefused, "That this is the chain's genesis is the word of", admit...)
	alice.fails(ExitRefused, "expected a genesis that names contracts", append(admit, "--trust", trust)...)

	var asked []string
	var mu sync.Mutex
	lie := answering(t, func(method string, answer map[string]any) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, method)
		if method == "sessionvm.GetChainInfo" {
			answer["result"].(map[string]any)["genesis"].(map[string]any)["registration"] = chain.Registration{
				Mode: chain.RegistrationIssuer, Contracts: []chain.Contract{{Chain: source, Address: next[:]}},
			}
		}
	})
	require.False(t, evm.goesOn())
	for _, arguments := range [][]string{admit, {"evm", "deploy", "admission", "--price", "1"}, {"evm", "deploy", "sender"}} {
		alice.fails(ExitRefused, "answers falsely", append(arguments, "--trust", trust, "--node", lie)...)
		require.False(t, evm.goesOn())
	}
	asked = nil
	for _, contract := range []string{"escrow", "log"} {
		alice.fails(ExitRefused, "no more is said", "evm", "deploy", contract, "--trust", trust, "--node", lie)
		require.True(t, evm.goesOn(), "it has nothing of the genesis")
	}
	require.NotContains(t, asked, "sessionvm.GetStateProof")
}
