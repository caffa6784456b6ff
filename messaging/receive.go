package messaging

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
)

// pageSize is how many messages are asked for at once.
const pageSize = 64

// Receive returns what happened in the session since the last call, in order of sequence, and
// waits until something does. This member's own messages are among it.
//
// What it returned is kept until the next call, and returned again after a restart: a
// program that has stored what it needs of it loses nothing, and tells by the Sequence what
// it has seen before. After an error nothing has changed, and a call may be repeated.
func (s *Session) Receive(ctx context.Context) ([]Event, error) {
	s.receiving.Lock()
	defer s.receiving.Unlock()
	events, err := s.unread(true)
	for wait := time.Duration(0); err == nil && len(events) == 0; wait = s.m.config.Poll {
		if _, err = s.poll(ctx, wait); err == nil {
			events, err = s.unread(false)
		}
	}
	return events, err
}

// Check is Receive without waiting: it returns nothing if nothing has happened.
func (s *Session) Check(ctx context.Context) ([]Event, error) {
	s.receiving.Lock()
	defer s.receiving.Unlock()
	events, err := s.unread(true)
	for more := true; err == nil && len(events) == 0 && more; {
		if more, err = s.poll(ctx, 0); err == nil {
			events, err = s.unread(false)
		}
	}
	return events, err
}

// Position counts the session's events up to the last one that Receive or Check returned. The
// same event has the same position after every restart: who stores events tells by it which
// of them it has.
func (s *Session) Position() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record.Erased + uint64(s.shown)
}

// unread returns the inbox. If done, what was returned before is erased first.
func (s *Session) unread(done bool) ([]Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	if done && s.shown > 0 {
		s.record.Inbox = slices.Delete(s.record.Inbox, 0, s.shown)
		s.record.Erased += uint64(s.shown)
		s.shown = 0
		if err := s.commit(); err != nil {
			return nil, err
		}
	}
	var events []Event
	for i := range s.record.Inbox {
		if event := s.record.Inbox[i].event(); event != nil {
			events = append(events, event)
		}
	}
	s.shown = len(s.record.Inbox)
	return events, nil
}

// poll asks the node once, and stores what it opens. It reports whether there were messages.
func (s *Session) poll(ctx context.Context, wait time.Duration) (some bool, err error) {
	s.resend(ctx)
	s.mu.Lock()
	next := s.record.Next
	s.mu.Unlock()
	page, err := s.list(ctx, client.ListMessagesParams{
		SessionID: s.id, From: next, Limit: pageSize, Wait: min(client.Seconds(wait), s.m.wait),
	})
	if errors.Is(err, chain.ErrUnknownSession) { // the chain has forgotten it, if it had the time for that
		s.mu.Lock()
		s.over = true
		s.mu.Unlock()
		return false, errors.Join(err, s.forgetOver(0, max(carriedFor, s.m.retention())))
	}
	if err != nil {
		return false, err
	}
	if err := s.checkPage(page, next); err != nil {
		return false, err
	}
	if err := s.refresh(ctx); err != nil { // after the page, so that it is not older
		return false, err
	}
	if err := s.take(page, next); err != nil {
		return false, err
	}
	if err := s.pollReceipts(ctx); err != nil {
		return false, err
	}
	if page.Next > page.Total { // Old if there was a message of this identity from elsewhere
		s.checked.Store(true)
	}
	return len(page.Messages) > 0, s.forgetOver(page.Total, carriedFor)
}

// list asks for a page of messages. It refuses the page of a session with more messages than
// the chain allows, so every loop over pages ends.
func (s *Session) list(ctx context.Context, params client.ListMessagesParams) (*client.ListMessagesResult, error) {
	page, err := s.m.config.Client.ListMessages(ctx, params)
	if err != nil {
		return nil, err
	}
	if most := s.m.genesis.MaxMessages; page.Total > most {
		return nil, wrapf(ErrNode, "want a session of at most %d messages, got %d", most, page.Total)
	}
	for i := range page.Messages {
		if m := &page.Messages[i]; m.Sequence > page.Total {
			return nil, wrapf(ErrNode, "want messages up to %d, got %d", page.Total, m.Sequence)
		}
	}
	return page, nil
}

// resend tries what an earlier Send could not: whether it succeeds is no matter of Receive.
func (s *Session) resend(ctx context.Context) {
	if !s.sending.TryLock() {
		return
	}
	defer s.sending.Unlock()
	_, _ = s.flush(ctx, min(client.Seconds(s.m.config.Poll), s.m.wait))
}

