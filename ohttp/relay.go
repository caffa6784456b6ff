package ohttp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/luxfi/session/internal/places"
)

// Bounds of a relay.
const (
	relayRequest = 8 << 20          // bytes of a sealed request
	relayAnswer  = 64 << 20         // bytes of a sealed answer
	relayBytes   = 64 << 20         // of requests in memory
	relayWeight  = relayBytes / 512 // bytes that a request counts beside its own: 512 at a time
	relayTimeout = 45 * time.Second // for the gateway's answer: longer than any call waits
)

// Relay is the handler of a relay. It passes requests on to one gateway, whatever their path is, with nothing of who
// sent them, and keeps nothing of them. When it has as many as it can have, those of the client that has most give way. Rates
// belong to what is before it, as TLS does, and connections to the listener that it is served from.
type Relay struct {
	gateway string
	through http.RoundTripper
	client  func(*http.Request) string
	memory  *places.Places[string]
}

// NewRelay returns a relay to the gateway at a URL like https://node.example/ohttp, which is asked by through; nil:
// http.DefaultTransport. client tells the clients apart that send requests; nil: by IP address.
func NewRelay(gateway string, through http.RoundTripper, client func(*http.Request) string) (*Relay, error) {
	parsed, err := url.Parse(gateway)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" || parsed.Fragment != "" {
		return nil, fmt.Errorf("the gateway: expected a URL like http://127.0.0.1:9652/ohttp, got %q", gateway)
	}
	if through == nil {
		through = http.DefaultTransport
	}
	if client == nil {
		client = new(places.Proxies).Client
	}
	return &Relay{gateway: gateway, through: through, client: client, memory: places.New[string](relayBytes)}, nil
}

// ServeHTTP implements http.Handler: GET for the gateway's keys, POST for a sealed request.
func (relay *Relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "expected GET or POST", http.StatusMethodNotAllowed)
	case r.Method == http.MethodPost && r.Header.Get("Content-Type") != RequestType:
		http.Error(w, "expected Content-Type: "+RequestType, http.StatusUnsupportedMediaType)
	case r.ContentLength < 0:
		http.Error(w, "expected a Content-Length", http.StatusLengthRequired)
	case r.ContentLength > relayRequest:
		http.Error(w, fmt.Sprintf("expected at most %d bytes", relayRequest), http.StatusRequestEntityTooLarge)
	default:
		relay.serve(w, r)
	}
}

// serve passes a request on if there is a place for it, for as long as it has that.
func (relay *Relay) serve(w http.ResponseWriter, r *http.Request) {
	place, ctx := relay.memory.Request(relay.client(r), w, r)
	defer place.Leave()
	if !place.Take(relayWeight + r.ContentLength) {
		crowded(w)
		return
	}
	body := make([]byte, r.ContentLength) // whole, so that a slow client holds nothing at the gateway
	if _, err := io.ReadFull(r.Body, body); places.GivesWay(ctx, w) {
		crowded(w)
	} else if err != nil {
		http.Error(w, "expected the whole body", http.StatusBadRequest)
	} else {
		relay.pass(ctx, w, r.Method, body)
	}
}

func crowded(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "too many requests at a time, of which those of the address with most give way; try again later", http.StatusServiceUnavailable)
}

// pass asks the gateway, and passes on its status, its body, and what that is.
func (relay *Relay) pass(ctx context.Context, w http.ResponseWriter, method string, body []byte) {
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	response, err := send(ctx, relay.through, method, relay.gateway, body)
	if err != nil && places.GivesWay(ctx, w) {
		crowded(w)
		return
	} else if err != nil {
		status := http.StatusBadGateway
		if errors.Is(err, context.DeadlineExceeded) {
			status = http.StatusGatewayTimeout
		}
		http.Error(w, "no answer from the gateway", status)
		return
	}
	defer response.Body.Close()
	if response.ContentLength > relayAnswer {
		http.Error(w, "the gateway's answer is too large", http.StatusBadGateway)
		return
	}
	for _, name := range []string{"Content-Type", "Retry-After"} {
		if value := response.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if response.ContentLength >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(response.ContentLength, 10))
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, io.LimitReader(response.Body, relayAnswer)) // who gets less notices: it does not open
}
