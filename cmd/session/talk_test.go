package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

// names makes everybody a contact of everybody, by these names.
func names(t *testing.T, people map[string]*person) {
	t.Helper()
	for _, p := range people {
		for name, other := range people {
			if other != p {
				p.does("contacts", "add", name, other.id())
			}
		}
	}
}

func TestPeopleAreCalledByTheirNames(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	first := gets[sendResult](alice, "send", "bob", "hello")
	require.Equal(t, "hello", *reads(bob, ExitDone, "alice")[0].Text)
	again := gets[sendResult](bob, "send", "alice", "hello yourself")
	require.Equal(t, first.Session, again.Session, "there is a session already")
	require.Len(t, reads(alice, ExitDone, "bob"), 2)
	require.Len(t, reads(alice, ExitDone, bob.id()), 2)
	bob.does("ack", "alice")
	file := filepath.Join(t.TempDir(), "receipt")
	alice.does("proof", "bob", "--receipt", "bob", "--out", file)
	require.Equal(t, bob.id(), gets[verifyResult](alice, "verify", file).Participant)
	alice.does("proof", "bob", "2", "--out", file)
	require.Equal(t, first.Message, gets[verifyResult](alice, "verify", file).Message)
	lines := strings.Split(alice.does("read", "bob"), "\n")
	require.Equal(t, "-- session "+first.Session.String(), lines[0])
	require.Regexp(t, `  you               hello$`, lines[1])
	require.Regexp(t, `  bob               hello yourself$`, lines[2])

	bob.does("close", first.Session.String())
	next := gets[sendResult](alice, "send", "bob", "in the next session")
	require.NotEqual(t, first.Session, next.Session)
	require.Len(t, reads(bob, ExitDone, "alice"), 3)
	alice.fails(ExitUsage, "is not a contact, a group or an ID", "send", "carol", "hello")
}

func TestWhatTheChainHasForgottenIsStillRead(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	session := gets[sendResult](alice, "send", "bob", "long ago").Session.String()
	bob.does("read", "alice")
	forgotten := answering(t, func(method string, answer map[string]any) {
		switch method {
		case "sessionvm.ListSessions":
			answer["result"].(map[string]any)["sessions"] = []any{}
		case "sessionvm.GetSession", "sessionvm.ListMessages", "sessionvm.PollSession":
			delete(answer, "result")
			answer["error"] = map[string]any{"code": chain.ErrUnknownSession, "message": "unknown session"}
		}
	})
	require.Contains(t, bob.does("read", "alice", "--node", forgotten), "long ago")
	bob.fails(ExitRefused, "unknown session", "ack", session, "--node", forgotten)
}

func TestWhatASessionDidNotTakeGoesIntoTheNext(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	session := gets[sendResult](alice, "send", "bob", "one").Session.String()
	lost := refusing(t, "sessionvm.IssueTransaction", chain.ErrMempoolFull)
	alice.fails(ExitRefused, "it is stored, and the next command on this session sends it", "send", "bob", "two", "--node", lost)
	bob.does("close", session)
	next := gets[sendResult](alice, "send", "bob", "three").Session.String()
	require.NotEqual(t, session, next)
	var texts []string
	for _, m := range reads(bob, ExitDone, "alice") {
		texts = append(texts, *m.Text)
	}
	require.Equal(t, []string{"one", "two", "three"}, texts)
	require.Contains(t, alice.does("read", "bob"), "!! not sent: the session was over: two")
}

