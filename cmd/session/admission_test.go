package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/relay"
)

// TestIssuerAdmitsWhomTheChainWouldNotTake runs a chain whose genesis names an issuer.
func TestIssuerAdmitsWhomTheChainWouldNotTake(t *testing.T) {
	issuer, alice, bob := newPerson(t, ""), newPerson(t, ""), newPerson(t, "")
	price := chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{issuer.identity.Public().DSA}}
	folder := t.TempDir()
	startPriced(t, price, issuer, alice, bob)
	alice.fails(1, "--admission FILE", "id", "register")
	alice.fails(1, "no issuer of this chain", "id", "admit", bob.id())
	admission := filepath.Join(folder, "admission.json")
	require.NoError(t, os.WriteFile(admission, []byte(issuer.does("id", "admit", alice.id(), "--days", "2")), 0o600))
	bob.fails(2, "admits "+alice.id(), "id", "register", "--admission", admission)
	require.Contains(t, alice.does("id", "register", "--admission", admission), "Registered")
	var shown struct {
		Until uint64 `json:"until"`
	}
	require.NoError(t, json.Unmarshal([]byte(issuer.does("id", "admit", bob.id(), "--json")), &shown))
	require.NotZero(t, shown.Until)
}

// startPriced starts a chain where registrations have a price, and has people use its node.
func startPriced(t *testing.T, price chain.Registration, people ...*person) {
	encoded, err := exec.Command(nodeBinary, "genesis").Output()
	require.NoError(t, err)
	genesis, err := chain.ParseGenesis(encoded)
	require.NoError(t, err)
	genesis.Registration = price
	folder := t.TempDir()
	file := filepath.Join(folder, "genesis.json")
	require.NoError(t, os.WriteFile(file, genesis.Bytes(), 0o600))
	address, stop, err := startNode(filepath.Join(folder, "data"), "--genesis", file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	for _, p := range people {
		p.env[envNode] = address
	}
}

// TestWhomAContractAdmitsIsWaitedFor: it is said which contracts admit, and what one is to be given. Here it is an issuer who admits meanwhile.
func TestWhomAContractAdmitsIsWaitedFor(t *testing.T) {
	issuer, alice, bob := newPerson(t, ""), newPerson(t, ""), newPerson(t, "")
	price := chain.Registration{
		Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{issuer.identity.Public().DSA},
		Contracts: []chain.Contract{{Chain: ids.ID{9}, Address: chain.Bytes{19: 0xad}}},
	}
	startPriced(t, price, issuer, alice, bob)
	alice.fails(1, "0x00000000000000000000000000000000000000ad on chain "+ids.ID{9}.String(), "id", "register")
	admission := filepath.Join(t.TempDir(), "admission.json")
	require.NoError(t, os.WriteFile(admission, []byte(issuer.does("id", "admit", alice.id())), 0o600))
	waited := make(chan outcome)
	go func() { waited <- alice.runs("id", "register", "--contract") }()
	alice.does("id", "register", "--admission", admission)
	got := <-waited
	require.Equal(t, ExitDone, got.status, got.err)
	public := alice.identity.Public()
	require.Contains(t, got.out, fmt.Sprintf("0x%x\n", relay.AdmitInput(public.KEM, public.DSA)))
	require.Contains(t, got.out, alice.id())
	require.Contains(t, got.err, "admit(bytes,bytes)")
	require.Regexp(t, "Certified +(signed by|it is in the block that is trusted)", alice.does("id", "register", "--contract"))
	require.Contains(t, alice.does("id", "register", "--contract", "--trust-node"), "no: it is the word of")

	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	c, err := client.New(bob.env[envNode], client.Options{})
	require.NoError(t, err)
	_, err = (&node{Client: c}).registered(ctx, bob.identity.ID())
	require.ErrorIs(t, err, context.DeadlineExceeded, "nobody admits him")
}

func TestNoContractAdmitsToAnOpenChain(t *testing.T) {
	newPerson(t, nodeAddress).fails(ExitUsage, "no contract admits identities", "id", "register", "--contract")
}

// TestLongWorkIsSaid: by whichever command it is done, and by whose word.
func TestLongWorkIsSaid(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			ID     json.RawMessage
			Method string
		}
		_ = json.NewDecoder(r.Body).Decode(&call)
		answer := fmt.Sprintf(`"error":{"code":%d,"message":"no"}`, int(refusal.ErrWork))
		switch call.Method {
		case "sessionvm.GetChainInfo":
			answer = fmt.Sprintf(`"result":{"chainId":%q,"genesis":{},"registration":{"bits":%d}}`, ids.ID{1}, client.MaxWork)
		case "sessionvm.GetIdentity":
			answer = fmt.Sprintf(`"error":{"code":%d,"message":"no"}`, int(refusal.ErrNotRegistered))
		}
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, call.ID, answer)
	}))
	defer server.Close()
	var said strings.Builder
	s := &shell{errOut: &said, node: server.URL, timeout: time.Minute, getenv: func(string) string { return "" }}
	c, err := s.dial(server.URL)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = c.RegisterIdentity(ctx, client.RegisterIdentityParams{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, server.URL+" says that a registration costs work: about 17179 million hashes on one processor. Ctrl-C ends it.\n", said.String())

	said.Reset()
	s.working(quietWork)
	require.Empty(t, said.String(), "what is done in a second")
}
