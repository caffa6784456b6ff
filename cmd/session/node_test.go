package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

// pair is two registered people and a session of theirs.
func pair(t *testing.T) (alice, bob *person, session string) {
	t.Helper()
	alice, bob = newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	alice.does("id", "register")
	bob.does("id", "register")
	made := gets[createResult](alice, "create", "--with", bob.id())
	require.Equal(t, "active", made.Status)
	require.Equal(t, []string{alice.id(), bob.id()}, made.Participants)
	return alice, bob, made.Session.String()
}

// reads returns the messages that read --json prints.
func reads(p *person, want int, args ...string) []shownEntry {
	p.t.Helper()
	result := p.runs(append([]string{"read", "--json"}, args...)...)
	require.Equal(p.t, want, result.status, result.out+result.err)
	var messages []shownEntry
	decoder := json.NewDecoder(strings.NewReader(result.out))
	for decoder.More() {
		var h shownEntry
		require.NoError(p.t, decoder.Decode(&h))
		if h.Kind == messaging.KindMessage || h.Kind == messaging.KindRefused {
			messages = append(messages, h)
		}
	}
	return messages
}

func TestBothReadWhatEitherSends(t *testing.T) {
	alice, bob, session := pair(t)
	require.Contains(t, bob.runs("read", session).err, "No messages yet.\n")
	first := gets[sendResult](alice, "send", session, "hello bob")
	require.Equal(t, uint64(1), first.Sequence, "with the announcement of its keys")
	require.NotZero(t, first.Height)
	require.NotEqual(t, ids.Empty, first.Proven)
	require.Equal(t, ExitDone, bob.pipes("hi alice\nfrom standard input\n", "send", session).status)
	require.Equal(t, ExitDone, bob.pipes("\xff\x00", "send", session).status)

	for _, p := range []*person{alice, bob} {
		messages := reads(p, ExitDone, session)
		require.Len(t, messages, 3)
		require.Equal(t, "hello bob", *messages[0].Text)
		require.Equal(t, first.ID, messages[0].ID)
		require.Equal(t, alice.id(), messages[0].Sender)
		require.Equal(t, "hi alice\nfrom standard input\n", *messages[1].Text)
		require.Equal(t, bob.id(), messages[1].Sender)
		require.Equal(t, []byte("\xff\x00"), messages[2].Content)
		for _, m := range messages {
			require.True(t, m.Verified)
			require.Empty(t, m.Problem)
		}
	}
	require.Len(t, reads(bob, ExitDone, session, "--from", "2"), 2)

	lines := strings.Split(bob.does("read", session), "\n")
	require.Regexp(t, `^#1    \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  07[0-9a-f]{8}\.\.[0-9a-f]{4}  hello bob$`, lines[0])
	require.Regexp(t, `^#2    .{19}  you               hi alice$`, lines[1])
	require.Regexp(t, `^ {45}from standard input$`, lines[2])
	require.Regexp(t, `^#3    .{19}  you               \(2 bytes that are no text: use --json\)$`, lines[3])
}

func TestASessionSaysItsExpiry(t *testing.T) {
	alice, bob, _ := pair(t)
	require.Regexp(t, `^Session       \w+  public\nStatus        pending\nExpires       \d{4}-.*\nParticipants  `+alice.id()+"\n {14}"+bob.id()+"\n$",
		alice.does("create", "--plain", "--with", bob.id()))
}

func TestRegisteringAgainIsNoError(t *testing.T) {
	p := newPerson(t, nodeAddress)
	require.False(t, gets[registerResult](p, "id", "register").AlreadyRegistered)
	require.True(t, gets[registerResult](p, "id", "register").AlreadyRegistered)
}

func TestAnIdentityThatIsNotRegisteredNeedsAContactFile(t *testing.T) {
	alice, _, _ := pair(t)
	eve := newPerson(t, nodeAddress)
	alice.fails(ExitRefused, "is not registered", "create", "--with", eve.id())
	file := filepath.Join(t.TempDir(), "eve.json")
	require.NoError(t, os.WriteFile(file, []byte(eve.does("id", "show", "--json")), 0o600))
	session := gets[createResult](alice, "create", "--with", eve.id(), "--contact", file).Session.String()
	alice.fails(ExitRefused, "publishes a fresh prekey", "send", session, "hello eve", "--contact", file)
	eve.does("id", "register")
	alice.does("send", session, "hello eve")
	require.Equal(t, "hello eve", *reads(eve, ExitDone, session)[0].Text)

	other := newPerson(t, nodeAddress)
	swapped := strings.Replace(eve.does("id", "show", "--json"), eve.id(), other.id(), 1)
	require.NoError(t, os.WriteFile(file, []byte(swapped), 0o600))
	alice.fails(ExitRefused, "do not use them", "create", "--with", other.id(), "--contact", file)
}

func TestOnlyParticipantsReadAndWrite(t *testing.T) {
	_, _, session := pair(t)
	eve := newPerson(t, nodeAddress)
	eve.does("id", "register")
	for _, args := range [][]string{{"read", session}, {"send", session, "me too"}, {"ack", session}, {"rotate", session}, {"close", session}} {
		eve.fails(ExitRefused, "not a participant", args...)
	}
}

