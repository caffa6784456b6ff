// Package vm is the SessionVM chain itself (LP-42): what transactions do, which blocks
// are valid, the mempool, block building, and the tree of blocks that consensus is still
// deciding on.
//
// It knows its host only through Host and the methods of VM and Block, so that the same
// chain runs as a plugin of a node and by itself. Everything that executes in a block is
// deterministic and bounded: it depends on the parent's state and the block's bytes
// alone, and its time is the block's.
package vm
