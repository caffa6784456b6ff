package lightclient

import (
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// InvitationPlace is a place in a bucket's invitations.
type InvitationPlace struct {
	Number     uint64     // of the invitation before it; 0: the beginning
	Transcript chain.Hash // after that one
}

// InvitationCursor is how far a reader has followed a bucket's invitations, page by page.
type InvitationCursor struct {
	Bucket chain.Bucket
	// Proven is where the reader has had all invitations up to, as a state of the chain has shown.
	Proven InvitationPlace
	// Read is where the pages have come to. What is after Proven was not hidden, and nothing put in,
	// if Proven comes to here: where the next period of the genesis begins, or with the last
	// invitation there is. Else Follow returns an error there, and the reader begins at Proven again,
	// with another node.
	Read InvitationPlace
	// Height is of the latest block whose state the reader knows the bucket in.
	Height uint64
}

// NewInvitationCursor returns the cursor of a reader who has had none of a bucket's invitations.
func NewInvitationCursor(chainID ids.ID, bucket chain.Bucket) InvitationCursor {
	begin := InvitationPlace{Transcript: chain.FirstInvitation(chainID, bucket)}
	return InvitationCursor{Bucket: bucket, Proven: begin, Read: begin}
}

// Latest returns the cursor of a reader who wants no invitations of a bucket but those after a state:
// one who has just published a prekey.
func (c InvitationCursor) Latest(state *State) (InvitationCursor, error) {
	leaf, err := c.leaf(state)
	if err != nil {
		return c, err
	}
	last := InvitationPlace{leaf.Count, leaf.Transcript}
	return InvitationCursor{Bucket: c.Bucket, Proven: last, Read: last, Height: state.Header.Height}, nil
}

// Follow checks a page of invitations against a state of the chain, and returns the cursor after the
// page. The page has the invitations from the number first on; it is empty if there are no more.
//
// A reader who comes back after the retention begins where the bucket's leaf says that what is kept
// begins: the leaf has the number and the transcript there, so nothing that is kept can be hidden
// behind what is not.
//
// Errors are ErrInvitationsWithheld if invitations are missing, ErrInvitations if others come than the
// chain has, and ErrStateBehind if the state is older than one that the reader has seen.
func (c InvitationCursor) Follow(genesis *chain.Genesis, state *State, first uint64, page []chain.CompactInvitation) (InvitationCursor, error) {
	leaf, err := c.leaf(state)
	if err != nil {
		return c, err
	}
	next := c
	next.Height = state.Header.Height
	if before, transcript := leaf.Begin(genesis, state.Header.Timestamp); before > c.Read.Number {
		next.Read = InvitationPlace{before, transcript}
	}
	if err := next.prove(leaf); err != nil {
		return c, err
	}
	if len(page) == 0 && next.Read.Number < leaf.Count || len(page) > 0 && first != next.Read.Number+1 {
		return c, refusal.Wrap(ErrInvitationsWithheld, refusal.ErrProof,
			fmt.Sprintf("invitations from %d on, of %d", next.Read.Number+1, leaf.Count), fmt.Sprintf("%d from %d on", len(page), first))
	}
	for i := range page {
		if next.Read.Number == leaf.Count {
			return c, refusal.Wrap(ErrInvitations, refusal.ErrProof, fmt.Sprintf("invitations up to %d", leaf.Count), "more")
		}
		next.Read = InvitationPlace{next.Read.Number + 1, page[i].Next(next.Read.Transcript)}
		if err := next.prove(leaf); err != nil {
			return c, err
		}
	}
	return next, nil
}

// leaf returns the bucket's leaf in a state that is not older than the cursor's.
func (c *InvitationCursor) leaf(state *State) (*chain.Invitations, error) {
	value, err := state.Leaf(chain.InvitationsKey(c.Bucket))
	if err != nil {
		return nil, err
	}
	leaf := chain.NewInvitations(state.Header.ChainID, c.Bucket)
	if value != nil {
		if leaf, err = chain.ParseInvitations(value); err != nil {
			return nil, err
		}
	}
	if height := state.Header.Height; height < c.Height || leaf.Count < c.Proven.Number {
		return nil, refusal.Wrap(ErrStateBehind, refusal.ErrProof, fmt.Sprintf("a state at height %d or above, with %d invitations", c.Height, c.Proven.Number), fmt.Sprintf("%d with %d", height, leaf.Count))
	}
	return leaf, nil
}

// prove compares the place that was read with what the leaf has there, if it has something.
func (c *InvitationCursor) prove(leaf *chain.Invitations) error {
	known := func(number uint64, transcript chain.Hash) error {
		if number != c.Read.Number {
			return nil
		}
		if transcript != c.Read.Transcript {
			return refusal.Wrap(ErrInvitations, refusal.ErrProof, fmt.Sprintf("transcript %s up to %d", transcript, number), c.Read.Transcript)
		}
		c.Proven = c.Read
		return nil
	}
	for i := range leaf.Marks {
		if err := known(leaf.Marks[i].Before, leaf.Marks[i].Transcript); err != nil {
			return err
		}
	}
	return known(leaf.Count, leaf.Transcript)
}
