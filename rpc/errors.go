package rpc

import (
	"context"
	"errors"
	"log/slog"

	"github.com/creachadair/jrpc2"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/signing"
)

// located is an error with the IDs of what it is about.
type located struct {
	error
	data client.ErrorData
}

func (l *located) Unwrap() error { return l.error }

// locate adds the IDs of data to an error.
func locate(err error, data client.ErrorData) error { return &located{error: err, data: data} }

// errorObject turns an error into JSON-RPC's error object: a refusal has its refusal.Reason
// as code, and data; what is no refusal is an internal error, which goes to the log and not
// to the client.
func errorObject(ctx context.Context, log *slog.Logger, method string, err error) *jrpc2.Error {
	if object := (*jrpc2.Error)(nil); errors.As(err, &object) {
		return object
	}
	data, ok := errorData(err)
	if ok {
		return jrpc2.Errorf(jrpc2.Code(data.Code), "%s", err).WithData(withoutCode(data))
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		data.Reason = "the request has ended before its answer"
		return jrpc2.Errorf(jrpc2.Cancelled, "%s", data.Reason).WithData(data)
	}
	log.Error("JSON-RPC call failed", "method", method, "error", err)
	data.Reason = "the node failed; its log says why"
	return jrpc2.Errorf(jrpc2.InternalError, "%s", jrpc2.InternalError).WithData(data)
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

func withoutCode(data client.ErrorData) client.ErrorData {
	data.Code = 0
	return data
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
