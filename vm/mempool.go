package vm

import (
	"container/list"
	"fmt"
	"maps"
	"slices"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// plainFactor is how many times more transactions may wait of all those that nobody signs
// than of one sender.
const plainFactor = 8

// droppedMemory is how many dropped transactions are remembered, with the reason.
const droppedMemory = 4096

// mempool holds checked transactions until they are accepted or dropped, in the order in
// which they came. Those in a block that is being processed stay, set aside, and come
// back if the block is rejected. It is bounded in number and bytes, in all and for each
// sender, and safe for concurrent use.
type mempool struct {
	config MempoolConfig

	mu       sync.Mutex
	order    *list.List // of *entry: those that a block can take, in the order to try them
	entries  map[ids.ID]*entry
	bySender map[ids.ID]int
	bytes    int
	dropped  *lru.Cache[ids.ID, error]
	changed  chan struct{} // closed when something changes that a builder waits for
	version  uint64        // counts those changes
}

type entry struct {
	tx      *chain.Transaction
	element *list.Element // nil: set aside
	blocks  int           // how many processing blocks hold it
	height  uint64        // of the rejected block that gave it back; 0: none did
}

func newMempool(config MempoolConfig) *mempool {
	dropped, err := lru.New[ids.ID, error](droppedMemory)
	if err != nil {
		panic(err) // the size is positive
	}
	return &mempool{
		config:   config,
		order:    list.New(),
		entries:  make(map[ids.ID]*entry),
		bySender: make(map[ids.ID]int),
		dropped:  dropped,
		changed:  make(chan struct{}),
	}
}

// room refuses a transaction that does not fit. It is asked before the expensive checks,
// and again by add.
func (m *mempool) room(tx *chain.Transaction) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.roomLocked(tx)
}

func (m *mempool) roomLocked(tx *chain.Transaction) error {
	if n := len(m.entries); n >= m.config.MaxTransactions {
		return refusal.New(refusal.ErrMempoolFull, fmt.Sprintf("fewer than %d waiting transactions; try again later", m.config.MaxTransactions), n)
	}
	if n := m.bytes + len(tx.Bytes()); n > m.config.MaxBytes {
		return refusal.New(refusal.ErrMempoolFull, fmt.Sprintf("at most %d bytes of waiting transactions; try again later", m.config.MaxBytes), n)
	}
	sender, limit := tx.Body.Actor(), m.config.MaxPerSender
	if sender == ids.Empty {
		limit *= plainFactor
	}
	if n := m.bySender[sender]; n >= limit {
		return refusal.New(refusal.ErrMempoolSender, fmt.Sprintf("fewer than %d waiting transactions of one sender; wait until they are accepted", limit), n)
	}
	return nil
}

// add takes a checked transaction and reports whether it is new. One that is there already is
// no error.
func (m *mempool) add(tx *chain.Transaction) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entries[tx.ID()]; ok {
		return false, nil
	}
	if err := m.roomLocked(tx); err != nil {
		return false, err
	}
	e := m.insertLocked(tx)
	e.element = m.order.PushBack(e) // the last of its like
	m.dropped.Remove(tx.ID())
	m.notify()
	return true, nil
}

func (m *mempool) insertLocked(tx *chain.Transaction) *entry {
	e := &entry{tx: tx}
	m.entries[tx.ID()] = e
	m.bySender[tx.Body.Actor()]++
	m.bytes += len(tx.Bytes())
	return e
}

// queueLocked puts an entry in line: what rejected blocks gave back comes first, in the
// order of their heights, because it may depend on what the blocks before have given back.
// Of its like the entry becomes the first or the last.
func (m *mempool) queueLocked(e *entry, first bool) {
	if e.element != nil {
		m.order.Remove(e.element)
	}
	rank := func(e *entry) uint64 { return e.height - 1 } // no block: the highest
	next := m.order.Front()
	for ; next != nil; next = next.Next() {
		if other := rank(next.Value.(*entry)); other > rank(e) || first && other == rank(e) {
			break
		}
	}
	if next == nil {
		e.element = m.order.PushBack(e)
	} else {
		e.element = m.order.InsertBefore(e, next)
	}
}

