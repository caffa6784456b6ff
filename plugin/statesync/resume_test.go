package statesync

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/state"
)

func (s *scene) root() state.Subtree { return state.StateTree(s.store.Last()) }

// TestASyncThatIsBrokenOffGoesOn ends a sync after each number of answers, and goes on: what was
// fetched is not asked for again.
func TestASyncThatIsBrokenOffGoesOn(t *testing.T) {
	s := newScene(t)
	whole := s.peers(honest)
	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(whole, t.TempDir())))
	for after := range whole.requests(0) {
		data := t.TempDir()
		ctx, cancel := context.WithCancel(context.Background())
		var given atomic.Int64
		first := s.peers(func(_ context.Context, kind uint32, answer []byte, err error) ([]byte, error) {
			if given.Add(1) > int64(after) {
				cancel()
				return nil, context.Canceled
			}
			return answer, err
		})
		require.ErrorIs(t, Fetch(ctx, s.summary(), s.options(first, data)), context.Canceled, after)
		s.requireNothingWrong(data)
		ongoing, err := Ongoing(data, testChainID)
		require.NoError(t, err)
		require.Equal(t, s.summary(), ongoing)

		second := s.peers(honest)
		require.NoError(t, Fetch(context.Background(), ongoing, s.options(second, data)))
		kept := min(after, 1+whole.requests(kindChunk)) // the certificate, chunks; headers are asked for again
		require.LessOrEqual(t, second.requests(0), whole.requests(0)-kept+1, "after %d answers", after)
		s.requireJoined(data)
	}
}

// loggedStep calls a function when a step is logged.
type loggedStep struct {
	slog.Handler
	step string
	then func()
}

func (l loggedStep) Enabled(context.Context, slog.Level) bool { return true }

func (l loggedStep) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "state sync: "+l.step {
		l.then()
	}
	return nil
}

// TestASyncThatIsBrokenOffMakesNoDatabase ends a sync when all is fetched: a node that stops does not
// wait for what is left to do.
func TestASyncThatIsBrokenOffMakesNoDatabase(t *testing.T) {
	s := newScene(t)
	data := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	options := s.options(s.peers(honest), data)
	options.Log = slog.New(loggedStep{slog.DiscardHandler, "the latest blocks are here", cancel})
	require.ErrorIs(t, Fetch(ctx, s.summary(), options), context.Canceled)
	require.NoFileExists(t, filepath.Join(stagingFolder(data), completeFile))

	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(s.peers(honest), data)))
	s.requireJoined(data)
}

// copyFolder copies a folder, as a crash leaves it.
func copyFolder(t *testing.T, from string) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

// TestWhatACrashLeavesIsNotTrusted changes what is in the folder: bytes, lengths, and its end.
func TestWhatACrashLeavesIsNotTrusted(t *testing.T) {
	s := newScene(t)
	data := t.TempDir()
	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(s.peers(honest), data)))
	require.NoError(t, os.Remove(filepath.Join(stagingFolder(data), completeFile)))
	fetched, err := os.ReadFile(filepath.Join(stagingFolder(data), fetchedFile))
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(3, 5))
	for range 12 {
		crashed := copyFolder(t, data)
		changed := append([]byte(nil), fetched...)
		for range 1 + random.IntN(3) {
			changed[random.IntN(len(changed))] ^= byte(1 + random.IntN(255))
		}
		changed = changed[:random.IntN(len(changed)+1)]
		require.NoError(t, os.WriteFile(filepath.Join(stagingFolder(crashed), fetchedFile), changed, 0o600))
		if random.IntN(3) == 0 {
			require.NoError(t, os.Truncate(filepath.Join(stagingFolder(crashed), certificateFile), 5))
		}
		require.NoError(t, Fetch(context.Background(), s.summary(), s.options(s.peers(honest), crashed)))
		s.requireJoined(crashed)
	}
}

// TestInstallGoesOnAfterACrashAtAnyStep leaves a chain's folder in each state that a crash can.
func TestInstallGoesOnAfterACrashAtAnyStep(t *testing.T) {
	s := newScene(t)
	data := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(data, "blocks"), 0o700)) // of the chain before
	require.NoError(t, os.WriteFile(filepath.Join(data, "blocks", "old"), nil, 0o600))
	require.NoError(t, Fetch(context.Background(), s.summary(), s.options(s.peers(honest), data)))
	at := func(folder string, names ...string) string {
		return filepath.Join(append([]string{folder, syncFolder}, names...)...)
	}
	for name, crash := range map[string]func(t *testing.T, folder string){
		"before anything":  func(*testing.T, string) {},
		"the old one gone": func(t *testing.T, f string) { require.NoError(t, os.RemoveAll(filepath.Join(f, "blocks"))) },
		"the summary gone": func(t *testing.T, f string) {
			require.NoError(t, Install(f))
			require.NoError(t, os.MkdirAll(at(f), 0o700))
		},
		"one of them moved": func(t *testing.T, f string) {
			require.NoError(t, os.RemoveAll(filepath.Join(f, "blocks")))
			require.NoError(t, os.Rename(at(f, builtFolder, "blocks"), filepath.Join(f, "blocks")))
		},
		"only the mark left": func(t *testing.T, f string) {
			require.NoError(t, Install(f))
			require.NoError(t, os.MkdirAll(at(f), 0o700))
			require.NoError(t, os.WriteFile(at(f, completeFile), nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := copyFolder(t, data)
			crash(t, folder)
			if _, err := os.Stat(at(folder, completeFile)); err != nil {
				require.NoError(t, os.RemoveAll(at(folder)))
			}
			s.requireJoined(folder)
			require.NoFileExists(t, filepath.Join(folder, "blocks", "old"))
		})
	}
	// Without the mark, nothing is replaced.
	require.NoError(t, os.Remove(at(data, completeFile)))
	require.NoError(t, Install(data))
	require.FileExists(t, filepath.Join(data, "blocks", "old"))
}
