package messaging

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

func (p *person) invites(t testing.TB, with *person, text string) Pair {
	t.Helper()
	pair, err := p.Invite(testContext(t), with.Self(), []byte(text))
	require.NoError(t, err)
	require.True(t, pair.Sent)
	return pair
}

// invited returns the one invitation that a person has.
func (p *person) invited(t testing.TB) Invitation {
	t.Helper()
	contacts, strangers, err := p.Invitations(testContext(t))
	require.NoError(t, err)
	require.Len(t, append(contacts, strangers...), 1)
	return append(contacts, strangers...)[0]
}

// answered joins the session that somebody has answered an invitation with.
func (p *person) answered(t testing.TB, by *person) *Session {
	t.Helper()
	pairs, err := p.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	at := slices.IndexFunc(pairs, func(pair Pair) bool { return pair.With == by.Self() })
	require.NotEqual(t, ids.Empty, pairs[at].Session, "it is answered")
	s := p.joins(t, pairs[at].Session)
	require.Equal(t, pairs[at].Self, s.Self())
	return s
}

// TestTwoPeopleTalkInPrivate: from an invitation to somebody who is away, to a session whose
// participants nobody knows.
func TestTwoPeopleTalkInPrivate(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	pair := alice.invites(t, bob, "hello")
	invitation := bob.invited(t)
	require.Equal(t, alice.Self(), invitation.From)
	require.Empty(t, invitation.Content, "a stranger's text is not shown")
	require.WithinDuration(t, time.Now(), invitation.Time, time.Minute)

	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	defer b.Close()
	again, err := bob.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Equal(t, []Pair{{With: alice.Self(), Self: b.Self(), Session: b.ID(), Begun: again[0].Begun, Sent: true}}, again)
	contacts, strangers, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	require.Empty(t, append(contacts, strangers...))
	events := until(t, b, text("hello"))
	require.Equal(t, []Kind{KindRevealed, KindMessage}, []Kind{events[0].Kind, events[1].Kind})
	require.Equal(t, alice.Self(), events[0].Identity)
	require.Equal(t, pair.Self, events[1].Sender)

	a := alice.answered(t, bob)
	require.Equal(t, b.ID(), a.ID())
	require.ElementsMatch(t, []ids.ID{a.Self(), b.Self()}, a.Members())
	sends(t, a, "how are you?")
	events = until(t, a, text("how are you?"))
	require.Equal(t, "hello", events[0].Text())
	require.True(t, events[0].Own)
	revealed := slices.IndexFunc(events, is(KindRevealed))
	require.Equal(t, bob.Self(), events[revealed].Identity)
	sends(t, b, "fine")
	require.Equal(t, []string{"how are you?", "fine"}, texts(until(t, b, text("fine"))))
	require.Equal(t, []string{"fine"}, texts(until(t, a, text("fine"))))
	require.NoError(t, a.Acknowledge(testContext(t), 0))
	require.NoError(t, b.Acknowledge(testContext(t), 0))

	// The chain has two identities that nobody knows, each registered by its first act.
	made, err := alice.made(testContext(t), a.ID())
	require.NoError(t, err)
	require.Equal(t, []ids.ID{b.Self(), a.Self()}, made.Participants)
	require.True(t, made.Single)
	require.Empty(t, made.PublicKeys)
	require.Len(t, made.Metadata, len(Metadata()))
	for i, p := range []*person{bob, alice} {
		require.NotContains(t, made.Participants, p.Self())
		leaves, _, err := alice.identityLeaves(testContext(t), 0, made.Participants[i])
		require.NoError(t, err)
		require.NotNil(t, leaves[made.Participants[i]])
	}

	// And after restarts, from the folders alone.
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
	kept, err := alice.loadPrivate()
	require.NoError(t, err)
	require.Empty(t, kept.Pairs[0].Said, "the session's file has it")
	require.Empty(t, kept.Pairs[0].Seat, "and the secret of the seat")
	a, b = alice.reopened(t).joins(t, a.ID()), bob.reopened(t).joins(t, b.ID())
	sends(t, a, "still there?")
	require.Contains(t, texts(until(t, b, text("still there?"))), "still there?")
	sends(t, b, "yes")
	require.Contains(t, texts(until(t, a, text("yes"))), "yes")
}

// reopened is a person whose program has started again.
func (p *person) reopened(t testing.TB) *person {
	t.Helper()
	again := &person{config: p.config}
	var err error
	again.Messenger, err = Open(testContext(t), p.config)
	require.NoError(t, err)
	return again
}

