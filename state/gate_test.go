package state

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// TestAClosedDatabaseRefusesItsReaders: they run on while it is closed, on each backend.
func TestAClosedDatabaseRefusesItsReaders(t *testing.T) {
	for _, backend := range []string{PebbleDB, GoLevelDB, MemDB} {
		t.Run(backend, func(t *testing.T) {
			db, err := OpenDatabase(backend, t.TempDir())
			require.NoError(t, err)
			g := &gate{DB: db}
			require.NoError(t, g.Set([]byte("key"), []byte("value")))
			var readers sync.WaitGroup
			for range 4 {
				readers.Go(func() {
					for {
						if _, err := g.Get([]byte("key")); err != nil {
							require.ErrorIs(t, err, refusal.ErrNotReady)
							return
						}
						if it, err := g.Iterator(nil, nil); err == nil {
							require.True(t, it.Valid())
							require.NoError(t, it.Close())
							require.NoError(t, it.Close())
						}
					}
				})
			}
			time.Sleep(5 * time.Millisecond)
			require.NoError(t, g.Close())
			readers.Wait()
			for _, err := range []error{
				g.Set([]byte("key"), []byte("value")),
				func() error { _, err := g.Has([]byte("key")); return err }(),
				func() error { _, err := g.Iterator(nil, nil); return err }(),
				func() error { _, err := g.ReverseIterator(nil, nil); return err }(),
			} {
				require.ErrorIs(t, err, refusal.ErrNotReady)
			}
		})
	}
}
