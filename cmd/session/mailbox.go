package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// mailbox is an identity's sessions on one chain.
type mailbox struct {
	*node
	*book
	messenger *messaging.Messenger
	identity  *pq.Identity
	self      ids.ID
	folder    string
	warn      func(error)
}

// openMailbox unlocks the identity, connects, and registers the identity if it is not.
func (s *shell) openMailbox(ctx context.Context) (*mailbox, error) {
	identity, n, err := s.actor(ctx)
	if err != nil {
		return nil, err
	}
	return s.mailboxOf(ctx, identity, n)
}

func (s *shell) mailboxOf(ctx context.Context, identity *pq.Identity, n *node) (m *mailbox, err error) {
	m = &mailbox{node: n, identity: identity, self: identity.ID()}
	m.warn = func(err error) { s.note("WARNING: %v", err) }
	if m.book, err = s.openBook(identity); err != nil {
		return nil, err
	}
	if m.folder, err = s.sessionsFolder(); err != nil {
		return nil, err
	}
	config := messaging.Config{
		Client: n.Client, Identity: identity, Folder: m.folder, Poll: pollReceipts,
		Chain: n.meant, TrustNode: s.trustNode, FirstUse: s.firstUse, Warn: m.warn,
	}
	switch {
	case s.trustNode && s.trustFile != "":
		return nil, usage("--trust FILE or --trust-node: not both")
	case s.trustNode:
		s.note("Trusting %s: nothing that it says of the chain is verified (--trust-node)", n.address)
	case s.trustFile != "":
		if config.Trust, err = readTrust(s.trustFile); err != nil {
			return nil, err
		}
	}
	for _, known := range n.known {
		config.Known = append(config.Known, known)
	}
	m.messenger, err = messaging.Open(ctx, config)
	return m, m.failed(err)
}

// firstUse tells the user what was pinned on the node's word.
func (s *shell) firstUse(trust *lightclient.TrustOptions) {
	header := trust.Checkpoint.Header
	s.note("First use of chain %s: from now on its answers are verified from block %d, %s,\nand %s that the node named. Compare the block with somebody who has it from elsewhere, or use --trust FILE.",
		trust.ChainID, header.Height, header.ID(), plural(uint64(trust.Checkpoint.Validators.Len()), "validator"))
}

// pollReceipts is how often receipts are looked for while nothing else happens.
const pollReceipts = time.Second

// failed tells what the node did from what happened here.
func (m *mailbox) failed(err error) error {
	var (
		refused *client.Error
		invalid *refusal.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*stoppedError)), errors.Is(err, client.ErrListCut):
		return err
	case errors.Is(err, messaging.ErrQueued):
		return fmt.Errorf("it is stored, and the next command on this session sends it (do not send it again): %w", m.reason(err))
	case errors.As(err, &refused), errors.As(err, &invalid):
		return m.node.failed(err)
	default:
		return m.reason(err)
	}
}

// reason tells a node that does not answer from all else.
func (m *mailbox) reason(err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*url.Error)) || errors.Is(err, client.ErrResponse) {
		return m.node.failed(err)
	}
	return err
}

// target is whom or what a command names: a session, a person, or a group.
type target struct {
	session ids.ID
	person  ids.ID
	group   *bookGroup
}

// openTarget opens the mailbox, and finds whom or what the user names.
func (s *shell) openTarget(ctx context.Context, name string) (*mailbox, target, error) {
	if err := checkNamed(name); err != nil {
		return nil, target{}, err
	}
	m, err := s.openMailbox(ctx)
	if err != nil {
		return nil, target{}, err
	}
	t, err := m.find(ctx, name)
	return m, t, err
}

// checkNamed refuses what can be neither a name nor an ID, before anybody is asked.
func checkNamed(text string) error {
	if checkName(text) == nil {
		return nil
	}
	if _, err := pq.ParseID(text); err == nil {
		return nil
	}
	if _, err := parseID(text); err != nil {
		return usage("%q is no name and no ID", text)
	}
	return nil
}

// find reads what the user names: a contact, a group, an identity, or a session.
func (m *mailbox) find(ctx context.Context, name string) (target, error) {
	if contact := m.contact(name); contact != nil {
		return target{person: contact.ID}, nil
	}
	if known := m.group(m.chainID, name); known != nil {
		return target{group: known}, nil
	}
	if person, err := pq.ParseID(name); err == nil {
		return target{person: person}, nil
	}
	if session, err := parseID(name); err == nil {
		return target{session: session}, nil
	}
	if checkName(name) == nil { // a group that a contact has put this identity in: a stranger's could have any name
		if err := m.discover(ctx, func(owner ids.ID) bool { return owner == m.self || m.contactOf(owner) != nil }); err != nil {
			return target{}, err
		}
		if known := m.group(m.chainID, name); known != nil {
			return target{group: known}, nil
		}
	}
	return target{}, usage("%q is not a contact, a group or an ID: expected a name from \"session contacts\" or \"session group list\", an identity, or a session", name)
}

