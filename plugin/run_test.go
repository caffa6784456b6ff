package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/plugin/node"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

func TestRunServesAndKeepsItsDataOverARestart(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "new", "folder")
	first := startRun(t, folder, "--max-messages", "3", "--retention-days", "7")
	status, health := get(t, first.said["health"])
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, health, `"healthy":true`)
	status, metrics := get(t, first.said["metrics"])
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, metrics, "sessionvm_height 0")
	require.Contains(t, metrics, "go_goroutines")

	c := first.client()
	chainID, err := c.ChainID(context.Background())
	require.NoError(t, err)
	require.Equal(t, first.said["chain ID"], chainID.String())
	alice, bob := newPerson(t, 1, chainID), newPerson(t, 2, chainID)
	alice.register(t, c)
	session := openSession(t, c, alice, bob)
	sent := alice.message(t, session, "kept")
	before, err := c.SendMessage(context.Background(), sent)
	require.NoError(t, err)
	require.EqualValues(t, 1, before.Sequence)
	first.stop()

	// The same options again are no disagreement, nor is it to give none.
	second := startRun(t, folder, "--max-messages", "3")
	require.Equal(t, first.said["chain ID"], second.said["chain ID"])
	require.NotEqual(t, "0", second.said["height"])
	c = second.client()
	found, err := c.GetMessage(context.Background(), client.GetMessageParams{MessageID: before.MessageID})
	require.NoError(t, err)
	require.Equal(t, sent.Ciphertext, found.Message.Ciphertext)
	again, err := c.SendMessage(context.Background(), sent)
	require.NoError(t, err)
	require.Equal(t, before, again)
	requireProven(t, c, before.MessageID, 1)
	info, err := c.GetChainInfo(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, 3, info.Genesis.MaxMessages)
	require.EqualValues(t, 7, info.Genesis.RetentionDays)
	second.stop()
}

func TestRunRefusesASecondProcessOnTheSameFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first := startRun(t, folder)
	require.Contains(t, refusedRun(t, folder), "in use by another process")
	status, _ := get(t, first.said["health"])
	require.Equal(t, http.StatusOK, status)
	first.kill() // the lock is the process's: no file is left to remove by hand
	startRun(t, folder).stop()
}

func TestRunRefusesWhatDisagreesWithTheGenesisAndNamesTheOption(t *testing.T) {
	t.Parallel()
	folder, files := t.TempDir(), t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(files, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	genesis := write("genesis.json", `{"version":1,"timestamp":1700000000000,"sessionTTL":3600}`)
	startRun(t, folder, "--genesis", genesis).stop()
	startRun(t, folder, "--genesis", genesis, "--config", write("agrees.json", `{"sessionTTL":3600,"idPrefix":"07"}`)).stop()

	for name, test := range map[string]struct {
		arguments []string
		says      string
	}{
		"sessionTTL in the configuration":    {[]string{"--config", write("ttl.json", `{"sessionTTL":60}`)}, "sessionTTL"},
		"maxMessages in the configuration":   {[]string{"--config", write("messages.json", `{"maxMessages":1}`)}, "maxMessages"},
		"maxChannels in the configuration":   {[]string{"--config", write("channels.json", `{"maxChannels":1}`)}, "maxChannels"},
		"retentionDays in the configuration": {[]string{"--config", write("retention.json", `{"retentionDays":1}`)}, "retentionDays"},
		"idPrefix in the configuration":      {[]string{"--config", write("prefix.json", `{"idPrefix":"05"}`)}, "idPrefix"},
		"an unknown option":                  {[]string{"--config", write("unknown.json", `{"sessionTTl2":1}`)}, "sessionTTl2"},
		"an unknown option of the service":   {[]string{"--config", write("service.json", `{"rpc":{"maxBodyByte":1}}`)}, "maxBodyByte"},
		"no configuration file":              {[]string{"--config", filepath.Join(files, "none.json")}, "none.json"},
		"--session-ttl":                      {[]string{"--session-ttl", "60"}, "sessionTTL"},
		"--max-messages":                     {[]string{"--max-messages", "1"}, "maxMessages"},
		"--max-channels":                     {[]string{"--max-channels", "1"}, "maxChannels"},
		"--retention-days":                   {[]string{"--retention-days", "1"}, "retentionDays"},
		"--id-prefix":                        {[]string{"--id-prefix", "05"}, "idPrefix"},
		"--require-signed-sessions":          {[]string{"--require-signed-sessions"}, "requireSignedSessions"},
		"--timestamp":                        {[]string{"--timestamp", "1700000000001"}, "timestamp"},
		"another genesis":                    {[]string{"--genesis", write("other.json", `{"version":1,"timestamp":1700000000001,"sessionTTL":3600}`)}, "another genesis"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, refusedRun(t, folder, test.arguments...), test.says)
		})
	}
	startRun(t, folder).stop()
}

