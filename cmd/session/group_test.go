package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// sixPeople are registered, and have each other as contacts.
func sixPeople(t *testing.T) map[string]*person {
	people := map[string]*person{}
	for _, name := range []string{"alice", "bob", "carol", "dave", "eve", "frank"} {
		people[name] = newPerson(t, nodeAddress)
		people[name].does("id", "register")
	}
	names(t, people)
	return people
}

// textsOf are those of a group that somebody reads.
func textsOf(p *person, group string) (all []string) {
	for _, m := range reads(p, ExitDone, group) {
		if m.Text != nil {
			all = append(all, *m.Text)
		}
	}
	return all
}

func TestAPrivateGroupOfFiveRemovesOneAndTakesInAnother(t *testing.T) {
	t.Parallel()
	people := sixPeople(t)
	alice := people["alice"]
	made := gets[groupResult](alice, "group", "create", "team", "--with", "bob,carol,dave,eve")
	require.True(t, made.Private)
	require.Len(t, made.Members, 5)
	require.Len(t, made.Invited, 4)
	require.Contains(t, alice.does("send", "team", "to all five"), "nobody has joined yet")
	for _, name := range []string{"bob", "carol", "dave", "eve"} {
		require.Regexp(t, `team +private +alice`, people[name].does("group", "list"), "found by the name that alice gave it")
	}
	require.Contains(t, alice.does("read", "team"), "to all five")
	for _, name := range []string{"bob", "carol", "dave", "eve"} {
		require.Contains(t, people[name].does("read", "team"), "alice             to all five")
	}
	people["eve"].does("send", "team", "eve is here")

	without := gets[groupResult](alice, "group", "remove", "team", "eve")
	require.Len(t, without.Members, 4)
	require.Contains(t, people["bob"].does("send", "team", "without eve"), "private")
	require.Len(t, gets[groupResult](alice, "group", "add", "team", "frank").Invited, 1)
	people["frank"].does("group", "list")
	alice.does("send", "team", "welcome")
	people["carol"].does("send", "team", "hello frank")
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		require.Equal(t, []string{"to all five", "eve is here", "without eve", "welcome", "hello frank"}, textsOf(people[name], "team"), name)
	}
	require.Equal(t, []string{"to all five", "eve is here"}, textsOf(people["eve"], "team"))
	require.Equal(t, []string{"welcome", "hello frank"}, textsOf(people["frank"], "team"))

	people["eve"].fails(ExitRefused, "left or was removed", "send", "team", "let me in")
	people["bob"].fails(ExitRefused, "owner", "group", "add", "team", "eve")
	require.Regexp(t, `team +private +alice +`, people["bob"].does("group", "list"))
	people["dave"].does("group", "remove", "team", "me")
	require.Len(t, gets[groupsResult](alice, "group", "list").Groups[0].Members, 4)
	people["frank"].does("send", "team", "dave has left")
	require.Equal(t, people["carol"].id(), gets[groupResult](alice, "group", "handover", "team", "carol").Owner)
	require.Len(t, gets[groupResult](people["carol"], "group", "remove", "team", "bob").Members, 3)
	alice.does("send", "team", "bob is gone")
	require.Contains(t, people["frank"].does("read", "team"), "bob is gone")
	require.Equal(t, []string{"to all five", "eve is here", "without eve", "welcome", "hello frank"}, textsOf(people["dave"], "team"))
}

// TestAChatInAPrivateGroupGoesOnInItsNextSession: it begins before anybody has joined, and goes on when the owner, in
// another program, has removed somebody.
func TestAChatInAPrivateGroupGoesOnInItsNextSession(t *testing.T) {
	t.Parallel()
	alice, bob, carol := newPerson(t, nodeAddress), newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob, "carol": carol})
	bob.does("id", "register")
	carol.does("id", "register")
	alice.does("group", "create", "team", "--with", "bob,carol")
	first := alice.chats("team")
	first.sees("Nobody has joined yet")
	first.says("for who joins")
	first.sees("stored until somebody has joined: for who joins")
	for _, p := range []*person{bob, carol} {
		p.does("group", "list")
	}
	first.sees("you: for who joins")
	second := bob.chats("team")
	second.sees("alice: for who joins")
	second.says("bob is here")
	first.sees("bob: bob is here")
	first.says("/who")
	first.sees(carol.id())
	alice.does("group", "remove", "team", "carol")
	first.sees("Another session from here on")
	second.sees("Another session from here on")
	first.says("without carol")
	second.sees("alice: without carol")
	second.says("yes")
	first.sees("bob: yes")
	for _, c := range []*talker{first, second} {
		c.says("/quit")
		require.Equal(t, ExitDone, <-c.status)
	}
	require.Equal(t, []string{"for who joins", "bob is here"}, textsOf(carol, "team"))
}

func TestAStrangersPrivateGroupIsJoinedWhenTheUserAccepts(t *testing.T) {
	t.Parallel()
	alice, stranger := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	alice.does("id", "register")
	stranger.does("group", "create", "carol", "--with", alice.id())
	alice.fails(ExitUsage, "not a contact, a group", "send", "carol", "for carol alone")
	require.Contains(t, alice.does("group", "list"), "No groups yet")
	require.Contains(t, alice.does("requests"), "0 messages, 1 group")
	alice.does("requests", "accept", stranger.id())
	require.Contains(t, alice.does("group", "list"), "carol."+stranger.id()[:10])
	stranger.does("send", "carol", "welcome")
	require.Equal(t, []string{"welcome"}, textsOf(alice, "carol."+stranger.id()[:10]))
}

