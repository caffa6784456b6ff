package e2ee

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// ContextInvitation is the ML-DSA context of the signature of an invitation.
	ContextInvitation = "sessionvm/e2ee/invitation/v1"

	// InvitationHeadSize is the size of an invitation's head in bytes: what a reader needs to know
	// whether it is for it.
	InvitationHeadSize = xwing.CiphertextSize + hashSize

	// MaxInvitationContent bounds the content of the first message in an invitation, in bytes.
	MaxInvitationContent = 32<<10 - tagSize - invitationStart - 1

	invitationVersion1 = 0x01
	// invitationStart is what stands before the content: version, the inviter's keys and signature, the
	// seat, the content's type.
	invitationStart = 1 + pq.KEMPublicKeySize + pq.DSAPublicKeySize + pq.DSASignatureSize + SeatSize + 1
)

// InvitationSizes are the sizes of an invitation's sealed part in bytes. It has the smallest one that
// its content fits into.
var InvitationSizes = [...]int{8 << 10, 12 << 10, 32 << 10}

// Invitation is what its recipient reads: who invites, as whom, and the first message. In order, in
// bytes, before it is sealed:
//
//	1       version, 0x01
//	1184    ML-KEM-768 key of the inviter
//	1952    ML-DSA-65 key of the inviter
//	3309    ML-DSA-65 signature of the inviter, in ContextInvitation, over invitationMessage
//	1280    seat: the inviter's pseudonym, and what the answer is sealed to
//	1       type of the first message
//	...     content of the first message, 0x80, zeros
type Invitation struct {
	// Inviter is the identity that invites, and has signed that.
	Inviter pq.PublicIdentity
	// Seat is as whom the inviter takes part in this one session. The pseudonym does not sign: that it is
	// the inviter's own, it shows when it acts in the session.
	Seat Seat
	// Type and Content are the first message.
	Type    ContentType
	Content []byte
}

// InvitationTo is whom an invitation is for.
type InvitationTo struct {
	// Chain is the chain's ID.
	Chain [32]byte
	// Recipient is the identity that is invited. Nothing on the chain names it.
	Recipient ID
	// Prekey is the public half of its latest prekey, as the chain proves it.
	Prekey []byte
}

// Envelope is an invitation as it is on the chain.
type Envelope struct {
	// Head is an X-Wing ciphertext of 1,120 bytes, and 32 that commit to the key that it carries.
	Head []byte
	// Sealed has one of InvitationSizes.
	Sealed []byte
}

// SealInvitation signs an invitation with the inviter's identity, and seals it to a prekey of its
// recipient, and to nothing else: no byte of it depends on the recipient but through that key's
// ciphertext, which does not say for which key it was made. Invitation.Inviter is taken from root. Random
// is the source of randomness, nil for the system's. Errors: ErrPrekey for a key that is none, ErrSize,
// ErrInvitation for identities that are not three.
func SealInvitation(random io.Reader, root *pq.Identity, to InvitationTo, invitation Invitation) (Envelope, error) {
	return sealInvitation(random, root, root.Sign, to, invitation)
}

func sealInvitation(random io.Reader, root *pq.Identity, sign func(context string, message []byte) ([]byte, error), to InvitationTo, invitation Invitation) (Envelope, error) {
	if err := checkXWing(to.Prekey); err != nil {
		return Envelope{}, fmt.Errorf("%w: of who is invited: %w", ErrPrekey, err)
	}
	invitation.Inviter = root.Public()
	if err := invitation.check(to.Recipient); err != nil {
		return Envelope{}, err
	}
	size, err := invitationSize(len(invitation.Content))
	if err != nil {
		return Envelope{}, err
	}
	ciphertext, shared, err := encapsulateXWing(sourceOf(random), to.Prekey)
	if err != nil {
		return Envelope{}, err
	}
	defer clear(shared)
	key, confirmation, err := deriveInvitation(shared, to.Chain, to.Prekey, ciphertext)
	if err != nil {
		return Envelope{}, err
	}
	defer clear(key)
	signature, err := sign(ContextInvitation, invitationMessage(to, ciphertext, &invitation))
	if err != nil {
		return Envelope{}, err
	}
	padded := invitation.pad(signature, size-tagSize)
	defer clear(padded)
	sealed, err := sealOnce(nil, key, padded, nil)
	return Envelope{Head: append(ciphertext, confirmation...), Sealed: sealed}, err
}

