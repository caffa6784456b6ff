package main

import (
	"fmt"
	"io"
	"strconv"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
)

type acknowledgeResult struct {
	Session  ids.ID `json:"session"`
	Sequence uint64 `json:"sequence"`
}

func newAcknowledge(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "ack TO [SEQUENCE]",
		Short: "Leave a signed receipt on the chain",
		Long: `Leave a receipt with a contact, in a group, or in a session: "I have every message up to
SEQUENCE". Without SEQUENCE everything there is is fetched, checked and decrypted, and the
receipt is for the last message, or for the last before the first that does not open.`,
		Args: between(1, "TO", "SEQUENCE"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			result := acknowledgeResult{}
			if len(args) == 2 {
				if result.Sequence, err = parseSequence(args[1]); err != nil {
					return err
				}
			}
			ctx := c.Context()
			return s.withLatest(ctx, args[0], func(_ *mailbox.Mailbox, c *mailbox.Conversation) error {
				if _, err := c.Fetch(ctx); err != nil {
					return err
				}
				if result.Session = c.ID(); result.Sequence == 0 {
					read, refused, err := c.ReadUpTo(ctx)
					if refused != nil {
						s.note("Not acknowledged: message #%d: %s", refused.Sequence, refused.Err)
					}
					if result.Sequence = read; err != nil {
						return err
					}
				}
				if err := c.Acknowledge(ctx, result.Sequence); err != nil {
					return err
				}
				return s.show(result, func(w io.Writer) {
					fields(w, "Acknowledged", fmt.Sprintf("up to #%d", result.Sequence), "Session", result.Session.String())
				})
			})
		},
	}
}

func parseSequence(text string) (uint64, error) {
	sequence, err := strconv.ParseUint(text, 10, 64)
	if err != nil || sequence == 0 {
		return 0, usage("%q is no sequence: messages are numbered from 1", text)
	}
	return sequence, nil
}
