package state

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheLatestStateIsNeverPruned reads identities that no block changes, past the cache, while each accepted
// block prunes the state of the block before.
func TestTheLatestStateIsNeverPruned(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 100, CacheLeaves: 1, History: 1})
	s.accept(func(c *Change) {
		for n := range 200 {
			putIdentity(c, n, 'x')
		}
	})
	var (
		readers sync.WaitGroup
		done    atomic.Bool
		reads   atomic.Int64
		failure atomic.Pointer[error]
	)
	for n := range 4 {
		readers.Go(func() {
			for i := n; !done.Load() && failure.Load() == nil; i++ {
				_, exists, err := s.Latest().Identity(numberedID(40 + i%160))
				if err == nil && !exists {
					err = errors.New("a registered identity is absent")
				}
				if err != nil {
					failure.CompareAndSwap(nil, &err)
				}
				reads.Add(1)
			}
		})
	}
	for n := range 300 {
		before := reads.Load()
		s.accept(mutate(uint64(n)))
		for reads.Load() == before && failure.Load() == nil {
		}
	}
	done.Store(true)
	readers.Wait()
	if err := failure.Load(); err != nil {
		t.Fatalf("a read of the latest state failed: %v", *err)
	}
	require.Greater(t, reads.Load(), int64(300))
}
