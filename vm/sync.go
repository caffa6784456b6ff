package vm

import (
	"context"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
)

// What follows is for nodes that fetch the state after a block, instead of executing the chain up to
// it. A summary is the header of a block whose state this node offers.

// summaryInterval returns the distance of the heights of summaries; 0 where there are no other nodes.
func summaryInterval(host Host, config Config) uint64 {
	if host.Network == nil {
		return 0
	}
	return config.StateSync.Interval
}

// certifySummary collects the certificate of an accepted block if it is a summary: a node that
// fetches its state wants to see it.
func (vm *VM) certifySummary(header *chain.Header) {
	interval := summaryInterval(vm.host, vm.config)
	if interval > 0 && header.Height%interval == 0 && header.ValidatorSetHash != (chain.Hash{}) {
		vm.collector.Certify(header.Height)
	}
}

// LastSummary returns the newest summary that this node can give with its certificate. That of block
// 0, which needs none, is always there.
func (vm *VM) LastSummary() (*chain.Header, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	interval, last := vm.config.StateSync.Interval, vm.Snapshot().Header().Height
	for height := last - last%interval; height > 0 && height >= vm.store.Oldest(); height -= interval {
		header, err := vm.SummaryAt(height)
		if err != nil {
			break
		}
		if _, err := vm.store.Certificate(height, header.ValidatorSetHash); err == nil {
			return header, nil
		}
		vm.certifySummary(header)
	}
	return vm.store.HeaderAt(0)
}

// SummaryAt returns the header of the accepted block of a height, if this node has the state after it.
func (vm *VM) SummaryAt(height uint64) (*chain.Header, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	if oldest := vm.store.Oldest(); height > 0 && height < oldest {
		return nil, refusal.New(refusal.ErrPruned, fmt.Sprintf("a height from %d on, the oldest whose state this node has", oldest), height)
	}
	if last := vm.Snapshot().Header().Height; height > last {
		return nil, refusal.New(refusal.ErrNotFound, fmt.Sprintf("a height up to %d, the last accepted", last), height)
	}
	header, err := vm.store.HeaderAt(height)
	if err == nil && height > 0 && header.ValidatorSetHash == (chain.Hash{}) {
		err = refusal.New(refusal.ErrValidatorSet, "a block whose header commits to a validator set", fmt.Sprintf("block %d, which does not", height))
	}
	return header, err
}

// Chunk returns the chunk of the subtree at a path of the state after an accepted block.
func (vm *VM) Chunk(height uint64, path state.Path) ([]byte, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	return vm.store.Chunk(height, path)
}

// SummaryCertificate returns the kept certificate of an accepted block by its validators, or a
// refusal.ErrNotFound.
func (vm *VM) SummaryCertificate(height uint64) ([]byte, error) {
	header, err := vm.HeaderAt(height)
	if err != nil {
		return nil, err
	}
	return vm.store.Certificate(height, header.ValidatorSetHash)
}

// BlockBytes returns the accepted block with an ID, encoded, or a refusal.ErrNotFound.
func (vm *VM) BlockBytes(id ids.ID) ([]byte, error) {
	if err := vm.ready(); err != nil {
		return nil, err
	}
	height, err := vm.store.HeightOf(id)
	if err != nil {
		return nil, err
	}
	return vm.store.BlockBytesAt(height)
}

// VerifySummary checks the certificate of a block that this node does not have: that a quorum of the
// validators to which its header commits, and which the platform knows, has signed it.
func (vm *VM) VerifySummary(ctx context.Context, header *chain.Header, encoded []byte) error {
	certificate, err := warp.ParseCertificate(encoded)
	if err != nil {
		return err
	}
	set, err := vm.ValidatorsOf(ctx, header)
	if err != nil {
		return err
	}
	if vm.host.Signer == nil {
		return refusal.New(refusal.ErrNotReady, "a host that says how its validators sign", "none")
	}
	suite, err := vm.host.Signer.Ciphersuite(ctx)
	if err != nil {
		return err
	}
	verifier := warp.Verifier{NetworkID: vm.host.NetworkID, ChainID: vm.host.ChainID, Ciphersuite: suite, Quorum: warp.Threshold{Num: vm.config.Quorum, Den: 100}}
	_, err = verifier.VerifyCertificate(certificate, header, set.ValidatorSet)
	return err
}

// WantsState reports whether the state after a block is worth fetching: whether this node is far
// behind it, and would lose no blocks that it is to keep.
func (vm *VM) WantsState(header *chain.Header) bool {
	if vm.ready() != nil || vm.config.Database == state.MemDB || vm.host.Database != nil || !vm.config.StateSync.Enabled {
		return false
	}
	last := vm.store.Last().Height
	return header.Height > last && header.Height-last >= vm.config.StateSync.MinBlocks && (last == 0 || !vm.config.archives(vm.host))
}

// Older returns the ID and the height of the block before the oldest one that the node holds. It
// reports false if it is to hold none.
func (vm *VM) Older() (id ids.ID, height uint64, wanted bool, err error) {
	if err := vm.ready(); err != nil {
		return ids.Empty, 0, false, err
	}
	return vm.store.Older()
}

// AddOlder adds the blocks before the oldest one that the node holds, from the newest to the oldest.
func (vm *VM) AddOlder(blocks [][]byte) error {
	if err := vm.ready(); err != nil {
		return err
	}
	return vm.store.AddOlder(blocks)
}

// fetchingBlocks says which blocks this node is to hold and does not.
func (vm *VM) fetchingBlocks() error {
	if vm.host.Network == nil { // nobody has them
		return nil
	}
	_, height, wanted, err := vm.store.Older()
	if err == nil && wanted {
		err = fmt.Errorf("blocks up to height %d are not here yet: they are fetched from other nodes", height)
	}
	return err
}
