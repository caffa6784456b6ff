package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// discover takes into the book the groups that others have put this identity in, if their owner
// is one that is wanted.
func (m *mailbox) discover(ctx context.Context, wanted func(owner ids.ID) bool) error {
	var channels []ids.ID
	err := m.eachSession(ctx, client.ListSessionsParams{Participant: m.self}, func(s *client.SessionSummary) {
		if s.Channel != ids.Empty && m.groupOf(s.Channel) == nil && !slices.Contains(channels, s.Channel) {
			channels = append(channels, s.Channel)
		}
	})
	if errors.Is(err, client.ErrListCut) { // somebody may have made them to hide others: what is known is found anyway
		m.warn(fmt.Errorf("groups that others have put you in are not all found: %w", err))
	} else if err != nil {
		return err
	}
	slices.Reverse(channels)
	for _, id := range channels {
		channel, err := m.messenger.ChannelState(ctx, messaging.Channel{ID: id})
		if errors.Is(err, refusal.ErrUnknownChannel) {
			continue // it is closed
		} else if refused := new(client.Error); errors.As(err, &refused) || errors.Is(err, messaging.ErrNode) {
			m.warn(fmt.Errorf("channel %s is left out: %w", id, err))
			continue
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
				m.Groups = append(m.Groups, bookGroup{Name: m.freeName(m.chainID, m.groupName(title, channel.Owner)), Chain: m.chainID, Channel: id, Owner: channel.Owner, Seen: channel.Number})
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

// isLocal reports whether an error is of this machine, so that trying again may help.
func isLocal(err error) bool {
	return errors.Is(err, messaging.ErrLocked) || errors.Is(err, messaging.ErrStore) ||
		errors.Is(err, sealedfile.ErrWrite) || errors.Is(err, sealedfile.ErrFile)
}

// titleSessions is how many of a group's latest sessions are looked through for its title.
const titleSessions = 8

// titleOf returns what a channel's owner calls it, in the latest session where it does.
func (m *mailbox) titleOf(ctx context.Context, channel *messaging.ChannelState) (string, error) {
	sessions, err := m.messenger.ChannelSessions(ctx, messaging.Channel{ID: channel.ID}, ids.Empty)
	if err != nil {
		return "", m.failed(err)
	}
	for tries := 0; len(sessions) > 0 && tries < titleSessions; tries++ {
		title, err := m.titleIn(ctx, sessions[len(sessions)-1], channel.Owner)
		if title != "" || err != nil {
			return title, err
		}
		sessions = sessions[:len(sessions)-1]
	}
	return "", nil
}

func (m *mailbox) titleIn(ctx context.Context, session, owner ids.ID) (title string, err error) {
	c, err := m.join(ctx, session)
	if err != nil {
		return "", err
	}
	defer c.close()
	if _, err := c.fetch(ctx); err != nil {
		return "", err
	}
	for i := range c.history.all {
		if h := &c.history.all[i]; h.Kind == kindTitle && h.sender == owner {
			title = string(h.bytes())
		}
	}
	return title, nil
}
