package proofs

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	ics23 "github.com/cosmos/ics23/go"

	"github.com/luxfi/session/chain"
)

const (
	// MaxCommitmentBytes bounds an encoded commitment proof. Most have about 1 KB; one of
	// absence holds both neighbours, which may be the keys of sessions with many
	// participants.
	MaxCommitmentBytes = 1 << 20
	// maxDepth bounds the inner nodes on a path: an AVL tree of depth 48 has more leaves
	// than a chain can make.
	maxDepth = 48
)

// One error for each way in which a commitment proof can be wrong. They are wrapped by a
// chain.Refusal with chain.ErrProof.
var (
	ErrEncoding = errors.New("not a canonically encoded ICS-23 proof")
	ErrForm     = errors.New("neither a plain existence nor a plain non-existence proof")
	ErrLeaf     = errors.New("not a leaf of an IAVL tree")
	ErrPath     = errors.New("not a path of an IAVL tree")
	ErrKey      = errors.New("proof of another key")
	ErrValue    = errors.New("proof of another value")
	ErrRoot     = errors.New("the path does not lead to the root, or the neighbours are none")
)

func refuse(way error, expected string, got any) error {
	return fmt.Errorf("%w: %w", way, chain.Refuse(chain.ErrProof, expected, got))
}

// EncodeCommitment returns the encoding of a proof that a tree has made.
func EncodeCommitment(proof *ics23.CommitmentProof) ([]byte, error) {
	encoded, err := proof.Marshal()
	if err != nil {
		return nil, err
	}
	_, err = decodeCommitment(encoded)
	return encoded, err
}

// VerifyInclusion checks that the tree with the root holds the value at the key.
func VerifyInclusion(root chain.Hash, key, value, commitment []byte) error {
	proven, present, err := verifyCommitment(root, key, commitment)
	if err != nil {
		return err
	}
	if !present || !bytes.Equal(proven, value) {
		return refuse(ErrValue, fmt.Sprintf("the value %x", value), fmt.Sprintf("%x", proven))
	}
	return nil
}

// VerifyAbsence checks that the tree with the root holds nothing at the key.
func VerifyAbsence(root chain.Hash, key, commitment []byte) error {
	value, present, err := verifyCommitment(root, key, commitment)
	if err != nil {
		return err
	}
	if present {
		return refuse(ErrValue, "absence", fmt.Sprintf("the value %x", value))
	}
	return nil
}

// verifyCommitment returns what the tree with the root holds at the key: a value, or
// nothing.
func verifyCommitment(root chain.Hash, key, commitment []byte) (value []byte, present bool, err error) {
	proof, err := decodeCommitment(commitment)
	if err != nil {
		return nil, false, err
	}
	if exist := proof.GetExist(); exist != nil {
		if !bytes.Equal(exist.Key, key) {
			return nil, false, refuse(ErrKey, fmt.Sprintf("key %x", key), fmt.Sprintf("%x", exist.Key))
		}
		if !ics23.VerifyMembership(ics23.IavlSpec, root[:], proof, key, exist.Value) {
			return nil, false, refuse(ErrRoot, "root "+root.String(), "a path to another")
		}
		return exist.Value, true, nil
	}
	nonexist := proof.GetNonexist()
	if !bytes.Equal(nonexist.Key, key) {
		return nil, false, refuse(ErrKey, fmt.Sprintf("key %x", key), fmt.Sprintf("%x", nonexist.Key))
	}
	if !ics23.VerifyNonMembership(ics23.IavlSpec, root[:], proof, key) {
		return nil, false, refuse(ErrRoot, "neighbours of the key under root "+root.String(), "others")
	}
	return nil, false, nil
}

