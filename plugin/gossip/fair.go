package gossip

import (
	"cmp"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/vm"
)

// fairQueue is transactions in an order in which their senders get as many bytes each, however much
// each has there: self-clocked fair queueing (Golestani, 1994), as in the mempool. It is bounded in
// number and bytes; what exceeds them is what has its turn last.
type fairQueue struct {
	line    []turn            // sorted by finish, and by arrival where that is the same
	newest  map[ids.ID]uint64 // the last finish of each sender that has something in line
	virtual uint64            // time, which counts bytes
	bytes   int
}

// turn is a transaction's.
type turn struct {
	tx     *chain.Transaction
	sender ids.ID
	finish uint64 // virtual time
}

func newFairQueue() *fairQueue { return &fairQueue{newest: make(map[ids.ID]uint64)} }

// senderOf returns whose share a transaction takes. Each registration has one of its own, unless a contract has sent it.
func senderOf(tx *chain.Transaction, source vm.Source) ids.ID {
	if _, ok := tx.Body.(*chain.RegisterIdentity); ok && tx.Warp == nil {
		return tx.ID()
	}
	return vm.SenderOf(tx, source)
}

// add puts a transaction in line, and returns how many have left it for want of room.
func (q *fairQueue) add(tx *chain.Transaction, source vm.Source) (dropped int) {
	sender, size := senderOf(tx, source), len(tx.Bytes())
	finish := max(q.virtual, q.newest[sender]) + uint64(size)
	at, _ := slices.BinarySearchFunc(q.line, finish+1, func(t turn, finish uint64) int { return cmp.Compare(t.finish, finish) })
	q.line = slices.Insert(q.line, at, turn{tx, sender, finish})
	q.newest[sender] = finish
	q.bytes += size
	for len(q.line) > outboxSize || q.bytes > outboxBytes {
		q.dropLast()
		dropped++
	}
	return dropped
}

func (q *fairQueue) dropLast() {
	last := q.line[len(q.line)-1]
	q.line = q.line[:len(q.line)-1]
	q.bytes -= len(last.tx.Bytes())
	q.newest[last.sender] = last.finish - uint64(len(last.tx.Bytes()))
}

// first returns whose turn it is; nil: nobody's.
func (q *fairQueue) first() *chain.Transaction {
	if len(q.line) == 0 {
		return nil
	}
	return q.line[0].tx
}

// pop takes the first out of line.
func (q *fairQueue) pop() {
	first := q.line[0]
	q.virtual = max(q.virtual, first.finish-uint64(len(first.tx.Bytes())))
	q.bytes -= len(first.tx.Bytes())
	if q.newest[first.sender] == first.finish {
		delete(q.newest, first.sender)
	}
	if q.line[0], q.line = (turn{}), q.line[1:]; len(q.line) == 0 {
		q.line = nil
	}
}

// keep takes out of line what need not be there.
func (q *fairQueue) keep(needed func(*chain.Transaction) bool) {
	q.line = slices.DeleteFunc(q.line, func(t turn) bool { return !needed(t.tx) })
	q.bytes = 0
	clear(q.newest)
	for _, t := range q.line {
		q.newest[t.sender] = t.finish
		q.bytes += len(t.tx.Bytes())
	}
}
