package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// privateSessions returns the private sessions with a person, oldest first, after those that a contact has
// invited to are made.
func (m *Mailbox) privateSessions(ctx context.Context, person ids.ID) (all []ids.ID, open ids.ID, err error) {
	if err := m.answer(ctx, Peer{Person: person}, false); err != nil {
		return nil, ids.Empty, err
	}
	pairs, err := m.messenger.Pairs(ctx, person)
	if err != nil && (passing(ctx, err) || len(pairs) == 0) {
		return nil, ids.Empty, err
	} else if err != nil { // one that can't be looked at makes no other unreachable
		m.warn(err)
	}
	for _, p := range pairs {
		if p.Session != ids.Empty {
			all = append(all, p.Session)
		}
	}
	for _, id := range slices.Backward(all[max(0, len(all)-openSessions):]) {
		takes, err := m.messenger.SessionOpen(ctx, id)
		if err != nil {
			return nil, ids.Empty, err
		}
		if takes {
			return all, id, nil
		}
	}
	return all, ids.Empty, nil
}

// openSessions is how many of the newest private sessions with a person are looked at for one that takes
// messages: more than one if both have invited at once.
const openSessions = 3

// answer answers the invitations of a person: those of a contact, or of anybody if the user is about to write.
func (m *Mailbox) answer(ctx context.Context, peer Peer, anybody bool) error {
	invited, err := m.invitedBy(ctx, peer, anybody)
	if err != nil || !invited {
		return err
	}
	if err = m.talk(ctx, peer.Person); errors.Is(err, messaging.ErrQueued) { // it is stored, and Pairs sends it
		return nil
	} else if errors.Is(err, messaging.ErrBacklog) { // what there is with them goes on
		m.warn(fmt.Errorf("%s invites to one more private session: %w", m.Title(peer), err))
		return nil
	}
	return err
}

// invitedBy reports whether a person has sent invitations to talk that are not answered: a contact, or anybody.
func (m *Mailbox) invitedBy(ctx context.Context, peer Peer, anybody bool) (bool, error) {
	if !peer.Private() || peer.Person == ids.Empty {
		return false, nil
	}
	invitations, strangers, err := m.messenger.Invitations(ctx)
	if anybody {
		invitations = append(invitations, strangers...)
	}
	return slices.ContainsFunc(invitations, func(i messaging.Invitation) bool { return i.From == peer.Person && !i.Group }), err
}

// answerWith answers the invitations of a person with content, in one message with the proof of who answers, and reports whether
// it did: not if there are none, or something waits that goes first. Errors: messaging.ErrQueued once the content is stored.
func (m *Mailbox) answerWith(ctx context.Context, peer Peer, content e2ee.ContentType, encoded []byte) (sent messaging.Sent, session ids.ID, answered bool, err error) {
	if m.Outbox(peer) > 0 {
		return messaging.Sent{}, ids.Empty, false, nil
	}
	if invited, err := m.invitedBy(ctx, peer, true); err != nil || !invited {
		return messaging.Sent{}, ids.Empty, false, err
	}
	s, sent, err := m.messenger.AcceptWith(ctx, peer.Person, &messaging.Draft{Type: content, Content: encoded})
	if errors.Is(err, messaging.ErrBacklog) && !errors.Is(err, messaging.ErrQueued) { // Resume warns
		return messaging.Sent{}, ids.Empty, false, nil
	}
	if err == nil {
		session, err = s.ID(), s.Close()
	}
	unnoted := m.noteSending(ctx, peer)
	if err == nil && sent.ID == ids.Empty {
		err = refusal.Because(messaging.ErrQueued, "no node has taken it yet")
	}
	return sent, session, true, errors.Join(err, unnoted)
}

// noteSending notes that the newest private session with a person is to be looked through when it is over.
func (m *Mailbox) noteSending(ctx context.Context, peer Peer) error {
	pairs, err := m.messenger.KnownPairs(peer.Person)
	if err != nil {
		return err
	}
	for _, p := range slices.Backward(pairs) {
		if p.Session != ids.Empty {
			return m.update(ctx, func(e *entries) error { e.session(m.chainID, p.Session, peer).Sending = true; return nil })
		}
	}
	return nil
}

// Invite sends what the outbox holds for a person in invitations: for who has no private session that takes it.
func (m *Mailbox) Invite(ctx context.Context, peer Peer) error { return m.invite(ctx, peer, nil) }

