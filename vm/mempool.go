package vm

import (
	"errors"
	"iter"
	"slices"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// droppedMemory is how many dropped transactions are remembered, with the reason.
const droppedMemory = 4096

// mempool holds checked transactions until they are accepted or dropped, in a fair order: see
// queues. Those in a block that is being processed stay, set aside, and come back if the block
// is rejected. It is bounded in number and bytes, in all and for each sender, and safe for
// concurrent use.
type mempool struct {
	config MempoolConfig

	mu            sync.Mutex
	queues        *queues // but of plain sessions and invitations
	plainQueues   *queues // of plain sessions, by their sources
	inviteQueues  *queues // of invitations, by their sources
	entries       map[ids.ID]*entry
	signed        usage
	registrations usage
	plain         usage
	invitations   usage
	stem          usage          // of all these, what is on its stem
	contracts     map[ids.ID]int // how many are of contracts, by their chain
	dropped       *lru.Cache[ids.ID, error]
	changed       chan struct{} // closed when something changes that a builder waits for; nil: nobody waits
	version       uint64        // counts those changes
}

func newMempool(config MempoolConfig) *mempool {
	dropped, err := lru.New[ids.ID, error](droppedMemory)
	if err != nil {
		panic(err) // the size is positive
	}
	return &mempool{
		config:       config,
		queues:       newQueues(),
		plainQueues:  newQueues(),
		inviteQueues: newQueues(),
		entries:      make(map[ids.ID]*entry),
		contracts:    make(map[ids.ID]int),
		dropped:      dropped,
	}
}

// queuesOf returns the queues that a transaction waits in.
func (m *mempool) queuesOf(tx *chain.Transaction) *queues {
	switch {
	case isPlain(tx):
		return m.plainQueues
	case isInvitation(tx):
		return m.inviteQueues
	default:
		return m.queues
	}
}

// add takes a checked transaction, onto its stem or in line, and reports whether it is new. One that is there
// already is no error, and one on its stem that comes otherwise is new in line. If the mempool is full, the sender of most bytes makes room: its newest
// transactions are evicted, and returned; why is remembered of those that were in line.
func (m *mempool) add(tx *chain.Transaction, source Source, stem bool) (added bool, evicted []*chain.Transaction, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[tx.ID()]; ok {
		return !stem && m.diffuseLocked(e), nil, nil
	}
	sender, queues := SenderOf(tx, source), m.queuesOf(tx)
	if err := m.registrationRoomLocked(tx, sender); err != nil {
		return false, nil, err
	}
	var victims []*entry
	for {
		err := m.roomLocked(tx, sender)
		if err == nil {
			break
		}
		var victim *entry
		if errors.Is(err, refusal.ErrMempoolFull) {
			victim = queues.outgrown(sender, tx)
		}
		if victim == nil {
			for _, e := range slices.Backward(victims) {
				m.insertLocked(e)
				if !e.stem {
					queues.line(e)
				}
			}
			return false, nil, err
		}
		m.removeLocked(victim.tx.ID())
		victims = append(victims, victim)
	}
	e := m.newLocked(tx, sender)
	e.stem = true
	m.stem.add(len(tx.Bytes()), 1)
	if !stem {
		m.diffuseLocked(e)
	}
	m.dropped.Remove(tx.ID())
	for _, e := range victims {
		evicted = append(evicted, e.tx)
		if !e.stem { // who asks must not learn that it was here
			m.dropped.Add(e.tx.ID(), refusal.New(refusal.ErrMempoolFull, "a sender who has fewer bytes waiting than others when the mempool is full; try again later", e.tx.Body.Actor()))
		}
	}
	return true, evicted, nil
}

// newLocked makes the entry of a transaction, the last of its sender's.
func (m *mempool) newLocked(tx *chain.Transaction, sender ids.ID) *entry {
	e := m.queuesOf(tx).entry(tx, sender)
	m.insertLocked(e)
	return e
}

func (m *mempool) insertLocked(e *entry) {
	m.entries[e.tx.ID()] = e
	m.queuesOf(e.tx).insert(e)
	m.countLocked(e, 1)
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

// waiting returns the transactions that a block can take, in the order to try them. Plain sessions and
// invitations come first: they depend on nothing, others may depend on sessions, and a block takes a share
// of them at most.
// Only those that are visited are looked at, because a block fills long before a full mempool ends. The caller holds
// the VM's lock: under it alone blocks are set aside and given back.
func (m *mempool) waiting() iter.Seq[candidate] {
	m.mu.Lock()
	order := slices.Concat(m.plainQueues.order, m.inviteQueues.order, m.queues.order)
	m.mu.Unlock()
	return func(yield func(candidate) bool) {
		for _, e := range order {
			if !yield(candidate{e.tx, e.sender, e.height > 0}) {
				return
			}
		}
	}
}

// eachWaiting visits what waiting returns, in that order, until visit says that it has enough.
func (m *mempool) eachWaiting(visit func(*entry) (more bool)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, order := range [][]*entry{m.plainQueues.order, m.inviteQueues.order, m.queues.order} {
		for _, e := range order {
			if !visit(e) {
				return
			}
		}
	}
}

// hasRegistrations reports whether registrations wait or are set aside, alone or carried.
func (m *mempool) hasRegistrations() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.registrations.count > 0
}

// candidate is a transaction for a block.
type candidate struct {
	tx       *chain.Transaction
	sender   ids.ID // see senderOf
	returned bool   // a rejected block gave it back
}

// all returns the IDs of those that wait or are set aside, but not on their stems.
func (m *mempool) all() []ids.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]ids.ID, 0, len(m.entries))
	for id, e := range m.entries {
		if !e.stem {
			all = append(all, id)
		}
	}
	return all
}

