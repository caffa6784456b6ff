package mailbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
)

// givesBack has bob close a session in which alice has said something. The session is to give back what she
// says after that, once it is received.
func givesBack(t *testing.T, alice, bob *Mailbox, taken string, unsent ...string) *Conversation {
	t.Helper()
	toBob := Peer{Person: bob.self, Public: true}
	says(t, alice, toBob, taken)
	c, err := alice.Latest(testContext(t), toBob)
	require.NoError(t, err)
	closes(t, bob, c.ID())
	for _, text := range unsent {
		_, err = c.Send(testContext(t), []byte(text))
		require.ErrorIs(t, err, messaging.ErrUnsent)
	}
	return c
}

// TestWhatASessionGaveBackGoesIntoTheNext: one program is told that a session did not take what was
// typed, and ends. The next one that opens the conversation sends it, once, and before anything else.
func TestWhatASessionGaveBackGoesIntoTheNext(t *testing.T) {
	config := testConfig(t)
	alice, bob := opened(t, config), opened(t, testConfig(t))
	toBob, toAlice := Peer{Person: bob.self, Public: true}, Peer{Person: alice.self, Public: true}
	c := givesBack(t, alice, bob, "one", "two", "three")
	first := c.ID()
	_, err := c.SendAs(testContext(t), e2ee.ContentProof, []byte("of who somebody is"))
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
	toBob := Peer{Person: bob.self, Public: true}
	c := givesBack(t, alice, bob, "one", "two")
	_, err := c.Fetch(testContext(t))
	require.NoError(t, err)
	c.Close()
	kept := slices.Clone(alice.entries.Load().Outbox)
	next, err := alice.Resume(testContext(t), toBob)
	require.NoError(t, err)
	require.Zero(t, alice.Outbox(toBob))
	kept[0].Next = next.ID()
	require.NoError(t, alice.update(testContext(t), func(e *entries) error { e.Outbox = kept; return nil }))
	_, err = next.Resend(testContext(t))
	require.NoError(t, err)
	require.Zero(t, alice.Outbox(toBob))

	// The next session has delivered it, and is over.
	require.NoError(t, alice.update(testContext(t), func(e *entries) error { e.Outbox = kept; return nil }))
	next.Close()
	closes(t, bob, next.ID())
	require.NotEqual(t, next.ID(), says(t, alice, toBob, "three"))
	require.Zero(t, alice.Outbox(toBob))
	require.Equal(t, []string{"one", "two", "three"}, texts(t, bob, Peer{Person: alice.self, Public: true}))
}

// TestWhatNamesANextSessionGoesThere: a program is killed after it has named the next session, and before
// that stores anything. That one is over by then, and gives it back.
func TestWhatNamesANextSessionGoesThere(t *testing.T) {
	alice, bob := opened(t, testConfig(t)), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self, Public: true}
	c := givesBack(t, alice, bob, "one", "two")
	_, err := c.Fetch(testContext(t))
	require.NoError(t, err)
	c.Close()
	session, err := alice.messenger.NewSession(testContext(t), bob.self)
	require.NoError(t, err)
	next, err := alice.converse(toBob, session)
	require.NoError(t, err)
	require.NoError(t, next.claim(testContext(t)))
	next.Close()
	closes(t, bob, next.ID())
	says(t, alice, toBob, "three")
	require.Equal(t, []string{"one", "two", "three"}, texts(t, bob, Peer{Person: alice.self, Public: true}))
}

// TestWhatLeavesTheOutboxLaterIsSentOnce: a session that is over stores what names it as its next, and the
// address book can't be written for a moment.
func TestWhatLeavesTheOutboxLaterIsSentOnce(t *testing.T) {
	config := testConfig(t)
	alice, bob := opened(t, config), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self, Public: true}
	c := givesBack(t, alice, bob, "one", "two")
	_, err := c.Fetch(testContext(t))
	require.NoError(t, err)
	c.Close()
	next, err := alice.Resume(testContext(t), toBob)
	require.NoError(t, err)
	obstacle := alice.file.Path() + ".next"
	require.NoError(t, alice.update(testContext(t), func(e *entries) error {
		e.Outbox = append(e.Outbox, unsent{Chain: alice.chainID, Peer: toBob, Origin: "of before", Next: next.ID(), Type: e2ee.ContentText, Content: []byte("three")})
		return nil
	}))
	next.Close()
	closes(t, bob, next.ID())

	config.Client, err = client.New(TestURL, client.Options{HTTPClient: &http.Client{Transport: asking(func() { _ = os.Remove(obstacle) })}})
	require.NoError(t, err)
	alice = opened(t, config)
	next, err = alice.Join(testContext(t), toBob, next.ID())
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(obstacle, 0o700))
	require.ErrorIs(t, next.empty(testContext(t)), messaging.ErrStore)
	require.NoError(t, os.Remove(obstacle))
	next.Close()
	says(t, alice, toBob, "four")
	require.Zero(t, alice.Outbox(toBob))
	require.Equal(t, []string{"one", "two", "three", "four"}, texts(t, bob, Peer{Person: alice.self, Public: true}))
}

