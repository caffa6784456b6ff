package messaging

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
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
	next    uint64
	rotated uint64 // sequence of the last announcement, which may have a message after it
	texts   []string
}

func (r *told) takes(t require.TestingT, s *Session, events []Event) {
	for _, event := range events {
		switch event.Kind {
		case KindMessage:
			if event.Sequence != r.rotated {
				r.at(t, event.Sequence)
			}
			r.rotated = 0
			r.texts = append(r.texts, event.Text())
		case KindRotated:
			r.at(t, event.Sequence)
			r.rotated = event.Sequence
		case KindReceipt:
		default:
			require.Fail(t, "an event that nothing explains", "%+v", event)
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
		_, err := sessions[i].Flush(testContext(t))
		require.NoError(r, err)
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
