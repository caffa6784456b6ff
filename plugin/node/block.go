package node

import (
	"context"
	"time"

	"github.com/luxfi/consensus/engine/chain/block"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/vm"
)

var (
	_ block.Block             = hostBlock{}
	_ block.WithVerifyContext = hostBlock{}
)

// hostBlock is a block of the chain as the node's module wants it.
type hostBlock struct{ *vm.Block }

// Parent returns the ID of the block that this one builds on.
func (b hostBlock) Parent() ids.ID { return b.Header.Parent }

// ParentID returns the same: the module has both names.
func (b hostBlock) ParentID() ids.ID { return b.Header.Parent }

// Height returns the block's height.
func (b hostBlock) Height() uint64 { return b.Header.Height }

// Timestamp returns the block's time, whole milliseconds.
func (b hostBlock) Timestamp() time.Time { return time.UnixMilli(int64(b.Header.Timestamp)).UTC() }

// VerifyWithContext verifies the block in the context that the node has it in.
func (b hostBlock) VerifyWithContext(ctx context.Context, context *block.Context) error {
	return b.Block.VerifyWithContext(ctx, vm.Context{PChainHeight: context.PChainHeight})
}

// Status returns 0: the protocol carries no status, the node keeps it.
func (hostBlock) Status() uint8 { return 0 }