func TestAnUnknownSessionIsRefused(t *testing.T) {
	alice := newPerson(t, nodeAddress)
	alice.does("id", "register")
	unknown := ids.ID{7, 9}.String()
	for _, args := range [][]string{{"read", unknown}, {"send", unknown, "hello"}, {"show", unknown}, {"close", unknown}, {"ack", unknown}} {
		alice.fails(ExitRefused, "unknown session", args...)
	}
	var report struct{ Error failure }
	result := alice.runs("read", unknown, "--json")
	require.NoError(t, json.Unmarshal([]byte(result.err), &report), result.err)
	require.Equal(t, 1301, report.Error.Code)
	require.NotEmpty(t, report.Error.Expected)
}

func TestAReceiptIsForWhatWasReadAndNotTwice(t *testing.T) {
	alice, bob, session := pair(t)
	bob.fails(ExitRefused, "none after #0", "ack", session)
	alice.does("send", session, "one")
	alice.does("send", session, "two")
	require.Equal(t, uint64(1), gets[acknowledgeResult](bob, "ack", session, "1").Sequence)
	require.Equal(t, uint64(2), gets[acknowledgeResult](bob, "ack", session).Sequence)
	bob.fails(ExitRefused, "none after #2", "ack", session)
	bob.fails(ExitRefused, "ahead", "ack", session, "3")
	require.Equal(t, uint64(2), gets[showResult](alice, "show", session).Receipts[1].Received)
	require.Contains(t, alice.does("read", session), "has everything up to #2, and signed that")
}

func TestAfterARotationOldAndNewMessagesAreRead(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "before")
	reads(bob, ExitDone, session)
	bob.does("rotate", session)
	alice.does("send", session, "between")
	bob.does("rotate", session)
	alice.does("send", session, "after")
	messages := reads(bob, ExitDone, session)
	require.Len(t, messages, 3)
	for i, text := range []string{"before", "between", "after"} {
		require.Equal(t, text, *messages[i].Text)
	}
	require.Contains(t, bob.does("read", session, "--keys"), "encrypts with new keys from #")
	require.Equal(t, []shownReceipt{{Participant: alice.id()}, {Participant: bob.id()}}, gets[showResult](alice, "show", session).Receipts)
}

func TestAClosedSessionTakesNothingMore(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "last words")
	bob.does("close", session)
	alice.fails(ExitRefused, "closed", "send", session, "too late")
	require.Len(t, reads(alice, ExitDone, session), 1)
	require.Contains(t, alice.does("read", session), "!! not sent: the session was over: too late")
	rows := gets[sessionsResult](bob, "sessions").Sessions
	require.Len(t, rows, 1)
	require.Equal(t, "closed", rows[0].Status)
	require.Contains(t, bob.does("sessions"), session+"  public  2 participants  closed  1         2")
}

// TestATransactionThatIsNotDecidedIsNamed: its user asks about it later.
func TestATransactionThatIsNotDecidedIsNamed(t *testing.T) {
	alice, bob, _ := pair(t)
	late := refusing(t, "sessionvm.IssueTransaction", refusal.ErrWaitTimeout)
	result := alice.runs("create", "--with", bob.id(), "--node", late)
	require.Equal(t, ExitRefused, result.status)
	require.Regexp(t, `transaction \w{40,} may be accepted or not: `, result.err)
	require.Contains(t, result.err, "It may still be accepted.")
}

func TestInfoSaysWhichChainAndHowTheNodeIs(t *testing.T) {
	p := newPerson(t, nodeAddress)
	info := gets[infoResult](p, "info")
	require.True(t, info.Health.Healthy)
	require.Equal(t, "07", info.Chain.Genesis.IDPrefix)
	require.Contains(t, p.does("info"), "(healthy)")
	p.does("info", "--chain", info.Chain.ChainID.String())
	p.fails(ExitRefused, "made for another chain", "info", "--chain", ids.ID{1}.String())
}

func TestATooLargeMessageIsRefusedBeforeItIsSent(t *testing.T) {
	alice, _, session := pair(t)
	result := alice.pipes(strings.Repeat("x", 300<<10), "send", session)
	require.Equal(t, ExitUsage, result.status)
	require.Contains(t, result.err, "196608 bytes")
}

// liar passes calls on to the real node and changes one method's answers.
func liar(t *testing.T, method string, change func(result map[string]any)) string {
	t.Helper()
	return answering(t, func(called string, answer map[string]any) {
		if result, ok := answer["result"].(map[string]any); ok && called == "sessionvm."+method {
			change(result)
		}
	})
}

// refusing refuses one method, and passes all others on.
func refusing(t *testing.T, method string, reason refusal.Reason) string {
	t.Helper()
	return intercepting(t, func(called string) bool { return called == method }, func(called string, answer map[string]any) {
		if called == method {
			answer["error"] = map[string]any{"code": reason, "message": reason.Error()}
		}
	})
}

