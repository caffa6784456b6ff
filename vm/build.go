package vm

import (
	"context"
	"errors"
	"slices"
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
	// smallTransaction is the size up to which a transaction counts as small. Larger ones take
	// at most one part in largeShare of a block while others wait.
	smallTransaction = 8 << 10
	largeShare       = 2
	// lastTries is how many transactions are looked at that might fit in what is left of a block, once
	// that is less than a small transaction may have.
	lastTries = 256
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
	if err := vm.CheckClock(); err != nil {
		return nil, err
	}
	committed, err := vm.commitmentFor(ctx, context, vm.mempool.sourceChains(maxSources))
	if err != nil {
		return nil, err
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	parent := vm.parentToBuildOn()
	started := time.Now()
	number, values, err := vm.rules.after(parent.Header().Timestamp)
	if err != nil {
		return nil, err
	}
	_, version, _ := vm.mempool.state()
	header := chain.Header{
		Version:   number,
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
	e, err := begin(values, change, vm.host.ChainID, committed, header.Height, header.Timestamp)
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
	blk := &Block{Block: chain.NewBlock(header, transactions), vm: vm, change: change, built: started}
	if len(vm.built) == maxBuilt {
		vm.built = append(vm.built[:0], vm.built[1:]...)
	}
	vm.built = append(vm.built, blk)
	vm.metrics.built.Observe(time.Since(started).Seconds())
	return blk, nil
}

// space is how much of a block is left.
type space struct {
	transactions  int
	bytes         int
	registrations int // bytes that are kept for them
	large         int // bytes for transactions that are not small
	plain         int // bytes for plain sessions; the last of them may exceed it
	invitations   int // the same for invitations
}

// newSpace returns the space of an empty block with room for so many bytes of transactions, of which some is
// kept for registrations if any wait.
func newSpace(genesis *chain.Genesis, room int, registrations bool) *space {
	s := &space{transactions: int(genesis.Limits.MaxBlockTransactions), bytes: room, large: room / largeShare, plain: room / plainShare, invitations: room / invitationShare}
	if registrations {
		s.registrations = room / registrationShare
	}
	return s
}

// fits reports whether a transaction fits; shared: beside what is kept for others.
func (s *space) fits(tx *chain.Transaction, shared bool) bool {
	size := len(tx.Bytes()) + transactionOverhead
	switch {
	case !shared:
		return size <= s.bytes
	case isPlain(tx) && s.plain == 0, isInvitation(tx) && s.invitations == 0:
		return false
	case ownBytes(tx) > smallTransaction && size > s.large && !isInvitation(tx):
		return false
	default:
		return size+s.keptAfter(tx) <= s.bytes
	}
}

// keptAfter returns what is kept for registrations once a transaction is in the block.
func (s *space) keptAfter(tx *chain.Transaction) int {
	if bytes := registrationBytes(tx); bytes > 0 {
		return max(0, s.registrations-bytes-transactionOverhead)
	}
	return s.registrations
}

func (s *space) take(tx *chain.Transaction) {
	size := len(tx.Bytes()) + transactionOverhead
	s.transactions--
	s.bytes -= size
	s.registrations = s.keptAfter(tx)
	if isPlain(tx) {
		s.plain = max(0, s.plain-size)
	}
	switch {
	case isInvitation(tx):
		s.invitations = max(0, s.invitations-size)
	case ownBytes(tx) > smallTransaction:
		s.large = max(0, s.large-size)
	}
}

// parentToBuildOn returns the state after the preferred block, or after the last accepted one if
// that is gone.
func (vm *VM) parentToBuildOn() *state.Fork {
	if parent, err := vm.fork(vm.preferred); err == nil {
		return parent
	}
	return vm.decided()
}

// take executes waiting transactions until the block is full: those that fit beside what is kept
// for registrations and small ones, plain sessions and invitations in their shares, and then others in what that left. A sender's transaction
// that does not fit, or writes more than the block's state limit leaves, keeps the sender's later
// ones waiting too. What is refused on the last
// accepted state is dropped. What is refused on the state after a processing block is set aside
// until that block is decided.
func (vm *VM) take(e *execution, parent *state.Fork) (taken []*chain.Transaction, err error) {
	var (
		left       bool                            // some stay in line for another block
		enough     = make(map[refusal.Reason]bool) // of plain sessions, invitations, registrations, contracts' transactions
		block      = newSpace(e.genesis, vm.pace.room(e.genesis), vm.mempool.hasRegistrations())
		candidates = vm.mempool.waiting()
		tries      = lastTries
	)
	for _, shared := range []bool{true, false} {
		var next []candidate
		held := make(map[ids.ID]struct{})
		for c := range candidates {
			if block.bytes < smallTransaction {
				tries--
			}
			if block.transactions == 0 || tries == 0 {
				return taken, nil
			}
			tx, err := e.needed(c.tx)
			if err != nil {
				return nil, err
			}
			if _, ok := held[c.sender]; ok || !block.fits(tx, shared) {
				held[c.sender] = struct{}{}
				next = append(next, c)
				continue
			}
			kind := blockLimit(tx)
			if enough[kind] { // these need not be looked at
				left = left || c.returned
				continue
			}
			err = e.execute(tx)
			if kind != 0 && errors.Is(err, kind) {
				enough[kind] = true
			}
			if err == nil {
				taken = append(taken, tx)
				block.take(tx)
				continue
			}
			if refused := (*refusal.Error)(nil); !errors.As(err, &refused) {
				return nil, err
			}
			if errors.Is(err, refusal.ErrBlockStateLimit) { // the sender's cheaper ones do not overtake it
				held[c.sender] = struct{}{}
				next = append(next, c)
			}
			if later(err) || c.returned && (left || len(next) > 0) { // it may depend on what is left
				left = true
			} else {
				vm.setRefused(parent, c.tx, err)
			}
		}
		// What has a share is first, and takes last of what is left.
		others := max(0, slices.IndexFunc(next, func(c candidate) bool { return !hasShare(c.tx) }))
		candidates = slices.Values(slices.Concat(next[others:], next[:others]))
	}
	return taken, nil
}

// later reports whether another block may take a transaction that this one can't.
func later(err error) bool {
	return errors.Is(err, refusal.ErrPendingBlockLimit) || errors.Is(err, refusal.ErrIdentityBlockLimit) || errors.Is(err, refusal.ErrInvitationBlockLimit) || errors.Is(err, refusal.ErrWarpBlockLimit) || errors.Is(err, refusal.ErrBlockStateLimit)
}

// blockLimit returns why a block takes no more of a kind of transaction that it takes a number of; 0 for others.
func blockLimit(tx *chain.Transaction) refusal.Reason {
	switch {
	case isPlain(tx):
		return refusal.ErrPendingBlockLimit
	case isInvitation(tx):
		return refusal.ErrInvitationBlockLimit
	case tx.Warp != nil:
		return refusal.ErrWarpBlockLimit
	case registrationBytes(tx) > 0:
		return refusal.ErrIdentityBlockLimit
	default:
		return 0
	}
}

// setRefused drops a transaction that the state after a block refuses, or sets it aside if that
// block is not decided.
func (vm *VM) setRefused(parent *state.Fork, tx *chain.Transaction, reason error) {
	if parent == vm.store.Accepted() {
		vm.drop(tx, reason)
		return
	}
	id := parent.Header().ID()
	vm.refused[id] = append(vm.refused[id], refusedTx{tx, reason})
	vm.mempool.hold(tx)
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
	vm.awaiting.drop(tx.ID())
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
