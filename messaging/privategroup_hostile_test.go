package messaging

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// looks returns what a person's last session of a group has come to.
func (p *person) looks(t testing.TB, group ids.ID) *round {
	t.Helper()
	kept, err := p.loadPrivate()
	require.NoError(t, err)
	rounds := kept.rounds(group)
	at, err := p.look(testContext(t), rounds[len(rounds)-1])
	require.NoError(t, err)
	return at
}

// allTell has all look at a group until each has read which seats all others have.
func allTell(t testing.TB, group ids.ID, people ...*person) {
	t.Helper()
	for _, p := range append(people, people...) {
		p.groupWhen(t, group, hasOpen)
	}
	for _, p := range people {
		roster := p.looks(t, group).roster
		for i := range roster.Members {
			require.Len(t, roster.Members[i].Seats, 1+seatsAhead)
		}
	}
}

// tells says something of a group as no program does.
func (p *person) tells(t testing.TB, group ids.ID, content e2ee.ContentType, encoded []byte) {
	t.Helper()
	s, err := p.JoinGroup(testContext(t), group)
	require.NoError(t, err)
	_, err = s.SendAs(testContext(t), content, encoded)
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

// makesNext makes the session that follows, with whom it wants.
func (p *person) makesNext(t testing.TB, group ids.ID, change func(*e2ee.Roster)) ids.ID {
	t.Helper()
	at := p.looks(t, group)
	next := at.next()
	change(next)
	require.NoError(t, p.makeRound(testContext(t), p.keeps(t, group), at, next, nil))
	return p.looks(t, group).Session
}

func (p *person) keeps(t testing.TB, group ids.ID) *ownGroup {
	t.Helper()
	kept, err := p.loadPrivate()
	require.NoError(t, err)
	return kept.group(group)
}

// closes closes the session of a group that takes messages.
func (p *person) closes(t testing.TB, group ids.ID) ids.ID {
	t.Helper()
	g, err := p.Group(testContext(t), group)
	require.NoError(t, err)
	_, err = p.CloseSession(testContext(t), g.Open)
	require.NoError(t, err)
	return g.Open
}

// strangersSeat is one of nobody in the group.
func strangersSeat(t testing.TB) e2ee.Seat {
	t.Helper()
	seats, err := newPerson(t, nil).newSeats(new(ownGroup), 1, nil, nil)
	require.NoError(t, err)
	return seats[0]
}

// TestAMemberDoesNoHarmByWhatItTells: each of these is refused by all, the sender included, and the group goes on.
func TestAMemberDoesNoHarmByWhatItTells(t *testing.T) {
	t.Parallel()
	alice, bob, mallory := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, mallory)
	allTell(t, id, alice, bob, mallory)
	at := mallory.looks(t, id)
	seat, bobs := strangersSeat(t), at.roster.At(bob.Self()).Seats
	seats := func(all ...e2ee.Seat) []byte { return (&e2ee.Seats{Group: id, Seats: all}).Bytes() }
	asIdentity := seat
	asIdentity.ID = bob.Self()
	usurped := *at.roster
	usurped.Owner = mallory.Self()
	elsewhere := *at.roster
	elsewhere.Group = newID()
	proof, err := e2ee.ProveIdentity(newPerson(t, nil).config.Identity, mallory.chainID, at.Session, at.Self)
	require.NoError(t, err)
	for name, told := range map[string]struct {
		content e2ee.ContentType
		encoded []byte
	}{
		"a seat twice":            {e2ee.ContentSeats, seats(seat, seat)},
		"another's seat":          {e2ee.ContentSeats, seats(bobs[1])},
		"another's in this one":   {e2ee.ContentSeats, seats(bobs[0])},
		"another's identity":      {e2ee.ContentSeats, seats(asIdentity)},
		"seats of another group":  {e2ee.ContentSeats, (&e2ee.Seats{Group: newID(), Seats: []e2ee.Seat{seat}}).Bytes()},
		"a roster":                {e2ee.ContentRoster, usurped.Bytes()},
		"another group's roster":  {e2ee.ContentRoster, elsewhere.Bytes()},
		"nothing of the kind":     {e2ee.ContentSeats, []byte("seats")},
		"a proof of another root": {e2ee.ContentProof, proof.Bytes()},
	} {
		before := bob.looks(t, id).roster
		mallory.tells(t, id, told.content, told.encoded)
		for _, p := range []*person{bob, mallory, alice} {
			after := p.looks(t, id)
			require.True(t, bytes.Equal(before.Bytes(), after.roster.Bytes()), name)
			require.Contains(t, after.shown, mallory.Self(), name)
		}
	}
	alice.says(t, id, "in this one")
	require.Equal(t, alice.Self(), bob.reads(t, id, "in this one"))
	first := alice.closes(t, id)
	require.NotEqual(t, first, bob.says(t, id, "in the next one"))
	for _, p := range []*person{alice, mallory} {
		require.Equal(t, bob.Self(), p.reads(t, id, "in the next one"))
	}

	s, err := mallory.JoinGroup(testContext(t), id)
	require.NoError(t, err)
	for range 3 {
		_, err = s.SendAs(testContext(t), e2ee.ContentSeats, seats())
		require.NoError(t, err)
	}
	require.NoError(t, s.Close())
	require.Len(t, bob.looks(t, id).left, 1, "it has left once")
	g := alice.groupWhen(t, id, func(g *Group) bool { return len(g.Members) == 2 && g.Open != ids.Empty })
	bob.groupWhen(t, id, opens(g.Open))
}

