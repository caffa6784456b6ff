package pq

import (
	"go/build"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The package stands alone: nothing of its module, no node, no database, no cgo.
func TestImports(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	require.NoError(t, err)
	require.NotEmpty(t, pkg.Imports)
	require.Empty(t, pkg.CgoFiles)
	allowed := []string{
		"filippo.io/age",
		"filippo.io/age/armor",
		"github.com/cloudflare/circl/sign/mldsa/mldsa65",
		"github.com/hashicorp/golang-lru/v2",
		"golang.org/x/crypto/blake2b",
	}
	for _, path := range pkg.Imports {
		if domain, _, _ := strings.Cut(path, "/"); strings.Contains(domain, ".") {
			require.True(t, slices.Contains(allowed, path), "it imports %s", path)
		}
	}
}
