package main

import (
	"io"
	"strconv"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/warp/relay"
)

// contractResult is what a contract has sent to the session chain: it is there once a relayer has brought it.
type contractResult struct {
	Session     ids.ID      `json:"session"`
	Message     ids.ID      `json:"message,omitzero"`
	Transaction common.Hash `json:"transaction"`
	Gas         uint64      `json:"gas"`
}

func (r contractResult) show(w io.Writer) {
	message := ""
	if r.Message != ids.Empty {
		message = r.Message.String()
	}
	fields(w, "Session", r.Session.String(), "Message", message, "Transaction", r.Transaction.Hex(), "Gas", strconv.FormatUint(r.Gas, 10))
}

func newEVMCreate(s *shell, f *evmFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "create SENDER PARTICIPANT...",
		Short: "Have a contract make a session",
		Long: `Have a SessionSender make a public session of itself and others, who are named by contacts or IDs. It
prints the session's ID: the session is there once "session relay --sender SENDER" has brought it, which has
to be within minutes.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage("%s is missing", []string{"SENDER", "PARTICIPANT"}[len(args)])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			sender, err := parseAddress(args[0])
			if err != nil {
				return err
			}
			others, err := s.identities(args[1:])
			if err != nil {
				return err
			}
			evm, err := s.dialEVM(c.Context(), *f)
			if err != nil {
				return err
			}
			receipt, err := evm.Do(c.Context(), relay.CreateCall(sender, others))
			if err != nil {
				return err
			}
			session, err := relay.Created(receipt)
			if err != nil {
				return err
			}
			result := contractResult{Session: session, Transaction: receipt.TxHash, Gas: receipt.GasUsed}
			return s.show(result, result.show)
		},
	}
}

// identities returns whom names or IDs stand for. It unlocks the address book only for names.
func (s *shell) identities(names []string) (all []ids.ID, err error) {
	for _, name := range names {
		id, err := mailbox.ParseIdentity(name)
		if err != nil {
			book, _, err := s.addressBook()
			if err != nil {
				return nil, err
			}
			return book.Identities(names...)
		}
		all = append(all, id)
	}
	return all, nil
}

// parsePlace returns the contract and the session that the first arguments name.
func parsePlace(args []string) (sender common.Address, session ids.ID, err error) {
	if sender, err = parseAddress(args[0]); err == nil {
		session, err = mailbox.ParseID(args[1])
	}
	return sender, session, err
}

func newEVMSay(s *shell, f *evmFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "say SENDER SESSION TEXT",
		Short: "Have a contract say something in a session",
		Long: `Have a SessionSender say a text in a session in which it takes part. Everybody can read it, on both
chains. It is there once "session relay --sender SENDER" has brought it.`,
		Args: exactly("SENDER", "SESSION", "TEXT"),
		RunE: func(c *cobra.Command, args []string) error {
			sender, session, err := parsePlace(args)
			if err != nil {
				return err
			}
			if args[2] == "" {
				return usage("TEXT is empty")
			}
			evm, err := s.dialEVM(c.Context(), *f)
			if err != nil {
				return err
			}
			receipt, err := evm.Do(c.Context(), relay.SendCall(sender, session, messaging.OpenText(args[2])))
			if err != nil {
				return err
			}
			message, err := relay.Sent(receipt)
			if err != nil {
				return err
			}
			result := contractResult{session, message, receipt.TxHash, receipt.GasUsed}
			return s.show(result, result.show)
		},
	}
}

func newEVMAcknowledge(s *shell, f *evmFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "acknowledge SENDER SESSION SEQUENCE",
		Short: "Have a contract acknowledge messages",
		Long: `Have a SessionSender acknowledge the messages of a session up to the one of a sequence. The node says
what transcript the session has after it; the session chain takes no other. The receipt is there once
"session relay --sender SENDER" has brought it.`,
		Args: exactly("SENDER", "SESSION", "SEQUENCE"),
		RunE: func(c *cobra.Command, args []string) error {
			sender, session, err := parsePlace(args)
			if err != nil {
				return err
			}
			sequence, err := strconv.ParseUint(args[2], 10, 64)
			if err != nil || sequence == 0 {
				return usage("expected the sequence of a message, from 1 on, got %q", args[2])
			}
			n, evm, err := s.bothChains(c.Context(), *f)
			if err != nil {
				return err
			}
			last, err := n.GetMessage(c.Context(), client.GetMessageParams{SessionID: session, Sequence: sequence})
			if err != nil {
				return err
			}
			receipt, err := evm.Do(c.Context(), relay.AcknowledgeCall(sender, session, sequence, last.Message.Transcript))
			if err != nil {
				return err
			}
			result := contractResult{Session: session, Transaction: receipt.TxHash, Gas: receipt.GasUsed}
			return s.show(result, result.show)
		},
	}
}
