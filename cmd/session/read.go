package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/rpc/client"
)

const (
	// followWait is how long the node is asked to wait for the next message.
	followWait = 10 * time.Second
	// followPause is how long to wait before asking a node again that did not answer.
	followPause = 2 * time.Second
)

func newRead(s *shell) *cobra.Command {
	var (
		follow bool
		from   uint64
	)
	c := &cobra.Command{
		Use:   "read SESSION",
		Short: "Read the messages of a session",
		Long: `Read the messages of a session: each is checked (its ID, and its sender's signature with
the key that the sender's ID commits to) and decrypted. One that does not verify or decrypt,
or that the node leaves out, is shown as such, and the exit status is 1.

With --follow it goes on with what comes, until it is interrupted. With --json each message
is one line.`,
		Args: exactly("SESSION"),
		RunE: func(c *cobra.Command, args []string) error {
			session, err := parseSession(args[0])
			if err != nil {
				return err
			}
			return s.read(c.Context(), session, from, follow)
		},
	}
	flags := c.Flags()
	flags.BoolVarP(&follow, "follow", "f", false, "wait for more messages")
	flags.Uint64Var(&from, "from", 0, "first sequence to read (default: the oldest there is)")
	return c
}

func (s *shell) read(ctx context.Context, session ids.ID, from uint64, follow bool) error {
	identity, err := s.unlock()
	if err != nil {
		return err
	}
	n, err := s.connect(ctx)
	if err != nil {
		return err
	}
	r, err := n.newReader(ctx, identity, session)
	if err != nil {
		return err
	}
	if r.session.Messages == 0 && !follow {
		s.note("No messages yet.")
	}
	problems := false
	show := func(m received) error {
		problems = problems || m.Problem != ""
		return s.line(m, messageLine(m, identity.ID()))
	}
	next, err := r.each(ctx, from, show)
	for follow && ctx.Err() == nil {
		if isUnreachable(err) {
			s.note("%v\nTrying again.", err)
			pause(ctx, followPause)
		} else if err != nil {
			return err
		}
		next, err = r.await(ctx, next, show)
	}
	if ctx.Err() != nil {
		err = nil // the user had enough
	}
	if err == nil && problems {
		err = errShown
	}
	return err
}

// each shows every message from a sequence on (0: the oldest that the chain still has),
// and returns the sequence after the last one. What the node leaves out is shown as
// missing.
func (r *reader) each(ctx context.Context, from uint64, show func(received) error) (uint64, error) {
	for {
		page, err := r.ListMessages(ctx, client.ListMessagesParams{SessionID: r.session.ID, From: from})
		if err != nil {
			return from, r.failed(err)
		}
		next, err := r.showPage(ctx, from, page, show)
		if err != nil {
			return next, err
		}
		if next > page.Total || (len(page.Messages) == 0 && next == from) {
			return next, nil
		}
		from = next
	}
}

// await shows what follows, and waits for it for a while.
func (r *reader) await(ctx context.Context, from uint64, show func(received) error) (uint64, error) {
	wait := client.Seconds(min(followWait, r.timeout/2))
	page, err := r.ListMessages(ctx, client.ListMessagesParams{SessionID: r.session.ID, From: from, Wait: wait})
	if err != nil {
		return from, r.failed(err)
	}
	if len(page.Messages) > 0 {
		// Somebody's key, or a sender's, may be another by now.
		if again, err := r.newReader(ctx, r.identity, r.session.ID); err != nil {
			return from, err
		} else {
			r.session, r.epoch = again.session, again.epoch
		}
	}
	return r.showPage(ctx, from, page, show)
}

func (r *reader) showPage(ctx context.Context, from uint64, page *client.ListMessagesResult, show func(received) error) (uint64, error) {
	next := from
	for i := range page.Messages {
		m := &page.Messages[i]
		if next == 0 { // the user asked for the oldest
			next = r.oldest(m.Sequence)
		}
		if m.Sequence < next {
			return next, fmt.Errorf("%s answers falsely: sequence %d where %d is next", r.address, m.Sequence, next)
		}
		if m.Sequence > next {
			if err := show(missing(next, m.Sequence-1)); err != nil {
				return next, err
			}
		}
		shown, err := r.open(ctx, m)
		if err != nil {
			return next, err
		}
		if err := show(shown); err != nil {
			return next, err
		}
		next = m.Sequence + 1
	}
	if len(page.Messages) == 0 && next == 0 {
		next = r.oldest(page.Total + 1)
	}
	if len(page.Messages) == 0 && next <= page.Total {
		if err := show(missing(next, page.Total)); err != nil {
			return next, err
		}
		next = page.Total + 1
	}
	return next, nil
}

// oldest returns the first sequence that must be there if the node shows nothing before
// sequence shown: messages leave the chain when their retention is over, and not before.
func (r *reader) oldest(shown uint64) uint64 {
	retention := time.Duration(r.genesis.Retention()) * time.Millisecond
	if shown > 1 && time.Now().After(r.session.Created.Add(retention)) {
		return shown
	}
	return 1
}

// missing stands for messages that the session has and the node does not give.
func missing(first, last uint64) received {
	problem := "missing: the node does not give it (withheld, or past the chain's retention)"
	if last > first {
		problem = fmt.Sprintf("missing up to #%d: the node does not give them (withheld, or past the chain's retention)", last)
	}
	return received{Sequence: first, Problem: problem}
}

func messageLine(m received, self ids.ID) string {
	who := short(m.sender)
	if m.sender == self {
		who = "you"
	}
	when := ""
	if m.Timestamp != nil {
		when = moment(*m.Timestamp)
	}
	if m.Problem != "" {
		if m.sender == ids.Empty {
			who = ""
		}
		return strings.TrimRight(fmt.Sprintf("#%-4d %-19s  %-16s  ", m.Sequence, when, who), " ") + "  !! " + printable(m.Problem, "") + "\n"
	}
	head := fmt.Sprintf("#%-4d %-19s  %-16s  ", m.Sequence, when, who)
	if m.Text == nil {
		return head + fmt.Sprintf("(%d bytes that are no text: use --json)\n", len(m.Data))
	}
	return head + printable(strings.TrimRight(*m.Text, "\n"), strings.Repeat(" ", len(head))) + "\n"
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