func TestAGroupOfFiveRemovesOneAndTakesInAnother(t *testing.T) {
	people := sixPeople(t)
	alice := people["alice"]
	made := gets[groupResult](alice, "group", "create", "--public", "team", "--with", "bob,carol,dave,eve")
	require.Len(t, made.Members, 5)
	alice.does("send", "team", "to all five")
	for _, name := range []string{"bob", "carol", "dave", "eve"} {
		require.Contains(t, people[name].does("read", "team"), "alice             to all five", "found by the name that alice gave it")
	}
	people["eve"].does("send", "team", "eve is here")

	without := gets[groupResult](alice, "group", "remove", "team", "eve")
	require.Len(t, without.Members, 4)
	require.NotContains(t, without.Members, people["eve"].id())
	people["bob"].does("send", "team", "without eve")
	with := gets[groupResult](alice, "group", "add", "team", "frank")
	require.Len(t, with.Members, 5)
	people["carol"].does("send", "team", "hello frank")

	texts := func(name string) []string { return textsOf(people[name], "team") }
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		require.Equal(t, []string{"to all five", "eve is here", "without eve", "hello frank"}, texts(name), name)
	}
	require.Equal(t, []string{"to all five", "eve is here"}, texts("eve"))
	require.Equal(t, []string{"hello frank"}, texts("frank"))
	stranger := newPerson(t, nodeAddress)
	stranger.does("id", "register")
	stranger.does("group", "create", "--public", "carol", "--with", people["frank"].id())
	people["frank"].does("contacts", "remove", "carol")
	people["frank"].fails(ExitUsage, "is not a contact", "send", "carol", "to a stranger's group of that name")
	require.Contains(t, people["frank"].does("group", "list"), "carol."+stranger.id()[:10])

	people["eve"].fails(ExitRefused, "not a member", "send", "team", "let me in")
	people["bob"].fails(ExitRefused, "owner", "group", "add", "team", "eve")
	require.Regexp(t, `team +public +alice +alice, you, carol, dave, frank`, people["bob"].does("group", "list"))
	require.Contains(t, people["dave"].does("group", "remove", "team", "me"), "team")
	require.Len(t, gets[groupsResult](alice, "group", "list").Groups[0].Members, 4)
	people["frank"].does("send", "team", "dave has left")
	people["bob"].fails(ExitRefused, "owner", "group", "handover", "team", "carol")
	require.Equal(t, people["carol"].id(), gets[groupResult](alice, "group", "handover", "team", "carol").Owner)
	alice.fails(ExitRefused, "owner", "group", "remove", "team", "bob")
	require.Len(t, gets[groupResult](people["carol"], "group", "remove", "team", "bob").Members, 3)
	people["alice"].does("send", "team", "bob is gone")
	require.Contains(t, people["frank"].does("read", "team"), "bob is gone")
	require.Equal(t, []string{"to all five", "eve is here", "without eve", "hello frank"}, texts("dave"))
}

func TestAStrangersGroupIsNotTakenForWhomTheUserMeans(t *testing.T) {
	alice, stranger := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	alice.does("id", "register")
	made := gets[groupResult](stranger, "group", "create", "--public", "carol", "--with", alice.id())
	alice.fails(ExitUsage, "not a contact, a group", "send", "carol", "for carol alone")
	alice.fails(ExitUsage, "not a contact, a group", "send", "dave", "for dave alone")
	alice.fails(ExitUsage, "not a contact, a group", "send", "carol", "for carol alone")
	require.Empty(t, reads(stranger, ExitDone, "carol"))
	listed := gets[groupsResult](alice, "group", "list").Groups
	require.Len(t, listed, 1, "the user asked for it, and sees whose it is")
	require.Equal(t, made.Channel, listed[0].Channel)
	require.Equal(t, "carol."+stranger.id()[:10], listed[0].Name)
	alice.fails(ExitUsage, "not a contact, a group", "send", "carol", "for carol alone")
	alice.does("send", listed[0].Name, "to the group")
	require.Len(t, reads(stranger, ExitDone, "carol"), 1)
}

func TestASessionThatDoesNotOpenHidesNoOtherGroup(t *testing.T) {
	alice, bob, stranger := newPerson(t, nodeAddress), newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	alice.does("id", "register")
	var out bytes.Buffer
	s := &shell{out: &out, errOut: &out, getenv: func(name string) string { return stranger.env[name] }, timeout: 20 * time.Second}
	n, err := s.connect(t.Context())
	require.NoError(t, err)
	stranger.does("id", "register")
	deadline, err := n.Deadline(t.Context())
	require.NoError(t, err)
	suite := []chain.MetadataEntry{{Key: "e2ee", Value: "99"}}
	members := []ids.ID{stranger.identity.ID(), alice.identity.ID()}
	made, err := n.transact(t.Context(), &chain.CreateChannel{Owner: members[0], Members: members[1:], Metadata: suite, Deadline: deadline}, stranger.identity)
	require.NoError(t, err)
	_, err = n.transact(t.Context(), &chain.CreateSession{
		Creator: members[0], Participants: members, PublicKeys: [][]byte{stranger.identity.Public().KEM, alice.identity.Public().KEM},
		Metadata: suite, Channel: made.ChannelID, ChannelVersion: 1, Deadline: deadline,
	}, stranger.identity)
	require.NoError(t, err)
	bob.does("group", "create", "--public", "friends", "--with", alice.id())
	alice.does("send", "friends", "hello")
	require.Len(t, gets[groupsResult](alice, "group", "list").Groups, 2)
}
