package state

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func body(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 10+n) }

func TestBlockLogReadsBackAcrossSegmentsAndRestarts(t *testing.T) {
	folder := t.TempDir()
	l, err := openBlockLog(diskFolder(folder), mainLog, 64, nil)
	require.NoError(t, err)
	var places []place
	for n := range 30 {
		at, err := l.append(body(n))
		require.NoError(t, err)
		parsed, err := parsePlace(at.bytes())
		require.NoError(t, err)
		require.Equal(t, at, parsed)
		places = append(places, at)
		if n%7 == 6 {
			require.NoError(t, l.close())
			l, err = openBlockLog(diskFolder(folder), mainLog, 64, &at)
			require.NoError(t, err)
		}
	}
	require.Greater(t, places[29].segment, uint32(5))
	var readers sync.WaitGroup
	failures := make(chan error, 4)
	for range 4 {
		readers.Go(func() {
			for n, at := range places {
				if got, err := l.read(at); err != nil || !bytes.Equal(got, body(n)) {
					failures <- fmt.Errorf("body %d: %x, %w", n, got, err)
					return
				}
			}
		})
	}
	for n := range 10 { // while the log grows
		_, err := l.append(body(n))
		require.NoError(t, err)
	}
	readers.Wait()
	close(failures)
	require.NoError(t, <-failures)
	require.NoError(t, l.close())
}

// TestBlockLogCutsOffWhatACrashHasLeft leaves every piece of a further record behind the
// last accepted body, and a further segment.
func TestBlockLogCutsOffWhatACrashHasLeft(t *testing.T) {
	for cut := range int(recordHeader) + len(body(9)) + 1 {
		folder := t.TempDir()
		l, err := openBlockLog(diskFolder(folder), mainLog, 1<<20, nil)
		require.NoError(t, err)
		at, err := l.append(body(3))
		require.NoError(t, err)
		_, err = l.append(body(9))
		require.NoError(t, err)
		require.NoError(t, l.close())
		path := filepath.Join(folder, "000000.blocks")
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		end := at.offset + recordHeader + int64(at.length)
		require.NoError(t, os.Truncate(path, end+int64(cut)))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "000001.blocks"), whole, 0o600))

		l, err = openBlockLog(diskFolder(folder), mainLog, 1<<20, &at)
		require.NoError(t, err)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, end, info.Size())
		require.NoFileExists(t, filepath.Join(folder, "000001.blocks"))
		next, err := l.append(body(5))
		require.NoError(t, err)
		require.Equal(t, end, next.offset)
		for n, at := range map[int]place{3: at, 5: next} {
			got, err := l.read(at)
			require.NoError(t, err)
			require.Equal(t, body(n), got)
		}
		require.NoError(t, l.close())
	}
}

func TestDamagedBlockLogIsNoticed(t *testing.T) {
	folder := t.TempDir()
	l, err := openBlockLog(diskFolder(folder), mainLog, 1<<20, nil)
	require.NoError(t, err)
	first, err := l.append(body(3))
	require.NoError(t, err)
	at, err := l.append(body(4))
	require.NoError(t, err)
	require.NoError(t, l.close())
	path := filepath.Join(folder, "000000.blocks")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := range int(first.offset) + recordHeader + int(first.length) {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		l, err = openBlockLog(diskFolder(folder), mainLog, 1<<20, &at)
		require.NoError(t, err)
		_, err = l.read(first)
		require.ErrorIs(t, err, errBlockLog, "byte %d", i)
		_, err = l.read(at)
		require.NoError(t, err, "the other record is as it was")
		_, err = l.read(place{segment: 0, offset: at.offset, length: at.length + 1})
		require.ErrorIs(t, err, errBlockLog)
		require.NoError(t, l.close())
	}
	require.NoError(t, os.WriteFile(path, whole[:len(whole)-1], 0o600))
	_, err = openBlockLog(diskFolder(folder), mainLog, 1<<20, &at)
	require.ErrorIs(t, err, errBlockLog, "the last accepted body is not whole")
	_, err = parsePlace([]byte{1, 2, 3})
	require.ErrorIs(t, err, errBlockLog)
}

// uncommitted is a database whose next batch does not come to be, or comes to be although
// an error is reported.
type uncommitted struct {
	dbm.DB
	fail, write bool
}

func (u *uncommitted) NewBatch() dbm.Batch { return uncommittedBatch{u.DB.NewBatch(), u} }

type uncommittedBatch struct {
	dbm.Batch
	db *uncommitted
}

func (b uncommittedBatch) WriteSync() error {
	if !b.db.fail {
		return b.Batch.WriteSync()
	}
	if b.db.write {
		if err := b.Batch.WriteSync(); err != nil {
			return err
		}
	}
	return errStuck
}

// TestBlockLogAndDatabaseAgreeAfterACrashBetweenThem fails the batch after the body was
// appended, at every block from block 0 on.
func TestBlockLogAndDatabaseAgreeAfterACrashBetweenThem(t *testing.T) {
	for _, write := range []bool{false, true} {
		t.Run(fmt.Sprintf("the batch is written %t", write), func(t *testing.T) {
			db := &uncommitted{DB: unclosed{dbm.NewMemDB()}, fail: true, write: write}
			options := Options{BlockFolder: t.TempDir()}
			_, err := Open(db, testChainID, testGenesis(t, 1000), options)
			require.ErrorIs(t, err, errStuck)
			for n := range 6 {
				db.fail = false
				store, err := Open(db, testChainID, testGenesis(t, 1000), options)
				require.NoError(t, err)
				s := &scene{Store: store, t: t}
				for height := range s.Last().Height + 1 {
					blk, err := s.BlockAt(height)
					require.NoError(t, err)
					header, err := s.HeaderAt(height)
					require.NoError(t, err)
					require.Equal(t, header.ID(), blk.ID())
				}
				s.accept(mutate(uint64(n)))
				before := s.Last().Height
				db.fail = true
				m := s.build(s.Accepted(), mutate(uint64(100+n)))
				require.ErrorIs(t, s.Accept(m.fork, m.block), errStuck)
				require.NoError(t, s.Close())

				db.fail = false
				s.Store, err = Open(db, testChainID, testGenesis(t, 1000), options)
				require.NoError(t, err)
				if write {
					before++
					require.Equal(t, m.block.Header, s.Last())
				}
				require.Equal(t, before, s.Last().Height)
				_, err = s.BlockAt(before + 1)
				require.ErrorIs(t, err, refusal.ErrNotFound)
				require.NoError(t, s.Close())
			}
		})
	}
}