// invite sends what the outbox holds for a person, and a draft, which may be nil, in invitations.
func (m *Mailbox) invite(ctx context.Context, peer Peer, draft *messaging.Draft) error {
	var failed []error
	for _, u := range m.entries.Load().Outbox {
		if u.Chain != m.chainID || u.Peer != peer || u.Next != ids.Empty {
			continue
		}
		_, err := m.messenger.InviteAs(ctx, peer.Person, &messaging.Draft{Origin: u.Origin, Type: u.Type, Content: u.Content})
		if errors.Is(err, e2ee.ErrSize) { // it waits for a session
			m.warn(err)
			continue
		}
		if err != nil && !errors.Is(err, messaging.ErrQueued) {
			return err
		}
		failed = append(failed, err)
		err = m.update(ctx, func(e *entries) error {
			e.Outbox = slices.DeleteFunc(e.Outbox, func(other unsent) bool { return other.Chain == u.Chain && other.Origin == u.Origin })
			return nil
		})
		if err != nil {
			return err
		}
	}
	if draft != nil {
		_, err := m.messenger.InviteAs(ctx, peer.Person, draft)
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// Invited returns what this identity has said to a peer in invitations whose answers Sessions has not found, oldest
// first. It is on the chain, if a node has said so, and waits for the peer.
func (m *Mailbox) Invited(peer Peer) (waiting []Entry, err error) {
	if !peer.Private() || peer.Person == ids.Empty {
		return nil, nil
	}
	pairs, err := m.messenger.KnownPairs(peer.Person)
	for _, p := range pairs {
		for _, said := range p.Said {
			event := messaging.Event{Kind: messaging.KindInvited, Own: true, Identity: m.self, Time: said.Time, Type: said.Type, Content: said.Content}
			waiting = append(waiting, Entry{Event: event})
		}
	}
	return waiting, err
}

// Request is somebody who has invited this identity to a private session or a private group, and is not answered.
type Request struct {
	From        ids.ID
	Time        time.Time // of the latest invitation's block
	Invitations int
	Groups      int // of the invitations, those that ask to join a group
}

// Requests returns who has sent invitations: contacts, which Sessions and Resume answer, and strangers, of
// whom nothing is shown until Accept. Both are bounded: of who has sent the most the newest stay.
func (m *Mailbox) Requests(ctx context.Context) (contacts, strangers []Request, err error) {
	ofContacts, ofStrangers, err := m.messenger.Invitations(ctx)
	return requests(ofContacts), requests(ofStrangers), err
}

func requests(invitations []messaging.Invitation) (all []Request) {
	for _, i := range invitations {
		at := slices.IndexFunc(all, func(r Request) bool { return r.From == i.From })
		if at < 0 {
			at = len(all)
			all = append(all, Request{From: i.From})
		}
		all[at].Invitations++
		if i.Group {
			all[at].Groups++
		}
		if i.Time.After(all[at].Time) {
			all[at].Time = i.Time
		}
	}
	return all
}

// Accept answers somebody's invitations: with a private session, and with a seat in each group that they ask to join. Errors:
// messaging.ErrInvitation.
func (m *Mailbox) Accept(ctx context.Context, from ids.ID) error {
	joined, err := m.messenger.JoinGroups(ctx, from)
	if err == nil {
		err = m.knowGroups(ctx)
	}
	if err != nil {
		return err
	}
	if err = m.talk(ctx, from); errors.Is(err, messaging.ErrInvitation) && len(joined) > 0 {
		return nil
	}
	return err
}

// talk answers somebody's invitations with a private session.
func (m *Mailbox) talk(ctx context.Context, from ids.ID) error {
	c, err := m.open(ctx, Peer{Person: from}, func() (*messaging.Session, error) { return m.messenger.Accept(ctx, from) })
	if err == nil {
		c.Close()
	}
	return err
}

// Decline forgets somebody's invitations.
func (m *Mailbox) Decline(ctx context.Context, from ids.ID) error {
	return m.messenger.Decline(ctx, from)
}

// Block forgets somebody's invitations and takes no more, or takes them again.
func (m *Mailbox) Block(ctx context.Context, id ids.ID, blocked bool) error {
	return m.messenger.Block(ctx, id, blocked)
}

// CloseSession closes a session for good.
func (m *Mailbox) CloseSession(ctx context.Context, session ids.ID) (*client.TransactionResult, error) {
	return m.messenger.CloseSession(ctx, session)
}

// SessionInfo returns what the node says of a session: nothing of it is proven.
func (m *Mailbox) SessionInfo(ctx context.Context, session ids.ID) (*client.Session, error) {
	return m.messenger.SessionInfo(ctx, session)
}

// Private returns this identity's private sessions and the invitations that are not answered, oldest first.
func (m *Mailbox) Private(ctx context.Context) ([]messaging.Pair, error) {
	return m.messenger.Pairs(ctx, ids.Empty)
}

// Pseudonym returns as whom this identity signs in a session, see messaging.Messenger.Pseudonym.
func (m *Mailbox) Pseudonym(session ids.ID) (*pq.Identity, error) {
	return m.messenger.Pseudonym(session)
}
