package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// TestIssuerAdmitsWhomTheChainWouldNotTake runs a chain whose genesis names an issuer.
func TestIssuerAdmitsWhomTheChainWouldNotTake(t *testing.T) {
	issuer, alice, bob := newPerson(t, ""), newPerson(t, ""), newPerson(t, "")
	encoded, err := exec.Command(nodeBinary, "genesis").Output()
	require.NoError(t, err)
	genesis, err := chain.ParseGenesis(encoded)
	require.NoError(t, err)
	genesis.Registration = chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{issuer.identity.Public().DSA}}
	folder := t.TempDir()
	file := filepath.Join(folder, "genesis.json")
	require.NoError(t, os.WriteFile(file, genesis.Bytes(), 0o600))
	address, stop, err := startNode(filepath.Join(folder, "data"), "--genesis", file)
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	for _, p := range []*person{issuer, alice, bob} {
		p.env[envNode] = address
	}
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
