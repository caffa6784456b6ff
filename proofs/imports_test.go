package proofs

import (
	"go/build"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Of this module, proofs import chain and chain imports nothing.
func TestOfTheModuleOnlyChainIsImported(t *testing.T) {
	const module = "github.com/luxfi/session"
	for folder, allowed := range map[string][]string{".": {module + "/chain"}, "../chain": nil} {
		pkg, err := build.ImportDir(folder, 0)
		require.NoError(t, err)
		require.NotEmpty(t, pkg.Imports)
		require.Empty(t, pkg.CgoFiles)
		var own []string
		for _, path := range pkg.Imports {
			if path == module || strings.HasPrefix(path, module+"/") {
				own = append(own, path)
			}
		}
		require.Equal(t, allowed, own, folder)
	}
}
