package client

import (
	"context"
	"time"

	"github.com/luxfi/ids"
)

// GetChannelParams name a channel.
type GetChannelParams struct {
	ChannelID ids.ID `json:"channelId"`
}

// GetChannelResult holds a channel.
type GetChannelResult struct {
	Channel Channel `json:"channel"`
}

// Channel is a durable group; its sessions are its key epochs.
type Channel struct {
	ID       ids.ID            `json:"id"`
	Owner    ids.ID            `json:"owner"`
	Members  []ids.ID          `json:"members"` // with the owner: its maker first, then in the order of joining
	Metadata map[string]string `json:"metadata"`
	Created  time.Time         `json:"created"`
	Active   time.Time         `json:"active"`  // the last change or session
	Version  uint64            `json:"version"` // counts changes of the members and the owner, from 1
	Sessions uint64            `json:"sessions"`
	Session  ids.ID            `json:"session,omitzero"` // the latest one; left out if none
	Number   uint64            `json:"number"`
}

// GetChannel returns a channel.
func (c *Client) GetChannel(ctx context.Context, params GetChannelParams) (*GetChannelResult, error) {
	return call[GetChannelResult](ctx, c, "GetChannel", params)
}
