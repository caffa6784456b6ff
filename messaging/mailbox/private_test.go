package mailbox

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

// friends are two people who have each other as contacts.
func friends(t testing.TB) (alice, bob *Mailbox, toBob, toAlice Peer) {
	alice, bob = opened(t, testConfig(t)), opened(t, testConfig(t))
	require.NoError(t, alice.Add(testContext(t), "bob", bob.Self(), false))
	require.NoError(t, bob.Add(testContext(t), "alice", alice.Self(), false))
	toBob, err := alice.Find(testContext(t), "bob")
	require.NoError(t, err)
	toAlice, err = bob.Find(testContext(t), "alice")
	require.NoError(t, err)
	return alice, bob, toBob, toAlice
}

// invited returns the texts that wait for an answer.
func invited(t testing.TB, m *Mailbox, peer Peer) (all []string) {
	t.Helper()
	waiting, err := m.Invited(peer)
	require.NoError(t, err)
	for _, entry := range waiting {
		all = append(all, entry.Text())
	}
	return all
}

// TestAPrivateConversationGoesOnFromSessionToSession: from nothing, to somebody who is away, and after its session
// is over. Nothing of either is in what the chain has.
func TestAPrivateConversationGoesOnFromSessionToSession(t *testing.T) {
	alice, bob, toBob, toAlice := friends(t)
	_, err := alice.Resume(testContext(t), toBob)
	require.ErrorIs(t, err, ErrNoSession)
	for _, text := range []string{"one", "two"} {
		require.Equal(t, ids.Empty, says(t, alice, toBob, text), "an invitation")
	}
	require.Equal(t, []string{"one", "two"}, invited(t, alice, toBob))
	require.Empty(t, texts(t, alice, toBob))

	require.Equal(t, []string{"one", "two"}, texts(t, bob, toAlice))
	first := says(t, bob, toAlice, "three")
	require.Equal(t, first, says(t, alice, toBob, "four"))
	require.Empty(t, invited(t, alice, toBob))
	for _, talk := range []func() []string{func() []string { return texts(t, alice, toBob) }, func() []string { return texts(t, bob, toAlice) }} {
		require.Equal(t, []string{"one", "two", "three", "four"}, talk())
	}

	// Both write as it ends: what it does not take goes in invitations.
	closes(t, bob, first)
	require.Equal(t, ids.Empty, says(t, alice, toBob, "five"))
	second := says(t, bob, toAlice, "six")
	require.NotEqual(t, first, second)
	require.Equal(t, second, says(t, alice, toBob, "seven"))
	require.Equal(t, []string{"one", "two", "three", "four", "five", "six", "seven"}, texts(t, alice, toBob))
	require.Equal(t, texts(t, alice, toBob), texts(t, bob, toAlice))
	c, err := bob.Latest(testContext(t), toAlice)
	require.NoError(t, err)
	defer c.Close()
	require.Equal(t, toAlice, c.Follows())
	for _, entry := range c.Entries() {
		if entry.Kind == messaging.KindMessage {
			require.Contains(t, []ids.ID{alice.Self(), bob.Self()}, entry.From())
			require.NotContains(t, []ids.ID{alice.Self(), bob.Self()}, entry.Sender)
			require.Equal(t, entry.Own, entry.From() == bob.Self())
		}
	}
	read, refused, err := c.ReadUpTo(testContext(t))
	require.NoError(t, err)
	require.Nil(t, refused)
	require.NoError(t, c.Acknowledge(testContext(t), read))

	for _, id := range []ids.ID{first, second} {
		answer, err := alice.config.Client.GetSession(testContext(t), client.GetSessionParams{SessionID: id})
		require.NoError(t, err)
		require.NotContains(t, answer.Session.Participants, alice.Self())
		require.NotContains(t, answer.Session.Participants, bob.Self())
		require.Equal(t, ids.Empty, answer.Session.Channel)
	}
	found, err := bob.Private(testContext(t))
	require.NoError(t, err)
	require.Equal(t, []ids.ID{first, second}, []ids.ID{found[0].Session, found[1].Session})
}

// TestBothInviteAtOnce and talk in one session in the end.
func TestBothInviteAtOnce(t *testing.T) {
	alice, bob, toBob, toAlice := friends(t)
	says(t, alice, toBob, "from alice")
	_, err := bob.messenger.Invite(testContext(t), alice.Self(), []byte("from bob")) // before he has looked
	require.NoError(t, err)
	require.NoError(t, bob.Accept(testContext(t), alice.Self()))
	require.NoError(t, alice.answer(testContext(t), toBob, false))
	require.Equal(t, says(t, alice, toBob, "now"), says(t, bob, toAlice, "indeed"))
	require.ElementsMatch(t, []string{"from alice", "from bob", "now", "indeed"}, texts(t, alice, toBob))
	require.ElementsMatch(t, []string{"from alice", "from bob", "now", "indeed"}, texts(t, bob, toAlice))
}

