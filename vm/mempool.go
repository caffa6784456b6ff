package vm

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Shares of the mempool, and of a block while others wait: one part in so many. That of registrations is
// kept for them; plain sessions and invitations, whose sources can be as many as one likes, have no more.
const (
	registrationShare = 8
	plainShare        = 8
	invitationShare   = 8
)

// ownRegistrations is the share of what may wait of a sender that registrations may have, one at least: one
// part in so many. A block takes one of them, but what pays for one pays for all: whoever has seen it
// can send it with other deadlines, and whose it is can have any number of transactions carry it.
const ownRegistrations = 64

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
	dropped       *lru.Cache[ids.ID, error]
	changed       chan struct{} // closed when something changes that a builder waits for; nil: nobody waits
	version       uint64        // counts those changes
}

// usage is how many transactions there are, and their bytes.
type usage struct{ count, bytes int }

// add adds a transaction that has some bytes of the kind, or takes it off.
func (u *usage) add(bytes, sign int) {
	if bytes > 0 {
		u.count += sign
		u.bytes += sign * bytes
	}
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
		dropped:      dropped,
	}
}

// room refuses a transaction that does not fit. It is asked before the expensive checks,
// and again by add.
func (m *mempool) room(tx *chain.Transaction, source Source) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	sender := SenderOf(tx, source)
	if err := m.registrationRoomLocked(tx, sender); err != nil {
		return err
	}
	if err := m.roomLocked(tx, sender); !errors.Is(err, refusal.ErrMempoolFull) || m.queuesOf(tx).outgrown(sender, tx) == nil {
		return err
	}
	return nil
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

// registrationRoomLocked refuses a registration, or a transaction that carries one, that does not fit
// beside the registrations that wait. Nobody makes room for it.
func (m *mempool) registrationRoomLocked(tx *chain.Transaction, sender ids.ID) error {
	bytes := registrationBytes(tx)
	if bytes == 0 {
		return nil
	}
	own := max(1, m.config.MaxPerSender/ownRegistrations)
	if n := m.queues.registrations(sender); n >= own {
		return refusal.New(refusal.ErrMempoolSender, fmt.Sprintf("fewer than %d waiting registrations of one identity; wait until one is accepted", own), n)
	}
	return m.registrations.room(bytes, m.config.MaxTransactions/registrationShare, m.config.MaxBytes/registrationShare)
}

// roomLocked refuses a transaction that does not fit beside those that wait, whatever registration it carries.
func (m *mempool) roomLocked(tx *chain.Transaction, sender ids.ID) error {
	if n, limit := m.queuesOf(tx).count(sender), m.config.MaxPerSender; n >= limit {
		return refusal.New(refusal.ErrMempoolSender, fmt.Sprintf("fewer than %d waiting transactions of one sender; wait until they are accepted", limit), n)
	}
	count, size := m.config.MaxTransactions, m.config.MaxBytes
	switch {
	case isPlain(tx):
		count, size = count/plainShare, size/plainShare
	case isInvitation(tx):
		count, size = count/invitationShare, size/invitationShare
	default:
		count -= count/registrationShare + count/plainShare + count/invitationShare
		size -= size/registrationShare + size/plainShare + size/invitationShare
	}
	return m.usageOf(tx).room(ownBytes(tx), count, size)
}

// room refuses a transaction that has some bytes of the kind and does not fit.
func (u *usage) room(bytes, count, size int) error {
	if bytes == 0 {
		return nil
	}
	if u.count >= count {
		return refusal.New(refusal.ErrMempoolFull, fmt.Sprintf("fewer than %d waiting transactions; try again later", count), u.count)
	}
	if n := u.bytes + bytes; n > size && u.count > 0 {
		return refusal.New(refusal.ErrMempoolFull, fmt.Sprintf("at most %d bytes of waiting transactions; try again later", size), n)
	}
	return nil
}

// add takes a checked transaction and reports whether it is new. One that is there already is
// no error. If the mempool is full, the sender of most bytes makes room: its newest
// transactions are evicted, and returned.
func (m *mempool) add(tx *chain.Transaction, source Source) (added bool, evicted []*chain.Transaction, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entries[tx.ID()]; ok {
		return false, nil, nil
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
				queues.line(e)
			}
			return false, nil, err
		}
		m.removeLocked(victim.tx.ID())
		victims = append(victims, victim)
	}
	e := m.newLocked(tx, sender)
	queues.line(e)
	m.dropped.Remove(tx.ID())
	m.notify()
	for _, e := range victims {
		evicted = append(evicted, e.tx)
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
	m.countLocked(e.tx, 1)
}

// countLocked adds a transaction to what is in use, or takes it off. One that carries a registration has a
// place among registrations, and one among what is signed.
func (m *mempool) countLocked(tx *chain.Transaction, sign int) {
	m.registrations.add(registrationBytes(tx), sign)
	m.usageOf(tx).add(ownBytes(tx), sign)
}

// usageOf returns the usage that counts what of a transaction is no registration.
func (m *mempool) usageOf(tx *chain.Transaction) *usage {
	switch {
	case isPlain(tx):
		return &m.plain
	case isInvitation(tx):
		return &m.invitations
	default:
		return &m.signed
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

// waiting returns the transactions that a block can take, in the order to try them. Plain sessions come
// and invitations come first: they depend on nothing, others may depend on sessions, and a block takes a
// share of them at most.
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

// all returns the IDs of those that wait or are set aside.
func (m *mempool) all() []ids.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Keys(m.entries))
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
	m.countLocked(e.tx, -1)
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

// size returns how many transactions there are, and their bytes.
func (m *mempool) size() (count, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries), m.signed.bytes + m.registrations.bytes + m.plain.bytes + m.invitations.bytes
}
