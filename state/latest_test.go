package state

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	dbm "github.com/cometbft/cometbft-db"
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

// pausing is a database one of whose reads waits.
type pausing struct {
	dbm.DB
	next    atomic.Bool // the next read is the one
	reached chan struct{}
	goOn    chan struct{}
}

func (p *pausing) Get(key []byte) ([]byte, error) {
	value, err := p.DB.Get(key)
	if p.next.CompareAndSwap(true, false) {
		close(p.reached)
		<-p.goOn
	}
	return value, err
}

// TestALeafThatWasReadBeforeABlockIsNotRememberedAfterIt has a reader between the read of a
// leaf and its place in the cache while a block writes that leaf. Execution reads the cache.
func TestALeafThatWasReadBeforeABlockIsNotRememberedAfterIt(t *testing.T) {
	p := &pausing{DB: dbm.NewMemDB(), reached: make(chan struct{}), goOn: make(chan struct{})}
	s := &scene{t: t, db: p, options: Options{CacheNodes: 1000, CacheLeaves: 100}}
	s.open()
	defer func() { require.NoError(t, s.Close()) }()
	s.accept(func(c *Change) { putIdentity(c, 7, 'a') })
	s.latest.leaves.Purge()
	p.next.Store(true)
	read := make(chan error, 1)
	go func() {
		_, _, err := s.Latest().Identity(numberedID(7))
		read <- err
	}()
	<-p.reached
	s.accept(func(c *Change) { putIdentity(c, 7, 'b') })
	s.latest.leaves.Purge() // another leaf has taken its place
	close(p.goOn)
	require.NoError(t, <-read)
	c, err := s.Begin(s.Accepted())
	require.NoError(t, err)
	identity, exists, err := c.Identity(numberedID(7))
	require.NoError(t, err)
	require.True(t, exists)
	require.Equal(t, []byte{'b'}, identity.KEMPublicKey)
}
