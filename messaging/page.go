package messaging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// place is how far a session has been received, and in which state that was verified.
type place struct {
	next       uint64     // the sequence to receive next
	transcript chain.Hash // after the message before next
	proven     uint64     // height of the block of that state; 0 for none
}

func (r *record) place() place { return place{r.Next, r.Transcript, r.Proven} }

// page is what happened in a session from a place on, all of it verified: the messages are those
// that the chain has, all of them up to the last, in its order.
type page struct {
	leaf     *chain.Session
	at       uint64 // time of the block, Unix milliseconds
	missing  *Event // messages before the first that have left the chain; nil if none
	messages []client.Message
	receipts []Event
	after    place
	recent   []chain.Hash // the transcripts after the messages
	attested bool         // the state rests on ML-DSA-65
}

// end reports whether the page reaches the session's last message.
func (p *page) end() bool { return p.after.next > p.leaf.Messages }

// over reports whether the session takes no more messages.
func (p *page) over() bool {
	status := p.leaf.StatusAt(p.at)
	return status == chain.SessionClosed || status == chain.SessionExpired
}

// page asks for what happened from a place on, and verifies it. Receipts are the sequences of
// those that are known, in the members' order; nil if none are wanted. The page is nil if the
// chain has no block after the place's.
func (s *Session) page(ctx context.Context, at place, receipts []uint64, limit uint64, wait client.Seconds) (*page, error) {
	trusted, err := s.m.trusted()
	if err != nil {
		return nil, err
	}
	answer, err := s.m.client.PollSession(ctx, client.PollSessionParams{
		SessionID: s.id, From: at.next, Limit: limit, Receipts: receipts, ProvenHeight: at.proven,
		TrustedHeight: trusted, Uncertified: s.m.config.TrustNode, Wait: wait,
	})
	if err != nil {
		return nil, err
	}
	if len(answer.Proof) == 0 {
		if at.proven == 0 || answer.Height != at.proven || len(answer.Messages) > 0 || len(answer.Receipts) > 0 {
			return nil, refusal.Because(ErrNode, "expected a proof of the session's state at height %d, got none", answer.Height)
		}
		return nil, nil
	}
	s.mu.Lock()
	members := len(s.record.Members)
	s.mu.Unlock()
	if len(answer.Messages) > int(limit) || len(answer.Receipts) > members {
		return nil, refusal.Because(ErrNode, "expected at most %d messages and %d receipts, got %d and %d", limit, members, len(answer.Messages), len(answer.Receipts))
	}
	proof, err := lightclient.ParseStateProof(answer.Proof)
	if err != nil {
		return nil, refusal.Because(ErrNode, "%w", err)
	}
	s.mu.Lock()
	news := len(answer.Messages) > 0 || len(answer.Receipts) > 0
	due := (news || s.record.Attested+1 < at.next) && s.m.light.due(s.m.now())
	s.mu.Unlock()
	if !news && !due && s.quiet(at, proof) {
		return nil, nil
	}
	if due {
		if err := s.m.attest(ctx, proof); err != nil {
			return nil, err
		}
	}
	for i := range answer.Messages {
		if err := s.meetSender(ctx, answer.Messages[i].Sender); err != nil {
			return nil, err
		}
	}
	p, err := s.verifyPage(ctx, at, answer, proof)
	if err == nil {
		s.mu.Lock()
		s.verified, s.record.Created = s.m.now(), p.leaf.Created
		s.mu.Unlock()
	}
	return p, err
}

