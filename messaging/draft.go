package messaging

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// Draft is content that is stored and not sealed yet.
type Draft struct {
	// Origin is a name that the program gives it: a session stores what has it once. Empty for none.
	Origin  string           `json:",omitempty"`
	Type    e2ee.ContentType `json:",omitempty"`
	Content []byte
	// Due is when it may be sent: see Config.Delay.
	Due time.Time `json:",omitzero"`
}

func (s *Session) sealing(d *Draft) func(now uint64) (e2ee.Sealed, error) {
	return func(now uint64) (e2ee.Sealed, error) {
		return s.protocol.Seal(now, s.record.seen(), d.Type, d.Content)
	}
}

// ready reports whether content can be sealed without asking a node anything.
func (s *Session) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.checked.Load() && !s.record.Over && len(s.record.Drafts) == 0 && !s.untold() && s.prekeysDo()
}

// Enqueue stores contents as Send does, and leaves it to the next Flush, Send or Receive to send them. What
// was stored before with the same Origin is not stored again. It returns how many of the first ones are
// stored.
func (s *Session) Enqueue(drafts ...*Draft) (stored int, err error) {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.keep(drafts...)
}

func (s *Session) keep(drafts ...*Draft) (kept int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range drafts {
		if d.Origin == "" || !slices.Contains(s.record.Origins, d.Origin) {
			if err = s.room(); err == nil && len(d.Content) > e2ee.MaxContent {
				err = refusal.Because(e2ee.ErrSize, "expected at most %d bytes, got %d: send an attachment", e2ee.MaxContent, len(d.Content))
			}
			if err != nil {
				break
			}
			s.record.Drafts = append(s.record.Drafts, d)
			if d.Origin != "" {
				s.record.Origins = append(s.record.Origins, d.Origin)
			}
		}
		kept++
	}
	if kept == 0 {
		return 0, errors.Join(err, s.usable())
	}
	if unstored := s.commit(); unstored != nil {
		return 0, unstored
	}
	return kept, err
}

// room refuses what can't be sent, whatever it is.
func (s *Session) room() error {
	if err := s.usable(); err != nil {
		return err
	}
	if s.record.Old {
		return refusal.Because(ErrOldState, "remove it and join again")
	}
	return s.record.backlog()
}

// drop takes a draft back.
func (s *Session) drop(d *Draft) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.usable() != nil {
		return nil
	}
	s.record.Drafts = slices.DeleteFunc(s.record.Drafts, func(other *Draft) bool { return other == d })
	return s.commit()
}

// final reports whether content that can't be sealed now never can.
func final(err error) bool {
	for _, reason := range []error{ErrOldState, ErrPrekey, ErrUnsent, ErrStore, ErrClosed, ErrBacklog, e2ee.ErrPrekey, e2ee.ErrSize, refusal.ErrCiphertextSize} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// sealDrafts seals what is stored, in order. While no node answers it does if enough is known of the
// others.
func (s *Session) sealDrafts(ctx context.Context) error {
	s.mu.Lock()
	err, drafts, over := s.usable(), slices.Clone(s.record.Drafts), s.record.Over
	s.mu.Unlock()
	if err != nil || len(drafts) == 0 {
		return err
	}
	if over {
		return s.giveUp(refusal.ErrSessionClosed)
	}
	if err := s.prepare(ctx); err != nil && !(client.Unanswered(err) && s.sealable()) {
		return err
	}
	for _, d := range drafts {
		if s.m.waits(d.Due) != nil {
			return nil
		}
		err := s.enqueue(d.Type, d.Content, s.sealing(d), func([]*ownMessage) {
			s.record.Drafts = slices.DeleteFunc(s.record.Drafts, func(other *Draft) bool { return other == d })
		})
		if errors.Is(err, ErrUnsent) { // it has turned out to be over meanwhile
			return s.giveUp(refusal.ErrSessionClosed)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// returned is the error of content that was not sealed. Of a session that is over, Receive returns
// the content.
func (s *Session) returned(d *Draft, err error) error {
	if !errors.Is(err, ErrUnsent) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.addUnsent(d.Type, d.Content)
	return errors.Join(err, s.commit())
}

// sealable reports whether what is known of the others is enough, and new enough, to seal while no
// node answers.
func (s *Session) sealable() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.checked.Load() && (len(s.protocol.Silent()) == 0 || s.m.now().Sub(s.record.Prekeys) < prekeyPeriod)
}
