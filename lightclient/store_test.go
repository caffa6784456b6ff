package lightclient

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stores are one of each kind.
func stores(t *testing.T) map[string]Store {
	file, err := NewFileStore(filepath.Join(t.TempDir(), "not", "there", "yet"))
	require.NoError(t, err)
	return map[string]Store{"memory": NewMemoryStore(), "file": file}
}

func TestStoresKeepBlocks(t *testing.T) {
	c := testChain{}.extend(repeat(12, four)...)
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			heights, err := store.Heights()
			require.NoError(t, err)
			require.Empty(t, heights)
			_, err = store.Block(3)
			require.ErrorIs(t, err, ErrNotFound)
			for _, height := range []int{11, 3, 0, 5, 3} {
				require.NoError(t, store.Save(c[height].light()))
			}
			requireHeights(t, store, 0, 3, 5, 11)
			b, err := store.Block(5)
			require.NoError(t, err)
			require.Equal(t, c[5].light().Bytes(), b.Bytes())
			require.NoError(t, store.Delete(5))
			require.NoError(t, store.Delete(5), "what is not there need not go")
			_, err = store.Block(5)
			require.ErrorIs(t, err, ErrNotFound)
			requireHeights(t, store, 0, 3, 11)

			fork := c.fork(2)
			require.NoError(t, store.Save(fork[3].light()), "in place of what was there")
			b, err = store.Block(3)
			require.NoError(t, err)
			require.Equal(t, fork[3].header.ID(), b.Header.ID())

			evidence, err := store.Evidence()
			require.NoError(t, err)
			require.Empty(t, evidence)
			third := c.fork(3)
			for _, e := range []Evidence{
				{c[4].light(), fork[4].light()}, {c[4].light(), fork[4].light()}, // the same
				{c[4].light(), third[4].light()}, {third[4].light(), fork[4].light()}, {c[5].light(), fork[5].light()},
			} {
				require.NoError(t, store.SaveEvidence(&e))
			}
			evidence, err = store.Evidence()
			require.NoError(t, err)
			require.Len(t, evidence, 4)
			requireHeights(t, store, 0, 3, 11)
		})
	}
}

func TestAFileStoreSurvivesReopening(t *testing.T) {
	folder := t.TempDir()
	c := testChain{}.extend(four, four, equally(0, 1, 2, 4), equally(0, 1, 4, 5), equally(4, 5, 6))
	config := testConfig(c, 0)
	open := func() *Client {
		store, err := NewFileStore(folder)
		require.NoError(t, err)
		config.Store = store
		return newClient(t, config)
	}
	b, err := open().Update(context.Background())
	require.NoError(t, err)
	require.Equal(t, c[4].header.ID(), b.Header.ID())

	// Half written files, as after a crash, and others' files do not matter.
	for _, name := range []string{"123.writing", "notes.txt"} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte("half"), 0o600))
	}
	primary := config.Primary.(*testProvider)
	primary.asked = nil
	client := open()
	latest, err := client.Latest()
	require.NoError(t, err)
	require.Equal(t, b.Bytes(), latest.Bytes())
	require.Empty(t, primary.asked)
	primary.chain = c.extend(equally(5, 6, 7))
	b, err = client.Update(context.Background())
	require.NoError(t, err)
	require.EqualValues(t, 5, b.Header.Height)

	// With other options than it was made with, it is refused.
	config.Trust.NetworkID++
	_, err = New(config)
	require.ErrorIs(t, err, ErrOptions, "the checkpoint is of another network")
	config = testConfig(c, 0)
	config.Trust.Checkpoint = c.fork(1)[1].checkpoint()
	config.Store, err = NewFileStore(folder)
	require.NoError(t, err)
	require.NoError(t, config.Store.Save(c[1].light()))
	_, err = New(config)
	require.ErrorIs(t, err, ErrCheckpoint)
}

func TestABlockThatCannotBeDeletedIsAnError(t *testing.T) {
	folder := t.TempDir()
	store, err := NewFileStore(folder)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(folder, blockName(5), "full"), 0o700))
	require.Error(t, store.Delete(5))
}