func TestContactsAreComparedAndNotReplacedInSilence(t *testing.T) {
	alice, bob, mallory := newPerson(t, ""), newPerson(t, ""), newPerson(t, "")
	require.Contains(t, alice.does("contacts"), "No contacts yet")
	file := filepath.Join(t.TempDir(), "bob.json")
	require.NoError(t, os.WriteFile(file, []byte(bob.does("id", "show", "--json")), 0o600))
	alice.does("contacts", "add", "bob", file)
	bob.does("contacts", "add", "alice", alice.id())
	shown := gets[safetyResult](alice, "contacts", "verify", "bob")
	require.Equal(t, shown.SafetyNumber, gets[safetyResult](bob, "contacts", "verify", "alice").SafetyNumber)
	require.Equal(t, pq.SafetyNumber(alice.identity.ID(), bob.identity.ID()), shown.SafetyNumber)
	require.False(t, shown.Compared)
	require.True(t, gets[safetyResult](alice, "contacts", "verify", "bob", "--matches").Compared)
	require.Regexp(t, `bob +`+bob.id()+` +compared\n`, alice.does("contacts"))

	alice.fails(ExitUsage, `"bob" has other keys`, "contacts", "add", "bob", mallory.id())
	alice.fails(ExitUsage, `is "bob" already`, "contacts", "add", "bobby", bob.id())
	alice.does("contacts", "add", "bob", bob.id())
	require.True(t, gets[contactsResult](alice, "contacts").Contacts[0].Compared, "nothing has changed")
	alice.does("contacts", "add", "bob", mallory.id(), "--replace")
	require.Equal(t, []contactRow{{Name: "bob", ID: mallory.id()}}, gets[contactsResult](alice, "contacts").Contacts)
	alice.does("contacts", "remove", "bob")
	alice.fails(ExitUsage, "is no contact", "contacts", "remove", "bob")
	kept, err := filepath.Glob(filepath.Join(bob.home, ".session", "sessions", "*.contacts"))
	require.NoError(t, err)
	content, err := os.ReadFile(kept[0])
	require.NoError(t, err)
	require.NotContains(t, string(content), "alice", "it is encrypted")
}

func TestAGroupOfFiveRemovesOneAndTakesInAnother(t *testing.T) {
	people := map[string]*person{}
	for _, name := range []string{"alice", "bob", "carol", "dave", "eve", "frank"} {
		people[name] = newPerson(t, nodeAddress)
		people[name].does("id", "register")
	}
	names(t, people)
	alice := people["alice"]
	made := gets[groupResult](alice, "group", "create", "team", "--with", "bob,carol,dave,eve")
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

	texts := func(name string) (all []string) {
		for _, m := range reads(people[name], ExitDone, "team") {
			all = append(all, *m.Text)
		}
		return all
	}
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		require.Equal(t, []string{"to all five", "eve is here", "without eve", "hello frank"}, texts(name), name)
	}
	require.Equal(t, []string{"to all five", "eve is here"}, texts("eve"))
	require.Equal(t, []string{"hello frank"}, texts("frank"))
	stranger := newPerson(t, nodeAddress)
	stranger.does("id", "register")
	stranger.does("group", "create", "carol", "--with", people["frank"].id())
	people["frank"].does("contacts", "remove", "carol")
	people["frank"].fails(ExitUsage, "is not a contact", "send", "carol", "to a stranger's group of that name")
	require.Contains(t, people["frank"].does("group", "list"), "carol."+stranger.id()[:10])

	people["eve"].fails(ExitRefused, "not a member", "send", "team", "let me in")
	people["bob"].fails(ExitRefused, "owner", "group", "add", "team", "eve")
	require.Regexp(t, `team +alice +alice, you, carol, dave, frank`, people["bob"].does("group", "list"))
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

// talker is a chat that goes on until its input ends.
type talker struct {
	*follower
	in io.WriteCloser
}

// chats starts a chat.
func (p *person) chats(to string) *talker {
	p.t.Helper()
	in, typing := io.Pipe()
	return &talker{p.startsWith(in, "chat", to), typing}
}

func (c *talker) says(text string) {
	c.t.Helper()
	_, err := io.WriteString(c.in, text+"\n")
	require.NoError(c.t, err)
}

// sees reads lines until one has a text.
func (c *talker) sees(text string) {
	c.t.Helper()
	for !strings.Contains(c.line(), text) {
	}
}

func TestAChatShowsWhatComesAndWhoHasReadIt(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	first := alice.chats("bob")
	require.Equal(t, "-- bob. /help for help.", first.line())
	require.Contains(t, first.line(), "The safety number with bob is not compared yet")
	first.says("hello bob")
	require.Regexp(t, `^\d\d:\d\d  you: hello bob  \[#2 delivered\]$`, first.line())

	second := bob.chats("alice")
	second.sees("alice: hello bob")
	require.Regexp(t, `^\d\d:\d\d  \[bob has read up to #2\]$`, first.line())
	second.says("//me too")
	first.sees("bob: /me too")
	second.sees("[alice has read up to #")
	second.says("/who")
	second.sees(pq.SafetyNumber(alice.identity.ID(), bob.identity.ID()))
	second.says("/nonsense")
	second.sees("is no command")
	second.says("/rotate")
	second.says("with new keys")
	first.sees("bob: with new keys")

	session := gets[sessionsResult](newViewer(t, alice), "sessions").Sessions[0].Session.String()
	newViewer(t, bob).does("close", session)
	first.says("in the next session")
	first.sees("Another session from here on")
	second.sees("alice: in the next session")
	second.says("still here")
	first.sees("bob: still here")

	require.NoError(t, first.in.Close())
	require.Equal(t, ExitDone, <-first.status)
	second.says("/quit")
	require.Equal(t, ExitDone, <-second.status)
}

