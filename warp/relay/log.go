package relay

import (
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/contracts"
)

var sessionLog = contracts.NewSessionLog()

// Entry returns what a log has recorded of a message; of none the sequence is 0.
func Entry(ctx context.Context, evm *EVM, log common.Address, message ids.ID) (contracts.SessionLogEntry, error) {
	return ask(ctx, evm, log, sessionLog.PackEntry(message), sessionLog.UnpackEntry)
}

// nextRecord returns what records the next message of the sessions in the log.
func (r *Relayer) nextRecord(ctx context.Context) (*task, error) {
	var failed error
	for _, session := range r.LogSessions {
		t, err := r.record(ctx, session)
		if t != nil {
			return t, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// record returns what records the session's next message that is not in the log, nil if all are.
func (r *Relayer) record(ctx context.Context, session ids.ID) (*task, error) {
	for {
		page, err := r.Sessions.ListMessages(ctx, client.ListMessagesParams{SessionID: session, From: r.journal.Recorded[session] + 1})
		if errors.Is(err, refusal.ErrNotFound) {
			return nil, nil // the session is not there yet
		}
		if err != nil || len(page.Messages) == 0 {
			return nil, err
		}
		for _, m := range page.Messages {
			entry, err := Entry(ctx, r.EVM, r.Log, m.ID)
			if err != nil {
				return nil, err
			}
			if entry.Sequence > 0 && (entry.Session != session || entry.Sequence <= r.journal.Recorded[session]) {
				return nil, fmt.Errorf("%w: expected messages of session %s from %d on, got message %d of session %s",
					ErrNode, session, r.journal.Recorded[session]+1, entry.Sequence, ids.ID(entry.Session))
			}
			if entry.Sequence == 0 {
				what := fmt.Sprintf("record of message %d of session %s", m.Sequence, session)
				if r.waits(what) {
					return nil, nil
				}
				call, err := recording(ctx, r.Sessions, r.Log, m.ID)
				if err != nil {
					return nil, err
				}
				return &task{*call, what}, nil
			}
			r.journal.Recorded[session] = entry.Sequence // and not what the node says
		}
		if err := r.journal.save(); err != nil {
			return nil, err
		}
	}
}

// recording returns the call that records a message, with its time if the node still has the state of its block.
func recording(ctx context.Context, sessions *client.Client, log common.Address, message ids.ID) (*Call, error) {
	delivery, err := sessions.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: message})
	if err != nil {
		return nil, err
	}
	var commitment []byte
	switch answer, err := sessions.GetProof(ctx, client.GetProofParams{MessageID: message, Height: &delivery.Delivery.Height}); {
	case err == nil:
		bundle, err := answer.Bundle()
		if err != nil {
			return nil, err
		}
		commitment = bundle.Commitment
	case !errors.Is(err, refusal.ErrPruned):
		return nil, err
	}
	return &Call{To: &log, Input: sessionLog.PackRecord(0, commitment), Warp: [][]byte{delivery.Signed}}, nil
}
