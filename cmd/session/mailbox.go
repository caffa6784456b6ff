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
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/pq/e2ee"
	"github.com/luxfi/session/rpc/client"
	"github.com/luxfi/session/rpc/messaging"
)

// mailbox is an identity's sessions on one chain.
type mailbox struct {
	*node
	*book
	messenger *messaging.Messenger
	identity  *pq.Identity
	self      ids.ID
	folder    string
}

// openMailbox unlocks the identity, connects, and registers the identity if it is not.
func (s *shell) openMailbox(ctx context.Context) (*mailbox, error) {
	identity, n, err := s.actor(ctx)
	if err != nil {
		return nil, err
	}
	m := &mailbox{node: n, identity: identity, self: identity.ID()}
	if m.book, err = s.openBook(identity); err != nil {
		return nil, err
	}
	if m.folder, err = s.sessionsFolder(); err != nil {
		return nil, err
	}
	config := messaging.Config{Client: n.Client, Identity: identity, Folder: m.folder, Poll: pollReceipts}
	for _, known := range n.known {
		config.Known = append(config.Known, known)
	}
	m.messenger, err = messaging.Open(ctx, config)
	return m, m.failed(err)
}

// pollReceipts is how often receipts are looked for while nothing else happens.
const pollReceipts = time.Second

// failed tells what the node did from what happened here.
func (m *mailbox) failed(err error) error {
	var (
		refused *client.Error
		refusal *chain.Refusal
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*stoppedError)):
		return err
	case errors.Is(err, messaging.ErrQueued):
		return fmt.Errorf("it is stored, and the next command on this session sends it (do not send it again): %w", m.reason(err))
	case errors.As(err, &refused), errors.As(err, &refusal):
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
	return target{}, usage("%q is no contact, no group, and no ID: want a name of \"session contacts\" or \"session group list\", an identity, or a session", name)
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
	return messaging.Channel{ID: g.Channel, Owner: g.Owner, Latest: g.Latest}
}

