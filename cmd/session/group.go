package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func newGroup(s *shell) *cobra.Command {
	c := group(&cobra.Command{
		Use:   "group",
		Short: "Make and change groups",
		Long: `A group has an owner and members. When a member comes or goes, its session is closed and the
next one made. So who was removed reads nothing of what comes after, and who is new nothing of
before. The owner adds and removes members and can hand the group over. Everybody else can leave.
A group whose owner leaves is gone. What it is called is told inside the encryption.

A group is private: the chain shows neither who is in it, nor which of its sessions follows which.
Its members are asked to join, and are in it once they have, and the owner has looked. Contacts of
the owner join when they read or list their groups, others with "session requests accept".
With --public it is a channel on the chain, which shows who is in it.`,
	})
	c.AddCommand(newGroupCreate(s), newGroupAdd(s), newGroupRemove(s), newGroupHandover(s), newGroupList(s))
	return c
}

type groupResult struct {
	Name    string   `json:"name"`
	Private bool     `json:"private"`          // the chain shows nothing of it
	Channel ids.ID   `json:"channel,omitzero"` // of a public one
	Owner   string   `json:"owner"`
	Members []string `json:"members"`           // none of a group that is gone, or that this identity is not in any more
	Invited []string `json:"invited,omitempty"` // of the members, those who have not joined yet
	Session ids.ID   `json:"session,omitzero"`  // in use; none if it is over

	owner            ids.ID
	members, invited []ids.ID
}

// showGroup shows a group as it is on the chain. One that is gone has no members.
func (s *shell) showGroup(ctx context.Context, m *mailbox.Mailbox, group mailbox.Group) error {
	result, err := describe(ctx, m, group)
	if err != nil {
		return err
	}
	return s.show(result, func(w io.Writer) {
		var members []string
		for _, member := range result.members {
			text := label(m, member)
			if slices.Contains(result.invited, member) {
				text += "  (asked to join)"
			}
			members = append(members, text)
		}
		pairs := []string{"Group", result.Name + "  " + kind(!result.Private)}
		if !result.Private {
			pairs = append(pairs, "Channel", result.Channel.String())
		}
		pairs = append(pairs, "Owner", label(m, result.owner), "Members", strings.Join(members, "\n\t"))
		if result.Session != ids.Empty {
			pairs = append(pairs, "Session", result.Session.String())
		}
		fields(w, pairs...)
	})
}

func describe(ctx context.Context, m *mailbox.Mailbox, group mailbox.Group) (groupResult, error) {
	result := groupResult{Name: group.Name, Private: !group.Public, owner: group.Owner}
	if group.Public {
		result.Channel = group.ID
	}
	state, err := m.GroupState(ctx, group)
	if err != nil && !errors.Is(err, refusal.ErrUnknownChannel) {
		return result, err
	}
	if err == nil {
		result.owner, result.members, result.invited, result.Session = state.Owner, state.Members, state.Invited, state.Session
	}
	result.Owner, result.Members, result.Invited = pq.FormatID(result.owner), formatIDs(result.members), formatIDs(result.invited)
	return result, nil
}

func newGroupCreate(s *shell) *cobra.Command {
	var with []string
	c := &cobra.Command{
		Use:   "create NAME --with WHO[,WHO...]",
		Short: "Make a group that this identity owns",
		Args:  exactly("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := mailbox.CheckName(args[0]); err != nil {
				return err
			}
			if len(with) == 0 {
				return usage("who is in the group? Use --with WHO[,WHO...]")
			}
			for _, name := range with {
				if err := mailbox.CheckPeer(name); err != nil {
					return err
				}
			}
			return s.withMailbox(c.Context(), func(m *mailbox.Mailbox) error {
				members, err := m.Identities(with...)
				if err != nil {
					return err
				}
				made, err := m.NewGroup(c.Context(), args[0], members...)
				if err != nil && made.Name != "" { // it goes on when the group is used
					s.note("WARNING: not all are asked to join yet: %v", err)
				} else if err != nil {
					return err
				}
				return s.showGroup(c.Context(), m, made)
			})
		},
	}
	c.Flags().StringSliceVar(&with, "with", nil, "names or IDs of the other members")
	return c
}

func newGroupAdd(s *shell) *cobra.Command {
	return s.groupChange("add", "Add a member (owner only): it reads what comes after it is in", (*mailbox.Mailbox).AddMember)
}

func newGroupRemove(s *shell) *cobra.Command {
	c := s.groupChange("remove", "Remove a member (the owner can), or leave (WHO is \"me\")", (*mailbox.Mailbox).RemoveMember)
	c.Long = `Remove a member, or leave: WHO is then "me". The session is closed and the next one made: who
was removed reads nothing of what comes after.`
	return c
}

func newGroupHandover(s *shell) *cobra.Command {
	return s.groupChange("handover", "Make another member the owner (owner only)", (*mailbox.Mailbox).TransferGroup)
}

// groupChange makes a command that changes something about an identity in a group.
func (s *shell) groupChange(name, short string, change func(*mailbox.Mailbox, context.Context, mailbox.Group, ids.ID) error) *cobra.Command {
	return &cobra.Command{
		Use:   name + " NAME WHO",
		Short: short,
		Args:  exactly("NAME", "WHO"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.changeGroup(c.Context(), args, change)
		},
	}
}

// changeGroup changes something about the identity and the group that the user names.
func (s *shell) changeGroup(ctx context.Context, args []string, change func(*mailbox.Mailbox, context.Context, mailbox.Group, ids.ID) error) error {
	return s.withPeer(ctx, args[0], func(m *mailbox.Mailbox, peer mailbox.Peer) error {
		group, ok := m.GroupOf(peer.Group)
		if !ok {
			return usage("%q is no group", args[0])
		}
		member := m.Self()
		if args[1] != mailbox.Me {
			all, err := m.Identities(args[1])
			if err != nil {
				return err
			}
			member = all[0]
		}
		if err := change(m, ctx, group, member); err != nil {
			return err
		}
		return s.showGroup(ctx, m, group)
	})
}

type groupsResult struct {
	Groups []groupResult `json:"groups"`
}

func newGroupList(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the groups that this identity is or was in",
		Args:  exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			return s.withMailbox(c.Context(), func(m *mailbox.Mailbox) error {
				if err := m.Discover(c.Context(), func(ids.ID) bool { return true }); err != nil {
					return err
				}
				result := groupsResult{Groups: []groupResult{}}
				for _, group := range m.Groups(m.Chain()) {
					described, err := describe(c.Context(), m, group)
					if err != nil {
						return err
					}
					result.Groups = append(result.Groups, described)
				}
				return s.show(result, func(w io.Writer) { groupTable(w, m, result.Groups) })
			})
		},
	}
}

func groupTable(w io.Writer, m *mailbox.Mailbox, groups []groupResult) {
	if len(groups) == 0 {
		fmt.Fprintln(w, `No groups yet. Make one with "session group create NAME --with WHO".`)
		return
	}
	name := func(id ids.ID) string { return cmp.Or(nameOf(m, id), m.NameOf(id)) }
	lines := [][]string{{"GROUP", "KIND", "OWNER", "MEMBERS"}}
	for _, g := range groups {
		var members []string
		for _, member := range g.members {
			members = append(members, name(member))
		}
		lines = append(lines, []string{g.Name, kind(!g.Private), name(g.owner), strings.Join(members, ", ")})
	}
	table(w, lines)
}
