package rpc

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/ohttp"
	"github.com/luxfi/session/refusal"
)

// door is a gateway of a chain, with all that its node sees of those who ask.
type door struct {
	*testChain
	key     *ohttp.Key
	gateway *httptest.Server
	mu      sync.Mutex
	headers []http.Header
	clients []string // addresses
}

func openDoor(t *testing.T, config Config) *door {
	t.Helper()
	key, err := ohttp.GenerateKey()
	require.NoError(t, err)
	d := &door{testChain: startChain(t, config, nil), key: key}
	handler := Serve(map[string]http.Handler{OHTTPPath: d.service.gateway(key)})
	d.gateway = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.headers, d.clients = append(d.headers, r.Header.Clone()), append(d.clients, r.RemoteAddr)
		d.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(d.gateway.Close)
	return d
}

func (d *door) url() string { return d.gateway.URL + OHTTPPath }

// post posts a sealed request as it is.
func (d *door) post(mediaType string, sealed []byte) (*http.Response, []byte) {
	d.t.Helper()
	response, err := http.Post(d.url(), mediaType, bytes.NewReader(sealed))
	require.NoError(d.t, err)
	return response, readAll(d.t.(*testing.T), response)
}

// seal seals a request.
func (d *door) seal(message []byte) ([]byte, *ohttp.Exchange) {
	d.t.Helper()
	public, err := ohttp.ParseKeys(d.key.Keys(), d.key.Hash())
	require.NoError(d.t, err)
	sealed, exchange, err := public.Seal(message)
	require.NoError(d.t, err)
	return sealed, exchange
}

// ask seals a request, and opens its answer.
func (d *door) ask(message []byte) *ohttp.Response {
	d.t.Helper()
	sealed, exchange := d.seal(message)
	response, answer := d.post(ohttp.RequestType, sealed)
	require.Equal(d.t, http.StatusOK, response.StatusCode, "%s", answer)
	require.Equal(d.t, ohttp.ResponseType, response.Header.Get("Content-Type"))
	opened, err := exchange.OpenAnswer(answer)
	require.NoError(d.t, err)
	decoded, err := ohttp.ParseResponse(opened)
	require.NoError(d.t, err)
	return decoded
}

// inner is a request to the service.
func inner(path, mediaType, content string) *ohttp.Request {
	return &ohttp.Request{
		Method: http.MethodPost, Scheme: ohttp.Scheme, Authority: ohttp.Authority, Path: path,
		Header: []ohttp.Field{{Name: "content-type", Value: mediaType}}, Content: []byte(content),
	}
}

const askInfo = `{"jsonrpc":"2.0","id":1,"method":"sessionvm.GetChainInfo"}`

// recorder is a relay that keeps all that it sees.
type recorder struct {
	*httptest.Server
	mu   sync.Mutex
	seen bytes.Buffer
	ends []string // addresses of its clients
}

// recording writes what is read or written down.
type recording struct {
	http.ResponseWriter
	io.ReadCloser
	r *recorder
}

func (w *recording) note(p []byte) {
	w.r.mu.Lock()
	defer w.r.mu.Unlock()
	w.r.seen.Write(p)
}

func (w *recording) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	w.note(p[:n])
	return n, err
}

func (w *recording) Write(p []byte) (int, error) {
	w.note(p)
	return w.ResponseWriter.Write(p)
}

func record(t *testing.T, gateway string) *recorder {
	t.Helper()
	relay, err := ohttp.NewRelay(gateway, nil, nil)
	require.NoError(t, err)
	r := new(recorder)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		both := &recording{w, request.Body, r}
		r.mu.Lock()
		r.ends = append(r.ends, request.RemoteAddr)
		require.NoError(t, request.Header.Write(&r.seen))
		r.seen.WriteString(request.Method + " " + request.URL.String() + "\n")
		r.mu.Unlock()
		request.Body = both
		relay.ServeHTTP(both, request)
	}))
	t.Cleanup(r.Close)
	return r
}

