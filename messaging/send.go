package messaging

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// Sent says where a message is on the chain. That was proven, and is final.
type Sent struct {
	ID       ids.ID    `json:"message"` // of its transaction
	Sequence uint64    `json:"sequence"`
	Time     time.Time `json:"timestamp"` // of the block that holds it
	Proven   ids.ID    `json:"block"`     // the block in whose state the message is
	Height   uint64    `json:"height"`    // of that block
}

// Send stores content, at most e2ee.MaxContent bytes, before it asks a node, seals it to the other
// members, and waits until it is proven that the chain has it. An error that is ErrQueued says that it
// is stored and will be sent: content must not be given to Send once more. One that is ErrUnsent says
// that the session is over: Receive returns the content as Unsent. After ErrStore it may be sent:
// Receive tells after the next Join. After any other error it is not sent.
func (s *Session) Send(ctx context.Context, content []byte) (Sent, error) {
	return s.SendAs(ctx, e2ee.ContentText, content)
}

// SendAs is Send for content of another type than text. Types below 64 are package e2ee's.
func (s *Session) SendAs(ctx context.Context, kind e2ee.ContentType, content []byte) (Sent, error) {
	s.sending.Lock()
	defer s.sending.Unlock()
	d := &Draft{Type: kind, Content: append([]byte(nil), content...)}
	if d.Due = s.due(); !d.Due.IsZero() {
		if _, err := s.keep(d); err != nil {
			return Sent{}, err
		}
		return Sent{}, s.m.waits(d.Due)
	}
	if s.ready() { // one write less
		if err := s.enqueue(kind, content, s.sealing(d), nil); err != nil {
			return Sent{}, s.returned(d, err)
		}
	} else if _, err := s.keep(d); err != nil {
		return Sent{}, err
	} else if err := s.sealDrafts(ctx); final(err) {
		return Sent{}, errors.Join(err, s.drop(d))
	} else if err != nil {
		return Sent{}, refusal.Because(ErrQueued, "%w", err)
	}
	return s.flush(ctx, s.m.wait)
}

// Rotate begins a new epoch and asks the others to renew their keys with their next message.
// Whoever suspects that its file was copied calls it. Errors are those of Send.
func (s *Session) Rotate(ctx context.Context) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	err := s.sealDrafts(ctx)
	if err == nil {
		err = s.prepare(ctx)
	}
	if err == nil {
		err = s.enqueue(e2ee.ContentText, nil, func(now uint64) (e2ee.Sealed, error) { return s.protocol.Rotate(now) }, nil)
	}
	if err == nil {
		_, err = s.flush(ctx, s.m.wait)
	}
	return err
}

// Pending reports whether content that was given to Send is stored here, and not known to be on the
// chain or returned as Unsent.
func (s *Session) Pending() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.record.pending())+len(s.record.Drafts) > 0 || slices.ContainsFunc(s.record.Inbox, func(e Event) bool { return e.Kind == KindUnsent })
}

// Flush sends what is stored and not known to be on the chain, and waits until the chain has it. It
// returns where the last of it is. Send and Receive do so too.
func (s *Session) Flush(ctx context.Context) (Sent, error) {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.flush(ctx, s.m.wait)
}

