package messaging

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// pageSize is how many messages are asked for at once.
const pageSize = 64

// Receive returns what happened in the session since the last call, in order of sequence, and
// waits until something does. This member's own messages are among it.
//
// What it returned is kept until the next call, and returned again after a restart: a
// program that has stored what it needs of it loses nothing, and tells by the Position what
// it has seen before: one message can bring several events. After an error nothing has changed, and a call may be repeated.
func (s *Session) Receive(ctx context.Context) ([]Event, error) {
	return s.receive(ctx, true)
}

// Check is Receive without waiting: it returns nothing if nothing has happened.
func (s *Session) Check(ctx context.Context) ([]Event, error) { return s.receive(ctx, false) }

func (s *Session) receive(ctx context.Context, waits bool) ([]Event, error) {
	s.receiving.Lock()
	defer s.receiving.Unlock()
	wait := time.Duration(0)
	events, err := s.unread(true)
	for more := true; err == nil && len(events) == 0 && (more || waits); {
		begun := time.Now()
		if more, err = s.poll(ctx, wait); err == nil {
			events, err = s.unread(false)
		}
		if err == nil && len(events) == 0 && !more && time.Since(begun) < wait/2 { // what there is is not certified yet
			err = pause(ctx, min(wait, pauseAtMost))
		}
		if waits {
			wait = s.m.config.Poll
		}
	}
	return events, err
}

// pauseAtMost is how long Receive lets a node be that answers at once and has nothing to show.
const pauseAtMost = 100 * time.Millisecond

// pause waits for a while, or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

const (
	// retries is how often something is tried that others may have changed meanwhile, or that is on the
	// chain and not under a certificate yet; retryPause is how long that waits in between, at most.
	retries    = 20
	retryPause = 200 * time.Millisecond
)

// retry tries until there is no error, or one that is none of those that pass. Two that are in each
// other's way wait for different times.
func retry(ctx context.Context, try func() error, passing ...error) (err error) {
	passes := func(reason error) bool { return errors.Is(err, reason) }
	for tries := 1; ; tries++ {
		if err = try(); err == nil || !slices.ContainsFunc(passing, passes) || tries == retries {
			return err
		}
		if pause(ctx, retryPause/2+rand.N(retryPause/2)) != nil {
			return err
		}
	}
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
	s.shown = len(s.record.Inbox)
	events := slices.Clone(s.record.Inbox)
	for i := range events {
		if e := &events[i]; e.Identity == ids.Empty {
			e.Identity = s.behind(e.Sender)
		}
	}
	return events, nil
}

// Member returns as which of the members an identity takes part: itself, or its pseudonym in a private session.
func (s *Session) Member(identity ids.ID) ids.ID {
	for _, member := range s.record.Members {
		if s.behind(member.ID) == identity && identity != ids.Empty {
			return member.ID
		}
	}
	return identity
}

// behind returns who stands behind a member of a private session; empty in another one.
func (s *Session) behind(member ids.ID) ids.ID {
	switch {
	case s.self.pair == nil || member == ids.Empty:
		return ids.Empty
	case member == s.self.id:
		return s.m.self
	}
	if kept := s.record.member(member); kept != nil {
		return kept.Identity
	}
	return ids.Empty
}

// poll asks the node once, and stores what it opens. It reports whether there were messages.
func (s *Session) poll(ctx context.Context, wait time.Duration) (some bool, err error) {
	s.resend(ctx)
	s.m.own.renewPrekey(ctx)
	s.mu.Lock()
	at, receipts := s.record.place(), s.record.receipts(s.self.id)
	s.mu.Unlock()
	page, err := s.page(ctx, at, receipts, pageSize, min(client.Seconds(wait), s.m.wait))
	if errors.Is(err, refusal.ErrUnknownSession) { // the chain has forgotten it, if it had the time for that
		s.mu.Lock()
		s.over = true
		s.mu.Unlock()
		return false, errors.Join(err, s.forgetOver(0, s.m.retention()))
	}
	if err != nil {
		return false, err
	}
	if page == nil { // nothing has happened on the chain
		s.checked.Store(true)
		return false, nil
	}
	if err := s.take(page, at); err != nil {
		return false, err
	}
	if page.end() { // Old if there was a message of this identity from elsewhere
		s.checked.Store(true)
	}
	return len(page.messages) > 0, s.forgetOver(page.leaf.Messages, 0)
}

