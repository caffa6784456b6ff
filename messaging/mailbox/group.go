package mailbox

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

// GroupState is a group as it is now.
type GroupState struct {
	Owner   ids.ID
	Members []ids.ID // with this identity; none of a group that is gone
	Invited []ids.ID // of a private group of this identity: those of the Members that have not joined yet
	Session ids.ID   // that takes messages; empty if there is none
	Number  uint64   // of a channel, messaging.ChannelState.Number
}

// NewGroup makes a group that this identity owns: a private one, whose members are asked to join and are in it as
// soon as they have, or with Config.Public a channel. Errors: ErrName, ErrTaken.
func (m *Mailbox) NewGroup(ctx context.Context, name string, members ...ids.ID) (Group, error) {
	if err := CheckName(name); err != nil {
		return Group{}, err
	}
	_, contact := m.Contact(name)
	if _, group := m.Group(m.chainID, name); group || contact {
		return Group{}, refusal.Because(ErrTaken, "%q is a contact or a group already: choose another name", name)
	}
	members = slices.DeleteFunc(slices.Clone(members), func(id ids.ID) bool { return id == m.self })
	if m.config.Public {
		return m.newChannel(ctx, name, members)
	}
	made, err := m.messenger.NewGroup(ctx, name, members...)
	if made == nil {
		return Group{}, err
	}
	group := Group{Name: name, Chain: m.chainID, ID: made.ID, Owner: m.self}
	return group, errors.Join(err, m.update(ctx, func(e *entries) error { e.Groups = append(e.Groups, group); return nil }))
}

// AddMember adds a member to a group of this identity: it reads what comes after, and after it has joined.
func (m *Mailbox) AddMember(ctx context.Context, group Group, member ids.ID) error {
	if group.Public {
		return m.changeChannel(ctx, group, member, m.messenger.AddMember)
	}
	_, err := m.messenger.AddToGroup(ctx, group.ID, member)
	return err
}

// RemoveMember removes a member from a group, or this identity itself: who was removed reads nothing
// of what comes after. What waits for a private group that it leaves is sent nowhere.
func (m *Mailbox) RemoveMember(ctx context.Context, group Group, member ids.ID) error {
	switch {
	case group.Public:
		return m.changeChannel(ctx, group, member, m.messenger.RemoveMember)
	case member == m.self:
		if err := m.messenger.LeaveGroup(ctx, group.ID); err != nil {
			return err
		}
		return m.giveUp(ctx, group.Peer())
	}
	_, err := m.messenger.RemoveFromGroup(ctx, group.ID, member)
	return err
}

// TransferGroup makes another member the owner of a group of this identity.
func (m *Mailbox) TransferGroup(ctx context.Context, group Group, member ids.ID) error {
	if group.Public {
		return m.messenger.TransferChannel(ctx, group.channel(), member)
	}
	_, err := m.messenger.HandOverGroup(ctx, group.ID, member)
	return err
}

// GroupState looks a group up. Of a channel it keeps how much of it was seen. Errors: refusal.ErrUnknownChannel if
// a channel is gone.
func (m *Mailbox) GroupState(ctx context.Context, group Group) (*GroupState, error) {
	if group.Public {
		return m.channelState(ctx, group)
	}
	g, err := m.messenger.Group(ctx, group.ID)
	if g == nil {
		return nil, err
	}
	if err != nil {
		m.warn(fmt.Errorf("group %s: %w", group.Name, err))
	}
	state := &GroupState{Owner: g.Owner, Members: g.Members, Invited: g.Invited, Session: g.Open}
	if g.Out {
		state.Members = nil
	}
	return state, m.sawOwner(ctx, group, state)
}

// PrivateGroups returns the private groups as they are known here: no node is asked.
func (m *Mailbox) PrivateGroups() ([]*messaging.Group, error) { return m.messenger.Groups() }

// sawOwner keeps what was seen of a group.
func (m *Mailbox) sawOwner(ctx context.Context, group Group, state *GroupState) error {
	if state.Number == group.Seen && state.Owner == group.Owner {
		return nil
	}
	return m.update(ctx, func(e *entries) error {
		for i := range e.Groups {
			if kept := &e.Groups[i]; kept.ID == group.ID && kept.Seen <= state.Number {
				kept.Seen, kept.Owner = state.Number, state.Owner
			}
		}
		return nil
	})
}

