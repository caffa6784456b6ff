package keyfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

func TestTheKeyIsMadeOnceAndKept(t *testing.T) {
	folder := t.TempDir()
	made, err := Load(folder)
	require.NoError(t, err)
	require.Len(t, made, 1)
	path := filepath.Join(folder, Name)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	again, err := Load(folder)
	require.NoError(t, err)
	require.Equal(t, made[0].Public(), again[0].Public())

	require.Len(t, entries(t, folder), 1)
}

func entries(t *testing.T, folder string) []fs.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	return entries
}

func public(keys []*pq.DSAKey) (all [][]byte) {
	for _, key := range keys {
		all = append(all, key.Public())
	}
	return all
}

func TestANewKeyComesBeforeTheOthers(t *testing.T) {
	folder := t.TempDir()
	_, err := Rotate(folder)
	require.ErrorIs(t, err, fs.ErrNotExist, "there is nothing to replace")
	require.Empty(t, entries(t, folder))

	before, err := Load(folder)
	require.NoError(t, err)
	for len(before) < maxKeys {
		rotated, err := Rotate(folder)
		require.NoError(t, err)
		require.Equal(t, public(before), public(rotated[1:]))
		require.NotContains(t, public(before), rotated[0].Public())
		before, err = Load(folder)
		require.NoError(t, err)
		require.Equal(t, public(rotated), public(before))
	}
	info, err := os.Stat(filepath.Join(folder, Name))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	_, err = Rotate(folder)
	require.ErrorContains(t, err, "take out the last ones")
	after, err := Load(folder)
	require.NoError(t, err)
	require.Equal(t, public(before), public(after))
	require.Len(t, entries(t, folder), 1)
}

func TestAFileThatHoldsNoKeysIsRefused(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "short": "07", "not hex": strings.Repeat("x", 64), "long": strings.Repeat("07", 33), "many": strings.Repeat(strings.Repeat("07", 32)+"\n", maxKeys+1),
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, Name)
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			for _, use := range []func(string) ([]*pq.DSAKey, error){Load, Rotate} {
				_, err := use(folder)
				require.ErrorContains(t, err, path)
				if content != "" {
					require.NotContains(t, err.Error(), content)
				}
			}
			kept, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, content, string(kept))
		})
	}
	_, err := Load(filepath.Join(t.TempDir(), "missing"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}
