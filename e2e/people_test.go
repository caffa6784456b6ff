package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// user is somebody with the session command line, a home, and a node that is asked.
type user struct {
	name, home, id string
	node           string
}

// users are who talk in testPeople, and again once the validators have changed: what they trust is
// what they pinned at first.
var users []*user

// group is their group's name.
const group = "five"

// runs runs a command as a user, and returns what it prints and its exit status.
func (u *user) runs(ctx context.Context, t *testing.T, arguments ...string) (out string, status int) {
	t.Helper()
	command := exec.CommandContext(ctx, *sessionBinary, arguments...)
	command.Env = append(os.Environ(), "SESSION_NODE="+u.node, "HOME="+u.home, "SESSION_PASSPHRASE=correct horse battery staple")
	var printed, complaints bytes.Buffer
	command.Stdout, command.Stderr = &printed, &complaints
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return printed.String() + complaints.String(), command.ProcessState.ExitCode()
}

// does is runs for a command that must do what it says.
func (u *user) does(ctx context.Context, t *testing.T, arguments ...string) string {
	t.Helper()
	out, status := u.runs(ctx, t, arguments...)
	require.Zero(t, status, "%s: session %v: %s", u.name, arguments, out)
	return out
}

// hears requires that a user reads texts with somebody, in this order, each once.
func (u *user) hears(ctx context.Context, t *testing.T, with string, texts ...string) {
	t.Helper()
	out := u.does(ctx, t, "read", with)
	at := 0
	for _, text := range texts {
		require.Equal(t, 1, strings.Count(out, text), "%s: %q in %s", u.name, text, out)
		next := strings.Index(out, text)
		require.Greater(t, next, at, "%s: %q in its place in %s", u.name, text, out)
		at = next
	}
}

// awaits reads with somebody until a text is there: the node may need a moment for what another one has accepted.
func (u *user) awaits(ctx context.Context, t *testing.T, with, text string) {
	t.Helper()
	for out := ""; !strings.Contains(out, text); {
		require.NoError(t, ctx.Err(), "%s: %q in %s", u.name, text, out)
		out = u.does(ctx, t, "read", with)
	}
}

// joined is what somebody's list of groups says of the one that there is.
type joined struct {
	Private bool     `json:"private"`
	Members []string `json:"members"`
	Invited []string `json:"invited"`
	Session string   `json:"session"`
}

// awaitsGroup lists a user's groups until all who are asked to join have, and there is a session.
func (u *user) awaitsGroup(ctx context.Context, t *testing.T, members int) joined {
	t.Helper()
	for {
		var listed struct {
			Groups []joined `json:"groups"`
		}
		require.NoError(t, json.Unmarshal([]byte(u.does(ctx, t, "group", "list", "--json")), &listed))
		if len(listed.Groups) == 1 && len(listed.Groups[0].Invited) == 0 && listed.Groups[0].Session != "" && len(listed.Groups[0].Members) == members {
			return listed.Groups[0]
		}
		require.NoError(t, ctx.Err(), "%s: %+v", u.name, listed)
	}
}

