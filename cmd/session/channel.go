package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/luxfi/ids"
	"github.com/spf13/cobra"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/rpc/client"
)

func newChannel(s *shell) *cobra.Command {
	c := group(&cobra.Command{
		Use:   "channel",
		Short: "Make and change channels: durable groups",
		Long: `A channel is a durable group with an owner and members. Its sessions are its key epochs:
"session create --channel ID" makes the next one with the members of now.`,
	})
	c.AddCommand(newChannelCreate(s), newChannelShow(s), newChannelAdd(s), newChannelRemove(s))
	return c
}

// fetchChannel returns a channel.
func (n *node) fetchChannel(ctx context.Context, id ids.ID) (*client.Channel, error) {
	answer, err := n.GetChannel(ctx, client.GetChannelParams{ChannelID: id})
	if err != nil {
		return nil, n.failed(err)
	}
	if answer.Channel.ID != id {
		return nil, fmt.Errorf("%s answers falsely: about channel %s", n.address, answer.Channel.ID)
	}
	return &answer.Channel, nil
}

func newChannelCreate(s *shell) *cobra.Command {
	var with, metadata []string
	c := &cobra.Command{
		Use:   "create [--with ID[,ID...]]",
		Short: "Make a channel that this identity owns",
		Args:  exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			members, err := parseIdentityIDs(with)
			if err != nil {
				return err
			}
			body := &chain.CreateChannel{}
			if err := parseMetadata(metadata, &body.Metadata); err != nil {
				return err
			}
			identity, n, err := s.actor(c.Context())
			if err != nil {
				return err
			}
			body.Owner = identity.ID()
			body.Members = without(members, body.Owner)
			if body.Nonce, err = randomNonce(); err != nil {
				return err
			}
			if body.Deadline, err = n.deadline(c.Context()); err != nil {
				return err
			}
			accepted, err := n.transact(c.Context(), body, identity)
			if err != nil {
				return err
			}
			result := acceptedResult{Channel: chain.ChannelID(n.chainID, accepted.TransactionID)}
			result.acceptedIn(accepted)
			return s.show(result, func(w io.Writer) {
				fields(w, "Channel", result.Channel.String(), "Members", fmt.Sprint(1+len(body.Members)), "Block", number(result.Height))
			})
		},
	}
	c.Flags().StringSliceVar(&with, "with", nil, "IDs of the other members")
	c.Flags().StringArrayVar(&metadata, "metadata", nil, "KEY=VALUE, for everybody to see on the chain")
	return c
}

type channelResult struct {
	Channel  ids.ID            `json:"channel"`
	Owner    string            `json:"owner"`
	Members  []string          `json:"members"`
	Created  time.Time         `json:"created"`
	Active   time.Time         `json:"active"`
	Version  uint64            `json:"version"`
	Sessions uint64            `json:"sessions"`
	Session  ids.ID            `json:"session,omitzero"` // the latest
	Metadata map[string]string `json:"metadata,omitempty"`
}

func newChannelShow(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "show CHANNEL",
		Short: "Show a channel and its members",
		Args:  exactly("CHANNEL"),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			n, err := s.connect(c.Context())
			if err != nil {
				return err
			}
			channel, err := n.fetchChannel(c.Context(), id)
			if err != nil {
				return err
			}
			result := channelResult{
				Channel: channel.ID, Owner: pq.FormatID(channel.Owner), Members: formatIDs(channel.Members),
				Created: channel.Created, Active: channel.Active, Version: channel.Version,
				Sessions: channel.Sessions, Session: channel.Session, Metadata: channel.Metadata,
			}
			return s.show(result, func(w io.Writer) {
				latest := "none yet"
				if result.Session != ids.Empty {
					latest = result.Session.String()
				}
				fields(w, append([]string{
					"Channel", result.Channel.String(), "Owner", result.Owner,
					"Members", strings.Join(result.Members, "\n\t"),
					"Created", moment(result.Created), "Last change", moment(result.Active),
					"Version", number(result.Version), "Sessions", fmt.Sprint(result.Sessions), "Latest", latest,
				}, metadataFields(result.Metadata)...)...)
			})
		},
	}
}

func newChannelAdd(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "add CHANNEL ID",
		Short: "Add a member (owner only)",
		Args:  exactly("CHANNEL", "ID"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.changeChannel(c.Context(), args, "Added", func(channel *client.Channel, self, member ids.ID) chain.Body {
				return &chain.AddMember{Channel: channel.ID, Owner: self, Member: member, Version: channel.Version}
			})
		},
	}
}

func newChannelRemove(s *shell) *cobra.Command {
	return &cobra.Command{
		Use:   "remove CHANNEL ID",
		Short: "Remove a member (the owner, or the member itself)",
		Long: `Remove a member: the owner can, or the member itself. A channel whose owner leaves is
closed. The member goes on reading sessions that it is in: make a new one afterwards.`,
		Args: exactly("CHANNEL", "ID"),
		RunE: func(c *cobra.Command, args []string) error {
			return s.changeChannel(c.Context(), args, "Removed", func(channel *client.Channel, self, member ids.ID) chain.Body {
				return &chain.RemoveMember{Channel: channel.ID, Remover: self, Member: member, Version: channel.Version}
			})
		},
	}
}

func (s *shell) changeChannel(ctx context.Context, args []string, done string, change func(channel *client.Channel, self, member ids.ID) chain.Body) error {
	id, err := parseID(args[0])
	if err != nil {
		return err
	}
	member, err := parseIdentityID(args[1])
	if err != nil {
		return err
	}
	identity, n, err := s.actor(ctx)
	if err != nil {
		return err
	}
	channel, err := n.fetchChannel(ctx, id)
	if err != nil {
		return err
	}
	accepted, err := n.transact(ctx, change(channel, identity.ID(), member), identity)
	if err != nil {
		return err
	}
	result := acceptedResult{Channel: id, Member: pq.FormatID(member)}
	result.acceptedIn(accepted)
	return s.show(result, func(w io.Writer) {
		fields(w, done, result.Member, "Channel", id.String(), "Block", number(result.Height))
	})
}

// metadataFields are pairs for fields, in the order of their keys. Others wrote them.
func metadataFields(metadata map[string]string) []string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		pairs = append(pairs, "  "+printable(key, ""), printable(metadata[key], "\t"))
	}
	return pairs
}
