package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/rpc/client"
)

// acceptedResult is the result of what has none of its own: where it was accepted.
type acceptedResult struct {
	Session     ids.ID `json:"session,omitzero"`
	Channel     ids.ID `json:"channel,omitzero"`
	Sequence    uint64 `json:"sequence,omitempty"` // acknowledged
	Epoch       uint64 `json:"epoch,omitempty"`    // of the new key
	Member      string `json:"member,omitempty"`
	Transaction ids.ID `json:"transaction"`
	Height      uint64 `json:"height"`
	Block       ids.ID `json:"block"`
}

func (r *acceptedResult) acceptedIn(t *client.TransactionResult) {
	r.Transaction, r.Height, r.Block = t.TransactionID, t.Height, t.BlockID
}

// actor unlocks the identity and connects, which every action begins with.
func (s *shell) actor(ctx context.Context) (*pq.Identity, *node, error) {
	identity, err := s.unlock()
	if err != nil {
		return nil, nil, err
	}
	n, err := s.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	n.known[identity.ID()] = identity.Public()
	return identity, n, nil
}

func newAcknowledge(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "ack SESSION [SEQUENCE]",
		Short: "Leave a signed receipt on the chain",
		Long: `Leave a receipt: "I have every message up to SEQUENCE". Without SEQUENCE every message
since the last receipt is fetched, checked and decrypted, and the receipt is for the last
one, or for the last before the first that has a problem.`,
		Args: between(1, "SESSION", "SEQUENCE"),
		RunE: func(c *cobra.Command, args []string) error {
			session, err := parseSession(args[0])
			if err != nil {
				return err
			}
			var sequence uint64
			if len(args) == 2 {
				if sequence, err = parseSequence(args[1]); err != nil {
					return err
				}
			}
			return s.acknowledge(c.Context(), session, sequence)
		},
	}
}

func (s *shell) acknowledge(ctx context.Context, session ids.ID, sequence uint64) error {
	identity, n, err := s.actor(ctx)
	if err != nil {
		return err
	}
	if sequence == 0 {
		r, err := n.newReader(ctx, identity, session)
		if err != nil {
			return err
		}
		if sequence, err = s.checkedUpTo(ctx, r); err != nil {
			return err
		}
	}
	accepted, err := n.transact(ctx, &chain.Acknowledge{Session: session, Participant: identity.ID(), Sequence: sequence}, identity)
	if err != nil {
		return err
	}
	result := acceptedResult{Session: session, Sequence: sequence}
	result.acceptedIn(accepted)
	return s.show(result, func(w io.Writer) {
		fields(w, "Acknowledged", fmt.Sprintf("up to #%d", sequence), "Block", number(result.Height))
	})
}