// meetSender looks up the keys of a member that was not registered when this side of the session was
// made.
func (s *Session) meetSender(ctx context.Context, id ids.ID) error {
	s.mu.Lock()
	member := s.record.member(id)
	unknown := member != nil && member.DSA == nil
	s.mu.Unlock()
	if !unknown {
		return nil
	}
	public, err := s.m.identity(ctx, id)
	if errors.Is(err, refusal.ErrNotRegistered) {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	member.DSA = public.DSA
	return err
}

// quietFor is how long answers without news are not verified under a certificate. Nothing is
// taken from them, and that there is no news is what any node can say.
const quietFor = 30 * time.Second

// quiet reports whether a proof shows, under whatever header, that nothing has happened, and
// there is no need to know yet whether that header is the chain's.
func (s *Session) quiet(at place, proof *lightclient.StateProof) bool {
	s.mu.Lock()
	verified := s.verified
	s.mu.Unlock()
	if s.m.now().Sub(verified) >= quietFor {
		return false
	}
	state, err := proof.State()
	if err != nil || state.Header.Height < at.proven {
		return false
	}
	leaf, err := leafOf(state, chain.SessionKey(s.id), chain.ParseSession)
	if err != nil {
		return false
	}
	p := &page{leaf: leaf, at: state.Header.Timestamp}
	return at.next == leaf.Messages+1 && at.transcript == leaf.Transcript && !p.over()
}

// verifyPage checks an answer against the state that its proof shows.
func (s *Session) verifyPage(ctx context.Context, at place, answer *client.PollSessionResult, proof *lightclient.StateProof) (*page, error) {
	state, attested, err := s.m.verify(ctx, proof)
	if err != nil {
		return nil, err
	}
	if height := state.Header.Height; height < at.proven {
		return nil, refusal.Because(ErrBehind, "expected the session's state at height %d or above, got %d", at.proven, height)
	}
	p := &page{at: state.Header.Timestamp, messages: answer.Messages, after: at, attested: attested}
	p.after.proven = state.Header.Height
	if p.leaf, err = leafOf(state, chain.SessionKey(s.id), chain.ParseSession); err != nil {
		return nil, err
	}
	if err := s.followPage(p, state); err != nil {
		return nil, err
	}
	for _, encoded := range answer.Receipts {
		receipt, err := s.receipt(state, encoded)
		if err != nil {
			return nil, err
		}
		p.receipts = append(p.receipts, receipt)
	}
	return p, nil
}

// followPage checks that the page's messages are those of the chain, and follow on the place.
func (s *Session) followPage(p *page, state *lightclient.State) error {
	if len(p.messages) == 0 {
		return s.nothing(p, state)
	}
	for i := range p.messages {
		m := &p.messages[i]
		if i == 0 && m.Sequence > p.after.next {
			if err := s.skip(p, state); err != nil {
				return err
			}
			p.recent = append(p.recent, p.after.transcript)
			continue
		}
		if m.Sequence != p.after.next {
			return refusal.Because(ErrWithheld, "expected message %d, got %d", p.after.next, m.Sequence)
		}
		if err := s.verify(m); err != nil {
			return err
		}
		p.after.next++
		p.after.transcript = chain.NextTranscript(p.after.transcript, m.ID, uint64(m.Timestamp.UnixMilli()))
		p.recent = append(p.recent, p.after.transcript)
	}
	last := &p.messages[len(p.messages)-1]
	proven := p.leaf.Transcript
	if last.Sequence != p.leaf.Messages {
		leaf, err := s.leaf(state, last)
		if err != nil {
			return err
		}
		proven = leaf.Transcript
	}
	if p.after.transcript != proven {
		return refusal.Because(ErrTranscript, "messages up to %d: expected %s, got %s", last.Sequence, proven, p.after.transcript)
	}
	return nil
}

// nothing checks that there is nothing after the place, or nothing that is still on the chain.
func (s *Session) nothing(p *page, state *lightclient.State) error {
	switch next := p.after.next; {
	case next == p.leaf.Messages+1 && p.after.transcript == p.leaf.Transcript:
		return nil
	case next > p.leaf.Messages:
		return refusal.Because(ErrTranscript, "messages up to %d: expected %s, got %s", next-1, p.leaf.Transcript, p.after.transcript)
	}
	if err := swept(state, p.leaf.Head); err != nil {
		return refusal.Because(ErrWithheld, "expected messages from %d to %d, got none: %w", p.after.next, p.leaf.Messages, err)
	}
	p.missing = &Event{Kind: KindMissing, Sequence: p.after.next, To: p.leaf.Messages}
	p.after.next, p.after.transcript = p.leaf.Messages+1, p.leaf.Transcript
	return nil
}

// swept checks that messages up to one of an index have left the chain.
func swept(state *lightclient.State, index uint64) error {
	totals, err := leafOf(state, chain.TotalsKey(), chain.ParseTotals)
	if err == nil && totals.MessagesSwept < index {
		err = refusal.New(refusal.ErrProof, fmt.Sprintf("a state that has swept messages up to index %d", index), totals.MessagesSwept)
	}
	return err
}

// skip checks that what is before the page's first message has left the chain.
func (s *Session) skip(p *page, state *lightclient.State) error {
	first := &p.messages[0]
	leaf, err := s.leaf(state, first)
	if err == nil {
		err = swept(state, leaf.Previous)
	}
	if err != nil {
		return refusal.Because(ErrWithheld, "expected message %d, got %d: %w", p.after.next, first.Sequence, err)
	}
	if err := s.verify(first); err != nil {
		return err
	}
	p.missing = &Event{Kind: KindMissing, Sequence: p.after.next, To: first.Sequence - 1}
	p.after.next, p.after.transcript = first.Sequence+1, leaf.Transcript
	return nil
}

// leaf returns the leaf of a message, which has to say what the message says.
func (s *Session) leaf(state *lightclient.State, m *client.Message) (*chain.Message, error) {
	leaf, err := leafOf(state, chain.MessageKey(m.Index), chain.ParseMessage)
	if err != nil {
		return nil, err
	}
	if leaf.ID != m.ID || leaf.Session != s.id || leaf.Sequence != m.Sequence || leaf.Timestamp != uint64(m.Timestamp.UnixMilli()) {
		return nil, refusal.Because(ErrNode, "expected message %s of session %s with sequence %d, got %s of %s with %d", m.ID, s.id, m.Sequence, leaf.ID, leaf.Session, leaf.Sequence)
	}
	return leaf, nil
}
