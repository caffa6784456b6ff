package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The command is a client: whoever builds it needs neither the chain's state nor a host.
func TestTheCommandNeedsTheClientSideOnly(t *testing.T) {
	const module = "github.com/luxfi/session/"
	output, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	packages := strings.Fields(string(output))
	require.Contains(t, packages, module+"proofs")
	allowed := []string{"chain", "pq", "proofs", "warp", "lightclient", "internal/sealedfile", "e2ee", "messaging", "client", "client/provider", "cmd/session"}
	for _, imported := range packages {
		for _, heavy := range []string{"github.com/luxfi/node/", "github.com/cosmos/iavl", "github.com/cometbft/cometbft-db"} {
			require.False(t, strings.HasPrefix(imported, heavy), imported)
		}
		if own, ok := strings.CutPrefix(imported, module); ok {
			require.Contains(t, allowed, own)
		}
	}
}
