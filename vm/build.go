package vm

import (
	"context"
	"errors"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

const (
	// maxBuilt is how many built blocks are kept for the host to verify.
	maxBuilt = 4
	// transactionOverhead is what a transaction takes in a block beside its bytes: the
	// field's tag and length.
	transactionOverhead = 5
)

// blockRoom returns how many bytes of a block are for transactions, each with its
// transactionOverhead. Every transaction that the rules allow fits into an empty block.
func blockRoom(genesis *chain.Genesis) int {
	return int(genesis.Limits.MaxBlockBytes) - chain.MaxHeaderBytes
}

// BuildBlock builds a block of what waits on the preferred block, or on the last accepted
// one if that is gone. If nothing can be taken it returns refusal.ErrEmptyBlock. The header
// commits to no validator set: a host that knows the chain's validators calls
// BuildBlockWithContext.
func (vm *VM) BuildBlock(ctx context.Context) (*Block, error) { return vm.build(ctx, nil) }

// BuildBlockWithContext is BuildBlock for a block whose header commits to the validators of
// its context.
func (vm *VM) BuildBlockWithContext(ctx context.Context, context Context) (*Block, error) {
	return vm.build(ctx, &context)
}

func (vm *VM) build(ctx context.Context, context *Context) (*Block, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	committed, err := vm.commitmentFor(ctx, context)
	if err != nil {
		return nil, err
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	parent, err := vm.fork(vm.preferred)
	if err != nil {
		parent = vm.decided()
	}
	started := time.Now()
	_, version, _ := vm.mempool.state()
	header := chain.Header{
		Version:   chain.HeaderVersion,
		ChainID:   vm.host.ChainID,
		Parent:    parent.Header().ID(),
		Height:    parent.Header().Height + 1,
		Timestamp: max(parent.Header().Timestamp, uint64(vm.host.Clock().UnixMilli())),

		PChainHeight:     committed.pChainHeight,
		ValidatorSetHash: committed.validatorSetHash,
	}
	change, err := vm.store.Begin(parent)
	if err != nil {
		return nil, vm.fail(err)
	}
	e, err := begin(vm.genesis, change, vm.host.ChainID, header.Height, header.Timestamp)
	if err != nil {
		return nil, vm.fail(err)
	}
	transactions, err := vm.take(e, parent)
	if err != nil {
		return nil, vm.fail(err)
	}
	if len(transactions) == 0 {
		vm.emptyAt = version
		return nil, refusal.New(refusal.ErrEmptyBlock, "a waiting transaction that the preferred block's state allows", "none")
	}
	if header.StateRoot, err = change.Root(); err != nil {
		return nil, vm.fail(err)
	}
	blk := &Block{Block: chain.NewBlock(header, transactions), vm: vm, change: change}
	if len(vm.built) == maxBuilt {
		vm.built = append(vm.built[:0], vm.built[1:]...)
	}
	vm.built = append(vm.built, blk)
	vm.metrics.built.Observe(time.Since(started).Seconds())
	return blk, nil
}

// take executes waiting transactions until the block is full. What is refused on the last
// accepted state is dropped. What is refused on the state after a processing block is set
// aside until that block is decided.
func (vm *VM) take(e *execution, parent *state.Fork) ([]*chain.Transaction, error) {
	var (
		taken []*chain.Transaction
		left  int // how many stay in line for another block
		room  = blockRoom(vm.genesis)
		limit = int(vm.genesis.Limits.MaxBlockTransactions)
	)
	for len(taken) < limit {
		waiting := vm.mempool.waiting(len(taken)+left, limit-len(taken))
		if len(waiting) == 0 {
			break
		}
		for _, tx := range waiting {
			size := len(tx.Bytes()) + transactionOverhead
			if size > room {
				return taken, nil
			}
			err := e.execute(tx)
			if err == nil {
				taken = append(taken, tx)
				room -= size
				continue
			}
			if refused := (*refusal.Error)(nil); !errors.As(err, &refused) {
				return nil, err
			}
			later := errors.Is(err, refusal.ErrPendingBlockLimit) || errors.Is(err, refusal.ErrIdentityBlockLimit)
			switch {
			case later, left > 0 && vm.mempool.returned(tx.ID()): // it may depend on what is left
				left++
			case parent == vm.store.Accepted():
				vm.drop(tx, err)
			default:
				id := parent.Header().ID()
				vm.refused[id] = append(vm.refused[id], refusedTx{tx, err})
				vm.mempool.hold(tx)
			}
		}
	}
	return taken, nil
}

// refusedTx is a transaction that was refused on the state after a processing block.
type refusedTx struct {
	tx     *chain.Transaction
	reason error
}

// takeRefused returns what was refused on the state after a block that is now decided.
func (vm *VM) takeRefused(block ids.ID) []refusedTx {
	refused := vm.refused[block]
	delete(vm.refused, block)
	return refused
}

// drop forgets a transaction that can't be accepted, and tells those who wait for it.
func (vm *VM) drop(tx *chain.Transaction, reason error) {
	vm.mempool.drop(tx, reason)
	vm.awaiting.decide(tx.ID())
}

// forgetBuilt lets go of a built block.
func (vm *VM) forgetBuilt(id ids.ID) {
	for i, blk := range vm.built {
		if blk.ID() == id {
			vm.built = append(vm.built[:i], vm.built[i+1:]...)
			return
		}
	}
}
