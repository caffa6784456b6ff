package messaging

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
)

// field is a value in an answer, with its path, and what replaces it.
type field struct {
	path  string
	value any
	set   func(any)
	drop  func() // nil if its object can't do without
}

// fieldsOf lists the values of a decoded JSON answer, lists and their elements included.
func fieldsOf(path string, value any, set func(any)) (fields []field) {
	switch v := value.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			below := fieldsOf(path+"."+name, v[name], func(changed any) { v[name] = changed })
			below[0].drop = func() { delete(v, name) }
			fields = append(fields, below...)
		}
		return append([]field{{path: path, value: v, set: set}}, fields...)
	case []any:
		fields = append(fields, field{path: path, value: v, set: set})
		for i := range v {
			fields = append(fields, fieldsOf(path+"[]", v[i], func(changed any) { v[i] = changed })...)
		}
		return fields
	default:
		return []field{{path: path, value: v, set: set}}
	}
}

// lies are the values that a node may answer instead of a true one.
func lies(value any) []any {
	switch v := value.(type) {
	case bool:
		return []any{!v}
	case json.Number:
		number, _ := v.Int64()
		return []any{number + 1, max(0, number-1), 0, int64(1) << 40}
	case string:
		if v == "" {
			return []any{"00"}
		}
		at := len(v) / 2
		other := "0"
		if v[at] == '0' {
			other = "1"
		}
		return []any{v[:at] + other + v[at+1:], ""}
	case []any:
		var all []any
		if count := len(v); count > 0 {
			all = append(all, []any{}, v[1:], v[:count-1], append(slices.Clone(v), v[count-1]))
			if count > 1 {
				swapped := slices.Clone(v)
				swapped[count-1], swapped[count-2] = swapped[count-2], swapped[count-1]
				all = append(all, swapped)
			}
		}
		return all
	default:
		return []any{nil}
	}
}

// liar is a node that answers as its plan says.
type liar struct {
	t     testing.TB
	plan  func(method string, fields int) (which, how int) // which field to lie about, -1 for none
	said  map[string]string                                // lies by method and path
	old   map[string][]byte                                // earlier answers by method
	stale bool                                             // answers as it did before
}

func decoded(t testing.TB, result []byte) (root any) {
	decoder := json.NewDecoder(strings.NewReader(string(result)))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&root))
	return root
}

func (l *liar) answer(method string, result []byte) []byte {
	if before, ok := l.old[method]; ok && l.stale {
		return before
	}
	l.old[method] = result
	root := decoded(l.t, result)
	fields := fieldsOf("", root, func(changed any) { root = changed })
	which, how := l.plan(method, len(fields))
	if which < 0 {
		return result
	}
	lie := fields[which]
	choices := lies(lie.value)
	if at := how % (len(choices) + 1); at < len(choices) {
		lie.set(choices[at])
	} else if lie.drop != nil {
		lie.drop()
	}
	encoded, err := json.Marshal(root)
	require.NoError(l.t, err)
	l.said[strings.TrimPrefix(method, "sessionvm.")+lie.path] = string(encoded)
	return encoded
}

// told is what a reader was shown, by what must be the chain's.
type told struct {
	next  uint64
	texts []string
}

func (r *told) takes(t require.TestingT, s *Session, events []Event) {
	for _, event := range events {
		switch e := event.(type) {
		case *Message:
			r.at(t, e.Sequence)
			r.texts = append(r.texts, e.Text())
		case *Rotated:
			r.at(t, e.Sequence)
		case *Receipt:
		default:
			require.Fail(t, "an event that nothing explains", "%T %+v", event, event)
		}
	}
}

func (r *told) at(t require.TestingT, sequence uint64) {
	require.Equal(t, r.next+1, sequence, "shown in order, and once")
	r.next = sequence
}

// TestNoNodeShowsAnythingButTheChainsTranscript has two people send, read, acknowledge and
// restart over a node that is honest, behind, refusing, breaking off, or lying in any field of
// any answer, and changes its mind each time. What each reader has taken is always a prefix of
// the chain's transcript, and all of it once the node is honest.
func TestNoNodeShowsAnythingButTheChainsTranscript(t *testing.T) {
	said := make(map[string]string)
	rapid.Check(t, func(r *rapid.T) { anyNode(t, r, said) })
	t.Logf("%d fields of answers were lied about", len(said))
}

