package vm

import (
	"context"
	"fmt"
	"sync"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// Inclusion is where a transaction is in the chain.
type Inclusion struct {
	Block     ids.ID
	Height    uint64
	Position  int    // in the block, from 0
	Timestamp uint64 // of the block, Unix milliseconds
	Message   uint64 // the message's index, if it is one and still in the tree; else 0
	Sequence  uint64 // the message's in its session, from 1; 0 if Message is
}

func inclusionAt(header *chain.Header, location state.Location) Inclusion {
	return Inclusion{
		Block:     header.ID(),
		Height:    location.Height,
		Position:  int(location.Position),
		Timestamp: header.Timestamp,
		Message:   location.Message,
		Sequence:  location.Sequence,
	}
}

// awaiting tells those who wait for transactions what became of them: where one was accepted, or
// nil for one that was not.
type awaiting struct {
	mu      sync.Mutex
	waiters map[ids.ID][]chan *Inclusion
}

func newAwaiting() *awaiting { return &awaiting{waiters: make(map[ids.ID][]chan *Inclusion)} }

// wait returns a channel that says what became of the transaction once it is decided, and a
// function that ends the wait.
func (a *awaiting) wait(id ids.ID) (decided <-chan *Inclusion, stop func()) {
	waiter := make(chan *Inclusion, 1)
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

// accept tells those who wait for the transactions of an accepted block.
func (a *awaiting) accept(blk *chain.Block, locations []state.Location) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, tx := range blk.Transactions {
		if _, awaited := a.waiters[tx.ID()]; awaited {
			inclusion := inclusionAt(blk.Header, locations[i])
			a.tell(tx.ID(), &inclusion)
		}
	}
}

// drop tells those who wait for a transaction that left the mempool.
func (a *awaiting) drop(id ids.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tell(id, nil)
}

func (a *awaiting) tell(id ids.ID, inclusion *Inclusion) {
	for _, waiter := range a.waiters[id] {
		waiter <- inclusion
	}
	delete(a.waiters, id)
}

// Await waits until a transaction is accepted and says where. The end of ctx is a
// refusal.ErrWaitTimeout: the transaction may be accepted later. A transaction that leaves
// the mempool, or never was there, is a refusal.ErrDropped, and the reason if it is known.
func (vm *VM) Await(ctx context.Context, id ids.ID) (Inclusion, error) {
	for {
		decided, stop := vm.awaiting.wait(id)
		// What is in the mempool is decided after it has left it: there is no need to look for it in the chain.
		if _, _, waits := vm.mempool.get(id); !waits {
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
		}
		select {
		case inclusion := <-decided:
			if inclusion != nil {
				return *inclusion, nil
			}
		case <-ctx.Done():
			stop()
			return Inclusion{}, refusal.New(refusal.ErrWaitTimeout, "acceptance within the wait limit; ask for the transaction's status later", id)
		case <-vm.failed:
			stop()
			return Inclusion{}, vm.ready()
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
