package main

import (
	"errors"
	"strconv"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/warp/relay"
)

type relayedResult struct {
	What        string      `json:"what"`
	Transaction common.Hash `json:"transaction,omitzero"` // on the EVM chain
	Gas         uint64      `json:"gas,omitzero"`
	Brought     ids.ID      `json:"brought,omitzero"` // the transaction on the session chain
	Session     ids.ID      `json:"session,omitzero"`
}

func (r relayedResult) String() string {
	if r.Brought != ids.Empty {
		of := ""
		if r.Session != ids.Empty {
			of = " of session " + r.Session.String()
		}
		return r.What + ": transaction " + r.Brought.String() + of + "\n"
	}
	return r.What + ": transaction " + r.Transaction.Hex() + ", " + strconv.FormatUint(r.Gas, 10) + " gas\n"
}

func newRelay(s *shell) *cobra.Command {
	var (
		f                 evmFlags
		escrow, log, file string
		sessions, of      []string
		senders           []string
		since             uint64
	)
	c := &cobra.Command{
		Use:   "relay {--escrow ADDRESS | --log ADDRESS --session SESSION | --sender ADDRESS}",
		Short: "Bring what is delivered to contracts of an EVM chain, and what they send to this one",
		Long: `Bring what this chain has delivered to contracts of an EVM chain (see "session evm"), and what these send to
this chain, until it is interrupted.

Deposits of the escrow whose payer or payee is the key's own address, or one of --for, are paid out once the
message is delivered or read. Those whose payer is are given back once it can be shown that it is not. The
log records the messages of the sessions. What a sender has sent comes to this chain in its order, once; what
this chain refuses for good is reported and left. The EVM chain's node needs "warp-api-enabled" for that.

The file keeps the transaction that is under way and what is done, so that after a crash none is sent twice, and none is
forgotten. One key is for one relayer. Whoever runs it needs no trust: the contracts check everything.`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			config := relay.Config{File: file, Since: since}
			if escrow == "" && log == "" && len(senders) == 0 {
				return usage("name a contract with --escrow, --log or --sender")
			}
			if (log == "") != (len(sessions) == 0) {
				return usage("--log and --session belong together")
			}
			for text, into := range map[string]*common.Address{escrow: &config.Escrow, log: &config.Log} {
				if text == "" {
					continue
				}
				if *into, err = parseAddress(text); err != nil {
					return err
				}
			}
			for _, text := range senders {
				address, err := parseAddress(text)
				if err != nil {
					return err
				}
				config.Senders = append(config.Senders, address)
			}
			for _, session := range sessions {
				id, err := mailbox.ParseID(session)
				if err != nil {
					return err
				}
				config.LogSessions = append(config.LogSessions, ids.ID(id))
			}
			n, evm, err := s.bothChains(c.Context(), f)
			if err != nil {
				return err
			}
			config.Sessions, config.EVM, config.For = n.Client, evm, []common.Address{evm.Address()}
			for _, text := range of {
				address, err := parseAddress(text)
				if err != nil {
					return err
				}
				config.For = append(config.For, address)
			}
			var unwritten error
			config.Report = func(done *relay.Done, err error) {
				if err != nil {
					s.note("%v", err)
					return
				}
				result := relayedResult(*done)
				unwritten = errors.Join(unwritten, s.line(result, result.String()))
			}
			r, err := relay.Open(c.Context(), config)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.Close()) }()
			if err := r.Run(c.Context()); c.Context().Err() == nil {
				return err
			}
			return unwritten
		},
	}
	f.add(c)
	flags := c.Flags()
	flags.StringVar(&escrow, "escrow", "", "the address of a SessionEscrow")
	flags.StringVar(&log, "log", "", "the address of a SessionLog")
	flags.StringArrayVar(&sessions, "session", nil, "a session whose messages the log records")
	flags.StringArrayVar(&of, "for", nil, "settle the deposits of this address too")
	flags.StringArrayVar(&senders, "sender", nil, "a contract whose calls are brought to this chain")
	flags.Uint64Var(&since, "since", 0, "the block of the EVM chain from which on a new file's senders are looked at")
	flags.StringVar(&file, "file", "session-relay.json", "file that keeps the transaction that is under way, and what is done")
	return c
}
