package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
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
		Long: `A group is a channel on the chain, with an owner and members. Its sessions are its key
epochs: when a member comes or goes, the session is closed and the next one made. So who was
removed reads nothing of what comes after, and who is new nothing of before. Groups are public:
the chain shows who is in them.

The owner adds and removes members and can hand the group over. Everybody else can leave. A group
whose owner leaves is gone. What the group is called is told inside the encryption.`,
	})
	c.AddCommand(newGroupCreate(s), newGroupAdd(s), newGroupRemove(s), newGroupHandover(s), newGroupList(s))
	return c
}

type groupResult struct {
	Name    string   `json:"name"`
	Channel ids.ID   `json:"channel"`
	Owner   string   `json:"owner"`
	Members []string `json:"members"`          // as the chain has them; none of a group that is gone
	Session ids.ID   `json:"session,omitzero"` // in use; none if it is over

	owner   ids.ID
	members []ids.ID
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
			members = append(members, label(m, member))
		}
		fields(w, "Group", result.Name, "Channel", result.Channel.String(), "Owner", label(m, result.owner),
			"Members", strings.Join(members, "\n\t"), "Session", result.Session.String())
	})
}

func describe(ctx context.Context, m *mailbox.Mailbox, group mailbox.Group) (groupResult, error) {
	result := groupResult{Name: group.Name, Channel: group.Channel, owner: group.Owner}
	state, err := m.GroupState(ctx, group)
	if err != nil && !errors.Is(err, refusal.ErrUnknownChannel) {
		return result, err
	}
	if err == nil {
		result.owner, result.members = state.Owner, state.Members
		if state.Open {
			result.Session = state.Session
		}
	}
	result.Owner, result.Members = pq.FormatID(result.owner), formatIDs(result.members)
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
			if !s.isPublic() {
				return usage("groups are public so far: the chain shows their members. Make it with --public, or write to each alone")
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
				if err != nil {
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
	return s.groupChange("add", "Add a member (owner only): it reads what comes after", (*mailbox.Mailbox).AddMember)
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
		group, ok := m.GroupOf(peer.Channel)
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
		fmt.Fprintln(w, `No groups yet. Make one with "session group create NAME --with WHO --public".`)
		return
	}
	name := func(id ids.ID) string { return cmp.Or(nameOf(m, id), m.NameOf(id)) }
	lines := [][]string{{"GROUP", "OWNER", "MEMBERS"}}
	for _, g := range groups {
		var members []string
		for _, member := range g.members {
			members = append(members, name(member))
		}
		lines = append(lines, []string{g.Name, name(g.owner), strings.Join(members, ", ")})
	}
	table(w, lines)
}