func anyNode(t *testing.T, r *rapid.T, said map[string]string) {
	network := newWire(t)
	node := &liar{t: t, said: said, old: make(map[string][]byte)}
	members, sessions := groupOver(t, 2, network)
	direct := connect(t, nil)
	id := sessions[0].ID()
	readers := make([]told, len(sessions))
	queued, sent := map[string]bool{}, map[string]bool{}
	behave := func() {
		node.stale, node.plan = false, func(string, int) (int, int) { return -1, 0 }
		switch rapid.IntRange(0, 5).Draw(r, "node") {
		case 0, 1:
			network.set(nil, node.answer)
		case 2:
			node.stale = true
			network.set(nil, node.answer)
		case 3:
			after := rapid.Bool().Draw(r, "after")
			network.set(func(string) (bool, bool) { return !after, after }, nil)
		default:
			node.plan = func(_ string, fields int) (int, int) {
				return rapid.IntRange(-1, fields-1).Draw(r, "field"), rapid.IntRange(0, 7).Draw(r, "lie")
			}
			network.set(nil, node.answer)
		}
	}
	prefix := func(i int) {
		s := sessions[i]
		s.mu.Lock()
		at := s.record.place()
		s.mu.Unlock()
		want := chain.FirstTranscript(id)
		if at.next > 1 {
			answer, err := direct.GetMessage(testContext(t), client.GetMessageParams{SessionID: id, Sequence: at.next - 1})
			require.NoError(r, err)
			want = answer.Message.Transcript
		}
		require.Equal(r, want, at.transcript, "what was taken up to %d", at.next-1)
	}
	for step := range rapid.IntRange(4, 14).Draw(r, "steps") {
		i := rapid.IntRange(0, 1).Draw(r, "who")
		behave()
		switch rapid.IntRange(0, 5).Draw(r, "what") {
		case 0, 1:
			text := fmt.Sprintf("%d of %d", step, i)
			_, err := sessions[i].Send(testContext(t), []byte(text))
			sent[text], queued[text] = err == nil, errors.Is(err, ErrQueued)
			require.NotErrorIs(r, err, ErrUnsent, "the session is not over")
		case 2:
			_ = sessions[i].Acknowledge(testContext(t), 0)
		case 3:
			require.NoError(r, sessions[i].Close())
			again, err := members[i].Join(testContext(t), id)
			require.NoError(r, err, "the file has all that is needed")
			sessions[i] = again
		default:
			events, err := sessions[i].Check(testContext(t))
			if err == nil {
				readers[i].again(sessions[i], &events)
				readers[i].takes(r, sessions[i], events)
			}
		}
		prefix(i)
	}
	network.set(nil, nil)
	for i := range sessions {
		require.NoError(r, sessions[i].Flush(testContext(t)))
	}
	page, err := direct.ListMessages(testContext(t), client.ListMessagesParams{SessionID: id})
	require.NoError(r, err)
	for i := range sessions {
		for readers[i].next < page.Total {
			events, err := sessions[i].Receive(testContext(t))
			require.NoError(r, err)
			readers[i].again(sessions[i], &events)
			readers[i].takes(r, sessions[i], events)
		}
		prefix(i)
		require.NoError(r, sessions[i].Close())
	}
	require.Equal(r, readers[0].texts, readers[1].texts)
	for text, done := range sent {
		if done || queued[text] {
			require.Equal(r, 1, count(readers[0].texts, text), "%q was sent", text)
		} else {
			require.Zero(r, count(readers[0].texts, text), "%q was not sent", text)
		}
	}
}

func count(texts []string, text string) (n int) {
	for _, other := range texts {
		if other == text {
			n++
		}
	}
	return n
}

// again leaves out what was shown before a restart.
func (r *told) again(s *Session, events *[]Event) {
	*events = slices.DeleteFunc(*events, func(event Event) bool {
		sequence := sequenceOf(event)
		return sequence != 0 && sequence <= r.next
	})
}