// asking is called before each request.
type asking func()

func (a asking) RoundTrip(request *http.Request) (*http.Response, error) {
	a()
	return http.DefaultTransport.RoundTrip(request)
}

// TestWhatIsGivenBackAfterTheProgramEndsIsSentOnce: a program is killed before it is told what a session
// did not take, and the next one between its writes of the address book and of the history.
func TestWhatIsGivenBackAfterTheProgramEndsIsSentOnce(t *testing.T) {
	config := testConfig(t)
	alice, bob := opened(t, config), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self, Public: true}
	c := givesBack(t, alice, bob, "one", "two")
	first := c.ID()
	c.Close()
	alice = opened(t, config)
	c, err := alice.Join(testContext(t), toBob, first)
	require.NoError(t, err)
	for {
		events, err := c.Session.Check(testContext(t))
		if len(events) == 0 || events[0].Kind == messaging.KindUnsent {
			require.NoError(t, err)
			require.NoError(t, c.putUnsent(testContext(t), c.history.fresh(events, c.Position())))
			break
		}
		_, err = c.keep(testContext(t), events)
		require.NoError(t, err)
	}
	require.Equal(t, 1, alice.Outbox(toBob))
	require.NoError(t, alice.update(testContext(t), func(e *entries) error { e.Outbox = nil; return nil }), "as if another session had taken it")
	c.Close()
	alice = opened(t, config)
	says(t, alice, toBob, "three")
	require.Equal(t, []string{"one", "three"}, texts(t, bob, Peer{Person: alice.self, Public: true}))

	// Without the second kill.
	second, err := alice.Latest(testContext(t), toBob)
	require.NoError(t, err)
	closes(t, bob, second.ID())
	_, err = second.Send(testContext(t), []byte("four"))
	require.ErrorIs(t, err, messaging.ErrUnsent)
	second.Close()
	alice = opened(t, config)
	says(t, alice, toBob, "five")
	require.Equal(t, []string{"one", "three", "four", "five"}, texts(t, bob, Peer{Person: alice.self, Public: true}))
	sending := func(s *knownSession) bool { return s.Sending }
	last, _ := find(alice.entries.Load().Sessions, sending)
	open, err := alice.LatestSession(testContext(t), toBob)
	require.NoError(t, err)
	require.Equal(t, open, last.Session, "those that are over are not looked through any more")
}

// TestASessionOpenedByItsIDGivesBackToItsPeer: nothing follows it, and what it did not take is not lost.
func TestASessionOpenedByItsIDGivesBackToItsPeer(t *testing.T) {
	alice, bob := opened(t, testConfig(t)), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self, Public: true}
	first := says(t, alice, toBob, "one")
	closes(t, bob, first)
	_, _, err := alice.Send(testContext(t), Peer{Session: first}, e2ee.ContentText, []byte("two"))
	require.ErrorIs(t, err, messaging.ErrQueued)
	require.Equal(t, 1, alice.Outbox(toBob))
	says(t, alice, toBob, "three")
	require.Equal(t, []string{"one", "two", "three"}, texts(t, bob, Peer{Person: alice.self, Public: true}))
}

// closing closes, as somebody, each session before a message reaches it.
type closing struct {
	t  testing.TB
	as *Mailbox // nil for none
}

func (c *closing) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	require.NoError(c.t, err)
	request.Body = io.NopCloser(bytes.NewReader(body))
	var call struct {
		Method string
		Params client.IssueTransactionParams
	}
	if c.as != nil && strings.Contains(string(body), "sessionvm.IssueTransaction") {
		require.NoError(c.t, json.Unmarshal(body, &call))
		tx, err := chain.ParseTransaction(c.as.chainID, call.Params.Bytes)
		require.NoError(c.t, err)
		if message, ok := tx.Body.(*chain.SendMessage); ok {
			_, _ = c.as.config.Client.SendTransaction(testContext(c.t), &chain.CloseSession{Session: message.Session, Participant: c.as.self}, c.as.config.Identity)
		}
	}
	return http.DefaultTransport.RoundTrip(request)
}