func (d *door) through(relay string, base http.RoundTripper) *client.Client {
	d.t.Helper()
	transport, err := ohttp.NewTransport(relay+"/#"+d.key.Hash().String(), base)
	require.NoError(d.t, err)
	connected, err := client.New(ohttp.Address, client.Options{HTTPClient: &http.Client{Transport: transport}, Timeout: 30 * time.Second})
	require.NoError(d.t, err)
	return connected
}

func TestARelaySeesNothingThatIsAskedAndTheNodeNothingOfWhoAsks(t *testing.T) {
	d := openDoor(t, DefaultConfig())
	relay := record(t, d.url())
	d.Client = d.through(relay.URL, new(http.Transport))

	alice := identity(t, 1)
	d.register(alice)
	session := d.open(alice)
	sent, err := d.SendMessage(t.Context(), d.message(alice, session, "text"))
	require.NoError(t, err)
	tx := d.transaction(alice, session, "in binary")
	many, err := d.SendTransactions(t.Context(), []*chain.Transaction{tx})
	require.NoError(t, err)
	require.NoError(t, many.Transactions[0].Err())
	_, err = d.GetMessage(t.Context(), client.GetMessageParams{SessionID: session, Sequence: 9})
	require.ErrorIs(t, err, refusal.ErrNotFound, "an error is the node's, with its code")

	seen := strings.ToLower(relay.seen.String())
	require.Greater(t, len(seen), 8*ohttp.SealedSize(0))
	for name, secret := range map[string]string{
		"methods": "sessionvm", "paths": "/rpc", "other paths": "transactions", "types": "application/json", "JSON": "jsonrpc",
		"an ID": session.String(), "a message's": sent.MessageID.String(), "a transaction": string(tx.Bytes()), "bytes of a key": string(alice.Public().KEM[:16]),
		"programs": "go-http-client",
	} {
		require.NotContains(t, seen, strings.ToLower(secret), name)
	}

	d.mu.Lock()
	defer d.mu.Unlock()
	require.GreaterOrEqual(t, len(d.headers), 6)
	for i, header := range d.headers {
		require.NotContains(t, relay.ends, d.clients[i], "the node's client is the relay")
		for name := range header {
			require.Contains(t, []string{"Content-Type", "Content-Length", "Accept-Encoding"}, name)
		}
	}
}

func TestACallWaitsThroughARelay(t *testing.T) {
	d := openDoor(t, DefaultConfig())
	alice := identity(t, 1)
	d.register(alice)
	session := d.open(alice)
	d.Client = d.through(record(t, d.url()).URL, nil)
	answered := make(chan error, 1)
	go func() {
		result, err := d.PollSession(context.Background(), client.PollSessionParams{SessionID: session, Wait: client.Seconds(10 * time.Second)})
		if err == nil && len(result.Messages) != 1 {
			err = io.ErrUnexpectedEOF
		}
		answered <- err
	}()
	require.Eventually(t, func() bool { return d.service.waiters.InUse() == 1 }, 5*time.Second, time.Millisecond)
	_, err := d.SendMessage(t.Context(), d.message(alice, session, "text"))
	require.NoError(t, err)
	require.NoError(t, <-answered)
}