// resend tries what an earlier Send could not: whether it succeeds is no matter of Receive.
func (s *Session) resend(ctx context.Context) {
	if !s.sending.TryLock() {
		return
	}
	defer s.sending.Unlock()
	_, _ = s.flush(ctx, min(client.Seconds(s.m.config.Poll), s.m.wait))
}

// verify checks that a message belongs to this session, that its ID matches its contents, and
// that its sender is a member and signed it.
func (s *Session) verify(m *client.Message) error {
	if m.SessionID != s.id {
		return refusal.Because(ErrNode, "expected messages of session %s, got one of %s", s.id, m.SessionID)
	}
	s.mu.Lock()
	member := s.record.member(m.Sender)
	var dsa []byte
	if member != nil {
		dsa = member.DSA
	}
	s.mu.Unlock()
	if member == nil {
		return refusal.Because(ErrNode, "message %d is of %s, who is not a participant", m.Sequence, pq.FormatID(m.Sender))
	}
	return s.m.authentic(m, func(context string, signed []byte) error {
		if m.Contract != nil { // no identity has signed it
			return verifyContract(m)
		}
		if dsa == nil && s.m.light.client != nil {
			return nil // its registration has lapsed since: the chain has checked, and proves that it has the message
		}
		return s.verifier.Verify(m.Sender, func() ([]byte, error) { return dsa, nil }, context, signed, m.Signature)
	})
}

// authentic checks that a message's ID matches its contents, and its signature with verify.
func (m *Messenger) authentic(message *client.Message, verify func(context string, signed []byte) error) error {
	if id := chain.MessageID(m.chainID, message.SessionID, message.Sender, sha256.Sum256(message.Ciphertext)); id != message.ID {
		return refusal.Because(ErrNode, "message %d: expected ID %s, got %s", message.Sequence, id, message.ID)
	}
	body := &chain.SendMessage{Session: message.SessionID, Sender: message.Sender, Ciphertext: message.Ciphertext}
	if err := verify(body.Context(), chain.SigningBytes(m.chainID, body)); err != nil {
		return refusal.Because(ErrNode, "message %d: %w", message.Sequence, err)
	}
	return nil
}

// take opens a page, and stores the position together with the keys that opened it.
func (s *Session) take(page *page, at place) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	if s.record.place() != at {
		return nil // another call was faster
	}
	told := len(s.record.Inbox)
	s.over = page.over()
	if page.missing != nil {
		s.record.add(*page.missing)
	}
	if len(page.messages) > 0 && !s.record.Over {
		if err := s.protocol.UseSecrets(s.self.secrets()); err != nil {
			return err
		}
	}
	for i := range page.messages {
		m := &page.messages[i]
		s.record.passed(m.Sequence, page.recent[i])
		held := heldMessage{ID: m.ID, Sender: m.Sender, Sequence: m.Sequence, Time: m.Timestamp, Ciphertext: m.Ciphertext}
		if s.ofContract(m) {
			s.takeContract(&held, m.Contract)
		} else if isChunk(m.Ciphertext) {
			// Download takes it.
		} else if m.Sender == s.self.id {
			s.takeOwn(&held)
		} else {
			s.takeOther(held)
		}
	}
	for _, receipt := range page.receipts {
		if member := s.record.member(receipt.Sender); receipt.Sequence > member.Receipt {
			member.Receipt = receipt.Sequence
			s.record.add(receipt)
		}
	}
	s.record.Next, s.record.Transcript, s.record.Proven = page.after.next, page.after.transcript, page.after.proven
	if page.attested { // the transcript has all that was told before
		s.record.Attested = page.after.next - 1
		for i := told; i < len(s.record.Inbox); i++ {
			s.record.Inbox[i].PostQuantum = true
		}
	}
	return s.commit()
}

