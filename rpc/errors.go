package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/signing"
)

// protocolError is an error of JSON-RPC 2.0 itself.
type protocolError struct {
	code          refusal.Reason
	expected, got string
}

var protocolReasons = map[refusal.Reason]string{
	client.CodeParseError:     "parse error",
	client.CodeInvalidRequest: "invalid request",
	client.CodeMethodNotFound: "method not found",
	client.CodeInvalidParams:  "invalid parameters",
	client.CodeInternalError:  "internal error",
}

func (e *protocolError) Error() string {
	return fmt.Sprintf("%s: expected %s, got %s", protocolReasons[e.code], e.expected, e.got)
}

// located is an error with the IDs of what it is about.
type located struct {
	error
	data client.ErrorData
}

func (l *located) Unwrap() error { return l.error }

// locate adds the IDs of data to an error.
func locate(err error, data client.ErrorData) error { return &located{error: err, data: data} }

// errorObject is the error object of JSON-RPC 2.0.
type errorObject struct {
	Code    int              `json:"code"`
	Message string           `json:"message"`
	Data    client.ErrorData `json:"data"`
}

func (e *errorObject) encode() []byte {
	encoded, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings, numbers and IDs
	}
	return encoded
}

// newErrorObject turns an error into an error object: a refusal has its refusal.Reason as code;
// what is no refusal is an internal error, which goes to the log and not to the client.
func newErrorObject(ctx context.Context, log *slog.Logger, method string, err error) *errorObject {
	if invalid := (*protocolError)(nil); errors.As(err, &invalid) {
		return &errorObject{int(invalid.code), invalid.Error(), client.ErrorData{Reason: protocolReasons[invalid.code], Expected: invalid.expected, Got: invalid.got}}
	}
	data, ok := errorData(err)
	if ok {
		code := data.Code
		data.Code = 0
		return &errorObject{code, err.Error(), data}
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		data.Reason = "the request has ended before its answer"
		return &errorObject{int(refusal.ErrNotReady), data.Reason, data}
	}
	log.Error("JSON-RPC call failed", "method", method, "error", err)
	data.Reason = "the node failed; its log says why"
	return &errorObject{int(client.CodeInternalError), protocolReasons[client.CodeInternalError], data}
}

// errorData returns what an error's data says, with its code. It is false if no
// refusal.Reason is behind the error. Of a transaction that was dropped, the code is the
// reason why.
func errorData(err error) (client.ErrorData, bool) {
	var data client.ErrorData
	if at := (*located)(nil); errors.As(err, &at) {
		data = at.data
	}
	if few := (*signing.QuorumError)(nil); errors.As(err, &few) {
		data.Weight = (*client.Weight)(&few.Weight)
	}
	var first, dropped *refusal.Error
	for _, refused := range refusals(err, nil) {
		switch {
		case refused.Reason == refusal.ErrDropped:
			dropped = refused
		case first == nil:
			first = refused
		}
	}
	if first == nil {
		first = dropped
	}
	if first == nil {
		return data, false
	}
	data.Dropped = dropped != nil
	data.Code = int(first.Reason)
	data.Reason = first.Reason.Error()
	data.Expected, data.Got = first.Expected, first.Got
	return data, true
}

// refusals lists the refusals behind an error, outermost first. A bare refusal.Reason counts
// as a refusal without details.
func refusals(err error, found []*refusal.Error) []*refusal.Error {
	switch e := err.(type) {
	case nil:
		return found
	case *refusal.Error:
		return append(found, e)
	case refusal.Reason:
		return append(found, &refusal.Error{Reason: e})
	case interface{ Unwrap() error }:
		return refusals(e.Unwrap(), found)
	case interface{ Unwrap() []error }:
		for _, wrapped := range e.Unwrap() {
			found = refusals(wrapped, found)
		}
	}
	return found
}
