package client

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/jsonrpc"
	"github.com/luxfi/session/refusal"
)

// ErrResponse is an answer that is not what a SessionVM service sends: another server, or
// a proxy's page.
var ErrResponse = jsonrpc.ErrResponse

// Unanswered reports whether a call failed because no service answered.
func Unanswered(err error) bool {
	return errors.As(err, new(*url.Error)) || errors.Is(err, ErrResponse)
}

// The codes of JSON-RPC 2.0.
const (
	CodeParseError     refusal.Reason = -32700
	CodeInvalidRequest refusal.Reason = -32600
	CodeMethodNotFound refusal.Reason = -32601
	CodeInvalidParams  refusal.Reason = -32602
	CodeInternalError  refusal.Reason = -32603
)

// ErrListCut is a list that goes on after as many pages as the caller wants.
var ErrListCut = errors.New("the list is longer")

// Error is an error that the service answered. errors.Is finds its Code, a refusal.Reason,
// and refusal.ErrDropped if the transaction had been taken first and was dropped for it.
type Error struct {
	Code    refusal.Reason // or one of JSON-RPC 2.0's codes
	Message string
	Data    ErrorData
}

// ErrorData is what stands in data of an error.
type ErrorData struct {
	Reason        string  `json:"reason"`                 // the code's meaning
	Expected      string  `json:"expected,omitempty"`     // what would have been right
	Got           string  `json:"got,omitempty"`          // what came
	Dropped       bool    `json:"dropped,omitempty"`      // the transaction was taken, and dropped later
	TransactionID ids.ID  `json:"transactionId,omitzero"` // the transaction concerned
	MessageID     ids.ID  `json:"messageId,omitzero"`     // the message concerned
	SessionID     ids.ID  `json:"sessionId,omitzero"`     // the session that the transaction makes or concerns
	ChannelID     ids.ID  `json:"channelId,omitzero"`     // the channel that the transaction makes or concerns
	BlockID       ids.ID  `json:"blockId,omitzero"`       // the block that is to be certified
	Weight        *Weight `json:"weight,omitempty"`       // of the validators that have signed, if they are too few
	Code          int     `json:"code,omitempty"`         // where the data stands alone: the error's code
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s (code %d)", e.Message, int(e.Code)) }

// Unwrap returns the Code, so that errors.Is finds the refusal.Reason.
func (e *Error) Unwrap() error { return e.Code }

// Is reports whether the error is refusal.ErrDropped beside its Code.
func (e *Error) Is(target error) bool { return e.Data.Dropped && target == error(refusal.ErrDropped) }