// prepare sees to it that the prekeys of others are those of now, and that this file's keys are
// unused.
func (s *Session) prepare(ctx context.Context) error {
	if err := s.checkOwn(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	untold := s.untold()
	s.mu.Unlock()
	if untold {
		return refusal.Because(ErrAlone, "the group's owner has not told yet who is in session %s", s.id)
	}
	return s.takePrekeys(ctx)
}

// untold reports whether it is a group's session, and its owner has not told yet who is in it.
func (s *Session) untold() bool { return s.record.Group != ids.Empty && s.record.Roster == nil }

// enqueue seals, and stores what was sealed together with the keys as they are after it, and
// with what sealed, which may be nil, notes beside it.
func (s *Session) enqueue(kind e2ee.ContentType, content []byte, seal func(now uint64) (e2ee.Sealed, error), sealed func([]*ownMessage)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.room()
	if len(s.record.Drafts) > 0 && errors.Is(err, ErrBacklog) { // there was room when it was stored
		err = nil
	}
	if err == nil && s.record.Over {
		err = refusal.Because(ErrUnsent, "%w", refusal.ErrSessionClosed)
	}
	if err != nil {
		return err
	}
	before := s.protocol.State()
	defer clear(before)
	own, err := s.sealOwn(kind, content, seal)
	if err != nil { // what was sealed is thrown away, and its keys with it
		if restored, failed := e2ee.Restore(before, s.self.secrets(), nil); failed != nil {
			s.failed = errors.Join(err, failed)
		} else {
			s.protocol = restored
		}
		return err
	}
	s.record.Own = append(s.record.Own, own...)
	if sealed != nil {
		sealed(own)
	}
	return s.commit()
}

// sealOwn seals content, and signs what was sealed.
func (s *Session) sealOwn(kind e2ee.ContentType, content []byte, seal func(now uint64) (e2ee.Sealed, error)) ([]*ownMessage, error) {
	sealed, err := seal(s.unix())
	if err != nil {
		return nil, err
	}
	limit := int(min(s.m.genesis.Limits.MaxCiphertextBytes, math.MaxInt32))
	var own []*ownMessage
	for _, ciphertext := range sealed.Ciphertexts(limit) {
		if len(ciphertext) > limit {
			return nil, refusal.New(refusal.ErrCiphertextSize, fmt.Sprintf("at most %d bytes once it is sealed", limit), len(ciphertext))
		}
		tx, err := s.self.sign(s.m.chainID, &chain.SendMessage{Session: s.id, Sender: s.self.id, Ciphertext: ciphertext})
		if err != nil {
			return nil, err
		}
		own = append(own, &ownMessage{ID: tx.ID(), Transaction: tx.Bytes(), Epoch: sealed.Epoch})
	}
	if sealed.Announcement != nil {
		own[0].Rotation, own[0].Renewed = true, sealed.Reason != e2ee.ReasonCover
	}
	if sealed.Message != nil {
		last := own[len(own)-1]
		last.Message, last.Type, last.Content = true, kind, append([]byte(nil), content...)
	}
	return own, nil
}

// flush sends what is stored, in order, and returns where the last of it is. What the node has
// taken stays stored until it is proven that the chain has it.
func (s *Session) flush(ctx context.Context, wait client.Seconds) (Sent, error) {
	if err := s.sealDrafts(ctx); errors.Is(err, ErrUnsent) || s.failing() != nil {
		return Sent{}, err
	} else if err != nil {
		return Sent{}, refusal.Because(ErrQueued, "%w", err)
	}
	s.mu.Lock()
	err, waiting := s.usable(), s.record.pending()
	s.mu.Unlock()
	if err != nil || len(waiting) == 0 {
		return Sent{}, err
	}
	// What waiting points to changes under sending alone.
	accepted := make([]*client.TransactionResult, 0, len(waiting))
	for _, own := range waiting {
		result, failed := s.m.issueAs(ctx, s.self, own.ID, own.Transaction, wait)
		if err = failed; err != nil {
			break
		}
		accepted = append(accepted, result)
	}
	sent, unproven := s.sent(ctx, waiting[:len(accepted)], accepted)
	if sent.Sequence > 0 { // or the next program would send again what is proven
		s.mu.Lock()
		unstored := s.commit()
		s.mu.Unlock()
		unproven = errors.Join(unproven, unstored)
	}
	if isOver(err) && unproven == nil {
		if sent, unproven = s.proveOver(ctx); unproven == nil {
			return sent, s.giveUp(err)
		}
	}
	if err = errors.Join(err, unproven); err != nil {
		return Sent{}, refusal.Because(ErrQueued, "%w", err)
	}
	return sent, nil
}

// proveOver proves that the session takes nothing more, and what it has of that which waits to be sent:
// it returns where the last of that is. A session that the chain has forgotten is over, and what it had
// can't be told.
func (s *Session) proveOver(ctx context.Context) (Sent, error) {
	key := chain.SessionKey(s.id)
	state, err := s.m.state(ctx, key)
	if err != nil {
		return Sent{}, err
	}
	s.mu.Lock()
	at := s.record.place()
	s.mu.Unlock()
	if got := state.Header.Height; got < at.proven { // before the session was made, it is not there
		return Sent{}, refusal.Because(ErrBehind, "expected the session's state at height %d or above, got %d", at.proven, got)
	}
	if value, err := state.Leaf(key); err == nil && value == nil {
		return Sent{}, nil
	}
	leaf, err := leafOf(state, key, chain.ParseSession)
	if err != nil {
		return Sent{}, err
	}
	if s.m.takes(leaf, state.Header.Timestamp) {
		return Sent{}, refusal.Because(ErrNode, "expected that session %s takes messages, got a refusal", s.id)
	}
	var found []*ownMessage
	var places []*client.TransactionResult
	end, err := s.eachOwn(ctx, at, func(m *client.Message) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if own := s.record.own(m.ID); own != nil {
			found, places = append(found, own), append(places, &client.TransactionResult{Index: m.Index})
		}
		return nil
	})
	if err == nil && end.next <= leaf.Messages {
		err = refusal.Because(ErrBehind, "expected the session's messages up to %d, got those up to %d", leaf.Messages, end.next-1)
	}
	if err != nil {
		return Sent{}, err
	}
	return s.sent(ctx, found, places)
}

