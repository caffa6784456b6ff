package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// maxFuture is how far a block's timestamp may be ahead of a node's clock. It is a rule of
// voting, not of execution: a block that is too early now may be verified later.
const maxFuture = 10 * time.Second

// Block is a block and its life: Verify, then Accept or Reject, once each. To verify a
// block again, or to accept one that is accepted, does nothing.
type Block struct {
	*chain.Block

	vm     *VM
	fork   *state.Fork   // the state after it, while it is processed
	change *state.Change // what it does, between BuildBlock and Verify
	built  time.Time     // when this node began to build it; zero: another has built it
}

// Verify executes the block on its parent's state and compares the outcome with the
// header. A block that is wrong changes nothing. Its header must commit to no validator
// set: a host that knows the chain's validators calls VerifyWithContext.
func (b *Block) Verify(ctx context.Context) error { return b.verify(ctx, nil) }

// VerifyWithContext is Verify for a block whose header must commit to the validators of its
// context. The context is checked each time, also for a block that is verified already: the
// host may have the same block in two contexts.
func (b *Block) VerifyWithContext(ctx context.Context, context Context) error {
	return b.verify(ctx, &context)
}

// ShouldVerifyWithContext reports whether VerifyWithContext is to be called, if the host has a
// context: whether the host knows the chain's validators.
func (b *Block) ShouldVerifyWithContext(context.Context) (bool, error) {
	return b.vm.validators.platform != nil, nil
}

