package mailbox

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// NewGroup makes a group that this identity owns, and tells the members what it is called. Errors:
// ErrName, ErrTaken.
func (m *Mailbox) NewGroup(ctx context.Context, name string, members ...ids.ID) (Group, error) {
	if err := CheckName(name); err != nil {
		return Group{}, err
	}
	_, contact := m.Contact(name)
	if _, group := m.Group(m.chainID, name); group || contact {
		return Group{}, refusal.Because(ErrTaken, "%q is a contact or a group already: choose another name", name)
	}
	channel, session, err := m.messenger.NewChannel(ctx, slices.DeleteFunc(members, func(id ids.ID) bool { return id == m.self })...)
	if err != nil {
		return Group{}, err
	}
	if err := session.Close(); err != nil {
		return Group{}, err
	}
	group := Group{Name: name, Chain: m.chainID, Channel: channel.ID, Owner: m.self}
	if err := m.update(ctx, func(e *entries) error { e.Groups = append(e.Groups, group); return nil }); err != nil {
		return Group{}, err
	}
	return group, m.sendTitle(ctx, group)
}

// AddMember adds a member to a group of this identity: it reads what comes after.
func (m *Mailbox) AddMember(ctx context.Context, group Group, member ids.ID) error {
	return m.changeGroup(ctx, group, member, m.messenger.AddMember)
}

// RemoveMember removes a member from a group, or this identity itself: who was removed reads nothing
// of what comes after.
func (m *Mailbox) RemoveMember(ctx context.Context, group Group, member ids.ID) error {
	return m.changeGroup(ctx, group, member, m.messenger.RemoveMember)
}

// TransferGroup makes another member the owner of a group of this identity.
func (m *Mailbox) TransferGroup(ctx context.Context, group Group, member ids.ID) error {
	return m.messenger.TransferChannel(ctx, group.channel(), member)
}

func (m *Mailbox) changeGroup(ctx context.Context, group Group, member ids.ID, change func(context.Context, messaging.Channel, ids.ID) (*messaging.Session, error)) error {
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
	_, _, err := m.Send(ctx, Peer{Channel: group.Channel}, e2ee.ContentTitle, []byte(group.Name))
	return err
}

func (g Group) channel() messaging.Channel { return messaging.Channel{ID: g.Channel, Seen: g.Seen} }

// GroupState looks a group up, and keeps how much of it was seen. Errors: refusal.ErrUnknownChannel if
// it is gone.
func (m *Mailbox) GroupState(ctx context.Context, group Group) (*messaging.ChannelState, error) {
	state, err := m.messenger.ChannelState(ctx, group.channel())
	if err != nil || state.Number == group.Seen {
		return state, err
	}
	return state, m.update(ctx, func(e *entries) error {
		for i := range e.Groups {
			if kept := &e.Groups[i]; kept.Channel == group.Channel && kept.Seen < state.Number {
				kept.Seen, kept.Owner = state.Number, state.Owner
			}
		}
		return nil
	})
}

// groupSessions returns the sessions of a group that are not known yet, with the last that is.
func (m *Mailbox) groupSessions(ctx context.Context, channel ids.ID, known []ids.ID) (all []ids.ID, open ids.ID, err error) {
	group, _ := m.GroupOf(channel)
	state, err := m.GroupState(ctx, group)
	if errors.Is(err, refusal.ErrUnknownChannel) && len(known) > 0 { // what was said in it is still here
		return nil, ids.Empty, nil
	} else if err != nil {
		return nil, ids.Empty, err
	}
	if state.Open && slices.Contains(state.Members, m.self) {
		open = state.Session
	}
	last := ids.Empty
	if len(known) > 0 {
		last = known[len(known)-1]
	}
	all, err = m.messenger.ChannelSessions(ctx, group.channel(), last)
	return all, open, err
}

// Discover takes into the address book the groups that others have put this identity in, if their
// owner is wanted.
func (m *Mailbox) Discover(ctx context.Context, wanted func(owner ids.ID) bool) error {
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
		title, err := m.groupTitle(ctx, state)
		if err != nil && passing(ctx, err) {
			return err // else it has no title: what others made of a session hides no other group
		}
		if err := m.addGroup(ctx, state, title); err != nil {
			return err
		}
	}
	return nil
}

// passing reports whether an error is of this machine or its node, so that trying again may help.
func passing(ctx context.Context, err error) bool {
	for _, local := range []error{context.DeadlineExceeded, messaging.ErrLocked, messaging.ErrStore, sealedfile.ErrWrite, sealedfile.ErrFile} {
		if errors.Is(err, local) {
			return true
		}
	}
	return ctx.Err() != nil || client.Unanswered(err)
}

// addGroup takes a group into the address book, by a name that is free: its title, and, of an owner who
// is no contact, the owner's ID too. Otherwise a stranger could give a group the name of somebody whom
// the user is about to write to.
func (m *Mailbox) addGroup(ctx context.Context, state *messaging.ChannelState, title string) error {
	if CheckName(title) != nil {
		title = "group"
	}
	if _, known := m.ContactOf(state.Owner); !known && state.Owner != m.self {
		id := "." + pq.FormatID(state.Owner)[:10]
		title = title[:min(len(title), MaxName-len(id))] + id
	}
	return m.update(ctx, func(e *entries) error {
		taken := func(name string) bool {
			return slices.ContainsFunc(e.Contacts, func(c Contact) bool { return c.Name == name }) ||
				slices.ContainsFunc(e.Groups, func(g Group) bool { return g.Chain == m.chainID && g.Name == name })
		}
		if slices.ContainsFunc(e.Groups, func(g Group) bool { return g.Channel == state.ID }) {
			return nil
		}
		name := title
		for n := 2; taken(name); n++ {
			suffix := fmt.Sprintf("-%d", n)
			name = title[:min(len(title), MaxName-len(suffix))] + suffix
		}
		e.Groups = append(e.Groups, Group{Name: name, Chain: m.chainID, Channel: state.ID, Owner: state.Owner, Seen: state.Number})
		return nil
	})
}

// titleSessions is how many of a group's latest sessions are looked through for its title.
const titleSessions = 8

// groupTitle returns what a channel's owner calls it, in the latest session where it does.
func (m *Mailbox) groupTitle(ctx context.Context, state *messaging.ChannelState) (title string, err error) {
	sessions, err := m.messenger.ChannelSessions(ctx, messaging.Channel{ID: state.ID}, ids.Empty)
	if err != nil {
		return "", err
	}
	for _, session := range slices.Backward(sessions[max(0, len(sessions)-titleSessions):]) {
		c, err := m.Join(ctx, Peer{Channel: state.ID}, session)
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
