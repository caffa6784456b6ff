package mailbox

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
)

// TestWhatASessionGaveBackGoesIntoTheNext: one program is told that a session did not take what was
// typed, and ends. The next one that opens the conversation sends it, once, and before anything else.
func TestWhatASessionGaveBackGoesIntoTheNext(t *testing.T) {
	config := testConfig(t)
	alice, bob := opened(t, config), opened(t, testConfig(t))
	toBob, toAlice := Peer{Person: bob.self}, Peer{Person: alice.self}
	first := says(t, alice, toBob, "one")
	c, err := alice.Latest(testContext(t), toBob)
	require.NoError(t, err)
	closes(t, bob, first)
	for _, text := range []string{"two", "three"} {
		_, err = c.Send(testContext(t), []byte(text))
		require.ErrorIs(t, err, messaging.ErrUnsent)
	}
	_, err = c.SendAs(testContext(t), e2ee.ContentProof, []byte("of who somebody is"))
	require.ErrorIs(t, err, messaging.ErrUnsent)
	told, err := c.Fetch(testContext(t))
	require.NoError(t, err)
	require.Len(t, told, 5, "what was announced and said, and what was not sent: %+v", told)
	c.Close()

	alice = opened(t, config)
	require.Equal(t, 2, alice.Outbox(toBob))
	require.Zero(t, alice.Outbox(toAlice))
	second := says(t, alice, toBob, "four")
	require.NotEqual(t, first, second)
	require.Zero(t, alice.Outbox(toBob))
	require.Equal(t, []string{"one", "two", "three", "four"}, texts(t, bob, toAlice))

	closes(t, bob, second)
	says(t, alice, toBob, "five")
	require.Equal(t, []string{"one", "two", "three", "four", "five"}, texts(t, bob, toAlice), "nothing twice")
}

// TestWhatWasResentIsNotSentAgain: a program is killed after the next session has stored what an earlier
// one gave back, and before the outbox is without it.
func TestWhatWasResentIsNotSentAgain(t *testing.T) {
	alice, bob := opened(t, testConfig(t)), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self}
	first := says(t, alice, toBob, "one")
	c, err := alice.Latest(testContext(t), toBob)
	require.NoError(t, err)
	closes(t, bob, first)
	_, err = c.Send(testContext(t), []byte("two"))
	require.ErrorIs(t, err, messaging.ErrUnsent)
	_, err = c.Fetch(testContext(t))
	require.NoError(t, err)
	c.Close()
	kept := alice.entries.Load().Outbox
	next, err := alice.Resume(testContext(t), toBob)
	require.NoError(t, err)
	require.Zero(t, alice.Outbox(toBob))
	require.NoError(t, alice.update(testContext(t), func(e *entries) error { e.Outbox = kept; return nil }))
	_, err = next.Resend(testContext(t))
	require.NoError(t, err)
	next.Close()
	require.Zero(t, alice.Outbox(toBob))
	says(t, alice, toBob, "three")
	require.Equal(t, []string{"one", "two", "three"}, texts(t, bob, Peer{Person: alice.self}))
}

// TestWhatIsProvenIsNotSentAgain: a program that has sent, and ends without having read, leaves nothing
// for the next one to send.
func TestWhatIsProvenIsNotSentAgain(t *testing.T) {
	config := testConfig(t)
	alice, bob := opened(t, config), opened(t, testConfig(t))
	session := says(t, alice, Peer{Person: bob.self}, "one")
	pending, err := opened(t, config).messenger.Pending(session)
	require.NoError(t, err)
	require.False(t, pending)
}

// TestAFullOutboxTakesNoMoreAndSaysSo counts only what may wait there.
func TestAFullOutboxTakesNoMoreAndSaysSo(t *testing.T) {
	config := testConfig(t)
	var warned []error
	config.Warn = func(err error) { warned = append(warned, err) }
	alice, bob := opened(t, config), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self}
	session := says(t, alice, toBob, "one")
	c, err := alice.Join(testContext(t), toBob, session)
	require.NoError(t, err)
	defer c.Close()
	given := func(position uint64, kind messaging.Kind, size int) Entry {
		return Entry{Event: messaging.Event{Kind: kind, Type: e2ee.ContentText, Content: make([]byte, size)}, Session: session, Position: position}
	}
	require.NoError(t, c.putUnsent(testContext(t), []Entry{
		given(1, messaging.KindMessage, maxOutboxBytes), given(2, messaging.KindUnsent, maxOutboxBytes-10), given(3, messaging.KindUnsent, 5), given(4, messaging.KindUnsent, 6),
	}))
	require.Equal(t, 2, alice.Outbox(toBob))
	require.Len(t, warned, 1)
	require.ErrorIs(t, warned[0], ErrOutbox)
}