// TestAnAnswerMeanwhileHidesNothing: what waited while the sessions were listed is shown as waiting, though the peer
// has answered since.
func TestAnAnswerMeanwhileHidesNothing(t *testing.T) {
	alice, bob, toBob, toAlice := friends(t)
	says(t, alice, toBob, "one")
	all, _, err := alice.Sessions(testContext(t), toBob)
	require.NoError(t, err)
	require.Empty(t, all)
	require.Equal(t, []string{"one"}, texts(t, bob, toAlice))
	require.Equal(t, []string{"one"}, invited(t, alice, toBob))
	require.Equal(t, []string{"one"}, texts(t, alice, toBob))
	require.Empty(t, invited(t, alice, toBob))
}

// TestAStrangerWaitsForAnAnswer: nothing of what it says is shown, until the user accepts it or writes to it.
func TestAStrangerWaitsForAnAnswer(t *testing.T) {
	bob := opened(t, testConfig(t))
	for _, answer := range []func(from ids.ID){
		func(from ids.ID) { require.NoError(t, bob.Accept(testContext(t), from)) },
		func(from ids.ID) { says(t, bob, Peer{Person: from}, "who are you?") },
	} {
		stranger := opened(t, testConfig(t))
		says(t, stranger, Peer{Person: bob.Self()}, "read this")
		says(t, stranger, Peer{Person: bob.Self()}, "and this")
		require.Empty(t, texts(t, bob, Peer{Person: stranger.Self()}))
		contacts, strangers, err := bob.Requests(testContext(t))
		require.NoError(t, err)
		require.Empty(t, contacts)
		require.Equal(t, []Request{{From: stranger.Self(), Time: strangers[0].Time, Invitations: 2}}, strangers)
		answer(stranger.Self())
		require.Equal(t, []string{"read this", "and this"}, texts(t, bob, Peer{Person: stranger.Self()})[:2])
		contacts, strangers, err = bob.Requests(testContext(t))
		require.NoError(t, err)
		require.Empty(t, append(contacts, strangers...))
		says(t, stranger, Peer{Person: bob.Self()}, "in the session")
	}
	for i, refuse := range []func(from ids.ID){
		func(from ids.ID) { require.NoError(t, bob.Decline(testContext(t), from)) },
		func(from ids.ID) { require.NoError(t, bob.Block(testContext(t), from, true)) },
	} {
		stranger := opened(t, testConfig(t))
		for count := range 2 {
			says(t, stranger, Peer{Person: bob.Self()}, "hello")
			contacts, strangers, err := bob.Requests(testContext(t))
			require.NoError(t, err)
			require.Empty(t, contacts)
			require.Len(t, strangers, map[bool]int{true: 0, false: 1}[i == 1 && count == 1], "who is blocked is not listed again")
			refuse(stranger.Self())
		}
		require.ErrorIs(t, bob.Accept(testContext(t), stranger.Self()), messaging.ErrInvitation)
	}
}

// TestTheOutboxIsInvitedWithOnce though the program ends between the invitation and its note of that.
func TestTheOutboxIsInvitedWithOnce(t *testing.T) {
	alice, bob, toBob, toAlice := friends(t)
	says(t, alice, toBob, "one")
	texts(t, bob, toAlice)
	session := says(t, alice, toBob, "two")
	c, err := alice.Resume(testContext(t), toBob)
	require.NoError(t, err)
	closes(t, bob, session)
	_, err = c.Send(testContext(t), []byte("three"))
	require.ErrorIs(t, err, messaging.ErrUnsent)
	_, err = c.Fetch(testContext(t))
	require.NoError(t, err)
	c.Close()
	require.Equal(t, 1, alice.Outbox(toBob))
	before := alice.entries.Load().Outbox
	require.NoError(t, alice.invite(testContext(t), toBob, nil))
	require.Zero(t, alice.Outbox(toBob))
	require.NoError(t, alice.update(testContext(t), func(e *entries) error { e.Outbox = before; return nil }))
	require.NoError(t, alice.invite(testContext(t), toBob, nil))
	require.Equal(t, []string{"three"}, invited(t, alice, toBob))
	require.Equal(t, []string{"one", "two", "three"}, texts(t, bob, toAlice))
}