// newViewer is the same identity in another home: the first one's sessions are in use.
func newViewer(t *testing.T, p *person) *person {
	t.Helper()
	viewer := &person{t: t, home: t.TempDir(), identity: p.identity, env: map[string]string{}}
	for name, value := range p.env {
		viewer.env[name] = value
	}
	viewer.env["HOME"] = viewer.home
	viewer.env[envIdentity] = filepath.Join(p.home, ".session", "identity.age")
	return viewer
}

func TestAChatGoesOnWhereItsSessionIsOver(t *testing.T) {
	people := map[string]*person{"alice": newPerson(t, nodeAddress), "bob": newPerson(t, nodeAddress), "carol": newPerson(t, nodeAddress)}
	for _, p := range people {
		p.does("id", "register")
	}
	names(t, people)
	people["alice"].does("group", "create", "team", "--with", "bob,carol")
	bob := people["bob"].chats("team")
	bob.says("hello")
	bob.sees("you: hello")
	people["alice"].does("group", "remove", "team", "carol")
	bob.says("without carol")
	bob.sees("[the session is over; in the next one: without carol]")
	bob.sees("Another session from here on")
	bob.sees("you: without carol")
	require.NoError(t, bob.in.Close())
	require.Equal(t, ExitDone, <-bob.status)
	require.Len(t, reads(people["carol"], ExitDone, "team"), 1)
	require.Len(t, reads(people["alice"], ExitDone, "team"), 2)
}

func TestASessionIsUsedByOneCommandAtATime(t *testing.T) {
	alice, bob, session := pair(t)
	chat := alice.chats(session)
	chat.says("hello")
	chat.sees("hello")
	alice.fails(ExitRefused, "in use", "send", session, "meanwhile", "--timeout", "300ms")
	require.NoError(t, chat.in.Close())
	require.Equal(t, ExitDone, <-chat.status)
	alice.does("send", session, "afterwards")
	require.Len(t, reads(bob, ExitDone, session), 2)
	require.Equal(t, ExitInterrupted, run(cancelled(), []string{"chat", session}, strings.NewReader(""), io.Discard, io.Discard, func(name string) string { return alice.env[name] }))
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestContactsAreAddedByCommandsAtOnce(t *testing.T) {
	p := newPerson(t, "")
	const count = 12
	done := make(chan outcome, count)
	for i := range count {
		other := newPerson(t, "")
		go func() { done <- p.runs("contacts", "add", fmt.Sprintf("friend-%d", i), other.id()) }()
	}
	for range count {
		result := <-done
		require.Equal(t, ExitDone, result.status, result.err)
	}
	require.Len(t, gets[contactsResult](p, "contacts").Contacts, count)
}

// shown are the sessions of an answer to ListSessions, by their IDs.
func shown(result map[string]any) map[string]map[string]any {
	all := make(map[string]map[string]any)
	for _, listed := range result["sessions"].([]any) {
		session := listed.(map[string]any)
		all[session["id"].(string)] = session
	}
	return all
}

func TestNobodyReadsAlongOnANodesWord(t *testing.T) {
	alice, bob, eve := newPerson(t, nodeAddress), newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob, "eve": eve})
	for _, p := range []*person{alice, bob, eve} {
		p.does("id", "register")
	}
	for name, with := range map[string]string{"instead": alice.id(), "as well": alice.id() + "," + bob.id()} {
		made := gets[createResult](eve, "create", "--with", with).Session
		session := made.String()
		direct, err := client.New(nodeAddress, client.Options{})
		require.NoError(t, err)
		found, err := direct.GetSession(context.Background(), client.GetSessionParams{SessionID: made})
		require.NoError(t, err)
		node := liar(t, "ListSessions", func(result map[string]any) {
			lie := map[string]any{} // it is none of theirs, so that an honest node does not list it
			encoded, err := json.Marshal(found.Session.SessionSummary)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(encoded, &lie))
			lie["participants"] = []any{hexID(alice), hexID(bob)}
			result["sessions"] = []any{lie}
		})
		for _, args := range [][]string{{"send", "bob", "for bob alone"}, {"read", "bob"}, {"ack", "bob"}, {"rotate", "bob"}} {
			alice.fails(ExitRefused, "answers falsely", append(args, "--node", node)...)
		}
		require.Empty(t, reads(eve, ExitDone, session), name)
		eve.does("close", session)
	}
}

