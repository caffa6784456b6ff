package messaging

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

// firstModes returns to which kind of key each first announcement in a session is sealed, by
// sender: 1 the identity's, 2 one carried over, 8 one that was announced here.
func firstModes(t testing.TB, p *person, session ids.ID) map[ids.ID]byte {
	t.Helper()
	page, err := p.config.Client.ListMessages(testContext(t), client.ListMessagesParams{SessionID: session})
	require.NoError(t, err)
	modes := map[ids.ID]byte{}
	for _, m := range page.Messages {
		if _, seen := modes[m.Sender]; m.Ciphertext[0] == 0x10 && !seen {
			modes[m.Sender] = m.Ciphertext[23+1216+1]
		}
	}
	return modes
}

// talked is two people who have both announced themselves in a session.
func talked(t testing.TB) (members []*person, sessions []*Session) {
	t.Helper()
	members, sessions = group(t, 2)
	require.Nil(t, sessions[0].record.Carried)
	sends(t, sessions[0], "hello")
	until(t, sessions[1], text("hello"))
	sends(t, sessions[1], "hello yourself")
	for _, s := range sessions {
		until(t, s, text("hello yourself"))
	}
	require.Equal(t, byte(1), firstModes(t, members[0], sessions[0].ID())[members[0].Self()])
	return members, sessions
}