// TestSeatsThatAnotherMemberTellsFirstAreToldAnew: who reads what is on its way can be faster.
func TestSeatsThatAnotherMemberTellsFirstAreToldAnew(t *testing.T) {
	t.Parallel()
	alice, bob, mallory := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	ctx := testContext(t)
	g := alice.groupWhen(t, askedGroup(t, alice, bob, mallory), func(g *Group) bool { return g.Open != ids.Empty && len(g.Invited) == 0 })
	mallory.groupWhen(t, g.ID, opens(g.Open))
	var stolen []e2ee.Seat // what bob is about to tell
	roster := mallory.looks(t, g.ID).roster
	bobs := &Session{id: g.Open, self: &actor{pair: &pair{}}}
	require.NoError(t, bob.updateGroup(ctx, g.ID, func(_ *privateFile, g *ownGroup) (err error) {
		stolen, err = bob.newSeats(g, seatsAhead, bobs, roster)
		return err
	}))
	mallory.tells(t, g.ID, e2ee.ContentSeats, (&e2ee.Seats{Group: g.ID, Seats: stolen}).Bytes())
	require.True(t, mallory.looks(t, g.ID).roster.Has(stolen[0].ID))
	bob.groupWhen(t, g.ID, func(*Group) bool {
		own := bob.looks(t, g.ID).roster.At(bob.Self())
		return len(own.Seats) == 1+seatsAhead && !slices.ContainsFunc(own.Seats, func(s e2ee.Seat) bool { return s.ID == stolen[0].ID })
	})
	alice.closes(t, g.ID)
	bob.says(t, g.ID, "still here")
	require.Equal(t, bob.Self(), alice.reads(t, g.ID, "still here"))
}

// TestNobodyFollowsANextSessionOfOthers that a member who is not the owner has made, or a stranger.
func TestNobodyFollowsANextSessionOfOthers(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*e2ee.Roster, e2ee.RosterMember){
		"one left out":      func(next *e2ee.Roster, _ e2ee.RosterMember) { next.Members = next.Members[:2] },
		"a stranger put in": func(next *e2ee.Roster, stranger e2ee.RosterMember) { next.Members = append(next.Members, stranger) },
		"a stranger in place of one": func(next *e2ee.Roster, stranger e2ee.RosterMember) {
			next.Members[2].Seats = stranger.Seats
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alice, mallory, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
			id := privateGroup(t, alice, mallory, carol)
			alice.closes(t, id)
			stranger := e2ee.RosterMember{Identity: newPerson(t, nil).Self(), Seats: []e2ee.Seat{strangersSeat(t)}}
			made := mallory.makesNext(t, id, func(next *e2ee.Roster) { change(next, stranger) })
			for _, p := range []*person{alice, carol} {
				g, err := p.Group(testContext(t), id)
				require.NoError(t, err)
				require.Equal(t, ids.Empty, g.Open)
				require.NotContains(t, g.Sessions, made)
			}
			next := carol.says(t, id, "among us")
			require.Equal(t, carol.Self(), alice.reads(t, id, "among us"))
			require.NotEqual(t, made, next)
			_, err := alice.RemoveFromGroup(testContext(t), id, mallory.Self())
			require.NoError(t, err)
			carol.says(t, id, "it is gone")
			require.Equal(t, carol.Self(), alice.reads(t, id, "it is gone"))
		})
	}
}

