package state

import (
	"encoding/binary"
	"fmt"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// A chunk is a part of the tree that proves itself: a subtree in pre-order, in which some
// nodes are left out and only their hashes stand. Whoever knows the hash of the subtree's
// root, from a header or from another chunk, hashes the chunk and compares. What is left out
// is asked for in chunks of its own, in any order, from anybody. Where a chunk is cut is the
// sender's choice, and does not matter to the receiver.

const (
	// MaxChunkBytes bounds a chunk.
	MaxChunkBytes = chunkBytes + chain.MaxRecordBytes + chunkOverhead
	// chunkBytes is from how many bytes on a chunk leaves out what it can.
	chunkBytes = 512 << 10
	// chunkOverhead is for the last leaf's key, and the hashes of what is left out.
	chunkOverhead = 16 << 10
	// chunkLeaves is the size of the subtrees that the chunks above them leave out.
	chunkLeaves = 1024
	// maxChunkNodes bounds the nodes of a chunk, and so the memory that decoding one takes.
	maxChunkNodes = 1 << 16

	chunkVersion = 1
)

// The nodes of a chunk. Numbers are unsigned varints, byte strings have their length before
// them.
const (
	chunkLeftOut byte = iota // hash (32 bytes)
	chunkLeaf                // version, key, value
	chunkInner               // height (1 byte), size, version; the left child; the right child
)

// Path is the way from the root to a node: the lowest bit is the first step, 1 means right.
type Path struct {
	Depth uint8
	Bits  uint64
}

// MaxPathDepth bounds a path.
const MaxPathDepth = 64

func (p Path) child(right uint64) Path { return Path{p.Depth + 1, p.Bits | right<<p.Depth} }

// Chunk returns the chunk of the subtree at a path of the state after an accepted block. It
// is refusal.ErrPruned or refusal.ErrNotFound if there is no such state or node.
func (s *Store) Chunk(height uint64, path Path) (chunk []byte, err error) {
	if path.Depth > MaxPathDepth {
		return nil, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("a path of at most %d steps", MaxPathDepth), path.Depth)
	}
	if err := s.checkHeight(height); err != nil {
		return nil, err
	}
	err = s.unpruned(height, func() error {
		n, err := s.readNode(rootID(height))
		for step := uint8(0); err == nil && step < path.Depth; step++ {
			switch {
			case n.height == 0:
				return refusal.New(refusal.ErrNotFound, "the path of a node", fmt.Sprintf("one below the leaf at depth %d", step))
			case path.Bits>>step&1 == 0:
				n, err = s.readNode(n.left)
			default:
				n, err = s.readNode(n.right)
			}
		}
		if err != nil {
			return err
		}
		c := chunker{store: s, top: n.size > chunkLeaves, encoded: []byte{chunkVersion}}
		err = c.expand(n)
		chunk = c.encoded
		return err
	})
	if err != nil {
		if pruned := s.checkHeight(height); pruned != nil {
			return nil, pruned
		}
		return nil, err
	}
	return chunk, nil
}

// chunker encodes a chunk.
type chunker struct {
	store   *Store
	top     bool // subtrees of up to chunkLeaves leaves are left out
	encoded []byte
}

func (c *chunker) expand(n *treeNode) error {
	if n.height == 0 {
		c.encoded = binary.AppendUvarint(append(c.encoded, chunkLeaf), uint64(n.version))
		c.encoded = appendBytes(appendBytes(c.encoded, n.key), n.value)
		return nil
	}
	c.encoded = binary.AppendUvarint(append(c.encoded, chunkInner, byte(n.height)), uint64(n.size))
	c.encoded = binary.AppendUvarint(c.encoded, uint64(n.version))
	for _, id := range []nodeID{n.left, n.right} {
		child, err := c.store.readNode(id)
		if err != nil {
			return err
		}
		if len(c.encoded) >= chunkBytes || c.top && child.size <= chunkLeaves {
			c.encoded = append(append(c.encoded, chunkLeftOut), child.hash[:]...)
		} else if err := c.expand(child); err != nil {
			return err
		}
	}
	return nil
}

// chunkNode is a node of a chunk that was received.
type chunkNode struct {
	treeNode
	path        Path
	leftOut     bool // there is the hash alone
	left, right *chunkNode
}

