package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

const (
	// maxOutboxBytes bounds the contents in the outbox. What is not in it is in the history alone.
	maxOutboxBytes = 16 << 20
	// sendTries is in how many sessions of a peer Send tries it, each of which is over meanwhile.
	sendTries = 3
)

// unsent is content that a session did not take before it was over.
type unsent struct {
	Chain    ids.ID           `json:"chain"`
	Peer     Peer             `json:"peer"`
	Session  ids.ID           `json:"session"`
	Position uint64           `json:"position"` // in the session's history
	Type     e2ee.ContentType `json:"type"`
	Content  []byte           `json:"content"`
}

// origin names what is unsent, so that no session takes it twice.
func (u *unsent) origin() string { return fmt.Sprintf("%s/%d", u.Session, u.Position) }

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

// putUnsent puts into the outbox what the session did not take.
func (c *Conversation) putUnsent(ctx context.Context, fresh []Entry) error {
	if c.peer.Session != ids.Empty || !slices.ContainsFunc(fresh, func(e Entry) bool { return e.Resendable() }) {
		return nil
	}
	return c.mailbox.update(ctx, func(e *entries) error {
		size := 0
		for _, u := range e.Outbox {
			size += len(u.Content)
		}
		for i := range fresh {
			entry := &fresh[i]
			again := func(u unsent) bool { return u.Session == entry.Session && u.Position == entry.Position }
			if !entry.Resendable() || slices.ContainsFunc(e.Outbox, again) {
				continue
			}
			if size+len(entry.Content) > maxOutboxBytes {
				c.mailbox.warn(refusal.Because(ErrOutbox, "it has %d bytes: what was said to %s as the session ended is in its history alone", size, c.mailbox.Title(c.peer)))
				continue
			}
			size += len(entry.Content)
			e.Outbox = append(e.Outbox, unsent{c.mailbox.chainID, c.peer, entry.Session, entry.Position, entry.Type, entry.Content})
		}
		return nil
	})
}

// Resend sends what the outbox holds for the peer, and waits until the chain has it. It returns where
// the last of it is. Errors are those of messaging.Session.Send: after ErrQueued and ErrUnsent it is in
// the session, which sends it or gives it back.
func (c *Conversation) Resend(ctx context.Context) (messaging.Sent, error) {
	if c.mailbox.Outbox(c.peer) == 0 {
		return messaging.Sent{}, nil
	}
	err := c.mailbox.update(ctx, func(e *entries) error {
		rest := e.Outbox[:0:0]
		for i := range e.Outbox {
			u := &e.Outbox[i]
			if u.Chain != c.mailbox.chainID || u.Peer != c.peer {
				rest = append(rest, *u)
			} else if err := c.Session.Enqueue(u.origin(), u.Type, u.Content); err != nil {
				return err
			}
		}
		e.Outbox = rest
		return nil
	})
	if err != nil {
		return messaging.Sent{}, err
	}
	return c.Session.Flush(ctx)
}

// Resume opens the session of a peer to send in, makes one if there is none, and sends what the outbox
// holds.
func (m *Mailbox) Resume(ctx context.Context, peer Peer) (*Conversation, error) {
	c, err := m.resume(ctx, peer)
	if err != nil {
		return nil, err
	}
	if _, err := c.Resend(ctx); err != nil && !errors.Is(err, messaging.ErrQueued) && !errors.Is(err, messaging.ErrUnsent) {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (m *Mailbox) resume(ctx context.Context, peer Peer) (*Conversation, error) {
	all, open, err := m.Sessions(ctx, peer)
	if err == nil {
		err = m.gather(ctx, peer, all, open)
	}
	if err != nil {
		return nil, err
	}
	switch group, _ := m.GroupOf(peer.Channel); {
	case peer.Channel != ids.Empty:
		return m.open(ctx, peer, func() (*messaging.Session, error) { return m.messenger.JoinChannel(ctx, group.channel()) })
	case open != ids.Empty:
		return m.Join(ctx, peer, open)
	default:
		return m.open(ctx, peer, func() (*messaging.Session, error) { return m.messenger.NewSession(ctx, peer.Person) })
	}
}

// gather puts into the outbox what is stored in sessions of a peer that are over by now. A program
// that has one open does so itself.
func (m *Mailbox) gather(ctx context.Context, peer Peer, all []ids.ID, open ids.ID) error {
	for _, id := range all {
		if pending, err := m.messenger.Pending(id); err != nil || !pending || id == open {
			continue
		}
		s, err := m.messenger.Join(ctx, id)
		if errors.Is(err, messaging.ErrLocked) {
			continue
		} else if err != nil {
			return err
		}
		c, err := m.converse(peer, s)
		if err != nil {
			return err
		}
		if _, err = c.Fetch(ctx); errors.Is(err, refusal.ErrUnknownSession) { // which it turned out to be: the rest is given back
			_, err = c.Fetch(ctx)
		}
		c.Close()
		if err != nil && !errors.Is(err, refusal.ErrUnknownSession) {
			return err
		}
	}
	return nil
}

// Send sends content to a peer, in its session or in the next one if that is over, and returns where it
// is. What the outbox holds goes first. Errors are those of messaging.Session.Send: after ErrQueued it is
// stored, and the next Send or Resume sends it.
func (m *Mailbox) Send(ctx context.Context, peer Peer, content e2ee.ContentType, encoded []byte) (sent messaging.Sent, session ids.ID, err error) {
	again := peer.Session == ids.Empty && resendable(content)
	for tries, given := 1, false; ; tries++ {
		c, err := m.resume(ctx, peer)
		if err != nil && given { // the content is in the outbox
			err = refusal.Because(messaging.ErrQueued, "%w", err)
		}
		if err != nil {
			return sent, session, err
		}
		sent, err = c.Resend(ctx)
		if !given && (err == nil || errors.Is(err, messaging.ErrQueued)) {
			given = true
			sent, err = c.Session.SendAs(ctx, content, encoded)
		}
		session = c.ID()
		again = again && errors.Is(err, messaging.ErrUnsent)
		if again { // all that it did not take comes back into the outbox, this content the last of it
			if _, failed := c.Fetch(ctx); failed != nil && !errors.Is(failed, refusal.ErrUnknownSession) {
				if err, again = failed, false; given {
					err = refusal.Because(messaging.ErrQueued, "%w", err)
				}
			}
		}
		c.Close()
		if again && given && tries == sendTries {
			err = refusal.Because(messaging.ErrQueued, "%w", err)
		}
		if !again || tries == sendTries {
			return sent, session, err
		}
	}
}