// testPeople: two people and a group of five talk over five nodes, in private, each of which proves what it
// says; one of the nodes is killed meanwhile.
func testPeople(ctx context.Context, t *testing.T) {
	folder, err := os.MkdirTemp(net.Folder(), "people-")
	require.NoError(t, err)
	for i, name := range []string{"alice", "bob", "carol", "dave", "eve"} {
		u := &user{name: name, home: filepath.Join(folder, name), node: net.Nodes[i].RPC()}
		require.NoError(t, os.Mkdir(u.home, 0o700))
		u.does(ctx, t, "id", "new")
		var shown struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(u.does(ctx, t, "id", "show", "--json")), &shown))
		u.id = shown.ID
		require.Contains(t, u.does(ctx, t, "id", "register"), "First use of chain", "it says what it trusts")
		users = append(users, u)
	}
	alice, bob, carol := users[0], users[1], users[2]
	for _, u := range users {
		for _, other := range users {
			if other != u {
				u.does(ctx, t, "contacts", "add", other.name, other.id)
			}
		}
	}
	require.Contains(t, alice.does(ctx, t, "send", "bob", "hello bob"), "Invited")
	bob.awaits(ctx, t, "alice", "hello bob")
	require.Contains(t, bob.does(ctx, t, "send", "alice", "hello alice"), "Proven at block")
	alice.awaits(ctx, t, "bob", "hello alice")
	alice.hears(ctx, t, "bob", "hello bob", "hello alice")
	alice.does(ctx, t, "group", "create", group, "--with", "bob,carol,dave,eve")
	for _, u := range users[1:] {
		for !strings.Contains(u.does(ctx, t, "group", "list"), group) {
			require.NoError(t, ctx.Err())
		}
	}
	require.True(t, alice.awaitsGroup(ctx, t, 5).Private)
	alice.does(ctx, t, "send", group, "welcome")

	// The node that Carol uses is killed. She goes to another one, and trusts what she has pinned.
	victim := net.Nodes[2]
	require.NoError(t, victim.Kill())
	_, status := carol.runs(ctx, t, "send", group, "to nobody")
	require.NotZero(t, status)
	alice.does(ctx, t, "send", group, "one node less")
	carol.node = net.Nodes[3].RPC()
	carol.hears(ctx, t, group, "welcome", "one node less")
	carol.does(ctx, t, "send", group, "carol is here")
	require.NoError(t, net.StartNode(ctx, victim))
	carol.node = victim.RPC()
	for _, u := range users {
		u.hears(ctx, t, group, "welcome", "one node less", "carol is here")
	}
	alice.does(ctx, t, "group", "remove", group, "eve")
	bob.awaitsGroup(ctx, t, 4)
	bob.does(ctx, t, "send", group, "without eve")
	for _, u := range users[:4] {
		u.hears(ctx, t, group, "carol is here", "without eve")
	}
	out, status := users[4].runs(ctx, t, "read", group)
	require.Zero(t, status, out)
	require.NotContains(t, out, "without eve")
	for _, u := range users { // no node knows of any of them
		for _, node := range net.Nodes {
			require.Zero(t, sessionsOf(ctx, t, node, u.id), "the chain has a session that names %s", u.name)
		}
	}
}

// sessionsOf returns how many sessions a node lists of an identity.
func sessionsOf(ctx context.Context, t *testing.T, node *network.Node, identity string) (count int) {
	for _, requests := range []bool{false, true} {
		var listed struct {
			Sessions []json.RawMessage `json:"sessions"`
		}
		require.NoError(t, node.Call(ctx, "ListSessions", map[string]any{"participant": identity, "requests": requests}, &listed))
		count += len(listed.Sessions)
	}
	return count
}

// peopleAfterChange: what they pinned before the validators changed leads to the new ones, and a
// node in whose place a liar stands is found out.
func peopleAfterChange(ctx context.Context, t *testing.T) {
	alice, bob, dave := users[0], users[1], users[3]
	for _, u := range users {
		u.node = net.Nodes[0].RPC() // one of the five validates no more
	}
	alice.does(ctx, t, "send", "bob", "after the change")
	dave.does(ctx, t, "send", group, "the validators have changed")
	alice.hears(ctx, t, group, "without eve", "the validators have changed")

	lies := 0
	liar := newLiar(t, net.Nodes[0], func(result map[string]any) bool {
		messages, _ := result["messages"].([]any)
		if len(messages) < 1 {
			return false
		}
		lies++
		result["messages"] = messages[1:] // the first of what is new
		return true
	})
	bob.node = liar.URL
	out, status := bob.runs(ctx, t, "read", "alice")
	require.Equal(t, 1, status, out)
	require.Contains(t, out, "leaves out messages")
	require.Positive(t, lies)
	require.NotContains(t, out, "after the change")
	t.Logf("a node that leaves out a message:\n%s", out)
	bob.node = net.Nodes[1].RPC()
	bob.hears(ctx, t, "alice", "hello bob", "hello alice", "after the change")
	bob.hears(ctx, t, group, "without eve", "the validators have changed")
}

// newLiar stands in a node's place: it passes calls on, and changes what the node answers to a poll.
func newLiar(t *testing.T, node *network.Node, change func(result map[string]any) bool) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			var response *http.Response
			if response, err = http.Post(node.RPC(), "application/json", bytes.NewReader(body)); err == nil {
				defer response.Body.Close()
				body, err = lied(body, response.Body, change)
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server
}

func lied(request []byte, answer io.Reader, change func(map[string]any) bool) ([]byte, error) {
	truth, err := io.ReadAll(answer)
	if err != nil || !bytes.Contains(request, []byte("PollSession")) {
		return truth, err
	}
	var envelope map[string]any
	decoder := json.NewDecoder(bytes.NewReader(truth))
	decoder.UseNumber()
	if err := decoder.Decode(&envelope); err != nil {
		return nil, fmt.Errorf("the node's answer: %w", err)
	}
	result, ok := envelope["result"].(map[string]any)
	if !ok || !change(result) {
		return truth, nil
	}
	return json.Marshal(envelope)
}
