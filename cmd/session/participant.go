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
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// acceptedResult is the result of what has none of its own: where it was accepted.
type acceptedResult struct {
	Session     ids.ID `json:"session,omitzero"`
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
		Use:   "ack TO [SEQUENCE]",
		Short: "Leave a signed receipt on the chain",
		Long: `Leave a receipt with a contact, in a group, or in a session: "I have every message up to
SEQUENCE". Without SEQUENCE everything there is is fetched, checked and decrypted, and the
receipt is for the last message, or for the last before the first that does not open.`,
		Args: between(1, "TO", "SEQUENCE"),
		RunE: func(c *cobra.Command, args []string) error {
			var sequence uint64
			if len(args) == 2 {
				var err error
				if sequence, err = parseSequence(args[1]); err != nil {
					return err
				}
			}
			return s.acknowledge(c.Context(), args[0], sequence)
		},
	}
}

type acknowledgeResult struct {
	Session  ids.ID `json:"session"`
	Sequence uint64 `json:"sequence"`
}

func (s *shell) acknowledge(ctx context.Context, name string, sequence uint64) error {
	c, err := s.lastSession(ctx, name)
	if err != nil {
		return err
	}
	defer c.close()
	if _, err := c.fetch(ctx); err != nil {
		return err
	}
	if sequence == 0 {
		if sequence, err = s.readUpTo(ctx, c); err != nil {
			return err
		}
	}
	if err := c.session.Acknowledge(ctx, sequence); err != nil {
		return c.failed(err)
	}
	return s.show(acknowledgeResult{c.session.ID(), sequence}, func(w io.Writer) {
		fields(w, "Acknowledged", fmt.Sprintf("up to #%d", sequence), "Session", c.session.ID().String())
	})
}

// lastSession opens the last session of whom or what the user names.
func (s *shell) lastSession(ctx context.Context, name string) (*conversation, error) {
	m, t, err := s.openTarget(ctx, name)
	if err != nil {
		return nil, err
	}
	id, err := m.lastSession(ctx, t)
	if err != nil {
		return nil, err
	}
	return m.joinOf(ctx, t, id)
}

// lastSession returns a target's last session.
func (m *mailbox) lastSession(ctx context.Context, t target) (ids.ID, error) {
	sessions, _, err := m.sessions(ctx, t)
	if err == nil && len(sessions) == 0 {
		err = usage("there is no session with %s yet: \"session send\" makes one", m.title(t))
	}
	if err != nil {
		return ids.Empty, err
	}
	return sessions[len(sessions)-1], nil
}

// readUpTo returns the last sequence up to which everything after the last receipt opened.
func (s *shell) readUpTo(ctx context.Context, c *conversation) (uint64, error) {
	var before uint64
	receipt, err := c.GetReceipt(ctx, client.GetReceiptParams{SessionID: c.session.ID(), Participant: c.self})
	switch {
	case errors.Is(err, refusal.ErrNotFound):
	case err != nil:
		return 0, c.failed(err)
	default:
		before = receipt.Receipt.Sequence
	}
	read := before
	var refused *happening
	for i := range c.history.all {
		h := &c.history.all[i]
		switch {
		case h.Kind == kindMissing:
			read = max(read, h.To)
		case h.Kind == kindReceipt || h.Sequence <= before:
		case h.Kind == kindRefused && !opened(c.history.all, h):
			refused = h
		default:
			read = max(read, h.Sequence)
		}
		if refused != nil {
			s.note("Not acknowledged: message #%d: %s", refused.Sequence, refused.Problem)
			break
		}
	}
	if read == before {
		return 0, refusal.New(refusal.ErrStaleReceipt, "a message after the last receipt's", "none after #"+strconv.FormatUint(before, 10))
	}
	return read, nil
}

func newRotate(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate TO",
		Short: "Encrypt with new keys from now on",
		Long: `Begin with new keys in the session with a contact, of a group, or in a session, and ask the
others to renew theirs. Keys rotate by themselves; this is for when somebody may have copied
this device's files. Once another member has answered, the copy reads nothing new between them.`,
		Args: exactly("TO"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.rotate(c.Context(), args[0])
		},
	}
}

func (s *shell) rotate(ctx context.Context, name string) error {
	c, err := s.lastSession(ctx, name)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.session.Rotate(ctx); err != nil {
		return c.failed(err)
	}
	return s.show(acceptedSession{c.session.ID()}, func(w io.Writer) {
		fields(w, "New keys", "from now on, and others are asked for theirs", "Session", c.session.ID().String())
	})
}

// acceptedSession is the result of what concerns a session and has no other.
type acceptedSession struct {
	Session ids.ID `json:"session"`
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
		Session: summary.ID, Status: printable(summary.Status, ""), Messages: summary.Messages, Created: summary.Created,
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
			err = n.EachSession(c.Context(), client.ListSessionsParams{Participant: identity.ID()}, limit, func(s *client.SessionSummary) bool {
				result.Sessions = append(result.Sessions, newRow(s))
				return len(result.Sessions) < limit
			})
			if err != nil {
				return n.failed(err)
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
