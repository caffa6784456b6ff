package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// seen have all people talk in public.
func seen(people ...*person) {
	for _, p := range people {
		p.env[envPublic] = "1"
	}
}

// meet makes two people contacts, and has one invite the other, who answers, to their private session.
func meet(t *testing.T, alice, bob *person) (session ids.ID) {
	t.Helper()
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	alice.does("send", "bob", "begin")
	bob.does("read", "alice")
	return gets[sessionsResult](bob, "sessions").Sessions[0].Session
}

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
	seen(alice, bob)
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
	alice.does("proof", "bob", "1", "--out", file)
	require.Equal(t, first.ID, gets[verifyResult](alice, "verify", file).Message)
	lines := strings.Split(alice.does("read", "bob"), "\n")
	require.Equal(t, "-- public session "+first.Session.String(), lines[0])
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
	seen(alice, bob)
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
			answer["error"] = map[string]any{"code": refusal.ErrUnknownSession, "message": "unknown session"}
		}
	})
	require.Contains(t, bob.does("read", "alice", "--node", forgotten), "long ago")
	bob.fails(ExitRefused, "unknown session", "ack", session, "--node", forgotten)
}

func TestWhatASessionDidNotTakeGoesIntoTheNext(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	seen(alice, bob)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	session := gets[sendResult](alice, "send", "bob", "one").Session.String()
	lost := refusing(t, "sessionvm.IssueTransaction", refusal.ErrMempoolFull)
	alice.fails(ExitRefused, "it is stored, and the next command in this conversation sends it", "send", "bob", "two", "--node", lost)
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
	shown := gets[contactResult](alice, "contacts", "verify", "bob")
	require.Equal(t, shown.SafetyNumber, gets[contactResult](bob, "contacts", "verify", "alice").SafetyNumber)
	require.Equal(t, pq.SafetyNumber(alice.identity.ID(), bob.identity.ID()), shown.SafetyNumber)
	require.False(t, shown.Compared)
	require.True(t, gets[contactResult](alice, "contacts", "verify", "bob", "--matches").Compared)
	require.Regexp(t, `bob +`+bob.id()+` +compared\n`, alice.does("contacts"))

	alice.fails(ExitUsage, `"bob" has other keys`, "contacts", "add", "bob", mallory.id())
	alice.fails(ExitUsage, `is "bob" already`, "contacts", "add", "bobby", bob.id())
	alice.does("contacts", "add", "bob", bob.id())
	require.True(t, gets[contactsResult](alice, "contacts").Contacts[0].Compared, "nothing has changed")
	alice.does("contacts", "add", "bob", mallory.id(), "--replace")
	require.Equal(t, []contactResult{{Name: "bob", ID: mallory.id()}}, gets[contactsResult](alice, "contacts").Contacts)
	alice.does("contacts", "remove", "bob")
	alice.fails(ExitUsage, "is no contact", "contacts", "remove", "bob")
	kept, err := filepath.Glob(filepath.Join(bob.home, ".session", "sessions", "*.contacts"))
	require.NoError(t, err)
	content, err := os.ReadFile(kept[0])
	require.NoError(t, err)
	require.NotContains(t, string(content), "alice", "it is encrypted")
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
	seen(alice, bob, eve)
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
		alice.does("read", "bob") // an honest node goes on, as if the session had never been listed
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
	seen(alice, bob)
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

func TestAListOfSessionsEnds(t *testing.T) {
	alice, bob, _ := pair(t)
	next, calls := 1<<40, 0
	node := liar(t, "ListSessions", func(result map[string]any) {
		next, calls = next-1, calls+1
		require.Less(t, calls, 1000)
		result["sessions"], result["next"] = []any{}, next
	})
	require.Contains(t, alice.runs("read", bob.id(), "--public", "--node", node).err, "the list is longer")
}

// TestWhatIsToBeSentAfterWhatIsQueuedIsStoredToo has the node lose an answer while what a
// session did not take goes into the next, with what the user says now.
func TestWhatIsToBeSentAfterWhatIsQueuedIsStoredToo(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	seen(alice, bob)
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
	alice.fails(ExitUnreachable, "do not send it again", "send", "bob", "three", "--node", node)
	alice.does("read", "bob")
	var texts []string
	for _, m := range reads(bob, ExitDone, "alice") {
		texts = append(texts, *m.Text)
	}
	require.Equal(t, []string{"one", "two", "three"}, texts)
}
