package state

import (
	"bytes"
	"errors"
	"io"
	"os"
	"sync"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"
)

// volatile is a folder that forgets, when the power fails, what was not synced: the content of
// files, and their names.
type volatile struct {
	mu     sync.Mutex // guards all of it, with the files
	files  map[string]*volatileFile
	synced map[string]*volatileFile // the names that are on disk
}

type volatileFile struct {
	disk            *volatile
	content, synced []byte
}

func newVolatile() *volatile {
	return &volatile{files: make(map[string]*volatileFile), synced: make(map[string]*volatileFile)}
}

// powerFails loses what was not synced.
func (v *volatile) powerFails() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.files = make(map[string]*volatileFile)
	for name, f := range v.synced {
		f.content = bytes.Clone(f.synced)
		v.files[name] = f
	}
}

func (v *volatile) open(name string, create bool) (file, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.files[name] == nil {
		if !create {
			return nil, os.ErrNotExist
		}
		v.files[name] = &volatileFile{disk: v}
	}
	return v.files[name], nil
}

func (v *volatile) remove(name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.files[name] == nil {
		return os.ErrNotExist
	}
	delete(v.files, name)
	return nil
}

func (v *volatile) list() (names []string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for name := range v.files {
		names = append(names, name)
	}
	return names, nil
}

func (v *volatile) sync() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.synced = make(map[string]*volatileFile)
	for name, f := range v.files {
		v.synced[name] = f
	}
	return nil
}

func (f *volatileFile) ReadAt(p []byte, offset int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if offset >= int64(len(f.content)) {
		return 0, io.EOF
	}
	n := copy(p, f.content[offset:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *volatileFile) WriteAt(p []byte, offset int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if grow := int(offset) + len(p) - len(f.content); grow > 0 {
		f.content = append(f.content, make([]byte, grow)...)
	}
	return copy(f.content[offset:], p), nil
}

func (f *volatileFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.content = f.content[:size]
	return nil
}

func (f *volatileFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.synced = bytes.Clone(f.content)
	return nil
}

func (f *volatileFile) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.content)), nil
}

func (f *volatileFile) Close() error { return nil }

// flip changes a bit of a file at an offset, from its end if that is negative.
func (v *volatile) flip(name string, offset int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	content := v.files[name].content
	if offset < 0 {
		offset += int64(len(content))
	}
	content[offset] ^= 1
}

// TestAPowerFailureLosesNoAcceptedBlock cuts the power after each block, across segments, also
// after a batch that did not come to be.
func TestAPowerFailureLosesNoAcceptedBlock(t *testing.T) {
	disk := newVolatile()
	db := &uncommitted{DB: unclosed{dbm.NewMemDB()}}
	options := Options{CacheNodes: 1000, History: 5, SegmentBytes: 4 << 10, files: disk}
	genesis := testGenesis(t, 1000)
	open := func() *scene {
		store, err := Open(db, testChainID, genesis, options)
		require.NoError(t, err)
		return &scene{t: t, Store: store, db: db}
	}
	s := open()
	for n := range uint64(20) {
		s.acceptRegistration()
		if n%4 == 3 {
			db.fail = true
			m := s.build(s.Accepted(), mutate(n))
			require.True(t, errors.Is(s.Accept(m.fork, m.block), errStuck))
			db.fail = false
		}
		disk.powerFails()
		require.NoError(t, s.Close())
		s = open()
		require.Equal(t, n+1, s.Last().Height)
		for height := range n + 2 {
			_, err := s.BlockAt(height)
			require.NoError(t, err, "block %d of %d", height, n+1)
		}
	}
	require.Greater(t, len(disk.files), 5)
	require.NoError(t, s.Close())
}

// TestADamagedLastBodyIsFoundAtTheStart changes one bit of it.
func TestADamagedLastBodyIsFoundAtTheStart(t *testing.T) {
	disk := newVolatile()
	db := unclosed{dbm.NewMemDB()}
	options := Options{CacheNodes: 1000, files: disk}
	store, err := Open(db, testChainID, testGenesis(t, 1000), options)
	require.NoError(t, err)
	s := &scene{t: t, Store: store}
	s.acceptRegistration()
	require.NoError(t, s.Close())
	disk.flip("000000.blocks", -1)
	_, err = Open(db, testChainID, testGenesis(t, 1000), options)
	require.ErrorIs(t, err, errBlockLog)
}
