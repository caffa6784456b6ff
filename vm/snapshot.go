package vm

import (
	"context"
	"io"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// SnapshotOptions are what a snapshot file has beside what the chain's database holds.
type SnapshotOptions struct {
	// Genesis is the genesis as it was written.
	Genesis []byte
	// Certify returns the block's certificate as the file has it; nil if there is none.
	Certify func(context.Context, *chain.Header) []byte
	// Begin is called before anything is written.
	Begin func()
}

// WriteSnapshot writes a snapshot file of the chain at the last accepted block, from which
// state.SnapshotFile makes the chain's database elsewhere. The chain goes on meanwhile.
func (vm *VM) WriteSnapshot(ctx context.Context, to io.Writer, options SnapshotOptions) error {
	if err := vm.ready(); err != nil {
		return err
	}
	header, release := vm.store.Hold()
	defer release()
	if header.Height == 0 {
		return refusal.New(refusal.ErrNotReady, "a chain with a block after block 0", "one without: its genesis is all there is")
	}
	certificate := options.Certify(ctx, header)
	options.Begin()
	return vm.store.WriteSnapshot(&interruptible{ctx: ctx, closed: vm.closed, to: to}, options.Genesis, header, certificate)
}

// interruptible is a writer that fails once a context ends or the chain closes.
type interruptible struct {
	ctx    context.Context
	closed <-chan struct{}
	to     io.Writer
}

// Write implements io.Writer.
func (i *interruptible) Write(p []byte) (int, error) {
	select {
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	case <-i.closed:
		return 0, refusal.New(refusal.ErrNotReady, "a node that is running", "one that is shutting down")
	default:
		return i.to.Write(p)
	}
}