func (b *Block) verify(ctx context.Context, context *Context) error {
	vm := b.vm
	if err := vm.ready(); err != nil {
		return err
	}
	committed, err := vm.commitmentFor(ctx, context, sourceChains(b.Transactions, vm.genesis.Limits.MaxBlockWarpMessages))
	if err != nil {
		return err
	}
	if err := committed.check(b.Header); err != nil {
		return err
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if _, ok := vm.processing[b.ID()]; ok {
		return nil
	}
	if accepted, err := b.isAccepted(); accepted || err != nil {
		return err
	}
	started := time.Now()
	if b.change == nil {
		if own := vm.undecided(b.ID()); own != nil {
			b.change, b.built = own.change, own.built
		}
	}
	parent, err := vm.fork(b.Header.Parent)
	if err != nil {
		return err
	}
	change := b.change
	if change == nil || change.Parent() != parent {
		if change, err = b.execute(parent, committed); err != nil {
			return err
		}
	}
	fork, err := change.Save(b.Header)
	if err != nil {
		return vm.fail(err)
	}
	b.fork, b.change = fork, nil
	vm.processing[b.ID()] = b
	vm.forgetBuilt(b.ID())
	vm.mempool.setAside(b.Transactions)
	vm.metrics.verified.Observe(time.Since(started).Seconds())
	return nil
}

// isAccepted reports whether the block is accepted.
func (b *Block) isAccepted() (bool, error) {
	if b.Header.Height > b.vm.store.Last().Height {
		return false, nil
	}
	header, err := b.vm.store.HeaderAt(b.Header.Height)
	return err == nil && header.ID() == b.ID(), err
}

// execute checks the header, executes the block, and compares the state root.
func (b *Block) execute(parent *state.Fork, committed commitment) (*state.Change, error) {
	vm := b.vm
	number, values, err := vm.rules.after(parent.Header().Timestamp)
	if err != nil {
		return nil, err
	}
	if err := b.checkHeader(parent.Header(), number, values); err != nil {
		return nil, err
	}
	change, err := vm.store.Begin(parent)
	if err != nil {
		return nil, vm.fail(err)
	}
	checks := startVerification(len(b.Transactions))
	root, err := b.executeTransactions(values, change, committed, checks)
	if verifyErr := checks.wait(); err == nil {
		err = verifyErr
	}
	if err != nil {
		if refused := (*refusal.Error)(nil); !errors.As(err, &refused) {
			return nil, vm.fail(err)
		}
		return nil, fmt.Errorf("block %s at height %d: %w", b.ID(), b.Header.Height, err)
	}
	if root != b.Header.StateRoot {
		return nil, refusal.New(refusal.ErrStateRoot, root.String(), b.Header.StateRoot)
	}
	return change, nil
}

func (b *Block) executeTransactions(values *chain.Genesis, change *state.Change, committed commitment, checks *verification) (chain.Hash, error) {
	vm := b.vm
	e, err := begin(values, change, vm.host.ChainID, committed, b.Header.Height, b.Header.Timestamp)
	if err != nil {
		return chain.Hash{}, err
	}
	for i, tx := range b.Transactions {
		if err := e.execute(tx); err != nil {
			return chain.Hash{}, fmt.Errorf("transaction %d: %w", i, err)
		}
		if known, _, ok := vm.mempool.get(tx.ID()); ok && bytes.Equal(known.Bytes(), tx.Bytes()) {
			continue // checked when it was submitted
		}
		var publicKey []byte
		if tx.Signs() {
			identity, _, err := change.Identity(tx.Body.Actor())
			if err != nil {
				return chain.Hash{}, err
			}
			publicKey = identity.DSAPublicKey
		}
		checks.add(uint32(i), func() error {
			return vm.verifier.verify(tx, func() ([]byte, error) { return publicKey, nil })
		})
	}
	return change.Root()
}

// checkHeader checks the header against the parent's, the rules and the clock.
func (b *Block) checkHeader(parent *chain.Header, number uint32, values *chain.Genesis) error {
	vm, h := b.vm, b.Header
	if h.Version != number {
		return refusal.New(refusal.ErrVersion,
			fmt.Sprintf("header version %d, the rule set after a parent of %d (Unix milliseconds); all nodes need the same upgrade file", number, parent.Timestamp), h.Version)
	}
	if h.Height != parent.Height+1 {
		return refusal.New(refusal.ErrBlockHeight, fmt.Sprint(parent.Height+1), h.Height)
	}
	if h.Timestamp < parent.Timestamp {
		return refusal.New(refusal.ErrBlockTime, fmt.Sprintf("a timestamp from %d on, the parent's", parent.Timestamp), h.Timestamp)
	}
	if latest := uint64(vm.host.Clock().Add(maxFuture).UnixMilli()); h.Timestamp > latest {
		return refusal.New(refusal.ErrBlockTime, fmt.Sprintf("a timestamp up to %d, %s ahead of the clock", latest, maxFuture), h.Timestamp)
	}
	if len(b.Transactions) == 0 {
		return refusal.New(refusal.ErrEmptyBlock, "at least one transaction", 0)
	}
	if n := uint64(len(b.Transactions)); n > values.Limits.MaxBlockTransactions {
		return refusal.New(refusal.ErrBlockLimit, fmt.Sprintf("at most %d transactions", values.Limits.MaxBlockTransactions), n)
	}
	if n := uint64(b.Size()); n > values.Limits.MaxBlockBytes {
		return refusal.New(refusal.ErrBlockLimit, fmt.Sprintf("at most %d bytes", values.Limits.MaxBlockBytes), n)
	}
	return nil
}

// Accept makes the block the last accepted one. When it returns, the block is on disk. The
// children of the block may be verified at the same time, but not decided.
func (b *Block) Accept(context.Context) error {
	vm := b.vm
	vm.deciding.Lock()
	defer vm.deciding.Unlock()
	blk, err := b.toAccept()
	if blk == nil || err != nil {
		return err
	}
	started := time.Now()
	parent, locations := vm.store.Last(), blk.fork.Locations()
	if err := vm.store.Commit(blk.fork, blk.Block); err != nil {
		return vm.fail(err)
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	vm.store.Finish(blk.fork)
	vm.writing, blk.fork = nil, nil
	delete(vm.processing, b.ID())
	vm.metrics.accepted(blk.Block, time.Since(started)) // before anybody is told
	if err := vm.acceptance.announce(vm.refreshSnapshot); err != nil {
		return vm.fail(err)
	}
	if !blk.built.IsZero() {
		vm.pace.decided(vm.genesis, blk.Size(), started.Sub(blk.built))
	}
	vm.mempool.accept(blk.Transactions)
	vm.awaiting.accept(blk.Block, locations)
	for _, r := range vm.takeRefused(b.ID()) {
		vm.drop(r.tx, r.reason)
	}
	if vm.InNormalOperation() {
		vm.collector.Accepted(blk.Header, parent)
		vm.wantCheckpoint(blk.Block, parent)
		vm.certifySummary(blk.Header)
	}
	vm.log.Debug("block accepted", "height", blk.Header.Height, "block", blk.ID(), "transactions", len(blk.Transactions), "bytes", blk.Size())
	return nil
}

// toAccept returns the block as it was verified, from now on the one that is being
// written; nil if it is accepted already.
func (b *Block) toAccept() (*Block, error) {
	vm := b.vm
	if err := vm.ready(); err != nil {
		return nil, err
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if accepted, err := b.isAccepted(); accepted || err != nil {
		return nil, err
	}
	blk, ok := vm.processing[b.ID()]
	if !ok {
		return nil, refusal.New(refusal.ErrNotFound, "a block that has been verified", b.ID())
	}
	if last := vm.store.Last().ID(); b.Header.Parent != last {
		return nil, refusal.New(refusal.ErrBlockParent, "a child of "+last.String()+", the last accepted block", b.Header.Parent)
	}
	vm.writing = blk
	return blk, nil
}

// Reject drops the block. Its transactions wait for another one.
func (b *Block) Reject(context.Context) error {
	vm := b.vm
	if err := vm.ready(); err != nil {
		return err
	}
	vm.mu.Lock()
	defer vm.mu.Unlock()
	blk, ok := vm.processing[b.ID()]
	if !ok || blk == vm.writing { // never verified, or too late
		vm.forgetBuilt(b.ID())
		return nil
	}
	vm.store.Reject(blk.fork)
	blk.fork = nil
	delete(vm.processing, b.ID())
	if !blk.built.IsZero() { // it came too late
		vm.pace.decided(vm.genesis, blk.Size(), max(2*slowBlock, time.Since(blk.built)))
	}
	waiting := make([]*chain.Transaction, 0, len(blk.Transactions))
	for _, tx := range blk.Transactions {
		accepted, err := vm.store.Latest().HasTransaction(tx.ID())
		if err != nil {
			return vm.fail(err)
		}
		if accepted { // a sibling may hold it too
			continue
		}
		if needed, err := vm.needed(tx); err == nil { // else this software does not know the next block's rules
			tx = needed
		}
		waiting = append(waiting, tx)
	}
	vm.mempool.giveBack(b.Header.Height, waiting)
	for _, r := range slices.Backward(vm.takeRefused(b.ID())) { // each comes before the last
		vm.mempool.restore(r.tx)
	}
	return nil
}
