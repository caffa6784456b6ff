package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/plugin/keyfile"
)

// publicKeys returns the public keys of a folder's file, which must be whole if it is there.
func publicKeys(t *testing.T, folder string) (public [][]byte) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, keyfile.Name)); os.IsNotExist(err) {
		return nil
	}
	keys, err := keyfile.Load(folder)
	require.NoError(t, err)
	for _, key := range keys {
		public = append(public, key.Public())
	}
	return public
}

// killedWriting runs the program, and kills it when a file appears in the folder that is to take the key file's place, or a
// moment later, up to a pause.
func killedWriting(t *testing.T, folder string, pause time.Duration, arguments ...string) {
	t.Helper()
	before, err := filepath.Glob(filepath.Join(folder, "."+keyfile.Name+".*"))
	require.NoError(t, err)
	command := exec.Command(binary, arguments...)
	require.NoError(t, command.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait()
	}()
	for writes := false; !writes; {
		select {
		case <-ended:
			return // it was faster
		default:
		}
		now, err := filepath.Glob(filepath.Join(folder, "."+keyfile.Name+".*"))
		require.NoError(t, err)
		writes = len(now) > len(before)
	}
	time.Sleep(pause)
	_ = command.Process.Kill()
	<-ended
}

// TestKillsLoseNoValidatorKey: a key that was made is kept, whenever the program that makes the next one is killed.
func TestKillsLoseNoValidatorKey(t *testing.T) {
	t.Parallel()
	const seed = 11
	random := rand.New(rand.NewPCG(seed, seed))
	pause := func() time.Duration { return time.Duration(random.IntN(4000)) * time.Microsecond }

	// At the first start, there is one key or none.
	folder := t.TempDir()
	for len(publicKeys(t, folder)) == 0 {
		killedWriting(t, folder, pause(), "run", "--data", folder, "--http", "127.0.0.1:0", "--max-run", "5m")
	}
	keys := publicKeys(t, folder)
	require.Len(t, keys, 1)

	kills := 0
	for len(keys) < 12 {
		killedWriting(t, folder, pause(), "rotate-key", "--data", folder)
		kills++
		now := publicKeys(t, folder)
		if len(now) > len(keys) {
			require.Equal(t, keys, now[1:])
		} else {
			require.Equal(t, keys, now)
		}
		keys = now
	}
	t.Logf("%d keys after %d kills", len(keys), kills)
}

// TestARotatedKeyIsTheFirstOfTheFile: and the program names both by what nobody can sign with.
func TestARotatedKeyIsTheFirstOfTheFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	output, err := exec.Command(binary, "rotate-key", "--data", folder).CombinedOutput()
	require.Error(t, err, "%s", output)
	require.Contains(t, string(output), keyfile.Name)

	old, err := keyfile.Load(folder)
	require.NoError(t, err)
	output, err = exec.Command(binary, "rotate-key", "--data", folder).CombinedOutput()
	require.NoError(t, err, "%s", output)
	now := publicKeys(t, folder)
	require.Equal(t, old[0].Public(), now[1])
	require.Contains(t, string(output), fmt.Sprintf("%x", sha256.Sum256(now[0])))
	require.Contains(t, string(output), fmt.Sprintf("%x", sha256.Sum256(now[1])))
}
