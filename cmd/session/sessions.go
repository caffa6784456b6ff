package main

import (
	"fmt"
	"io"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
)

type sessionsResult struct {
	Sessions []sessionRow `json:"sessions"`
}

type sessionRow struct {
	Session      ids.ID            `json:"session"`
	Status       string            `json:"status"`
	Messages     uint64            `json:"messages"`
	Created      time.Time         `json:"created"`
	Expires      time.Time         `json:"expires"`
	Participants []string          `json:"participants"`
	Channel      ids.ID            `json:"channel,omitzero"`
	Metadata     map[string]string `json:"metadata,omitempty"`
}

func newRow(summary *client.SessionSummary) sessionRow {
	return sessionRow{
		Session: summary.ID, Status: printable(summary.Status, ""), Messages: summary.Messages, Created: summary.Created,
		Expires: summary.Expires, Participants: formatIDs(summary.Participants), Channel: summary.Channel, Metadata: summary.Metadata,
	}
}

func newSessions(s *shell) *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "sessions",
		Short: "List this identity's sessions, newest first",
		Args:  exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			result := sessionsResult{Sessions: []sessionRow{}}
			err = n.EachSession(c.Context(), client.ListSessionsParams{Participant: identity.ID()}, limit, func(s *client.SessionSummary) bool {
				result.Sessions = append(result.Sessions, newRow(s))
				return len(result.Sessions) < limit
			})
			if err != nil {
				return err
			}
			return s.show(result, func(w io.Writer) { sessionTable(w, result.Sessions) })
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, "at most so many")
	return c
}

func sessionTable(w io.Writer, rows []sessionRow) {
	if len(rows) == 0 {
		fmt.Fprintln(w, `No sessions yet. Make one with "session create --with ID".`)
		return
	}
	lines := [][]string{{"SESSION", "STATUS", "MESSAGES", "PARTICIPANTS", "EXPIRES"}}
	for _, row := range rows {
		lines = append(lines, []string{row.Session.String(), row.Status, fmt.Sprint(row.Messages), fmt.Sprint(len(row.Participants)), moment(row.Expires)})
	}
	table(w, lines)
}
