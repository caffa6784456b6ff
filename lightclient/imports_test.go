package lightclient

import (
	"go/build"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The package stays light: what it imports is listed here. No node, no database, no IAVL,
// and no cgo; proofs, pq and warp hold themselves to that as well.
func TestImports(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	require.NoError(t, err)
	require.NotEmpty(t, pkg.Imports)
	require.Empty(t, pkg.CgoFiles)
	allowed := []string{
		"github.com/StephenButtolph/canoto",
		"github.com/luxfi/ids",
		"github.com/luxfi/session/chain",
		"github.com/luxfi/session/pq",
		"github.com/luxfi/session/proofs",
		"github.com/luxfi/session/warp",
	}
	for _, path := range pkg.Imports {
		if domain, _, _ := strings.Cut(path, "/"); strings.Contains(domain, ".") {
			require.True(t, slices.Contains(allowed, path), "it imports %s", path)
		}
	}
}