// setAside keeps the transactions of a block that is being processed from other blocks.
func (m *mempool) setAside(transactions []*chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	aside := make(map[*queues][]*entry, 3)
	for _, tx := range transactions {
		if e, ok := m.entries[tx.ID()]; ok {
			if e.blocks++; e.blocks == 1 {
				e.height = 0
			}
			aside[m.queuesOf(tx)] = append(aside[m.queuesOf(tx)], e)
		}
	}
	for queues, entries := range aside {
		queues.leaveAll(entries)
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
			sender := SenderOf(tx, "")
			if m.registrationRoomLocked(tx, sender) != nil || m.roomLocked(tx, sender) != nil {
				continue
			}
			e = m.newLocked(tx, sender)
		}
		if e.height == 0 || height < e.height {
			e.height = height
		}
		if e.blocks = max(0, e.blocks-1); e.blocks == 0 {
			m.endStemLocked(e)
			m.queuesOf(tx).giveBack(e)
		}
	}
	m.notify()
}

// hold sets a transaction aside until restore, accept or drop.
func (m *mempool) hold(tx *chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[tx.ID()]; ok {
		m.queuesOf(tx).leave(e)
	}
}

// restore takes back a transaction that was held, if it is still there.
func (m *mempool) restore(tx *chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.entries[tx.ID()]; ok && !e.lined && e.blocks == 0 {
		m.queuesOf(tx).line(e)
		m.notify()
	}
}

// accept forgets the transactions of an accepted block.
func (m *mempool) accept(transactions []*chain.Transaction) {
	m.mu.Lock()
	defer m.mu.Unlock()
	served := make(map[*queues]uint64, 3)
	for _, tx := range transactions {
		if e := m.removeLocked(tx.ID()); e != nil {
			served[m.queuesOf(tx)] = max(served[m.queuesOf(tx)], e.start())
		}
	}
	for queues, virtual := range served {
		queues.advance(virtual)
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

func (m *mempool) removeLocked(id ids.ID) *entry {
	e, ok := m.entries[id]
	if !ok {
		return nil
	}
	delete(m.entries, id)
	m.queuesOf(e.tx).remove(e)
	m.countLocked(e, -1)
	return e
}

// notify tells who waits that a block may be built now.
func (m *mempool) notify() {
	m.version++
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
}

// touch notifies of a change from outside: another preference, for one.
func (m *mempool) touch() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notify()
}

// state returns the bytes of what a block can take, the version of the mempool, and a
// channel that is closed at the next change.
func (m *mempool) state() (bytes int, version uint64, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changed == nil {
		m.changed = make(chan struct{})
	}
	return m.queues.lined + m.plainQueues.lined + m.inviteQueues.lined, m.version, m.changed
}

// size returns how many transactions there are, and their bytes, but for what is on its stem.
func (m *mempool) size() (count, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries) - m.stem.count, m.signed.bytes + m.registrations.bytes + m.plain.bytes + m.invitations.bytes - m.stem.bytes
}
