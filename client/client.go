package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/luxfi/session/internal/jsonrpc"
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
)

// Options of a Client. What is zero has its default.
type Options struct {
	HTTPClient       *http.Client      // http.DefaultClient
	Timeout          time.Duration     // DefaultTimeout; of a call whose context has no deadline
	MaxResponseBytes int64             // DefaultMaxResponseBytes
	Working          func(bits uint64) // told before the work of a registration begins; nil: nobody
}

// Client calls one chain's JSON-RPC service. It is safe for concurrent use.
type Client struct {
	service *jsonrpc.Service
	timeout time.Duration
	working func(bits uint64)

	mu   sync.Mutex
	info *ChainInfo // cached by chainInfo
}

// New returns a client of the service at a URL, for instance http://127.0.0.1:9652/rpc, or
// a node's http://127.0.0.1:9650/ext/bc/CHAIN/rpc. It does not connect.
func New(address string, options Options) (*Client, error) {
	if options.Timeout <= 0 {
		options.Timeout = DefaultTimeout
	}
	if options.MaxResponseBytes <= 0 {
		options.MaxResponseBytes = DefaultMaxResponseBytes
	}
	service, err := jsonrpc.New(address, "http://127.0.0.1:9652/rpc", options.HTTPClient, options.MaxResponseBytes)
	if err != nil {
		return nil, err
	}
	if options.Working == nil {
		options.Working = func(uint64) {}
	}
	return &Client{service: service, timeout: options.Timeout, working: options.Working}, nil
}

// Address returns the service's URL.
func (c *Client) Address() string { return c.service.URL }

// Call calls a method by its name, without the prefix, and decodes its result. The typed
// methods are made of it.
func (c *Client) Call(ctx context.Context, method string, params, result any) error {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	err := refused(c.service.Call(ctx, namespace+method, params, result))
	if err == nil || errors.As(err, new(*Error)) { // which says itself what is wrong
		return err
	}
	return fmt.Errorf("%s%s: %w", namespace, method, err)
}

func call[Result any](ctx context.Context, c *Client, method string, params any) (*Result, error) {
	result := new(Result)
	if err := c.Call(ctx, method, params, result); err != nil {
		return nil, err
	}
	return result, nil
}

// bounded gives a context that has no deadline the client's.
func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, c.timeout)
}

// refused returns an *Error for what the service answered, and other errors as they are.
func refused(err error) error {
	answered := new(jsonrpc.Error)
	if !errors.As(err, &answered) {
		return err
	}
	refused := &Error{Code: refusal.Reason(answered.Code), Message: answered.Message}
	if len(answered.Data) == 0 {
		return refused
	}
	if err := strictjson.Unmarshal(answered.Data, &refused.Data); err != nil {
		refused.Data.Reason = answered.Message
	}
	return refused
}
