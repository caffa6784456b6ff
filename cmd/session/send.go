package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
)

type sendResult struct {
	messaging.Sent
	Session ids.ID `json:"session,omitzero"` // none: it went in an invitation, and waits for an answer
	Private bool   `json:"private"`          // the chain shows neither side
}

func newSend(s *shell) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "send TO [TEXT]",
		Short: "Encrypt, sign and send a message or a file",
		Long: `Send a message to a contact, a group, an identity, or into a session: encrypt it to the
members, sign it, and wait until a block holds it. Without TEXT the message is read from
standard input.

With a person it is private: the chain shows neither of you. The first message, and one after a
session is over, goes in an invitation that waits for them; when they read it, a session is made,
and files can be sent too. With --public the session names both of you.

What was encrypted is stored before it leaves: after a crash or a lost connection the next
command sends it again, and it is counted once. A file goes in parts; after an interruption the
same command goes on where it ended.`,
		Args: between(1, "TO", "TEXT"),
		RunE: func(c *cobra.Command, args []string) error {
			if file != "" {
				if len(args) == 2 {
					return usage("send TEXT, or --file %s, and not both at once", file)
				}
				return s.send(c.Context(), args[0], func(m *mailbox.Mailbox, peer mailbox.Peer) (messaging.Sent, ids.ID, error) {
					return m.SendFile(c.Context(), peer, file, s.progress("sent"))
				})
			}
			var text []byte
			if len(args) == 2 {
				text = []byte(args[1])
			} else {
				var err error
				if text, err = unlessInterrupted(s.interrupted, s.readMessage); err != nil {
					return usage("the message on standard input: %w", err)
				}
			}
			if len(text) == 0 {
				return usage("the message is empty")
			}
			return s.send(c.Context(), args[0], func(m *mailbox.Mailbox, peer mailbox.Peer) (messaging.Sent, ids.ID, error) {
				return m.Send(c.Context(), peer, e2ee.ContentText, text)
			})
		},
	}
	c.Flags().StringVar(&file, "file", "", "send this file")
	return c
}

func (s *shell) readMessage() ([]byte, error) { return readAll(s.in, e2ee.MaxContent) }

func (s *shell) send(ctx context.Context, to string, send func(*mailbox.Mailbox, mailbox.Peer) (messaging.Sent, ids.ID, error)) error {
	return s.withPeer(ctx, to, func(m *mailbox.Mailbox, peer mailbox.Peer) error {
		sent, session, err := send(m, peer)
		private := peer.Private()
		if private && s.delay > 0 && errors.Is(err, messaging.ErrQueued) {
			return s.show(sendResult{sent, session, private}, func(w io.Writer) { fields(w, "Stored", err.Error()) })
		}
		if err != nil {
			return err
		}
		return s.show(sendResult{sent, session, private}, func(w io.Writer) {
			if session == ids.Empty && peer.Group != ids.Empty {
				fields(w, "Waits", m.Title(peer)+": nobody has joined yet; \"session read\" or \"send\" sends it once somebody has")
				return
			}
			if session == ids.Empty {
				fields(w, "Invited", m.Title(peer), "Private", "nobody else sees who invites, or whom; the message waits for an answer")
				return
			}
			fields(w, "Message", sent.ID.String(), "Session", session.String()+"  "+kind(!private), "Sequence", number(sent.Sequence),
				"Proven at block", strings.TrimSpace(number(sent.Height)+"  "+sent.Proven.String()))
		})
	})
}
