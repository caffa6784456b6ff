package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	ackWait     = 20 * time.Second
	writerPause = 100 * time.Millisecond // on average
	listPage    = 256
	// longest is of a message, in bytes.
	longest = 128 << 10
	// deadlineAhead is a new session's, by the chain's clock: within the genesis' transactionWindow.
	deadlineAhead = transactionWindow * time.Second / 2
	// keepsFor is how long all of a session is in the state at least: the genesis' retention, less what a
	// check takes. By the chain's clock.
	keepsFor = 20 * time.Hour
)

// conversation is a session of a writer's, and what the chain has answered.
type conversation struct {
	session  ids.ID
	opened   time.Time // by the chain's clock
	answered []*client.TransactionResult
	// doubtful was sent and not answered: it may be there or not. It is sent again while the session takes it.
	doubtful *chain.Transaction
}

// defect is something that the chain has other than it was answered.
type defect struct{ error }

func newDefect(format string, args ...any) error { return &defect{fmt.Errorf(format, args...)} }

// writer sends messages one after the other.
type writer struct {
	*trial.Person
	clock         *trial.Clock
	random        *rand.Rand
	conversations []*conversation // the last one is written to
	refused, late int
	written       atomic.Int64 // bytes of the transactions that were answered
}

// connect has the writer talk to a server, which may have been started again.
func (w *writer) connect(rpc string) (err error) {
	w.Client, err = client.New(rpc, client.Options{HTTPClient: trial.HTTPFrom(0), Timeout: ackWait + 10*time.Second})
	return err
}

// write sends messages until ctx ends. Without an answer it goes on with the same message.
func (w *writer) write(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := w.step(ctx); ctx.Err() == nil && w.over(err) {
			err := w.check(ctx, w.conversations[len(w.conversations)-1])
			if wrong := (*defect)(nil); errors.As(err, &wrong) {
				return err
			} else if err == nil { // else the server is gone, and the next step comes here again
				w.open(ctx)
			}
		}
		select {
		case <-time.After(time.Duration(w.random.Int64N(int64(2 * writerPause)))):
		case <-ctx.Done():
		}
	}
	return nil
}

// over reports whether an error says that the conversation's session takes no more.
func (w *writer) over(err error) bool {
	if refused := (*client.Error)(nil); errors.As(err, &refused) {
		w.refused++
	}
	for _, end := range []error{refusal.ErrUnknownSession, refusal.ErrSessionExpired, refusal.ErrSessionFull} {
		if errors.Is(err, end) {
			return true
		}
	}
	return false
}

// open opens a new conversation; if that fails, the old one's end is noticed again.
func (w *writer) open(ctx context.Context) {
	now := w.clock.Now()
	body := &chain.CreateSession{
		Creator: w.ID(), Nonce: client.Nonce(), Deadline: uint64(now.Add(deadlineAhead).UnixMilli()),
		Participants: append([]ids.ID{w.ID()}, trial.Strangers(1)...), PublicKeys: [][]byte{w.Public().KEM, w.Public().KEM},
	}
	if result, err := w.Client.SendTransaction(ctx, body, w); err == nil {
		w.conversations = append(w.conversations, &conversation{session: result.SessionID, opened: now})
	}
}

// step sends one message and waits for its acceptance.
func (w *writer) step(ctx context.Context) error {
	if len(w.conversations) == 0 {
		w.open(ctx)
		return nil
	}
	c := w.conversations[len(w.conversations)-1]
	if c.doubtful == nil {
		tx, err := w.Message(ctx, c.session, 64+w.random.IntN(longest-64))
		if err != nil {
			return err
		}
		c.doubtful = tx
	}
	result, err := w.Issue(ctx, c.doubtful, ackWait)
	if err != nil {
		return err
	}
	w.written.Add(int64(len(c.doubtful.Bytes())))
	c.answered = append(c.answered, result)
	c.doubtful = nil
	return nil
}

// check checks that a conversation is on the chain as it was answered: nothing lost, nothing twice, and
// each message with a proof. What is past its retention when the check ends says nothing.
func (w *writer) check(ctx context.Context, c *conversation) error {
	err := w.compare(ctx, c)
	if err != nil && w.clock.Now().Sub(c.opened) > keepsFor {
		w.late++
		return nil
	}
	return err
}

func (w *writer) compare(ctx context.Context, c *conversation) error {
	places := make(map[ids.ID]uint64)
	for from := uint64(1); ; {
		page, err := w.Client.ListMessages(ctx, client.ListMessagesParams{SessionID: c.session, From: from, Limit: listPage})
		if err != nil {
			return fmt.Errorf("listing session %s: %w", c.session, err)
		}
		for i, message := range page.Messages {
			if message.Sequence != from+uint64(i) {
				return newDefect("session %s: expected sequence %d, got %d", c.session, from+uint64(i), message.Sequence)
			}
			if _, twice := places[message.ID]; twice {
				return newDefect("session %s: message %s is there twice", c.session, message.ID)
			}
			places[message.ID] = message.Sequence
		}
		if from = page.Next; from > page.Total {
			break
		}
	}
	most := len(c.answered)
	if c.doubtful != nil {
		most++
	}
	if len(places) < len(c.answered) || len(places) > most {
		return newDefect("session %s: expected %d to %d messages, got %d", c.session, len(c.answered), most, len(places))
	}
	for _, answer := range c.answered {
		if places[answer.TransactionID] != answer.Sequence {
			return newDefect("session %s: message %s was answered as number %d and is number %d", c.session, answer.TransactionID, answer.Sequence, places[answer.TransactionID])
		}
		if err := w.proven(ctx, answer); err != nil {
			return fmt.Errorf("session %s: message %s: %w", c.session, answer.TransactionID, err)
		}
	}
	return nil
}

func (w *writer) proven(ctx context.Context, answer *client.TransactionResult) error {
	result, err := w.Client.GetProof(ctx, client.GetProofParams{MessageID: answer.TransactionID, Full: true})
	if err != nil {
		return err
	}
	bundle, err := result.Bundle()
	if err != nil {
		return err
	}
	statement, err := bundle.Verify(pq.Verify)
	if err != nil {
		return err
	}
	if !statement.Present || !statement.SignatureVerified || statement.Message.ID != answer.TransactionID || statement.Message.Sequence != answer.Sequence {
		return newDefect("the proof shows something else")
	}
	return nil
}
