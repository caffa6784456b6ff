package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRunTakesAnUpgradeFile(t *testing.T) {
	t.Parallel()
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "upgrades.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"upgrades":[{"rules":2,"time":4000000000000}]}`), 0o600))
	running := startRun(t, folder, "--upgrades", file)
	running.stop()
	require.Contains(t, running.stderr.String(), "upgradeUnknown")
	require.NoError(t, os.WriteFile(file, []byte(`{"upgrades":[{"rules":2}]}`), 0o600))
	require.Contains(t, refusedRun(t, folder, "--upgrades", file), "ascending rules and times")
}
