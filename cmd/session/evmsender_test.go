package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatAContractIsToDoIsCheckedBeforeAnybodyIsAsked, neither a node nor the EVM chain.
func TestWhatAContractIsToDoIsCheckedBeforeAnybodyIsAsked(t *testing.T) {
	const sender, nowhere = "0x00000000000000000000000000000000000000aa", "http://127.0.0.1:1"
	alice := newPerson(t, nodeAddress)
	key := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(key, []byte("01"), 0o600))
	for _, test := range []struct {
		says      string
		arguments []string
	}{
		{"PARTICIPANT is missing", []string{"evm", "create", sender}},
		{"no address of an EVM chain", []string{"evm", "create", "nobody", alice.id()}},
		{"is no contact and no identity", []string{"evm", "create", sender, alice.id(), "nobody"}},
		{"--evm or SESSION_EVM", []string{"evm", "create", sender, alice.id()}},
		{"TEXT is empty", []string{"evm", "say", sender, "0700000000000000000000000000000000000000000000000000000000000001", ""}},
		{"expected a private key", []string{"evm", "say", sender, "0700000000000000000000000000000000000000000000000000000000000001", "text", "--evm", nowhere, "--evm-key", key}},
		{"from 1 on", []string{"evm", "acknowledge", sender, "0700000000000000000000000000000000000000000000000000000000000001", "0"}},
		{"not both", []string{"id", "register", "--contract", "--admission", "file"}},
		{"escrow, log, sender, admission", []string{"evm", "deploy", "shop"}},
		{"--price \"\" is no amount", []string{"evm", "deploy", "admission"}},
		{"no address of an EVM chain", []string{"evm", "admit", "nobody"}},
		{"--evm or SESSION_EVM", []string{"evm", "admit", sender}},
		{"--evm or SESSION_EVM", []string{"evm", "next"}},
		{"--escrow, --log or --sender", []string{"relay"}},
		{"no address of an EVM chain", []string{"relay", "--sender", "nobody"}},
	} {
		alice.fails(ExitUsage, test.says, test.arguments...)
	}
}
