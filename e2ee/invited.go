package e2ee

import (
	"bytes"
	"crypto/hmac"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// InvitationKey opens the sealed part of the one invitation whose head OpenHead opened. It is a secret.
type InvitationKey struct {
	to         InvitationTo // without the recipient
	ciphertext []byte
	key        []byte // nil once it is wiped
}

// OpenHead tries a reader's prekeys on the head of an invitation, and returns the key of its sealed
// part. It returns nil if the head is for none of them, which is so of most: this is what scanning
// costs, an X-Wing decapsulation for each prekey. It takes as long whether a head is for the reader's
// first prekey or for nobody's.
func OpenHead(prekeys []*Prekey, chain [32]byte, head []byte) *InvitationKey {
	if len(head) != InvitationHeadSize {
		return nil
	}
	ciphertext := head[:xwing.CiphertextSize]
	var found *InvitationKey
	for _, prekey := range prekeys {
		shared := prekey.decapsulate(ciphertext)
		if shared == nil {
			continue // it is erased
		}
		key, confirmation, err := deriveInvitation(shared, chain, prekey.public, ciphertext)
		clear(shared)
		if err == nil && hmac.Equal(confirmation, head[xwing.CiphertextSize:]) && found == nil {
			found = &InvitationKey{to: InvitationTo{Chain: chain, Prekey: prekey.Public()}, ciphertext: bytes.Clone(ciphertext), key: key}
		} else {
			clear(key)
		}
	}
	return found
}

// Wipe erases the key.
func (k *InvitationKey) Wipe() {
	clear(k.key)
	k.key = nil
}

// OpenInvitation opens the sealed part of an invitation, and verifies all of it before it returns
// anything: that it is as it was sealed, its size and padding, every key, and that the inviter has
// signed it for this recipient, its prekey and this chain. Who the inviter is it does not say: compare
// its ID with one that is known. Errors wrap ErrInvitation.
func OpenInvitation(key *InvitationKey, recipient ID, sealed []byte) (*Invitation, error) {
	invitation, err := key.open(recipient, sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvitation, err)
	}
	return invitation, nil
}

func (k *InvitationKey) open(recipient ID, sealed []byte) (*Invitation, error) {
	if len(k.key) == 0 {
		return nil, refusal.Because(ErrWiped, "expected the key of an invitation")
	}
	if !slices.Contains(InvitationSizes[:], len(sealed)) {
		return nil, refusal.Because(ErrMalformed, "expected one of %d bytes, got %d", InvitationSizes, len(sealed))
	}
	padded, err := openOnce(k.key, sealed, nil)
	if err != nil {
		return nil, err
	}
	defer clear(padded)
	invitation, signature, err := unpadInvitation(padded)
	if err != nil {
		return nil, err
	}
	if err := invitation.check(recipient); err != nil {
		return nil, err
	}
	to := k.to
	to.Recipient = recipient
	if err := pq.Verify(invitation.Inviter.DSA, ContextInvitation, invitationMessage(to, k.ciphertext, &invitation), signature); err != nil {
		return nil, err
	}
	invitation.Seat, invitation.Content = invitation.Seat.clone(), bytes.Clone(invitation.Content)
	return &invitation, nil
}
