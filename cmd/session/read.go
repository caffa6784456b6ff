package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
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
not open is shown as such, and the exit status is 1. What a contact has written in an invitation
is answered by making the private session that it is for; what strangers have, with "session requests".

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
	*mailbox.Mailbox
	shell   *shell
	peer    mailbox.Peer
	options readOptions
	session ids.ID // shown last
	shown   int
	refused bool
}

func (s *shell) read(ctx context.Context, from string, options readOptions) error {
	return s.withPeer(ctx, from, func(m *mailbox.Mailbox, peer mailbox.Peer) error {
		r := &reading{Mailbox: m, shell: s, peer: peer, options: options}
		err := r.all(ctx)
		if err == nil && options.follow {
			err = r.follow(ctx)
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
	})
}

// all shows what there is, session by session.
func (r *reading) all(ctx context.Context) error {
	sessions, open, err := r.Sessions(ctx, r.peer)
	if err != nil {
		return err
	}
	for _, id := range sessions {
		c, err := r.Join(ctx, r.peer, id)
		if errors.Is(err, refusal.ErrUnknownSession) {
			err = r.kept(id, err)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		if _, err = c.Fetch(ctx); err == nil && id == open {
			err = r.send(ctx, c)
		}
		entries := c.Entries()
		if errors.Is(err, refusal.ErrUnknownSession) && len(entries) > 0 {
			err = nil // the chain has forgotten it, and what was said is here
		}
		c.Close()
		if showErr := r.show(entries, entries); err == nil {
			err = showErr
		}
		if err != nil {
			return err
		}
	}
	waiting, err := r.Invited(r.peer)
	if err != nil {
		return err
	}
	return r.show(waiting, waiting)
}

// send sends what waits for a session of the peer, and receives that.
func (r *reading) send(ctx context.Context, c *mailbox.Conversation) error {
	if r.Outbox(r.peer) == 0 {
		return nil
	}
	if _, err := c.Resend(ctx); err != nil {
		if errors.Is(err, messaging.ErrQueued) || errors.Is(err, messaging.ErrUnsent) {
			r.shell.note("WARNING: %s", r.shell.explain(err))
			return nil
		}
		return err
	}
	_, err := c.Fetch(ctx)
	return err
}

// kept shows the history of a session that the chain has forgotten, or returns why there is none.
func (r *reading) kept(session ids.ID, why error) error {
	entries, err := r.Kept(session)
	if err == nil && len(entries) == 0 {
		err = why
	}
	if err != nil {
		return err
	}
	return r.show(entries, entries)
}

// follow shows what comes, in the session that is in use and in those that follow it. Between
// looking it lets go of the session, so that other commands can use it.
func (r *reading) follow(ctx context.Context) error {
	for ctx.Err() == nil {
		err := r.next(ctx)
		if isUnreachable(err) {
			r.shell.note("%s\nTrying again.", r.shell.explain(err))
			pause(ctx, followPause)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// next shows what is new in the last session, and waits a while for more.
func (r *reading) next(ctx context.Context) error {
	c, err := r.Latest(ctx, r.peer)
	if errors.Is(err, mailbox.ErrNoSession) || errors.Is(err, refusal.ErrUnknownSession) && r.peer.Session == ids.Empty { // none yet, or again
		pause(ctx, followPause)
		return nil
	} else if err != nil {
		return err
	}
	fresh, err := c.Fetch(ctx)
	c.Close()
	if showErr := r.show(fresh, c.Entries()); err == nil {
		err = showErr
	}
	if err != nil {
		return err
	}
	return r.AwaitMessage(ctx, c.ID(), c.Next(), min(followWait, r.shell.timeout/2))
}

// show prints entries, of all that are in the history of their session.
func (r *reading) show(entries, all []mailbox.Entry) error {
	for i := range entries {
		e := &entries[i]
		r.refused = r.refused || e.Kind == messaging.KindRefused && !mailbox.Opened(all, e)
		if e.Sequence != 0 && e.Sequence < r.options.from {
			continue
		}
		private := r.peer.Private()
		quiet := e.Kind == messaging.KindRotated || e.Kind == messaging.KindGroup || e.Kind == messaging.KindRevealed && private // that is how it begins
		if !r.shell.json && (quiet && !r.options.keys || e.Kind == messaging.KindTitle) {
			continue
		}
		text := ""
		if r.peer.Session == ids.Empty && r.session != e.Session && e.Session != ids.Empty { // more than one session: say which
			text = fmt.Sprintf("-- %s session %s\n", kind(!private), e.Session)
		}
		r.session = e.Session
		r.shown++
		h := printed(e)
		if err := r.shell.line(h, text+h.text(r.Mailbox)); err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