// check refuses keys that are none, and identities that are not three: an inviter, its pseudonym, and
// another one that is invited.
func (i *Invitation) check(recipient ID) (err error) {
	if i.Inviter, err = pq.NewPublicIdentity(i.Inviter.KEM, i.Inviter.DSA); err == nil {
		err = i.Seat.Check()
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvitation, err)
	}
	inviter, pseudonym := i.Inviter.ID(), i.Seat.ID
	if inviter == pseudonym || inviter == recipient || pseudonym == recipient {
		return refusal.Because(ErrInvitation, "expected three identities, got inviter %s, pseudonym %s and recipient %s", pq.FormatID(inviter), pq.FormatID(pseudonym), pq.FormatID(recipient))
	}
	return nil
}

// invitationSize returns the size of the sealed part for a content of a size.
func invitationSize(content int) (int, error) {
	for _, size := range InvitationSizes {
		if invitationStart+content+1+tagSize <= size {
			return size, nil
		}
	}
	return 0, refusal.Because(ErrSize, "expected at most %d bytes in an invitation, got %d: send the rest in the session", MaxInvitationContent, content)
}

// deriveInvitation returns the key that seals an invitation, and the confirmation: HKDF-SHA-256 of the
// shared key, with a hash of all that both are bound to as salt, and a label as info for each. The
// confirmation commits to the shared key, so what opens for one prekey opens for no other.
func deriveInvitation(shared []byte, chain [32]byte, prekey, ciphertext []byte) (key, confirmation []byte, err error) {
	bound := hashOf(labelInvitation, chain[:], prekey, ciphertext)
	pseudorandom, err := hkdf.Extract(sha256.New, shared, bound[:])
	if err != nil {
		return nil, nil, fmt.Errorf("extracting an invitation's key: %w", err)
	}
	defer clear(pseudorandom)
	if confirmation, err = hkdf.Expand(sha256.New, pseudorandom, labelInvitationConfirm, hashSize); err == nil {
		key, err = hkdf.Expand(sha256.New, pseudorandom, labelInvitationKey, keySize)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("expanding an invitation's key: %w", err)
	}
	return key, confirmation, nil
}

// invitationMessage is what the inviter signs: 32 chain || 32 recipient's ID || 32 hash of the
// recipient's prekey || 32 hash of the ciphertext || 32 inviter's ID || 32 hash of the seat, the type and the
// content.
func invitationMessage(to InvitationTo, ciphertext []byte, invitation *Invitation) []byte {
	prekey, carried := hashOf(labelInvitationPrekey, to.Prekey), hashOf(labelInvitationCiphertext, ciphertext)
	inviter := invitation.Inviter.ID()
	rest := hashOf(labelInvitationRest, invitation.Seat.append(nil), []byte{byte(invitation.Type)}, invitation.Content)
	return slices.Concat(to.Chain[:], to.Recipient[:], prekey[:], carried[:], inviter[:], rest[:])
}

// pad returns the encoding, filled up to a size.
func (i *Invitation) pad(signature []byte, size int) []byte {
	padded := make([]byte, 0, size+tagSize)
	padded = append(padded, invitationVersion1)
	for _, field := range [][]byte{i.Inviter.KEM, i.Inviter.DSA, signature} {
		padded = append(padded, field...)
	}
	padded = append(append(i.Seat.append(padded), byte(i.Type)), i.Content...)
	return append(padded, paddingMark)[:size]
}

// unpadInvitation returns what pad was given, with keys that are not checked; all are slices of its
// input. One invitation has one padded form.
func unpadInvitation(padded []byte) (invitation Invitation, signature []byte, err error) {
	content := bytes.TrimRight(padded, "\x00")
	if len(content) <= invitationStart || content[len(content)-1] != paddingMark {
		return Invitation{}, nil, refusal.Because(ErrMalformed, "expected padding that starts with %#02x", paddingMark)
	}
	read := cursor{rest: content[:len(content)-1]}
	if version := read.uint8(); version != invitationVersion1 {
		return Invitation{}, nil, refusal.Because(ErrVersion, "expected version %#02x, got %#02x: a newer program may open it", invitationVersion1, version)
	}
	invitation.Inviter = pq.PublicIdentity{KEM: read.bytes(pq.KEMPublicKeySize), DSA: read.bytes(pq.DSAPublicKeySize)}
	signature = read.bytes(pq.DSASignatureSize)
	invitation.Seat, invitation.Type, invitation.Content = read.seat(), ContentType(read.uint8()), read.rest
	if size, err := invitationSize(len(invitation.Content)); err != nil || size != len(padded)+tagSize {
		return Invitation{}, nil, refusal.Because(ErrMalformed, "expected %d bytes for a content of %d, got %d", size, len(invitation.Content), len(padded)+tagSize)
	}
	return invitation, signature, nil
}
