package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

// talker is a chat that goes on until its input ends.
type talker struct {
	*follower
	person *person
	in     io.WriteCloser
}

// chats starts a chat.
func (p *person) chats(to string) *talker {
	p.t.Helper()
	in, typing := io.Pipe()
	return &talker{p.startsWith(in, "chat", to), p, typing}
}

func (c *talker) says(text string) {
	c.t.Helper()
	_, err := io.WriteString(c.in, text+"\n")
	require.NoError(c.t, err)
}

// sees reads lines until one has a text. None calls the user by an ID.
func (c *talker) sees(text string) {
	c.t.Helper()
	own := pq.FormatID(c.person.identity.ID())
	for line := ""; !strings.Contains(line, text); {
		line = c.line()
		require.NotContains(c.t, line, own[:10]+"..")
	}
}

func TestAChatShowsWhatComesAndWhoHasReadIt(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	seen(alice, bob)
	names(t, map[string]*person{"alice": alice, "bob": bob})
	bob.does("id", "register")
	first := alice.chats("bob")
	require.Equal(t, "-- bob. /help for help.", first.line())
	require.Contains(t, first.line(), "The safety number with bob is not compared yet")
	first.says("hello bob")
	require.Regexp(t, `^\d\d:\d\d  you: hello bob  \[#1 delivered\]$`, first.line())

	second := bob.chats("alice")
	second.sees("alice: hello bob")
	require.Regexp(t, `^\d\d:\d\d  \[bob has read up to #1\]$`, first.line())
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

	s := &shell{errOut: io.Discard, getenv: func(name string) string { return bob.env[name] }, timeout: 20 * time.Second}
	n, err := s.connect(t.Context())
	require.NoError(t, err)
	list, err := n.ListSessions(t.Context(), client.ListSessionsParams{Participant: bob.identity.ID()})
	require.NoError(t, err)
	_, err = n.transact(t.Context(), &chain.CloseSession{Session: list.Sessions[0].ID, Participant: bob.identity.ID()}, bob.identity)
	require.NoError(t, err)
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

func TestAChatGoesOnWhereItsSessionIsOver(t *testing.T) {
	people := map[string]*person{"alice": newPerson(t, nodeAddress), "bob": newPerson(t, nodeAddress), "carol": newPerson(t, nodeAddress)}
	for _, p := range people {
		seen(p)
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
			seen(alice, bob)
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
					if json.Unmarshal([]byte(bob.runs("sessions", "--requests", "--json").out), &listed) == nil {
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
	seen(alice, bob)
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
	bob.does("save", "alice", "1", filepath.Join(t.TempDir(), "saved"))
}

// TestAChatKeepsWhatIsTypedWhileTheNodeIsAway types while the node does not answer, ends a chat
// meanwhile, and finds every line delivered once, in order, with its text.
func TestAChatKeepsWhatIsTypedWhileTheNodeIsAway(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	seen(alice, bob)
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