// TestEachFieldOfEachAnswer has a node lie about one field at a time of all that it answers to
// whoever opens, joins, reads, sends and acknowledges. testdata/lies.txt lists what comes of it.
func TestEachFieldOfEachAnswer(t *testing.T) {
	network := newWire(t)
	members, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	for _, text := range []string{"one", "two", "three"} {
		sends(t, alice, text)
	}
	until(t, bob, text("three"))
	require.NoError(t, bob.Acknowledge(testContext(t), 0))
	pinned, err := os.ReadFile(members[1].light.pin)
	require.NoError(t, err)
	trust, err := lightclient.ParseTrustOptions(pinned)
	require.NoError(t, err)
	prekeys, err := os.ReadFile(members[1].prekeys.file.Path())
	require.NoError(t, err)

	reads := func() (string, error) { // somebody who opens, joins and reads for the first time
		config := members[1].config
		config.Client, config.Folder, config.Trust = connect(t, network), t.TempDir(), trust
		require.NoError(t, os.WriteFile(filepath.Join(config.Folder, filepath.Base(members[1].prekeys.file.Path())), prekeys, 0o600))
		again, err := Open(testContext(t), config)
		if err != nil {
			return "", err
		}
		s, err := again.Join(testContext(t), alice.ID())
		if err != nil {
			return "", err
		}
		defer s.Close()
		events, err := s.Check(testContext(t))
		if err == nil {
			_, err = s.transcriptAt(testContext(t), 2, 4, chain.Hash{})
		}
		return fmt.Sprint(texts(events)), err
	}
	number := 0
	writes := func() (string, error) { // somebody who sends, and looks for receipts
		number++
		_, err := alice.Send(testContext(t), fmt.Appendf(nil, "message %d", number))
		if errors.Is(err, ErrQueued) {
			network.set(nil, nil)
			require.NoError(t, alice.Flush(testContext(t)), "an honest node takes it")
		}
		if err == nil {
			_, err = alice.Check(testContext(t))
		}
		return "", err
	}
	channel, first, err := alice.m.NewChannel(testContext(t), bob.m.self)
	require.NoError(t, err)
	require.NoError(t, first.Close())
	_, err = alice.m.act(testContext(t), &chain.CloseSession{Session: first.ID(), Participant: alice.m.self})
	require.NoError(t, err)
	groups := func() (string, error) { // somebody who looks a group up
		alice.m.foundings = nil
		of, err := alice.m.ChannelState(testContext(t), channel)
		if err != nil {
			return "", err
		}
		sessions, err := alice.m.ChannelSessions(testContext(t), channel, ids.Empty)
		return fmt.Sprint(of, sessions), err
	}
	var table []string
	for _, use := range []struct {
		name string
		run  func() (string, error)
	}{{"read", reads}, {"send", writes}, {"group", groups}} {
		answers := make(map[string][]byte) // each method's last answer to the truth
		network.set(nil, func(method string, result []byte) []byte {
			if before := answers[method]; len(before) < len(result) {
				answers[method] = result
			}
			return result
		})
		truth, err := use.run()
		require.NoError(t, err)
		methods := slices.Sorted(maps.Keys(answers))
		for _, method := range methods {
			paths := map[string]bool{}
			for which, f := range fieldsOf("", decoded(t, answers[method]), func(any) {}) {
				if paths[f.path] || f.path == "" {
					continue
				}
				paths[f.path] = true
				outcomes := map[string]bool{}
				for how := range len(lies(f.value)) + 1 {
					node := &liar{t: t, said: map[string]string{}, old: map[string][]byte{}, plan: func(called string, fields int) (int, int) {
						if called != method || which >= fields {
							return -1, 0
						}
						return which, how
					}}
					network.set(nil, node.answer)
					got, err := use.run()
					outcome := found(err)
					if err == nil && got != truth {
						require.Equal(t, "[]", got, "%s%s shows what the chain does not have", method, f.path)
						outcome = "nothing new, as from a quiet chain"
					}
					outcomes[outcome] = true
				}
				network.set(nil, nil)
				table = append(table, fmt.Sprintf("%s %s%s: %s", use.name, strings.TrimPrefix(method, "sessionvm."), f.path, strings.Join(slices.Sorted(maps.Keys(outcomes)), "; ")))
			}
		}
	}
	text := strings.Join(table, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile("testdata/lies.txt", []byte(text), 0o644))
	}
	want, err := os.ReadFile("testdata/lies.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// found says who found a lie.
func found(err error) string {
	for _, reason := range []struct {
		err  error
		name string
	}{
		{ErrTrust, "ErrTrust"}, {ErrTranscript, "ErrTranscript"}, {ErrWithheld, "ErrWithheld"}, {ErrBehind, "ErrBehind"}, {ErrNode, "ErrNode"},
		{client.ErrResponse, "client.ErrResponse"}, {pq.ErrSignature, "pq.ErrSignature"},
	} {
		if errors.Is(err, reason.err) {
			return "refused, " + reason.name
		}
	}
	if err != nil {
		return "refused"
	}
	return "not used"
}

var update = flag.Bool("update", false, "write testdata/lies.txt")
