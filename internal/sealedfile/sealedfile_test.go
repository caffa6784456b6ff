package sealedfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	key     = bytes.Repeat([]byte{1}, 32)
	purpose = []byte("a test")
)

func TestAFileIsWhatWasSavedLast(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f, err := New(path, key, purpose)
	require.NoError(t, err)
	content, err := f.Load()
	require.NoError(t, err)
	require.Nil(t, content)
	require.NoError(t, f.Save([]byte("one")))
	first, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, f.Save([]byte("one")))
	second, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotEqual(t, first, second, "a nonce of its own for each write")
	require.NotContains(t, string(second), "one")
	content, err = f.Load()
	require.NoError(t, err)
	require.Equal(t, "one", string(content))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.ErrorIs(t, f.Save(make([]byte, MaxFile)), ErrWrite)
}

func TestAChangedFileIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f, err := New(path, key, purpose)
	require.NoError(t, err)
	require.NoError(t, f.Save([]byte("text")))
	sealed, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		_, err := f.Load()
		require.ErrorIs(t, err, ErrFile, "byte %d", i)
	}
	for _, content := range [][]byte{{}, sealed[:len(sealed)-1], append(bytes.Clone(sealed), 0)} {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		_, err := f.Load()
		require.ErrorIs(t, err, ErrFile)
	}
	require.NoError(t, os.WriteFile(path, sealed, 0o600))
	for name, other := range map[string]struct{ key, purpose []byte }{
		"another key": {bytes.Repeat([]byte{2}, 32), purpose}, "another purpose": {key, []byte("b test")},
	} {
		f, err := New(path, other.key, other.purpose)
		require.NoError(t, err)
		_, err = f.Load()
		require.ErrorIs(t, err, ErrFile, name)
	}
}

// contents opens a log, and returns its records.
func contents(t *testing.T, path string) (*Log, []string) {
	t.Helper()
	var records []string
	l, err := OpenLog(path, key, purpose, func(record []byte) error {
		records = append(records, string(record))
		return nil
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l, records
}

func TestALogHasWhatWasAppendedWhereverACrashCutsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, records := contents(t, path)
	require.Empty(t, records)
	require.NoError(t, l.Append([]byte("one"), []byte("two")))
	confirmed := l.end
	require.NoError(t, l.Append([]byte("three")))
	require.NoError(t, l.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for cut := confirmed; cut <= int64(len(whole)); cut++ {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		want := []string{"one", "two"}
		if cut == int64(len(whole)) {
			want = append(want, "three")
		}
		l, records := contents(t, path)
		require.Equal(t, want, records)
		require.NoError(t, l.Append([]byte("four")))
		require.NoError(t, l.Close())
		_, records = contents(t, path)
		require.Equal(t, append(want, "four"), records)
	}
}

func TestAChangedLogIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l, _ := contents(t, path)
	require.NoError(t, l.Append([]byte("one"), []byte("two")))
	require.NoError(t, l.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	keep := func([]byte) error { return nil }
	for i := range whole {
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		_, err := OpenLog(path, key, purpose, keep)
		require.ErrorIs(t, err, ErrFile, "byte %d", i)
	}
	record := (len(whole) - 1) / 2
	swapped := append([]byte{version1}, whole[1+record:]...)
	swapped = append(swapped, whole[1:1+record]...)
	require.NoError(t, os.WriteFile(path, swapped, 0o600))
	_, err = OpenLog(path, key, purpose, keep)
	require.ErrorIs(t, err, ErrFile)
	require.ErrorContains(t, err, fmt.Sprintf("record %d", 0))
}

func TestALockIsForOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	lock, err := Lock(path)
	require.NoError(t, err)
	_, err = Lock(path)
	require.ErrorIs(t, err, ErrLocked)
	require.NoError(t, lock.Close())
	lock, err = Lock(path)
	require.NoError(t, err)
	require.NoError(t, lock.Close())
}

func TestALogIsReadWhileSomebodyAppends(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := OpenLog(path, key, purpose, func([]byte) error { return nil })
	require.NoError(t, err)
	defer log.Close()
	require.NoError(t, log.Append([]byte("one")))
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(whole, whole[1:20]...), 0o600), "half of the next one is there")
	var read []string
	require.NoError(t, ReadLog(path, key, purpose, func(record []byte) error { read = append(read, string(record)); return nil }))
	require.Equal(t, []string{"one"}, read)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, int64(len(whole)+19), info.Size(), "it is somebody else's to cut")
}

func TestZerosThatAPowerFailureLeftAreCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := OpenLog(path, key, purpose, func([]byte) error { return nil })
	require.NoError(t, err)
	require.NoError(t, log.Append([]byte("one")))
	require.NoError(t, log.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	reopen := func() (read []string, err error) {
		log, err := OpenLog(path, key, purpose, func(record []byte) error { read = append(read, string(record)); return nil })
		if err == nil {
			err = log.Close()
		}
		return read, err
	}
	for _, zeros := range []int{7, 8, 100, 100_000} {
		require.NoError(t, os.WriteFile(path, append(whole, make([]byte, zeros)...), 0o600))
		read, err := reopen()
		require.NoError(t, err)
		require.Equal(t, []string{"one"}, read)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, whole, left)
	}
	require.NoError(t, os.WriteFile(path, append(append(whole, make([]byte, 100)...), 1), 0o600))
	_, err = reopen()
	require.ErrorIs(t, err, ErrFile, "something was there")
}
