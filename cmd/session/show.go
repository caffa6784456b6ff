package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

type showResult struct {
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
			id, err := mailbox.ParseID(args[0])
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
			result := showResult{sessionRow: newRow(&session.SessionSummary)}
			for _, participant := range session.Participants {
				shown := shownReceipt{Participant: pq.FormatID(participant)}
				receipt, err := n.GetReceipt(c.Context(), client.GetReceiptParams{SessionID: id, Participant: participant})
				if err == nil {
					shown.Received = receipt.Receipt.Sequence
				} else if !errors.Is(err, refusal.ErrNotFound) {
					return err
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
		return nil, err
	}
	if answer.Session.ID != id {
		return nil, fmt.Errorf("%s answers falsely: about session %s instead of %s", n.address, answer.Session.ID, id)
	}
	return &answer.Session, nil
}

func sessionText(w io.Writer, session *showResult) {
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
	lines := [][]string{{"PARTICIPANT", "RECEIVED"}}
	for _, shown := range session.Receipts {
		received := "-"
		if shown.Received > 0 {
			received = fmt.Sprintf("up to #%d", shown.Received)
		}
		lines = append(lines, []string{shown.Participant, received})
	}
	table(w, lines)
}

// metadataFields are pairs for fields, in the order of their keys. Others wrote them.
func metadataFields(metadata map[string]string) []string {
	var pairs []string
	for i, key := range slices.Sorted(maps.Keys(metadata)) {
		label := "Metadata"
		if i > 0 {
			label = ""
		}
		pairs = append(pairs, label, printable(key, "")+": "+printable(metadata[key], "\t"))
	}
	return pairs
}