// checkPage refuses a page that is not the messages from next on, in their order, each signed
// by a member. Messages may be left out only at its start, and once they have had time to
// leave the chain.
func (s *Session) checkPage(page *client.ListMessagesResult, next uint64) error {
	for i := range page.Messages {
		m := &page.Messages[i]
		if i > 0 && m.Sequence != page.Messages[i-1].Sequence+1 {
			return wrapf(ErrWithheld, "want message %d, got %d", page.Messages[i-1].Sequence+1, m.Sequence)
		}
		if m.Sequence < next {
			return wrapf(ErrNode, "want messages from %d on, got %d", next, m.Sequence)
		}
		if err := s.verify(m); err != nil {
			return err
		}
		if slices.ContainsFunc(page.Messages[:i], func(before client.Message) bool { return before.ID == m.ID }) {
			return wrapf(ErrNode, "message %d came before", m.Sequence)
		}
	}
	s.mu.Lock()
	seen, transcript := s.record.Seen, s.record.Transcript
	s.mu.Unlock()
	if first(page) > next {
		transcript = chain.Hash{}
	}
	if _, err := follow(transcript, page.Messages); err != nil {
		return err
	}
	if first := first(page); first > next && s.m.now().Before(seen.Add(s.m.retention())) {
		return wrapf(ErrWithheld, "want message %d, got %d", next, first)
	}
	return nil
}

// follow returns the transcript after messages that follow one another, from the transcript
// before the first. That is zero if it is not known: then the first message's is the node's word.
// A node that answers zero would have the next one not known either.
func follow(transcript chain.Hash, messages []client.Message) (chain.Hash, error) {
	for i := range messages {
		m := &messages[i]
		if m.Transcript == (chain.Hash{}) {
			return transcript, wrapf(ErrTranscript, "message %d: expected one, got zeros", m.Sequence)
		}
		if transcript == (chain.Hash{}) {
			transcript = m.Transcript
			continue
		}
		transcript = chain.NextTranscript(transcript, m.ID, uint64(m.Timestamp.UnixMilli()))
		if m.Transcript != transcript {
			return transcript, wrapf(ErrTranscript, "message %d: expected %s, got %s", m.Sequence, transcript, m.Transcript)
		}
	}
	return transcript, nil
}

// first is the sequence that a page starts with: after the last one if it is empty.
func first(page *client.ListMessagesResult) uint64 {
	if len(page.Messages) == 0 {
		return page.Total + 1
	}
	return page.Messages[0].Sequence
}

// verify checks that a message belongs to this session, that its ID matches its contents, and
// that its sender is a member and signed it.
func (s *Session) verify(m *client.Message) error {
	if m.SessionID != s.id {
		return wrapf(ErrNode, "want messages of session %s, got one of %s", s.id, m.SessionID)
	}
	s.mu.Lock()
	member := s.record.member(m.Sender)
	var dsa []byte
	if member != nil {
		dsa = member.DSA
	}
	s.mu.Unlock()
	if member == nil {
		return wrapf(ErrNode, "message %d is of %s, who is not a participant", m.Sequence, pq.FormatID(m.Sender))
	}
	return s.m.authentic(m, func(context string, signed []byte) error {
		return s.verifier.Verify(m.Sender, func() ([]byte, error) { return dsa, nil }, context, signed, m.Signature)
	})
}

// authentic checks that a message's ID matches its contents, and its signature with verify.
func (m *Messenger) authentic(message *client.Message, verify func(context string, signed []byte) error) error {
	if id := chain.MessageID(m.chainID, message.SessionID, message.Sender, sha256.Sum256(message.Ciphertext)); id != message.ID {
		return wrapf(ErrNode, "message %d: want ID %s, got %s", message.Sequence, id, message.ID)
	}
	body := &chain.SendMessage{Session: message.SessionID, Sender: message.Sender, Ciphertext: message.Ciphertext}
	if err := verify(body.Context(), chain.SigningBytes(m.chainID, body)); err != nil {
		return wrapf(ErrNode, "message %d: %w", message.Sequence, err)
	}
	return nil
}

