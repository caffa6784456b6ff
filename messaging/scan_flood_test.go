package messaging

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
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