// TestWhatNoInvitationHoldsIsRefused, and nothing of it is stored.
func TestWhatNoInvitationHoldsIsRefused(t *testing.T) {
	alice, _, toBob, _ := friends(t)
	_, _, err := alice.Send(testContext(t), toBob, e2ee.ContentText, bytes.Repeat([]byte("a"), e2ee.MaxInvitationContent+1))
	require.ErrorIs(t, err, e2ee.ErrSize)
	_, _, err = alice.SendFile(testContext(t), toBob, "private_test.go", nil)
	require.ErrorIs(t, err, ErrNoSession)
	require.True(t, strings.Contains(err.Error(), "bob"))
	require.Empty(t, invited(t, alice, toBob))
	require.Zero(t, alice.Outbox(toBob))
}

// TestWhatTheChainHasForgottenIsKept, and no node is asked for it.
func TestWhatTheChainHasForgottenIsKept(t *testing.T) {
	alice, bob, toBob, toAlice := friends(t)
	says(t, alice, toBob, "one")
	texts(t, bob, toAlice)
	session := says(t, alice, toBob, "two")
	texts(t, alice, toBob)
	files, err := filepath.Glob(filepath.Join(alice.config.Folder, "*.private"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.Remove(files[0]), "as it is once the pair is past")
	all, open, err := alice.Sessions(testContext(t), toBob)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{session}, all)
	require.Equal(t, ids.Empty, open)
	_, err = alice.Join(testContext(t), toBob, session)
	require.ErrorIs(t, err, refusal.ErrUnknownSession)
	kept, err := alice.Kept(session)
	require.NoError(t, err)
	require.Equal(t, "two", kept[len(kept)-1].Text())
	_, _, err = alice.Save(testContext(t), toBob, 1, "", nil)
	require.ErrorIs(t, err, ErrNoFile)
}

// change changes what is kept of private sessions and groups.
func change(t testing.TB, m *Mailbox, how func(kept map[string]any)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(m.config.Folder, "*.private"))
	require.NoError(t, err)
	key, err := m.config.Identity.StoreKey(m.chainID, ids.Empty)
	require.NoError(t, err)
	file, err := sealedfile.New(files[0], key, slices.Concat([]byte("private"), m.chainID[:], m.self[:]))
	require.NoError(t, err)
	kept := make(map[string]any)
	require.NoError(t, file.LoadJSON(&kept))
	how(kept)
	require.NoError(t, file.SaveJSON(kept))
}

// TestTooManyInvitationsEndNoConversation: who has invited to more private sessions than are answered is talked to
// in the last one.
func TestTooManyInvitationsEndNoConversation(t *testing.T) {
	alice, bob, toBob, toAlice := friends(t)
	says(t, alice, toBob, "one")
	require.Equal(t, []string{"one"}, texts(t, bob, toAlice))
	change(t, bob, func(kept map[string]any) {
		for range 1024 {
			past := maps.Clone(kept["Pairs"].([]any)[0].(map[string]any))
			past["Session"], past["Self"], past["Made"] = ids.GenerateTestID(), ids.GenerateTestID(), time.UnixMilli(0)
			kept["Pairs"] = append(kept["Pairs"].([]any), past)
		}
	})
	_, err := alice.messenger.Invite(testContext(t), bob.Self(), []byte("once more"))
	require.NoError(t, err)
	var warned []error
	bob.config.Warn = func(err error) { warned = append(warned, err) }
	says(t, bob, toAlice, "two")
	require.NotEmpty(t, warned)
	require.ErrorIs(t, warned[0], messaging.ErrBacklog)
	require.Equal(t, []string{"one", "two"}, texts(t, alice, toBob))
}

// TestTooManyGroupsOfOneHideNoOther: a contact who asks to join more than one may is left, and another one's is joined.
func TestTooManyGroupsOfOneHideNoOther(t *testing.T) {
	alice, bob, _, _ := friends(t)
	mallory := opened(t, testConfig(t))
	require.NoError(t, bob.Add(testContext(t), "mallory", mallory.Self(), false))
	_, _, err := bob.Requests(testContext(t))
	require.NoError(t, err)
	change(t, bob, func(kept map[string]any) {
		var groups []any
		for range 64 {
			groups = append(groups, map[string]any{"ID": ids.GenerateTestID(), "Owner": mallory.Self(), "Out": true})
		}
		kept["Groups"] = groups
	})
	var warned []error
	bob.config.Warn = func(err error) { warned = append(warned, err) }
	_, err = mallory.NewGroup(testContext(t), "more", bob.Self())
	require.NoError(t, err)
	climbing, err := alice.NewGroup(testContext(t), "climbing", bob.Self())
	require.NoError(t, err)
	for known := false; !known; _, known = bob.GroupOf(climbing.ID) {
		require.NoError(t, bob.Discover(testContext(t), func(ids.ID) bool { return true }))
	}
	require.NotEmpty(t, warned)
	require.ErrorIs(t, warned[0], messaging.ErrBacklog)
}
