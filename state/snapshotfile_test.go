package state

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

var update = flag.Bool("update", false, "write the golden vectors anew: a change of the formats")

// snapshotScene is a short chain, always the same.
func snapshotScene(t testing.TB) *scene {
	s := newScene(t, Options{CacheNodes: 1000, History: 100})
	for n := range 6 {
		s.accept(mutate(uint64(n)))
	}
	return s
}

func (s *scene) snapshotFile() []byte {
	s.t.Helper()
	header, release := s.Hold()
	defer release()
	var file bytes.Buffer
	require.NoError(s.t, s.WriteSnapshot(&file, testGenesis(s.t, 1000).Bytes(), header, []byte("certificate")))
	return file.Bytes()
}

// restored makes a database of a snapshot file. The file's header is trusted if it is the
// expected one.
func restored(file io.Reader, expected *chain.Header) (dbm.DB, error) {
	f, err := ReadSnapshotFile(file)
	if err != nil {
		return nil, err
	}
	if f.Header.ID() != expected.ID() || string(f.Certificate) != "certificate" {
		return nil, errors.New("another block")
	}
	db := dbm.NewMemDB()
	return db, f.Restore(db, "")
}

func TestARestoredChainIsTheChain(t *testing.T) {
	s := snapshotScene(t)
	file := s.snapshotFile()
	db, err := restored(bytes.NewReader(file), s.Last())
	require.NoError(t, err)
	r := &scene{t: t, db: db, options: Options{CacheNodes: 1000}}
	r.open()
	defer func() { require.NoError(t, r.Close()) }()
	require.Equal(t, file, r.snapshotFile())
	for height := range s.Last().Height + 1 {
		ours, err := s.BlockBytesAt(height)
		require.NoError(t, err)
		theirs, err := r.BlockBytesAt(height)
		require.NoError(t, err)
		require.Equal(t, ours, theirs)
	}
}

// TestASnapshotFileThatWasChangedOrCutIsRefused changes each byte, and cuts after each.
func TestASnapshotFileThatWasChangedOrCutIsRefused(t *testing.T) {
	s := snapshotScene(t)
	file := s.snapshotFile()
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 0x04
		db, err := restored(bytes.NewReader(changed), s.Last())
		require.Error(t, err, "byte %d", i)
		if db != nil {
			requireNoChain(t, db)
		}
		if _, err = restored(bytes.NewReader(file[:i]), s.Last()); !errors.Is(err, io.ErrUnexpectedEOF) {
			require.Error(t, err, "cut at %d", i)
		}
	}
	_, err := restored(bytes.NewReader(append(bytes.Clone(file), 0)), s.Last())
	require.ErrorContains(t, err, "nothing after the end")
}

// requireNoChain requires that a database whose making was broken off is none.
func requireNoChain(t *testing.T, db dbm.DB) {
	accepted, err := db.Has([]byte{keyAccepted})
	require.NoError(t, err)
	require.False(t, accepted)
}

func TestTheBytesOfStateSync(t *testing.T) {
	s := snapshotScene(t)
	path := Path{}.child(1).child(0)
	chunk, err := s.Chunk(s.Last().Height, path)
	require.NoError(t, err)
	vectors := map[string]string{
		"stateRoot":    s.Last().StateRoot.String(),
		"chunk":        hex.EncodeToString(s.chunks()[0]),
		"chunkBelow":   hex.EncodeToString(chunk),
		"snapshotFile": hex.EncodeToString(s.snapshotFile()),
	}
	encoded, err := json.MarshalIndent(vectors, "", "  ")
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile("testdata/sync.json", append(encoded, '\n'), 0o644))
	}
	golden, err := os.ReadFile("testdata/sync.json")
	require.NoError(t, err)
	require.JSONEq(t, string(golden), string(encoded))
}
