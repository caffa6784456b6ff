package client_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheClientImportsNothingOfTheNode(t *testing.T) {
	output, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	const module = "github.com/luxfi/session/"
	allowed := map[string]bool{"chain": true, "proofs": true, "client": true}
	for _, dependency := range strings.Fields(string(output)) {
		if name, ours := strings.CutPrefix(dependency, module); ours {
			require.True(t, allowed[name], "client imports %s", dependency)
		}
	}
}
