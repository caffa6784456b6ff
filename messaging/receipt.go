package messaging

import (
	"context"
	"errors"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Acknowledge leaves a signed receipt on the chain: this member has every message up to a
// sequence; 0 for all that Receive has returned. If there is a receipt for as much already,
// nothing is done.
func (s *Session) Acknowledge(ctx context.Context, upTo uint64) error {
	s.mu.Lock()
	err, received, transcript := s.usable(), s.record.Next-1, s.record.Transcript
	s.mu.Unlock()
	switch {
	case err != nil:
		return err
	case upTo == 0:
		upTo = received
	case upTo > received:
		return refusal.New(refusal.ErrReceiptAhead, "a sequence that was received", upTo)
	}
	if upTo == 0 {
		return nil
	}
	if transcript, err = s.transcriptAt(ctx, upTo, received, transcript); err != nil {
		return err
	}
	body := &chain.Acknowledge{Session: s.id, Participant: s.self.id, Sequence: upTo, Transcript: transcript}
	tx, err := s.self.sign(s.m.chainID, body)
	if err != nil {
		return err
	}
	if _, err := s.m.issueAs(ctx, s.self, tx.ID(), tx.Bytes(), s.m.wait); err != nil && !errors.Is(err, refusal.ErrStaleReceipt) {
		return err
	}
	return nil
}

// Acknowledged returns the sequence up to which this member has left a receipt, as the node says; 0 if there
// is none.
func (s *Session) Acknowledged(ctx context.Context) (uint64, error) {
	answer, err := s.m.client.GetReceipt(ctx, client.GetReceiptParams{SessionID: s.id, Participant: s.self.id})
	if errors.Is(err, refusal.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return answer.Receipt.Sequence, nil
}

// transcriptAt returns the session's transcript after a message that was received. That of an
// earlier one than the last is in the message's leaf, which the node proves.
func (s *Session) transcriptAt(ctx context.Context, sequence, received uint64, transcript chain.Hash) (chain.Hash, error) {
	if sequence == received {
		return transcript, nil
	}
	answer, err := s.m.client.GetMessage(ctx, client.GetMessageParams{SessionID: s.id, Sequence: sequence})
	if err != nil {
		return chain.Hash{}, err
	}
	m := &answer.Message
	if m.Sequence != sequence {
		return chain.Hash{}, refusal.Because(ErrNode, "expected message %d, got %d", sequence, m.Sequence)
	}
	state, err := s.m.state(ctx, chain.MessageKey(m.Index))
	if err != nil {
		return chain.Hash{}, err
	}
	leaf, err := s.leaf(state, m)
	if err != nil {
		return chain.Hash{}, err
	}
	return leaf.Transcript, nil
}

// receipts returns the sequences of the members' receipts, in their order; nil if there is
// nothing of this member that one of them has not acknowledged.
func (r *record) receipts(self ids.ID) []uint64 {
	behind := false
	known := make([]uint64, len(r.Members))
	for i := range r.Members {
		known[i] = r.Members[i].Receipt
		behind = behind || r.Members[i].ID != self && known[i] < r.Newest
	}
	if !behind {
		return nil
	}
	return known
}

// receipt verifies a receipt: its leaf is in the state, and names this transaction, which the
// member has signed, or a contract has sent.
func (s *Session) receipt(state *lightclient.State, encoded []byte) (Event, error) {
	tx, err := chain.ParseTransaction(s.m.chainID, encoded)
	if err != nil {
		return Event{}, refusal.Because(ErrNode, "a receipt: %w", err)
	}
	body, ok := tx.Body.(*chain.Acknowledge)
	if !ok || body.Session != s.id {
		return Event{}, refusal.Because(ErrNode, "expected a receipt of session %s, got another transaction", s.id)
	}
	leaf, err := leafOf(state, chain.ReceiptKey(s.id, body.Participant), chain.ParseReceipt)
	if err != nil {
		return Event{}, err
	}
	if leaf.Transaction != tx.ID() || leaf.Sequence != body.Sequence {
		return Event{}, refusal.Because(ErrNode, "expected receipt %s, got %s", leaf.Transaction, tx.ID())
	}
	s.mu.Lock()
	member := s.record.member(body.Participant)
	s.mu.Unlock()
	if member == nil {
		return Event{}, refusal.Because(ErrNode, "a receipt of %s, who is not a participant", pq.FormatID(body.Participant))
	}
	if tx.Signs() && (member.DSA != nil || s.m.light.client == nil) { // else as in verify
		if err := pq.Verify(member.DSA, body.Context(), tx.SigningBytes(), tx.Signature); err != nil {
			return Event{}, refusal.Because(ErrNode, "the receipt of %s: %w", pq.FormatID(body.Participant), err)
		}
	}
	return Event{Kind: KindReceipt, Sender: body.Participant, Contract: client.ContractOf(tx), Sequence: leaf.Sequence, Time: time.UnixMilli(int64(leaf.Timestamp)).UTC()}, nil
}