// sessions returns a target's sessions that this identity is or was in, oldest first, and the one
// to send in, empty if there is none.
func (m *mailbox) sessions(ctx context.Context, t target) (all []ids.ID, open ids.ID, err error) {
	listed, open, err := m.listed(ctx, t)
	if err != nil || t.session != ids.Empty {
		return listed, open, err
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
	missing := func(id ids.ID) bool { return !slices.Contains(known(), id) }
	if slices.ContainsFunc(listed, missing) {
		err = m.update(func() error {
			if t.group != nil {
				t.group.Latest = listed[len(listed)-1]
				if kept := m.groupOf(t.group.Channel); kept != nil {
					kept.Latest = t.group.Latest
				}
			}
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

// listed returns what the node has of sessions.
func (m *mailbox) listed(ctx context.Context, t target) (all []ids.ID, open ids.ID, err error) {
	switch {
	case t.session != ids.Empty:
		return []ids.ID{t.session}, t.session, nil
	case t.group != nil:
		listed, err := m.messenger.ChannelSessions(ctx, t.group.channel())
		if err != nil {
			return nil, ids.Empty, m.failed(err)
		}
		for _, s := range listed {
			all = append(all, s.ID)
			if s.Open {
				open = s.ID
			} else {
				open = ids.Empty
			}
		}
		return all, open, nil
	}
	err = m.eachSession(ctx, func(s *client.SessionSummary) {
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

// eachSession visits this identity's sessions, newest first.
func (m *mailbox) eachSession(ctx context.Context, visit func(*client.SessionSummary)) error {
	return m.failed(m.EachSession(ctx, m.self, sessionPages, func(s *client.SessionSummary) bool {
		visit(s)
		return true
	}))
}

// discover takes into the book the groups that others have put this identity in, if their owner
// is one that is wanted.
func (m *mailbox) discover(ctx context.Context, wanted func(owner ids.ID) bool) error {
	var channels []ids.ID
	err := m.eachSession(ctx, func(s *client.SessionSummary) {
		if s.Channel != ids.Empty && m.groupOf(s.Channel) == nil && !slices.Contains(channels, s.Channel) {
			channels = append(channels, s.Channel)
		}
	})
	if err != nil {
		return err
	}
	slices.Reverse(channels)
	for _, id := range channels {
		channel, _, err := m.messenger.Channel(ctx, id)
		if errors.Is(err, chain.ErrUnknownChannel) {
			continue // it is closed
		} else if err != nil {
			return m.failed(err)
		}
		if !wanted(channel.Owner) {
			continue
		}
		title, err := m.titleOf(ctx, channel)
		if err != nil && (ctx.Err() != nil || isUnreachable(err) || isLocal(err)) {
			return err // else it has no title: what others made of a session hides no other group
		}
		err = m.update(func() error {
			if m.groupOf(id) == nil {
				m.Groups = append(m.Groups, bookGroup{Name: m.freeName(m.chainID, m.groupName(title, channel.Owner)), Chain: m.chainID, Channel: id, Owner: channel.Owner})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// groupName is what a group of somebody's is called here: by its title, and, of an owner who is no
// contact, by the owner's ID too. Otherwise a stranger could give a group the name of somebody
// whom the user is about to write to.
func (m *mailbox) groupName(title string, owner ids.ID) string {
	if owner == m.self || m.contactOf(owner) != nil {
		return title
	}
	if checkName(title) != nil {
		title = "group"
	}
	id := pq.FormatID(owner)[:10]
	return title[:min(len(title), maxName-len(id)-1)] + "." + id
}

// isLocal says whether an error is of this machine, so that trying again may help.
func isLocal(err error) bool {
	return errors.Is(err, messaging.ErrLocked) || errors.Is(err, messaging.ErrStore) ||
		errors.Is(err, sealedfile.ErrWrite) || errors.Is(err, sealedfile.ErrFile)
}

// titleOf returns what a channel's owner calls it, in its latest session.
func (m *mailbox) titleOf(ctx context.Context, channel messaging.Channel) (string, error) {
	sessions, err := m.messenger.ChannelSessions(ctx, channel)
	if err != nil || len(sessions) == 0 {
		return "", m.failed(err)
	}
	c, err := m.join(ctx, sessions[len(sessions)-1].ID)
	if err != nil {
		return "", err
	}
	defer c.close()
	if _, err := c.fetch(ctx); err != nil {
		return "", err
	}
	title := ""
	for i := range c.history.all {
		if h := &c.history.all[i]; h.Kind == kindTitle && h.sender == channel.Owner {
			title = string(h.bytes())
		}
	}
	return title, nil
}

// conversation is an open session with its history.
type conversation struct {
	*mailbox
	session *messaging.Session
	history *history
}

// join opens a session, and waits while another command has it open.
func (m *mailbox) join(ctx context.Context, session ids.ID) (*conversation, error) {
	return m.opened(ctx, func() (*messaging.Session, error) { return m.messenger.Join(ctx, session) })
}

// joinOf opens a session that the node lists for a target. With a person it has to be the two of
// them's, and one of them has to have made it: the list is the node's word.
func (m *mailbox) joinOf(ctx context.Context, t target, session ids.ID) (*conversation, error) {
	c, err := m.join(ctx, session)
	if err != nil || t.person == ids.Empty {
		return c, err
	}
	members := c.session.Members()
	if len(members) == 2 && slices.Contains(members, t.person) && slices.Contains(members, c.session.Creator()) {
		return c, nil
	}
	c.close()
	return nil, fmt.Errorf("%s answers falsely: want a session of yours and %s, which one of you made, got %s", m.address, m.title(t), session)
}

func (m *mailbox) opened(ctx context.Context, open func() (*messaging.Session, error)) (*conversation, error) {
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	s, err := open()
	for ; errors.Is(err, messaging.ErrLocked) && ctx.Err() == nil; s, err = open() {
		pause(ctx, 50*time.Millisecond)
	}
	if err != nil {
		return nil, m.failed(err)
	}
	c := &conversation{mailbox: m, session: s}
	if c.history, err = openHistory(m.folder, m.identity, m.chainID, s.ID(), s.Begun()); err != nil {
		_ = s.Close()
		return nil, err
	}
	return c, nil
}

// current opens the session of a target to send in, and makes one if there is none.
func (m *mailbox) current(ctx context.Context, t target) (*conversation, error) {
	if t.group != nil {
		return m.opened(ctx, func() (*messaging.Session, error) { return m.messenger.JoinChannel(ctx, t.group.channel()) })
	}
	all, open, err := m.sessions(ctx, t)
	if err != nil {
		return nil, err
	}
	if open != ids.Empty {
		return m.joinOf(ctx, t, open)
	}
	var last ids.ID
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	return m.opened(ctx, func() (*messaging.Session, error) { return m.messenger.NewSessionAfter(ctx, last, t.person) })
}

func (c *conversation) close() {
	_ = c.session.Close()
	_ = c.history.log.Close()
}

// fetch receives what is there, keeps it, and returns what is new.
func (c *conversation) fetch(ctx context.Context) ([]happening, error) {
	var fresh []happening
	for {
		events, err := c.session.Check(ctx)
		if err != nil {
			return fresh, c.failed(err)
		}
		added, err := c.history.add(events, c.session.Position())
		fresh = append(fresh, added...)
		if err != nil || len(events) == 0 {
			return fresh, err
		}
	}
}

// unsent is content that a session did not take any more.
type unsent struct {
	kind    e2ee.ContentType
	content []byte
}

// unsentIn returns what did not get out, of what happened.
func unsentIn(happened []happening) (left []unsent) {
	for i := range happened {
		if h := &happened[i]; h.resendable() {
			left = append(left, unsent{e2ee.ContentType(h.Type), h.bytes()})
		}
	}
	return left
}

// leftOver returns what earlier commands stored in sessions of a target that are over by now.
func (m *mailbox) leftOver(ctx context.Context, t target) ([]unsent, error) {
	if t.session != ids.Empty {
		return nil, nil
	}
	all, open, err := m.sessions(ctx, t)
	if err != nil {
		return nil, err
	}
	var left []unsent
	for _, id := range all {
		if pending, err := m.messenger.Pending(id); err != nil || !pending || id == open {
			continue
		}
		c, err := m.join(ctx, id)
		if err != nil {
			return nil, err
		}
		happened, err := c.fetch(ctx)
		c.close()
		if err != nil && !errors.Is(err, chain.ErrUnknownSession) {
			return nil, err
		}
		left = append(left, unsentIn(happened)...)
	}
	return left, nil
}

// send sends content to a target: in its session, or in the next one if that is over. What an
// earlier command has left unsent goes first.
func (m *mailbox) send(ctx context.Context, t target, kind e2ee.ContentType, content []byte) (messaging.Sent, ids.ID, error) {
	left, err := m.leftOver(ctx, t)
	if err != nil {
		return messaging.Sent{}, ids.Empty, err
	}
	left = append(left, unsent{kind, content})
	for tries := 0; ; tries++ {
		c, err := m.current(ctx, t)
		if err != nil {
			return messaging.Sent{}, ids.Empty, err
		}
		var (
			sent   messaging.Sent
			queued error
		)
		for len(left) > 0 && err == nil {
			sent, err = c.session.SendAs(ctx, left[0].kind, left[0].content)
			if queued = nil; errors.Is(err, messaging.ErrQueued) { // stored: the rest has to be too
				queued, err = err, nil
			}
			if err == nil {
				left = left[1:]
			}
		}
		if err == nil {
			err = queued
		}
		id := c.session.ID()
		if !errors.Is(err, messaging.ErrUnsent) || t.session != ids.Empty || tries == 2 {
			c.close()
			return sent, id, m.failed(err)
		}
		// All that was stored and did not get out comes back, this content the last of it.
		happened, err := c.fetch(ctx)
		c.close()
		if err != nil {
			return messaging.Sent{}, ids.Empty, err
		}
		left = append(unsentIn(happened), left[1:]...)
	}
}