// checkedUpTo returns the last sequence up to which everything after the last receipt
// verifies and decrypts.
func (s *shell) checkedUpTo(ctx context.Context, r *reader) (uint64, error) {
	receipt, err := r.GetReceipt(ctx, client.GetReceiptParams{SessionID: r.session.ID, Participant: r.identity.ID()})
	var before uint64
	switch {
	case errors.Is(err, chain.ErrNotFound):
	case err != nil:
		return 0, r.failed(err)
	default:
		before = receipt.Receipt.Sequence
	}
	good, bad := before, received{}
	from := before
	if before > 0 {
		from++
	}
	_, err = r.each(ctx, from, func(m received) error {
		if m.Problem != "" && bad.Problem == "" {
			bad = m
		}
		if bad.Problem == "" {
			good = m.Sequence
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if good == before {
		if bad.Problem != "" {
			return 0, fmt.Errorf("nothing to acknowledge: message #%d %s", bad.Sequence, bad.Problem)
		}
		return 0, chain.Refuse(chain.ErrStaleReceipt, "a message after the last receipt's", "none after #"+strconv.FormatUint(before, 10))
	}
	if bad.Problem != "" {
		s.note("Not acknowledged: message #%d %s", bad.Sequence, bad.Problem)
	}
	return good, nil
}

func newRotate(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate SESSION",
		Short: "Give this identity a new key in a session",
		Long: `Give this identity a new ML-KEM-768 key in a session: messages from then on are sealed
to it. It derives from the identity's secret, so there is nothing new to keep, and earlier
messages can be read as before.`,
		Args: exactly("SESSION"),
		RunE: func(c *cobra.Command, args []string) error {
			session, err := parseSession(args[0])
			if err != nil {
				return err
			}
			return s.rotate(c.Context(), session)
		},
	}
}

func (s *shell) rotate(ctx context.Context, session ids.ID) error {
	identity, n, err := s.actor(ctx)
	if err != nil {
		return err
	}
	r, err := n.newReader(ctx, identity, session)
	if err != nil {
		return err
	}
	epoch := r.epoch + 1
	key, err := sessionKey(identity, n.chainID, session, epoch)
	if err != nil {
		return err
	}
	accepted, err := n.transact(ctx, &chain.RotateKey{Session: session, Participant: identity.ID(), PublicKey: key.Public(), Epoch: epoch}, identity)
	if err != nil {
		return err
	}
	result := acceptedResult{Session: session, Epoch: epoch}
	result.acceptedIn(accepted)
	return s.show(result, func(w io.Writer) {
		fields(w, "New key", "epoch "+number(epoch), "Block", number(result.Height))
	})
}

func newClose(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "close SESSION",
		Short: "Close a session for good",
		Args:  exactly("SESSION"),
		RunE: func(c *cobra.Command, args []string) error {
			session, err := parseSession(args[0])
			if err != nil {
				return err
			}
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			accepted, err := n.transact(c.Context(), &chain.CloseSession{Session: session, Participant: identity.ID()}, identity)
			if err != nil {
				return err
			}
			result := acceptedResult{Session: session}
			result.acceptedIn(accepted)
			return s.show(result, func(w io.Writer) {
				fields(w, "Closed", session.String(), "Block", number(result.Height))
			})
		},
	}
}

type sessionsResult struct {
	Sessions []sessionRow `json:"sessions"`
}

type sessionRow struct {
	Session      ids.ID            `json:"session"`
	Status       string            `json:"status"`
	Messages     uint64            `json:"messages"`
	Created      time.Time         `json:"created"`
	Expires      time.Time         `json:"expires"`
	Participants []string          `json:"participants"`
	Channel      ids.ID            `json:"channel,omitzero"`
	Metadata     map[string]string `json:"metadata,omitempty"`
}

func newRow(summary *client.SessionSummary) sessionRow {
	return sessionRow{
		Session: summary.ID, Status: summary.Status, Messages: summary.Messages, Created: summary.Created,
		Expires: summary.Expires, Participants: formatIDs(summary.Participants), Channel: summary.Channel, Metadata: summary.Metadata,
	}
}

func newSessions(s *shell) *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "sessions",
		Short: "List this identity's sessions, newest first",
		Args:  exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			result := sessionsResult{Sessions: []sessionRow{}}
			for before := uint64(0); len(result.Sessions) < limit; {
				page, err := n.ListSessions(c.Context(), client.ListSessionsParams{Participant: identity.ID(), Before: before})
				if err != nil {
					return n.failed(err)
				}
				for i := range page.Sessions {
					if len(result.Sessions) < limit {
						result.Sessions = append(result.Sessions, newRow(&page.Sessions[i]))
					}
				}
				if page.Next == 0 || (before != 0 && page.Next >= before) {
					break
				}
				before = page.Next
			}
			return s.show(result, func(w io.Writer) { sessionTable(w, result.Sessions) })
		},
	}
	c.Flags().IntVar(&limit, "limit", 50, "at most so many")
	return c
}

func sessionTable(w io.Writer, rows []sessionRow) {
	if len(rows) == 0 {
		fmt.Fprintln(w, `No sessions yet. Make one with "session create --with ID".`)
		return
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SESSION\tSTATUS\tMESSAGES\tPARTICIPANTS\tEXPIRES")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\n", row.Session, row.Status, row.Messages, len(row.Participants), moment(row.Expires))
	}
	table.Flush()
}

func parseSequence(text string) (uint64, error) {
	sequence, err := strconv.ParseUint(text, 10, 64)
	if err != nil || sequence == 0 {
		return 0, usage("%q is no sequence: messages are numbered from 1", text)
	}
	return sequence, nil
}
