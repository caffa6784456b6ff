package messaging

import (
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

func TestOnlyContactsAreShownBeforeTheyAreAccepted(t *testing.T) {
	alice, carol, bob := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	bob.Messenger.config.Contact = func(id ids.ID) bool { return id == alice.Self() }
	alice.invites(t, bob, "of a contact")
	carol.invites(t, bob, "of a stranger")
	contacts, strangers, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []string{"of a contact"}, []string{string(contacts[0].Content)})
	require.Equal(t, []ids.ID{carol.Self()}, []ids.ID{strangers[0].From})
	require.Empty(t, strangers[0].Content)

	require.NoError(t, bob.Block(testContext(t), carol.Self(), true))
	require.NoError(t, bob.Decline(testContext(t), contacts[0].ID))
	carol.invites(t, bob, "again")
	contacts, strangers, err = bob.reopened(t).Invitations(testContext(t))
	require.NoError(t, err)
	require.Empty(t, append(contacts, strangers...))
	_, err = bob.Accept(testContext(t), ids.ID{1})
	require.ErrorIs(t, err, ErrInvitation)

	require.NoError(t, bob.Block(testContext(t), carol.Self(), false))
	carol.invites(t, bob, "and again")
	s, err := bob.Accept(testContext(t), bob.invited(t).ID)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	carol.invites(t, bob, "another session") // she is no stranger any more
	require.Equal(t, "another session", string(bob.invited(t).Content))
}

// TestAFloodOfStrangersHidesNoContact: the box keeps the newest of each, and takes an invitation once.
func TestAFloodOfStrangersHidesNoContact(t *testing.T) {
	m := &Messenger{config: Config{Contact: func(id ids.ID) bool { return id[0] == 1 }}}
	kept := &privateFile{Blocked: []ids.ID{{9}}}
	of := func(from byte, number int) *boxed {
		b := &boxed{ID: ids.ID{from, byte(number >> 8), byte(number)}, From: ids.ID{from}}
		b.Pseudonym.DSA = b.ID[:]
		return b
	}
	kept.take(m, of(1, 0))
	for i := range 3 * maxBox {
		kept.take(m, of(2, i))
		kept.take(m, of(2, i))
		kept.take(m, of(9, i))
	}
	require.Len(t, kept.Box, 1+maxBox)
	require.Equal(t, of(1, 0), kept.Box[0])
	require.Equal(t, of(2, 2*maxBox), kept.Box[1])
	again := of(2, 7000) // the same pseudonym in another envelope
	again.Pseudonym = kept.Box[5].Pseudonym
	kept.take(m, again)
	require.NotContains(t, kept.Box, again)
}

func TestANodeThatHidesAnInvitationIsFoundOut(t *testing.T) {
	network := newWire(t)
	alice, bob := newPerson(t, nil), newPerson(t, network)
	_, _, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	alice.invites(t, bob, "one")
	alice.invites(t, bob, "two")
	size := chain.CompactInvitationSize
	for name, lie := range map[string]struct {
		change func(*client.ListInvitationsResult)
		want   error
	}{
		"all":           {func(r *client.ListInvitationsResult) { r.Invitations = nil }, ErrWithheld},
		"the first":     {func(r *client.ListInvitationsResult) { r.Invitations = r.Invitations[size:]; r.First++ }, ErrWithheld},
		"one, repeated": {func(r *client.ListInvitationsResult) { copy(r.Invitations, r.Invitations[size:]) }, ErrNode},
		"in the head":   {func(r *client.ListInvitationsResult) { r.Invitations[len(r.Invitations)-100] ^= 1 }, ErrNode},
		"half":          {func(r *client.ListInvitationsResult) { r.Invitations = r.Invitations[:size/2] }, ErrNode},
		"the proof":     {func(r *client.ListInvitationsResult) { r.Proof = nil }, ErrNode},
	} {
		network.set(nil, falsely(t, "ListInvitations", lie.change))
		_, _, err := bob.Invitations(testContext(t))
		require.ErrorIs(t, err, lie.want, name)
	}
	network.set(nil, falsely(t, "GetInvitation", func(r *client.GetInvitationResult) {
		for i := range r.Sealed {
			r.Sealed[i][5] ^= 1
		}
	}))
	_, _, err = bob.Invitations(testContext(t))
	require.ErrorIs(t, err, ErrNode, "another sealed part")
	network.set(nil, nil)
	_, strangers, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	require.Len(t, strangers, 2, "nothing was lost")
}
