package client

import (
	"context"
	"fmt"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// CreateSessionParams make LP-42's plain session: nobody signs, and it is pending until a participant
// acts. SendTransaction makes one that its creator signs, which is active at once, or a channel's.
type CreateSessionParams struct {
	Participants []ids.ID          `json:"participants" id:"identity"`
	PublicKeys   []Bytes           `json:"publicKeys"` // ML-KEM-768 session keys, 1184 bytes each, in the participants' order
	Metadata     map[string]string `json:"metadata,omitempty"`
	Nonce        uint64            `json:"nonce,omitzero,string"` // travels as a string: it has 64 bits; zero: the service fills it
	Deadline     uint64            `json:"deadline,omitzero"`     // Unix milliseconds; zero: the service fills it
	Wait         Seconds           `json:"wait,omitzero"`         // for acceptance; zero: the service's default
}

// CreateSessionResult is LP-42's sessionId and expires, and where the session was accepted.
type CreateSessionResult struct {
	SessionID     ids.ID `json:"sessionId"`
	Expires       int64  `json:"expires"` // Unix seconds
	Status        string `json:"status"`  // pending or active
	TransactionID ids.ID `json:"transactionId"`
	Height        uint64 `json:"height"`
	Nonce         uint64 `json:"nonce,string"`
	Deadline      uint64 `json:"deadline"` // Unix milliseconds
}

// CreateSession creates a session and waits until it is accepted.
func (c *Client) CreateSession(ctx context.Context, params CreateSessionParams) (*CreateSessionResult, error) {
	return call[CreateSessionResult](ctx, c, "CreateSession", params)
}

// GetSessionParams name a session.
type GetSessionParams struct {
	SessionID ids.ID `json:"sessionId"`
}

// GetSessionResult holds a session.
type GetSessionResult struct {
	Session Session `json:"session"`
}

// Session is LP-42's Session, and what the chain knows beyond it.
type Session struct {
	SessionSummary
	PublicKeys []Bytes  `json:"publicKeys"` // ML-KEM-768, in the participants' order; each empty in a single session
	KeyEpochs  []uint64 `json:"keyEpochs"`  // how often each key was rotated, in the same order
	// TransactionID is of the transaction that made the session, which its ID commits to.
	TransactionID ids.ID `json:"transactionId"`
}

// SessionSummary is a session without its keys.
type SessionSummary struct {
	ID           ids.ID            `json:"id"`
	Participants []ids.ID          `json:"participants"`
	Created      time.Time         `json:"created"`
	Expires      time.Time         `json:"expires"`
	Status       string            `json:"status"` // pending, active, expired or closed, at the time of the last accepted block
	Metadata     map[string]string `json:"metadata"`
	Messages     uint64            `json:"messages"`         // how many there are; the last one's sequence
	Head         uint64            `json:"head"`             // index of the last message; 0 if there is none
	Transcript   chain.Hash        `json:"transcript"`       // after the last message: chain.NextTranscript
	Creator      ids.ID            `json:"creator,omitzero"` // left out for a plain session
	Channel      ids.ID            `json:"channel,omitzero"` // left out if it belongs to none
	Number       uint64            `json:"number"`           // counts sessions of the chain, from 1
}

// GetSession returns a session.
func (c *Client) GetSession(ctx context.Context, params GetSessionParams) (*GetSessionResult, error) {
	return call[GetSessionResult](ctx, c, "GetSession", params)
}

// ListSessionsParams ask for a page of a participant's sessions, newest first: those in which it has signed
// something, or its requests. Anybody can name anybody in a session, so these may be many.
type ListSessionsParams struct {
	Participant ids.ID `json:"participant" id:"identity"`
	Requests    bool   `json:"requests,omitzero"`           // the sessions that others have named the participant in, and that it has signed nothing in
	Channel     ids.ID `json:"channel,omitzero"`            // only sessions of this channel
	With        ids.ID `json:"with,omitzero" id:"identity"` // only sessions of the participant and this identity alone that one of them made, and that are no channel's
	Before      uint64 `json:"before,omitzero"`             // sessions with a number below this; zero: from the newest on
	Limit       uint64 `json:"limit,omitzero"`              // zero: the service's default
}

// ListSessionsResult is a page of sessions.
type ListSessionsResult struct {
	Sessions []SessionSummary `json:"sessions"`
	Next     uint64           `json:"next,omitzero"` // before of the next page; left out on the last
}

// ListSessions lists the sessions of a participant.
func (c *Client) ListSessions(ctx context.Context, params ListSessionsParams) (*ListSessionsResult, error) {
	return call[ListSessionsResult](ctx, c, "ListSessions", params)
}

// EachSession visits sessions, newest first, until visit says that it has enough. It asks for at
// most so many pages, so that a service does not keep its client busy for ever; if there are more,
// the error is ErrListCut.
func (c *Client) EachSession(ctx context.Context, params ListSessionsParams, pages int, visit func(*SessionSummary) (more bool)) error {
	for range pages {
		page, err := c.ListSessions(ctx, params)
		if err != nil {
			return err
		}
		for i := range page.Sessions {
			if !visit(&page.Sessions[i]) {
				return nil
			}
		}
		if page.Next == 0 {
			return nil
		}
		if params.Before != 0 && page.Next >= params.Before {
			return fmt.Errorf("%w: expected a next page before %d, got %d", ErrResponse, params.Before, page.Next)
		}
		params.Before = page.Next
	}
	return fmt.Errorf("%w: expected at most %d pages, got more: ask for those of a channel, or with one identity", ErrListCut, pages)
}
