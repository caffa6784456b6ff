package keyfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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

	// A line before it is the key that takes its place.
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("07", 32)+"\n"+string(kept)), 0o600))
	both, err := Load(folder)
	require.NoError(t, err)
	require.Len(t, both, 2)
	require.Equal(t, made[0].Public(), both[1].Public())
	require.NotEqual(t, made[0].Public(), both[0].Public())
}

func TestAFileThatHoldsNoKeysIsRefused(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "short": "07", "not hex": strings.Repeat("x", 64), "long": strings.Repeat("07", 33), "many": strings.Repeat(strings.Repeat("07", 32)+"\n", maxKeys+1),
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, Name)
			require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
			_, err := Load(folder)
			require.ErrorContains(t, err, path)
			if content != "" {
				require.NotContains(t, err.Error(), content)
			}
		})
	}
	_, err := Load(filepath.Join(t.TempDir(), "missing"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}
