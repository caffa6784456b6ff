package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// serve answers every call with what reply makes of it.
func serve(t *testing.T, reply func(w http.ResponseWriter, method string, params json.RawMessage, id string)) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			Version string          `json:"jsonrpc"`
			ID      json.RawMessage `json:"id"`
			Method  string          `json:"method"`
			Params  json.RawMessage `json:"params"`
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &call) != nil || call.Version != "2.0" || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		reply(w, call.Method, call.Params, string(call.ID))
	}))
	t.Cleanup(server.Close)
	c, err := New(server.URL, Options{MaxResponseBytes: 10_000, Timeout: 10 * time.Second})
	require.NoError(t, err)
	return c
}

func TestACallIsSentAndItsResultDecoded(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, method string, params json.RawMessage, id string) {
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"messageId":%q,"sequence":3,"later":true}}`, id, ids.ID{1}.String())
		require.Equal(t, "sessionvm.SendMessage", method)
		require.JSONEq(t, fmt.Sprintf(`{"sessionId":%q,"sender":%q,"ciphertext":"00ff","signature":"aa","wait":1.5}`, ids.ID{7}, ids.ID{8}), string(params))
	})
	result, err := c.SendMessage(t.Context(), SendMessageParams{SessionID: ids.ID{7}, Sender: ids.ID{8}, Ciphertext: Bytes{0, 0xff}, Signature: Bytes{0xaa}, Wait: Seconds(1500 * time.Millisecond)})
	require.NoError(t, err)
	require.Equal(t, ids.ID{1}, result.MessageID)
	require.Equal(t, uint64(3), result.Sequence)
}

func TestARefusalIsFoundByItsReason(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage, id string) {
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":1303,"message":"session is closed: expected an open one, got closed","data":{"reason":"session is closed","expected":"an open one","got":"closed","dropped":true,"sessionId":%q}}}`, id, ids.ID{7}.String())
	})
	_, err := c.GetSession(t.Context(), GetSessionParams{})
	require.ErrorIs(t, err, refusal.ErrSessionClosed)
	require.ErrorIs(t, err, refusal.ErrDropped)
	require.NotErrorIs(t, err, refusal.ErrSessionExpired)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "an open one", refused.Data.Expected)
	require.Equal(t, ids.ID{7}, refused.Data.SessionID)
	require.Contains(t, err.Error(), "session is closed: expected an open one, got closed (code 1303)")
}

func TestAnErrorWithForeignDataIsStillAnError(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage, _ string) {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no","data":["x"]}}`)
	})
	_, err := c.Health(t.Context())
	var refused *Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, -32600, int(refused.Code))
	require.Equal(t, "no", refused.Data.Reason)
}

func TestWhatIsNoAnswerIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":              "",
		"a page":               "<html>502</html>",
		"another version":      `{"jsonrpc":"1.0","id":1,"result":{}}`,
		"another call's":       `{"jsonrpc":"2.0","id":99,"result":{}}`,
		"no result":            `{"jsonrpc":"2.0","id":1}`,
		"a result of null":     `{"jsonrpc":"2.0","id":1,"result":null}`,
		"a result of no shape": `{"jsonrpc":"2.0","id":1,"result":[]}`,
		"a wrong ID":           `{"jsonrpc":"2.0","id":1,"result":{"chainId":"no ID"}}`,
		"too much":             `{"jsonrpc":"2.0","id":1,"result":{"name":"` + strings.Repeat("x", 10_000) + `"}}`,
	} {
		c := serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage, _ string) { _, _ = io.WriteString(w, body) })
		_, err := c.GetChainInfo(t.Context())
		require.ErrorIs(t, err, ErrResponse, name)
	}
}

func TestACallEndsWithItsContextOrTheTimeout(t *testing.T) {
	release := make(chan struct{})
	c := serve(t, func(http.ResponseWriter, string, json.RawMessage, string) { <-release })
	defer close(release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Health(ctx)
	require.ErrorIs(t, err, context.Canceled)
	c.timeout = 10 * time.Millisecond
	_, err = c.Health(t.Context())
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestAnAnswerThatBreaksOffIsNone: a connection may fail, or the time be over, within an answer.
func TestAnAnswerThatBreaksOffIsNone(t *testing.T) {
	release := make(chan struct{})
	for name, end := range map[string]func(){"the connection fails": func() {}, "the time is over": func() { <-release }} {
		c := serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage, _ string) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"jsonrpc":`)
			w.(http.Flusher).Flush()
			end()
		})
		over := name == "the time is over"
		if over {
			c.timeout = 50 * time.Millisecond
		}
		_, err := c.Health(t.Context())
		require.True(t, Unanswered(err), name)
		require.NotErrorIs(t, err, ErrResponse, name)
		require.Equal(t, over, errors.Is(err, context.DeadlineExceeded), "%s: %v", name, err)
	}
	close(release)
}

func TestAnAnswerWithoutAHeaderHasOneOfZeros(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage, id string) {
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{}}`, id)
	})
	header, err := c.GetHeader(t.Context(), BlockParams{})
	require.NoError(t, err)
	require.Zero(t, header.Header.Height)
	block, err := c.GetBlock(t.Context(), BlockParams{})
	require.NoError(t, err)
	require.Zero(t, block.Block.Header.Timestamp)
}