func TestRunMakesNoChainOfAWrongGenesis(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]string{
		"retentionDays": {"--session-ttl", "259200", "--retention-days", "2"},
		"idPrefix":      {"--id-prefix", "7"},
		"maxMessages":   {"--max-messages", "0"},
		"--timestamp":   {"--timestamp", "yesterday"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			require.Contains(t, refusedRun(t, folder, arguments...), name)
			require.NoFileExists(t, filepath.Join(folder, "genesis.json"))
		})
	}
}

func TestRunStopsByItself(t *testing.T) {
	t.Parallel()
	p := startRun(t, t.TempDir(), "--max-run", "300ms")
	select {
	case <-p.ended:
		require.NoError(t, p.failure)
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
}

func TestGenesisPrintsWhatRunTakes(t *testing.T) {
	t.Parallel()
	output, err := exec.Command(binary, "genesis").Output()
	require.NoError(t, err)
	genesis, err := chain.ParseGenesis(output)
	require.NoError(t, err)
	require.Equal(t, chain.DefaultGenesis().Options, genesis.Options)
	require.WithinDuration(t, time.Now(), genesis.Time(), time.Minute)

	output, err = exec.Command(binary, "genesis", "--session-ttl", "60", "--max-messages", "5", "--max-channels", "6",
		"--retention-days", "7", "--id-prefix", "08", "--require-signed-sessions", "--timestamp", "2026-01-02T03:04:05Z").Output()
	require.NoError(t, err)
	genesis, err = chain.ParseGenesis(output)
	require.NoError(t, err)
	require.Equal(t, chain.Options{SessionTTL: 60, MaxMessages: 5, MaxChannels: 6, RetentionDays: 7, IDPrefix: "08"}, genesis.Options)
	require.True(t, genesis.RequireSignedSessions)
	require.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), genesis.Time())

	path := filepath.Join(t.TempDir(), "genesis.json")
	require.NoError(t, os.WriteFile(path, output, 0o600))
	p := startRun(t, t.TempDir(), "--genesis", path)
	require.Equal(t, genesis.StandaloneChainID().String(), p.said["chain ID"])
	p.stop()
}

func TestVersionSaysWhatItIs(t *testing.T) {
	t.Parallel()
	output, err := exec.Command(binary, "version", "--json").Output()
	require.NoError(t, err)
	var said struct {
		Version  string
		VMID     ids.ID `json:"vmId"`
		Protocol uint
		Go       string
		Commit   string
	}
	require.NoError(t, json.Unmarshal(output, &said))
	require.Equal(t, chain.VMID, said.VMID)
	require.EqualValues(t, node.Protocol, said.Protocol)
	require.Equal(t, runtime.Version(), said.Go)
	require.NotEmpty(t, said.Version)
	require.NotEmpty(t, said.Commit)
}

func TestUnknownCommandsAndArgumentsFail(t *testing.T) {
	t.Parallel()
	for _, arguments := range [][]string{{"serve"}, {"run", "here"}, {"run", "--ttl", "1"}, {"genesis", "x"}, {"version", "x"}} {
		output, err := exec.Command(binary, arguments...).CombinedOutput()
		require.Error(t, err, "%s", output)
	}
}
