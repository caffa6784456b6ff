package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// loggedBy runs the plugin with a configuration, has it accept a block, and returns its log's lines.
func loggedBy(t *testing.T, config string) []string {
	t.Helper()
	folder := t.TempDir()
	wrapper, log := filepath.Join(folder, "wrapper"), filepath.Join(folder, "log")
	// The node ends a plugin whose standard error it sees closed: 3 keeps it open.
	require.NoError(t, os.WriteFile(wrapper, fmt.Appendf(nil, "#!/bin/sh\nexec '%s' 3>&2 2>'%s'\n", binary, log), 0o700))
	h := startHostOf(t, wrapper, filepath.Join(folder, "chain"), pluginGenesis(), []byte(config))
	h.whileAccepting(func() { newPerson(t, 1, pluginChainID).register(t, h.client) })
	require.NoError(t, h.plugin.Shutdown(context.Background()))
	content, err := os.ReadFile(log)
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}

func TestAPluginLogsAsItsConfigurationSays(t *testing.T) {
	t.Parallel()
	blocks := 0
	for _, line := range loggedBy(t, `{"logLevel":"DEBUG","logJSON":true}`) {
		var entry struct {
			Msg, VM, Level string
			Height         int
			Transactions   int
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			require.NotContains(t, line, "block accepted")
			continue // before it was configured
		}
		require.Equal(t, "sessionvm", entry.VM)
		if entry.Msg == "block accepted" {
			blocks++
			require.Equal(t, "DEBUG", entry.Level)
			require.Equal(t, blocks, entry.Height)
			require.Positive(t, entry.Transactions)
		}
	}
	require.Positive(t, blocks)

	text := strings.Join(loggedBy(t, ""), "\n")
	require.Contains(t, text, `msg="chain opened"`)
	require.NotContains(t, text, "block accepted")
}

func TestAFlagCountsBeforeTheConfigurationOfTheLog(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"logLevel":"WARN","logJSON":true}`), 0o600))
	quiet := startRun(t, t.TempDir(), "--config", config)
	quiet.stop()
	require.NotContains(t, quiet.stderr.String(), "chain opened")
	loud := startRun(t, t.TempDir(), "--config", config, "--log-level", "INFO")
	loud.stop()
	require.Contains(t, loud.stderr.String(), `"msg":"chain opened"`)
	plain := startRun(t, t.TempDir(), "--config", config, "--log-level", "INFO", "--log-json=false")
	plain.stop()
	require.Contains(t, plain.stderr.String(), `msg="chain opened"`)
}
