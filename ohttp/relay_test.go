package ohttp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// relayed sends a request to a relay whose gateway answers as a test wants.
func relayed(t *testing.T, r *http.Request, gateway roundTrip) *httptest.ResponseRecorder {
	t.Helper()
	relay, err := NewRelay("http://gateway.example/ohttp", gateway)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	relay.ServeHTTP(w, r)
	return w
}

func TestTheGatewayLearnsNothingOfWhoAsksTheRelay(t *testing.T) {
	asked := httptest.NewRequest(http.MethodPost, "/some/path?client=7", strings.NewReader("sealed"))
	asked.RemoteAddr = "192.0.2.7:4711"
	for name, value := range map[string]string{
		"Content-Type": RequestType, "User-Agent": "curl/8", "Cookie": "who=me", "X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7",
		"Authorization": "Basic bWU=", "Accept-Language": "de", "Date": "Mon, 27 Jul 2009 12:28:53 GMT", "Via": "1.1 home", "Origin": "https://example.org",
	} {
		asked.Header.Set(name, value)
	}
	w := relayed(t, asked, func(r *http.Request) (*http.Response, error) {
		require.Equal(t, "http://gateway.example/ohttp", r.URL.String())
		require.Equal(t, http.Header{"Content-Type": {RequestType}, "User-Agent": {""}, "Accept-Encoding": {"identity"}}, r.Header)
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.Equal(t, "sealed", string(body))
		header := http.Header{"Content-Type": {ResponseType}, "Set-Cookie": {"tag=7"}, "Etag": {"7"}, "Server": {"node"}, "Retry-After": {"1"}}
		return &http.Response{StatusCode: 200, Header: header, ContentLength: 6, Body: io.NopCloser(strings.NewReader("answer"))}, nil
	})
	require.Equal(t, "answer", w.Body.String())
	require.Equal(t, http.Header{
		"Content-Type": {ResponseType}, "Content-Length": {"6"}, "Retry-After": {"1"}, "X-Content-Type-Options": {"nosniff"},
	}, w.Header(), "nor does who asks get a mark from the node")
}

func TestARelayIsBounded(t *testing.T) {
	never := func(*http.Request) (*http.Response, error) {
		t.Error("the gateway was asked")
		return nil, io.EOF
	}
	post := func(size int64, body string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.ContentLength = size
		r.Header.Set("Content-Type", RequestType)
		return r
	}
	require.Equal(t, http.StatusMethodNotAllowed, relayed(t, httptest.NewRequest(http.MethodPut, "/", nil), never).Code)
	require.Equal(t, http.StatusUnsupportedMediaType, relayed(t, httptest.NewRequest(http.MethodPost, "/", nil), never).Code)
	require.Equal(t, http.StatusLengthRequired, relayed(t, post(-1, "x"), never).Code)
	require.Equal(t, http.StatusRequestEntityTooLarge, relayed(t, post(relayRequest+1, "x"), never).Code)
	require.Equal(t, http.StatusRequestEntityTooLarge, relayed(t, post(1<<62, "x"), never).Code)
	require.Equal(t, http.StatusBadRequest, relayed(t, post(5, "x"), never).Code)

	failing := func(err error) roundTrip { return func(*http.Request) (*http.Response, error) { return nil, err } }
	require.Equal(t, http.StatusBadGateway, relayed(t, post(1, "x"), failing(io.EOF)).Code)
	require.Equal(t, http.StatusGatewayTimeout, relayed(t, post(1, "x"), failing(context.DeadlineExceeded)).Code)
	timed := relayed(t, post(1, "x"), func(r *http.Request) (*http.Response, error) {
		_, bounded := r.Context().Deadline()
		require.True(t, bounded)
		return &http.Response{StatusCode: 200, ContentLength: relayAnswer + 1, Body: io.NopCloser(strings.NewReader(""))}, nil
	})
	require.Equal(t, http.StatusBadGateway, timed.Code)
	cut := relayed(t, post(1, "x"), func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(make([]byte, relayAnswer+1)))}, nil
	})
	require.Equal(t, relayAnswer, cut.Body.Len())
}

func TestARelayHasSoManyRequestsAtATime(t *testing.T) {
	relay, err := NewRelay("http://gateway.example/ohttp", roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.EOF }))
	require.NoError(t, err)
	get := func() int {
		w := httptest.NewRecorder()
		relay.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w.Code
	}
	require.True(t, relay.memory.TryAcquire(relayBytes-relayWeight))
	require.Equal(t, http.StatusBadGateway, get(), "one more")
	require.True(t, relay.memory.TryAcquire(1))
	require.Equal(t, http.StatusServiceUnavailable, get())
	relay.memory.Release(1)
	require.Equal(t, http.StatusBadGateway, get(), "what was taken is given back")
}

func TestAGatewayThatIsNoURLIsRefused(t *testing.T) {
	for _, gateway := range []string{"", "node.example", "ftp://node.example", "http://", "http://[", "http://node.example/#hash"} {
		_, err := NewRelay(gateway, nil)
		require.ErrorContains(t, err, "the gateway: expected a URL", gateway)
	}
}
