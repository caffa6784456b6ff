package vm

import (
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// A transaction is on its stem while it goes from node to node, one at a time, before it is spread (Dandelion++, Fanti et
// al., 2018). A node that has it then must not be told from one that has not: the transaction is in the mempool, checked and
// counted, but in no block that this node builds, and none of the VM's methods tells of it but Await and those below.

// ReceiveStem does with a transaction that another node has sent along its stem what Receive does with others, and keeps
// it on its stem until Diffuse. It reports whether it is there, now or since before: all checks are made anew, so that
// their outcome does not say which. False and no error: the transaction is off its stem.
func (vm *VM) ReceiveStem(tx *chain.Transaction, source Source) (onStem bool, err error) {
	if err := vm.ready(); err != nil {
		return false, err
	}
	if _, err := vm.admit(tx, source, true, atOnce); err != nil {
		return false, err
	}
	return vm.OnStem(tx.ID()), nil
}

// OnStem reports whether a transaction is in the mempool and on its stem.
func (vm *VM) OnStem(id ids.ID) bool { return vm.mempool.onStem(id) }

// Diffuse ends the stem of a transaction, which waits for a block from now on, and reports whether it was on it. One that is
// in a block that is being processed stays as it is: others know it, and the block's fate is its own.
func (vm *VM) Diffuse(id ids.ID) bool { return vm.mempool.diffuse(id) }

func (m *mempool) onStem(id ids.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[id]
	return ok && e.stem
}

func (m *mempool) diffuse(id ids.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[id]
	return ok && m.diffuseLocked(e)
}

func (m *mempool) diffuseLocked(e *entry) bool {
	if !e.stem || e.blocks > 0 {
		return false
	}
	m.endStemLocked(e)
	m.queuesOf(e.tx).line(e)
	m.notify()
	return true
}

func (m *mempool) endStemLocked(e *entry) {
	if e.stem {
		e.stem = false
		m.stem.add(len(e.tx.Bytes()), -1)
	}
}

// told returns whether a transaction is being processed, and whether it waits or is, as others may know.
func (m *mempool) told(id ids.ID) (processing, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[id]
	if !ok || e.stem {
		return false, false
	}
	return e.blocks > 0, true
}