// parseChunk decodes the chunk of the subtree at a path and verifies it against the hash of
// the subtree's root.
func parseChunk(path Path, hash chain.Hash, encoded []byte) (*chunkNode, error) {
	if len(encoded) > MaxChunkBytes {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a chunk of at most %d bytes", MaxChunkBytes), len(encoded))
	}
	d := decoder{rest: encoded}
	if v := d.byte(); v != chunkVersion {
		return nil, refusal.New(refusal.ErrVersion, fmt.Sprintf("chunk version %d", chunkVersion), v)
	}
	left := maxChunkNodes
	root := d.chunkNode(path, 127, &left)
	if d.failed || len(d.rest) != 0 || root.leftOut {
		return nil, refusal.New(refusal.ErrMalformed, "a chunk: a subtree in pre-order", fmt.Sprintf("%d bytes of something else", len(encoded)))
	}
	if root.hash != hash {
		return nil, refusal.New(refusal.ErrProof, "a chunk with hash "+hash.String(), root.hash)
	}
	return root, nil
}

// chunkNode reads a node and all below it, and computes its hash. Its height is below limit,
// which bounds the recursion; left is how many nodes there may be.
func (d *decoder) chunkNode(path Path, limit int8, left *int) *chunkNode {
	n := &chunkNode{path: path}
	if *left--; d.failed || *left < 0 {
		d.failed = true
		return n
	}
	switch d.byte() {
	case chunkLeftOut:
		n.leftOut = true
		copy(n.hash[:], d.take(chain.HashSize))
	case chunkLeaf:
		n.size, n.version, n.key, n.value = 1, int64(d.uvarint()), d.bytes(), d.bytes()
		n.treeNode.hash = leafHash(&n.treeNode)
	case chunkInner:
		n.height, n.size, n.version = int8(d.byte()), int64(d.uvarint()), int64(d.uvarint())
		if n.height < 1 || n.height >= limit || path.Depth >= MaxPathDepth {
			d.failed = true
			return n
		}
		n.left = d.chunkNode(path.child(0), n.height, left)
		n.right = d.chunkNode(path.child(1), n.height, left)
		n.hash = innerHash(&n.treeNode, n.left.hash, n.right.hash)
	default:
		d.failed = true
	}
	return n
}

// walkLeftOut visits the nodes that a chunk leaves out, from left to right.
func (n *chunkNode) walkLeftOut(visit func(*chunkNode) error) error {
	if n.leftOut {
		return visit(n)
	}
	for _, child := range []*chunkNode{n.left, n.right} {
		if child != nil {
			if err := child.walkLeftOut(visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// Subtree is a part of a tree: its root's path and hash. A chunk of it proves itself.
type Subtree struct {
	Path Path
	Hash chain.Hash
}

// StateTree returns the whole tree after a block.
func StateTree(header *chain.Header) Subtree { return Subtree{Hash: header.StateRoot} }

// LeftOut verifies a chunk of the subtree, and returns the parts of it that the chunk leaves out,
// from left to right.
func (s Subtree) LeftOut(chunk []byte) (parts []Subtree, err error) {
	root, err := parseChunk(s.Path, s.Hash, chunk)
	if err != nil {
		return nil, err
	}
	err = root.walkLeftOut(func(n *chunkNode) error {
		parts = append(parts, Subtree{n.path, n.hash})
		return nil
	})
	return parts, err
}

// Chunks visits all chunks of the state after an accepted block, in the order in which a
// Builder asks for them. Each is verified against the header's state root.
func (s *Store) Chunks(header *chain.Header, visit func(chunk []byte) error) error {
	var expand func(n *chunkNode) error
	expand = func(n *chunkNode) error {
		chunk, err := s.Chunk(header.Height, n.path)
		if err != nil {
			return err
		}
		parsed, err := parseChunk(n.path, n.hash, chunk)
		if err != nil {
			return damaged(fmt.Errorf("the tree at height %d: %w", header.Height, err))
		}
		if err := visit(chunk); err != nil {
			return err
		}
		return parsed.walkLeftOut(expand)
	}
	return expand(stateRoot(header))
}

// stateRoot is the root of the tree after a block, of which there is the hash alone.
func stateRoot(header *chain.Header) *chunkNode {
	return &chunkNode{treeNode: treeNode{hash: header.StateRoot}, leftOut: true}
}
