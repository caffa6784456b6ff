package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

type infoResult struct {
	Node   string               `json:"node"`
	Health *client.HealthResult `json:"health"`
	Chain  *client.ChainInfo    `json:"chain"`
}

func newInfo(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "info",
		Short: "Show the chain and how the node is",
		Long:  "Show the chain and how the node is. The exit status is 1 if it is not healthy.",
		Args:  exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := s.connect(c.Context())
			if err != nil {
				return err
			}
			chainInfo, err := n.GetChainInfo(c.Context())
			if err != nil {
				return n.failed(err)
			}
			health, err := n.Health(c.Context())
			if err != nil {
				return n.failed(err)
			}
			if err := s.show(infoResult{n.address, health, chainInfo}, func(w io.Writer) { infoText(w, n, chainInfo, health) }); err != nil {
				return err
			}
			if !health.Healthy {
				return errShown
			}
			return nil
		},
	}
}

func infoText(w io.Writer, n *node, info *client.ChainInfo, health *client.HealthResult) {
	state := "healthy"
	if !health.Healthy {
		state = "not healthy: " + printable(first(health.Error, "it does not say why"), "")
	}
	genesis := n.genesis
	fields(w,
		"Node", n.address+"  ("+state+")",
		"Chain", info.ChainID.String(),
		"Software", printable(info.Name+" "+info.Version, ""),
		"Block", fmt.Sprintf("%d  %s", info.LastAccepted.Height, info.LastAccepted.ID),
		"Block time", moment(info.LastAccepted.Timestamp),
		"Sessions", fmt.Sprintf("%d active; each lives %s and takes %d messages", health.Sessions, lifetime(genesis.SessionTTL), genesis.MaxMessages),
		"Channels", fmt.Sprintf("%d of at most %d", health.Channels, genesis.MaxChannels),
		"Retention", fmt.Sprintf("%d days", genesis.RetentionDays),
		"Waiting", fmt.Sprintf("%d transactions", health.Mempool),
	)
}

func lifetime(seconds uint64) string {
	text := (time.Duration(seconds) * time.Second).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

type shownSession struct {
	sessionRow
	Receipts []shownReceipt `json:"receipts"`
}

type shownReceipt struct {
	Participant string `json:"participant"`
	Received    uint64 `json:"received"` // the participant has everything up to here; 0 without a receipt
}

func newShow(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "show SESSION",
		Short: "Show a session, its participants and their receipts, as the node says",
		Args:  exactly("SESSION"),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := parseSession(args[0])
			if err != nil {
				return err
			}
			n, err := s.connect(c.Context())
			if err != nil {
				return err
			}
			session, err := n.fetchSession(c.Context(), id)
			if err != nil {
				return err
			}
			result := shownSession{sessionRow: newRow(&session.SessionSummary)}
			for _, participant := range session.Participants {
				shown := shownReceipt{Participant: pq.FormatID(participant)}
				receipt, err := n.GetReceipt(c.Context(), client.GetReceiptParams{SessionID: id, Participant: participant})
				if err == nil {
					shown.Received = receipt.Receipt.Sequence
				} else if !errors.Is(err, refusal.ErrNotFound) {
					return n.failed(err)
				}
				result.Receipts = append(result.Receipts, shown)
			}
			return s.show(result, func(w io.Writer) { sessionText(w, &result) })
		},
	}
}

// fetchSession returns a session as the node has it.
func (n *node) fetchSession(ctx context.Context, id ids.ID) (*client.Session, error) {
	answer, err := n.GetSession(ctx, client.GetSessionParams{SessionID: id})
	if err != nil {
		return nil, n.failed(err)
	}
	if answer.Session.ID != id {
		return nil, fmt.Errorf("%s answers falsely: about session %s instead of %s", n.address, answer.Session.ID, id)
	}
	return &answer.Session, nil
}

func sessionText(w io.Writer, session *shownSession) {
	pairs := []string{
		"Session", session.Session.String(), "Status", session.Status,
		"Created", moment(session.Created), "Expires", moment(session.Expires),
		"Messages", fmt.Sprint(session.Messages),
	}
	if session.Channel != ids.Empty {
		pairs = append(pairs, "Channel", session.Channel.String())
	}
	fields(w, append(pairs, metadataFields(session.Metadata)...)...)
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PARTICIPANT\tRECEIVED")
	for _, shown := range session.Receipts {
		received := "-"
		if shown.Received > 0 {
			received = fmt.Sprintf("up to #%d", shown.Received)
		}
		fmt.Fprintf(table, "%s\t%s\n", shown.Participant, received)
	}
	table.Flush()
}

// metadataFields are pairs for fields, in the order of their keys. Others wrote them.
func metadataFields(metadata map[string]string) []string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		pairs = append(pairs, "  "+printable(key, ""), printable(metadata[key], "\t"))
	}
	return pairs
}