// TestWhatNoSessionTakesWaits: each session is over as soon as something is sent in it.
func TestWhatNoSessionTakesWaits(t *testing.T) {
	config, network := testConfig(t), &closing{t: t}
	var err error
	config.Client, err = client.New(TestURL, client.Options{HTTPClient: &http.Client{Transport: network}})
	require.NoError(t, err)
	alice, bob := opened(t, config), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self, Public: true}
	says(t, alice, toBob, "one")
	network.as = bob
	for i, text := range []string{"two", "three"} {
		_, _, err = alice.Send(testContext(t), toBob, e2ee.ContentText, []byte(text))
		require.ErrorIs(t, err, messaging.ErrQueued, text)
		require.Equal(t, i+1, alice.Outbox(toBob))
	}
	network.as = nil
	says(t, alice, toBob, "four")
	require.Equal(t, []string{"one", "two", "three", "four"}, texts(t, bob, Peer{Person: alice.self, Public: true}))
}

// TestWhatASessionHasNoRoomForStaysInTheOutbox: the rest is in one of the two places, and not in both.
func TestWhatASessionHasNoRoomForStaysInTheOutbox(t *testing.T) {
	alice, bob := opened(t, testConfig(t)), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self, Public: true}
	says(t, alice, toBob, "one")
	const many = 1100
	require.NoError(t, alice.update(testContext(t), func(e *entries) error {
		for i := range many {
			e.Outbox = append(e.Outbox, unsent{Chain: alice.chainID, Peer: toBob, Origin: strconv.Itoa(i), Type: e2ee.ContentText, Content: []byte("x")})
		}
		return nil
	}))
	c, err := alice.Resume(testContext(t), toBob)
	require.NoError(t, err)
	defer c.Close()
	left := alice.entries.Load().Outbox
	require.Less(t, 0, len(left))
	require.Less(t, len(left), many)
	for i, u := range left {
		require.Equal(t, ids.Empty, u.Next)
		require.Equal(t, strconv.Itoa(many-len(left)+i), u.Origin)
	}
	_, err = c.Send(testContext(t), []byte("two"))
	require.ErrorIs(t, err, messaging.ErrBacklog)
}

// TestWhatIsProvenIsNotSentAgain: a program that has sent, and ends without having read, leaves nothing
// for the next one to send.
func TestWhatIsProvenIsNotSentAgain(t *testing.T) {
	config := testConfig(t)
	alice, bob := opened(t, config), opened(t, testConfig(t))
	session := says(t, alice, Peer{Person: bob.self, Public: true}, "one")
	c, err := opened(t, config).Join(testContext(t), Peer{Person: bob.self, Public: true}, session)
	require.NoError(t, err)
	require.False(t, c.Pending())
	c.Close()
}

// TestAFullOutboxTakesNoMoreAndSaysSo counts only what may wait there.
func TestAFullOutboxTakesNoMoreAndSaysSo(t *testing.T) {
	config := testConfig(t)
	var warned []error
	config.Warn = func(err error) { warned = append(warned, err) }
	alice, bob := opened(t, config), opened(t, testConfig(t))
	toBob := Peer{Person: bob.self, Public: true}
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

// TestAGroupThatNobodyJoinsLeavesRoomInTheOutbox, and what waits for it goes when this identity leaves.
func TestAGroupThatNobodyJoinsLeavesRoomInTheOutbox(t *testing.T) {
	alice, bob, toBob, _ := friends(t)
	group, err := alice.NewGroup(testContext(t), "climbing", bob.Self())
	require.NoError(t, err)
	require.Equal(t, ids.Empty, says(t, alice, group.Peer(), "one"))
	require.NoError(t, alice.await(testContext(t), group.Peer(), &messaging.Draft{Content: make([]byte, maxWaitingBytes-3)}))
	_, _, err = alice.Send(testContext(t), group.Peer(), e2ee.ContentText, []byte("two"))
	require.ErrorIs(t, err, ErrOutbox)
	require.NoError(t, alice.await(testContext(t), toBob, &messaging.Draft{Content: make([]byte, maxWaitingBytes)}))
	require.Equal(t, 2, alice.Outbox(group.Peer()))
	require.NoError(t, alice.RemoveMember(testContext(t), group, alice.Self()))
	require.Zero(t, alice.Outbox(group.Peer()))
	require.Equal(t, 1, alice.Outbox(toBob))
}