// TestARemovedMemberLeadsNobodyAway with the sessions that it makes of the seats that it knows, before the others have seen
// that it is removed.
func TestARemovedMemberLeadsNobodyAway(t *testing.T) {
	t.Parallel()
	alice, bob, eve := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, eve)
	eve.looks(t, id)
	before := eve.keeps(t, id)
	g, err := alice.RemoveFromGroup(testContext(t), id, eve.Self())
	require.NoError(t, err)
	made := eve.makesNext(t, id, func(*e2ee.Roster) {})
	require.NotEqual(t, g.Open, made)
	bob.says(t, id, "without eve")
	require.Equal(t, bob.Self(), alice.reads(t, id, "without eve"))
	for _, p := range []*person{alice, bob} {
		require.NotContains(t, p.groupWhen(t, id, opens(g.Open)).Sessions, made)
		require.NotContains(t, p.looks(t, id).roster.Members, eve.Self())
	}
	require.True(t, eve.groupWhen(t, id, func(g *Group) bool { return g.Out }).Out)
	require.NotEmpty(t, before.Seats)
	require.Empty(t, eve.keeps(t, id).Seats, "whose secrets are erased")

	// It knows what the others had told before, but not what they have told since.
	known := make(map[e2ee.ID]bool)
	kept, err := eve.loadPrivate()
	require.NoError(t, err)
	at, err := eve.look(testContext(t), kept.rounds(id)[0])
	require.NoError(t, err)
	for i := range at.roster.Members {
		for _, seat := range at.roster.Members[i].Seats {
			known[seat.ID] = true
		}
	}
	alice.looks(t, id)
	roster := bob.looks(t, id).roster
	for i := range roster.Members {
		require.True(t, known[roster.Members[i].Seats[0].ID])
		for _, seat := range roster.Members[i].Seats[1:] {
			require.False(t, known[seat.ID])
		}
	}
}

// TestStrangersSessionsHideNoPrivateGroup: they name a seat that waits, before it is in a session and after.
func TestStrangersSessionsHideNoPrivateGroup(t *testing.T) {
	t.Parallel()
	alice, bob, stranger := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	g, err := alice.NewGroup(testContext(t), "team", bob.Self())
	require.NoError(t, err)
	bob.joinsGroup(t, alice)
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	seat := kept.Pairs[0].Self
	name := func(count int) {
		deadline, err := stranger.config.Client.Deadline(testContext(t))
		require.NoError(t, err)
		key := stranger.config.Identity.Public().KEM
		for range count {
			_, err := stranger.act(testContext(t), &chain.CreateSession{
				Creator: stranger.Self(), Participants: []ids.ID{stranger.Self(), seat}, PublicKeys: [][]byte{key, key},
				Metadata: Metadata(), Nonce: client.Nonce(), Deadline: deadline,
			})
			require.NoError(t, err)
		}
	}
	name(3)
	g = alice.groupWhen(t, g.ID, hasOpen)
	name(3)
	bob.groupWhen(t, g.ID, opens(g.Open))
	bob.says(t, g.ID, "here")
	require.Equal(t, bob.Self(), alice.reads(t, g.ID, "here"))
	files, err := filepath.Glob(filepath.Join(bob.config.Folder, "*"+sessionSuffix(seat)))
	require.NoError(t, err)
	require.Len(t, files, 4, "those after the true one are not looked at")
}