// decodeCommitment decodes a proof into an object of its own: the library changes what it
// checks, so proofs are never shared.
func decodeCommitment(commitment []byte) (*ics23.CommitmentProof, error) {
	if len(commitment) > MaxCommitmentBytes {
		return nil, refuse(ErrEncoding, fmt.Sprintf("at most %d bytes", MaxCommitmentBytes), len(commitment))
	}
	proof := new(ics23.CommitmentProof)
	if err := proof.Unmarshal(commitment); err != nil {
		return nil, refuse(ErrEncoding, "the protobuf encoding of a CommitmentProof", err)
	}
	switch form := proof.Proof.(type) {
	case *ics23.CommitmentProof_Exist:
		if err := checkExistence(form.Exist); err != nil {
			return nil, err
		}
	case *ics23.CommitmentProof_Nonexist:
		if form.Nonexist == nil || (form.Nonexist.Left == nil && form.Nonexist.Right == nil) {
			return nil, refuse(ErrForm, "a non-existence proof with a neighbour", "none")
		}
		for _, neighbour := range []*ics23.ExistenceProof{form.Nonexist.Left, form.Nonexist.Right} {
			if neighbour == nil {
				continue
			}
			if err := checkExistence(neighbour); err != nil {
				return nil, err
			}
		}
	default:
		return nil, refuse(ErrForm, "an existence or non-existence proof", fmt.Sprintf("%T", form))
	}
	encoded, err := proof.Marshal()
	if err != nil || !bytes.Equal(encoded, commitment) {
		return nil, refuse(ErrEncoding, "the one canonical encoding", "another")
	}
	return proof, nil
}

// checkExistence checks that a path has the form of one in an IAVL tree: a leaf of height
// 0 and size 1, and above it inner nodes whose height and size grow.
func checkExistence(proof *ics23.ExistenceProof) error {
	if proof == nil || proof.Leaf == nil {
		return refuse(ErrLeaf, "an existence proof with a leaf", "none")
	}
	if len(proof.Key) == 0 || len(proof.Value) == 0 {
		return refuse(ErrLeaf, "a key and a value that are not empty", fmt.Sprintf("%d and %d bytes", len(proof.Key), len(proof.Value)))
	}
	leaf := proof.Leaf
	if leaf.Hash != ics23.HashOp_SHA256 || leaf.PrehashKey != ics23.HashOp_NO_HASH || leaf.PrehashValue != ics23.HashOp_SHA256 || leaf.Length != ics23.LengthOp_VAR_PROTO {
		return refuse(ErrLeaf, "the hash operations of an IAVL leaf", leaf.String())
	}
	last, rest, err := parseNode(leaf.Prefix)
	if err != nil || last.height != 0 || last.size != 1 || len(rest) != 0 {
		return refuse(ErrLeaf, "a prefix of height 0, size 1 and a version", fmt.Sprintf("%x", leaf.Prefix))
	}
	if len(proof.Path) > maxDepth {
		return refuse(ErrPath, fmt.Sprintf("at most %d inner nodes", maxDepth), len(proof.Path))
	}
	for _, op := range proof.Path {
		if op == nil || op.Hash != ics23.HashOp_SHA256 {
			return refuse(ErrPath, "the hash operation of an IAVL node", op)
		}
		node, rest, err := parseNode(op.Prefix)
		// The other child's hash, with its length before it, is in the suffix or the prefix.
		left := len(rest) == 1 && rest[0] == chain.HashSize && len(op.Suffix) == 1+chain.HashSize && op.Suffix[0] == chain.HashSize
		right := len(rest) == 2+chain.HashSize && rest[0] == chain.HashSize && rest[1+chain.HashSize] == chain.HashSize && len(op.Suffix) == 0
		if err != nil || node.height <= last.height || node.size <= last.size || node.version < last.version || left == right {
			return refuse(ErrPath, "an inner node with a height, size and version above its child's, and one sibling", fmt.Sprintf("%x %x", op.Prefix, op.Suffix))
		}
		last = node
	}
	return nil
}

// node is what IAVL hashes of a node before its content.
type node struct{ height, size, version int64 }

func parseNode(prefix []byte) (n node, rest []byte, err error) {
	for _, field := range []*int64{&n.height, &n.size, &n.version} {
		value, size := binary.Varint(prefix)
		if size <= 0 || value < 0 {
			return node{}, nil, ErrPath
		}
		*field, prefix = value, prefix[size:]
	}
	return n, prefix, nil
}
