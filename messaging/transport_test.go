package messaging

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// wire is the way to the node. It can lose calls and falsify answers, and sees to it that no
// key seals twice in what leaves.
type wire struct {
	t       testing.TB
	mu      sync.Mutex
	chain   ids.ID
	sealed  map[string][sha256.Size]byte                      // by sender, session, and place
	refuse  func(method string, params []byte) refusal.Reason // answers an error; 0 for none
	swallow bool                                              // answers that what is issued was accepted, and throws it away
	lose    func(method string) (before, after bool)
	falsify func(method string, result []byte) []byte
}

var errLost = errors.New("the connection was lost")

func newWire(t testing.TB) *wire {
	id, err := connect(t, nil).ChainID(testContext(t))
	require.NoError(t, err)
	return &wire{t: t, chain: id, sealed: make(map[string][sha256.Size]byte)}
}

func (w *wire) set(lose func(string) (bool, bool), falsify func(string, []byte) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose, w.falsify = lose, falsify
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var call struct {
		ID     json.RawMessage
		Method string
		Params json.RawMessage
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil, err
	}
	if call.Method == "sessionvm.IssueTransaction" {
		w.check(call.Params)
	}
	before, after := false, false
	if w.lose != nil {
		before, after = w.lose(call.Method)
	}
	if before {
		return nil, errLost
	}
	if w.refuse != nil {
		if reason := w.refuse(call.Method, call.Params); reason != 0 {
			answer := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"error":{"code":%d,"message":%q}}`, call.ID, reason, reason.Error())
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer))}, nil
		}
	}
	if w.swallow && call.Method == "sessionvm.IssueTransaction" {
		return w.swallowed(call.ID, call.Params)
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || after {
		return nil, errors.Join(errLost, err)
	}
	if w.falsify == nil {
		return response, nil
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	var envelope map[string]json.RawMessage
	if err := json.Unmarshal(answer, &envelope); err != nil {
		return nil, err
	}
	if result, ok := envelope["result"]; ok {
		envelope["result"] = w.falsify(call.Method, result)
		if answer, err = json.Marshal(envelope); err != nil {
			return nil, err
		}
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
	response.Header.Del("Content-Length")
	return response, nil
}

// swallowed answers that a transaction was accepted, where the chain's first message is.
func (w *wire) swallowed(id, params json.RawMessage) (*http.Response, error) {
	var issued struct{ Bytes client.Bytes }
	require.NoError(w.t, json.Unmarshal(params, &issued))
	tx, err := chain.ParseTransaction(w.chain, issued.Bytes)
	require.NoError(w.t, err)
	result := client.TransactionResult{TransactionID: tx.ID(), Status: client.TransactionAccepted, Height: 3, Index: 1, Sequence: 2}
	if _, ok := tx.Body.(*chain.CreateSession); ok {
		result.SessionID = chain.SessionID(7, w.chain, tx.ID())
	}
	answer, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": id, "result": result})
	require.NoError(w.t, err)
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer))}, nil
}

// check requires that what leaves at one place of a sender's epochs is always the same.
func (w *wire) check(params json.RawMessage) {
	var issued struct{ Bytes string }
	require.NoError(w.t, json.Unmarshal(params, &issued))
	encoded, err := hex.DecodeString(issued.Bytes)
	require.NoError(w.t, err)
	tx, err := chain.ParseTransaction(w.chain, encoded)
	require.NoError(w.t, err)
	body, ok := tx.Body.(*chain.SendMessage)
	if !ok {
		return
	}
	place := body.Ciphertext[:9] // kind, epoch, index
	if place[0] == 0x10 {
		place = append([]byte{0x10}, body.Ciphertext[3:7]...) // kind, epoch
	} else if place[0] == 0x12 {
		place = body.Ciphertext[:45] // kind, attachment, index, nonce
	}
	key := string(body.Sender[:]) + string(body.Session[:]) + string(place)
	sum := sha256.Sum256(body.Ciphertext)
	if before, again := w.sealed[key]; again {
		require.Equal(w.t, before, sum, "a key sealed twice")
	}
	w.sealed[key] = sum
}

// renumbered gives messages consecutive sequences and the transcripts that follow, as a node
// would that wants its lie to agree with itself.
func renumbered(first uint64, transcript chain.Hash, messages []client.Message) {
	for i := range messages {
		m := &messages[i]
		transcript = chain.NextTranscript(transcript, m.ID, uint64(m.Timestamp.UnixMilli()))
		m.Sequence, m.Transcript = first+uint64(i), transcript
	}
}

// falsely is a falsification of one method's decoded result.
func falsely[Result any](t testing.TB, method string, change func(*Result)) func(string, []byte) []byte {
	return func(called string, result []byte) []byte {
		if called != "sessionvm."+method {
			return result
		}
		decoded := new(Result)
		require.NoError(t, json.Unmarshal(result, decoded))
		change(decoded)
		encoded, err := json.Marshal(decoded)
		require.NoError(t, err)
		return encoded
	}
}