// An ID of 200,000 characters takes seconds to decode, one of millions hours.
func TestAnAnswerWithAnEndlessIDIsRefusedByItsLength(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ string, _ json.RawMessage, id string) {
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"chainId":%q}}`, id, strings.Repeat("2", 9000))
	})
	_, err := c.GetChainInfo(t.Context())
	require.ErrorIs(t, err, ErrResponse)
	require.ErrorContains(t, err, "got 9000 characters")
}

func TestOnlyHTTPURLsAreTaken(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:9652", "ftp://host/rpc", "http:///rpc", "http://a b/"} {
		_, err := New(address, Options{})
		require.Error(t, err, address)
	}
	_, err := New("127.0.0.1", Options{})
	require.ErrorContains(t, err, "expected one like http://127.0.0.1:9652/rpc, got")
}

type signer func(context string, message []byte) ([]byte, error)

func (s signer) Sign(context string, message []byte) ([]byte, error) { return s(context, message) }

func TestSendTransactionSignsForTheServicesChain(t *testing.T) {
	chainID, asked := ids.ID{5}, 0
	body := &chain.CloseSession{Session: ids.ID{7}, Participant: ids.ID{8}}
	c := serve(t, func(w http.ResponseWriter, method string, params json.RawMessage, id string) {
		if method == "sessionvm.GetChainInfo" {
			asked++
			_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"chainId":%q,"genesis":%s,"service":{"maxWait":60}}}`, id, chainID, chain.DefaultGenesis().Bytes())
			return
		}
		var sent IssueTransactionParams
		require.NoError(t, json.Unmarshal(params, &sent))
		tx, err := chain.ParseTransaction(chainID, sent.Bytes)
		require.NoError(t, err)
		require.Equal(t, Seconds(time.Minute), sent.Wait)
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"transactionId":%q,"status":"accepted"}}`, id, tx.ID())
	})
	sign := signer(func(context string, message []byte) ([]byte, error) {
		require.Equal(t, chain.ContextCloseSession, context)
		require.Equal(t, chain.SigningBytes(chainID, body), message)
		return make([]byte, chain.SignatureSize), nil
	})
	for range 2 {
		result, err := c.SendTransaction(t.Context(), body, sign)
		require.NoError(t, err)
		require.Equal(t, chain.TransactionID(chainID, body), result.TransactionID)
	}
	require.Equal(t, 1, asked, "the chain's ID does not change")

	_, err := c.SendTransaction(t.Context(), body, nil)
	require.ErrorIs(t, err, refusal.ErrSignatureRequired)
	failed := errors.New("locked")
	_, err = c.SendTransaction(t.Context(), body, signer(func(string, []byte) ([]byte, error) { return nil, failed }))
	require.ErrorIs(t, err, failed)
	deadline, err := c.Deadline(t.Context())
	require.NoError(t, err)
	require.InDelta(t, time.Now().Add(187*time.Second).UnixMilli(), deadline, 48_000)
}

// TestADeadlineDoesNotSayWhatTheClockShows: it is one of four in a window, with half of that left at least.
func TestADeadlineDoesNotSayWhatTheClockShows(t *testing.T) {
	genesis := &chain.Genesis{Limits: chain.Limits{TransactionWindow: 300}}
	begin := time.Unix(75*20_000_000, 0)
	for _, after := range []time.Duration{0, time.Millisecond, 74_999 * time.Millisecond} {
		require.Equal(t, begin.Add(225*time.Second).UnixMilli(), int64(DeadlineAt(genesis, begin.Add(after))))
	}
	require.Equal(t, begin.Add(300*time.Second).UnixMilli(), int64(DeadlineAt(genesis, begin.Add(75*time.Second))))
}

func TestSecondsAndBytesTravel(t *testing.T) {
	var s Seconds
	require.NoError(t, json.Unmarshal([]byte(`1.25`), &s))
	require.Equal(t, Seconds(1250*time.Millisecond), s)
	for _, wrong := range []string{`"1"`, `1e12`, `-1e12`, `{}`} {
		require.Error(t, json.Unmarshal([]byte(wrong), &s), wrong)
	}
	var b Bytes
	require.NoError(t, json.Unmarshal([]byte(`"0XAbCd"`), &b))
	require.Equal(t, "abcd", b.String())
	for _, wrong := range []string{`"0"`, `"zz"`, `7`} {
		require.Error(t, json.Unmarshal([]byte(wrong), &b), wrong)
	}
}
