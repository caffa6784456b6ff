package proofs

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/luxfi/session/refusal"
)

// Field numbers of ICS-23's messages (cosmos.ics23.v1).
const (
	fieldExist      = 1 // of CommitmentProof
	fieldNonexist   = 2
	fieldBatch      = 3
	fieldCompressed = 4
	fieldLeft       = 2 // of NonExistenceProof
	fieldRight      = 3
	fieldPath       = 4 // of ExistenceProof
)

// checkWire refuses what is oversized, too deep, batched or compressed before the library
// decodes it: an empty inner node takes two bytes and becomes a hundred in memory.
func checkWire(commitment []byte) error {
	if len(commitment) > MaxCommitmentBytes {
		return refusal.Wrap(ErrEncoding, refusal.ErrProof, fmt.Sprintf("at most %d bytes", MaxCommitmentBytes), len(commitment))
	}
	forms := 0
	return eachField(commitment, func(number protowire.Number, content []byte) error {
		if forms++; forms > 1 {
			return refusal.Wrap(ErrEncoding, refusal.ErrProof, "one proof", "more")
		}
		switch number {
		case fieldExist:
			return checkWireDepth(content)
		case fieldNonexist:
			return eachField(content, func(number protowire.Number, content []byte) error {
				if number == fieldLeft || number == fieldRight {
					return checkWireDepth(content)
				}
				return nil
			})
		case fieldBatch, fieldCompressed:
			return refusal.Wrap(ErrForm, refusal.ErrProof, "an existence or non-existence proof", "a batch")
		default:
			return refusal.Wrap(ErrEncoding, refusal.ErrProof, "the fields of a CommitmentProof", fmt.Sprintf("field %d", number))
		}
	})
}

// checkWireDepth counts the inner nodes of an encoded ExistenceProof.
func checkWireDepth(existence []byte) error {
	depth := 0
	return eachField(existence, func(number protowire.Number, _ []byte) error {
		if number == fieldPath {
			depth++
		}
		if depth > maxDepth {
			return refusal.Wrap(ErrPath, refusal.ErrProof, fmt.Sprintf("at most %d inner nodes", maxDepth), "more")
		}
		return nil
	})
}

// eachField visits the fields of a message that has only fields with a length.
func eachField(message []byte, visit func(number protowire.Number, content []byte) error) error {
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeTag(message)
		if size < 0 || kind != protowire.BytesType {
			return refusal.Wrap(ErrEncoding, refusal.ErrProof, "the protobuf encoding of a CommitmentProof", "another")
		}
		content, contentSize := protowire.ConsumeBytes(message[size:])
		if contentSize < 0 {
			return refusal.Wrap(ErrEncoding, refusal.ErrProof, "the protobuf encoding of a CommitmentProof", "another")
		}
		if err := visit(number, content); err != nil {
			return err
		}
		message = message[size+contentSize:]
	}
	return nil
}
