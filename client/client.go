package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/refusal"
)

const (
	// DefaultTimeout bounds a call without a deadline: longer than a service lets anybody
	// wait for acceptance.
	DefaultTimeout = 40 * time.Second
	// DefaultMaxResponseBytes bounds an answer.
	DefaultMaxResponseBytes = 32 << 20

	namespace = "sessionvm."
	version   = "2.0" // of JSON-RPC
)

// Options of a Client. What is zero has its default.
type Options struct {
	HTTPClient       *http.Client  // http.DefaultClient
	Timeout          time.Duration // DefaultTimeout; of a call whose context has no deadline
	MaxResponseBytes int64         // DefaultMaxResponseBytes
}

// Client calls one chain's JSON-RPC service. It is safe for concurrent use.
type Client struct {
	url     string
	options Options
	nextID  atomic.Uint64

	mu   sync.Mutex
	info *ChainInfo // cached by chainInfo
}

// New returns a client of the service at a URL, for instance http://127.0.0.1:9652/rpc, or
// a node's http://127.0.0.1:9650/ext/bc/CHAIN/rpc. It does not connect.
func New(address string, options Options) (*Client, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the service's URL: %w", err)
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, fmt.Errorf("the service's URL: expected one like http://127.0.0.1:9652/rpc, got %q", address)
	}
	if options.HTTPClient == nil {
		options.HTTPClient = http.DefaultClient
	}
	if options.Timeout <= 0 {
		options.Timeout = DefaultTimeout
	}
	if options.MaxResponseBytes <= 0 {
		options.MaxResponseBytes = DefaultMaxResponseBytes
	}
	return &Client{url: address, options: options}, nil
}

// Address returns the service's URL.
func (c *Client) Address() string { return c.url }

// Call calls a method by its name, without the prefix, and decodes its result. The typed
// methods are made of it.
func (c *Client) Call(ctx context.Context, method string, params, result any) error {
	if err := c.call(ctx, method, params, result); err != nil {
		return fmt.Errorf("%s%s: %w", namespace, method, err)
	}
	return nil
}

func call[Result any](ctx context.Context, c *Client, method string, params any) (*Result, error) {
	result := new(Result)
	if err := c.Call(ctx, method, params, result); err != nil {
		return nil, err
	}
	return result, nil
}

func (c *Client) call(ctx context.Context, method string, params, result any) error {
	id := strconv.FormatUint(c.nextID.Add(1), 10)
	body, err := json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  string          `json:"method"`
		Params  any             `json:"params,omitempty"`
	}{version, json.RawMessage(id), namespace + method, params})
	if err != nil {
		return err
	}
	status, answer, err := c.post(ctx, c.url, "application/json", body)
	if err != nil {
		return err
	}
	return decodeResponse(id, status, answer, result)
}

// post posts a body and returns the status, like 200 OK, and the answer.
func (c *Client) post(ctx context.Context, address, mediaType string, body []byte) (status string, answer []byte, err error) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return "", nil, err
	}
	request.Header.Set("Content-Type", mediaType)
	response, err := c.options.HTTPClient.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, c.options.MaxResponseBytes+1))
	if err != nil {
		return "", nil, fmt.Errorf("reading the response: %w", err)
	}
	if int64(len(answer)) > c.options.MaxResponseBytes {
		return "", nil, fmt.Errorf("%w: more than %d bytes", ErrResponse, c.options.MaxResponseBytes)
	}
	return response.Status, answer, nil
}

// decodeResponse decodes a JSON-RPC 2.0 response object.
func decodeResponse(id, status string, answer []byte, result any) error {
	var response struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *errorObject    `json:"error"`
		Result  json.RawMessage `json:"result"`
	}
	if err := strictjson.Unmarshal(answer, &response); err != nil || response.Version != version {
		return fmt.Errorf("%w: HTTP status %s, and not a JSON-RPC 2.0 object", ErrResponse, status)
	}
	if response.Error != nil { // an error may come without the ID of its request
		return newError(response.Error)
	}
	if string(response.ID) != id {
		return fmt.Errorf("%w: for request %.40s, not %s", ErrResponse, response.ID, id)
	}
	if len(response.Result) == 0 || string(response.Result) == "null" {
		return fmt.Errorf("%w: neither a result nor an error", ErrResponse)
	}
	if err := strictjson.Unmarshal(response.Result, result); err != nil {
		return errors.Join(ErrResponse, err)
	}
	return nil
}

// errorObject is JSON-RPC 2.0's. Its data may be a proxy's, or a later version's.
type errorObject struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func newError(e *errorObject) *Error {
	refused := &Error{Code: refusal.Reason(e.Code), Message: e.Message}
	if len(e.Data) == 0 {
		return refused
	}
	if err := strictjson.Unmarshal(e.Data, &refused.Data); err != nil {
		refused.Data.Reason = e.Message
	}
	return refused
}
