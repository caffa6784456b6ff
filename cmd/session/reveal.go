package main

import (
	"io"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

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
		RunE: func(c *cobra.Command, args []string) error {
			if s.private == "" {
				return usage("which private identity? Name it with --private LABEL")
			}
			last, err := s.lastSession(c.Context(), args[0])
			if err != nil {
				return err
			}
			defer last.close()
			sent, err := last.session.Reveal(c.Context(), s.root)
			if err != nil {
				return last.failed(err)
			}
			result := revealResult{last.session.ID(), sent.Sequence, pq.FormatID(last.self), pq.FormatID(s.root.ID())}
			return s.show(result, func(w io.Writer) {
				fields(w, "Revealed", result.Identity, "Behind", result.Member, "Session", result.Session.String(), "Sequence", number(result.Sequence))
			})
		},
	}
}