func TestASealedRequestReachesTheServiceAlone(t *testing.T) {
	d := openDoor(t, DefaultConfig())
	change := func(change func(*ohttp.Request)) *ohttp.Request {
		r := inner(RPCPath, "application/json", askInfo)
		change(r)
		return r
	}
	for name, test := range map[string]struct {
		request *ohttp.Request
		status  int
	}{
		"a call":               {change(func(*ohttp.Request) {}), 200},
		"a notification":       {change(func(r *ohttp.Request) { r.Content = []byte(`{"jsonrpc":"2.0","method":"sessionvm.Health"}`) }), 204},
		"no call":              {change(func(r *ohttp.Request) { r.Content = []byte(`{`) }), 200},
		"no transactions":      {inner(TransactionsPath, client.TransactionsType, "x"), 400},
		"the health":           {change(func(r *ohttp.Request) { r.Path = HealthPath }), 404},
		"the metrics":          {change(func(r *ohttp.Request) { r.Path = "/metrics" }), 404},
		"the gateway again":    {inner(OHTTPPath, ohttp.RequestType, "x"), 404},
		"a path below":         {change(func(r *ohttp.Request) { r.Path = "/rpc/" }), 404},
		"a path with a query":  {change(func(r *ohttp.Request) { r.Path = "/rpc?x" }), 404},
		"a path with dots":     {change(func(r *ohttp.Request) { r.Path = "/x/../rpc" }), 404},
		"no path":              {change(func(r *ohttp.Request) { r.Path = "" }), 404},
		"another host":         {change(func(r *ohttp.Request) { r.Authority = "169.254.169.254" }), 404},
		"no host":              {change(func(r *ohttp.Request) { r.Authority = "" }), 404},
		"another scheme":       {change(func(r *ohttp.Request) { r.Scheme = "http" }), 404},
		"another method":       {change(func(r *ohttp.Request) { r.Method = http.MethodGet }), 405},
		"a connection":         {change(func(r *ohttp.Request) { r.Method = http.MethodConnect }), 405},
		"another type":         {inner(RPCPath, "text/plain", askInfo), 415},
		"transactions as JSON": {inner(TransactionsPath, "application/json", "[]"), 415},
		"no type":              {change(func(r *ohttp.Request) { r.Header = nil }), 415},
		"two types":            {change(func(r *ohttp.Request) { r.Header = append(r.Header, r.Header[0]) }), 415},
		"an encoding": {change(func(r *ohttp.Request) {
			r.Header = append(r.Header, ohttp.Field{Name: "content-encoding", Value: "gzip"})
		}), 415},
		"two encodings": {change(func(r *ohttp.Request) {
			r.Header = append(r.Header, ohttp.Field{Name: "content-encoding"}, ohttp.Field{Name: "content-encoding"})
		}), 415},
		"too much": {change(func(r *ohttp.Request) { r.Content = make([]byte, d.service.config.MaxBodyBytes+1) }), 413},
	} {
		got := d.ask(test.request.Bytes())
		require.Equal(t, test.status, got.Status, "%s: %s", name, got.Content)
		if test.status == 204 {
			require.Empty(t, got.Content)
			continue
		}
		mediaType, _ := ohttp.Value(got.Header, "content-type")
		require.Equal(t, "application/json", mediaType, name)
	}
	require.Equal(t, http.StatusBadRequest, d.ask([]byte("no binary HTTP")).Status)
	require.Zero(t, d.service.memory.InUse())
}

func TestTheLargestBodyGoesThroughAGateway(t *testing.T) {
	d := openDoor(t, DefaultConfig())
	content := []byte(askInfo + strings.Repeat(" ", int(d.service.config.MaxBodyBytes)-len(askInfo)))
	got := d.ask(inner(RPCPath, "application/json", string(content)).Bytes())
	require.Equal(t, http.StatusOK, got.Status)
	require.Contains(t, string(got.Content), "chainId")
	require.Zero(t, d.service.memory.InUse())

	sealed, _ := d.seal(make([]byte, ohttp.SealedSize(int(d.service.config.MaxBodyBytes))))
	response, _ := d.post(ohttp.RequestType, sealed)
	require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
}

func TestWhatDoesNotOpenIsRefused(t *testing.T) {
	d := openDoor(t, DefaultConfig())
	sealed, _ := d.seal(inner(RPCPath, "application/json", askInfo).Bytes())
	refused := func(sealed []byte) {
		t.Helper()
		response, body := d.post(ohttp.RequestType, sealed)
		require.Equal(t, http.StatusBadRequest, response.StatusCode)
		require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
		require.JSONEq(t, ohttp.KeyProblem, string(body))
	}
	for at := range sealed {
		if at < 16 || at%97 == 0 || at > len(sealed)-16 {
			refused(sealed[:at])
			changed := bytes.Clone(sealed)
			changed[at] ^= 1
			refused(changed)
		}
	}
	for _, mediaType := range []string{"", "application/json", "message/ohttp-res", ohttp.RequestType + "; x=y"} {
		response, _ := d.post(mediaType, sealed)
		require.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode, mediaType)
	}
	response, err := http.Get(d.url())
	require.NoError(t, err)
	require.Equal(t, d.key.Keys(), readAll(t, response))
	require.Equal(t, ohttp.KeysType, response.Header.Get("Content-Type"))
}

