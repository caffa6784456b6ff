package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

type requestRow struct {
	From        string    `json:"from"`
	Name        string    `json:"name,omitempty"` // of a contact, whom "session read" answers
	Time        time.Time `json:"timestamp"`
	Invitations int       `json:"invitations"`
	Groups      int       `json:"groups"` // of the invitations, those that ask to join a private group
}

type requestsResult struct {
	Requests []requestRow `json:"requests"`
}

func newRequests(s *shell) *cobra.Command {
	c := group(&cobra.Command{
		Use:   "requests",
		Short: "List, accept and refuse those who have written to you and are no contacts",
		Long: `List who has invited you to a private session or to join a group, and is not answered. Nothing of what strangers
have written is shown before you accept them; contacts are answered by "session read NAME". An
invitation is signed by who sends it, and nobody else can tell from whom or for whom it is.`,
	})
	help := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return help(c, args)
		}
		return s.withMailbox(c.Context(), func(m *mailbox.Mailbox) error {
			contacts, strangers, err := m.Requests(c.Context())
			if err != nil {
				return err
			}
			result := requestsResult{Requests: []requestRow{}}
			for _, r := range append(contacts, strangers...) {
				result.Requests = append(result.Requests, requestRow{pq.FormatID(r.From), nameOf(m, r.From), r.Time, r.Invitations, r.Groups})
			}
			return s.show(result, func(w io.Writer) { requestTable(w, result.Requests) })
		})
	}
	c.AddCommand(
		s.newAnswer("accept WHO [NAME]", "Answer somebody: make the private session that they invite to, join their groups, and name them", (*mailbox.Mailbox).Accept),
		s.newAnswer("decline WHO", "Forget what somebody has written; they are not told", (*mailbox.Mailbox).Decline),
		s.newAnswer("block WHO", "Forget what somebody has written, and take no more of it; they are not told", block(true)),
		s.newAnswer("unblock WHO", "Take invitations of somebody again", block(false)),
	)
	return c
}

func requestTable(w io.Writer, rows []requestRow) {
	if len(rows) == 0 {
		fmt.Fprintln(w, "No requests.")
		return
	}
	lines := [][]string{{"FROM", "CONTACT", "ASKS", "LAST"}}
	for _, row := range rows {
		asks := plural(uint64(row.Invitations-row.Groups), "message")
		if row.Groups > 0 {
			asks += ", " + plural(uint64(row.Groups), "group")
		}
		lines = append(lines, []string{row.From, cmp.Or(row.Name, "-"), asks, moment(row.Time)})
	}
	table(w, lines)
	fmt.Fprintln(w, `A contact is answered by "session read NAME", somebody else by "session requests accept WHO NAME".`)
}

func block(blocked bool) func(*mailbox.Mailbox, context.Context, ids.ID) error {
	return func(m *mailbox.Mailbox, ctx context.Context, id ids.ID) error { return m.Block(ctx, id, blocked) }
}

type answerResult struct {
	From string `json:"from"`
	Name string `json:"name,omitempty"`
	Done string `json:"done"`
}

// newAnswer makes a command about somebody's invitations.
func (s *shell) newAnswer(use, short string, answer func(*mailbox.Mailbox, context.Context, ids.ID) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short}
	c.Args = exactly("WHO")
	if c.Name() == "accept" {
		c.Args = between(1, "WHO", "NAME")
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		result := answerResult{Done: c.Name()}
		if len(args) == 2 {
			if result.Name = args[1]; mailbox.CheckName(result.Name) != nil {
				return mailbox.CheckName(result.Name)
			}
		}
		return s.withMailbox(c.Context(), func(m *mailbox.Mailbox) error {
			all, err := m.Identities(args[0])
			if err == nil {
				err = answer(m, c.Context(), all[0])
			}
			if err == nil && result.Name != "" {
				err = m.Add(c.Context(), result.Name, all[0], false)
			}
			if err != nil {
				return err
			}
			result.From = pq.FormatID(all[0])
			return s.show(result, func(w io.Writer) { fields(w, "Done", result.Done, "Identity", result.From, "Name", result.Name) })
		})
	}
	return c
}
