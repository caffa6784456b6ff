package messaging

import (
	"context"
	"errors"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
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
		return chain.Refuse(chain.ErrReceiptAhead, "a sequence that was received", upTo)
	}
	if upTo == 0 {
		return nil
	}
	if transcript, err = s.transcriptAt(ctx, upTo, received, transcript); err != nil {
		return err
	}
	body := &chain.Acknowledge{Session: s.id, Participant: s.m.self, Sequence: upTo, Transcript: transcript}
	if _, err := s.m.act(ctx, body); err != nil && !errors.Is(err, chain.ErrStaleReceipt) {
		return err
	}
	return nil
}

// transcriptAt returns the session's transcript after a message that was received, from the
// transcript after the last one. What the node says of an earlier one has to lead there.
func (s *Session) transcriptAt(ctx context.Context, sequence, received uint64, transcript chain.Hash) (chain.Hash, error) {
	if sequence == received && transcript != (chain.Hash{}) {
		return transcript, nil
	}
	answer, err := s.m.config.Client.GetMessage(ctx, client.GetMessageParams{SessionID: s.id, Sequence: sequence})
	if err != nil {
		return chain.Hash{}, err
	}
	after, err := follow(chain.Hash{}, []client.Message{answer.Message})
	if err != nil {
		return chain.Hash{}, err
	}
	for next := sequence + 1; next <= received; {
		page, err := s.list(ctx, client.ListMessagesParams{SessionID: s.id, From: next})
		if err != nil {
			return chain.Hash{}, err
		}
		messages := page.Messages[:min(uint64(len(page.Messages)), received-next+1)]
		if first(page) != next || len(messages) == 0 {
			return chain.Hash{}, wrapf(ErrWithheld, "expected message %d, got %d", next, first(page))
		}
		if after, err = follow(after, messages); err != nil {
			return chain.Hash{}, err
		}
		next += uint64(len(messages))
	}
	if transcript != (chain.Hash{}) && after != transcript {
		return chain.Hash{}, wrapf(ErrTranscript, "message %d: expected %s, got %s", received, transcript, after)
	}
	return answer.Message.Transcript, nil
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
	body := &chain.Acknowledge{Session: s.id, Participant: member.ID, Sequence: receipt.Sequence, Transcript: receipt.Transcript}
	if err := s.m.signed(ctx, body, member.DSA); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	if known := s.record.Transcript; receipt.Sequence == s.record.Next-1 && known != (chain.Hash{}) && receipt.Transcript != known {
		return wrapf(ErrTranscript, "the receipt of %s up to message %d: expected %s, got %s", pq.FormatID(member.ID), receipt.Sequence, known, receipt.Transcript)
	}
	s.record.member(member.ID).Receipt = receipt.Sequence
	s.record.add(&Receipt{Member: member.ID, Sequence: receipt.Sequence, Time: receipt.Timestamp})
	return s.commit()
}
