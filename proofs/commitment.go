package proofs

import (
	"bytes"
	"fmt"

	ics23 "github.com/cosmos/ics23/go"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// MaxCommitmentBytes bounds an encoded commitment proof, before it is decoded. Most have
// about 1 KB; but one of absence holds both neighbours, and each may be the keys of a
// session with chain.MaxParticipants participants, 300 KB, and 64 KiB of metadata.
const MaxCommitmentBytes = 1 << 20

// EncodeCommitment returns the encoding of a proof that a tree has made.
func EncodeCommitment(proof *ics23.CommitmentProof) ([]byte, error) {
	if err := checkCommitment(proof); err != nil { // the library's encoder panics on nil parts
		return nil, err
	}
	encoded, err := proof.Marshal()
	if err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrProof, "a proof that can be encoded", err)
	}
	_, err = decodeCommitment(encoded)
	return encoded, err
}

// LeaveOut returns an encoded proof without the value that it shows, if that is one that the reader has; else as it is. PutIn puts
// it back. Without it the proof is not valid.
func LeaveOut(commitment, known []byte) ([]byte, error) {
	proof, err := decodeCommitment(commitment)
	if err != nil {
		return nil, err
	}
	exist := proof.GetExist()
	if exist == nil || !bytes.Equal(exist.Value, known) {
		return commitment, nil
	}
	exist.Value = nil
	return proof.Marshal()
}

// PutIn returns an encoded proof with the value that another one shows, if its own is left out; else as it is. Nothing is verified.
func PutIn(commitment, from []byte) []byte {
	proof := new(ics23.CommitmentProof)
	known, err := decodeCommitment(from)
	if err != nil || len(commitment) > MaxCommitmentBytes || proof.Unmarshal(commitment) != nil {
		return commitment
	}
	exist := proof.GetExist()
	if exist == nil || len(exist.Value) > 0 || known.GetExist() == nil {
		return commitment
	}
	exist.Value = known.GetExist().Value
	if filled, err := proof.Marshal(); err == nil {
		return filled
	}
	return commitment
}

// VerifyInclusion checks that the tree with the root holds the value at the key.
func VerifyInclusion(root chain.Hash, key, value, commitment []byte) error {
	proven, present, err := verifyCommitment(root, key, commitment)
	if err != nil {
		return err
	}
	if !present {
		return refusal.Wrap(ErrValue, refusal.ErrProof, fmt.Sprintf("the value %x", value), "absence")
	}
	if !bytes.Equal(proven, value) {
		return refusal.Wrap(ErrValue, refusal.ErrProof, fmt.Sprintf("the value %x", value), fmt.Sprintf("%x", proven))
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
		return refusal.Wrap(ErrValue, refusal.ErrProof, "absence", fmt.Sprintf("the value %x", value))
	}
	return nil
}

// Value checks a proof of what the tree with the root holds at the key, and returns that: a
// value, or nil for none.
func Value(root chain.Hash, key, commitment []byte) ([]byte, error) {
	value, _, err := verifyCommitment(root, key, commitment)
	return value, err
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
			return nil, false, refusal.Wrap(ErrKey, refusal.ErrProof, fmt.Sprintf("key %x", key), fmt.Sprintf("%x", exist.Key))
		}
		if !ics23.VerifyMembership(ics23.IavlSpec, root[:], proof, key, exist.Value) {
			return nil, false, refusal.Wrap(ErrRoot, refusal.ErrProof, "root "+root.String(), "a path to another")
		}
		return exist.Value, true, nil
	}
	nonexist := proof.GetNonexist()
	if !bytes.Equal(nonexist.Key, key) {
		return nil, false, refusal.Wrap(ErrKey, refusal.ErrProof, fmt.Sprintf("key %x", key), fmt.Sprintf("%x", nonexist.Key))
	}
	if !ics23.VerifyNonMembership(ics23.IavlSpec, root[:], proof, key) {
		return nil, false, refusal.Wrap(ErrRoot, refusal.ErrProof, "neighbours of the key under root "+root.String(), "others")
	}
	return nil, false, nil
}

// decodeCommitment decodes a proof into an object of its own, for one verification: the
// library appends to the slices of a proof that it checks, so that two goroutines must
// not share one.
func decodeCommitment(commitment []byte) (*ics23.CommitmentProof, error) {
	if err := checkWire(commitment); err != nil {
		return nil, err
	}
	proof := new(ics23.CommitmentProof)
	if err := proof.Unmarshal(commitment); err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrProof, "the protobuf encoding of a CommitmentProof", err)
	}
	if err := checkCommitment(proof); err != nil {
		return nil, err
	}
	encoded, err := proof.Marshal()
	if err != nil || !bytes.Equal(encoded, commitment) {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrProof, "the one canonical encoding", "another")
	}
	return proof, nil
}

// checkCommitment checks that a proof has the form of one of an IAVL tree, in all that
// the library takes for granted: nothing is nil, and there is a path to compare wherever
// there are two neighbours.
func checkCommitment(proof *ics23.CommitmentProof) error {
	if proof == nil {
		return refusal.Wrap(ErrForm, refusal.ErrProof, "an existence or non-existence proof", "none")
	}
	switch form := proof.Proof.(type) {
	case *ics23.CommitmentProof_Exist:
		if form == nil {
			return refusal.Wrap(ErrForm, refusal.ErrProof, "an existence proof", "none")
		}
		return checkExistence(form.Exist)
	case *ics23.CommitmentProof_Nonexist:
		if form == nil || form.Nonexist == nil {
			return refusal.Wrap(ErrForm, refusal.ErrProof, "a non-existence proof", "none")
		}
		return checkNonExistence(form.Nonexist)
	default:
		return refusal.Wrap(ErrForm, refusal.ErrProof, "an existence or non-existence proof", fmt.Sprintf("%T", form))
	}
}

func checkNonExistence(proof *ics23.NonExistenceProof) error {
	left, right := proof.Left, proof.Right
	if left == nil && right == nil {
		return refusal.Wrap(ErrForm, refusal.ErrProof, "a non-existence proof with a neighbour", "none")
	}
	if len(proof.Key) == 0 {
		return refusal.Wrap(ErrKey, refusal.ErrProof, "a key that is not empty", "an empty one")
	}
	for _, neighbour := range []*ics23.ExistenceProof{left, right} {
		if neighbour == nil {
			continue
		}
		if err := checkExistence(neighbour); err != nil {
			return err
		}
	}
	if left != nil && right != nil && (len(left.Path) == 0 || len(right.Path) == 0) {
		return refusal.Wrap(ErrPath, refusal.ErrProof, "paths of two neighbours that meet", "a neighbour alone in its tree")
	}
	return nil
}
