package messaging

import (
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

// joinsChannel joins the session of a channel that is in use.
func (p *person) joinsChannel(t testing.TB, channel Channel) *Session {
	t.Helper()
	s, err := p.JoinChannel(testContext(t), channel)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestARemovedMemberReadsNothingMoreAndANewOneNothingOfBefore(t *testing.T) {
	var five []*person
	var others []ids.ID
	for range 5 {
		five = append(five, newPerson(t, nil))
		others = append(others, five[len(five)-1].Self())
	}
	owner := five[0]
	channel, first, err := owner.NewChannel(testContext(t), others[1:]...)
	require.NoError(t, err)
	require.Equal(t, channel.ID, first.Channel())
	require.Equal(t, owner.Self(), first.Creator())
	sends(t, first, "all five")
	for _, member := range five[1:] {
		until(t, member.joinsChannel(t, channel), text("all five"))
	}

	removed := five[4]
	second, err := owner.RemoveMember(testContext(t), channel, removed.Self())
	require.NoError(t, err)
	require.ElementsMatch(t, others[:4], second.Members())
	sends(t, second, "four of us")
	for _, member := range five[1:4] {
		s := member.joinsChannel(t, channel)
		require.Equal(t, second.ID(), s.ID())
		until(t, s, text("four of us"))
	}
	_, err = removed.Join(testContext(t), second.ID())
	require.ErrorIs(t, err, chain.ErrNotParticipant)
	_, err = removed.JoinChannel(testContext(t), channel)
	require.ErrorIs(t, err, chain.ErrNotMember)
	_, err = first.Send(testContext(t), []byte("to those of before"))
	require.ErrorIs(t, err, ErrUnsent)
	require.ErrorIs(t, err, chain.ErrSessionClosed)
	require.NoError(t, first.Close())

	joined := newPerson(t, nil)
	third, err := owner.AddMember(testContext(t), channel, joined.Self())
	require.NoError(t, err)
	sends(t, third, "welcome")
	s := joined.joinsChannel(t, channel)
	require.Equal(t, []string{"welcome"}, texts(until(t, s, text("welcome"))))
	_, err = joined.Join(testContext(t), second.ID())
	require.ErrorIs(t, err, chain.ErrNotParticipant)
	sessions, err := owner.ChannelSessions(testContext(t), channel)
	require.NoError(t, err)
	require.Len(t, sessions, 3)
	require.NoError(t, second.Close())
	require.NoError(t, third.Close())
}

func TestNobodyButTheOwnerBringsAnybodyIn(t *testing.T) {
	owner, member, stranger := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), member.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	// The chain lets a member make a session with any members; with another owner on the node's
	// word it counts for nobody who knows the owner.
	another, theirs, err := member.NewChannel(testContext(t), owner.Self(), stranger.Self())
	require.NoError(t, err)
	require.NoError(t, theirs.Close())
	sessions, err := owner.ChannelSessions(testContext(t), Channel{ID: another.ID, Owner: owner.Self()})
	require.NoError(t, err)
	require.Empty(t, sessions)

	_, err = member.AddMember(testContext(t), channel, stranger.Self())
	require.ErrorIs(t, err, chain.ErrNotOwner)
	require.True(t, renews(&founding{creator: member.Self(), participants: []ids.ID{member.Self(), owner.Self()}}, []ids.ID{owner.Self(), member.Self()}))
	require.False(t, renews(&founding{creator: member.Self(), participants: []ids.ID{member.Self(), owner.Self(), stranger.Self()}}, []ids.ID{owner.Self(), member.Self()}))
	require.False(t, renews(&founding{creator: stranger.Self(), participants: []ids.ID{owner.Self()}}, []ids.ID{owner.Self(), member.Self()}))
	require.False(t, renews(&founding{participants: []ids.ID{owner.Self()}}, []ids.ID{owner.Self(), member.Self()}), "a plain session")
}

func TestAMemberThatLeavesIsLeftOutOfTheNextSession(t *testing.T) {
	owner, member, leaver := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), member.Self(), leaver.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	gone, err := leaver.RemoveMember(testContext(t), channel, leaver.Self())
	require.NoError(t, err)
	require.Nil(t, gone)
	next := member.joinsChannel(t, channel)
	require.NotEqual(t, first.ID(), next.ID())
	require.ElementsMatch(t, []ids.ID{owner.Self(), member.Self()}, next.Members())
	require.Equal(t, next.ID(), owner.joinsChannel(t, channel).ID(), "a member made it, and it adds nobody")
}

