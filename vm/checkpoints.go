package vm

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/warp"
)

// checkpoints are the blocks whose post-quantum certificates the node collects by itself.
type checkpoints struct {
	wanted atomic.Pointer[chain.Header] // the newest block that has to be one
	due    chan struct{}                // tells of it
	under  sync.WaitGroup               // what uses the database in the background
}

// checkpointPauses is how many times in an interval a checkpoint can be made: changes that follow each other closely share one.
const checkpointPauses = 60

// KeepCheckpoints makes checkpoints until the chain is closed: it collects the ML-DSA-65 signatures of a block, and keeps them with the
// proofs of the keys that they are made with. It does so once in an interval, and after blocks that change the validators or their
// keys. A chain without validators, or without their keys, costs a look at these. It is called once.
func (vm *VM) KeepCheckpoints() {
	interval := time.Duration(vm.config.CheckpointInterval) * time.Second
	if interval == 0 || !vm.begin() {
		return
	}
	defer vm.under.Done()
	last, warned := vm.lastCheckpoint(), ""
	for {
		select {
		case <-vm.due:
		case <-time.After(interval / checkpointPauses):
		case <-vm.closed:
			return
		}
		header := vm.nextCheckpoint(last, interval)
		if header == nil {
			continue
		}
		err := vm.makeCheckpoint(header)
		switch {
		case err == nil:
			last, warned = header, ""
		case err.Error() != warned:
			warned = err.Error()
			vm.log.Info("no post-quantum checkpoint is made", "height", header.Height, "error", err)
		}
		select {
		case <-time.After(interval / checkpointPauses):
		case <-vm.closed:
			return
		}
	}
}

// begin reports whether the chain is running, and has Shutdown wait for what begins.
func (vm *VM) begin() bool {
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if vm.ready() != nil {
		return false
	}
	vm.under.Add(1)
	return true
}

// wantCheckpoint makes an accepted block the next checkpoint if it is the first of an interval, by its time, which is the same
// block on each node; or if validators or keys are others since it. It costs a look at each transaction.
func (vm *VM) wantCheckpoint(blk *chain.Block, parent *chain.Header) {
	interval := vm.config.CheckpointInterval * 1000
	if interval == 0 || blk.Header.ValidatorSetHash == (chain.Hash{}) {
		return
	}
	registers := func(tx *chain.Transaction) bool {
		_, ok := tx.Body.(*chain.RegisterValidatorKey)
		return ok
	}
	if blk.Header.Timestamp/interval == parent.Timestamp/interval && blk.Header.ValidatorSetHash == parent.ValidatorSetHash && !slices.ContainsFunc(blk.Transactions, registers) {
		return
	}
	vm.wanted.Store(blk.Header)
	select {
	case vm.due <- struct{}{}:
	default: // it is being told
	}
}

// lastCheckpoint returns the header of the latest checkpoint; nil: none.
func (vm *VM) lastCheckpoint() *chain.Header {
	height, err := vm.store.LatestCheckpoint()
	if err != nil || height == 0 {
		return nil
	}
	header, err := vm.HeaderAt(height)
	if err != nil {
		return nil
	}
	return header
}

// nextCheckpoint returns the block to make a checkpoint of; nil: none yet. If none was wanted for an interval, because no block
// came, or the node was down, it is the last block. The first one waits for enough keys: that a chain has none yet is no failure.
func (vm *VM) nextCheckpoint(last *chain.Header, interval time.Duration) *chain.Header {
	wanted := vm.wanted.Swap(nil)
	if vm.ready() != nil || !vm.InNormalOperation() {
		return nil
	}
	newer := func(h *chain.Header) bool {
		return h != nil && (last == nil && vm.keyed(h) || last != nil && h.Height > last.Height)
	}
	if newer(wanted) {
		return wanted
	}
	latest := vm.Snapshot().Header()
	if latest.ValidatorSetHash == (chain.Hash{}) || last != nil && vm.host.Clock().Before(last.Time().Add(interval)) || !newer(latest) {
		return nil
	}
	return latest
}

// keyed reports whether enough of a block's validators have ML-DSA-65 keys to attest it, or that can't be known: then making a
// checkpoint says why.
func (vm *VM) keyed(header *chain.Header) bool {
	set, err := vm.ValidatorsOf(context.Background(), header)
	if err != nil {
		return true
	}
	keys, err := accepted{vm}.KeysAt(header, set)
	return err != nil || warp.TwoThirds.Verify(keys.Keyed()) == nil
}

// makeCheckpoint collects a block's certificates and keeps them.
func (vm *VM) makeCheckpoint(header *chain.Header) error {
	ctx := context.Background() // closing the collector ends it
	certificate, keys, err := vm.collector.PostQuantum(ctx, header)
	if err != nil {
		return err
	}
	b := &lightclient.LightBlock{Header: header, Validators: keys.ValidatorSet, PostQuantum: &lightclient.PostQuantum{Certificate: certificate}}
	if b.Certificate, err = vm.collector.Certificate(ctx, header, nil); err != nil {
		return err
	}
	if b.PostQuantum.Proofs, err = vm.KeyProofs(header, keys.ValidatorSet, func(int) error { return nil }); err != nil {
		return err
	}
	interval, last := vm.config.CheckpointInterval*1000, vm.lastCheckpoint()
	change := last != nil && last.Timestamp/interval == header.Timestamp/interval // the first of an interval is the timed one
	return vm.store.KeepCheckpoint(header.Height, b.Bytes(), change, vm.config.Checkpoints)
}

// KeyProofs returns the proofs of the ML-DSA-65 keys that a set's validators have in the state after a block, or that they have
// none, in the set's order. Between is called before each but the first, and can end it.
func (vm *VM) KeyProofs(header *chain.Header, set *warp.ValidatorSet, between func(i int) error) ([][]byte, error) {
	snapshot, err := vm.SnapshotAt(header.Height)
	if err != nil {
		return nil, err
	}
	proven := make([][]byte, set.Len())
	for i := range proven {
		if i > 0 {
			if err := between(i); err != nil {
				return nil, err
			}
		}
		_, proof, err := snapshot.Prove(chain.ValidatorKeyKey(chain.ValidatorKeyID(set.Validator(i).PublicKey.Bytes())))
		if err != nil {
			return nil, err
		}
		if proven[i], err = proofs.EncodeCommitment(proof); err != nil {
			return nil, err
		}
	}
	return proven, nil
}

// Checkpoint returns the lowest checkpoint at a height or above, with its certificates, or a refusal.ErrNotFound.
func (vm *VM) Checkpoint(height uint64) (*lightclient.LightBlock, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	_, encoded, err := vm.store.CheckpointFrom(height)
	if err != nil {
		return nil, err
	}
	return lightclient.ParseLightBlock(encoded)
}

// LatestCheckpoint returns the height of the latest checkpoint, 0 if there is none.
func (vm *VM) LatestCheckpoint() (uint64, error) {
	if err := vm.ready(); err != nil {
		return 0, err
	}
	return vm.store.LatestCheckpoint()
}