// TestOneAnswerTakesAllThatWasSaid: who is away gets more than one invitation, and answers them with one session.
// What comes later makes another one, and both sides have the two in the same order.
func TestOneAnswerTakesAllThatWasSaid(t *testing.T) {
	network := newWire(t)
	alice, bob := newPerson(t, network), newPerson(t, nil)
	for _, said := range []string{"one", "two", "three"} {
		alice.invites(t, bob, said)
	}
	draft := &Draft{Origin: "once", Content: []byte("four")}
	for range 2 {
		_, err := alice.InviteAs(testContext(t), bob.Self(), draft)
		require.NoError(t, err)
	}
	pairs, err := alice.Pairs(testContext(t), bob.Self())
	require.NoError(t, err)
	require.Len(t, pairs, 4)
	require.Equal(t, "two", string(pairs[1].Said[0].Content))
	_, _, err = bob.Invitations(testContext(t))
	require.NoError(t, err)
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, alice.Self(), b.With())
	require.Equal(t, []string{"one", "two", "three", "four"}, texts(until(t, b, text("four"))))
	contacts, strangers, err := bob.Invitations(testContext(t))
	require.NoError(t, err)
	require.Empty(t, append(contacts, strangers...))
	_, err = bob.Accept(testContext(t), alice.Self())
	require.ErrorIs(t, err, ErrInvitation)
	sends(t, b, "all of them")

	pairs, err = alice.Pairs(testContext(t), bob.Self())
	require.NoError(t, err)
	require.Equal(t, b.ID(), pairs[0].Session)
	for _, waits := range pairs[1:] {
		require.Empty(t, waits.Said, "the session has it")
	}
	looks := func(days int) (count int) {
		network.set(func(method string) (bool, bool) {
			if method == "sessionvm.ListSessions" {
				count++
			}
			return false, false
		}, nil)
		defer network.set(nil, nil)
		alice.now = func() time.Time { return time.Now().Add(time.Duration(days) * lookPeriod) }
		_, err := alice.Pairs(testContext(t), bob.Self())
		require.NoError(t, err)
		return count
	}
	require.Equal(t, []int{0, 3, 0}, []int{looks(0), looks(1), looks(1)}, "for answers to those that were taken along")
	alice.now = time.Now
	a := alice.joins(t, pairs[0].Session)
	require.Equal(t, []string{"one", "two", "three", "four", "all of them"}, texts(until(t, a, text("all of them"))))
	open, err := alice.SessionOpen(testContext(t), a.ID())
	require.NoError(t, err)
	require.True(t, open)
	open, err = alice.SessionOpen(testContext(t), ids.ID{1})
	require.NoError(t, err)
	require.False(t, open)

	alice.invites(t, bob, "five")
	_, _, err = bob.Invitations(testContext(t))
	require.NoError(t, err)
	next, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	require.NoError(t, next.Close())
	for _, p := range []*person{alice, bob} {
		pairs, err := p.Pairs(testContext(t), ids.Empty)
		require.NoError(t, err)
		require.Equal(t, []ids.ID{b.ID(), next.ID()}, []ids.ID{pairs[0].Session, pairs[1].Session})
	}
}

// TestAnAnswerIsOfWhomWasInvited: who has seen a pseudonym can make a session with it, and show who it
// is itself.
func TestAnAnswerIsOfWhomWasInvited(t *testing.T) {
	alice, bob, mallory := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	bob.invited(t)
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	stolen := *kept.Box[0] // even with all that the invitation says
	require.NoError(t, mallory.updatePrivate(testContext(t), func(kept *privateFile) error {
		kept.Box = append(kept.Box, &stolen)
		return nil
	}))
	false1, err := mallory.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	require.NoError(t, false1.Close())
	pairs, err := alice.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Equal(t, ids.Empty, pairs[0].Session)

	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, b.ID(), alice.answered(t, bob).ID())
}

// TestOtherSessionsOfAPseudonymHideNoAnswer has a stranger who knows it name it in many that can't be one, before the
// answer and after it. None of them is joined.
func TestOtherSessionsOfAPseudonymHideNoAnswer(t *testing.T) {
	alice, bob, stranger := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	pair := alice.invites(t, bob, "hello")
	key := stranger.config.Identity.Public().KEM
	name := func(count int, participants ...ids.ID) {
		deadline, err := stranger.config.Client.Deadline(testContext(t))
		require.NoError(t, err)
		for range count {
			_, err := stranger.act(testContext(t), &chain.CreateSession{
				Creator: stranger.Self(), Participants: participants,
				PublicKeys: slices.Repeat([][]byte{key}, len(participants)), Metadata: Metadata(), Nonce: client.Nonce(), Deadline: deadline,
			})
			require.NoError(t, err)
		}
	}
	name(maxAnswers+1, stranger.Self(), pair.Self, bob.Self())
	name(maxAnswers+1, pair.Self, stranger.Self())
	name(maxAnswers-1, stranger.Self(), pair.Self)
	b, err := bob.Accept(testContext(t), bob.invited(t).From)
	require.NoError(t, err)
	defer b.Close()
	name(30, stranger.Self(), pair.Self)
	require.Equal(t, b.ID(), alice.answered(t, bob).ID())
	files, err := filepath.Glob(filepath.Join(alice.config.Folder, "*"+sessionSuffix(pair.Self)))
	require.NoError(t, err)
	require.Len(t, files, 1)
}

