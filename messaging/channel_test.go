package messaging

import (
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
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
	require.ErrorIs(t, err, refusal.ErrNotParticipant)
	_, err = removed.JoinChannel(testContext(t), channel)
	require.ErrorIs(t, err, refusal.ErrNotMember)
	_, err = first.Send(testContext(t), []byte("to those of before"))
	require.ErrorIs(t, err, ErrUnsent)
	require.ErrorIs(t, err, refusal.ErrSessionClosed)
	require.NoError(t, first.Close())

	joined := newPerson(t, nil)
	third, err := owner.AddMember(testContext(t), channel, joined.Self())
	require.NoError(t, err)
	sends(t, third, "welcome")
	s := joined.joinsChannel(t, channel)
	require.Equal(t, []string{"welcome"}, texts(until(t, s, text("welcome"))))
	_, err = joined.Join(testContext(t), second.ID())
	require.ErrorIs(t, err, refusal.ErrNotParticipant)
	sessions, err := owner.ChannelSessions(testContext(t), channel, ids.Empty)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{first.ID(), second.ID(), third.ID()}, sessions)
	sessions, err = owner.ChannelSessions(testContext(t), channel, second.ID())
	require.NoError(t, err)
	require.Equal(t, []ids.ID{third.ID()}, sessions)
	sessions, err = removed.ChannelSessions(testContext(t), channel, ids.Empty)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{first.ID()}, sessions, "what it was in")
	require.NoError(t, second.Close())
	require.NoError(t, third.Close())
}

// TestNoMemberChangesWhoReads has a member try what it can: to bring somebody in, to leave somebody
// out, to make a session beside the one in use, one that is older, or one of its own. The chain
// refuses all of it, and the group goes on.
func TestNoMemberChangesWhoReads(t *testing.T) {
	owner, member, other, stranger := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), member.Self(), other.Self())
	require.NoError(t, err)
	sends(t, first, "one")
	_, err = member.AddMember(testContext(t), channel, stranger.Self())
	require.ErrorIs(t, err, refusal.ErrNotOwner)
	_, err = member.RemoveMember(testContext(t), channel, other.Self())
	require.ErrorIs(t, err, refusal.ErrNotOwner)
	require.ErrorIs(t, member.TransferChannel(testContext(t), channel, member.Self()), refusal.ErrNotOwner)

	makes := func(version uint64, previous ids.ID, participants ...*person) error {
		deadline, err := member.config.Client.Deadline(testContext(t))
		require.NoError(t, err)
		body := &chain.CreateSession{Creator: member.self, Channel: channel.ID, ChannelVersion: version, Previous: previous, Metadata: Metadata(), Nonce: client.Nonce(), Deadline: deadline}
		for _, p := range participants {
			body.Participants, body.PublicKeys = append(body.Participants, p.self), append(body.PublicKeys, p.config.Identity.Public().KEM)
		}
		_, err = member.act(testContext(t), body)
		return err
	}
	require.ErrorIs(t, makes(1, first.ID(), owner, member, other), refusal.ErrSessionInUse)
	_, err = owner.act(testContext(t), &chain.CloseSession{Session: first.ID(), Participant: owner.self})
	require.NoError(t, err)
	require.ErrorIs(t, makes(1, first.ID(), owner, member), refusal.ErrNotMember, "it drops a member")
	require.ErrorIs(t, makes(1, first.ID(), owner, member, other, stranger), refusal.ErrNotMember, "it brings one in")
	require.ErrorIs(t, makes(1, first.ID(), owner, member, stranger), refusal.ErrNotMember)
	require.ErrorIs(t, makes(1, ids.Empty, owner, member, other), refusal.ErrPreviousSession, "a group of its own")
	require.ErrorIs(t, makes(2, first.ID(), owner, member, other), refusal.ErrChannelVersion)
	second := other.joinsChannel(t, channel)
	sends(t, second, "two")
	for _, p := range []*person{owner, member} {
		s := p.joinsChannel(t, channel)
		require.Equal(t, second.ID(), s.ID())
		until(t, s, text("two"))
	}
	require.NoError(t, first.Close())
}

// TestAnOwnerHandsAGroupOver: the next owner changes the members, and the one of before does not.
func TestAnOwnerHandsAGroupOver(t *testing.T) {
	owner, next, joined := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), next.Self())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, first.Close()) })
	require.NoError(t, owner.TransferChannel(testContext(t), channel, next.Self()))
	of, err := next.ChannelState(testContext(t), channel)
	require.NoError(t, err)
	require.Equal(t, next.Self(), of.Owner)
	require.True(t, of.Open, "the session goes on")
	require.Equal(t, first.ID(), of.Session)
	_, err = owner.AddMember(testContext(t), channel, joined.Self())
	require.ErrorIs(t, err, refusal.ErrNotOwner)
	second, err := next.AddMember(testContext(t), channel, joined.Self())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, second.Close()) })
	require.Equal(t, []ids.ID{owner.Self(), next.Self(), joined.Self()}, second.Members())
	gone, err := owner.RemoveMember(testContext(t), channel, owner.Self())
	require.NoError(t, err)
	require.Nil(t, gone)
	third := joined.joinsChannel(t, channel)
	require.Equal(t, []ids.ID{next.Self(), joined.Self()}, third.Members())

	_, err = next.RemoveMember(testContext(t), channel, next.Self())
	require.NoError(t, err)
	_, err = joined.ChannelState(testContext(t), channel)
	require.ErrorIs(t, err, refusal.ErrUnknownChannel, "it ends with its owner")
	_, err = third.Send(testContext(t), []byte("to nobody"))
	require.ErrorIs(t, err, ErrUnsent)
}

