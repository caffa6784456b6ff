package main

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
)

// TestPeopleTalkInPrivateUnlessTheySayOtherwise from the first message, to somebody who is away, to receipts, files
// and proofs. Each command says that it is private, and no participant on the chain is one of them.
func TestPeopleTalkInPrivateUnlessTheySayOtherwise(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	require.Regexp(t, `^Invited  bob\nPrivate  nobody else sees`, alice.does("send", "bob", "hello"))
	second := gets[sendResult](alice, "send", "bob", "are you there?")
	require.True(t, second.Private)
	require.Equal(t, ids.Empty, second.Session)
	require.Regexp(t, `(?m)  you               hello  \[not answered yet\]$`, alice.does("read", "bob"))
	require.Contains(t, alice.does("sessions"), "2 messages in invitations that nobody has answered yet.")
	alice.fails(ExitUsage, "bob has not answered", "send", "bob", "--file", "private_test.go")
	require.Contains(t, bob.does("requests"), "alice")

	lines := strings.Split(bob.does("read", "alice"), "\n")
	require.Regexp(t, `^-- private session `, lines[0])
	require.Regexp(t, `  alice             hello$`, lines[1])
	require.Regexp(t, `  alice             are you there\?$`, lines[2])
	session := gets[sendResult](bob, "send", "alice", "here I am").Session
	require.Equal(t, session, gets[sendResult](alice, "send", "bob", "at last").Session)
	for _, h := range reads(alice, ExitDone, "bob") {
		require.Contains(t, []string{alice.id(), bob.id()}, h.Identity)
		require.Equal(t, h.Own, h.Identity == alice.id())
		require.NotContains(t, []string{alice.id(), bob.id()}, h.Sender)
	}
	alice.does("send", "bob", "--file", "private_test.go")
	var file string
	for line := range strings.Lines(bob.does("read", "alice")) {
		if strings.Contains(line, "[file") {
			file = strings.TrimPrefix(strings.Fields(line)[0], "#")
		}
	}
	bob.does("save", "alice", file, filepath.Join(t.TempDir(), "saved"))
	bob.does("ack", "alice")
	require.Contains(t, alice.does("read", "bob"), "bob has everything up to #")
	bob.does("rotate", "alice")

	shown := gets[showResult](bob, "show", session.String())
	require.Len(t, shown.Participants, 2)
	require.NotContains(t, shown.Participants, alice.id())
	require.NotContains(t, shown.Participants, bob.id())
	receipt := filepath.Join(t.TempDir(), "receipt")
	for _, who := range []string{"bob", bob.id()} {
		alice.does("proof", "bob", "--receipt", "bob", "--out", receipt)
		require.Contains(t, shown.Participants, gets[verifyResult](alice, "verify", receipt).Participant, who)
	}
	listed := gets[sessionsResult](alice, "sessions").Sessions
	require.Len(t, listed, 1)
	require.True(t, listed[0].Private)
	require.Equal(t, bob.id(), listed[0].With)
	require.Regexp(t, session.String()+` +private +bob +active`, alice.does("sessions"))

	alice.does("close", session.String())
	require.Equal(t, ids.Empty, gets[sendResult](bob, "send", "alice", "in the next one").Session)
	next := gets[sendResult](alice, "send", "bob", "here").Session
	require.NotEqual(t, session, next)
	require.Equal(t, "in the next one", *reads(bob, ExitDone, "alice")[4].Text)

	// In public it is another conversation.
	require.Regexp(t, `Session +\S+  public`, alice.does("send", "bob", "for all to see", "--public"))
	public := reads(bob, ExitDone, "alice", "--public")
	require.Len(t, public, 1)
	require.Equal(t, alice.id(), public[0].Sender)
	require.Len(t, reads(bob, ExitDone, "alice"), 6)
}

// TestARequestShowsNothingOfWhatAStrangerSays before it is accepted, and nothing after it was declined or blocked.
func TestARequestShowsNothingOfWhatAStrangerSays(t *testing.T) {
	bob := newPerson(t, nodeAddress)
	bob.does("id", "register")
	require.Equal(t, "No requests.\n", bob.does("requests"))
	eve, mallory := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	for _, p := range []*person{eve, mallory} {
		p.does("send", bob.id(), "unwanted?")
	}
	require.Len(t, gets[requestsResult](bob, "requests").Requests, 2)
	require.NotContains(t, bob.does("requests"), "unwanted")
	require.NotContains(t, bob.does("read", eve.id()), "unwanted")
	bob.does("requests", "block", mallory.id())
	require.Equal(t, eve.id(), gets[answerResult](bob, "requests", "accept", eve.id(), "eve").From)
	require.Contains(t, bob.does("read", "eve"), "eve               unwanted?")
	mallory.does("send", bob.id(), "once more")
	require.Empty(t, gets[requestsResult](bob, "requests").Requests)
	bob.fails(ExitRefused, "unknown invitation", "requests", "accept", mallory.id())
	bob.does("requests", "unblock", mallory.id())
	mallory.does("send", bob.id(), "and again")
	bob.does("requests", "decline", mallory.id())
	require.Empty(t, gets[requestsResult](bob, "requests").Requests)
}

