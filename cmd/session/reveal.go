package main

import (
	"io"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

type revealResult struct {
	Session  ids.ID `json:"session"`
	Sequence uint64 `json:"sequence"`
	Member   string `json:"member"`
	Identity string `json:"identity"`
}

func newReveal(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "reveal TO",
		Short: "Show a session's members who is behind your private identity",
		Long: `Show the others in a session, inside the encryption, which identity stands behind the private
one that you act as with --private LABEL. They verify it, and nobody else learns it unless they
tell: the proof is signed, and can be shown to others.`,
		Args: exactly("TO"),
		RunE: func(command *cobra.Command, args []string) error {
			if s.private == "" {
				return usage("which private identity? Name it with --private LABEL")
			}
			return s.withLatest(command.Context(), args[0], func(m *mailbox.Mailbox, c *mailbox.Conversation) error {
				sent, err := c.Reveal(command.Context(), s.root)
				if err != nil {
					return err
				}
				result := revealResult{c.ID(), sent.Sequence, pq.FormatID(m.Self()), pq.FormatID(s.root.ID())}
				return s.show(result, func(w io.Writer) {
					fields(w, "Revealed", result.Identity, "Behind", result.Member, "Session", result.Session.String(), "Sequence", number(result.Sequence))
				})
			})
		},
	}
}