func hexID(p *person) string { return ids.ID(p.identity.ID()).String() }

func TestAfterItsFileWasRemovedASessionLosesNothingThatComes(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "one")
	alice.does("send", session, "two")
	bob.does("send", session, "three")
	require.Len(t, reads(alice, ExitDone, session), 3)
	files, err := filepath.Glob(filepath.Join(alice.home, ".session", "sessions", "*.session"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.NoError(t, os.Remove(files[0]), "as ErrOldState says")
	alice.does("send", session, "four")
	require.Len(t, reads(bob, ExitDone, session), 4)
	bob.does("send", session, "five")
	var texts []string
	for _, m := range reads(alice, ExitDone, session) {
		texts = append(texts, *m.Text)
	}
	require.Equal(t, []string{"one", "two", "three", "four", "five"}, texts)
}

func TestASessionThatIsFullIsFollowedByTheNext(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	session := gets[sendResult](alice, "send", "bob", "one").Session
	node := liar(t, "ListSessions", func(result map[string]any) {
		if full, ok := shown(result)[session.String()]; ok {
			full["messages"] = json.Number("10000")
		}
	})
	require.NotEqual(t, session, gets[sendResult](alice, "send", "bob", "two", "--node", node).Session)
}

func TestAStrangersGroupIsNotTakenForWhomTheUserMeans(t *testing.T) {
	alice, stranger := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	alice.does("id", "register")
	made := gets[groupResult](stranger, "group", "create", "carol", "--with", alice.id())
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
	deadline, err := n.deadline(t.Context())
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
	bob.does("group", "create", "friends", "--with", alice.id())
	alice.does("send", "friends", "hello")
	require.Len(t, gets[groupsResult](alice, "group", "list").Groups, 2)
}

// troubled is an address that passes calls on to the real node, but for those that are lost.
func troubled(t *testing.T, lost func(method string, params map[string]any) bool) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			Method string
			Params any
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &call) != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		params, _ := call.Params.(map[string]any)
		if list, ok := call.Params.([]any); ok && len(list) == 1 {
			params, _ = list[0].(map[string]any)
		}
		if lost(strings.TrimPrefix(call.Method, "sessionvm."), params) {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		response, err := http.Post(nodeAddress, "application/json", bytes.NewReader(body))
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, response.Body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/rpc"
}

// TestAChatLosesNothingBetweenTwoSessions has the node go away, or close the next session,
// while what is unsent goes there.
func TestAChatLosesNothingBetweenTwoSessions(t *testing.T) {
	for name, trouble := range map[string]struct {
		method string
		call   int64 // of the method, after the first session is closed
		gone   bool
	}{
		"the node does not answer":     {"PollSession", 2, true},       // after that of joining the session
		"the next session is over too": {"IssueTransaction", 3, false}, // after those of sending, and of making the session
	} {
		t.Run(name, func(t *testing.T) {
			alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
			names(t, map[string]*person{"alice": alice, "bob": bob})
			bob.does("id", "register")
			first := gets[sendResult](alice, "send", "bob", "one").Session
			var closed atomic.Bool
			var calls atomic.Int64
			node := troubled(t, func(method string, params map[string]any) bool {
				if !closed.Load() || method != trouble.method || params["sessionId"] == first.String() || calls.Add(1) != trouble.call {
					return false
				}
				if !trouble.gone {
					var listed sessionsResult
					if json.Unmarshal([]byte(bob.runs("sessions", "--json").out), &listed) == nil {
						bob.runs("close", listed.Sessions[0].Session.String())
					}
				}
				return trouble.gone
			})
			alice.env[envNode] = node
			chat := alice.chats("bob")
			chat.sees("you: one")
			bob.does("close", first.String())
			closed.Store(true)
			chat.says("two")
			chat.sees("you: two")
			require.NoError(t, chat.in.Close())
			require.Equal(t, ExitDone, <-chat.status)
			alice.env[envNode] = nodeAddress
			var texts []string
			for _, m := range reads(bob, ExitDone, "alice") {
				texts = append(texts, *m.Text)
			}
			require.Equal(t, []string{"one", "two"}, texts)
			require.GreaterOrEqual(t, calls.Load(), trouble.call)
		})
	}
}

