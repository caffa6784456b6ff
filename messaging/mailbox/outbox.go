package mailbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

const (
	// maxOutboxBytes bounds the contents in the outbox. What is not in it is in the history alone.
	maxOutboxBytes = 16 << 20
	// maxWaitingBytes bounds those of one group that has no session yet: nobody may ever join it, and what others' sessions
	// give back is to have room.
	maxWaitingBytes = maxOutboxBytes / 4
	// sendTries is in how many sessions of a peer Send tries it, each of which is over meanwhile.
	sendTries = 3
)

// unsent is content that a session did not take before it was over. It is in one place whatever happens:
// the address book notes in one write that a session has given it back and that it waits here, and names
// the session that is to have it before that stores it.
type unsent struct {
	Chain   ids.ID           `json:"chain"`
	Peer    Peer             `json:"peer"`
	Origin  string           `json:"origin"`        // the session, its side and the position at which it was given back
	Next    ids.ID           `json:"next,omitzero"` // the session that has it, or is about to
	Type    e2ee.ContentType `json:"type"`
	Content []byte           `json:"content"`
}

// Resendable reports whether an entry is content that a session did not take and another one can. The
// parts of a file and the proof of who somebody is are made for the session they are in.
func (e *Entry) Resendable() bool { return e.Kind == messaging.KindUnsent && resendable(e.Type) }

func resendable(content e2ee.ContentType) bool {
	return content != e2ee.ContentManifest && content != e2ee.ContentProof
}

// Outbox returns how many messages to a peer wait for its next session.
func (m *Mailbox) Outbox(peer Peer) (count int) {
	for _, u := range m.entries.Load().Outbox {
		if u.Chain == m.chainID && u.Peer == peer {
			count++
		}
	}
	return count
}

// outboxBytes returns how many bytes of contents are in the outbox.
func (e *entries) outboxBytes() (size int) {
	for _, u := range e.Outbox {
		size += len(u.Content)
	}
	return size
}

// putUnsent puts into the outbox what the session did not take, each once.
func (c *Conversation) putUnsent(ctx context.Context, fresh []Entry) error {
	if c.peer.Session != ids.Empty || !slices.ContainsFunc(fresh, func(e Entry) bool { return e.Resendable() }) {
		return nil
	}
	m := c.mailbox
	return m.update(ctx, func(e *entries) error {
		session, size := e.session(m.chainID, c.ID(), c.peer), e.outboxBytes()
		for i := range fresh {
			entry := &fresh[i]
			if !entry.Resendable() || session.Begun == entry.Begun && session.Given >= entry.Position {
				continue
			}
			session.Begun, session.Given = entry.Begun, entry.Position
			if size+len(entry.Content) > maxOutboxBytes {
				m.warn(refusal.Because(ErrOutbox, "it has %d bytes: what was said to %s as the session ended is in its history alone", size, m.Title(c.peer)))
				continue
			}
			size += len(entry.Content)
			origin := fmt.Sprintf("%s/%x/%d", c.ID(), entry.Begun, entry.Position)
			e.Outbox = append(e.Outbox, unsent{m.chainID, c.peer, origin, ids.Empty, entry.Type, entry.Content})
		}
		return nil
	})
}

// claim names the session as the next of what waits for its peer.
func (c *Conversation) claim(ctx context.Context) error {
	m := c.mailbox
	return m.update(ctx, func(e *entries) error {
		for i := range e.Outbox {
			if u := &e.Outbox[i]; u.Chain == m.chainID && u.Peer == c.peer && u.Next == ids.Empty {
				u.Next = c.ID()
				e.session(m.chainID, c.ID(), c.peer).Sending = true
			}
		}
		return nil
	})
}

// take stores in the session what names it as its next, and that leaves the outbox. What the session
// refuses waits for another one. After messaging.ErrStore it is to be repeated: either may be stored.
func (c *Conversation) take(ctx context.Context) error {
	var drafts []*messaging.Draft
	for _, u := range c.mailbox.entries.Load().Outbox {
		if u.Next == c.ID() {
			drafts = append(drafts, &messaging.Draft{Origin: u.Origin, Type: u.Type, Content: u.Content})
		}
	}
	if len(drafts) == 0 {
		return nil
	}
	taken, err := c.Session.Enqueue(drafts...)
	unnoted := c.mailbox.update(ctx, func(e *entries) error {
		e.Outbox = slices.DeleteFunc(e.Outbox, func(u unsent) bool {
			return u.Next == c.ID() && slices.ContainsFunc(drafts[:taken], func(d *messaging.Draft) bool { return d.Origin == u.Origin })
		})
		for i := range e.Outbox {
			if u := &e.Outbox[i]; u.Next == c.ID() && !errors.Is(err, messaging.ErrStore) { // else it may be stored
				u.Next = ids.Empty
			}
		}
		return nil
	})
	if unnoted != nil {
		unnoted = refusal.Because(messaging.ErrStore, "%w", unnoted)
	}
	return errors.Join(err, unnoted)
}