// title is what the user calls a target.
func (m *mailbox) title(t target) string {
	switch {
	case t.group != nil:
		return t.group.Name
	case t.person != ids.Empty:
		return m.nameOf(t.person)
	default:
		return "session " + t.session.String()
	}
}

func (g *bookGroup) channel() messaging.Channel {
	return messaging.Channel{ID: g.Channel, Seen: g.Seen}
}

// look looks a group up, and keeps how much of it was seen.
func (m *mailbox) look(ctx context.Context, g *bookGroup) (*messaging.ChannelState, error) {
	of, err := m.messenger.ChannelState(ctx, g.channel())
	if err != nil {
		return nil, err
	}
	if of.Number == g.Seen {
		return of, nil
	}
	return of, m.update(func() error {
		for _, kept := range []*bookGroup{g, m.groupOf(g.Channel)} {
			if kept != nil && kept.Seen < of.Number {
				kept.Seen, kept.Owner = of.Number, of.Owner
			}
		}
		return nil
	})
}

// sessions returns a target's sessions that this identity is or was in, oldest first, and the one
// to send in, empty if there is none.
func (m *mailbox) sessions(ctx context.Context, t target) (all []ids.ID, open ids.ID, err error) {
	if t.session != ids.Empty {
		return []ids.ID{t.session}, t.session, nil
	}
	of := bookSession{Chain: m.chainID, Person: t.person}
	if t.group != nil {
		of.Channel = t.group.Channel
	}
	known := func() (known []ids.ID) {
		for _, s := range m.Sessions {
			if s.Chain == of.Chain && s.Person == of.Person && s.Channel == of.Channel {
				known = append(known, s.Session)
			}
		}
		return known
	}
	listed, open, err := m.listed(ctx, t, known())
	if err != nil {
		return nil, ids.Empty, err
	}
	missing := func(id ids.ID) bool { return !slices.Contains(known(), id) }
	if slices.ContainsFunc(listed, missing) {
		err = m.update(func() error {
			for _, id := range listed {
				if missing(id) {
					of.Session = id
					m.Sessions = append(m.Sessions, of)
				}
			}
			return nil
		})
	}
	for _, id := range known() { // the chain has forgotten those
		if !slices.Contains(listed, id) {
			all = append(all, id)
		}
	}
	return append(all, listed...), open, err
}

// listed returns the sessions of a group that are not known yet, or those with a person that the node
// has.
func (m *mailbox) listed(ctx context.Context, t target, known []ids.ID) (all []ids.ID, open ids.ID, err error) {
	if t.group != nil {
		of, err := m.look(ctx, t.group)
		if errors.Is(err, refusal.ErrUnknownChannel) && len(known) > 0 { // what was said in it is still here
			return nil, ids.Empty, nil
		}
		if err != nil {
			return nil, ids.Empty, m.failed(err)
		}
		last := ids.Empty
		if len(known) > 0 {
			last = known[len(known)-1]
		}
		all, err = m.messenger.ChannelSessions(ctx, t.group.channel(), last)
		if of.Open && slices.Contains(of.Members, m.self) {
			open = of.Session
		}
		return all, open, m.failed(err)
	}
	err = m.eachSession(ctx, client.ListSessionsParams{Participant: m.self, With: t.person}, func(s *client.SessionSummary) {
		others := without(s.Participants, m.self)
		if s.Channel != ids.Empty || len(s.Participants) != 2 || len(others) != 1 || others[0] != t.person {
			return
		}
		if s.Creator == ids.Empty {
			return // nobody signed for who reads it and with which keys: it is used by its ID alone
		}
		all = append(all, s.ID)
		if open == ids.Empty && s.Status == chain.SessionActive.String() && s.Expires.After(time.Now()) && s.Messages < m.genesis.MaxMessages {
			open = s.ID // the newest
		}
	})
	slices.Reverse(all)
	return all, open, err
}

// sessionPages bounds how many pages of sessions are looked through.
const sessionPages = 64

// eachSession visits sessions, newest first.
func (m *mailbox) eachSession(ctx context.Context, params client.ListSessionsParams, visit func(*client.SessionSummary)) error {
	return m.failed(m.EachSession(ctx, params, sessionPages, func(s *client.SessionSummary) bool {
		visit(s)
		return true
	}))
}