// TestMembersMakeTheNextSessionAtOnce: all find themselves in one.
func TestMembersMakeTheNextSessionAtOnce(t *testing.T) {
	owner, member, other := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), member.Self(), other.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	_, err = owner.act(testContext(t), &chain.CloseSession{Session: first.ID(), Participant: owner.self})
	require.NoError(t, err)
	joined := make(chan ids.ID, 3)
	for _, p := range []*person{owner, member, other} {
		go func() {
			s, err := p.JoinChannel(testContext(t), channel)
			if err != nil {
				t.Error(err)
				joined <- ids.Empty
				return
			}
			joined <- s.ID()
			_ = s.Close()
		}()
	}
	one, two, three := <-joined, <-joined, <-joined
	require.Equal(t, one, two)
	require.Equal(t, two, three)
	require.NotEqual(t, first.ID(), one)
}

// TestAMemberThatIsNotThereKeepsNobodyOut: one that has never registered, and so has no keys that
// anybody knows. It is warned of, and it reads once it is there.
func TestAMemberThatIsNotThereKeepsNobodyOut(t *testing.T) {
	owner, member := newPerson(t, nil), newPerson(t, nil)
	identity, err := pq.GenerateIdentity()
	require.NoError(t, err)
	absent := ids.ID(identity.ID())
	channel, first, err := owner.NewChannel(testContext(t), member.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	_, err = owner.act(testContext(t), &chain.AddMember{Channel: channel.ID, Owner: owner.self, Member: absent, Version: 1})
	require.NoError(t, err)
	var warned []error
	owner.Messenger.config.Warn = func(err error) { warned = append(warned, err) }
	s := owner.joinsChannel(t, channel)
	require.Contains(t, s.Members(), absent)
	sends(t, s, "without the one who is not there")
	require.Len(t, warned, 1)
	require.ErrorIs(t, warned[0], ErrPrekey)
	of := member.joinsChannel(t, channel)
	until(t, of, text("without the one who is not there"))

	there := &person{config: Config{Identity: identity, Folder: t.TempDir(), Poll: 20 * time.Millisecond, Client: connect(t, nil)}}
	there.Messenger, err = Open(testContext(t), there.config)
	require.NoError(t, err)
	now := there.joinsChannel(t, channel)
	events := until(t, now, is(KindRefused))
	require.ErrorIs(t, events[0].Err, e2ee.ErrPrekey)
	sends(t, now, "here I am")
	for _, other := range []*Session{s, of} {
		until(t, other, text("here I am"))
		sends(t, other, "welcome")
	}
	require.Contains(t, texts(until(t, now, text("welcome"))), "welcome")
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
	require.Equal(t, []Event{unsent(64, "two"), unsent(0, "three")}, events)
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
	before, err := owner.ChannelSessions(testContext(t), channel, ids.Empty)
	require.NoError(t, err)
	calls := map[string]int{}
	network.set(func(method string) (bool, bool) { calls[method]++; return false, false }, nil)
	after, err := owner.ChannelSessions(testContext(t), channel, ids.Empty)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.Equal(t, map[string]int{"sessionvm.GetStateProof": 2}, calls)
}

// TestANodeShowsAChannelAsItIs: its members, its owner and its latest session are proven, and a
// state of before is found out by who has seen a later one.
func TestANodeShowsAChannelAsItIs(t *testing.T) {
	network := newWire(t)
	owner, member, removed := newPerson(t, nil), newPerson(t, network), newPerson(t, nil)
	channel, first, err := owner.NewChannel(testContext(t), member.Self(), removed.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	var answers [][]byte
	network.set(nil, func(method string, result []byte) []byte {
		if method == "sessionvm.GetStateProof" {
			answers = append(answers, result)
		}
		return result
	})
	of, err := member.ChannelState(testContext(t), channel)
	require.NoError(t, err)
	require.Equal(t, owner.Self(), of.Owner)
	network.set(nil, nil)
	second, err := owner.RemoveMember(testContext(t), channel, removed.Self())
	require.NoError(t, err)
	require.NoError(t, second.Close())
	now, err := member.ChannelState(testContext(t), channel)
	require.NoError(t, err)
	require.Greater(t, now.Number, of.Number)

	channel.Seen = now.Number
	at := 0
	network.set(nil, func(method string, result []byte) []byte {
		if method == "sessionvm.GetStateProof" {
			at++
			return answers[(at-1)%len(answers)]
		}
		return result
	})
	_, err = member.JoinChannel(testContext(t), channel)
	require.ErrorIs(t, err, ErrBehind)
	key := chain.ChannelKey(channel.ID)
	forged := &chain.Channel{Owner: removed.Self(), Members: []ids.ID{removed.Self(), member.Self()}, Version: 9, Number: 1 << 20, Created: 1, Active: 1}
	proof := treeProof(t, member.chainID, map[string][]byte{string(key): forged.Bytes()})
	network.set(nil, falsely(t, "GetStateProof", func(r *client.GetStateProofResult) { r.Proof = proof }))
	_, err = member.ChannelState(testContext(t), channel)
	require.ErrorIs(t, err, ErrNode)
	network.set(nil, nil)
	s := member.joinsChannel(t, channel)
	require.Equal(t, second.ID(), s.ID())
}