// sent proves that the chain has what the node says that it has taken, and returns where the
// last of it is.
func (s *Session) sent(ctx context.Context, waiting []*ownMessage, accepted []*client.TransactionResult) (last Sent, err error) {
	for ; len(waiting) > 0; waiting, accepted = waiting[min(pageSize, len(waiting)):], accepted[min(pageSize, len(accepted)):] {
		some := waiting[:min(pageSize, len(waiting))]
		keys := make([][]byte, len(some))
		for i := range some {
			keys[i] = chain.MessageKey(accepted[i].Index)
		}
		state, err := s.m.state(ctx, keys...)
		if err != nil {
			return Sent{}, err
		}
		for i, own := range some {
			leaf, err := leafOf(state, keys[i], chain.ParseMessage)
			if err != nil {
				return Sent{}, err
			}
			if leaf.ID != own.ID || leaf.Session != s.id {
				return Sent{}, refusal.Because(ErrNode, "expected message %s at index %d, got %s", own.ID, accepted[i].Index, leaf.ID)
			}
			last = Sent{ID: own.ID, Sequence: leaf.Sequence, Time: time.UnixMilli(int64(leaf.Timestamp)).UTC(), Proven: state.Header.ID(), Height: state.Header.Height}
			s.mu.Lock()
			own.Transaction = nil
			s.mu.Unlock()
		}
	}
	return last, nil
}

// isOver says that the chain takes nothing more of what was sealed in this session.
func isOver(err error) bool {
	return errors.Is(err, refusal.ErrSessionClosed) || errors.Is(err, refusal.ErrSessionExpired) ||
		errors.Is(err, refusal.ErrSessionFull) || errors.Is(err, refusal.ErrUnknownSession)
}

// giveUp turns what waits to be sent into Unsent events: ErrUnsent if there is something.
func (s *Session) giveUp(why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	waiting := s.record.pending()
	if len(waiting)+len(s.record.Drafts) == 0 {
		return s.commit()
	}
	for _, own := range waiting {
		if own.Message && !s.ofGroup(own.Type) {
			s.record.addUnsent(own.Type, own.Content)
		}
		own.Transaction = nil // it is known if it comes nevertheless
	}
	for _, d := range s.record.Drafts { // they were given to Send later
		if !s.ofGroup(d.Type) {
			s.record.addUnsent(d.Type, d.Content)
		}
	}
	s.record.Drafts = nil
	if err := s.commit(); err != nil {
		return err
	}
	return refusal.Because(ErrUnsent, "%w", why)
}

// checkOwn refuses if the chain has messages of this identity that the session's file does not
// know: its keys were used since.
func (s *Session) checkOwn(ctx context.Context) error {
	if s.checked.Load() {
		return nil
	}
	s.mu.Lock()
	at := s.record.place()
	s.mu.Unlock()
	_, err := s.eachOwn(ctx, at, func(m *client.Message) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if m.Sequence >= s.record.Next && s.record.own(m.ID) == nil { // Receive may have taken it since
			return refusal.Because(ErrOldState, "it does not know message %d: remove it and join again", m.Sequence)
		}
		return nil
	})
	s.checked.Store(err == nil)
	return err
}

// sentBefore returns the epoch to start with, 0 if this identity has not sent anything. If it
// has, what was before is Missing.
func (s *Session) sentBefore(ctx context.Context) (firstEpoch uint32, err error) {
	found := false
	last, err := s.eachOwn(ctx, s.record.place(), func(m *client.Message) error {
		found = true
		if epoch, ok := e2ee.EpochOf(m.Ciphertext); ok && epoch >= firstEpoch {
			firstEpoch = epoch + 1
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	s.record.Proven = last.proven
	if found {
		s.record.add(Event{Kind: KindMissing, Sequence: 1, To: last.next - 1})
		s.record.Next, s.record.Transcript = last.next, last.transcript
	}
	return firstEpoch, nil
}

// eachOwn visits this identity's messages from a place on, and returns the place after the
// session's last message.
func (s *Session) eachOwn(ctx context.Context, at place, visit func(*client.Message) error) (place, error) {
	for {
		p, err := s.page(ctx, at, nil, pageSize, 0)
		if err != nil || p == nil {
			return at, err
		}
		for i := range p.messages {
			m := &p.messages[i]
			if m.Sender != s.self.id || isChunk(m.Ciphertext) { // a chunk uses no key of the session
				continue
			}
			if err := visit(m); err != nil {
				return at, err
			}
		}
		if at = p.after; p.end() {
			return at, nil
		}
	}
}
