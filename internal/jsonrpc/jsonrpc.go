// Package jsonrpc calls JSON-RPC 2.0 services over HTTP: a chain's, and the P-chain's. Answers are
// bounded before they are read, and decoded strictly.
package jsonrpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/luxfi/session/internal/strictjson"
)

const (
	version   = "2.0" // of JSON-RPC
	requestID = "1"   // of the only call of a request: numbers would tell a service which requests are of one client
)

// ErrResponse is an answer that is not what such a service sends: another server's, or a proxy's page.
var ErrResponse = errors.New("unexpected response")

// Error is the error object that a service answered. Its data may be a proxy's, or a later version's.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

func (e *Error) Error() string { return fmt.Sprintf("%q (code %d)", e.Message, e.Code) }

// Service is where a service answers. It is safe for concurrent use.
type Service struct {
	URL              string
	http             *http.Client
	maxResponseBytes int64
}

// New returns the service at a URL, whose answers have at most so many bytes. It does not connect.
// Without an HTTP client it is http.DefaultClient. Example is a URL as it should be, for errors.
func New(address, example string, client *http.Client, maxResponseBytes int64) (*Service, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the service's URL: %w", err)
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return nil, fmt.Errorf("the service's URL: expected one like %s, got %q", example, address)
	}
	if client == nil {
		client = http.DefaultClient
	}
	return &Service{URL: address, http: client, maxResponseBytes: maxResponseBytes}, nil
}

// Call calls a method and decodes its result. What the service refuses is an *Error.
func (s *Service) Call(ctx context.Context, method string, params, result any) error {
	body, err := json.Marshal(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  string          `json:"method"`
		Params  any             `json:"params,omitempty"`
	}{version, json.RawMessage(requestID), method, params})
	if err != nil {
		return err
	}
	status, answer, err := s.Post(ctx, s.URL, "application/json", body)
	if err != nil {
		return err
	}
	return Decode(requestID, status, answer, result)
}

// Post posts a body and returns the status, like 200 OK, and the answer. A connection that fails, also
// within the answer, is a *url.Error.
func (s *Service) Post(ctx context.Context, address, mediaType string, body []byte) (status string, answer []byte, err error) {
	response, err := s.Open(ctx, address, mediaType, body)
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(response.Body, s.maxResponseBytes+1))
	if err != nil { // no more an answer than where the connection fails before it
		return "", nil, &url.Error{Op: "Post", URL: address, Err: fmt.Errorf("reading the response: %w", err)}
	}
	if int64(len(answer)) > s.maxResponseBytes {
		return "", nil, fmt.Errorf("%w: more than %d bytes", ErrResponse, s.maxResponseBytes)
	}
	return response.Status, answer, nil
}

// Open posts a body and returns the response, whose body is to be closed. What it reads is bounded by nobody else.
func (s *Service) Open(ctx context.Context, address, mediaType string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", mediaType)
	return s.http.Do(request)
}

// Decode decodes a response object.
func Decode(id, status string, answer []byte, result any) error {
	var response struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *Error          `json:"error"`
		Result  json.RawMessage `json:"result"`
	}
	if err := strictjson.Unmarshal(answer, &response); err != nil || response.Version != version {
		return fmt.Errorf("%w: HTTP status %q, and not a JSON-RPC 2.0 object", ErrResponse, status)
	}
	if response.Error != nil { // an error may come without the ID of its request
		return response.Error
	}
	if string(response.ID) != id {
		return fmt.Errorf("%w: for request %.40q, not %s", ErrResponse, response.ID, id)
	}
	if len(response.Result) == 0 || string(response.Result) == "null" {
		return fmt.Errorf("%w: neither a result nor an error", ErrResponse)
	}
	if err := strictjson.Unmarshal(response.Result, result); err != nil {
		return errors.Join(ErrResponse, err)
	}
	return nil
}