// TestAChatBeginsWithInvitations, goes on in the session when it is answered, and in the next one.
func TestAChatBeginsWithInvitations(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	first := alice.chats("bob")
	first.sees("No session takes messages")
	first.says("hello bob")
	first.sees("bob is invited, and reads it when they answer: hello bob")
	second := bob.chats("alice")
	second.sees("alice: hello bob")
	first.sees("Another session from here on")
	first.sees("you: hello bob")
	second.says("hello yourself")
	first.sees("bob: hello yourself")
	second.sees("[alice has read up to #")
	second.says("/who")
	second.sees("safety number")

	first.says("/quit")
	require.Equal(t, ExitDone, <-first.status)
	alice.does("close", gets[sessionsResult](alice, "sessions").Sessions[0].Session.String())
	second.says("after the end")
	second.sees("alice is invited to another one")
	require.Equal(t, messaging.KindMessage, reads(alice, ExitDone, "bob")[2].Kind)
	second.sees("Another session from here on")
	alice.does("send", "bob", "still here")
	second.sees("alice: still here")
	second.says("/quit")
	require.Equal(t, ExitDone, <-second.status)
}

// TestFollowGoesOnWhereTheLastSessionIsForgotten, and shows the next one.
func TestFollowGoesOnWhereTheLastSessionIsForgotten(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	alice.does("send", "bob", "one")
	require.Contains(t, bob.does("read", "alice"), "one")
	files, err := filepath.Glob(filepath.Join(bob.home, ".session", "sessions", "*.private"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	chainID, err := ids.FromString(strings.Split(filepath.Base(files[0]), "-")[0])
	require.NoError(t, err)
	key, err := bob.identity.StoreKey(chainID, ids.Empty)
	require.NoError(t, err)
	self := bob.identity.ID()
	file, err := sealedfile.New(files[0], key, slices.Concat([]byte("private"), chainID[:], self[:]))
	require.NoError(t, err)
	kept := make(map[string]any)
	require.NoError(t, file.LoadJSON(&kept))
	kept["Pairs"] = nil // as it is once they are past
	require.NoError(t, file.SaveJSON(kept))
	follower := bob.follows("alice")
	for !strings.Contains(follower.line(), "one") {
	}
	alice.does("close", gets[sessionsResult](alice, "sessions").Sessions[0].Session.String())
	alice.does("send", "bob", "two")
	for !strings.Contains(follower.line(), "two") {
	}
	require.Equal(t, ExitDone, follower.stop())
}

// TestAChatWarnsOnceOfWhatNoInvitationHolds, and sends it in the next session.
func TestAChatWarnsOnceOfWhatNoInvitationHolds(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	alice.does("send", "bob", "one")
	bob.does("read", "alice")
	var warnings bytes.Buffer
	s := &shell{out: io.Discard, errOut: &warnings, getenv: func(name string) string { return alice.env[name] }, timeout: 20 * time.Second}
	require.NoError(t, s.withPeer(t.Context(), "bob", func(m *mailbox.Mailbox, peer mailbox.Peer) error {
		conversation, err := m.Resume(t.Context(), peer)
		require.NoError(t, err)
		c := &chat{Mailbox: m, shell: s, peer: peer, out: io.Discard, conversation: conversation}
		defer c.leave()
		bob.does("close", conversation.ID().String())
		_, err = conversation.Send(t.Context(), bytes.Repeat([]byte("a"), e2ee.MaxInvitationContent+1))
		require.ErrorIs(t, err, messaging.ErrUnsent)
		c.over.Store(true)
		for range 3 {
			require.NoError(t, c.follow(t.Context()))
		}
		require.Equal(t, 1, m.Outbox(peer))
		require.Equal(t, 1, strings.Count(warnings.String(), "WARNING"), warnings.String())
		bob.does("send", "alice", "two")
		for range 2 {
			require.NoError(t, c.follow(t.Context()))
		}
		require.Zero(t, m.Outbox(peer))
		return nil
	}))
}
