package messaging

import (
	"context"
	"errors"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

// Acknowledge leaves a signed receipt on the chain: this member has every message up to a
// sequence; 0 for all that Receive has returned. If there is a receipt for as much already,
// nothing is done.
func (s *Session) Acknowledge(ctx context.Context, upTo uint64) error {
	s.mu.Lock()
	err, received := s.usable(), s.record.Next-1
	s.mu.Unlock()
	switch {
	case err != nil:
		return err
	case upTo == 0:
		upTo = received
	case upTo > received:
		return chain.Refuse(chain.ErrReceiptAhead, "a sequence that was received", upTo)
	}
	if upTo == 0 {
		return nil
	}
	if _, err := s.m.act(ctx, &chain.Acknowledge{Session: s.id, Participant: s.m.self, Sequence: upTo}); err != nil && !errors.Is(err, chain.ErrStaleReceipt) {
		return err
	}
	return nil
}

// pollReceipts looks for receipts of others for what this member sent.
func (s *Session) pollReceipts(ctx context.Context) error {
	s.mu.Lock()
	var behind []memberRecord
	for _, member := range s.record.Members {
		if member.ID != s.m.self && member.Receipt < s.record.Newest {
			behind = append(behind, member)
		}
	}
	s.mu.Unlock()
	for i := range behind {
		if err := s.pollReceipt(ctx, &behind[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) pollReceipt(ctx context.Context, member *memberRecord) error {
	answer, err := s.m.config.Client.GetReceipt(ctx, client.GetReceiptParams{SessionID: s.id, Participant: member.ID})
	if errors.Is(err, chain.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	receipt := &answer.Receipt
	if receipt.Sequence <= member.Receipt {
		return nil
	}
	body := &chain.Acknowledge{Session: s.id, Participant: member.ID, Sequence: receipt.Sequence}
	if err := s.m.signed(ctx, body, member.DSA); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	s.record.member(member.ID).Receipt = receipt.Sequence
	s.record.add(&Receipt{Member: member.ID, Sequence: receipt.Sequence, Time: receipt.Timestamp})
	return s.commit()
}
