package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

// DefaultLockWait is how long a conversation waits for another program that has its session open.
const DefaultLockWait = 30 * time.Second

// Config is what a Mailbox is made from.
type Config struct {
	// Of messaging.Config, Contact is set by Open: those of the AddressBook.
	messaging.Config
	// Public talks with people in sessions that show on the chain who talks to whom.
	Public bool
	// LockWait is how long a conversation waits for another program that has its session open, 0
	// for DefaultLockWait.
	LockWait time.Duration
}

// Mailbox is an identity's conversations on one chain. It is safe for concurrent use.
type Mailbox struct {
	*AddressBook
	messenger *messaging.Messenger
	config    Config
	self      ids.ID
	chainID   ids.ID
}

// Open opens the mailbox of an identity: a Messenger, and what is kept beside it in its Folder.
func Open(ctx context.Context, config Config) (*Mailbox, error) {
	book, err := OpenAddressBook(config.Folder, config.Identity)
	if err != nil {
		return nil, err
	}
	config.Contact = func(id ids.ID) bool { _, known := book.ContactOf(id); return known }
	messenger, err := messaging.Open(ctx, config.Config)
	if err != nil {
		return nil, err
	}
	if config.LockWait <= 0 {
		config.LockWait = DefaultLockWait
	}
	return &Mailbox{AddressBook: book, messenger: messenger, config: config, self: messenger.Self(), chainID: messenger.Chain()}, nil
}

// Self returns the identity's ID.
func (m *Mailbox) Self() ids.ID { return m.self }

// Chain returns the chain's ID.
func (m *Mailbox) Chain() ids.ID { return m.chainID }

func (m *Mailbox) warn(err error) {
	if m.config.Warn != nil {
		m.config.Warn(err)
	}
}

// Peer is whom or what one writes to. One of its IDs is set. With a person one talks in private sessions,
// or in Public ones, which are another conversation. A group is private, or a Public channel.
type Peer struct {
	Person  ids.ID `json:"person,omitzero"`
	Group   ids.ID `json:"group,omitzero"`
	Public  bool   `json:"public,omitempty"`
	Session ids.ID `json:"session,omitzero"` // this one alone: none follows it
}

// Find reads what the user names: a contact, a group, an identity, or a session. Errors: ErrName,
// ErrUnknown.
func (m *Mailbox) Find(ctx context.Context, name string) (Peer, error) {
	if err := CheckPeer(name); err != nil {
		return Peer{}, err
	}
	if contact, ok := m.Contact(name); ok {
		return m.person(contact.ID), nil
	}
	if group, ok := m.Group(m.chainID, name); ok {
		return group.Peer(), nil
	}
	if session, err := ParseID(name); err == nil {
		return Peer{Session: session}, nil
	}
	if person, err := ParseIdentity(name); err == nil {
		return m.person(person), nil
	}
	// A group that a contact has put this identity in: a stranger's could have any name.
	err := m.Discover(ctx, func(owner ids.ID) bool {
		_, known := m.ContactOf(owner)
		return known || owner == m.self
	})
	if err != nil {
		return Peer{}, err
	}
	if group, ok := m.Group(m.chainID, name); ok {
		return group.Peer(), nil
	}
	return Peer{}, refusal.Because(ErrUnknown, "%q is not a contact, a group or an ID", name)
}

// Private reports whether the chain does not show who takes part.
func (p Peer) Private() bool { return p.Session == ids.Empty && !p.Public }

func (m *Mailbox) person(id ids.ID) Peer { return Peer{Person: id, Public: m.config.Public} }

// Title is what the user calls a peer.
func (m *Mailbox) Title(peer Peer) string {
	if group, ok := m.GroupOf(peer.Group); ok {
		return group.Name
	}
	if peer.Person != ids.Empty {
		return m.NameOf(peer.Person)
	}
	return "session " + peer.Session.String()
}