func TestAFileThatASessionDidNotTakeIsNotAnnouncedInTheNext(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	first := gets[sendResult](alice, "send", "bob", "one").Session
	path := filepath.Join(t.TempDir(), "notes.txt")
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("note"), 100), 0o600))
	chat := alice.chats("bob")
	chat.sees("you: one")
	bob.does("close", first.String())
	chat.says("/file " + path)
	chat.sees(`the file "notes.txt" is not sent: send it again`)
	chat.sees("Another session from here on")
	require.Empty(t, reads(bob, ExitDone, "alice")[1:])
	chat.says("/file " + path)
	chat.sees(`you: [file "notes.txt", 400 bytes]`)
	require.NoError(t, chat.in.Close())
	require.Equal(t, ExitDone, <-chat.status)
	require.Equal(t, 1, strings.Count(bob.does("read", "alice"), "notes.txt"))
	bob.does("save", "alice", "2", filepath.Join(t.TempDir(), "saved"))
}

func TestAListOfSessionsEnds(t *testing.T) {
	alice, bob, _ := pair(t)
	next, calls := 1<<40, 0
	node := liar(t, "ListSessions", func(result map[string]any) {
		next, calls = next-1, calls+1
		require.Less(t, calls, 1000)
		result["sessions"], result["next"] = []any{}, next
	})
	require.Contains(t, alice.runs("read", bob.id(), "--node", node).err, "the list is longer")
}

// TestWhatIsToBeSentAfterWhatIsQueuedIsStoredToo has the node lose an answer while what a
// session did not take goes into the next, before what the user says now.
func TestWhatIsToBeSentAfterWhatIsQueuedIsStoredToo(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	first := gets[sendResult](alice, "send", "bob", "one").Session
	alice.does("read", "bob")
	deaf := troubled(t, func(method string, _ map[string]any) bool { return method == "IssueTransaction" })
	alice.fails(ExitUnreachable, "do not send it again", "send", "bob", "two", "--node", deaf)
	issued := 0
	node := troubled(t, func(method string, _ map[string]any) bool {
		if method == "IssueTransaction" {
			issued++
		}
		if method == "IssueTransaction" && issued == 1 {
			bob.runs("close", first.String())
		}
		return method == "IssueTransaction" && issued == 3 // after those in the first session, and of making the next
	})
	require.NotEqual(t, first, gets[sendResult](alice, "send", "bob", "three", "--node", node).Session)
	var texts []string
	for _, m := range reads(bob, ExitDone, "alice") {
		texts = append(texts, *m.Text)
	}
	require.Equal(t, []string{"one", "two", "three"}, texts)
}

// TestAChatKeepsWhatIsTypedWhileTheNodeIsAway types while the node does not answer, ends a chat
// meanwhile, and finds every line delivered once, in order, with its text.
func TestAChatKeepsWhatIsTypedWhileTheNodeIsAway(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	var away atomic.Bool
	alice.env[envNode] = troubled(t, func(string, map[string]any) bool { return away.Load() })
	chat := alice.chats("bob")
	chat.says("one")
	chat.sees("you: one")
	away.Store(true)
	for _, text := range []string{"two", "three"} {
		chat.says(text)
		chat.sees("NOT SENT yet, stored until a node answers: " + text)
	}
	away.Store(false)
	chat.sees("you: two")
	chat.sees("you: three")
	away.Store(true)
	chat.says("four")
	chat.sees("NOT SENT yet, stored until a node answers: four")
	require.NoError(t, chat.in.Close())
	require.Equal(t, ExitDone, <-chat.status)
	away.Store(false)
	chat = alice.chats("bob")
	chat.sees("you: four")
	require.NoError(t, chat.in.Close())
	require.Equal(t, ExitDone, <-chat.status)
	var texts []string
	for _, m := range reads(bob, ExitDone, "alice") {
		texts = append(texts, *m.Text)
	}
	require.Equal(t, []string{"one", "two", "three", "four"}, texts)
}
