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
	Requests bool         `json:"requests"` // whether others have made sessions that name this identity, and that it has not acted in
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
	var requests bool
	c := &cobra.Command{
		Use:   "sessions",
		Short: "List this identity's sessions, newest first",
		Long: "List the sessions in which this identity has made, sent, acknowledged, rotated or closed something, newest first.\n" +
			"Anybody can make a session that names anybody else: those that others have made and that wait for a first\n" +
			"answer are listed with --requests.",
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			result := sessionsResult{Sessions: []sessionRow{}}
			params := client.ListSessionsParams{Participant: identity.ID(), Requests: requests}
			err = n.EachSession(c.Context(), params, limit, func(s *client.SessionSummary) bool {
				result.Sessions = append(result.Sessions, newRow(s))
				return len(result.Sessions) < limit
			})
			if err != nil {
				return err
			}
			if result.Requests = requests && len(result.Sessions) > 0; !requests {
				page, err := n.ListSessions(c.Context(), client.ListSessionsParams{Participant: identity.ID(), Requests: true, Limit: 1})
				if err != nil {
					return err
				}
				result.Requests = len(page.Sessions) > 0
			}
			return s.show(result, func(w io.Writer) {
				sessionTable(w, result.Sessions, requests)
				if result.Requests && !requests {
					fmt.Fprintln(w, `Others have made sessions that name you and that you have not answered: "session sessions --requests".`)
				}
			})
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, "at most so many")
	c.Flags().BoolVar(&requests, "requests", false, "those that others have made, and that this identity has not answered")
	return c
}

func sessionTable(w io.Writer, rows []sessionRow, requests bool) {
	if len(rows) == 0 && requests {
		fmt.Fprintln(w, "No requests.")
		return
	}
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
