package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

type sessionsResult struct {
	Sessions []sessionRow `json:"sessions"`
	Invited  int          `json:"invited"`  // how many messages are in invitations that nobody has answered
	Requests bool         `json:"requests"` // whether others have made public sessions that name this identity, and that it has not acted in
}

type sessionRow struct {
	Session      ids.ID            `json:"session"`
	Status       string            `json:"status"`
	Messages     uint64            `json:"messages"`
	Created      time.Time         `json:"created"`
	Expires      time.Time         `json:"expires"`
	Participants []string          `json:"participants"`
	Channel      ids.ID            `json:"channel,omitzero"`
	Private      bool              `json:"private,omitempty"` // the participants are pseudonyms
	With         string            `json:"with,omitempty"`    // who the other one of a private session of two is
	Group        string            `json:"group,omitempty"`   // what the user calls the private group whose session it is
	Metadata     map[string]string `json:"metadata,omitempty"`

	with ids.ID
}

func newRow(summary *client.SessionSummary) sessionRow {
	return sessionRow{
		Session: summary.ID, Status: printable(summary.Status, ""), Messages: summary.Messages, Created: summary.Created,
		Expires: summary.Expires, Participants: formatIDs(summary.Participants), Channel: summary.Channel, Metadata: summary.Metadata,
	}
}

func newSessions(s *shell) *cobra.Command {
	var limit int
	var requests bool
	c := &cobra.Command{
		Use:   "sessions",
		Short: "List this identity's sessions, newest first",
		Long: "List the private sessions of this identity, and the public ones in which it has made, sent, acknowledged,\n" +
			"rotated or closed something, newest first. Anybody can make a public session that names anybody else: those\n" +
			"that others have made and that wait for a first answer are listed with --requests. With --public there are\n" +
			"no private ones.",
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			m, err := s.openMailbox(c.Context(), identity, n)
			if err != nil {
				return err
			}
			result := sessionsResult{Sessions: []sessionRow{}}
			if !requests && !s.isPublic() {
				if err := s.addPrivate(c.Context(), m, &result, limit); err != nil {
					return err
				}
			}
			if err := addPublic(c.Context(), n, m.Self(), &result, requests, limit); err != nil {
				return err
			}
			return s.show(result, func(w io.Writer) { sessionTable(w, m, &result, requests) })
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, "at most so many")
	c.Flags().BoolVar(&requests, "requests", false, "those that others have made, and that this identity has not answered")
	return c
}

// addPrivate adds the private sessions, newest first. The node is asked for each alone.
func (s *shell) addPrivate(ctx context.Context, m *mailbox.Mailbox, result *sessionsResult, limit int) error {
	pairs, err := m.Private(ctx)
	if err != nil && len(pairs) == 0 {
		return err
	} else if err != nil {
		s.note("WARNING: %v", err)
	}
	for _, pair := range slices.Backward(pairs) {
		if pair.Session == ids.Empty {
			result.Invited += len(pair.Said)
			continue
		}
		if len(result.Sessions) == limit {
			break
		}
		row := sessionRow{Session: pair.Session, With: pq.FormatID(pair.With), with: pair.With}
		if err := result.addRow(ctx, m, row); err != nil {
			return err
		}
	}
	groups, err := m.PrivateGroups()
	if err != nil {
		return err
	}
	for _, g := range groups {
		for _, session := range slices.Backward(g.Sessions[max(0, len(g.Sessions)-limit):]) {
			if err := result.addRow(ctx, m, sessionRow{Session: session, Group: m.Title(mailbox.Peer{Group: g.ID})}); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(result.Sessions, func(a, b sessionRow) int { return b.Created.Compare(a.Created) })
	result.Sessions = result.Sessions[:min(limit, len(result.Sessions))]
	return nil
}

// addRow adds a private session with what the node says of it.
func (r *sessionsResult) addRow(ctx context.Context, m *mailbox.Mailbox, row sessionRow) error {
	made, err := m.SessionInfo(ctx, row.Session)
	if err != nil && !errors.Is(err, refusal.ErrUnknownSession) {
		return err
	}
	shown := sessionRow{Session: row.Session, Status: "forgotten"}
	if err == nil {
		shown = newRow(&made.SessionSummary)
	}
	shown.Private, shown.With, shown.with, shown.Group = true, row.With, row.with, row.Group
	r.Sessions = append(r.Sessions, shown)
	return nil
}

// addPublic adds the sessions that name this identity, as the node lists them.
func addPublic(ctx context.Context, n *node, self ids.ID, result *sessionsResult, requests bool, limit int) error {
	params := client.ListSessionsParams{Participant: self, Requests: requests}
	count := 0
	err := n.EachSession(ctx, params, limit, func(s *client.SessionSummary) bool {
		result.Sessions = append(result.Sessions, newRow(s))
		count++
		return count < limit
	})
	if result.Requests = requests && count > 0; err != nil || requests {
		return err
	}
	page, err := n.ListSessions(ctx, client.ListSessionsParams{Participant: self, Requests: true, Limit: 1})
	if err == nil {
		result.Requests = len(page.Sessions) > 0
	}
	return err
}

func sessionTable(w io.Writer, m *mailbox.Mailbox, result *sessionsResult, requests bool) {
	if len(result.Sessions) == 0 && requests {
		fmt.Fprintln(w, "No requests.")
		return
	}
	if len(result.Sessions) == 0 {
		fmt.Fprintln(w, `No sessions yet. "session send WHO TEXT" begins one.`)
	} else {
		lines := [][]string{{"SESSION", "KIND", "WITH", "STATUS", "MESSAGES", "EXPIRES"}}
		for _, row := range result.Sessions {
			with, expires := plural(uint64(len(row.Participants)), "participant"), moment(row.Expires)
			switch {
			case row.Group != "":
				with = "group " + row.Group
			case row.Private:
				with = m.NameOf(row.with)
			}
			if row.Expires.IsZero() {
				expires = ""
			}
			lines = append(lines, []string{row.Session.String(), kind(!row.Private), with, row.Status, fmt.Sprint(row.Messages), expires})
		}
		table(w, lines)
	}
	if result.Invited > 0 {
		fmt.Fprintf(w, "%s in invitations that nobody has answered yet.\n", plural(uint64(result.Invited), "message"))
	}
	if result.Requests && !requests {
		fmt.Fprintln(w, `Others have made public sessions that name you and that you have not answered: "session sessions --requests".`)
	}
}