// TestAnInvitationIsSentOnceThoughTheConnectionIsLost before a node has it, and after.
func TestAnInvitationIsSentOnceThoughTheConnectionIsLost(t *testing.T) {
	issue := func(method string) bool { return method == "sessionvm.IssueTransaction" }
	for name, lose := range map[string]func(string) (bool, bool){
		"before": func(method string) (bool, bool) { return issue(method), false },
		"after":  func(method string) (bool, bool) { return false, issue(method) },
	} {
		network := newWire(t)
		alice, bob := newPerson(t, network), newPerson(t, nil)
		network.set(lose, nil)
		_, err := alice.Invite(testContext(t), bob.Self(), []byte("hello"))
		require.ErrorIs(t, err, ErrQueued, name)
		network.set(nil, nil)
		alice = alice.reopened(t)
		pairs, err := alice.Pairs(testContext(t), ids.Empty)
		require.NoError(t, err)
		require.Len(t, pairs, 1)
		require.True(t, pairs[0].Sent)
		bob.invited(t)

		// The same with the answer.
		other := newWire(t)
		bob.config.Client = connect(t, other)
		bob = bob.reopened(t)
		other.set(lose, nil)
		_, err = bob.Accept(testContext(t), alice.Self())
		require.ErrorIs(t, err, errLost)
		other.set(nil, nil)
		bob = bob.reopened(t)
		_, err = bob.Pairs(testContext(t), ids.Empty)
		require.NoError(t, err)
		b := bob.answered(t, alice)
		until(t, b, text("hello"))
		require.NoError(t, b.Close())
		require.Equal(t, b.ID(), alice.answered(t, bob).ID())
	}
}

// TestAnAnswerThatWasMadeAnewIsTheFirstOne: the transaction of the answer is on the chain, no node has said
// so, and another one has taken its place.
func TestAnAnswerThatWasMadeAnewIsTheFirstOne(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	b, err := bob.Accept(testContext(t), bob.invited(t).From)
	require.NoError(t, err)
	require.NoError(t, b.Close())
	require.NoError(t, bob.updatePrivate(testContext(t), func(kept *privateFile) error {
		kept.Pairs[0].Session = ids.Empty // and Create is nil: another one is made
		return nil
	}))
	_, err = bob.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	pairs, err := bob.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Equal(t, b.ID(), pairs[0].Session)
}

// TestAnAnswerThatANodeSwallowsIsMadeByAnother: that the chain has it is seen before what makes it is forgotten.
func TestAnAnswerThatANodeSwallowsIsMadeByAnother(t *testing.T) {
	network := newWire(t)
	alice, bob := newPerson(t, nil), newPerson(t, network)
	alice.invites(t, bob, "hello")
	bob.invited(t)
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	pseudonym := false // registered before: what carries a registration is not sent by IssueTransaction
	bob.savePrivate = func(kept *privateFile) error {
		if len(kept.Pairs) == 1 && !pseudonym {
			pseudonym = true
			self, err := bob.actorFor(kept.Pairs[0])
			require.NoError(t, err)
			public := self.identity.Public()
			_, err = alice.config.Client.RegisterIdentity(testContext(t), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA})
			require.NoError(t, err)
		}
		return bob.private.SaveJSON(kept)
	}
	require.Len(t, kept.Box, 1)
	network.swallow = true
	_, err = bob.Accept(testContext(t), alice.Self())
	require.Error(t, err)
	pairs, err := bob.Pairs(testContext(t), ids.Empty)
	require.Error(t, err)
	require.False(t, pairs[0].Sent)
	network.swallow = false
	bob = bob.reopened(t)
	pairs, err = bob.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.True(t, pairs[0].Sent)
	require.Equal(t, pairs[0].Session, alice.answered(t, bob).ID())
}

// TestNoTwoFoldersUseOnePseudonym though they are of one identity and begin at the same time, or one is a copy.
func TestNoTwoFoldersUseOnePseudonym(t *testing.T) {
	alice := newPerson(t, nil)
	used := make(map[ids.ID]bool)
	for range 2 {
		kept := new(privateFile)
		for range 3 {
			p := new(pair)
			require.NoError(t, kept.add(alice.Messenger, p))
			require.False(t, used[p.Self])
			used[p.Self] = true
		}
	}
}

// TestAPrivateFileIsForOneIdentity: it has secrets, and is sealed.
func TestAPrivateFileIsForOneIdentity(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "a text to look for")
	content, err := os.ReadFile(alice.private.Path())
	require.NoError(t, err)
	require.NotContains(t, string(content), "text")
	require.NoError(t, os.WriteFile(bob.private.Path(), content, 0o600))
	_, err = bob.Pairs(testContext(t), ids.Empty)
	require.ErrorIs(t, err, ErrFile)
	_, err = bob.Join(testContext(t), ids.ID{7})
	require.ErrorIs(t, err, ErrFile)
}

func TestWhatCannotBeInvited(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	_, err := alice.Invite(testContext(t), alice.Self(), nil)
	require.ErrorIs(t, err, ErrConfig)
	_, err = alice.Invite(testContext(t), bob.Self(), []byte(strings.Repeat("a", e2ee.MaxInvitationContent+1)))
	require.ErrorIs(t, err, e2ee.ErrSize)
	_, err = alice.Invite(testContext(t), ids.ID{1}, nil)
	require.ErrorIs(t, err, ErrPrekey)
	pairs, err := alice.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Empty(t, pairs)
}
