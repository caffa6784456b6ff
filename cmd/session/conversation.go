package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

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

// joinOf opens a session that the node lists for a target. The node may list a wrong one, so a
// session with a person must have exactly the two as participants, and one of them as its creator.
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
	return nil, fmt.Errorf("%s answers falsely: expected a session of yours and %s, which one of you made, got %s", m.address, m.title(t), session)
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
	_, open, err := m.sessions(ctx, t)
	if err != nil {
		return nil, err
	}
	if open != ids.Empty {
		return m.joinOf(ctx, t, open)
	}
	return m.opened(ctx, func() (*messaging.Session, error) { return m.messenger.NewSession(ctx, t.person) })
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
		if err != nil && !errors.Is(err, refusal.ErrUnknownSession) {
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
