package messaging

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
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
	require.NoError(t, bob.Decline(testContext(t), contacts[0].From))
	carol.invites(t, bob, "again")
	contacts, strangers, err = bob.reopened(t).Invitations(testContext(t))
	require.NoError(t, err)
	require.Empty(t, append(contacts, strangers...))
	_, err = bob.Accept(testContext(t), ids.ID{1})
	require.ErrorIs(t, err, ErrInvitation)

	require.NoError(t, bob.Block(testContext(t), carol.Self(), false))
	carol.invites(t, bob, "and again")
	s, err := bob.Accept(testContext(t), bob.invited(t).From)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	carol.invites(t, bob, "another session") // she is no stranger any more
	require.Equal(t, "another session", string(bob.invited(t).Content))
}

// TestAFloodOfStrangersHidesNoContact: the box keeps the newest of each, and takes an invitation once.
func TestAFloodOfStrangersHidesNoContact(t *testing.T) {
	m := &Messenger{shared: &shared{config: Config{Contact: func(id ids.ID) bool { return id[0] == 1 }}}}
	kept := &privateFile{Blocked: []ids.ID{{9}}}
	of := func(from byte, number int) *boxed {
		b := &boxed{ID: ids.ID{from, byte(number >> 8), byte(number)}, From: ids.ID{from}}
		b.Seat.ID = b.ID
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
	for _, from := range []byte{3, 1} { // nor does it hide another stranger's, or a contact another one's
		for i := range 2 {
			kept.take(m, of(from, 1+i))
		}
	}
	for i := range 2 * maxBox {
		kept.take(m, of(2, 3*maxBox+i))
		b := of(1, 3*maxBox+i)
		b.From = ids.ID{1, 1}
		kept.take(m, b)
	}
	require.Len(t, kept.Box, 2*maxBox)
	require.Equal(t, []*boxed{of(1, 0), of(3, 1), of(3, 2), of(1, 1), of(1, 2)}, slices.DeleteFunc(slices.Clone(kept.Box), func(b *boxed) bool {
		return b.From == ids.ID{2} || b.From == ids.ID{1, 1}
	}))
	again := of(2, 7000) // the same pseudonym in another envelope
	again.Seat = kept.Box[5].Seat
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

// TestANodePutsNoInvitationIn: a page that proves nothing yet may be of the node's making.
func TestANodePutsNoInvitationIn(t *testing.T) {
	network := newWire(t)
	alice, bob, mallory := newPerson(t, nil), newPerson(t, network), newPerson(t, nil)
	_, _, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	alice.invites(t, bob, "one")
	alice.invites(t, bob, "two")
	leaves, _, err := mallory.identityLeaves(testContext(t), 0, bob.Self())
	require.NoError(t, err)
	invented := &pair{With: bob.Self(), Said: []Said{{Content: []byte("never on the chain")}}}
	require.NoError(t, mallory.seal(new(privateFile), invented, e2ee.InvitationTo{Chain: mallory.chainID, Recipient: bob.Self(), Prekey: leaves[bob.Self()].Prekey}))
	compact := invented.Invite.Compact(1)
	list := falsely(t, "ListInvitations", func(r *client.ListInvitationsResult) { r.Invitations = compact.AppendTo(nil) })
	asked := 0
	get := falsely(t, "GetInvitation", func(r *client.GetInvitationResult) {
		asked++
		for i := range r.Sealed {
			r.Sealed[i] = invented.Invite.Sealed
		}
	})
	network.set(nil, func(method string, result []byte) []byte { return get(method, list(method, result)) })
	_, _, err = bob.Invitations(testContext(t))
	require.ErrorIs(t, err, ErrNode)
	require.Zero(t, asked, "nothing is asked for that is not proven")
	network.set(nil, nil)
	_, strangers, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	require.Len(t, strangers, 2)
	for _, stranger := range strangers {
		require.Equal(t, alice.Self(), stranger.From)
	}
}

// TestANodeDoesNotSeeWhichInvitationIsOpened has it answer as few sealed parts as it can: whole groups are asked for
// all the same, each once, and nothing that was found before.
func TestANodeDoesNotSeeWhichInvitationIsOpened(t *testing.T) {
	network := newWire(t)
	alice, bob, carol, dave := newPerson(t, nil), newPerson(t, network), newPerson(t, nil), newPerson(t, network)
	for _, person := range []*person{bob, dave} {
		_, _, err := person.Invitations(testContext(t))
		require.NoError(t, err)
	}
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	before := kept.bucket(bob.chainID, chain.Bucket{}).Cursor
	if before.Read.Number%fetchSize == 0 { // or what is for Bob would begin a group
		carol.invites(t, dave, "before")
	}
	alice.invites(t, bob, "one")
	carol.invites(t, dave, "for somebody else")
	carol.invites(t, bob, "two")
	numbers := make(map[uint64]bool)
	network.refuse = func(method string, params []byte) refusal.Reason {
		if method == "sessionvm.GetInvitation" {
			var p client.GetInvitationParams
			require.NoError(t, json.Unmarshal(params, &p))
			numbers[p.Number] = true
		}
		return 0
	}
	asked := func(by *person, found int) (parts int) {
		network.set(nil, falsely(t, "GetInvitation", func(r *client.GetInvitationResult) {
			r.Sealed = r.Sealed[:1]
			parts++
		}))
		defer network.set(nil, nil)
		_, strangers, err := by.Invitations(testContext(t))
		require.NoError(t, err)
		require.Len(t, strangers, found)
		return parts
	}
	ofBob := asked(bob, 2)
	require.GreaterOrEqual(t, ofBob, 3)
	require.LessOrEqual(t, ofBob, 2*fetchSize)
	for number := range numbers {
		require.Contains(t, numbers, number-(number-1)%fetchSize, "a group begins in the same place, whichever of it is wanted")
	}
	require.Zero(t, asked(bob, 2), "nothing is new")

	// Somebody puts one on the chain again.
	_, strangers, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	require.NoError(t, bob.Decline(testContext(t), strangers[0].From))
	page, err := bob.invitationPage(testContext(t), before)
	require.NoError(t, err)
	at := slices.IndexFunc(page.heads, func(c chain.CompactInvitation) bool { return ids.ID(sha256.Sum256(c.Head)) == strangers[0].ID })
	sealed, err := bob.config.Client.GetInvitation(testContext(t), client.GetInvitationParams{Number: before.Read.Number + uint64(at) + 1})
	require.NoError(t, err)
	again := &pair{With: bob.Self(), Invite: &chain.Invite{Head: page.heads[at].Head, Sealed: sealed.Sealed[0]}}
	require.NoError(t, alice.sendInvite(testContext(t), again))
	require.Zero(t, asked(bob, 1), "it was declined")
}

// TestBucketsOfBeforeAreLookedAt: bits have gone down while nobody looked, and invitations of before are kept.
func TestBucketsOfBeforeAreLookedAt(t *testing.T) {
	network := newWire(t)
	bob := newPerson(t, network)
	asked := 0
	network.refuse = func(method string, params []byte) refusal.Reason {
		if method == "sessionvm.GetStateProof" {
			var p client.GetStateProofParams
			require.NoError(t, json.Unmarshal(params, &p))
			asked = max(asked, len(p.Keys))
		}
		return 0
	}
	for _, bits := range []uint64{0, 3} {
		require.NoError(t, bob.updatePrivate(testContext(t), func(kept *privateFile) error { kept.Bits = bits; return nil }))
		asked = 0
		_, _, err := bob.Invitations(testContext(t))
		require.NoError(t, err)
		require.EqualValues(t, 1+bits+1, asked, "the Totals, and a bucket of each number of bits")
	}
}
