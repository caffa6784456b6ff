package state

import (
	"sync/atomic"
	"time"

	dbm "github.com/cometbft/cometbft-db"

	"github.com/luxfi/session/refusal"
)

// gate is a database that can be closed under those who read it: from then on they get a
// refusal.ErrNotReady, where the backends panic or read freed memory. Closing waits for the
// reads that are under way.
type gate struct {
	dbm.DB
	inside atomic.Int64
	closed atomic.Bool
}

// gatePoll is how often Close looks whether the last reader is out.
const gatePoll = time.Millisecond

func (g *gate) enter() error {
	g.inside.Add(1)
	if g.closed.Load() {
		g.leave()
		return refusal.New(refusal.ErrNotReady, "a database that is open", "one that is closed: the node is shutting down")
	}
	return nil
}

func (g *gate) leave() { g.inside.Add(-1) }

// Get implements dbm.DB.
func (g *gate) Get(key []byte) ([]byte, error) {
	if err := g.enter(); err != nil {
		return nil, err
	}
	defer g.leave()
	return g.DB.Get(key)
}

// Has implements dbm.DB.
func (g *gate) Has(key []byte) (bool, error) {
	if err := g.enter(); err != nil {
		return false, err
	}
	defer g.leave()
	return g.DB.Has(key)
}

// Set implements dbm.DB.
func (g *gate) Set(key, value []byte) error {
	if err := g.enter(); err != nil {
		return err
	}
	defer g.leave()
	return g.DB.Set(key, value)
}

// Iterator implements dbm.DB. Closing waits until the iterator is closed.
func (g *gate) Iterator(start, end []byte) (dbm.Iterator, error) {
	return g.iterate(g.DB.Iterator, start, end)
}

// ReverseIterator implements dbm.DB. Closing waits until the iterator is closed.
func (g *gate) ReverseIterator(start, end []byte) (dbm.Iterator, error) {
	return g.iterate(g.DB.ReverseIterator, start, end)
}

func (g *gate) iterate(open func(start, end []byte) (dbm.Iterator, error), start, end []byte) (dbm.Iterator, error) {
	if err := g.enter(); err != nil {
		return nil, err
	}
	it, err := open(start, end)
	if err != nil {
		g.leave()
		return nil, err
	}
	return &gatedIterator{Iterator: it, gate: g}, nil
}

// Close implements dbm.DB.
func (g *gate) Close() error {
	g.closed.Store(true)
	for g.inside.Load() != 0 {
		time.Sleep(gatePoll)
	}
	return g.DB.Close()
}

type gatedIterator struct {
	dbm.Iterator
	gate   *gate
	closed bool
}

// Close implements dbm.Iterator.
func (i *gatedIterator) Close() error {
	if i.closed {
		return nil
	}
	i.closed = true
	defer i.gate.leave()
	return i.Iterator.Close()
}
