package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// TestASnapshotOfARunningChainIsTheChain takes a snapshot while messages come, restores it, and
// goes on there.
func TestASnapshotOfARunningChainIsTheChain(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	folder := filepath.Join(t.TempDir(), "d")
	first := startRun(t, folder)
	c := first.client()
	chainID, err := c.ChainID(ctx)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "snapshot")
	require.ErrorContains(t, snapshot(ctx, new(bytes.Buffer), folder, file), "expected a chain with a block after block 0")
	require.NoFileExists(t, file)

	alice, bob := newPerson(t, 1, chainID), newPerson(t, 2, chainID)
	alice.register(t, c)
	session := openSession(t, c, alice, bob)
	sent, err := c.SendMessage(ctx, alice.message(t, session, "before"))
	require.NoError(t, err)
	trust := filepath.Join(t.TempDir(), "trust.json")
	require.NoError(t, os.WriteFile(trust, trustFile(t, c, chainID), 0o600))
	sending := make(chan error, 1)
	go func() {
		var err error
		for n := 0; n < 20 && err == nil; n++ {
			_, err = c.SendMessage(ctx, alice.message(t, session, "meanwhile "+time.Now().String()))
		}
		sending <- err
	}()
	var said bytes.Buffer
	require.NoError(t, snapshot(ctx, &said, folder, file))
	require.NoError(t, <-sending)
	first.stop()
	stopped := filepath.Join(t.TempDir(), "stopped")
	require.NoError(t, snapshot(ctx, new(bytes.Buffer), folder, stopped))

	restored := filepath.Join(t.TempDir(), "restored")
	require.ErrorIs(t, restore(new(bytes.Buffer), file, restoreOptions{data: folder, own: true}), refusal.ErrConfig, "not empty")
	require.ErrorIs(t, restore(new(bytes.Buffer), file, restoreOptions{data: restored, block: ids.GenerateTestID().String()}), refusal.ErrProof)
	empty := restoreCommand()
	empty.SetArgs([]string{file, "--data", restored, "--block", ""})
	require.ErrorIs(t, empty.Execute(), refusal.ErrInvalidArgs, "a variable that is not set")
	require.NoFileExists(t, restored)
	for _, o := range []restoreOptions{
		{data: restored + "1", database: "pebbledb", own: true},
		{data: restored + "2", database: "goleveldb", block: fields(said.String())["block"]},
		{data: restored + "3", database: "pebbledb", trust: trust},
	} {
		var out bytes.Buffer
		require.NoError(t, restore(&out, file, o))
		require.Equal(t, fields(said.String())["block"], fields(out.String())["block"])
	}
	require.NoError(t, restore(new(bytes.Buffer), stopped, restoreOptions{data: restored, database: "pebbledb", trust: trust}))
	key, err := os.ReadFile(filepath.Join(folder, "validator.key"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(restored, "validator.key"), key, 0o600))

	second := startRun(t, restored)
	c = second.client()
	again, err := c.GetMessage(ctx, client.GetMessageParams{MessageID: sent.MessageID})
	require.NoError(t, err)
	require.NotEmpty(t, again.Message.Ciphertext)
	requireProven(t, c, sent.MessageID, 1)
	next, err := c.SendMessage(ctx, alice.message(t, session, "after"))
	require.NoError(t, err)
	require.EqualValues(t, 22, next.Sequence)
	second.stop()
}

// trustFile returns a trust file of a node's latest block.
func trustFile(t *testing.T, c *client.Client, chainID ids.ID) []byte {
	t.Helper()
	answer, err := c.GetLightBlock(context.Background(), client.GetLightBlockParams{})
	require.NoError(t, err)
	block, err := lightclient.ParseLightBlock(answer.LightBlock)
	require.NoError(t, err)
	encoded, err := json.Marshal(&lightclient.TrustOptions{
		Rules: lightclient.Rules{
			Verifier:       warp.Verifier{ChainID: chainID, Ciphersuite: warp.CiphersuitePOP},
			TrustingPeriod: time.Hour,
			MaxClockDrift:  time.Minute,
		},
		Checkpoint: lightclient.Checkpoint{Header: block.Header, Validators: block.Validators},
	})
	require.NoError(t, err)
	return encoded
}

// fields returns what a command says: a name, spaces, a value.
func fields(said string) map[string]string {
	values := make(map[string]string)
	for line := range bytes.Lines([]byte(said)) {
		if name, value, ok := bytes.Cut(bytes.TrimSpace(line), []byte("  ")); ok {
			values[string(name)] = string(bytes.TrimSpace(value))
		}
	}
	return values
}