// groupSessions returns the sessions of a private group, oldest first.
func (m *Mailbox) groupSessions(ctx context.Context, id ids.ID) (all []ids.ID, open ids.ID, err error) {
	g, err := m.messenger.Group(ctx, id)
	if err == nil && g.Open == ids.Empty && g.Owner != m.self { // it may be asked anew
		var joined bool
		if joined, err = m.joinOf(ctx, g.Owner); err == nil && joined {
			g, err = m.messenger.Group(ctx, id)
		}
	}
	if err != nil && (passing(ctx, err) || g == nil) {
		return nil, ids.Empty, err
	} else if err != nil { // what can't be done now hides nothing of what was said
		m.warn(fmt.Errorf("group %s: %w", m.Title(Peer{Group: id}), err))
	}
	return g.Sessions, g.Open, nil
}

// Discover takes into the address book the groups that others have put this identity in, if their owner is wanted. Private
// groups that a contact asks to join are joined.
func (m *Mailbox) Discover(ctx context.Context, wanted func(owner ids.ID) bool) error {
	contacts, _, err := m.messenger.Invitations(ctx)
	if err != nil {
		return err
	}
	asked := make(map[ids.ID]bool)
	for _, i := range contacts {
		if _, known := m.ContactOf(i.From); !i.Group || !known || asked[i.From] || !wanted(i.From) {
			continue
		}
		asked[i.From] = true
		if _, err := m.messenger.JoinGroups(ctx, i.From); err != nil {
			if passing(ctx, err) {
				return err
			}
			m.warn(fmt.Errorf("a group of %s is not joined: %w", m.Title(Peer{Person: i.From}), err)) // it hides nobody else's
		}
	}
	if err := m.knowGroups(ctx); err != nil {
		return err
	}
	return m.discoverChannels(ctx, wanted)
}

// joinOf joins the private groups that somebody asks to, and reports whether there were some.
func (m *Mailbox) joinOf(ctx context.Context, owner ids.ID) (bool, error) {
	contacts, _, err := m.messenger.Invitations(ctx)
	if err != nil || !slices.ContainsFunc(contacts, func(i messaging.Invitation) bool { return i.Group && i.From == owner }) {
		return false, err
	}
	_, err = m.messenger.JoinGroups(ctx, owner)
	return true, err
}

// knowGroups takes the private groups that were joined into the address book.
func (m *Mailbox) knowGroups(ctx context.Context) error {
	groups, err := m.messenger.Groups()
	if err != nil {
		return err
	}
	for _, g := range groups {
		if _, known := m.GroupOf(g.ID); !known && !g.Out {
			if err := m.addGroup(ctx, Group{Chain: m.chainID, ID: g.ID, Owner: g.Owner}, g.Title); err != nil {
				return err
			}
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
func (m *Mailbox) addGroup(ctx context.Context, group Group, title string) error {
	if CheckName(title) != nil {
		title = "group"
	}
	if _, known := m.ContactOf(group.Owner); !known && group.Owner != m.self {
		id := "." + pq.FormatID(group.Owner)[:10]
		title = title[:min(len(title), MaxName-len(id))] + id
	}
	return m.update(ctx, func(e *entries) error {
		taken := func(name string) bool {
			return slices.ContainsFunc(e.Contacts, func(c Contact) bool { return c.Name == name }) ||
				slices.ContainsFunc(e.Groups, func(g Group) bool { return g.Chain == m.chainID && g.Name == name })
		}
		if slices.ContainsFunc(e.Groups, func(g Group) bool { return g.ID == group.ID }) {
			return nil
		}
		group.Name = title
		for n := 2; taken(group.Name); n++ {
			suffix := fmt.Sprintf("-%d", n)
			group.Name = title[:min(len(title), MaxName-len(suffix))] + suffix
		}
		e.Groups = append(e.Groups, group)
		return nil
	})
}
