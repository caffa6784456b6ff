package main

import (
	"io"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
)

type rotateResult struct {
	Session ids.ID `json:"session"`
}

func newRotate(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate TO",
		Short: "Encrypt with new keys from now on",
		Long: `Begin with new keys in the session with a contact, of a group, or in a session, and ask the
others to renew theirs. Keys rotate by themselves; this is for when somebody may have copied
this device's files. Once another member has answered, the copy reads nothing new between them.`,
		Args: exactly("TO"),
		RunE: func(command *cobra.Command, args []string) error {
			return s.withLatest(command.Context(), args[0], func(_ *mailbox.Mailbox, c *mailbox.Conversation) error {
				if err := c.Rotate(command.Context()); err != nil {
					return err
				}
				return s.show(rotateResult{c.ID()}, func(w io.Writer) {
					fields(w, "New keys", "from now on, and others are asked for theirs", "Session", c.ID().String())
				})
			})
		},
	}
}