func follows(t testing.TB, p *person, previous *Session, with ...ids.ID) *Session {
	t.Helper()
	s, err := p.NewSessionAfter(testContext(t), previous.ID(), with...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestASessionThatFollowsRestsOnKeysThatWereAnnounced(t *testing.T) {
	members, sessions := talked(t)
	next := follows(t, members[0], sessions[0], members[1].Self())
	sends(t, next, "the next day")
	thief := newPersonOf(t, members[1]) // has Bob's identity, and not his files
	bob := members[1].joins(t, next.ID())
	require.Equal(t, []string{"the next day"}, texts(until(t, bob, text("the next day"))))
	require.Equal(t, byte(2), firstModes(t, members[0], next.ID())[members[0].Self()])

	stolen := thief.joins(t, next.ID())
	events := until(t, stolen, func(event Event) bool { _, ok := event.(*Refused); return ok })
	require.ErrorIs(t, events[0].(*Refused).Err, e2ee.ErrKeyErased)
	require.Empty(t, texts(events))

	sends(t, bob, "hello again")
	until(t, next, text("hello again"))
	require.Equal(t, byte(8), firstModes(t, members[0], next.ID())[members[1].Self()])
	for _, s := range []*Session{next, bob} {
		require.NotNil(t, s.record.Carried)
	}
	require.NoError(t, bob.Close())
	members[1].now = func() time.Time { return time.Now().Add(25 * time.Hour) }
	bob = members[1].joins(t, next.ID())
	sends(t, next, "a day later")
	until(t, bob, text("a day later"))
	require.Nil(t, bob.record.Carried, "it is erased")
	require.Empty(t, bob.secrets.Offers)
}

func TestWhoLostTheFilesIsReachedOnceItHasSpoken(t *testing.T) {
	members, sessions := talked(t)
	next := follows(t, members[0], sessions[0], members[1].Self())
	sends(t, next, "cannot be read")
	lost := newPersonOf(t, members[1]).joins(t, next.ID())
	events := until(t, lost, func(event Event) bool { _, ok := event.(*Refused); return ok })
	require.ErrorIs(t, events[0].(*Refused).Err, e2ee.ErrKeyErased)
	sends(t, lost, "I lost my files")
	until(t, next, text("I lost my files"))
	sends(t, next, "welcome back")
	require.Contains(t, texts(until(t, lost, text("welcome back"))), "welcome back")
}

func TestAGroupsNextSessionRestsOnKeysThatWereAnnounced(t *testing.T) {
	alice, bob, carol := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	channel, first, err := alice.NewChannel(testContext(t), bob.Self())
	require.NoError(t, err)
	defer first.Close()
	sends(t, first, "one")
	of := bob.joinsChannel(t, channel)
	until(t, of, text("one"))
	sends(t, of, "two")
	until(t, first, text("two"))
	second, err := alice.AddMember(testContext(t), channel, carol.Self())
	require.NoError(t, err)
	defer second.Close()
	sends(t, second, "welcome carol")
	require.Equal(t, []string{"welcome carol"}, texts(until(t, bob.joinsChannel(t, channel), text("welcome carol"))))
	joined := carol.joinsChannel(t, channel)
	require.Equal(t, []string{"welcome carol"}, texts(until(t, joined, text("welcome carol"))))
	sends(t, joined, "thanks")
	until(t, second, text("thanks"))
	modes := map[byte]int{}
	for _, member := range second.record.Members {
		if member.Carried != nil {
			modes[2]++
		} else {
			modes[1]++
		}
	}
	require.Equal(t, map[byte]int{1: 1, 2: 2}, modes, "carol has announced nothing before")
}

func TestAnOriginThatIsNoneIsRefused(t *testing.T) {
	members, sessions := talked(t)
	alice, bob := members[0], members[1]
	made := func(after string) ids.ID {
		deadline, err := alice.config.Client.Deadline(testContext(t))
		require.NoError(t, err)
		accepted, err := alice.act(testContext(t), &chain.CreateSession{
			Creator: alice.self, Participants: []ids.ID{alice.self, bob.self},
			Metadata:   append(Metadata(), chain.MetadataEntry{Key: metadataAfter, Value: after}),
			PublicKeys: [][]byte{alice.config.Identity.Public().KEM, bob.config.Identity.Public().KEM},
			Nonce:      client.Nonce(), Deadline: deadline,
		})
		require.NoError(t, err)
		return accepted.SessionID
	}
	id := sessions[0].ID()
	previous := hex.EncodeToString(id[:])
	for name, c := range map[string]struct {
		after string
		want  error
	}{
		"no session":         {"x:1.3", e2ee.ErrRoster},
		"no sequences":       {previous, e2ee.ErrRoster},
		"a sequence less":    {previous + ":1", e2ee.ErrRoster},
		"no number":          {previous + ":1.x", e2ee.ErrRoster},
		"another's":          {previous + ":1.1", ErrNode},
		"no announcement":    {previous + ":2.3", e2ee.ErrMalformed},
		"past the last":      {previous + ":1.99", ErrWithheld},
		"no session that is": {strings.Repeat("07", 32) + ":1.3", chain.ErrUnknownSession},
	} {
		_, err := bob.Join(testContext(t), made(c.after))
		require.ErrorIs(t, err, c.want, name)
	}
	s := bob.joins(t, made(previous+":1.0"))
	require.Nil(t, s.record.Carried)
	require.NotNil(t, s.record.member(alice.self).Carried)
}

func TestTheKeysOfASessionThatIsOverAreErased(t *testing.T) {
	members, sessions := talked(t)
	bob := sessions[1]
	sends(t, sessions[0], "not received yet")
	_, err := members[0].act(testContext(t), &chain.CloseSession{Session: bob.ID(), Participant: members[0].Self()})
	require.NoError(t, err)
	late := func() time.Time { return time.Now().Add(10 * 24 * time.Hour) }
	members[0].now, members[1].now = late, late
	require.Equal(t, []string{"not received yet"}, texts(until(t, bob, text("not received yet"))), "nothing is lost by being late")
	require.NotEmpty(t, bob.Members())
	events, err := bob.Check(testContext(t))
	require.NoError(t, err)
	require.Empty(t, events)
	require.True(t, bob.record.Over)
	_, err = bob.protocol.EpochKey(0)
	require.ErrorIs(t, err, e2ee.ErrKeyErased)
	require.NoError(t, bob.Close())
	bob = members[1].joins(t, bob.ID())
	events, err = bob.Check(testContext(t))
	require.NoError(t, err)
	require.Empty(t, events, "and it opens again")

	// Whoever goes on then begins with the identities' keys.
	next := follows(t, members[0], sessions[0], members[1].Self())
	sends(t, next, "long after")
	require.Equal(t, byte(1), firstModes(t, members[0], next.ID())[members[0].Self()])
	require.Equal(t, []string{"long after"}, texts(until(t, members[1].joins(t, next.ID()), text("long after"))))
}