// takeOwn finds what this member sent: its keys are erased, its content is not.
func (s *Session) takeOwn(m *heldMessage) {
	own := s.record.own(m.ID)
	if own == nil {
		s.record.Old = true
		event := m.event(KindRefused)
		event.Err = openError(ErrSentElsewhere)
		s.record.add(event)
		own = new(ownMessage)
	}
	event := m.event(KindRotated)
	event.Own = true
	if own.Rotation {
		rotated := event
		rotated.Epoch, rotated.Renewed = own.Epoch, own.Renewed
		s.record.add(rotated)
	}
	if own.Message { // a proof of this member's own holds
		_ = s.tell(event, own.Type, own.Content)
	}
	s.record.Own = slices.DeleteFunc(s.record.Own, func(own *ownMessage) bool { return own.ID == m.ID })
	s.record.Newest = m.Sequence
}

// takeOther opens a message of another member. One that is before its announcement is kept,
// and tried again after it.
func (s *Session) takeOther(m heldMessage) {
	announced, err := s.openOne(m)
	if err != nil {
		event := m.event(KindRefused)
		event.Err = openError(err)
		s.record.add(event)
		if errors.Is(err, e2ee.ErrEpochUnknown) {
			s.record.hold(m)
		}
	}
	if !announced {
		return
	}
	held := s.record.Held
	s.record.Held = nil
	for _, waiting := range held {
		if waiting.Sender != m.Sender {
			s.record.Held = append(s.record.Held, waiting)
		} else if _, err := s.openOne(waiting); errors.Is(err, e2ee.ErrEpochUnknown) {
			s.record.Held = append(s.record.Held, waiting)
		}
	}
}

// openOne opens a message, and reports whether it has an announcement.
func (s *Session) openOne(m heldMessage) (announcement bool, err error) {
	opened, err := s.protocol.Open(s.unix(), m.Sender, m.Ciphertext)
	if err != nil {
		return false, err
	}
	if opened.Announcement {
		event := m.event(KindRotated)
		event.Epoch, event.Renewed = opened.Epoch, opened.Renewed
		s.record.add(event)
	}
	if !opened.Message {
		return opened.Announcement, nil
	}
	err = s.tell(m.event(KindMessage), opened.Type, opened.Content)
	if err == nil && s.record.forked(m.Sequence, opened.Seen) {
		s.record.add(Event{Kind: KindForked, Sender: m.Sender, Sequence: m.Sequence, To: opened.Seen.Sequence})
	}
	return opened.Announcement, err
}

// seen returns how far this member has received.
func (r *record) seen() e2ee.Seen {
	return e2ee.Seen{Sequence: r.Next - 1, Transcript: r.Transcript}
}

// passed notes the transcript after the message of a sequence, which is being taken.
func (r *record) passed(sequence uint64, transcript chain.Hash) {
	if sequence != r.Passed+1 {
		r.Recent = nil
	}
	r.Recent, r.Passed = append(r.Recent, transcript), sequence
	if len(r.Recent) > maxRecent {
		r.Recent = append([]chain.Hash(nil), r.Recent[len(r.Recent)-maxRecent:]...)
	}
}

// forked reports whether the sender of a message had seen another session, as far as that can be
// told: its message comes after all that it had seen, and the transcripts there are the same.
func (r *record) forked(sequence uint64, seen e2ee.Seen) bool {
	if seen.Sequence >= sequence {
		return true
	}
	back := r.Passed - seen.Sequence // from the latest transcript that is known
	return back < uint64(len(r.Recent)) && r.Recent[uint64(len(r.Recent))-1-back] != seen.Transcript
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
