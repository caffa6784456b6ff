package rpc

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

func (r *request) sendMessage(ctx context.Context, p *client.SendMessageParams) (*client.SendMessageResult, error) {
	body := &chain.SendMessage{Session: p.SessionID, Sender: p.Sender, Ciphertext: p.Ciphertext}
	tx, err := r.submitBody(ctx, body, p.Signature, p.Wait)
	if err != nil {
		return nil, err
	}
	if tx.Message == 0 {
		return nil, locate(refusal.New(refusal.ErrDuplicate, "a new message", "one that was sent before and is past its retention"), r.about(tx.Transaction))
	}
	return &client.SendMessageResult{
		MessageID: tx.ID(),
		Sequence:  tx.Sequence,
		Index:     tx.Message,
		Height:    tx.Height,
		Timestamp: timeOf(tx.Inclusion.Timestamp),
	}, nil
}

// messageIndex finds a message that is named in one of three ways.
func (r *request) messageIndex(message ids.ID, index uint64, session ids.ID, sequence uint64) (uint64, error) {
	byID, byIndex, bySequence := message != ids.Empty, index != 0, session != ids.Empty && sequence != 0
	switch {
	case byID && !byIndex && session == ids.Empty && sequence == 0:
		found, err := r.vm.MessageIndex(message)
		return found, instead(err, refusal.ErrNotFound, "the ID of a message", message)
	case byIndex && !byID && session == ids.Empty && sequence == 0:
		return index, nil
	case bySequence && !byID && !byIndex:
		if _, _, err := r.session(session); err != nil {
			return 0, err
		}
		found, err := r.vm.MessageAt(session, sequence)
		if errors.Is(err, refusal.ErrNotFound) {
			err = refusal.New(refusal.ErrNotFound, "the sequence of a message of session "+session.String(), sequence)
		}
		return found, err
	default:
		return 0, refusal.New(refusal.ErrInvalidArgs, "messageId, or index, or sessionId and sequence", "none or several of them")
	}
}

func (r *request) getMessage(_ context.Context, p *client.GetMessageParams) (*client.GetMessageResult, error) {
	index, err := r.messageIndex(p.MessageID, p.Index, p.SessionID, p.Sequence)
	if err != nil {
		return nil, err
	}
	message, err := r.message(r.vm.Snapshot(), index)
	if err != nil {
		return nil, err
	}
	return &client.GetMessageResult{Message: *message}, nil
}

// message returns a message that is in the tree, with its body from the blocks.
func (r *request) message(snapshot *state.Snapshot, index uint64) (*client.Message, error) {
	record, err := snapshot.Message(index)
	if err != nil {
		return nil, err
	}
	tx, inclusion, err := r.vm.Transaction(record.ID)
	if err != nil {
		return nil, err
	}
	body, ok := tx.Body.(*chain.SendMessage)
	if !ok {
		return nil, fmt.Errorf("transaction %s of message %d is a %T", record.ID, index, tx.Body)
	}
	return &client.Message{
		ID:         record.ID,
		SessionID:  record.Session,
		Sender:     record.Sender,
		Ciphertext: body.Ciphertext,
		Signature:  tx.Signature,
		Contract:   client.ContractOf(tx),
		Timestamp:  timeOf(record.Timestamp),
		Sequence:   record.Sequence,
		Index:      index,
		Height:     inclusion.Height,
		Previous:   record.Previous,
		Transcript: record.Transcript,
	}, nil
}

func (r *request) listMessages(ctx context.Context, p *client.ListMessagesParams) (*client.ListMessagesResult, error) {
	limit, err := r.limit(p.Limit)
	if err != nil {
		return nil, err
	}
	wait, err := r.wait(p.Wait, 0)
	if err != nil {
		return nil, err
	}
	return r.awaitMessages(ctx, p.SessionID, p.From, limit, wait)
}

// awaitMessages returns a page of a session's messages. It waits for the first one if there is
// none.
func (r *request) awaitMessages(ctx context.Context, id ids.ID, from uint64, limit int, wait time.Duration) (*client.ListMessagesResult, error) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		snapshot, session, err := r.session(id)
		if err != nil {
			return nil, err
		}
		page, err := r.messages(ctx, snapshot, session, id, from, limit)
		if err != nil || len(page.Messages) > 0 || wait == 0 {
			return page, err
		}
		over, err := pause(ctx, r, func(ctx context.Context) (over bool, err error) {
			select {
			case <-r.vm.Accepted(snapshot.Header().Height):
				return false, nil
			case <-timeout.C:
				return true, nil
			case <-ctx.Done():
				return true, ctx.Err()
			}
		})
		if err != nil || over {
			return page, err
		}
	}
}

// messages returns a page of a session's messages in a state.
func (r *request) messages(ctx context.Context, snapshot *state.Snapshot, session *chain.Session, id ids.ID, from uint64, limit int) (page *client.ListMessagesResult, err error) {
	page = &client.ListMessagesResult{Messages: []client.Message{}, Total: session.Messages}
	if page.Next, err = r.oldest(id, max(from, 1), session.Messages); err != nil {
		return nil, err
	}
	for size := 0; page.Next <= session.Messages && len(page.Messages) < limit; page.Next++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		index, err := r.vm.MessageAt(id, page.Next)
		if errors.Is(err, refusal.ErrNotFound) {
			continue // swept just now
		} else if err != nil {
			return nil, err
		}
		message, err := r.message(snapshot, index)
		if err != nil {
			return nil, err
		}
		size += len(message.Ciphertext) + len(message.Signature)
		if size > r.config.pageBytes() && len(page.Messages) > 0 {
			break
		}
		if page.Messages = append(page.Messages, *message); len(page.Messages)%messagesOfCall == 0 {
			r.spend(1)
		}
	}
	return page, nil
}

// oldest returns the first sequence from a given one on that is still in the tree, and the
// one after the last if none is. Messages leave the tree in their order.
func (r *request) oldest(session ids.ID, from, last uint64) (uint64, error) {
	if from > last {
		return from, nil
	}
	var failed error
	skipped := sort.Search(int(last-from+1), func(i int) bool {
		_, err := r.vm.MessageAt(session, from+uint64(i))
		if err != nil && !errors.Is(err, refusal.ErrNotFound) {
			failed = err
		}
		return err == nil
	})
	return from + uint64(skipped), failed
}

func (r *request) getReceipt(_ context.Context, p *client.GetReceiptParams) (*client.GetReceiptResult, error) {
	snapshot, _, err := r.session(p.SessionID)
	if err != nil {
		return nil, err
	}
	receipt, err := snapshot.Receipt(p.SessionID, p.Participant)
	if err != nil {
		return nil, instead(err, refusal.ErrNotFound, "a participant who has left a receipt", p.Participant)
	}
	return &client.GetReceiptResult{Receipt: client.Receipt{
		SessionID:     p.SessionID,
		Participant:   p.Participant,
		Sequence:      receipt.Sequence,
		Transcript:    receipt.Transcript,
		Timestamp:     timeOf(receipt.Timestamp),
		TransactionID: receipt.Transaction,
	}}, nil
}
