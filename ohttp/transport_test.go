package ohttp

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// newGateway serves a gateway that answers each request with its target and content.
func newGateway(t testing.TB, key *Key) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", KeysType)
			_, _ = w.Write(key.Keys())
			return
		}
		sealed, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		message, exchange, err := key.Open(sealed)
		if err != nil {
			w.Header().Set("Content-Type", KeyProblemType)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, KeyProblem)
			return
		}
		request, err := ParseRequest(message)
		if err != nil {
			return
		}
		mediaType, _ := Value(request.Header, "content-type")
		said := request.Method + " " + request.Scheme + "://" + request.Authority + request.Path + " " + mediaType + " "
		nonce, ciphertext, err := exchange.SealAnswer(EncodeResponse(202, []Field{{"content-type", "text/plain"}}, []byte(said), request.Content))
		if err != nil {
			return
		}
		w.Header().Set("Content-Type", ResponseType)
		_, _ = w.Write(append(nonce, ciphertext...))
	}))
	t.Cleanup(server.Close)
	return server
}

func newClient(t testing.TB, address string) *http.Client {
	t.Helper()
	transport, err := NewTransport(address, nil)
	require.NoError(t, err)
	return &http.Client{Transport: transport}
}

// TestARelayThatHangsHoldsNobodyLongerThanTheyWait: one call waits for the gateway's keys, and others for it.
func TestARelayThatHangsHoldsNobodyLongerThanTheyWait(t *testing.T) {
	key, _ := newTestKey(t)
	asked, done := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-done
	}))
	defer server.Close()
	defer close(done)
	client := newClient(t, server.URL+"#"+key.Hash().String())
	first, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	post := func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, Address, strings.NewReader("content"))
		if err != nil {
			return err
		}
		response, err := client.Do(r)
		if err == nil {
			err = response.Body.Close()
		}
		return err
	}
	go func() { ended <- post(first) }()
	<-asked
	second, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	require.ErrorIs(t, post(second), context.DeadlineExceeded)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestARequestAndItsAnswerGoThroughTheRelay(t *testing.T) {
	key, _ := newTestKey(t)
	relay, err := NewRelay(newGateway(t, key).URL, nil, nil)
	require.NoError(t, err)
	server := httptest.NewServer(relay)
	defer server.Close()
	client := newClient(t, server.URL+"#"+key.Hash().String())
	for range 2 {
		response, err := client.Post(Address, "text/html", strings.NewReader("content"))
		require.NoError(t, err)
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "202 Accepted", response.Status)
		require.Equal(t, "text/plain", response.Header.Get("Content-Type"))
		require.Equal(t, "POST https://session.invalid/rpc text/html content", string(content))
	}
}

func TestNothingGoesAroundTheRelay(t *testing.T) {
	key, _ := newTestKey(t)
	reached := false
	direct := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer direct.Close()
	client := newClient(t, newGateway(t, key).URL+"#"+key.Hash().String())
	for _, address := range []string{direct.URL, "http://session.invalid/rpc", "https://session.invalid:443/rpc"} {
		_, err := client.Get(address)
		require.ErrorContains(t, err, "only https://session.invalid can be asked through the relay", address)
	}
	require.False(t, reached)
}

func TestARelayWithAKeyOfItsOwnIsFound(t *testing.T) {
	key, _ := newTestKey(t)
	its, _ := newTestKey(t)
	client := newClient(t, newGateway(t, its).URL+"#"+key.Hash().String())
	_, err := client.Post(Address, "text/plain", strings.NewReader("secret"))
	require.ErrorContains(t, err, "expected the hash "+key.Hash().String())
}

func TestAnAddressWithoutAHashIsRefused(t *testing.T) {
	hash := strings.Repeat("0", 64)
	for _, address := range []string{"https://relay.example", "https://relay.example/#12", "https://relay.example/#" + hash + "00",
		"https://relay.example/#" + hash[1:] + "g", "relay.example#" + hash, "ftp://relay.example#" + hash, "https://#" + hash, "https://[#" + hash} {
		_, err := NewTransport(address, nil)
		require.ErrorContains(t, err, "the relay's address", address)
	}
}

// roundTrip is a relay that answers as a test wants.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestAnAnswerThatIsNoneIsAnError(t *testing.T) {
	key, _ := newTestKey(t)
	answer := func(status int, mediaType, body string) *http.Response {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Content-Type": {mediaType}}, Body: io.NopCloser(strings.NewReader(body))}
	}
	for name, test := range map[string]struct {
		answer *http.Response
		want   string
	}{
		"too many requests": {answer(429, "text/plain", ""), "got \"Too Many Requests\""},
		"a redirect":        {answer(302, ResponseType, ""), "got \"Found\""},
		"a page":            {answer(200, "text/html", "<html>"), "text/html"},
		"another key":       {answer(400, KeyProblemType, KeyProblem), "does not open with this key: the gateway's"},
		"nothing":           {answer(200, ResponseType, ""), "the answer: it does not open"},
		"no answer to it":   {answer(200, ResponseType, strings.Repeat("x", 200)), "the answer: it does not open"},
		"too much":          {answer(200, ResponseType, strings.Repeat("x", SealedSize(maxAnswerContent)+1)), "expected at most"},
	} {
		transport, err := NewTransport("https://relay.example/#"+key.Hash().String(), roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodGet {
				return answer(200, KeysType, string(key.Keys())), nil
			}
			return test.answer, nil
		}))
		require.NoError(t, err)
		_, err = (&http.Client{Transport: transport}).Post(Address, "text/plain", nil)
		require.ErrorContains(t, err, test.want, name)
	}
}

func TestARelayThatDoesNotAnswerIsWaitedForAsLongAsTheCallerSays(t *testing.T) {
	key, _ := newTestKey(t)
	transport, err := NewTransport("https://relay.example/#"+key.Hash().String(), roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, Address, strings.NewReader("x"))
	require.NoError(t, err)
	_, err = transport.RoundTrip(request)
	require.ErrorIs(t, err, context.Canceled)
}
