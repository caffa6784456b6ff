package proofs

import (
	"bytes"
	"encoding/binary"
	"fmt"

	ics23 "github.com/cosmos/ics23/go"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// maxDepth bounds the inner nodes on a path: an AVL tree of depth 48 has more leaves than
// a chain can make.
const maxDepth = 48

// checkExistence checks that a path has the form of one in an IAVL tree: a leaf of height
// 0 and size 1, and above it inner nodes whose height and size grow.
func checkExistence(proof *ics23.ExistenceProof) error {
	if proof == nil || proof.Leaf == nil {
		return refusal.Wrap(ErrLeaf, refusal.ErrProof, "an existence proof with a leaf", "none")
	}
	if len(proof.Key) == 0 || len(proof.Value) == 0 {
		return refusal.Wrap(ErrLeaf, refusal.ErrProof, "a key and a value that are not empty", fmt.Sprintf("%d and %d bytes", len(proof.Key), len(proof.Value)))
	}
	leaf := proof.Leaf
	if leaf.Hash != ics23.HashOp_SHA256 || leaf.PrehashKey != ics23.HashOp_NO_HASH || leaf.PrehashValue != ics23.HashOp_SHA256 || leaf.Length != ics23.LengthOp_VAR_PROTO {
		return refusal.Wrap(ErrLeaf, refusal.ErrProof, "the hash operations of an IAVL leaf", leaf.String())
	}
	below, rest, ok := parseNode(leaf.Prefix)
	if !ok || below.height != 0 || below.size != 1 || len(rest) != 0 {
		return refusal.Wrap(ErrLeaf, refusal.ErrProof, "a prefix of height 0, size 1 and a version", fmt.Sprintf("%x", leaf.Prefix))
	}
	if len(proof.Path) > maxDepth {
		return refusal.Wrap(ErrPath, refusal.ErrProof, fmt.Sprintf("at most %d inner nodes", maxDepth), len(proof.Path))
	}
	for _, op := range proof.Path {
		if op == nil || op.Hash != ics23.HashOp_SHA256 {
			return refusal.Wrap(ErrPath, refusal.ErrProof, "the hash operation of an IAVL node", op)
		}
		above, rest, ok := parseNode(op.Prefix)
		if !ok || !isSibling(rest, op.Suffix) || above.height <= below.height || above.size <= below.size || above.version < below.version {
			return refusal.Wrap(ErrPath, refusal.ErrProof, "an inner node with a height, size and version above its child's, and one sibling", fmt.Sprintf("%x %x", op.Prefix, op.Suffix))
		}
		below = above
	}
	return nil
}

// isSibling reports whether the bytes around a node's hash in its parent are the length
// bytes of both children and the hash of the other one: IAVL hashes
// height || size || version || 0x20 || left hash || 0x20 || right hash.
func isSibling(before, after []byte) bool {
	const length = chain.HashSize
	switch {
	case len(before) == 1 && len(after) == 1+length: // the node is the left child
		return before[0] == length && after[0] == length
	case len(before) == 2+length && len(after) == 0: // the right child
		return before[0] == length && before[1+length] == length
	default:
		return false
	}
}

// node is what IAVL hashes of a node before its content.
type node struct{ height, size, version int64 }

// parseNode decodes a node's height, size and version, signed varints in their shortest
// form. Together they have at most 11 bytes: with the length byte behind them that is what
// the IAVL specification's MaxPrefixLength allows, and what the library's comparison of
// neighbours takes for granted.
func parseNode(prefix []byte) (n node, rest []byte, ok bool) {
	rest = prefix
	for _, field := range []*int64{&n.height, &n.size, &n.version} {
		value, size := binary.Varint(rest)
		if size <= 0 || value < 0 || !bytes.Equal(binary.AppendVarint(nil, value), rest[:size]) {
			return node{}, nil, false
		}
		*field, rest = value, rest[size:]
	}
	return n, rest, len(prefix)-len(rest) < int(ics23.IavlSpec.InnerSpec.MaxPrefixLength)
}
