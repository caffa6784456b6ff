package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// InvitationPrice is what an invitation costs in a block that is made now.
type InvitationPrice struct {
	Bits       uint64 `json:"bits"`       // of its work
	Beacon     ids.ID `json:"beacon"`     // that the work is for: see chain.NewInvitationChallenge
	BucketBits uint64 `json:"bucketBits"` // of its bucket: see chain.BucketOf
}

// ListInvitationsParams ask for a page of a bucket's invitations in their order.
type ListInvitationsParams struct {
	Bits          uint64  `json:"bits"`                   // of the bucket
	Bucket        uint64  `json:"bucket"`                 // its number
	From          uint64  `json:"from,omitzero"`          // first number wanted; earlier ones than are kept are passed over
	Limit         uint64  `json:"limit,omitzero"`         // zero: the service's default
	TrustedHeight uint64  `json:"trustedHeight,omitzero"` // of the block that the reader trusts; zero: none
	Uncertified   bool    `json:"uncertified,omitzero"`   // without a certificate: the reader trusts the node
	Wait          Seconds `json:"wait,omitzero"`          // for signatures; zero: the service's default
}

// ListInvitationsResult is a page of invitations in their compact form, and the proof of the bucket's leaf,
// against which lightclient.InvitationCursor checks it. There are more if the page has not come to the
// leaf's count.
type ListInvitationsResult struct {
	Height      uint64 `json:"height"`      // of the block whose state it is
	First       uint64 `json:"first"`       // number of the first invitation of the page
	Invitations []byte `json:"invitations"` // chain.ParseCompactInvitations, in base64
	Proof       []byte `json:"proof"`       // lightclient.StateProof.Bytes, in base64
}

// Page decodes the invitations.
func (r *ListInvitationsResult) Page() ([]chain.CompactInvitation, error) {
	page, err := chain.ParseCompactInvitations(r.Invitations)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResponse, err)
	}
	return page, nil
}

// ListInvitations lists invitations of a bucket.
func (c *Client) ListInvitations(ctx context.Context, params ListInvitationsParams) (*ListInvitationsResult, error) {
	result, err := call[ListInvitationsResult](ctx, c, "ListInvitations", params)
	if err != nil {
		return nil, err
	}
	if most := params.Limit * chain.CompactInvitationSize; params.Limit > 0 && uint64(len(result.Invitations)) > most {
		return nil, fmt.Errorf("%w: expected invitations of at most %d bytes, got %d", ErrResponse, most, len(result.Invitations))
	}
	return result, nil
}

// GetInvitationParams name an invitation.
type GetInvitationParams struct {
	Bits   uint64 `json:"bits"`
	Bucket uint64 `json:"bucket"`
	Number uint64 `json:"number" min:"1"` // among those of the bucket, from 1
	// Count is how many are wanted from that number on; zero: one. The node sees which invitations its
	// client asks for: who asks for others too hides which one was for it.
	Count uint64 `json:"count,omitzero"`
}

// GetInvitationResult has the sealed parts of invitations, in base64. They may be fewer than were asked for.
type GetInvitationResult struct {
	Sealed [][]byte `json:"sealed"`
}

// GetInvitation returns the sealed part of an invitation, or of several. Each is checked by
// chain.CompactInvitation.Check.
func (c *Client) GetInvitation(ctx context.Context, params GetInvitationParams) (*GetInvitationResult, error) {
	result, err := call[GetInvitationResult](ctx, c, "GetInvitation", params)
	if err != nil {
		return nil, err
	}
	if most := max(params.Count, 1); len(result.Sealed) == 0 || uint64(len(result.Sealed)) > most {
		return nil, fmt.Errorf("%w: expected 1 to %d sealed parts, got %d", ErrResponse, most, len(result.Sealed))
	}
	return result, nil
}

// Invite does the work for an invitation, as RegisterIdentity does, submits it, and waits until it is
// accepted. The deadline is filled in if it is 0. How many bits the bucket has is not taken from the
// node: it would learn more of the recipient than the chain does. They are in the chain's Totals.
func (c *Client) Invite(ctx context.Context, body *chain.Invite) (*TransactionResult, error) {
	for try := 0; ; try++ {
		info, err := c.GetChainInfo(ctx)
		if err != nil {
			return nil, err
		}
		paid := &chain.Invite{Bits: body.Bits, Bucket: body.Bucket, Head: body.Head, Sealed: body.Sealed, Deadline: body.Deadline}
		if paid.Deadline == 0 {
			if paid.Deadline, err = c.Deadline(ctx); err != nil {
				return nil, err
			}
		}
		price := &info.Invitations
		challenge := chain.NewInvitationChallenge(info.ChainID, chain.TransactionID(info.ChainID, paid), price.Beacon)
		if paid.Work, err = c.find(ctx, challenge, price.Bits); err != nil {
			return nil, err
		}
		result, err := c.SendTransaction(ctx, paid, nil)
		if !errors.Is(err, refusal.ErrWork) || try == workTries-1 { // the beacon and the price move on
			return result, err
		}
	}
}
