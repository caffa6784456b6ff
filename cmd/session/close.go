package main

import (
	"io"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
)

type closeResult struct {
	Session     ids.ID `json:"session"`
	Transaction ids.ID `json:"transaction"`
	Height      uint64 `json:"height"`
	Block       ids.ID `json:"block"`
}

func newClose(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "close SESSION",
		Short: "Close a session for good",
		Args:  exactly("SESSION"),
		RunE: func(c *cobra.Command, args []string) error {
			session, err := mailbox.ParseID(args[0])
			if err != nil {
				return err
			}
			return s.withMailbox(c.Context(), func(m *mailbox.Mailbox) error {
				accepted, err := m.CloseSession(c.Context(), session)
				if err != nil {
					return err
				}
				result := closeResult{session, accepted.TransactionID, accepted.Height, accepted.BlockID}
				return s.show(result, func(w io.Writer) {
					fields(w, "Closed", session.String(), "Block", number(result.Height))
				})
			})
		},
	}
}
