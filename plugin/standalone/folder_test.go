package standalone

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func openFolder(t *testing.T, path string) *Folder {
	t.Helper()
	folder, err := OpenFolder(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = folder.Close() })
	return folder
}

func TestAFolderIsLockedUntilItIsClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	folder := openFolder(t, path)
	_, err := OpenFolder(path)
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, path)
	require.NoError(t, folder.Close())
	openFolder(t, path)
}

func TestAGenesisIsWrittenOnce(t *testing.T) {
	folder := openFolder(t, t.TempDir())
	encoded, err := folder.Genesis()
	require.NoError(t, err)
	require.Nil(t, encoded)

	require.ErrorIs(t, folder.SetGenesis([]byte(`{"version":2}`)), refusal.ErrVersion)
	encoded, err = folder.Genesis()
	require.NoError(t, err)
	require.Nil(t, encoded)

	genesis := []byte(`{"version":1,"timestamp":1}`)
	require.NoError(t, folder.SetGenesis(genesis))
	require.NoError(t, folder.SetGenesis(genesis))
	for name, other := range map[string]string{
		"another time":                 `{"version":1,"timestamp":2}`,
		"the same in other characters": `{"version":1, "timestamp":1}`,
		"none":                         ``,
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, folder.SetGenesis([]byte(other)), ErrOtherGenesis)
			encoded, err := folder.Genesis()
			require.NoError(t, err)
			require.Equal(t, genesis, encoded)
		})
	}
	entries, err := os.ReadDir(folder.Path())
	require.NoError(t, err)
	require.Len(t, entries, 2) // the lock and the genesis, nothing half written
}

func TestAChainKeepsItsValidatorsKey(t *testing.T) {
	path := t.TempDir()
	folder := openFolder(t, path)
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = uint64(time.Now().UnixMilli())
	require.NoError(t, folder.SetGenesis(genesis.Bytes()))
	open := func(newKey bool) error {
		c, err := Open(folder, Options{NewValidatorKey: newKey, Version: "v1", Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			_, err = c.VM().Await(context.Background(), register(t, c, byte(c.VM().Snapshot().Header().Height)+1))
			require.NoError(t, err)
			require.NoError(t, c.Close())
		}
		return err
	}
	require.NoError(t, open(false))
	key := filepath.Join(path, validatorKeyFile)
	kept := key + ".kept"
	require.NoError(t, os.Rename(key, kept))
	require.ErrorIs(t, open(false), ErrNoValidatorKey)
	require.NoFileExists(t, key)

	other := openFolder(t, t.TempDir())
	_, err := other.validator(false)
	require.NoError(t, err)
	require.NoError(t, os.Rename(filepath.Join(other.Path(), validatorKeyFile), key))
	require.ErrorContains(t, open(false), "--new-validator-key")
	require.NoError(t, os.Rename(kept, key))
	require.NoError(t, open(false))

	require.NoError(t, os.Remove(key))
	require.NoError(t, open(true))
	require.NoError(t, open(false), "the last block commits to the new key")
}
