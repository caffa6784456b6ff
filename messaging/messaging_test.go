package messaging

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// person is an identity of its own, with a folder and a connection.
type person struct {
	*Messenger
	config Config
}

var people atomic.Uint64

func newPerson(t testing.TB, transport http.RoundTripper) *person {
	t.Helper()
	seed := make([]byte, pq.SeedSize)
	copy(seed, fmt.Sprintf("person %d", people.Add(1)))
	identity, err := pq.IdentityFromSeed(seed)
	require.NoError(t, err)
	p := &person{config: Config{Identity: identity, Folder: t.TempDir(), Poll: 20 * time.Millisecond}}
	p.config.Client = connect(t, transport)
	p.Messenger, err = Open(testContext(t), p.config)
	require.NoError(t, err)
	return p
}

func connect(t testing.TB, transport http.RoundTripper) *client.Client {
	t.Helper()
	connected, err := client.New(TestURL, client.Options{Timeout: 20 * time.Second, HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	return connected
}

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func (p *person) joins(t testing.TB, id ids.ID) *Session {
	t.Helper()
	s, err := p.Join(testContext(t), id)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// group is people, each with its side of a session that the first one made.
func group(t testing.TB, size int) (members []*person, sessions []*Session) {
	t.Helper()
	return groupOver(t, size, nil)
}

func groupOver(t testing.TB, size int, transport http.RoundTripper) (members []*person, sessions []*Session) {
	t.Helper()
	var others []ids.ID
	for i := range size {
		members = append(members, newPerson(t, transport))
		if i > 0 {
			others = append(others, members[i].Self())
		}
	}
	made, err := members[0].NewSession(testContext(t), others...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, made.Close()) })
	sessions = append(sessions, made)
	for _, member := range members[1:] {
		sessions = append(sessions, member.joins(t, made.ID()))
	}
	return members, sessions
}

func sends(t testing.TB, s *Session, text string) Sent {
	t.Helper()
	sent, err := s.Send(testContext(t), []byte(text))
	require.NoError(t, err)
	return sent
}

// until receives until an event is the one that is wanted, and returns all of them.
func until(t testing.TB, s *Session, wanted func(Event) bool) []Event {
	t.Helper()
	ctx := testContext(t)
	var all []Event
	for {
		events, err := s.Receive(ctx)
		require.NoError(t, err)
		all = append(all, events...)
		for _, event := range events {
			if wanted(event) {
				return all
			}
		}
	}
}

// text is a message with a text.
func text(want string) func(Event) bool {
	return func(event Event) bool {
		return event.Kind == KindMessage && event.Text() == want
	}
}

// is is an event of a kind.
func is(kind Kind) func(Event) bool {
	return func(event Event) bool { return event.Kind == kind }
}

func unsent(content e2ee.ContentType, text string) Event {
	return Event{Kind: KindUnsent, Own: true, Type: content, Content: []byte(text)}
}

// texts returns the texts of messages, with the senders' places in the group.
func texts(events []Event) []string {
	var all []string
	for _, event := range events {
		if event.Kind == KindMessage {
			all = append(all, event.Text())
		}
	}
	return all
}

func TestTwoPeopleTalk(t *testing.T) {
	people, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	require.Equal(t, alice.Members(), bob.Members())
	first := sends(t, alice, "hi bob")
	events := until(t, bob, text("hi bob"))
	require.Len(t, events, 2)
	require.Equal(t, people[0].Self(), events[0].Sender)
	got := events[1]
	require.Equal(t, first.ID, got.ID)
	require.Equal(t, first.Sequence, got.Sequence)
	require.Equal(t, people[0].Self(), got.Sender)
	require.False(t, got.Own)
	require.WithinDuration(t, time.Now(), got.Time, time.Minute)

	sends(t, bob, "hi alice")
	sends(t, bob, "how are you?")
	mine := until(t, alice, text("how are you?"))
	require.Equal(t, []string{"hi bob", "hi alice", "how are you?"}, texts(mine))
	require.True(t, mine[0].Own)
	require.True(t, mine[1].Own)
	for i, last := 0, uint64(0); i < len(mine); i++ {
		sequence := sequenceOf(mine[i])
		if i > 0 && mine[i-1].Kind == KindRotated && sequence == last { // one message brought both
			continue
		}
		require.Equal(t, last+1, sequence)
		last = sequence
	}

	require.NoError(t, bob.Acknowledge(testContext(t), 0))
	require.NoError(t, bob.Acknowledge(testContext(t), 1), "an earlier one is in the later one")
	receipt := until(t, alice, is(KindReceipt))
	require.Equal(t, people[1].Self(), receipt[len(receipt)-1].Sender)
	require.Equal(t, first.Sequence, receipt[len(receipt)-1].Sequence)
}

func sequenceOf(event Event) uint64 {
	if event.Kind == KindReceipt || event.Kind == KindMissing {
		return 0
	}
	return event.Sequence
}

func TestThreePeopleTalk(t *testing.T) {
	_, sessions := group(t, 3)
	for round := range 2 {
		for i, s := range sessions {
			sends(t, s, fmt.Sprintf("%d of %d", round, i))
		}
	}
	want := []string{"0 of 0", "0 of 1", "0 of 2", "1 of 0", "1 of 1", "1 of 2"}
	for _, s := range sessions {
		events := until(t, s, text("1 of 2"))
		require.Equal(t, want, texts(events))
		for _, event := range events {
			requireOpened(t, event)
		}
	}
}

func TestAskedRotationRenewsBothSidesKeys(t *testing.T) {
	_, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	until(t, bob, text("one"))
	sends(t, bob, "two")
	until(t, alice, text("two"))
	require.NoError(t, alice.Rotate(testContext(t)))
	rotated := until(t, bob, is(KindRotated))
	require.True(t, rotated[len(rotated)-1].Renewed)
	sends(t, bob, "three")
	events := until(t, alice, text("three"))
	require.True(t, events[len(events)-2].Renewed, "bob's answer")
}

func TestSendersAndReceiversAtOnce(t *testing.T) {
	_, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	const count = 4
	ctx := testContext(t)
	failed := make(chan error, 2*count)
	for i := range count {
		for _, s := range sessions {
			go func() {
				_, err := s.Send(ctx, fmt.Append(nil, i))
				failed <- err
			}()
		}
	}
	for _, s := range []*Session{alice, bob} {
		var got []string
		for len(got) < 2*count {
			events, err := s.Receive(ctx)
			require.NoError(t, err)
			got = append(got, texts(events)...)
		}
		require.ElementsMatch(t, []string{"0", "0", "1", "1", "2", "2", "3", "3"}, got)
	}
	for range 2 * count {
		require.NoError(t, <-failed)
	}
}

func TestOnlyParticipantsJoin(t *testing.T) {
	_, sessions := group(t, 2)
	eve := newPerson(t, nil)
	_, err := eve.Join(testContext(t), sessions[0].ID())
	require.ErrorIs(t, err, refusal.ErrNotParticipant)
	_, err = eve.Join(testContext(t), ids.ID{7, 9})
	require.ErrorIs(t, err, refusal.ErrUnknownSession)
	_, err = eve.NewSession(testContext(t), ids.ID{8})
	require.ErrorIs(t, err, ErrPrekey)
	_, err = eve.NewSession(testContext(t))
	require.ErrorIs(t, err, ErrConfig, "alone")
	_, _, err = eve.NewChannel(testContext(t), make([]ids.ID, e2ee.MaxMembers)...)
	require.ErrorIs(t, err, ErrConfig, "too many")
}

func TestTooLargeAMessageChangesNothing(t *testing.T) {
	_, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	_, err := alice.Send(testContext(t), make([]byte, e2ee.MaxContent+1))
	require.ErrorIs(t, err, e2ee.ErrSize)
	limit := alice.m.genesis.Limits.MaxCiphertextBytes
	alice.m.genesis.Limits.MaxCiphertextBytes = 4000
	_, err = alice.Send(testContext(t), make([]byte, 5000))
	require.ErrorIs(t, err, refusal.ErrCiphertextSize)
	alice.m.genesis.Limits.MaxCiphertextBytes = limit
	sends(t, alice, "short")
	require.Equal(t, []string{"short"}, texts(until(t, bob, text("short"))))
}

func TestAReceiptIsForWhatWasReceived(t *testing.T) {
	_, sessions := group(t, 2)
	alice, bob := sessions[0], sessions[1]
	require.NoError(t, bob.Acknowledge(testContext(t), 0), "nothing to acknowledge")
	sends(t, alice, "one")
	require.ErrorIs(t, bob.Acknowledge(testContext(t), 1), refusal.ErrReceiptAhead)
	until(t, bob, text("one"))
	require.ErrorIs(t, bob.Acknowledge(testContext(t), 2), refusal.ErrReceiptAhead)
	require.NoError(t, bob.Acknowledge(testContext(t), 1))
}

func requireOpened(t testing.TB, event Event) {
	t.Helper()
	require.NotEqual(t, KindRefused, event.Kind, "%v", event.Err)
}
