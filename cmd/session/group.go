package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func newGroup(s *shell) *cobra.Command {
	c := group(&cobra.Command{
		Use:   "group",
		Short: "Make and change groups",
		Long: `A group is a channel on the chain, with an owner and members. Its sessions are its key
epochs: when a member comes or goes, the session is closed and the next one made. So who was
removed reads nothing of what comes after, and who is new nothing of before.

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
}

func (s *shell) showGroup(result groupResult, m *mailbox) error {
	return s.show(result, func(w io.Writer) {
		var members []string
		for _, member := range result.Members {
			members = append(members, m.label(member))
		}
		fields(w, "Group", result.Name, "Channel", result.Channel.String(), "Owner", m.label(result.Owner),
			"Members", strings.Join(members, "\n\t"), "Session", result.Session.String())
	})
}

// label is an ID with the name that the user has for it.
func (m *mailbox) label(formatted string) string {
	id, err := parseIdentityID(formatted)
	switch {
	case err == nil && id == m.self:
		return formatted + "  (you)"
	case err == nil && m.contactOf(id) != nil:
		return formatted + "  (" + m.nameOf(id) + ")"
	default:
		return formatted
	}
}

func newGroupCreate(s *shell) *cobra.Command {
	var with []string
	c := &cobra.Command{
		Use:   "create NAME --with WHO[,WHO...]",
		Short: "Make a group that this identity owns",
		Args:  exactly("NAME"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkName(args[0]); err != nil {
				return err
			}
			if len(with) == 0 {
				return usage("who is in the group? Use --with WHO[,WHO...]")
			}
			for _, who := range with {
				if err := checkNamed(who); err != nil {
					return err
				}
			}
			m, err := s.openMailbox(c.Context())
			if err != nil {
				return err
			}
			if m.contact(args[0]) != nil || m.group(m.chainID, args[0]) != nil {
				return usage("%q is a contact or a group already: choose another name", args[0])
			}
			members, err := m.everybody(with)
			if err != nil {
				return err
			}
			channel, session, err := m.messenger.NewChannel(c.Context(), without(members, m.self)...)
			if err != nil {
				return m.failed(err)
			}
			if err := session.Close(); err != nil {
				return err
			}
			made := bookGroup{Name: args[0], Chain: m.chainID, Channel: channel.ID, Owner: m.self}
			if err := m.update(func() error { m.Groups = append(m.Groups, made); return nil }); err != nil {
				return err
			}
			return s.entitled(c.Context(), m, &made)
		},
	}
	c.Flags().StringSliceVar(&with, "with", nil, "names or IDs of the other members")
	return c
}

// entitled tells the members what the group is called, and shows it.
func (s *shell) entitled(ctx context.Context, m *mailbox, g *bookGroup) error {
	if _, _, err := m.send(ctx, target{group: g}, e2ee.ContentTitle, []byte(g.Name)); err != nil {
		return err
	}
	result, err := m.describe(ctx, g)
	if err != nil {
		return err
	}
	return s.showGroup(result, m)
}

// describe looks at a group. One that is gone has no members.
func (m *mailbox) describe(ctx context.Context, g *bookGroup) (groupResult, error) {
	result := groupResult{Name: g.Name, Channel: g.Channel, Owner: pq.FormatID(g.Owner), Members: []string{}}
	of, err := m.look(ctx, g)
	if errors.Is(err, refusal.ErrUnknownChannel) {
		return result, nil
	}
	if err != nil {
		return result, m.failed(err)
	}
	result.Owner, result.Members = pq.FormatID(of.Owner), formatIDs(of.Members)
	if of.Open {
		result.Session = of.Session
	}
	return result, nil
}

func newGroupAdd(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "add NAME WHO",
		Short: "Add a member (owner only): it reads what comes after",
		Args:  exactly("NAME", "WHO"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.changeGroup(c.Context(), args, (*messaging.Messenger).AddMember)
		},
	}
}

func newGroupRemove(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME WHO",
		Short: "Remove a member (the owner can), or leave (WHO is \"me\")",
		Long: `Remove a member, or leave: WHO is then "me". The session is closed and the next one made: who
was removed reads nothing of what comes after.`,
		Args: exactly("NAME", "WHO"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.changeGroup(c.Context(), args, (*messaging.Messenger).RemoveMember)
		},
	}
}

func newGroupHandover(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "handover NAME WHO",
		Short: "Make another member the owner (owner only)",
		Args:  exactly("NAME", "WHO"),
		RunE: func(c *cobra.Command, args []string) error {
			m, g, member, err := s.groupMember(c.Context(), args)
			if err != nil {
				return err
			}
			if err := m.messenger.TransferChannel(c.Context(), g.channel(), member); err != nil {
				return m.failed(err)
			}
			result, err := m.describe(c.Context(), g)
			if err != nil {
				return err
			}
			return s.showGroup(result, m)
		},
	}
}

func (s *shell) changeGroup(ctx context.Context, args []string, change func(*messaging.Messenger, context.Context, messaging.Channel, ids.ID) (*messaging.Session, error)) error {
	m, g, member, err := s.groupMember(ctx, args)
	if err != nil {
		return err
	}
	session, err := change(m.messenger, ctx, g.channel(), member)
	if err != nil {
		return m.failed(err)
	}
	if session == nil { // this identity has left, or is alone
		return s.showGroup(groupResult{Name: g.Name, Channel: g.Channel, Owner: pq.FormatID(g.Owner)}, m)
	}
	if err := session.Close(); err != nil {
		return err
	}
	return s.entitled(ctx, m, g)
}

// groupMember finds the group and the identity that the user names.
func (s *shell) groupMember(ctx context.Context, args []string) (*mailbox, *bookGroup, ids.ID, error) {
	m, t, err := s.openTarget(ctx, args[0])
	if err != nil {
		return nil, nil, ids.Empty, err
	}
	if t.group == nil {
		return nil, nil, ids.Empty, usage("%q is no group", args[0])
	}
	member := m.self
	if args[1] != me {
		member, err = m.who(args[1])
	}
	return m, t.group, member, err
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
			m, err := s.openMailbox(c.Context())
			if err != nil {
				return err
			}
			if err := m.discover(c.Context(), func(ids.ID) bool { return true }); err != nil {
				return err
			}
			result := groupsResult{Groups: []groupResult{}}
			for i := range m.Groups {
				if m.Groups[i].Chain != m.chainID {
					continue
				}
				described, err := m.describe(c.Context(), &m.Groups[i])
				if err != nil {
					return err
				}
				result.Groups = append(result.Groups, described)
			}
			return s.show(result, func(w io.Writer) { groupTable(w, m, result.Groups) })
		},
	}
}

func groupTable(w io.Writer, m *mailbox, groups []groupResult) {
	if len(groups) == 0 {
		fmt.Fprintln(w, `No groups yet. Make one with "session group create NAME --with WHO".`)
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "GROUP\tOWNER\tMEMBERS")
	name := func(formatted string) string {
		if id, err := parseIdentityID(formatted); err == nil && id != m.self {
			return m.nameOf(id)
		}
		return "you"
	}
	for _, g := range groups {
		members := make([]string, len(g.Members))
		for i := range g.Members {
			members[i] = name(g.Members[i])
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", g.Name, name(g.Owner), strings.Join(members, ", "))
	}
	table.Flush()
}
