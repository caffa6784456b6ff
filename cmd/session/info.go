package main

import (
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
	Keys []shownKey `json:"keys"`
}

type shownKey struct {
	Participant string `json:"participant"`
	Epoch       uint64 `json:"epoch"`
	Verified    bool   `json:"verified"` // the participant chose it
	Problem     string `json:"problem,omitempty"`
	Received    uint64 `json:"received,omitempty"` // up to here, as the participant's receipt says
}

func newShow(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "show SESSION",
		Short: "Show a session, its participants, their keys and receipts",
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
			for i := range session.Participants {
				key, err := n.showKey(c, session, i)
				if err != nil {
					return err
				}
				result.Keys = append(result.Keys, key)
			}
			return s.show(result, func(w io.Writer) { sessionText(w, &result) })
		},
	}
}

func (n *node) showKey(c *cobra.Command, session *client.Session, i int) (shownKey, error) {
	key := shownKey{Participant: pq.FormatID(session.Participants[i]), Epoch: session.KeyEpochs[i], Verified: true}
	if err := n.checkSessionKey(c.Context(), session, i); err != nil {
		if isUnreachable(err) {
			return key, err
		}
		key.Verified, key.Problem = false, err.Error()
	}
	receipt, err := n.GetReceipt(c.Context(), client.GetReceiptParams{SessionID: session.ID, Participant: session.Participants[i]})
	if err == nil {
		key.Received = receipt.Receipt.Sequence
	} else if err = n.failed(err); isUnreachable(err) {
		return key, err
	}
	return key, nil
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
	fmt.Fprintln(table, "PARTICIPANT\tKEY\tRECEIVED")
	for _, key := range session.Keys {
		state, received := "theirs", "-"
		if key.Epoch > 0 {
			state = fmt.Sprintf("theirs, epoch %d", key.Epoch)
		}
		if !key.Verified {
			state = "NOT SHOWN TO BE THEIRS"
		}
		if key.Received > 0 {
			received = fmt.Sprintf("up to #%d", key.Received)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", key.Participant, state, received)
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
