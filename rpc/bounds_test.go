package rpc

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

func readAll(t *testing.T, response *http.Response) []byte {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return body
}

// allocated returns the bytes that are allocated while do runs.
func allocated(do func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// Bodies of 4 MiB whose elements took 200 bytes of memory and more for each two of theirs.
func TestNothingIsMadeOfWhatIsTooMuch(t *testing.T) {
	const size = 4 << 20
	fill := func(begin, element, end string) []byte {
		return []byte(begin + strings.Repeat(element+",", (size-len(begin)-len(end))/(len(element)+1)-1) + element + end)
	}
	var names strings.Builder
	for i := range size / 16 {
		fmt.Fprintf(&names, `"%08x":"",`, i)
	}
	create := `{"jsonrpc":"2.0","id":1,"method":"sessionvm.CreateSession","params":{"metadata":{`
	for name, body := range map[string][]byte{
		"a batch of numbers":          fill(`[`, `0`, `]`),
		"a batch of objects":          fill(`[`, `{}`, `]`),
		"a batch of batches":          fill(`[`, `[]`, `]`),
		"a request of many members":   []byte(`{` + strings.TrimSuffix(names.String(), ",") + `}`),
		"metadata of many names":      []byte(create + strings.TrimSuffix(names.String(), ",") + `}}}`),
		"parameters of many names":    []byte(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health","params":{` + strings.TrimSuffix(names.String(), ",") + `}}`),
		"participants without number": fill(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.CreateSession","params":{"participants":[`, `""`, `]}}`),
		"keys without number":         fill(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.GetStateProof","params":{"keys":[`, `"00"`, `]}}`),
		"an array of parameters":      fill(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health","params":[`, `{}`, `]}`),
		"nesting":                     []byte(strings.Repeat(`[`, size)),
	} {
		refused := false
		used := allocated(func() {
			calls, _, err := parseCalls(body, 64)
			refused = err != nil
			for _, c := range calls {
				into := new(client.CreateSessionParams)
				refused = refused || c.err != nil || decodeParameters(c.params, into) != nil
			}
		})
		require.True(t, refused, name)
		require.Less(t, used, 2<<20, name)
	}
}

func TestWhatABatchCostsIsBounded(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	c.open(identity(t, 1)) // a block with a state
	params := client.GetStateProofParams{Uncertified: true}
	for i := range lightclient.MaxStateProofKeys {
		params.Keys = append(params.Keys, chain.MessageKey(uint64(i+1)))
	}
	encoded, err := json.Marshal(params)
	require.NoError(t, err)
	call := `{"jsonrpc":"2.0","id":1,"method":"sessionvm.GetStateProof","params":` + string(encoded) + `}`
	var answers []answer
	c.decode(c.post(`[`+strings.Repeat(call+",", 63)+call+`]`), &answers)
	codes := make(map[int]int)
	for _, answer := range answers {
		codes[answer.code()]++
	}
	most := maxCost/(lightclient.MaxStateProofKeys/keysOfCall) + batchConcurrency
	require.Len(t, codes, 2)
	require.LessOrEqual(t, codes[0], most, "each costs as much as %d calls", lightclient.MaxStateProofKeys/keysOfCall)
	require.Equal(t, 64-codes[0], codes[int(refusal.ErrTooLarge)])
}

// heldBody blocks when it is read, as a body does that comes through a node in a stream: no deadline ends it.
type heldBody struct{ reading, let chan struct{} }

func (b *heldBody) Read([]byte) (int, error) {
	close(b.reading)
	<-b.let
	return 0, io.ErrUnexpectedEOF
}

func (b *heldBody) Close() error { return nil }

// TestBodiesThatCannotBeEndedAreBounded: one client takes from another again and again, and what gives way is read on.
func TestBodiesThatCannotBeEndedAreBounded(t *testing.T) {
	const most = 4
	c := startChain(t, Config{MaxBytesInFlight: most << 20, MaxBodyBytes: 1 << 20}, nil)
	var all sync.WaitGroup
	held := make(map[string][]*heldBody)
	begins := func(address string) bool {
		body, answered := &heldBody{make(chan struct{}), make(chan struct{})}, make(chan struct{})
		r := httptest.NewRequest(http.MethodPost, "/rpc", body)
		r.RemoteAddr, r.ContentLength = address+":1", 1<<20
		r.Header.Set("Content-Type", "application/json")
		all.Go(func() {
			defer close(answered)
			c.server.Config.Handler.ServeHTTP(httptest.NewRecorder(), r)
		})
		select {
		case <-body.reading:
			held[address] = append(held[address], body)
			return true
		case <-answered:
			return false
		}
	}
	leave := func(address string) {
		for _, body := range held[address] {
			close(body.let)
		}
		delete(held, address)
	}
	const one, two = "192.0.2.1", "192.0.2.2"
	for range 10 {
		for begins(one) {
		}
		for begins(two) {
		}
		require.LessOrEqual(t, len(held[one])+len(held[two]), 2*most)
		had := c.service.memory.InUse()
		freed := float64(len(held[two]) << 20)
		leave(two)
		require.Eventually(t, func() bool { return c.service.memory.InUse() == had-freed }, 10*time.Second, time.Millisecond)
	}
	require.Len(t, held[one], 2*most)
	leave(one)
	all.Wait()
	require.Zero(t, c.service.memory.InUse())
	require.True(t, begins(two))
	leave(two)
	all.Wait()
}

// TestBodiesThatAreHeldBackGiveWay: one client has all bytes in memory with bodies that do not come, until another client needs some.
func TestBodiesThatAreHeldBackGiveWay(t *testing.T) {
	const most = 4
	c := startChain(t, Config{MaxBytesInFlight: most << 20, MaxBodyBytes: 1 << 20}, nil)
	var held []net.Conn
	for n := range most {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.server.URL, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
		_, err = fmt.Fprintf(conn, "POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", 1<<20)
		require.NoError(t, err)
		held = append(held, conn)
		require.Eventually(t, func() bool { return c.service.memory.InUse() == float64((n+1)<<20) }, 10*time.Second, time.Millisecond)
	}
	large := strings.Repeat(" ", 100<<10) + `{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health"}`
	status, body := c.postAs("application/json", strings.NewReader(large))
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Equal(t, int(refusal.ErrRateLimited), c.decodeOne(body).code())
	require.Nil(t, c.call("sessionvm.Health", `{}`).Error, "small ones are served")

	response, err := trial.HTTPFrom(1).Post(c.server.URL+"/rpc", "application/json", strings.NewReader(large))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	response, err = http.ReadResponse(bufio.NewReader(held[0]), nil)
	require.NoError(t, err, "the oldest is told")
	require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
	body, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, int(refusal.ErrRateLimited), c.decodeOne(body).code())
	require.Eventually(t, func() bool { return c.service.memory.InUse() == (most-1)<<20 }, 10*time.Second, time.Millisecond, "no other gives way")
}

func TestCallsThatWaitAreBounded(t *testing.T) {
	c := startChain(t, Config{MaxWaiting: 2}, nil)
	session := c.open(identity(t, 1))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := c.ListMessages(ctx, client.ListMessagesParams{SessionID: session, Wait: client.Seconds(20 * time.Second)})
			ended <- err
		}()
	}
	require.Eventually(t, func() bool { return c.service.waiters.InUse() == 2 }, 10*time.Second, time.Millisecond)
	_, err := c.ListMessages(t.Context(), client.ListMessagesParams{SessionID: session, Wait: client.Seconds(time.Second)})
	require.ErrorIs(t, err, refusal.ErrRateLimited)
	_, err = c.ListMessages(t.Context(), client.ListMessagesParams{SessionID: session})
	require.NoError(t, err, "who does not wait is served")

	other, err := client.New(c.server.URL+"/rpc", client.Options{HTTPClient: trial.HTTPFrom(1)})
	require.NoError(t, err)
	go func() {
		_, err := other.ListMessages(ctx, client.ListMessagesParams{SessionID: session, Wait: client.Seconds(20 * time.Second)})
		ended <- err
	}()
	require.ErrorIs(t, <-ended, refusal.ErrRateLimited, "the oldest call gives way to another client's")
	require.EqualValues(t, 2, c.service.waiters.InUse())
	cancel()
	for range 2 {
		require.ErrorIs(t, <-ended, context.Canceled)
	}
	require.Eventually(t, func() bool { return c.service.waiters.InUse() == 0 }, 10*time.Second, time.Millisecond)
}

func TestTheCallsOfABatchWaitTogether(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	c.halted.Store(true)
	var calls []string
	for i := range 4 * batchConcurrency {
		params, err := json.Marshal(c.message(alice, session, fmt.Sprint(i)))
		require.NoError(t, err)
		calls = append(calls, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"sessionvm.SendMessage","params":%s}`, i, params))
	}
	answered := make(chan []byte, 1)
	go func() { answered <- c.post(`[` + strings.Join(calls, ",") + `]`) }()
	require.Eventually(t, func() bool { _, waiting := c.state(); return waiting == len(calls) }, 10*time.Second, time.Millisecond)
	c.halted.Store(false)
	var answers []answer
	c.decode(<-answered, &answers)
	require.Len(t, answers, len(calls))
	for i, answer := range answers {
		require.Nil(t, answer.Error)
		require.Equal(t, fmt.Sprint(i), string(answer.ID), "in the order of the calls")
	}
}

func TestWorkEndsWithItsClient(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	_, err := c.SendMessage(t.Context(), c.message(alice, session, "one"))
	require.NoError(t, err)
	r := c.newRequest()
	snapshot, record, err := r.session(session)
	require.NoError(t, err)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.messages(gone, snapshot, record, session, 1, 64)
	require.ErrorIs(t, err, context.Canceled)
	_, err = r.execute(gone, methods["ListMessages"], "ListMessages", []byte(`{"sessionId":"`+session.String()+`"}`))
	require.ErrorIs(t, err, context.Canceled)
}

func TestAPanicIsAnErrorOfItsCall(t *testing.T) {
	r := &request{service: &service{log: slog.New(slog.DiscardHandler)}}
	require.ErrorIs(t, func() (err error) {
		defer r.guard("method", &err)
		panic("a fault")
	}(), errPanic)
	require.NoError(t, func() (err error) {
		defer r.guard("method", &err)
		return nil
	}())
}
