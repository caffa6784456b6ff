package vm

import (
	"container/heap"
	"crypto/sha256"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// queues put transactions in line so that senders share the blocks' bytes evenly, however much
// each has waiting. The order is that of self-clocked fair queueing (Golestani, 1994): with a
// virtual time that counts bytes, a transaction finishes its size after the sender's one before,
// or after the virtual time if none waits, and the first to finish is the first in line. So
// nobody's first small transaction waits behind another sender's large ones, and each sender's
// transactions keep their order. It follows from the order of arrival and of the blocks alone.
//
// What rejected blocks gave back comes before all, in the order of their heights, because it
// may depend on what the blocks before have given back.
type queues struct {
	order   []*entry // in line, sorted by place
	lined   int      // their bytes
	senders map[ids.ID]*queue
	largest queueHeap // of the same queues, but those of registrations alone
	virtual uint64    // bytes
	arrived uint64    // counts entries and what is given back
}

// queue is what one sender has waiting, in line or set aside.
type queue struct {
	sender  ids.ID
	entries []*entry // in the order of arrival
	bytes   int      // that are no registrations
	index   int      // in the heap; -1: not there
}

// entry is a transaction of the mempool.
type entry struct {
	tx      *chain.Transaction
	sender  ids.ID // see senderOf
	finish  uint64 // virtual time
	arrival uint64
	place   [3]uint64
	lined   bool   // in line; else it is set aside
	stem    bool   // on its stem, and not in line
	blocks  int    // how many processing blocks hold it
	height  uint64 // of the rejected block that gave it back; 0: none did
}

// start is the virtual time at which the entry's turn begins.
func (e *entry) start() uint64 { return e.finish - uint64(len(e.tx.Bytes())) }

// Source is from whom this node has a transaction: a client of it or a peer, each by a name of its own.
// Empty: from itself, or from a block.
type Source string

// SenderOf returns whose a transaction is: that of the actor who signs it, of the chain whose contract acts, another registration that
// of the identity, and what nobody signs, a plain session or an invitation, its source's: for each of
// these kinds a source is a sender of its own.
func SenderOf(tx *chain.Transaction, source Source) ids.ID {
	if hasShare(tx) {
		return sha256.Sum256([]byte(tx.Body.Context() + "\x00" + string(source)))
	}
	if tx.Warp != nil {
		return account(tx)
	}
	switch body := tx.Body.(type) {
	case *chain.RegisterIdentity:
		return chain.IdentityID(body.KEMPublicKey, body.DSAPublicKey)
	case *chain.RegisterValidatorKey:
		return chain.ValidatorKeyID(body.BLSPublicKey)
	default:
		return account(tx)
	}
}

// isPlain reports whether a transaction is a plain session, which nobody signs.
func isPlain(tx *chain.Transaction) bool {
	body, ok := tx.Body.(*chain.CreateSession)
	return ok && body.Creator == ids.Empty
}

func isInvitation(tx *chain.Transaction) bool {
	_, ok := tx.Body.(*chain.Invite)
	return ok
}

// hasShare reports whether a transaction is of a kind that nobody signs and that has a share of the
// mempool and of a block, and no more while others wait.
func hasShare(tx *chain.Transaction) bool { return isPlain(tx) || isInvitation(tx) }

// registrationBytes returns how many of a transaction's bytes are those of a registration: all, those
// that it carries, or none. These have a share of their own; the rest counts as another's bytes do.
func registrationBytes(tx *chain.Transaction) int {
	if _, ok := tx.Body.(*chain.RegisterIdentity); ok {
		return len(tx.Bytes())
	}
	return tx.Carried()
}

// ownBytes returns how many of a transaction's bytes are no registration.
func ownBytes(tx *chain.Transaction) int { return len(tx.Bytes()) - registrationBytes(tx) }

func newQueues() *queues { return &queues{senders: make(map[ids.ID]*queue)} }

// count returns how many transactions of a sender wait or are set aside.
func (q *queues) count(sender ids.ID) int {
	if of, ok := q.senders[sender]; ok {
		return len(of.entries)
	}
	return 0
}

// registrations returns how many of a sender's transactions are registrations or carry one.
func (q *queues) registrations(sender ids.ID) (n int) {
	if of, ok := q.senders[sender]; ok {
		for _, e := range of.entries {
			if registrationBytes(e.tx) > 0 {
				n++
			}
		}
	}
	return n
}

// entry makes the entry of a transaction that arrives now.
func (q *queues) entry(tx *chain.Transaction, sender ids.ID) *entry {
	begin := q.virtual
	if of, ok := q.senders[sender]; ok {
		begin = max(begin, of.entries[len(of.entries)-1].finish)
	}
	q.arrived++
	e := &entry{tx: tx, sender: sender, finish: begin + uint64(len(tx.Bytes())), arrival: q.arrived}
	const fresh = 1<<64 - 1 // after every height
	e.place = [3]uint64{fresh, e.finish, e.arrival}
	return e
}

// insert puts an entry into its sender's queue, set aside.
func (q *queues) insert(e *entry) {
	of, ok := q.senders[e.sender]
	if !ok {
		of = &queue{sender: e.sender, index: -1}
		q.senders[e.sender] = of
	}
	of.entries = append(of.entries, e)
	q.grow(of, ownBytes(e.tx))
}

// grow changes the bytes of a queue.
func (q *queues) grow(of *queue, bytes int) {
	of.bytes += bytes
	switch {
	case of.index >= 0 && of.bytes == 0:
		heap.Remove(&q.largest, of.index)
	case of.index >= 0:
		heap.Fix(&q.largest, of.index)
	case of.bytes > 0:
		heap.Push(&q.largest, of)
	}
}

// remove forgets an entry.
func (q *queues) remove(e *entry) {
	q.leave(e)
	of := q.senders[e.sender]
	of.entries = slices.DeleteFunc(of.entries, func(other *entry) bool { return other == e })
	q.grow(of, -ownBytes(e.tx))
	if len(of.entries) == 0 {
		delete(q.senders, e.sender)
	}
}

// line puts an entry in line.
func (q *queues) line(e *entry) {
	if !e.lined {
		at, _ := slices.BinarySearchFunc(q.order, e, comparePlaces)
		q.order = slices.Insert(q.order, at, e)
		q.lined += len(e.tx.Bytes())
		e.lined = true
	}
}

// leave takes an entry out of line.
func (q *queues) leave(e *entry) {
	if e.lined {
		at, _ := slices.BinarySearchFunc(q.order, e, comparePlaces)
		q.order = slices.Delete(q.order, at, at+1)
		q.lined -= len(e.tx.Bytes())
		e.lined = false
	}
}

// leaveAll takes entries out of line in one pass.
func (q *queues) leaveAll(entries []*entry) {
	if len(entries) == 1 {
		q.leave(entries[0])
		return
	}
	for _, e := range entries {
		if e.lined {
			q.lined -= len(e.tx.Bytes())
		}
		e.lined = false
	}
	q.order = slices.DeleteFunc(q.order, func(e *entry) bool { return !e.lined })
}

func comparePlaces(a, b *entry) int { return slices.Compare(a.place[:], b.place[:]) }

// giveBack puts an entry in line that blocks up to its height gave back: after what is there of
// that height.
func (q *queues) giveBack(e *entry) {
	q.leave(e)
	q.arrived++
	e.place = [3]uint64{e.height, 0, q.arrived}
	q.line(e)
}

// advance moves the virtual time to what a block has served. Another node's order may differ:
// the time does not pass what is first in line here.
func (q *queues) advance(served uint64) {
	if len(q.order) > 0 {
		served = min(served, q.order[0].finish)
	}
	q.virtual = max(q.virtual, served)
}

// outgrown returns the newest entry in line or on its stem of the sender of most bytes, if it has more than
// the sender of tx would have with it; else nil. Registrations evict nothing.
func (q *queues) outgrown(sender ids.ID, tx *chain.Transaction) *entry {
	if len(q.largest) == 0 || ownBytes(tx) == 0 {
		return nil
	}
	largest, bytes := q.largest[0], ownBytes(tx)
	if of, ok := q.senders[sender]; ok {
		bytes += of.bytes
	}
	if bytes >= largest.bytes {
		return nil
	}
	for _, e := range slices.Backward(largest.entries) {
		if (e.lined || e.stem && e.blocks == 0) && e.height == 0 && ownBytes(e.tx) > 0 {
			return e
		}
	}
	return nil
}

// queueHeap is a heap of queues, the largest first, and of two equal ones that with the newest
// entry.
type queueHeap []*queue

func (h queueHeap) Len() int { return len(h) }

func (h queueHeap) Less(i, j int) bool {
	if h[i].bytes != h[j].bytes {
		return h[i].bytes > h[j].bytes
	}
	return h[i].newest() > h[j].newest()
}

func (q *queue) newest() uint64 {
	if len(q.entries) == 0 {
		return 0
	}
	return q.entries[len(q.entries)-1].arrival
}

func (h queueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *queueHeap) Push(of any) {
	q := of.(*queue)
	q.index = len(*h)
	*h = append(*h, q)
}

// Pop implements heap.Interface.
func (h *queueHeap) Pop() any {
	last := (*h)[len(*h)-1]
	last.index = -1
	*h = (*h)[:len(*h)-1]
	return last
}