func TestAFileStoreRefusesDamagedFiles(t *testing.T) {
	folder := t.TempDir()
	store, err := NewFileStore(folder)
	require.NoError(t, err)
	c := testChain{}.extend(repeat(4, four)...)
	fork := c.fork(1)
	require.NoError(t, store.Save(c[2].light()))
	require.NoError(t, store.SaveEvidence(&Evidence{c[3].light(), fork[3].light()}))
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		read := func() error {
			if strings.HasSuffix(path, blockSuffix) {
				_, err := store.Block(2)
				return err
			}
			_, err := store.Evidence()
			return err
		}
		require.NoError(t, read())
		valid, err := os.ReadFile(path)
		require.NoError(t, err)
		for i := 0; i < len(valid); i += 3 {
			valid[i] ^= 1 << (i % 8)
			require.NoError(t, os.WriteFile(path, valid, 0o600))
			require.ErrorIs(t, read(), ErrStoreCorrupted, "byte %d", i)
			valid[i] ^= 1 << (i % 8)
		}
		for _, n := range []int{0, 31, 32, len(valid) - 1} {
			require.NoError(t, os.WriteFile(path, valid[:n], 0o600))
			require.ErrorIs(t, read(), ErrStoreCorrupted, "%d bytes", n)
		}
		require.NoError(t, os.WriteFile(path, append(valid, 0), 0o600))
		require.ErrorIs(t, read(), ErrStoreCorrupted)
		require.NoError(t, os.WriteFile(path, make([]byte, MaxEvidenceBytes+100), 0o600))
		require.ErrorIs(t, read(), ErrStoreCorrupted)
		require.NoError(t, os.WriteFile(path, valid, 0o600))
		require.NoError(t, read())
	}

	// A file under the name of another height, and names of no height.
	valid, err := os.ReadFile(filepath.Join(folder, blockName(2)))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, blockName(3)), valid, 0o600))
	_, err = store.Block(3)
	require.ErrorIs(t, err, ErrStoreCorrupted)
	require.ErrorIs(t, err, ErrWrongHeight)
	config := testConfig(c, 0)
	config.Store = store
	_, err = New(config)
	require.ErrorIs(t, err, ErrStoreCorrupted, "a client does not begin with it")
	require.NoError(t, store.Delete(3))
	for _, name := range []string{"2.block", "x.block", ".block", "18446744073709551616.block", "+0000000000000000002.block"} {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, valid, 0o600))
		_, err = store.Heights()
		require.ErrorIs(t, err, ErrStoreCorrupted, name)
		require.NoError(t, os.Remove(path))
	}
	requireHeights(t, store, 2)

	// A folder that can't be one.
	_, err = NewFileStore(filepath.Join(folder, blockName(2)))
	require.Error(t, err)
	require.NoError(t, os.RemoveAll(folder))
	require.Error(t, store.Save(c[2].light()))
	_, err = store.Heights()
	require.Error(t, err)
	_, err = store.Evidence()
	require.Error(t, err)
}

// A folder of light blocks is a provider: what a client kept, another one can be shown.
func TestAClientFollowsAFolder(t *testing.T) {
	c := testChain{}.extend(four, four, equally(0, 1, 2, 4), equally(0, 1, 4, 5), equally(4, 5, 6), equally(4, 5, 6))
	first := testConfig(c, 0)
	folder, err := NewFileStore(t.TempDir())
	require.NoError(t, err)
	first.Store = folder
	want, err := newClient(t, first).Update(context.Background())
	require.NoError(t, err)

	second := testConfig(c, 0)
	second.Primary = NewStoreProvider("folder", folder)
	// Blocks in a folder have the handovers that they came with: not all that bisection may
	// ask for, but those of the way that the first client went.
	second.Sequential = false
	heights, err := folder.Heights()
	require.NoError(t, err)
	second.Store = NewMemoryStore()
	client := newClient(t, second)
	for _, height := range heights {
		_, err := client.Block(context.Background(), height)
		require.NoError(t, err)
	}
	got, err := client.Update(context.Background())
	require.NoError(t, err)
	require.Equal(t, want.Bytes(), got.Bytes())

	provider := NewStoreProvider("folder", folder)
	require.Equal(t, "folder", provider.String())
	latest, err := provider.LightBlock(context.Background(), 0, 0)
	require.NoError(t, err)
	require.EqualValues(t, 5, latest.Header.Height)
	header, err := provider.Header(context.Background(), 5)
	require.NoError(t, err)
	require.Equal(t, c[5].header.ID(), header.ID())
	_, err = provider.Header(context.Background(), 77)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = NewStoreProvider("empty", NewMemoryStore()).LightBlock(context.Background(), 0, 0)
	require.ErrorIs(t, err, ErrNotFound)
}
