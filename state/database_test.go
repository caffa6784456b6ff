package state

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func TestAChainIsNotOpenedWithAnotherDatabase(t *testing.T) {
	for _, backends := range [][2]string{{PebbleDB, GoLevelDB}, {GoLevelDB, PebbleDB}} {
		folder := t.TempDir()
		db, err := OpenDatabase(backends[0], folder)
		require.NoError(t, err)
		require.NoError(t, db.SetSync([]byte("key"), []byte("value")))
		require.NoError(t, db.Close())
		_, err = OpenDatabase(backends[1], folder)
		require.ErrorIs(t, err, refusal.ErrConfig)
		require.ErrorContains(t, err, backends[0])
		db, err = OpenDatabase(backends[0], folder)
		require.NoError(t, err)
		value, err := db.Get([]byte("key"))
		require.NoError(t, err)
		require.Equal(t, "value", string(value))
		require.NoError(t, db.Close())
	}
	_, err := OpenDatabase("sqlite", t.TempDir())
	require.ErrorIs(t, err, refusal.ErrConfig)
}

func TestABlockLogWithBlocksIsNotCutForAnEmptyDatabase(t *testing.T) {
	folder := t.TempDir()
	l, err := openBlockLog(diskFolder(folder), mainLog, blockLogSegment, nil)
	require.NoError(t, err)
	_, err = l.append(make([]byte, 200)) // block 0
	require.NoError(t, err)
	require.NoError(t, l.close())
	l, err = openBlockLog(diskFolder(folder), mainLog, blockLogSegment, nil) // its making was broken off
	require.NoError(t, err)
	for range 2 {
		_, err = l.append(make([]byte, 400))
		require.NoError(t, err)
	}
	require.NoError(t, l.close())
	_, err = openBlockLog(diskFolder(folder), mainLog, blockLogSegment, nil)
	require.ErrorIs(t, err, errBlockLog)
	info, err := os.Stat(filepath.Join(folder, "000000.blocks"))
	require.NoError(t, err)
	require.EqualValues(t, 2*(recordHeader+400), info.Size())
}
