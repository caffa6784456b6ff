package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/messaging/mailbox"
	"github.com/luxfi/session/pq"
)

type createResult struct {
	sessionRow
	Height uint64 `json:"height"`
	Block  ids.ID `json:"block"`
}

func newCreate(s *shell) *cobra.Command {
	var (
		with     []string
		metadata []string
		plain    bool
	)
	c := &cobra.Command{
		Use:   "create --with WHO[,WHO...]",
		Short: "Make a public session with others",
		Long: `Make a public session of this identity and others: the chain shows who takes part. ("session
send" and "session chat" make private ones.) Their keys come from the chain, where they
are registered, or from --contact files, and must be the ones that their IDs commit to.

The session is signed, and active at once. With --plain nobody signs it (LP-42): it is
pending until a participant acts, and lapses soon if none does.`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			if len(with) == 0 {
				return usage("who is in the session? Use --with WHO[,WHO...]")
			}
			for _, who := range with {
				if err := mailbox.CheckPeer(who); err != nil {
					return err
				}
			}
			body := &chain.CreateSession{Metadata: messaging.Metadata()}
			err := parseMetadata(metadata, &body.Metadata)
			if err != nil {
				return err
			}
			return s.create(c.Context(), body, with, plain)
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&with, "with", nil, "names or IDs of the others")
	flags.StringArrayVar(&metadata, "metadata", nil, "KEY=VALUE, for everybody to see on the chain")
	flags.BoolVar(&plain, "plain", false, "without a signature (LP-42)")
	return c
}

func (s *shell) create(ctx context.Context, body *chain.CreateSession, with []string, plain bool) error {
	book, identity, err := s.addressBook()
	if err != nil {
		return err
	}
	self := ids.ID(identity.ID())
	others, err := book.Identities(with...)
	if err != nil {
		return err
	}
	n, err := s.connect(ctx)
	if err != nil {
		return err
	}
	n.known[self] = identity.Public()
	body.Participants = append([]ids.ID{self}, slices.DeleteFunc(others, func(id ids.ID) bool { return id == self })...)
	for _, participant := range body.Participants {
		public, err := n.lookup(ctx, participant)
		if err != nil {
			return err
		}
		body.PublicKeys = append(body.PublicKeys, public.KEM)
	}
	body.Nonce = client.Nonce()
	if body.Deadline, err = n.Deadline(ctx); err != nil {
		return err
	}
	signer := identity
	if plain {
		signer = nil
	} else {
		body.Creator = self
	}
	accepted, err := n.transact(ctx, body, signer)
	if err != nil {
		return err
	}
	id := accepted.SessionID
	if want := chain.SessionID(id[0], n.chainID, accepted.TransactionID); id != want {
		return fmt.Errorf("%s answers falsely: session %s instead of %s", n.address, id, want)
	}
	made, err := n.fetchSession(ctx, id)
	if err != nil {
		return err
	}
	result := createResult{newRow(&made.SessionSummary), accepted.Height, accepted.BlockID}
	return s.show(result, func(w io.Writer) {
		fields(w, "Session", id.String()+"  "+kind(true), "Status", result.Status, "Expires", moment(result.Expires),
			"Participants", strings.Join(result.Participants, "\n\t"))
	})
}

// parseMetadata reads KEY=VALUE pairs into the order of the chain: sorted by key.
func parseMetadata(pairs []string, entries *[]chain.MetadataEntry) error {
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return usage("metadata %q: expected KEY=VALUE", pair)
		}
		*entries = append(*entries, chain.MetadataEntry{Key: key, Value: value})
	}
	slices.SortStableFunc(*entries, func(a, b chain.MetadataEntry) int { return strings.Compare(a.Key, b.Key) })
	return nil
}

func formatIDs(list []ids.ID) []string {
	formatted := make([]string, len(list))
	for i, id := range list {
		formatted[i] = pq.FormatID(id)
	}
	return formatted
}
