package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

const (
	// followWait is how long the node is asked to wait for the next message.
	followWait = 5 * time.Second
	// followPause is how long to wait before asking a node again that did not answer.
	followPause = 2 * time.Second
)

type readOptions struct {
	follow, keys bool
	from         uint64
}

func newRead(s *shell) *cobra.Command {
	var options readOptions
	c := &cobra.Command{
		Use:   "read FROM",
		Short: "Read messages",
		Long: `Read the messages with a contact, of a group, or of a session: each is checked (its
sender's signature with the keys that the sender's ID commits to) and decrypted. One that does
not open is shown as such, and the exit status is 1.

Keys are erased as messages are read. What was read is kept in an encrypted file, and shown
from there the next time. With --follow it goes on with what comes, until it is interrupted.
With --json everything that happened is one line each.`,
		Args: exactly("FROM"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.read(c.Context(), args[0], options)
		},
	}
	flags := c.Flags()
	flags.BoolVarP(&options.follow, "follow", "f", false, "wait for more messages")
	flags.BoolVar(&options.keys, "keys", false, "show also when members changed their keys")
	flags.Uint64Var(&options.from, "from", 0, "first sequence to show")
	return c
}

// reading is what is shown of one or more sessions.
type reading struct {
	*mailbox
	shell   *shell
	options readOptions
	several bool   // more than one session: say which
	session ids.ID // shown last
	shown   int
	refused bool
}

func (s *shell) read(ctx context.Context, from string, options readOptions) error {
	m, t, err := s.openTarget(ctx, from)
	if err != nil {
		return err
	}
	r := &reading{mailbox: m, shell: s, options: options, several: t.session == ids.Empty}
	if err = r.all(ctx, t); err == nil && options.follow {
		err = r.follow(ctx, t)
	}
	switch {
	case ctx.Err() != nil:
		err = nil // the user had enough
	case err == nil && r.shown == 0:
		s.note("No messages yet.")
	}
	if err == nil && r.refused {
		err = errShown
	}
	return err
}

// all shows what there is, session by session.
func (r *reading) all(ctx context.Context, t target) error {
	sessions, _, err := r.sessions(ctx, t)
	if err != nil {
		return err
	}
	for _, id := range sessions {
		c, err := r.joinOf(ctx, t, id)
		if err != nil {
			return err
		}
		_, err = c.fetch(ctx)
		if errors.Is(err, refusal.ErrUnknownSession) && len(c.history.all) > 0 {
			err = nil // the chain has forgotten it, and what was said is here
		}
		if showErr := r.show(c.history.all, c.history.all); err == nil {
			err = showErr
		}
		c.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// follow shows what comes, in the session that is in use and in those that follow it. Between
// looking it lets go of the session, so that other commands can use it.
func (r *reading) follow(ctx context.Context, t target) error {
	for ctx.Err() == nil {
		err := r.next(ctx, t)
		if isUnreachable(err) {
			r.shell.note("%v\nTrying again.", err)
			pause(ctx, followPause)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// next shows what is new in the last session, and waits a while for more.
func (r *reading) next(ctx context.Context, t target) error {
	sessions, _, err := r.sessions(ctx, t)
	if err != nil {
		return err
	}
	if len(sessions) == 0 {
		pause(ctx, followPause)
		return nil
	}
	c, err := r.joinOf(ctx, t, sessions[len(sessions)-1])
	if err != nil {
		return err
	}
	fresh, err := c.fetch(ctx)
	id, next := c.session.ID(), c.session.Next()
	if showErr := r.show(fresh, c.history.all); err == nil {
		err = showErr
	}
	c.close()
	if err != nil {
		return err
	}
	wait := client.Seconds(min(followWait, r.timeout/2))
	_, err = r.ListMessages(ctx, client.ListMessagesParams{SessionID: id, From: next, Limit: 1, Wait: wait})
	return r.failed(err)
}

// show prints what happened, of all that happened in its session.
func (r *reading) show(happened, all []happening) error {
	for i := range happened {
		h := &happened[i]
		r.refused = r.refused || h.Kind == kindRefused && !opened(all, h)
		if h.Sequence != 0 && h.Sequence < r.options.from {
			continue
		}
		if !r.shell.json && (h.Kind == kindKeys && !r.options.keys || h.Kind == kindTitle) {
			continue
		}
		text := ""
		if r.several && r.session != h.Session {
			text = fmt.Sprintf("-- session %s\n", h.Session)
		}
		r.session = h.Session
		r.shown++
		if err := r.shell.line(h.printed(), text+r.text(h)); err != nil {
			return err
		}
	}
	return nil
}

// printed is what others may see of it: who has a manifest can read the file.
func (h *happening) printed() *happening {
	shown := *h
	shown.Manifest, shown.Begun = nil, 0
	return &shown
}

// opened reports whether a message that did not open was opened later.
func opened(happened []happening, refused *happening) bool {
	for i := range happened {
		switch h := &happened[i]; h.Kind {
		case kindMessage, kindFile, kindTitle, kindRevealed:
			if h.Sequence == refused.Sequence {
				return true
			}
		}
	}
	return false
}

// text writes what happened for people.
func (m *mailbox) text(h *happening) string {
	when := ""
	if h.Timestamp != nil {
		when = moment(*h.Timestamp)
	}
	who := ""
	if h.sender != ids.Empty {
		who = m.nameOf(h.sender)
	}
	if h.Own || h.sender == m.self {
		who = "you"
	}
	place := ""
	if h.Sequence > 0 {
		place = "#" + number(h.Sequence)
	}
	head := fmt.Sprintf("%-5s %-19s  %-16s  ", place, when, who)
	said := func(format string, args ...any) string {
		return fmt.Sprintf("%-5s %-19s  -- %s\n", "", when, fmt.Sprintf(format, args...))
	}
	switch h.Kind {
	case kindKeys:
		return said("%s encrypts with new keys from #%d on", who, h.Sequence)
	case kindForked:
		return said("!! %s, up to #%d: %s", who, h.To, h.Problem)
	case kindReceipt:
		return said("%s has everything up to #%d, and signed that", who, h.Sequence)
	case kindMissing:
		return said("#%d to #%d are missing: %s", h.Sequence, h.To, h.Problem)
	case kindRevealed:
		id, err := parseIdentityID(h.Identity)
		if err != nil {
			return ""
		}
		return said("%s is %s (%s), and both signed that", who, m.nameOf(id), h.Identity)
	case kindFile:
		return head + fmt.Sprintf("[file %q, %d bytes: \"session save\" #%d]\n", h.File.Name, h.File.Size, h.Sequence)
	case kindTitle:
		return said("%s calls this %q", who, printable(string(h.bytes()), ""))
	case kindRefused, kindUnsent:
		text := head + "!! " + printable(h.Problem, "")
		if h.Text != nil {
			text += ": " + printable(*h.Text, strings.Repeat(" ", len(head)))
		}
		if h.File != nil {
			text += fmt.Sprintf(": [file %q]", h.File.Name)
		}
		return strings.TrimRight(text, " ") + "\n"
	}
	if h.Text == nil {
		return head + fmt.Sprintf("(%d bytes that are no text: use --json)\n", len(h.Data))
	}
	return head + printable(strings.TrimRight(*h.Text, "\n"), strings.Repeat(" ", len(head))) + "\n"
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
