package messaging

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2ee"
)

// TestAnAnswerSaysSomethingAtOnce: the proof of who answers and a text are one message, and both sides have both.
func TestAnAnswerSaysSomethingAtOnce(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	bob.invited(t)
	draft := &Draft{Origin: "once", Content: []byte("fine")}
	b, sent, err := bob.AcceptWith(testContext(t), alice.Self(), draft)
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, uint64(1), sent.Sequence, "with the announcement")
	stored, err := b.Enqueue(draft)
	require.NoError(t, err)
	require.Equal(t, 1, stored)
	require.False(t, b.Pending(), "it is stored once")

	a := alice.answered(t, bob)
	for side, s := range []*Session{a, b} {
		events := until(t, s, text("fine"))
		at := slices.IndexFunc(events, text("fine"))
		require.Equal(t, KindRevealed, events[at-1].Kind)
		require.Equal(t, bob.Self(), events[at-1].Identity)
		require.Equal(t, uint64(1), events[at-1].Sequence)
		require.Equal(t, uint64(1), events[at].Sequence)
		require.Equal(t, side == 1, events[at].Own)
	}
	_, _, err = bob.AcceptWith(testContext(t), alice.Self(), draft)
	require.ErrorIs(t, err, ErrInvitation)
	for _, p := range []*person{alice, bob} { // by which both order their sessions
		kept, err := p.loadPrivate()
		require.NoError(t, err)
		require.Equal(t, b.record.created(), kept.Pairs[0].Made)
	}
}

// TestWhatDoesNotFitIntoAnAnswerFollowsIt, and more than a message has is refused before anything is made.
func TestWhatDoesNotFitIntoAnAnswerFollowsIt(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	bob.invited(t)
	_, _, err := bob.AcceptWith(testContext(t), alice.Self(), &Draft{Content: make([]byte, e2ee.MaxContent+1)})
	require.ErrorIs(t, err, e2ee.ErrSize)
	long := strings.Repeat("x", e2ee.MaxContent)
	b, sent, err := bob.AcceptWith(testContext(t), alice.Self(), &Draft{Content: []byte(long)})
	require.NoError(t, err)
	defer b.Close()
	require.Equal(t, uint64(2), sent.Sequence)
	require.Equal(t, []string{"hello", long}, texts(until(t, alice.answered(t, bob), text(long))))
}

// TestAnAnswerThatWaitsSaysAllThatWasSaid: what is said while a delay has it wait goes with it, each once.
func TestAnAnswerThatWaitsSaysAllThatWasSaid(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	bob.invited(t)
	bob.config.Delay, bob.Messenger.config.Delay = time.Hour, time.Hour
	for _, said := range []string{"one", "two", "two"} {
		_, _, err := bob.AcceptWith(testContext(t), alice.Self(), &Draft{Origin: said, Content: []byte(said)})
		require.ErrorIs(t, err, ErrQueued)
	}
	bob.Messenger.config.Delay = 0
	require.NoError(t, bob.updatePrivate(testContext(t), func(kept *privateFile) error { kept.Pairs[0].Due = time.Time{}; return nil }))
	_, err := bob.Pairs(testContext(t), ids.Empty)
	require.NoError(t, err)
	require.Equal(t, []string{"hello", "one", "two"}, texts(until(t, alice.answered(t, bob), text("two"))))
	kept, err := bob.loadPrivate()
	require.NoError(t, err)
	require.Empty(t, kept.Pairs[0].Answer, "the session's file has it")
}

// TestAnAnswerThatWasNotSentGivesBackWhatItSays: the proof is of use in no other session.
func TestAnAnswerThatWasNotSentGivesBackWhatItSays(t *testing.T) {
	r := new(record)
	answer := &e2ee.Answer{Signature: make([]byte, 3309), Type: e2ee.ContentTitle}
	r.addUnsent(e2ee.ContentAnswer, answer.Bytes())
	require.Empty(t, r.Inbox)
	answer.Content = []byte("a title")
	r.addUnsent(e2ee.ContentAnswer, answer.Bytes())
	require.Equal(t, []Event{{Kind: KindUnsent, Own: true, Type: e2ee.ContentTitle, Content: []byte("a title")}}, r.Inbox)
}

// TestAnAnswerIsOneOfWhoMadeThePrivateSession: what the inviter sends as one proves nothing, nor does one in a public session.
func TestAnAnswerIsOneOfWhoMadeThePrivateSession(t *testing.T) {
	t.Parallel()
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	alice.invites(t, bob, "hello")
	bob.invited(t)
	b, err := bob.Accept(testContext(t), alice.Self())
	require.NoError(t, err)
	defer b.Close()
	a := alice.answered(t, bob)
	answer, err := e2ee.AnswerAs(alice.config.Identity, alice.chainID, a.ID(), a.self.id, e2ee.ContentText, []byte("me"))
	require.NoError(t, err)
	_, err = a.SendAs(testContext(t), e2ee.ContentAnswer, answer.Bytes())
	require.NoError(t, err)
	own, err := a.Check(testContext(t))
	require.NoError(t, err)
	require.False(t, slices.ContainsFunc(own, func(e Event) bool { return e.Kind == KindRevealed && e.Own }))
	refused := until(t, b, is(KindRefused))
	require.ErrorIs(t, refused[len(refused)-1].Err, e2ee.ErrProof)

	_, public := group(t, 2)
	_, err = public[0].SendAs(testContext(t), e2ee.ContentAnswer, answer.Bytes())
	require.NoError(t, err)
	refused = until(t, public[1], is(KindRefused))
	require.ErrorIs(t, refused[len(refused)-1].Err, e2ee.ErrProof)
}