// take opens a page, and stores the position together with the keys that opened it.
func (s *Session) take(page *client.ListMessagesResult, next uint64) error {
	first := first(page)
	if len(page.Messages) == 0 && first <= next {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	for i := range page.Messages {
		if s.record.received(page.Messages[i].ID) {
			return wrapf(ErrNode, "message %d came before", page.Messages[i].Sequence)
		}
	}
	if first > next {
		s.record.add(&Missing{From: next, To: first - 1})
		s.record.Next, s.record.Transcript = first, chain.Hash{}
	}
	for i := range page.Messages {
		m := &page.Messages[i]
		if isChunk(m.Ciphertext) {
			// Download takes it.
		} else if m.Sender == s.m.self {
			s.takeOwn(m)
		} else {
			s.takeOther(heldMessage{ID: m.ID, Sender: m.Sender, Sequence: m.Sequence, Time: m.Timestamp, Ciphertext: m.Ciphertext})
		}
		s.record.receive(m.ID)
		s.record.Next, s.record.Transcript = m.Sequence+1, m.Transcript
		s.record.saw(m.Timestamp, s.m.now())
	}
	s.forgetCarried()
	return s.commit()
}

// takeOwn finds what this member sent: its keys are erased, its content is not.
func (s *Session) takeOwn(m *client.Message) {
	own := s.record.own(m.ID)
	switch {
	case own == nil:
		s.record.Old = true
		s.record.add(&Refused{ID: m.ID, Sender: m.Sender, Sequence: m.Sequence, Time: m.Timestamp, Err: ErrSentElsewhere})
	case own.Rotation:
		s.record.member(m.Sender).Announced = m.Sequence
		s.record.add(&Rotated{Member: m.Sender, Own: true, Sequence: m.Sequence, Time: m.Timestamp, Epoch: own.Epoch, Renewed: own.Renewed})
	case own.Type == e2ee.ContentProof:
		if identity, err := s.revealed(m.Sender, own.Content); err == nil {
			s.record.add(&Revealed{Member: m.Sender, Identity: identity, Own: true, Sequence: m.Sequence, Time: m.Timestamp})
		}
	default:
		s.record.add(&Message{ID: m.ID, Sender: m.Sender, Own: true, Sequence: m.Sequence, Time: m.Timestamp, Type: own.Type, Content: own.Content})
	}
	s.record.Own = slices.DeleteFunc(s.record.Own, func(own *ownMessage) bool { return own.ID == m.ID })
	s.record.Newest = m.Sequence
}

// takeOther opens a message of another member. One that is before its announcement is kept,
// and tried again after it.
func (s *Session) takeOther(m heldMessage) {
	opened, err := s.openOne(m)
	if err != nil {
		s.record.add(&Refused{ID: m.ID, Sender: m.Sender, Sequence: m.Sequence, Time: m.Time, Err: err})
		if errors.Is(err, e2ee.ErrEpochUnknown) || errors.Is(err, e2ee.ErrRosterAhead) {
			s.record.hold(m)
		}
		return
	}
	if !opened {
		return
	}
	held := s.record.Held
	s.record.Held = nil
	for _, waiting := range held {
		if waiting.Sender != m.Sender {
			s.record.Held = append(s.record.Held, waiting)
		} else if _, err := s.openOne(waiting); errors.Is(err, e2ee.ErrEpochUnknown) || errors.Is(err, e2ee.ErrRosterAhead) {
			s.record.Held = append(s.record.Held, waiting)
		}
	}
}

// openOne opens a message, and reports whether it was an announcement.
func (s *Session) openOne(m heldMessage) (announcement bool, err error) {
	opened, err := s.protocol.Open(s.unix(), m.Sender, m.Ciphertext)
	if err != nil {
		return false, err
	}
	if opened.Announcement {
		s.record.member(m.Sender).Announced = max(s.record.member(m.Sender).Announced, m.Sequence)
		s.record.add(&Rotated{Member: m.Sender, Sequence: m.Sequence, Time: m.Time, Epoch: opened.Epoch, Renewed: opened.Renewed})
		return true, nil
	}
	if opened.Type == e2ee.ContentProof {
		identity, err := s.revealed(m.Sender, opened.Content)
		if err != nil {
			return false, err
		}
		s.record.add(&Revealed{Member: m.Sender, Identity: identity, Sequence: m.Sequence, Time: m.Time})
		return false, nil
	}
	s.record.add(&Message{ID: m.ID, Sender: m.Sender, Sequence: m.Sequence, Time: m.Time, Type: opened.Type, Content: opened.Content})
	return false, nil
}

// own returns what this member sealed, nil if it is not there.
func (r *record) own(id ids.ID) *ownMessage {
	for _, own := range r.Own {
		if own.ID == id {
			return own
		}
	}
	return nil
}

func (r *record) received(id ids.ID) bool { return slices.Contains(r.Received, id) }

// receive notes that a message came, so that a node does not give it a second place.
func (r *record) receive(id ids.ID) {
	r.Received = append(r.Received, id)
	if len(r.Received) > maxReceived {
		r.Received = slices.Delete(r.Received, 0, len(r.Received)-maxReceived)
	}
}
