package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
)

type sendResult struct {
	Message   ids.ID    `json:"message"`
	Session   ids.ID    `json:"session"`
	Sequence  uint64    `json:"sequence"`
	Height    uint64    `json:"height"`
	Block     ids.ID    `json:"block"`
	Timestamp time.Time `json:"timestamp"`
}

func newSend(s *shell) *cobra.Command {
	var trustKeys bool
	c := &cobra.Command{
		Use:   "send SESSION [TEXT]",
		Short: "Encrypt, sign and send a message",
		Long: `Encrypt a message to the participants of a session, sign it, and wait until a block
holds it. Without TEXT the message is read from standard input.

Each participant's key is checked first: it is the one their ID commits to, or one that
they have signed. If that cannot be shown, nothing is sent.`,
		Args: between(1, "SESSION", "TEXT"),
		RunE: func(c *cobra.Command, args []string) error {
			session, err := parseSession(args[0])
			if err != nil {
				return err
			}
			var text []byte
			if len(args) == 2 {
				text = []byte(args[1])
			} else if text, err = unlessInterrupted(s.interrupted, s.readMessage); err != nil {
				return usage("the message on standard input: %w", err)
			}
			if len(text) == 0 {
				return usage("the message is empty")
			}
			return s.send(c.Context(), session, text, trustKeys)
		},
	}
	c.Flags().BoolVar(&trustKeys, "trust-keys", false, "seal to the session's keys even if they are not shown to be the participants'")
	return c
}

func (s *shell) readMessage() ([]byte, error) { return readAll(s.in, chain.MaxTransactionBytes) }

func (s *shell) send(ctx context.Context, session ids.ID, text []byte, trustKeys bool) error {
	identity, err := s.unlock()
	if err != nil {
		return err
	}
	n, err := s.connect(ctx)
	if err != nil {
		return err
	}
	self := ids.ID(identity.ID())
	n.known[self] = identity.Public()
	shown, err := n.fetchSession(ctx, session)
	if err != nil {
		return err
	}
	if _, err := position(shown, self); err != nil {
		return err
	}
	if limit := n.genesis.Limits.MaxCiphertextBytes; uint64(pq.SealedSize(len(text), len(shown.Participants))) > limit {
		room := int(limit) - pq.SealedSize(0, len(shown.Participants))
		return chain.Refuse(chain.ErrCiphertextSize, "a message of at most "+number(uint64(max(room, 0)))+" bytes in this session", len(text))
	}
	recipients, err := n.recipients(ctx, shown, trustKeys)
	if err != nil {
		return err
	}
	envelope, err := pq.Seal(envelopeHeader(n.chainID, session, self), text, recipients)
	if err != nil {
		return err
	}
	accepted, err := n.transact(ctx, &chain.SendMessage{Session: session, Sender: self, Ciphertext: envelope}, identity)
	if err != nil {
		return err
	}
	result := sendResult{
		Message: accepted.TransactionID, Session: session, Sequence: accepted.Sequence,
		Height: accepted.Height, Block: accepted.BlockID, Timestamp: accepted.Timestamp,
	}
	return s.show(result, func(w io.Writer) {
		fields(w, "Message", result.Message.String(), "Sequence", number(result.Sequence),
			"Block", strings.TrimSpace(number(result.Height)+"  "+result.Block.String()))
	})
}
