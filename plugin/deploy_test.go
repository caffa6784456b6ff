package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheUnitIsWhatSystemdReads has systemd read the unit where it is installed: it says nothing of a good one.
func TestTheUnitIsWhatSystemdReads(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	content, err := os.ReadFile("../deploy/sessionvm.service")
	require.NoError(t, err)
	verify := func(unit string) (said []string) {
		file := filepath.Join(t.TempDir(), "sessionvm.service")
		require.NoError(t, os.WriteFile(file, []byte(unit), 0o600))
		out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput()
		require.NoError(t, err, "%s", out)
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, filepath.Base(file)) { // and not of other units of the machine
				said = append(said, line)
			}
		}
		return said
	}
	installed := strings.ReplaceAll(string(content), "/usr/local/bin/sessionvm", binary)
	require.NotEqual(t, string(content), installed)
	require.Empty(t, verify(installed))
	require.Len(t, verify(strings.ReplaceAll(installed, "LimitNOFILE", "LimitNoFile")), 1, "it would say so")
}