// get returns a transaction that waits or is set aside.
func (m *mempool) get(id ids.ID) (tx *chain.Transaction, processing, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[id]
	if !ok {
		return nil, false, false
	}
	return e.tx, e.blocks > 0, true
}

// waiting returns up to n transactions that a block can take, in the order to try them,
// after the first skip.
func (m *mempool) waiting(skip, n int) []*chain.Transaction {
	m.mu.Lock()
	defer m.mu.Unlock()
	transactions := make([]*chain.Transaction, 0, max(0, min(n, m.order.Len()-skip)))
	for element := m.order.Front(); element != nil && len(transactions) < n; element = element.Next() {
		if skip--; skip < 0 {
			transactions = append(transactions, element.Value.(*entry).tx)
		}
	}
	return transactions
}

// all returns the IDs of those that wait or are set aside.
func (m *mempool) all() []ids.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.entries))
}

// returned reports whether a rejected block gave the transaction back.
func (m *mempool) returned(id ids.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[id]
	return ok && e.height > 0
}

// setAside keeps the transactions of a block that is being processed from other blocks.
func (m *mempool) setAside(transactions []*chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, tx := range transactions {
		if e, ok := m.entries[tx.ID()]; ok {
			if e.blocks++; e.blocks == 1 {
				e.height = 0
			}
			if e.element != nil {
				m.order.Remove(e.element)
				e.element = nil
			}
		}
	}
}

// giveBack takes the transactions of a rejected block back, those that it did not have
// included: they wait again, before all that no block has held yet. They have been checked
// with the block; the bounds do not hold for those that were here before.
func (m *mempool) giveBack(height uint64, transactions []*chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, tx := range transactions {
		e, ok := m.entries[tx.ID()]
		if !ok {
			if m.roomLocked(tx) != nil {
				continue
			}
			e = m.insertLocked(tx)
		}
		if e.height == 0 || height < e.height {
			e.height = height
		}
		if e.blocks = max(0, e.blocks-1); e.blocks == 0 {
			m.queueLocked(e, false)
		}
	}
	m.notify()
}

// hold sets a transaction aside until restore, accept or drop.
func (m *mempool) hold(tx *chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[tx.ID()]; ok && e.element != nil {
		m.order.Remove(e.element)
		e.element = nil
	}
}

// restore takes back a transaction that was held, if it is still there.
func (m *mempool) restore(tx *chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[tx.ID()]; ok && e.element == nil && e.blocks == 0 {
		m.queueLocked(e, true)
		m.notify()
	}
}

// accept forgets the transactions of an accepted block.
func (m *mempool) accept(transactions []*chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, tx := range transactions {
		m.removeLocked(tx.ID())
	}
	m.notify()
}

// drop forgets a transaction that can't be accepted, and remembers why.
func (m *mempool) drop(tx *chain.Transaction, reason error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.removeLocked(tx.ID())
	m.dropped.Add(tx.ID(), reason)
}

// droppedReason returns why a transaction was dropped, nil if it was not.
func (m *mempool) droppedReason(id ids.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	reason, _ := m.dropped.Peek(id)
	return reason
}

func (m *mempool) removeLocked(id ids.ID) {
	e, ok := m.entries[id]
	if !ok {
		return
	}
	delete(m.entries, id)
	if e.element != nil {
		m.order.Remove(e.element)
	}
	sender := e.tx.Body.Actor()
	if m.bySender[sender]--; m.bySender[sender] == 0 {
		delete(m.bySender, sender)
	}
	m.bytes -= len(e.tx.Bytes())
}

// notify tells who waits that a block may be built now.
func (m *mempool) notify() {
	m.version++
	close(m.changed)
	m.changed = make(chan struct{})
}

// touch notifies of a change from outside: another preference, for one.
func (m *mempool) touch() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notify()
}

// state returns whether a block can take something, the version of the mempool, and a
// channel that is closed at the next change.
func (m *mempool) state() (ready bool, version uint64, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.order.Len() > 0, m.version, m.changed
}

// size returns how many transactions there are, and their bytes.
func (m *mempool) size() (count, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries), m.bytes
}