func TestWhatAClosedSessionDoesNotTakeComesBack(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	until(t, alice, text("one"))
	network.set(func(method string) (bool, bool) { return method == "sessionvm.IssueTransaction", false }, nil)
	_, err := alice.SendAs(testContext(t), e2ee.ContentType(64), []byte("two"))
	require.ErrorIs(t, err, ErrQueued)
	network.set(nil, nil)
	_, err = bob.m.act(testContext(t), &chain.CloseSession{Session: bob.ID(), Participant: bob.m.self})
	require.NoError(t, err)
	_, err = alice.Send(testContext(t), []byte("three"))
	require.ErrorIs(t, err, ErrUnsent)
	require.NotErrorIs(t, err, ErrQueued)
	events, err := alice.Receive(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []Event{&Unsent{Type: 64, Content: []byte("two")}, &Unsent{Content: []byte("three")}}, events)
	events, err = alice.Check(testContext(t))
	require.NoError(t, err)
	require.Empty(t, events)
}

func TestAnEventKeepsItsPosition(t *testing.T) {
	members, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	events, err := bob.Check(testContext(t))
	require.NoError(t, err)
	require.Empty(t, events)
	require.Zero(t, bob.Position())
	sends(t, alice, "one")
	events, err = bob.Check(testContext(t))
	require.NoError(t, err)
	require.Len(t, events, 2)
	require.Equal(t, uint64(2), bob.Position())
	require.NoError(t, bob.Close())
	bob = members[1].joins(t, bob.ID())
	again, err := bob.Check(testContext(t))
	require.NoError(t, err)
	require.Len(t, again, 2, "they are returned until the next call")
	require.Equal(t, uint64(2), bob.Position())
	sends(t, alice, "two")
	again, err = bob.Check(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []string{"two"}, texts(again))
	require.Equal(t, uint64(3), bob.Position())
}

// TestANodeCannotAddAReader: who takes part is in the transaction that made the session, to which its
// ID commits.
func TestANodeCannotAddAReader(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	mallory := newPerson(t, nil)
	id := sessions[0].ID()
	network.set(nil, falsely(t, "GetSession", func(r *client.GetSessionResult) {
		r.Session.Participants = []ids.ID{mallory.Self(), members[1].Self()}
		r.Session.PublicKeys[0] = mallory.config.Identity.Public().KEM
		r.Session.Creator = mallory.Self()
	}))
	bob := newPersonOf(t, members[1]).joins(t, id)
	require.Equal(t, sessions[0].Members(), bob.Members())
	require.Equal(t, sessions[0].Creator(), bob.Creator())
	network.set(nil, falsely(t, "GetSession", func(r *client.GetSessionResult) { r.Session.TransactionID = ids.ID{1} }))
	_, err := newPersonOf(t, members[1]).Join(testContext(t), id)
	require.ErrorIs(t, err, ErrNode)
}

// newPersonOf is the same identity with an empty folder.
func newPersonOf(t testing.TB, of *person) *person {
	t.Helper()
	p := &person{config: of.config}
	p.config.Folder = t.TempDir()
	var err error
	p.Messenger, err = Open(testContext(t), p.config)
	require.NoError(t, err)
	return p
}

func TestASessionOfAChannelIsLookedUpOnce(t *testing.T) {
	network := newWire(t)
	owner, member := newPerson(t, network), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), member.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	before, err := owner.ChannelSessions(testContext(t), channel)
	require.NoError(t, err)
	calls := map[string]int{}
	network.set(func(method string) (bool, bool) { calls[method]++; return false, false }, nil)
	after, err := owner.ChannelSessions(testContext(t), channel)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.Equal(t, map[string]int{"sessionvm.ListSessions": 1}, calls)
}

func TestANodeCannotShowAChannelAsItWasBefore(t *testing.T) {
	network := newWire(t)
	owner, member, removed := newPerson(t, nil), newPerson(t, network), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), member.Self(), removed.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	second, err := owner.RemoveMember(testContext(t), channel, removed.Self())
	require.NoError(t, err)
	require.NoError(t, second.Close())
	channel.Latest = second.ID()
	hides := func(r *client.ListSessionsResult) {
		r.Sessions = slices.DeleteFunc(r.Sessions, func(s client.SessionSummary) bool { return s.ID == second.ID() })
		for i := range r.Sessions {
			r.Sessions[i].Status = "active"
		}
	}
	reorders := func(r *client.ListSessionsResult) {
		slices.Reverse(r.Sessions)
		for i := range r.Sessions {
			r.Sessions[i].Status = "active"
		}
	}
	network.set(nil, falsely(t, "ListSessions", hides))
	_, err = member.JoinChannel(testContext(t), channel)
	require.ErrorIs(t, err, ErrWithheld)

	// The deadlines that their maker signed tell an old one from a new one, if they are far apart.
	network.set(nil, falsely(t, "ListSessions", reorders))
	sessions := []ChannelSession{{ID: second.ID(), made: time.Now()}, {ID: first.ID(), made: time.Now().Add(-24 * time.Hour)}}
	require.ErrorIs(t, member.checkLatest(channel, sessions), ErrNode)
	network.set(nil, nil)
	s := member.joinsChannel(t, channel)
	require.Equal(t, second.ID(), s.ID())

	// Long after, the chain may have forgotten the last one that is known.
	member.now = func() time.Time { return time.Now().Add(40 * 24 * time.Hour) }
	require.NoError(t, member.checkLatest(channel, nil))
}
