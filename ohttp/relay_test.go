package ohttp

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// relayed sends a request to a relay whose gateway answers as a test wants.
func relayed(t *testing.T, r *http.Request, gateway roundTrip) *httptest.ResponseRecorder {
	t.Helper()
	relay, err := NewRelay("http://gateway.example/ohttp", gateway, nil)
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
	relay, err := NewRelay("http://gateway.example/ohttp", roundTrip(func(*http.Request) (*http.Response, error) { return nil, io.EOF }), nil)
	require.NoError(t, err)
	get := func() int {
		w := httptest.NewRecorder()
		relay.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
		return w.Code
	}
	place := relay.memory.Place("192.0.2.1", func() {}) // httptest's requests are this client's
	require.True(t, place.Take(relayBytes-relayWeight))
	require.Equal(t, http.StatusBadGateway, get(), "one more")
	require.True(t, place.Take(1))
	require.Equal(t, http.StatusServiceUnavailable, get())
	place.Leave()
	require.Equal(t, http.StatusBadGateway, get(), "what was taken is given back")
}

// TestOneAddressLeavesTheRelayToOthers: one has all requests that wait for a slow gateway, or whose bodies do not come, and
// another one is passed on.
func TestOneAddressLeavesTheRelayToOthers(t *testing.T) {
	gateway := roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodGet {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return &http.Response{StatusCode: http.StatusOK, ContentLength: 0, Body: http.NoBody}, nil
	})
	for name, test := range map[string]struct {
		request string
		most    int // that fit
		size    int // bytes of the other's request
	}{
		"requests": {"GET / HTTP/1.1\r\nHost: relay\r\n\r\n", relayBytes / relayWeight, 1},
		"bodies":   {fmt.Sprintf("POST / HTTP/1.1\r\nHost: relay\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", RequestType, relayRequest), relayBytes / (relayRequest + relayWeight), relayRequest},
	} {
		t.Run(name, func(t *testing.T) {
			relay, err := NewRelay("http://gateway.example/ohttp", gateway, nil)
			require.NoError(t, err)
			server := httptest.NewServer(relay)
			t.Cleanup(server.Close)
			ask := func(from, request string) net.Conn {
				dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
				conn, err := dialer.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
				require.NoError(t, err)
				t.Cleanup(func() { _ = conn.Close() })
				require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
				_, err = io.WriteString(conn, request)
				require.NoError(t, err)
				return conn
			}
			status := func(conn net.Conn) int {
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				require.NoError(t, err)
				return response.StatusCode
			}
			held := make([]net.Conn, 0, test.most)
			for range test.most {
				used := relay.memory.InUse()
				held = append(held, ask("127.0.0.1", test.request))
				require.Eventually(t, func() bool { return relay.memory.InUse() > used }, 10*time.Second, 100*time.Microsecond)
			}
			require.Equal(t, http.StatusServiceUnavailable, status(ask("127.0.0.1", test.request)), "one has all")
			post := fmt.Sprintf("POST / HTTP/1.1\r\nHost: relay\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", RequestType, test.size) + strings.Repeat("x", test.size)
			require.Equal(t, http.StatusOK, status(ask("127.0.0.2", post)))
			require.Equal(t, http.StatusServiceUnavailable, status(held[0]), "the oldest gives way")
		})
	}
}

func TestAGatewayThatIsNoURLIsRefused(t *testing.T) {
	for _, gateway := range []string{"", "node.example", "ftp://node.example", "http://", "http://[", "http://node.example/#hash"} {
		_, err := NewRelay(gateway, nil, nil)
		require.ErrorContains(t, err, "the gateway: expected a URL", gateway)
	}
}