// await puts a draft, which may be nil, into the outbox of a group that has no session yet. Errors: ErrOutbox.
func (m *Mailbox) await(ctx context.Context, peer Peer, draft *messaging.Draft) error {
	return m.update(ctx, func(e *entries) error {
		if draft == nil {
			return nil
		}
		size, waiting := e.outboxBytes(), 0
		for _, u := range e.Outbox {
			if u.Chain == m.chainID && u.Peer == peer {
				waiting += len(u.Content)
			}
		}
		if more := len(draft.Content); size+more > maxOutboxBytes || waiting+more > maxWaitingBytes {
			return refusal.Because(ErrOutbox, "it has %d bytes, %d of them to %s", size, waiting, m.Title(peer))
		}
		e.Outbox = append(e.Outbox, unsent{m.chainID, peer, "waiting/" + rand.Text(), ids.Empty, draft.Type, draft.Content})
		return nil
	})
}

// giveUp takes what waits for a peer out of the outbox.
func (m *Mailbox) giveUp(ctx context.Context, peer Peer) error {
	return m.update(ctx, func(e *entries) error {
		e.Outbox = slices.DeleteFunc(e.Outbox, func(u unsent) bool { return u.Chain == m.chainID && u.Peer == peer })
		return nil
	})
}

// fill moves into the session what waits for its peer.
func (c *Conversation) fill(ctx context.Context) error {
	if c.mailbox.Outbox(c.peer) == 0 {
		return nil
	}
	if err := c.claim(ctx); err != nil {
		return err
	}
	return c.take(ctx)
}

// Send is SendAs for a text.
func (c *Conversation) Send(ctx context.Context, text []byte) (messaging.Sent, error) {
	return c.SendAs(ctx, e2ee.ContentText, text)
}

// SendAs is that of messaging.Session. The address book notes before that the session is to be looked
// through when it is over.
func (c *Conversation) SendAs(ctx context.Context, content e2ee.ContentType, encoded []byte) (messaging.Sent, error) {
	if m := c.mailbox; c.peer.Session == ids.Empty && !c.sending.Load() {
		err := m.update(ctx, func(e *entries) error { e.session(m.chainID, c.ID(), c.peer).Sending = true; return nil })
		if err != nil {
			return messaging.Sent{}, err
		}
		c.sending.Store(true)
	}
	return c.Session.SendAs(ctx, content, encoded)
}

// Resend sends what the outbox holds for the peer, and waits until the chain has it. It returns where
// the last of it is. Errors are those of messaging.Session.Send: after ErrQueued and ErrUnsent it is in
// the session, which sends it or gives it back.
func (c *Conversation) Resend(ctx context.Context) (messaging.Sent, error) {
	if c.mailbox.Outbox(c.peer) == 0 {
		return messaging.Sent{}, nil
	}
	if err := c.fill(ctx); err != nil {
		return messaging.Sent{}, err
	}
	return c.Session.Flush(ctx)
}

// Resume opens the session of a peer to send in, makes one if there is none, and moves into it what the
// outbox holds: the next Send, Fetch or Await sends that. An invitation of the peer is answered. Errors:
// ErrNoSession if there is no private session that takes messages, and so nothing but Send to begin one.
func (m *Mailbox) Resume(ctx context.Context, peer Peer) (*Conversation, error) {
	err := m.answer(ctx, peer, true)
	var all []ids.ID
	var open ids.ID
	if err == nil {
		all, open, err = m.Sessions(ctx, peer)
	}
	if err == nil {
		err = m.gather(ctx, peer, all, open)
	}
	if err != nil {
		return nil, err
	}
	c, err := m.open(ctx, peer, func() (*messaging.Session, error) {
		switch group, _ := m.GroupOf(peer.Group); {
		case peer.Group != ids.Empty && peer.Public:
			return m.messenger.JoinChannel(ctx, group.channel())
		case peer.Group != ids.Empty:
			s, err := m.messenger.JoinGroup(ctx, peer.Group)
			if errors.Is(err, messaging.ErrAlone) {
				err = refusal.Because(ErrNoSession, "%w", err)
			}
			return s, err
		case open != ids.Empty:
			return m.messenger.Join(ctx, open)
		case !peer.Public:
			return nil, refusal.Because(ErrNoSession, "%s has not answered, or the last one is over", m.Title(peer))
		default:
			return m.messenger.NewSession(ctx, peer.Person)
		}
	})
	if err != nil {
		return nil, err
	}
	if peer.Session == ids.Empty {
		err = c.fill(ctx)
	}
	if err != nil && !errors.Is(err, messaging.ErrBacklog) { // which Fetch makes shorter
		c.Close()
		return nil, err
	}
	return c, nil
}