// Who repeats a request changes nothing, and can't read the answer, which is sealed anew.
func TestARequestThatIsReplayedIsExecutedOnce(t *testing.T) {
	d := openDoor(t, DefaultConfig())
	alice := identity(t, 1)
	d.register(alice)
	session := d.open(alice)
	tx := d.transaction(alice, session, "once")
	var framed []byte
	for _, part := range [][]byte{{0, 0, byte(len(tx.Bytes()) >> 8), byte(len(tx.Bytes()))}, tx.Bytes()} {
		framed = append(framed, part...)
	}
	sealed, exchange := d.seal(inner(TransactionsPath, client.TransactionsType, string(framed)).Bytes())
	var answers [][]byte
	for range 3 {
		_, answer := d.post(ohttp.RequestType, sealed)
		require.NotContains(t, answers, answer)
		answers = append(answers, bytes.Clone(answer))
		opened, err := exchange.OpenAnswer(answer)
		require.NoError(t, err)
		require.Contains(t, string(opened), tx.ID().String())
		_, err = d.node.Await(t.Context(), tx.ID())
		require.NoError(t, err)
	}
	page, err := d.ListMessages(t.Context(), client.ListMessagesParams{SessionID: session})
	require.NoError(t, err)
	require.Len(t, page.Messages, 1)
}

func TestThoseWhoUseARelayShareItsAllowance(t *testing.T) {
	config := DefaultConfig()
	config.RequestRate, config.RequestBurst = 1e-6, 2*(1+openingCalls)+1
	d := openDoor(t, config)
	relay := record(t, d.url())
	for range 2 {
		_, err := d.through(relay.URL, new(http.Transport)).GetChainInfo(t.Context())
		require.NoError(t, err)
	}
	_, err := d.through(relay.URL, new(http.Transport)).Health(t.Context())
	require.NoError(t, err, "the last")
	_, err = d.through(relay.URL, new(http.Transport)).Health(t.Context())
	require.ErrorContains(t, err, "429")
	require.True(t, client.Unanswered(err))
}

func TestTheGatewayIsThereIfTheConfigurationNamesItsKey(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "ohttp.key")
	c := startNode(t, DefaultConfig(), nil, "")
	handlers, err := Handlers(c.node, "")
	require.NoError(t, err)
	require.NotContains(t, handlers, OHTTPPath)

	keys := func() []byte {
		c := startNode(t, DefaultConfig(), nil, `{"rpc":{"ohttpKey":"`+file+`"}}`)
		handlers, err := Handlers(c.node, "")
		require.NoError(t, err)
		w := httptest.NewRecorder()
		handlers[OHTTPPath].ServeHTTP(w, httptest.NewRequest(http.MethodGet, OHTTPPath, nil))
		require.Equal(t, http.StatusOK, w.Code)
		return slices.Clone(w.Body.Bytes())
	}
	first := keys()
	require.Equal(t, first, keys(), "the key is kept")
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	key, err := gatewayKey("ohttp.key", folder)
	require.NoError(t, err)
	require.Equal(t, first, key.Keys(), "a relative path is one in the chain's folder")
	for _, text := range []string{"", "12", strings.Repeat("g", 64), strings.Repeat("0", 66)} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := gatewayKey(file, folder)
		require.ErrorIs(t, err, refusal.ErrConfig, text)
	}
	_, err = gatewayKey(filepath.Join(folder, "none", "ohttp.key"), folder)
	require.Error(t, err)
}
