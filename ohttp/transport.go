package ohttp

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
)

// The target of what goes through a relay. It stands for the chain behind the gateway, whatever its address is; no
// host has this name (RFC 6761).
const (
	Scheme    = "https"
	Authority = "session.invalid"
	Address   = Scheme + "://" + Authority + "/rpc" // for client.New
)

const (
	maxRequestContent = 16 << 20 // bytes that a Transport sends
	maxAnswerContent  = 32 << 20 // bytes that it takes, as many as a client by default
)

// What a gateway answers to a request that does not open, with status 400: RFC 9458, section 5.3.
const (
	KeyProblem     = `{"type":"https://iana.org/assignments/http-problem-types#ohttp-key","title":"the request does not open with the gateway's key"}`
	KeyProblemType = "application/problem+json"
)

// Transport is an http.RoundTripper that sends requests to Address, and to what is beside it, through a relay. It
// refuses all other hosts: nothing goes around the relay. It is safe for concurrent use.
type Transport struct {
	relay string
	hash  KeysHash
	base  http.RoundTripper

	one chan struct{} // has a value while the key is read or fetched
	key *PublicKey    // nil until it was fetched
}

// NewTransport returns a transport through the relay at a URL like https://relay.example/#HASH, where HASH is the
// gateway's KeysHash in hex. The relay is asked by base; nil: http.DefaultTransport. It does not connect.
func NewTransport(address string, base http.RoundTripper) (*Transport, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the relay's address: %w", err)
	}
	t := &Transport{base: base, one: make(chan struct{}, 1)}
	hash, err := hex.DecodeString(parsed.Fragment)
	if err != nil || copy(t.hash[:], hash) != len(hash) || len(hash) != len(t.hash) || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, fmt.Errorf("the relay's address: expected one like https://relay.example/#HASH, with the hash of the gateway's keys in 64 hex digits, got %q", address)
	}
	parsed.Fragment, parsed.RawFragment = "", ""
	t.relay = parsed.String()
	if base == nil {
		t.base = http.DefaultTransport
	}
	return t, nil
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	content, err := readContent(r)
	if err != nil {
		return nil, err
	}
	if r.URL.Scheme != Scheme || r.URL.Host != Authority {
		return nil, fmt.Errorf("only %s://%s can be asked through the relay, not %s", Scheme, Authority, r.URL.Host)
	}
	response, err := t.exchange(r, content)
	if err != nil {
		return nil, fmt.Errorf("through the relay %s: %w", t.relay, err)
	}
	header := make(http.Header)
	for _, field := range response.Header {
		header.Add(field.Name, field.Value)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", response.Status, http.StatusText(response.Status)), StatusCode: response.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(response.Content)), ContentLength: int64(len(response.Content)),
		Request: r,
	}, nil
}

// readContent reads the body of a request, and closes it.
func readContent(r *http.Request) (content []byte, err error) {
	if r.Body == nil {
		return nil, nil
	}
	content, err = readAtMost(r.Body, maxRequestContent)
	return content, errors.Join(err, r.Body.Close())
}

func readAtMost(from io.Reader, most int) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(from, int64(most)+1))
	if err == nil && len(content) > most {
		err = fmt.Errorf("expected at most %d bytes, got more", most)
	}
	return content, err
}

// exchange seals a request, sends it, and opens the answer. Of the header it sends the content's type alone.
func (t *Transport) exchange(r *http.Request, content []byte) (*Response, error) {
	key, err := t.publicKey(r.Context())
	if err != nil {
		return nil, err
	}
	inner := &Request{Method: r.Method, Scheme: Scheme, Authority: Authority, Path: path.Clean("/" + r.URL.Path), Content: content}
	if mediaType := r.Header.Get("Content-Type"); mediaType != "" {
		inner.Header = []Field{{"content-type", mediaType}}
	}
	sealed, exchange, err := key.Seal(inner.Bytes())
	if err != nil {
		return nil, err
	}
	answer, err := t.ask(r.Context(), http.MethodPost, sealed, ResponseType, SealedSize(maxAnswerContent))
	if err != nil {
		return nil, err
	}
	message, err := exchange.OpenAnswer(answer)
	if err != nil {
		return nil, fmt.Errorf("the answer: %w", err)
	}
	return ParseResponse(message)
}

// publicKey returns the gateway's key. It is fetched once, from the relay, so that the node can't give each program
// another one to know it by; that it is the gateway's, the hash says.
func (t *Transport) publicKey(ctx context.Context) (*PublicKey, error) {
	select {
	case t.one <- struct{}{}:
		defer func() { <-t.one }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if t.key != nil {
		return t.key, nil
	}
	keys, err := t.ask(ctx, http.MethodGet, nil, KeysType, MaxKeysBytes)
	if err != nil {
		return nil, err
	}
	t.key, err = ParseKeys(keys, t.hash)
	return t.key, err
}

// ask sends the relay a request with nothing about this program, and returns an answer of at most so many bytes.
func (t *Transport) ask(ctx context.Context, method string, body []byte, want string, most int) ([]byte, error) {
	response, err := send(ctx, t.base, method, t.relay, body)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch mediaType := response.Header.Get("Content-Type"); {
	case response.StatusCode == http.StatusBadRequest && mediaType == KeyProblemType:
		return nil, fmt.Errorf("%w: the gateway's; ask its operator for the address anew", ErrKey)
	case response.StatusCode != http.StatusOK || mediaType != want:
		return nil, fmt.Errorf("expected status 200 and %s, got %q and %.40q", want, response.Status, mediaType)
	}
	return readAtMost(response.Body, most)
}

// send sends a request that has nothing in its header but what it is. Redirects are not followed.
func send(ctx context.Context, through http.RoundTripper, method, address string, body []byte) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "") // none
	r.Header.Set("Accept-Encoding", "identity")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", RequestType)
	}
	return through.RoundTrip(r)
}
