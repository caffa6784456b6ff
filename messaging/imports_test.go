package messaging

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheLibraryImportsNothingOfTheNode(t *testing.T) {
	output, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	const module = "github.com/luxfi/session/"
	allowed := []string{"chain", "internal/sealedfile", "pq", "e2ee", "proofs", "warp", "lightclient", "client", "client/provider", "messaging"}
	for _, dependency := range strings.Fields(string(output)) {
		if name, ours := strings.CutPrefix(dependency, module); ours {
			require.Contains(t, allowed, name)
		}
	}
}