// TestANodeThatHidesTheNextSessionOfAGroupIsFound: who asks it makes none of its own.
func TestANodeThatHidesTheNextSessionOfAGroupIsFound(t *testing.T) {
	t.Parallel()
	network := newWire(t)
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, network)
	id := privateGroup(t, alice, bob, carol)
	first := alice.closes(t, id)
	carol.groupWhen(t, id, func(g *Group) bool { return g.Open == ids.Empty })
	next := bob.says(t, id, "in the next one")
	network.refuse = func(method string, params []byte) refusal.Reason {
		if method == "sessionvm.GetSession" {
			return refusal.ErrUnknownSession
		}
		return 0
	}
	_, err := carol.JoinGroup(testContext(t), id)
	require.ErrorIs(t, err, ErrWithheld)
	network.refuse = nil
	g := carol.groupWhen(t, id, opens(next))
	require.Equal(t, []ids.ID{first, next}, g.Sessions)

	// Nor does it go on before all of a session was read: what the last ones say of the next is missing.
	bob.says(t, id, "the last word")
	bob.closes(t, id)
	kept, err := carol.loadPrivate()
	require.NoError(t, err)
	network.refuse = func(method string, params []byte) refusal.Reason {
		if method == "sessionvm.PollSession" {
			return refusal.ErrUnknownSession
		}
		return 0
	}
	_, err = carol.look(testContext(t), kept.rounds(id)[1])
	require.ErrorIs(t, err, ErrWithheld)
	network.refuse = nil
	require.Equal(t, carol.says(t, id, "after it"), bob.groupWhen(t, id, hasOpen).Open)
}

// answersWith takes a seat as no program does: with seats that it changes.
func (p *person) answersWith(t testing.TB, owner *person, group ids.ID, change func([]e2ee.Seat) []e2ee.Seat) {
	t.Helper()
	ctx := testContext(t)
	to, err := p.recipient(ctx, owner.Self())
	require.NoError(t, err)
	seats, err := p.newSeats(new(ownGroup), 2, nil, nil)
	require.NoError(t, err)
	answer := &pair{With: owner.Self(), Group: group, Said: []Said{{p.now(), e2ee.ContentSeats, (&e2ee.Seats{Group: group, Seats: change(seats)}).Bytes()}}}
	require.NoError(t, p.updatePrivate(ctx, func(kept *privateFile) error { return p.seal(kept, answer, to.InvitationTo) }))
	require.NoError(t, p.sendInvite(ctx, answer))
}

// TestAGroupsSessionIsNotOverBecauseItWasNotThereBefore has a node prove with a state from before the session was made
// that it is not there: whoever believes that goes on without the others.
func TestAGroupsSessionIsNotOverBecauseItWasNotThereBefore(t *testing.T) {
	t.Parallel()
	network := newWire(t)
	alice, bob := newPerson(t, nil), newPerson(t, network)
	direct := connect(t, nil)
	before, err := direct.GetLightBlock(testContext(t), client.GetLightBlockParams{})
	require.NoError(t, err)
	id := privateGroup(t, alice, bob)
	open := bob.groupWhen(t, id, hasOpen).Open
	absent, err := direct.GetProof(testContext(t), client.GetProofParams{SessionID: open, Height: &before.Height})
	require.NoError(t, err)
	require.False(t, absent.Present)
	bundle, err := absent.Bundle()
	require.NoError(t, err)
	block, err := lightclient.ParseLightBlock(before.LightBlock)
	require.NoError(t, err)
	old := lightclient.StateProof{Block: block, Leaves: []lightclient.ProvenLeaf{{Key: bundle.Key, Commitment: bundle.Commitment}}}
	network.set(nil, falsely(t, "GetStateProof", func(r *client.GetStateProofResult) { r.Proof = old.Bytes() }))
	_, err = bob.Group(testContext(t), id)
	require.ErrorIs(t, err, ErrBehind)
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	require.False(t, kept.rounds(id)[0].Ended)
	network.set(nil, nil)
	alice.says(t, id, "to bob")
	require.Equal(t, alice.Self(), bob.reads(t, id, "to bob"))
}

// TestAnAnswerThatIsNoneHoldsUpNobody, nor does somebody who can't be asked.
func TestAnAnswerThatIsNoneHoldsUpNobody(t *testing.T) {
	t.Parallel()
	alice, bob, mallory := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	g, err := alice.NewGroup(testContext(t), "team", bob.Self(), mallory.Self(), ids.ID{7})
	require.NoError(t, err)
	require.ElementsMatch(t, []ids.ID{bob.Self(), mallory.Self()}, g.Invited)
	mallory.answersWith(t, alice, g.ID, func(seats []e2ee.Seat) []e2ee.Seat { return []e2ee.Seat{seats[0], seats[0]} })
	bob.joinsGroup(t, alice)
	g = alice.groupWhen(t, g.ID, hasOpen)
	bob.groupWhen(t, g.ID, opens(g.Open))
	bob.says(t, g.ID, "here")
	require.Equal(t, bob.Self(), alice.reads(t, g.ID, "here"))
	require.Len(t, alice.looks(t, g.ID).roster.Members, 2)
	_, err = alice.RemoveFromGroup(testContext(t), g.ID, ids.ID{7})
	require.NoError(t, err)
}

