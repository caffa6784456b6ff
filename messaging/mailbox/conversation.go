package mailbox

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

// Conversation is an open session with a peer, and its history. What happens is received with Fetch or
// Await, which keep it. It is safe for concurrent use, as a messaging.Session is.
type Conversation struct {
	*messaging.Session
	mailbox *Mailbox
	peer    Peer // in whose next session is sent what this one does not take
	history *history
	sending atomic.Bool // the address book says so
}

// Join opens a session of a peer, as Sessions lists it, and waits while another program has it open. The
// node may list a wrong one: a public session with a person must have exactly the two as participants, and
// one of them as its creator. Errors: refusal.ErrUnknownSession if the chain has forgotten it: what was said in it may
// be in Kept.
func (m *Mailbox) Join(ctx context.Context, peer Peer, session ids.ID) (*Conversation, error) {
	if peer.Private() { // or the node would be asked for it in the identity's own name
		known, err := m.messenger.HasPair(session)
		if err == nil && !known {
			err = refusal.New(refusal.ErrUnknownSession, "a private session of now or not long ago", session)
		}
		if err != nil {
			return nil, err
		}
	}
	return m.open(ctx, peer, func() (*messaging.Session, error) { return m.messenger.Join(ctx, session) })
}

func (m *Mailbox) open(ctx context.Context, peer Peer, open func() (*messaging.Session, error)) (*Conversation, error) {
	ctx, cancel := context.WithTimeout(ctx, m.config.LockWait)
	defer cancel()
	for {
		s, err := open()
		if err == nil {
			return m.converse(peer, s)
		}
		if !errors.Is(err, messaging.ErrLocked) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// converse opens the history of an open session, if that is one of the peer's.
func (m *Mailbox) converse(peer Peer, s *messaging.Session) (*Conversation, error) {
	owner := m.owner(s)
	if peer.Person != ids.Empty && peer != owner {
		err := refusal.Because(messaging.ErrNode, "expected a session of yours and %s, which one of you made, got %s", m.Title(peer), s.ID())
		return nil, errors.Join(err, s.Close())
	}
	if peer.Session == ids.Empty {
		owner = peer
	}
	h, err := openHistory(m.config.Folder, m.config.Identity, m.chainID, s.ID(), s.Begun())
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &Conversation{Session: s, mailbox: m, peer: owner, history: h}, nil
}

// owner returns the person or the known group whose session it is, and the session itself if others can
// follow on none.
func (m *Mailbox) owner(s *messaging.Session) Peer {
	if group, known := m.GroupOf(s.Channel()); known {
		return group.Peer()
	}
	if group := s.Group(); group != ids.Empty {
		return Peer{Group: group}
	}
	if with := s.With(); with != ids.Empty {
		return Peer{Person: with}
	}
	if members := s.Members(); s.Channel() == ids.Empty && len(members) == 2 && slices.Contains(members, s.Creator()) {
		return Peer{Person: members[(slices.Index(members, m.self)+1)%2], Public: true}
	}
	return Peer{Session: s.ID()}
}

// Kept returns the history of a session that can't be opened any more.
func (m *Mailbox) Kept(session ids.ID) ([]Entry, error) {
	return ReadHistory(m.config.Folder, m.config.Identity, m.chainID, session)
}

// Latest opens the last session of a peer. Errors: ErrNoSession.
func (m *Mailbox) Latest(ctx context.Context, peer Peer) (*Conversation, error) {
	session, err := m.LatestSession(ctx, peer)
	if err != nil {
		return nil, err
	}
	return m.Join(ctx, peer, session)
}

// LatestSession returns the last session of a peer. Errors: ErrNoSession.
func (m *Mailbox) LatestSession(ctx context.Context, peer Peer) (ids.ID, error) {
	sessions, _, err := m.Sessions(ctx, peer)
	if err == nil && len(sessions) == 0 {
		err = refusal.Because(ErrNoSession, "with %s", m.Title(peer))
	}
	if err != nil {
		return ids.Empty, err
	}
	return sessions[len(sessions)-1], nil
}

// Close lets go of the session. What waits to be sent is sent when it is opened again.
func (c *Conversation) Close() {
	_ = c.Session.Close()
	_ = c.history.log.Close()
}

// Follows returns whose next session takes what this one does not take before it is over; a Peer of this
// session alone if there is no next one.
func (c *Conversation) Follows() Peer { return c.peer }

// Entries returns the history of the session, with that of before this device's side of it.
func (c *Conversation) Entries() []Entry { return c.history.entries() }

// Fetch receives what is there, keeps it, and returns what is new.
func (c *Conversation) Fetch(ctx context.Context) ([]Entry, error) {
	var fresh []Entry
	for {
		events, err := c.Session.Check(ctx)
		if err != nil || len(events) == 0 {
			return fresh, err
		}
		added, err := c.keep(ctx, events)
		if fresh = append(fresh, added...); err != nil {
			return fresh, err
		}
	}
}

// Await waits until something happens, keeps it, and returns what is new.
func (c *Conversation) Await(ctx context.Context) ([]Entry, error) {
	events, err := c.Session.Receive(ctx)
	if err != nil {
		return nil, err
	}
	return c.keep(context.WithoutCancel(ctx), events)
}

// keep puts into the outbox what was not sent, and all that is new into the history.
func (c *Conversation) keep(ctx context.Context, events []messaging.Event) ([]Entry, error) {
	fresh := c.history.fresh(events, c.Position())
	if len(fresh) == 0 {
		return nil, nil
	}
	if err := c.putUnsent(ctx, fresh); err != nil {
		return nil, err
	}
	return fresh, c.history.add(fresh)
}

// ReadUpTo returns the last sequence up to which everything after this identity's last receipt opened,
// and the message after it that does not open, nil if there is none. Errors: refusal.ErrStaleReceipt if
// nothing after the last receipt opened.
func (c *Conversation) ReadUpTo(ctx context.Context) (read uint64, refused *Entry, err error) {
	if read, err = c.Acknowledged(ctx); err != nil {
		return 0, nil, err
	}
	before := read
	entries := c.Entries()
	for i := range entries {
		e := &entries[i]
		switch {
		case e.Kind == messaging.KindMissing:
			read = max(read, e.To)
		case e.Kind == messaging.KindReceipt || e.Sequence <= before:
		case e.Kind == messaging.KindRefused && !Opened(entries, e):
			refused, read = e, min(read, e.Sequence-1) // what came with it may have opened
		default:
			read = max(read, e.Sequence)
		}
		if refused != nil {
			break
		}
	}
	if read == before {
		return 0, refused, refusal.New(refusal.ErrStaleReceipt, "a message after the last receipt's", "none after #"+strconv.FormatUint(before, 10))
	}
	return read, refused, nil
}

// AwaitMessage waits, for a while, until a session has a message of a sequence. It does not open it, so
// other programs can use the session meanwhile.
func (m *Mailbox) AwaitMessage(ctx context.Context, session ids.ID, sequence uint64, wait time.Duration) error {
	return m.messenger.AwaitMessage(ctx, session, sequence, client.Seconds(wait))
}
