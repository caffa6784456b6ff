package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/refusal"
)

// Public groups are channels of the chain.

func (g Group) channel() messaging.Channel { return messaging.Channel{ID: g.ID, Seen: g.Seen} }

// newChannel makes a channel, and tells the members what it is called.
func (m *Mailbox) newChannel(ctx context.Context, name string, members []ids.ID) (Group, error) {
	channel, session, err := m.messenger.NewChannel(ctx, members...)
	if err != nil {
		return Group{}, err
	}
	if err := session.Close(); err != nil {
		return Group{}, err
	}
	group := Group{Name: name, Chain: m.chainID, ID: channel.ID, Public: true, Owner: m.self}
	if err := m.update(ctx, func(e *entries) error { e.Groups = append(e.Groups, group); return nil }); err != nil {
		return Group{}, err
	}
	return group, m.sendTitle(ctx, group)
}

func (m *Mailbox) changeChannel(ctx context.Context, group Group, member ids.ID, change func(context.Context, messaging.Channel, ids.ID) (*messaging.Session, error)) error {
	session, err := change(ctx, group.channel(), member)
	if err != nil || session == nil { // this identity has left, or is alone
		return err
	}
	if err := session.Close(); err != nil {
		return err
	}
	return m.sendTitle(ctx, group)
}

// sendTitle tells the members what a group is called.
func (m *Mailbox) sendTitle(ctx context.Context, group Group) error {
	_, _, err := m.Send(ctx, group.Peer(), e2ee.ContentTitle, []byte(group.Name))
	return err
}

// channelState looks a channel up, and keeps how much of it was seen.
func (m *Mailbox) channelState(ctx context.Context, group Group) (*GroupState, error) {
	of, err := m.messenger.ChannelState(ctx, group.channel())
	if err != nil {
		return nil, err
	}
	state := &GroupState{Owner: of.Owner, Members: of.Members, Number: of.Number}
	if of.Open {
		state.Session = of.Session
	}
	return state, m.sawOwner(ctx, group, state)
}

// channelSessions returns the sessions of a group that are not known yet, with the last that is.
func (m *Mailbox) channelSessions(ctx context.Context, channel ids.ID, known []ids.ID) (all []ids.ID, open ids.ID, err error) {
	group, _ := m.GroupOf(channel)
	state, err := m.GroupState(ctx, group)
	if errors.Is(err, refusal.ErrUnknownChannel) && len(known) > 0 { // what was said in it is still here
		return nil, ids.Empty, nil
	} else if err != nil {
		return nil, ids.Empty, err
	}
	if slices.Contains(state.Members, m.self) {
		open = state.Session
	}
	last := ids.Empty
	if len(known) > 0 {
		last = known[len(known)-1]
	}
	all, err = m.messenger.ChannelSessions(ctx, group.channel(), last)
	return all, open, err
}

// discoverChannels takes into the address book the channels that others have put this identity in, if their owner is
// wanted.
func (m *Mailbox) discoverChannels(ctx context.Context, wanted func(owner ids.ID) bool) error {
	var channels []ids.ID
	err := m.eachSession(ctx, client.ListSessionsParams{}, func(s *client.SessionSummary) {
		if _, known := m.GroupOf(s.Channel); s.Channel != ids.Empty && !known && !slices.Contains(channels, s.Channel) {
			channels = append(channels, s.Channel)
		}
	})
	if err != nil {
		return err
	}
	for _, id := range slices.Backward(channels) {
		state, err := m.messenger.ChannelState(ctx, messaging.Channel{ID: id})
		if errors.Is(err, refusal.ErrUnknownChannel) {
			continue // it is closed
		} else if errors.As(err, new(*client.Error)) || errors.Is(err, messaging.ErrNode) {
			m.warn(fmt.Errorf("channel %s is left out: %w", id, err))
			continue
		} else if err != nil {
			return err
		}
		if !wanted(state.Owner) {
			continue
		}
		title, err := m.channelTitle(ctx, state)
		if err != nil && passing(ctx, err) {
			return err // else it has no title: what others made of a session hides no other group
		}
		group := Group{Chain: m.chainID, ID: state.ID, Public: true, Owner: state.Owner, Seen: state.Number}
		if err := m.addGroup(ctx, group, title); err != nil {
			return err
		}
	}
	return nil
}

// titleSessions is how many of a group's latest sessions are looked through for its title.
const titleSessions = 8

// channelTitle returns what a channel's owner calls it, in the latest session where it does.
func (m *Mailbox) channelTitle(ctx context.Context, state *messaging.ChannelState) (title string, err error) {
	sessions, err := m.messenger.ChannelSessions(ctx, messaging.Channel{ID: state.ID}, ids.Empty)
	if err != nil {
		return "", err
	}
	for _, session := range slices.Backward(sessions[max(0, len(sessions)-titleSessions):]) {
		c, err := m.Join(ctx, Peer{Group: state.ID, Public: true}, session)
		if err != nil {
			return "", err
		}
		_, err = c.Fetch(ctx)
		for _, entry := range c.Entries() {
			if entry.Kind == messaging.KindTitle && entry.Sender == state.Owner {
				title = entry.Text()
			}
		}
		c.Close()
		if title != "" || err != nil {
			return title, err
		}
	}
	return "", nil
}
