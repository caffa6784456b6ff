package rpc

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// answered posts a body and requires an answer within a time.
func (c *testChain) answered(body string) []byte {
	c.t.Helper()
	answer := make(chan []byte, 1)
	go func() { answer <- c.post(body) }()
	select {
	case encoded := <-answer:
		return encoded
	case <-time.After(20 * time.Second):
		require.FailNow(c.t, "no answer")
		return nil
	}
}

// TestCallsThatWaitAndCallsThatWorkDoNotWaitForEachOther: a batch of both once took each other's
// slots, and then nobody was served any more.
func TestCallsThatWaitAndCallsThatWorkDoNotWaitForEachOther(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	for range 4 {
		_, err := c.SendMessage(t.Context(), c.message(alice, session, strings.Repeat("x", 20_000)))
		require.NoError(t, err)
	}
	var calls []string
	for i := range 64 {
		params := fmt.Sprintf(`{"sessionId":"%s","limit":4}`, session)
		if i < 16 {
			params = fmt.Sprintf(`{"sessionId":"%s","from":99,"wait":0.003}`, session)
		}
		calls = append(calls, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"sessionvm.ListMessages","params":%s}`, i, params))
	}
	for range 5 {
		var answers []answer
		c.decode(c.answered("["+strings.Join(calls, ",")+"]"), &answers)
		require.Len(t, answers, len(calls))
	}
	require.Nil(t, c.call("sessionvm.Health", `{}`).Error)
}

// TestSmallAnswersAreHeldTogether: of 64 answers to a batch each was too small to be charged.
func TestSmallAnswersAreHeldTogether(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	sent, err := c.SendMessage(t.Context(), c.message(alice, session, strings.Repeat("x", 20_000)))
	require.NoError(t, err)
	call := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.GetMessage","params":{"messageId":"%s"}}`, sent.MessageID)
	r := c.newRequest()
	answer := r.answerCalls(t.Context(), []byte("["+strings.Repeat(call+",", 31)+call+"]"))
	size := 0
	for _, part := range answer.parts {
		size += len(part)
	}
	require.Greater(t, size, 20*smallBody/2)
	require.GreaterOrEqual(t, c.service.memory.InUse(), float64(size-smallBody-32*100))
}

func TestABodyIsChargedWhetherItSaysItsLengthOrNot(t *testing.T) {
	c := startChain(t, Config{RequestRate: 1e-6, RequestBurst: 1000}, nil)
	const pieces = 20
	body := `{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health","params":{}` + strings.Repeat(" ", pieces*bytesOfCall) + `}`
	left := func(reader io.Reader) float64 {
		status, answer := c.postAs("application/json", reader)
		require.Equal(t, http.StatusOK, status)
		require.Zero(t, c.decodeOne(answer).code())
		return c.service.limiter.client("127.0.0.1", time.Now()).calls.Tokens()
	}
	before := left(strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health","params":{}}`))
	said := left(strings.NewReader(body))
	unsaid := left(io.MultiReader(strings.NewReader(body))) // sent in chunks
	require.InDelta(t, 1+pieces, before-said, 0.01)
	require.InDelta(t, 1+pieces, said-unsaid, 0.01)
}

// TestTransactionsBeyondAClientsCallsAreNotLookedAt: the answer to those is one refusal, and charged.
func TestTransactionsBeyondAClientsCallsAreNotLookedAt(t *testing.T) {
	c := startChain(t, Config{RequestRate: 1e-6, RequestBurst: 3}, nil)
	status, encoded := c.send(client.TransactionsType, make([]byte, 4*1024))
	require.Equal(t, http.StatusOK, status)
	var result client.TransactionsResult
	require.NoError(t, json.Unmarshal(encoded, &result))
	require.Len(t, result.Transactions, 1024)
	for i := range result.Transactions {
		if i < 3 {
			require.ErrorIs(t, result.Transactions[i].Err(), refusal.ErrMalformed, i)
		} else {
			require.ErrorIs(t, result.Transactions[i].Err(), refusal.ErrRateLimited, i)
		}
	}
	_, err := c.Health(t.Context())
	require.ErrorIs(t, err, refusal.ErrRateLimited)
}

// TestASlowHostKeepsNobodyFromKnownValidators takes all turns to ask the host.
func TestASlowHostKeepsNobodyFromKnownValidators(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	session := c.open(identity(t, 1))
	_, err := c.GetLightBlock(t.Context(), client.GetLightBlockParams{})
	require.NoError(t, err)
	for range maxLookups {
		c.service.lookups <- struct{}{}
	}
	_, err = c.GetLightBlock(t.Context(), client.GetLightBlockParams{})
	require.NoError(t, err)
	_, err = c.PollSession(t.Context(), client.PollSessionParams{SessionID: session, From: 1})
	require.NoError(t, err)
}