// TestAnAnswerThatComesAgainChangesNothing: whoever sees the chain can send it again, and nobody takes a seat twice.
func TestAnAnswerThatComesAgainChangesNothing(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	g, err := alice.NewGroup(testContext(t), "team", bob.Self())
	require.NoError(t, err)
	var sent *chain.Invite
	save := bob.savePrivate
	bob.savePrivate = func(kept *privateFile) error {
		for _, p := range kept.Pairs {
			if p.Invite != nil {
				sent = &chain.Invite{Head: p.Invite.Head, Sealed: p.Invite.Sealed}
			}
		}
		return save(kept)
	}
	bob.joinsGroup(t, alice)
	g = alice.groupWhen(t, g.ID, hasOpen)
	again := &pair{With: alice.Self(), Invite: sent}
	stranger := newPerson(t, nil)
	require.NoError(t, stranger.sendInvite(testContext(t), again))
	to, err := bob.recipient(testContext(t), alice.Self()) // and bob's program once more, in another envelope
	require.NoError(t, err)
	require.NoError(t, bob.updatePrivate(testContext(t), func(kept *privateFile) error { return bob.seal(kept, kept.Pairs[0], to.InvitationTo) }))
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	require.NoError(t, bob.sendInvite(testContext(t), kept.Pairs[0]))
	for range 3 {
		_, _, err = alice.Invitations(testContext(t))
		require.NoError(t, err)
		now, err := alice.Group(testContext(t), g.ID)
		require.NoError(t, err)
		require.Equal(t, g.Sessions, now.Sessions)
	}
	kept, err = alice.loadPrivate()
	require.NoError(t, err)
	require.Empty(t, kept.Box)
}

// TestAGroupIsOfWhomItWasJoined: another one's offer of the same group, which its members know, is none.
func TestAGroupIsOfWhomItWasJoined(t *testing.T) {
	t.Parallel()
	alice, bob, mallory := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob)
	require.NoError(t, mallory.offer(testContext(t), &ownGroup{ID: id, Title: "team"}, bob.Self()))
	for range 3 {
		_, _, err := bob.Invitations(testContext(t))
		require.NoError(t, err)
		joined, err := bob.JoinGroups(testContext(t), mallory.Self())
		require.NoError(t, err)
		require.Empty(t, joined)
	}
	require.Equal(t, alice.Self(), bob.groupWhen(t, id, hasOpen).Owner)
}

// TestAnOwnerPassesNobodyOff: whom its roster names with seats of its own shows nothing, and is shown as nobody, also in the
// session after it.
func TestAnOwnerPassesNobodyOff(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	id := privateGroup(t, alice, bob, carol)
	require.Contains(t, bob.looks(t, id).shown, carol.Self())
	at := alice.looks(t, id)
	next := at.next()
	next.Changed = true
	puppet := newPerson(t, nil)
	seats, err := puppet.newSeats(new(ownGroup), 3, nil, nil)
	require.NoError(t, err)
	require.NoError(t, next.Add(e2ee.RosterMember{Identity: carol.Self(), Seats: seats}))
	require.NoError(t, alice.makeRound(testContext(t), alice.keeps(t, id), at, next, nil))
	bob.groupWhen(t, id, func(g *Group) bool { return g.Open != at.Session && g.Open != ids.Empty })
	require.NotContains(t, bob.looks(t, id).shown, carol.Self())
	bob.closes(t, id)
	bob.says(t, id, "who is here?")
	now := bob.looks(t, id)
	require.Equal(t, ids.ID(now.roster.At(carol.Self()).Seats[0].ID), ids.ID(seats[1].ID))
	require.NotContains(t, now.shown, carol.Self())
	require.Contains(t, now.shown, bob.Self())
}