// Sessions returns a peer's sessions that this identity is or was in, oldest first, and the one
// to send in, empty if there is none. Invitations of a contact are answered.
func (m *Mailbox) Sessions(ctx context.Context, peer Peer) (all []ids.ID, open ids.ID, err error) {
	if peer.Session != ids.Empty {
		return []ids.ID{peer.Session}, peer.Session, nil
	}
	known := m.known(peer)
	var listed []ids.ID
	switch {
	case peer.Group != ids.Empty && peer.Public:
		listed, open, err = m.channelSessions(ctx, peer.Group, known)
	case peer.Group != ids.Empty:
		listed, open, err = m.groupSessions(ctx, peer.Group)
	case peer.Public:
		listed, open, err = m.publicSessions(ctx, peer.Person)
	default:
		listed, open, err = m.privateSessions(ctx, peer.Person)
	}
	if err != nil {
		return nil, ids.Empty, err
	}
	if err := m.learn(ctx, peer, listed...); err != nil {
		return nil, ids.Empty, err
	}
	// First what is listed no more: of a group, whose sessions are proven, those of before; with a
	// person, what the chain has forgotten and is kept here.
	all = slices.DeleteFunc(known, func(id ids.ID) bool {
		return slices.Contains(listed, id) || peer.Person != ids.Empty && !m.hasHistory(id)
	})
	return append(all, listed...), open, nil
}

// known returns the sessions of a peer that the address book has, oldest first.
func (m *Mailbox) known(peer Peer) (known []ids.ID) {
	for _, s := range m.entries.Load().Sessions {
		if s.Chain == m.chainID && s.Peer == peer {
			known = append(known, s.Session)
		}
	}
	return known
}

// learn notes sessions of a peer in the address book.
func (m *Mailbox) learn(ctx context.Context, peer Peer, sessions ...ids.ID) error {
	known := m.known(peer)
	missing := func(id ids.ID) bool { return !slices.Contains(known, id) }
	if !slices.ContainsFunc(sessions, missing) {
		return nil
	}
	return m.update(ctx, func(e *entries) error {
		for _, id := range sessions {
			e.session(m.chainID, id, peer)
		}
		return nil
	})
}

// publicSessions returns the sessions with a person that the node lists.
func (m *Mailbox) publicSessions(ctx context.Context, person ids.ID) (all []ids.ID, open ids.ID, err error) {
	var found []client.SessionSummary
	err = m.eachSession(ctx, client.ListSessionsParams{With: person}, func(s *client.SessionSummary) {
		pair := len(s.Participants) == 2 && slices.Contains(s.Participants, m.self) && slices.Contains(s.Participants, person)
		if s.Channel != ids.Empty || !pair || s.Creator == ids.Empty {
			return // one without a creator, which nobody has signed, is used by its ID alone
		}
		found = append(found, *s)
	})
	slices.SortFunc(found, func(a, b client.SessionSummary) int { return cmp.Compare(a.Number, b.Number) })
	for _, s := range found {
		all = append(all, s.ID)
		if s.Status == chain.SessionActive.String() && s.Expires.After(time.Now()) && s.Messages < m.messenger.Genesis().MaxMessages {
			open = s.ID // the newest
		}
	}
	return all, open, err
}

// How many pages are looked through of the sessions that this identity has acted in, which are as many as it
// has wanted, and of its requests, which are as many as others want.
const (
	sessionPages = 256
	requestPages = 32
)

// eachSession visits this identity's sessions: the newest of its requests, and all that it has acted in. In
// this order, because its first act moves a session from the one list to the other.
func (m *Mailbox) eachSession(ctx context.Context, params client.ListSessionsParams, visit func(*client.SessionSummary)) error {
	seen := make(map[ids.ID]bool)
	once := func(s *client.SessionSummary) bool {
		if !seen[s.ID] {
			visit(s)
		}
		seen[s.ID] = true
		return true
	}
	params.Participant, params.Requests = m.self, true
	err := m.config.Client.EachSession(ctx, params, requestPages, once)
	if errors.Is(err, client.ErrListCut) {
		m.warn(fmt.Errorf("only the newest of the sessions that others have made and that you have not answered were looked through: %w", err))
	} else if err != nil {
		return err
	}
	params.Requests = false
	return m.config.Client.EachSession(ctx, params, sessionPages, once)
}
