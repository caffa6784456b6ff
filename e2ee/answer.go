package e2ee

import (
	"bytes"
	"fmt"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// AnswerOverhead is what an Answer adds to its content, in bytes.
	AnswerOverhead = 1 + pq.DSASignatureSize + 1

	answerVersion1 = 0x01
)

// Answer is the content of the first message of who answers an invitation: the proof of who that is, for who knows whom it has invited,
// and what is said first. It is the content of a message of type ContentAnswer. In order, in bytes:
//
//	1       version, 0x01
//	3309    ML-DSA-65 signature of the identity behind, the same as that of an IdentityProof
//	1       type of the content, not ContentAnswer
//	...     content, may be empty
type Answer struct {
	Signature []byte
	Type      ContentType
	Content   []byte
}

// AnswerAs makes an answer of root, which stands behind a member of a session. Errors are those of ProveIdentity.
func AnswerAs(root *pq.Identity, chain, session [32]byte, member ID, kind ContentType, content []byte) (*Answer, error) {
	proof, err := ProveIdentity(root, chain, session, member)
	if err != nil {
		return nil, err
	}
	return &Answer{proof.Signature, kind, content}, nil
}

// Bytes returns the encoding.
func (a *Answer) Bytes() []byte {
	encoded := make([]byte, 0, AnswerOverhead+len(a.Content))
	encoded = append(encoded, answerVersion1)
	encoded = append(encoded, a.Signature...)
	encoded = append(encoded, byte(a.Type))
	return append(encoded, a.Content...)
}

// ParseAnswer decodes an answer strictly. It does not verify it. Errors: ErrVersion, ErrMalformed.
func ParseAnswer(encoded []byte) (*Answer, error) {
	read := cursor{rest: encoded}
	if version := read.uint8(); version != answerVersion1 {
		return nil, refusal.Because(ErrVersion, "expected version %#02x, got %#02x: a newer program may read it", answerVersion1, version)
	}
	a := &Answer{Signature: bytes.Clone(read.bytes(pq.DSASignatureSize)), Type: ContentType(read.uint8())}
	if read.short || a.Type == ContentAnswer {
		return nil, refusal.Because(ErrMalformed, "expected an answer of at least %d bytes with another content than an answer, got %d", AnswerOverhead, len(encoded))
	}
	a.Content = bytes.Clone(read.rest)
	return a, nil
}

// Verify checks that an identity stands behind the member that has sent an answer in a session. The caller knows the
// identity's ML-DSA-65 key, to which its ID commits. Errors wrap ErrProof.
func (a *Answer) Verify(chain, session [32]byte, member, behind ID, key []byte) error {
	if behind == member {
		return refusal.Because(ErrProof, "expected another identity behind the member, got %s itself", pq.FormatID(member))
	}
	if err := pq.Verify(key, ContextProof, proofMessage(chain, session, member, behind), a.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrProof, err)
	}
	return nil
}