// answering passes calls on to the real node and changes its answers.
func answering(t *testing.T, change func(method string, answer map[string]any)) string {
	t.Helper()
	return intercepting(t, func(string) bool { return false }, change)
}

// intercepting passes calls on to the real node, but for those that it holds, and changes the
// answers.
func intercepting(t *testing.T, holds func(method string) bool, change func(method string, answer map[string]any)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		var call struct {
			ID     any
			Method string
		}
		if json.Unmarshal(body, &call) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		answer := map[string]any{"jsonrpc": "2.0", "id": call.ID}
		if !holds(call.Method) {
			response, err := http.Post(nodeAddress, "application/json", bytes.NewReader(body))
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			defer response.Body.Close()
			decoder := json.NewDecoder(response.Body)
			decoder.UseNumber()
			if decoder.Decode(&answer) != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
		}
		change(call.Method, answer)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/rpc"
}

func TestALyingNodeIsCaught(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "one")
	alice.does("send", session, "two")
	alice.does("send", session, "three")
	eve := newPerson(t, nodeAddress)
	public := eve.identity.Public()
	message := func(result map[string]any, i int) map[string]any {
		return result["messages"].([]any)[i].(map[string]any)
	}

	t.Run("about somebody's keys", func(t *testing.T) {
		bob.t = t
		node := liar(t, "GetIdentity", func(result map[string]any) {
			identity := result["identity"].(map[string]any)
			identity["kemPublicKey"], identity["dsaPublicKey"] = client.Bytes(public.KEM).String(), client.Bytes(public.DSA).String()
		})
		bob.fails(ExitRefused, "answers falsely", "create", "--with", alice.id(), "--node", node)
		bob.fails(ExitRefused, "answers falsely", "send", session, "hello", "--node", node)
		bob.fails(ExitRefused, "answers falsely", "read", session, "--node", node)
	})
	t.Run("about prekeys", func(t *testing.T) {
		alice.t = t
		node := liar(t, "GetStateProof", func(result map[string]any) {
			proof, err := base64.StdEncoding.DecodeString(result["proof"].(string))
			require.NoError(t, err)
			proof[len(proof)-1] ^= 1
			result["proof"] = proof
		})
		alice.fails(ExitRefused, "answers falsely", "send", eve.id(), "hello", "--node", node)
	})
	for name, change := range map[string]func(result map[string]any){
		"by changing a ciphertext": func(result map[string]any) {
			text := message(result, 1)["ciphertext"].(string)
			message(result, 1)["ciphertext"] = text[:len(text)-2] + flipped(text[len(text)-2:])
		},
		"by changing a signature": func(result map[string]any) {
			text := message(result, 1)["signature"].(string)
			message(result, 1)["signature"] = flipped(text[:2]) + text[2:]
		},
		"by naming another sender":  func(result map[string]any) { message(result, 1)["sender"] = ids.ID(bob.identity.ID()).String() },
		"by naming a stranger":      func(result map[string]any) { message(result, 1)["sender"] = ids.ID(eve.identity.ID()).String() },
		"by naming another session": func(result map[string]any) { message(result, 1)["sessionId"] = ids.ID{7}.String() },
		"by another message's ID":   func(result map[string]any) { message(result, 1)["id"] = message(result, 0)["id"] },
		"by keeping one back": func(result map[string]any) {
			list := result["messages"].([]any)
			result["messages"] = []any{list[0], list[2]}
		},
		"by keeping the first back": func(result map[string]any) { result["messages"] = result["messages"].([]any)[1:] },
		"by keeping all back":       func(result map[string]any) { result["messages"] = []any{} },
	} {
		t.Run(name, func(t *testing.T) {
			bob.t = t
			outcome := bob.runs("read", session, "--node", liar(t, "PollSession", change))
			require.Equal(t, ExitRefused, outcome.status, outcome.out+outcome.err)
			require.Regexp(t, "answers falsely|leaves out|another transcript", outcome.err)
			require.Empty(t, outcome.out)
		})
	}
	t.Run("and nothing was lost", func(t *testing.T) {
		bob.t = t
		require.Len(t, reads(bob, ExitDone, session), 3)
	})
}

// flipped changes the lowest bit of a byte in hex.
func flipped(digits string) string {
	var b client.Bytes
	if err := b.UnmarshalText([]byte(digits)); err != nil {
		panic(err)
	}
	b[0] ^= 1
	return b.String()
}

// TestANodeDoesNotSteerTheTerminal has a node answer a session's status with escape sequences.
func TestANodeDoesNotSteerTheTerminal(t *testing.T) {
	alice, _, session := pair(t)
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response, err := http.Post(nodeAddress, "application/json", r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(bytes.ReplaceAll(answer, []byte(`"status":"active"`), []byte(`"status":"\u001b[2Jactive"`)))
	}))
	defer liar.Close()
	for _, args := range [][]string{{"sessions"}, {"show", session}} {
		result := alice.runs(append(args, "--node", liar.URL)...)
		require.Equal(t, ExitDone, result.status, result.err)
		require.Contains(t, result.out, "[2Jactive")
		require.NotContains(t, result.out+result.err, "\x1b")
	}
}
