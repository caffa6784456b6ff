package e2ee

import (
	"bytes"
	"fmt"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// ContextProof is the ML-DSA context of the signature of a proof of identity.
	ContextProof = "sessionvm/e2ee/proof/v1"

	// IdentityProofSize is the size of an encoded proof of identity, in bytes.
	IdentityProofSize = 1 + pq.KEMPublicKeySize + pq.DSAPublicKeySize + pq.DSASignatureSize

	proofVersion1 = 0x01
)

// IdentityProof shows that an identity stands behind another one, its private one, in one
// session. It is the content of a message of type ContentProof, so only the session's members
// read it. In order, in bytes:
//
//	1       version, 0x01
//	1184    ML-KEM-768 key of the identity behind
//	1952    ML-DSA-65 key of the identity behind
//	3309    ML-DSA-65 signature of the identity behind, in ContextProof, over
//	        32 chain ID || 32 session ID || 32 member's ID || 32 ID of the identity behind
//
// The signed ID is the hash of both keys, so neither can be exchanged. Both sides agree to the
// link: the identity behind signs the proof, and the member signs the message that carries it.
// It is no secret to those who have it: any of them can show it to others, who can check it.
type IdentityProof struct {
	// Public is the identity that stands behind the member.
	Public    pq.PublicIdentity
	Signature []byte
}

// ProveIdentity makes the proof that root stands behind a member of a session. The member must
// be the caller's own private identity, and not root itself.
//
// Errors: ErrProof for root itself, pq.ErrWiped for a root that is wiped.
func ProveIdentity(root *pq.Identity, chain, session [32]byte, member ID) (*IdentityProof, error) {
	return proveIdentity(root, root.Sign, chain, session, member)
}

// proveIdentity signs with root's Sign, or with its SignDeterministic for golden vectors.
func proveIdentity(root *pq.Identity, sign func(context string, message []byte) ([]byte, error), chain, session [32]byte, member ID) (*IdentityProof, error) {
	if root.ID() == member {
		return nil, refusal.Because(ErrProof, "expected a member with another identity, got %s itself: there is nothing to prove", pq.FormatID(member))
	}
	signature, err := sign(ContextProof, proofMessage(chain, session, member, root.ID()))
	if err != nil {
		return nil, err
	}
	return &IdentityProof{Public: root.Public(), Signature: signature}, nil
}

// proofMessage is what a proof's signature is over.
func proofMessage(chain, session [32]byte, member, behind ID) []byte {
	message := make([]byte, 0, 32+32+2*pq.IDSize)
	message = append(message, chain[:]...)
	message = append(message, session[:]...)
	message = append(message, member[:]...)
	return append(message, behind[:]...)
}

// Bytes returns the encoding, IdentityProofSize bytes.
func (p *IdentityProof) Bytes() []byte {
	encoded := make([]byte, 0, IdentityProofSize)
	encoded = append(encoded, proofVersion1)
	encoded = append(encoded, p.Public.KEM...)
	encoded = append(encoded, p.Public.DSA...)
	return append(encoded, p.Signature...)
}

// ParseIdentityProof decodes a proof strictly and checks its keys. It does not verify it.
// Errors wrap ErrProof.
func ParseIdentityProof(encoded []byte) (*IdentityProof, error) {
	if len(encoded) != IdentityProofSize {
		return nil, refusal.Because(ErrProof, "expected %d bytes, got %d", IdentityProofSize, len(encoded))
	}
	read := cursor{rest: encoded}
	if version := read.uint8(); version != proofVersion1 {
		return nil, refusal.Because(ErrProof, "expected version %#02x, got %#02x", proofVersion1, version)
	}
	public, err := pq.NewPublicIdentity(read.bytes(pq.KEMPublicKeySize), read.bytes(pq.DSAPublicKeySize))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return &IdentityProof{Public: public, Signature: bytes.Clone(read.bytes(pq.DSASignatureSize))}, nil
}

// Verify checks a proof that a member of a session has sent, and returns the ID of the identity
// that stands behind it. The member is the sender of the opened message: a proof that comes
// from anybody else, or was made for another session or chain, is refused. So is one of the
// member for itself.
//
// It does not say whose ID that is: compare it with the one that is known, or SafetyNumber with
// that person. Errors wrap ErrProof.
func (p *IdentityProof) Verify(chain, session [32]byte, member ID) (ID, error) {
	// Checked again, for proofs that did not come through ParseIdentityProof.
	public, err := pq.NewPublicIdentity(p.Public.KEM, p.Public.DSA)
	if err != nil {
		return ID{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	behind := public.ID()
	if behind == member {
		return ID{}, refusal.Because(ErrProof, "expected another identity behind the member, got %s itself", pq.FormatID(member))
	}
	if err := pq.Verify(public.DSA, ContextProof, proofMessage(chain, session, member, behind), p.Signature); err != nil {
		return ID{}, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return behind, nil
}