// TestNoOwnerTakesTheLastPlaces of groups and of sessions with those that it makes again and again.
func TestNoOwnerTakesTheLastPlaces(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	alice, bob, mallory := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	require.NoError(t, bob.updatePrivate(ctx, func(kept *privateFile) error {
		for range maxGroupsOf {
			require.NoError(t, kept.addGroup(&ownGroup{ID: newID(), Owner: mallory.Self()}))
		}
		for i := range maxAnswered {
			kept.Pairs = append(kept.Pairs, &pair{With: mallory.Self(), Group: kept.Groups[i%2].ID, Session: newID(), Made: time.Now()})
		}
		return nil
	}))
	require.NoError(t, mallory.offer(ctx, &ownGroup{ID: newID(), Title: "one more"}, bob.Self()))
	for offered := false; !offered; {
		contacts, strangers, err := bob.Invitations(ctx)
		require.NoError(t, err)
		offered = len(contacts)+len(strangers) > 0
	}
	_, err := bob.JoinGroups(ctx, mallory.Self())
	require.ErrorIs(t, err, ErrBacklog)
	g, err := alice.NewGroup(ctx, "team", bob.Self())
	require.NoError(t, err)
	require.Equal(t, g.ID, bob.joinsGroup(t, alice))

	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	require.NoError(t, kept.roundFits(bob.Messenger, kept.group(g.ID)))
	for _, of := range kept.Groups[:3] {
		require.ErrorIs(t, kept.roundFits(bob.Messenger, of), ErrBacklog)
		of.Owner = bob.Self() // each of its own is for itself
	}
	require.NoError(t, kept.roundFits(bob.Messenger, kept.Groups[2]))
}

// TestARosterThatSwapsMembersIsAnsweredOnce: the owner's roster has each of two members at the other's seat, so that each one's proof
// of who it is does not hold, to itself neither. Neither greets again and again.
func TestARosterThatSwapsMembersIsAnsweredOnce(t *testing.T) {
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	ctx := testContext(t)
	id := askedGroup(t, alice, bob, carol)
	require.NoError(t, alice.scan(ctx))
	kept, err := alice.loadPrivate()
	require.NoError(t, err)
	own := kept.group(id)
	next, took, err := alice.changed(ctx, kept, own, nil)
	require.NoError(t, err)
	a, b := &next.Members[0], &next.Members[1]
	a.Identity, b.Identity = b.Identity, a.Identity
	require.NoError(t, alice.makeRound(ctx, own, nil, next, took))
	at := alice.looks(t, id)
	var counts []uint64
	for range 6 {
		_, _ = bob.Group(ctx, id)
		_, _ = carol.Group(ctx, id)
		s, err := alice.client.GetSession(ctx, client.GetSessionParams{SessionID: at.Session})
		require.NoError(t, err)
		counts = append(counts, uint64(s.Session.Messages))
	}
	require.Equal(t, counts[1], counts[5], "%v", counts)
}

// TestAfterARefusedContentOfAGreetingNothingIsTaken: a member's greeting has a proof that is none, and then says that it leaves.
func TestAfterARefusedContentOfAGreetingNothingIsTaken(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	ctx, id := testContext(t), privateGroup(t, alice, bob, carol)
	from, err := carol.JoinGroup(ctx, id)
	require.NoError(t, err)
	defer from.Close()
	s, err := alice.JoinGroup(ctx, id)
	require.NoError(t, err)
	defer s.Close()
	says := func(greeting e2ee.Greeting) (told []Kind, left int) {
		sent, err := from.SendAs(ctx, e2ee.ContentGreeting, greeting.Bytes())
		require.NoError(t, err)
		for _, event := range until(t, s, func(e Event) bool { return e.Sequence == sent.Sequence }) {
			if event.Sequence == sent.Sequence {
				told = append(told, event.Kind)
			}
		}
		return told, len(s.record.Left)
	}
	leaves := e2ee.Said{Type: e2ee.ContentSeats, Content: (&e2ee.Seats{Group: id}).Bytes()}
	told, left := says(e2ee.Greeting{{Type: e2ee.ContentProof, Content: []byte("none")}, leaves})
	require.Equal(t, []Kind{KindRefused}, told)
	require.Zero(t, left)
	proof, err := e2ee.ProveIdentity(carol.config.Identity, carol.chainID, from.ID(), from.self.id)
	require.NoError(t, err)
	told, left = says(e2ee.Greeting{{Type: e2ee.ContentProof, Content: proof.Bytes()}, leaves})
	require.Equal(t, []Kind{KindRevealed, KindGroup}, told)
	require.Equal(t, 1, left)
}
