package vm

import (
	"context"
	"fmt"
	"sync"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// Inclusion is where a transaction is in the chain.
type Inclusion struct {
	Block     ids.ID
	Height    uint64
	Position  int    // in the block, from 0
	Timestamp uint64 // of the block, Unix milliseconds
	Message   uint64 // the message's index, if it is one and still in the tree; else 0
}

// awaiting tells those who wait for transactions what became of them.
type awaiting struct {
	mu      sync.Mutex
	waiters map[ids.ID][]chan struct{}
}

func newAwaiting() *awaiting { return &awaiting{waiters: make(map[ids.ID][]chan struct{})} }

// wait returns a channel that is closed when the transaction's state is decided, and a
// function that ends the wait.
func (a *awaiting) wait(id ids.ID) (decided <-chan struct{}, stop func()) {
	waiter := make(chan struct{})
	a.mu.Lock()
	a.waiters[id] = append(a.waiters[id], waiter)
	a.mu.Unlock()
	return waiter, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		waiters := a.waiters[id]
		for i := range waiters {
			if waiters[i] == waiter {
				a.waiters[id] = append(waiters[:i], waiters[i+1:]...)
				break
			}
		}
		if len(a.waiters[id]) == 0 {
			delete(a.waiters, id)
		}
	}
}

// decide wakes those who wait for a transaction.
func (a *awaiting) decide(id ids.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, waiter := range a.waiters[id] {
		close(waiter)
	}
	delete(a.waiters, id)
}

// Await waits until a transaction is accepted and says where. The end of ctx is a
// refusal.ErrWaitTimeout: the transaction may be accepted later. A transaction that leaves
// the mempool, or never was there, is a refusal.ErrDropped, and the reason if it is known.
func (vm *VM) Await(ctx context.Context, id ids.ID) (Inclusion, error) {
	for {
		decided, stop := vm.awaiting.wait(id)
		state, inclusion, err := vm.TransactionStatus(id)
		switch state {
		case TransactionAccepted:
			stop()
			return inclusion, nil
		case TransactionDropped:
			stop()
			return Inclusion{}, fmt.Errorf("%w: %w", refusal.ErrDropped, err)
		case TransactionUnknown:
			stop()
			if err == nil {
				err = refusal.New(refusal.ErrDropped, "a transaction that waits or is accepted", id)
			}
			return Inclusion{}, err
		}
		select {
		case <-decided:
		case <-ctx.Done():
			stop()
			return Inclusion{}, refusal.New(refusal.ErrWaitTimeout, "acceptance within the wait limit; ask for the transaction's status later", id)
		case <-vm.closed:
			stop()
			return Inclusion{}, refusal.New(refusal.ErrNotReady, "a node that is running", "one that is shutting down")
		}
	}
}

// acceptance lets followers wait for the next accepted block.
type acceptance struct {
	mu   sync.Mutex
	next chan struct{}
}

// announce wakes the followers. They are not let in between show and the wake: who has seen
// the block must not be woken for it again.
func (a *acceptance) announce(show func() error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := show(); err != nil {
		return err
	}
	close(a.next)
	a.next = make(chan struct{})
	return nil
}

// Accepted returns a channel that is closed once a block above height is accepted and
// Snapshot shows it.
func (vm *VM) Accepted(height uint64) <-chan struct{} {
	vm.acceptance.mu.Lock()
	defer vm.acceptance.mu.Unlock()
	if vm.Snapshot().Header().Height > height {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return vm.acceptance.next
}
