package messaging

import (
	"fmt"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

// TestAFloodOfHeadsHidesNoInvitation has somebody send more than is kept before it is proven, after a contact's: all of
// it in pages that prove nothing.
func TestAFloodOfHeadsHidesNoInvitation(t *testing.T) {
	before := maxOpened
	maxOpened = 4
	t.Cleanup(func() { maxOpened = before })
	network := newWire(t)
	alice, bob, mallory := newPerson(t, nil), newPerson(t, network), newPerson(t, nil)
	_, _, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	alice.invites(t, bob, "first")
	for i := range 20 {
		mallory.invites(t, bob, fmt.Sprint("flood ", i))
	}
	network.set(nil, falsely(t, "ListInvitations", func(r *client.ListInvitationsResult) { // pages of 3
		r.Invitations = r.Invitations[:min(len(r.Invitations), 3*chain.CompactInvitationSize)]
	}))
	_, strangers, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	require.Len(t, strangers, 21)
	require.Equal(t, alice.Self(), strangers[0].From)
}

// TestNobodyTakesTheLastPlaces: who invites again and again, and is answered, leaves room for private sessions with
// others.
func TestNobodyTakesTheLastPlaces(t *testing.T) {
	alice, bob, mallory := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	require.NoError(t, bob.updatePrivate(testContext(t), func(kept *privateFile) error {
		for range maxAnswered - 1 {
			kept.Pairs = append(kept.Pairs, &pair{With: mallory.Self(), Peer: new(e2ee.Seat), Session: ids.GenerateTestID(), Made: time.Now()})
		}
		return nil
	}))
	for _, inviter := range []*person{mallory, alice} {
		inviter.invites(t, bob, "once more")
		s, err := bob.Accept(testContext(t), inviter.Self())
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	mallory.invites(t, bob, "one too many")
	_, err := bob.Accept(testContext(t), mallory.Self())
	require.ErrorIs(t, err, ErrBacklog)
	alice.invites(t, bob, "hello")
	s, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, bob.Decline(testContext(t), mallory.Self()))
}
