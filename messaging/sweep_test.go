package messaging

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// TestKeysOfOldSessionsAreSwept opens the folder long after a session that nobody has joined
// since, and asks no node about it.
func TestKeysOfOldSessionsAreSwept(t *testing.T) {
	members, sessions := talked(t)
	bob := sessions[1]
	path := pathOf(bob)
	require.NoError(t, bob.Close())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	requireKeys := func(erased bool) {
		record, err := members[1].peek(bob.ID())
		require.NoError(t, err)
		require.Equal(t, erased, record.Over)
		protocol, err := e2ee.Restore(record.Protocol, e2ee.Secrets{Identity: members[1].config.Identity}, nil)
		require.NoError(t, err)
		require.Equal(t, erased, len(protocol.Members()) == 0)
	}
	requireKeys(false)
	for _, days := range []int{1, 20, 31} { // the chain has its messages until 30 days after
		members[1].now = func() time.Time { return time.Now().Add(time.Duration(days) * 24 * time.Hour) }
		members[1].sweep(testContext(t))
		requireKeys(false)
	}
	members[1].now = func() time.Time { return time.Now().Add(32 * 24 * time.Hour) }
	members[1].sweep(testContext(t))
	requireKeys(true)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.False(t, bytes.Equal(before, after))
}

// TestStrangersHideNothing has a stranger make many sessions with somebody: their group and
// their conversation are found, and a list that is cut is an error.
func TestStrangersHideNothing(t *testing.T) {
	alice, bob, stranger := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	made, first, err := alice.NewChannel(testContext(t), bob.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	two, err := alice.NewSession(testContext(t), bob.Self())
	require.NoError(t, err)
	require.NoError(t, two.Close())
	public := func(p *person) []byte { return p.config.Identity.Public().KEM }
	deadline, err := stranger.config.Client.Deadline(testContext(t))
	require.NoError(t, err)
	for i := range 140 {
		body := &chain.CreateSession{
			Creator: stranger.Self(), Participants: []ids.ID{stranger.Self(), bob.Self(), alice.Self()},
			PublicKeys: [][]byte{public(stranger), public(bob), public(alice)}, Nonce: uint64(i + 1), Deadline: deadline,
		}
		_, err := stranger.act(testContext(t), body)
		require.NoError(t, err)
	}
	node := bob.config.Client
	list := func(params client.ListSessionsParams, pages int) (found []ids.ID, err error) {
		params.Participant = bob.Self()
		err = node.EachSession(testContext(t), params, pages, func(s *client.SessionSummary) bool {
			found = append(found, s.ID)
			return true
		})
		return found, err
	}
	none, err := list(client.ListSessionsParams{}, 1)
	require.NoError(t, err)
	require.Empty(t, none, "bob has acted in none")
	_, err = list(client.ListSessionsParams{Requests: true}, 2)
	require.ErrorIs(t, err, client.ErrListCut)
	all, err := list(client.ListSessionsParams{Requests: true}, 3)
	require.NoError(t, err)
	require.Len(t, all, 142)
	found, err := list(client.ListSessionsParams{Requests: true, With: alice.Self()}, 1)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{two.ID()}, found)
	found, err = list(client.ListSessionsParams{Requests: true, Channel: made.ID}, 1)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{first.ID()}, found)
	found, err = list(client.ListSessionsParams{Requests: true, With: alice.Self(), Limit: 1}, 2)
	require.NoError(t, err)
	require.Len(t, found, 1)
	sessions, err := bob.ChannelSessions(testContext(t), made, ids.Empty)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{first.ID()}, sessions)
}

// TestALapsedMemberHidesNoGroup has the chain forget who has made one of a group's sessions.
func TestALapsedMemberHidesNoGroup(t *testing.T) {
	network := newWire(t)
	alice, bob, lapsed := newPerson(t, nil), newPerson(t, nil), newPerson(t, nil)
	channel, first, err := alice.NewChannel(testContext(t), bob.Self(), lapsed.Self())
	require.NoError(t, err)
	require.NoError(t, first.Close())
	_, err = alice.act(testContext(t), &chain.CloseSession{Session: first.ID(), Participant: alice.Self()})
	require.NoError(t, err)
	second, err := lapsed.JoinChannel(testContext(t), channel)
	require.NoError(t, err)
	sends(t, second, "before it has lapsed")
	require.NoError(t, second.Close())
	third, err := alice.RemoveMember(testContext(t), channel, lapsed.Self())
	require.NoError(t, err)
	require.NoError(t, third.Close())

	network.refuse = func(method string, params []byte) refusal.Reason {
		if method == "sessionvm.GetIdentity" && bytes.Contains(params, []byte(lapsed.Self().String())) {
			return refusal.ErrNotRegistered
		}
		return 0
	}
	config := bob.config
	config.Client, config.Folder = connect(t, network), t.TempDir()
	prekeys, err := os.ReadFile(bob.prekeys.file.Path())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(config.Folder, filepath.Base(bob.prekeys.file.Path())), prekeys, 0o600))
	again, err := Open(testContext(t), config)
	require.NoError(t, err)
	s, err := again.JoinChannel(testContext(t), channel)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.Equal(t, third.ID(), s.ID())
	sessions, err := again.ChannelSessions(testContext(t), channel, ids.Empty)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{first.ID(), second.ID(), third.ID()}, sessions)
	of, err := again.Join(testContext(t), second.ID())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, of.Close()) })
	require.Equal(t, []string{"before it has lapsed"}, texts(until(t, of, text("before it has lapsed"))), "the chain has checked what it signed")
}

// TestTheSessionsOfAChannelThatAreLookedThroughAreBounded has 1,025 sessions, of all but the first of
// which this identity knows what made them.
func TestTheSessionsOfAChannelThatAreLookedThroughAreBounded(t *testing.T) {
	alice, bob := newPerson(t, nil), newPerson(t, nil)
	channel, latest, err := alice.NewChannel(testContext(t), bob.Self())
	require.NoError(t, err)
	require.NoError(t, latest.Close())
	all := []ids.ID{latest.ID()} // newest first
	for i := range maxChannelSessions {
		all = append(all, ids.ID{7, byte(i), byte(i >> 8)})
	}
	alice.foundings = make(map[ids.ID]founding)
	for i, id := range all[:maxChannelSessions] {
		alice.foundings[id] = founding{channel: channel.ID, previous: all[i+1], mine: i%2 == 0}
	}
	sessions, err := alice.ChannelSessions(testContext(t), channel, ids.Empty)
	require.NoError(t, err)
	require.Len(t, sessions, maxChannelSessions/2)
	require.Equal(t, all[maxChannelSessions-2], sessions[0], "the oldest that was looked at, and this identity is in")
	require.Equal(t, latest.ID(), sessions[len(sessions)-1])
	require.NotContains(t, alice.foundings, all[maxChannelSessions], "the node was not asked for one more")

	delete(alice.foundings, all[maxChannelSessions-1]) // so that the last step asks the node, which knows no such session
	sessions, err = alice.ChannelSessions(testContext(t), channel, ids.Empty)
	require.NoError(t, err)
	require.Len(t, sessions, maxChannelSessions/2)
}
