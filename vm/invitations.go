package vm

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

func (r *rules) checkInvite(tx *chain.Transaction, body *chain.Invite) error {
	if err := r.checkDeadline(body.Deadline); err != nil {
		return err
	}
	terms := &r.genesis.Invitations
	if terms.MaxBlock == 0 { // refused here, so that none waits for a block that can't come
		return refusal.New(refusal.ErrInvitationBlockLimit, "another kind of transaction: this chain's blocks take no invitations", "an invitation")
	}
	if size := uint64(len(tx.Bytes())); size > terms.MaxBlockBytes {
		return refusal.New(refusal.ErrTransactionTooLarge, fmt.Sprintf("an invitation of at most %d bytes", terms.MaxBlockBytes), size)
	}
	if bits := r.totals.BucketBitsAt(r.genesis, r.now); body.Bits != bits[0] && body.Bits != bits[1] {
		return refusal.New(refusal.ErrBucketBits, fmt.Sprintf("a bucket of %d bits, or of %d", bits[0], bits[1]), body.Bits)
	}
	if places, taken := r.totals.InvitationPlacesAt(r.genesis, r.now); taken >= places {
		return refusal.New(refusal.ErrInvitationLimit, fmt.Sprintf("fewer than %d places for invitations that are taken; try again soon", places), taken)
	}
	return r.checkWork(body.Work, r.totals.InvitationBitsAt(r.genesis, r.now), func(beacon ids.ID) chain.Challenge {
		return chain.NewInvitationChallenge(r.chainID, tx.ID(), beacon)
	})
}

// checkInvitationsOfBlock refuses an invitation of so many bytes if the block has no room for it.
func (e *execution) checkInvitationsOfBlock(size uint64) error {
	terms := &e.genesis.Invitations
	if e.invitations >= terms.MaxBlock || e.invitingBytes+size > terms.MaxBlockBytes {
		return refusal.New(refusal.ErrInvitationBlockLimit,
			fmt.Sprintf("at most %d invitations of %d bytes together in a block", terms.MaxBlock, terms.MaxBlockBytes),
			fmt.Sprintf("%d of %d bytes", e.invitations+1, e.invitingBytes+size))
	}
	return nil
}

func (e *execution) invite(body *chain.Invite, location state.Location) error {
	bucket := body.To()
	invitations, exists, err := e.change.Invitations(bucket)
	if err != nil {
		return err
	}
	if !exists {
		invitations = chain.NewInvitations(e.chainID, bucket)
	}
	e.invitations++
	e.invitingBytes += uint64(location.Size)
	e.totals.CountInvitation(e.genesis)
	compact := body.Compact(e.now)
	invitations.Add(e.genesis, &compact)
	e.change.AddInvitation(bucket, invitations, &compact, location)
	return nil
}
