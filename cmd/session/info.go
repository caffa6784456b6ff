package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/client"
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
				return err
			}
			health, err := n.Health(c.Context())
			if err != nil {
				return err
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
		state = "not healthy: " + printable(cmp.Or(health.Error, "it does not say why"), "")
	}
	genesis := n.genesis
	fields(w,
		"Node", n.address+"  ("+state+")",
		"Chain", info.ChainID.String(),
		"Software", printable(info.Name+" "+info.Version, ""),
		"Block", fmt.Sprintf("%d  %s", info.LastAccepted.Height, info.LastAccepted.ID),
		"Block time", moment(info.LastAccepted.Timestamp),
		"Sessions", fmt.Sprintf("%d active; each lives %s and takes %d messages", health.Sessions, lifetime(genesis.SessionTTL), genesis.MaxMessages),
		"Channels", fmt.Sprintf("%d, at most %d of one owner", health.Channels, genesis.MaxChannels),
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