// gather puts into the outbox what waits in sessions of a peer that are not the one to send in. Who has
// one open does so itself.
func (m *Mailbox) gather(ctx context.Context, peer Peer, all []ids.ID, open ids.ID) error {
	if err := m.update(ctx, func(*entries) error { return nil }); err != nil { // what other programs have noted
		return err
	}
	for _, s := range m.entries.Load().Sessions {
		if s.Chain != m.chainID || s.Peer != peer || !s.Sending || s.Session == open || !slices.Contains(all, s.Session) {
			continue
		}
		joined, err := m.messenger.Join(ctx, s.Session)
		var c *Conversation
		if err == nil {
			c, err = m.converse(peer, joined)
		}
		if errors.Is(err, messaging.ErrLocked) {
			continue
		} else if client.Unanswered(err) || ctx.Err() != nil {
			return err
		} else if err != nil { // it makes no other session unreachable
			m.warn(fmt.Errorf("what waits in session %s is left there: %w", s.Session, err))
			continue
		}
		err = c.empty(ctx)
		c.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// empty receives all there is in a session, and notes that nothing waits in it any more.
func (c *Conversation) empty(ctx context.Context) error {
	if err := c.take(ctx); errors.Is(err, messaging.ErrStore) { // else the rest waits for another one
		return err
	}
	_, err := c.Fetch(ctx)
	if errors.Is(err, refusal.ErrUnknownSession) { // the chain has forgotten it: the rest is given back
		_, err = c.Fetch(ctx)
	}
	if err != nil && !errors.Is(err, refusal.ErrUnknownSession) || c.Pending() {
		return err
	}
	m := c.mailbox
	return m.update(ctx, func(e *entries) error { e.session(m.chainID, c.ID(), c.peer).Sending = false; return nil })
}

// Send sends content to a peer, in its session or in the next one if that is over, and returns where it
// is. What the outbox holds goes first. Where no private session takes messages it goes in an invitation, of
// at most e2ee.MaxInvitationContent bytes, or waits in the outbox until somebody has joined the group; session is empty then. Errors are those of messaging.Session.Send and
// Messenger.Invite: after ErrQueued it is stored, and the next Send or Resume sends it.
func (m *Mailbox) Send(ctx context.Context, peer Peer, content e2ee.ContentType, encoded []byte) (sent messaging.Sent, session ids.ID, err error) {
	if sent, session, answered, err := m.answerWith(ctx, peer, content, encoded); answered || err != nil {
		return sent, session, err
	}
	for tries, stored := 1, false; ; tries++ {
		c, err := m.Resume(ctx, peer)
		over := false
		if err == nil {
			session = c.ID()
			if stored {
				sent, err = c.Flush(ctx)
			} else {
				sent, err = c.SendAs(ctx, content, encoded)
			}
			if over = errors.Is(err, messaging.ErrUnsent); over { // it gives back what it did not take
				stored = stored || c.peer.Session == ids.Empty && resendable(content)
				_, failed := c.Fetch(ctx)
				over = failed == nil || errors.Is(failed, refusal.ErrUnknownSession)
			}
			c.Close()
		} else if errors.Is(err, ErrNoSession) {
			draft := &messaging.Draft{Type: content, Content: encoded}
			if stored { // it is in the outbox
				draft = nil
			}
			if peer.Group != ids.Empty {
				return messaging.Sent{}, ids.Empty, m.await(ctx, peer, draft)
			}
			return messaging.Sent{}, ids.Empty, m.invite(ctx, peer, draft)
		}
		if stored && over && peer.Session == ids.Empty && tries < sendTries {
			continue
		}
		if stored && err != nil {
			err = refusal.Because(messaging.ErrQueued, "%w", err)
		} else if stored && sent.ID == ids.Empty {
			err = refusal.Because(messaging.ErrQueued, "another program sends it")
		}
		return sent, session, err
	}
}
