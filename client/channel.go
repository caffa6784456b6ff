package client

import (
	"context"
	"time"

	"github.com/luxfi/ids"
)

// CreateChannelParams make a channel; signed with chain.ContextCreateChannel.
type CreateChannelParams struct {
	Owner     ids.ID            `json:"owner" id:"identity"`
	Members   []ids.ID          `json:"members,omitempty" id:"identity"` // without the owner
	Metadata  map[string]string `json:"metadata,omitempty"`
	Nonce     uint64            `json:"nonce,omitzero,string"` // travels as a string: it has 64 bits
	Deadline  uint64            `json:"deadline"`              // Unix milliseconds
	Signature Bytes             `json:"signature"`
	Wait      Seconds           `json:"wait,omitzero"`
}

// CreateChannelResult says which channel was made.
type CreateChannelResult struct {
	ChannelID     ids.ID `json:"channelId"`
	TransactionID ids.ID `json:"transactionId"`
	Height        uint64 `json:"height"`
}

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

// AddMemberParams add a member to a channel; signed by the owner with
// chain.ContextAddMember.
type AddMemberParams struct {
	ChannelID ids.ID  `json:"channelId"`
	Owner     ids.ID  `json:"owner" id:"identity"`
	Member    ids.ID  `json:"member" id:"identity"`
	Version   uint64  `json:"version"` // the channel's version that this changes
	Signature Bytes   `json:"signature"`
	Wait      Seconds `json:"wait,omitzero"`
}

// RemoveMemberParams remove a member from a channel; signed by the owner or the member
// with chain.ContextRemoveMember. A channel whose owner leaves is closed.
type RemoveMemberParams struct {
	ChannelID ids.ID  `json:"channelId"`
	Remover   ids.ID  `json:"remover" id:"identity"`
	Member    ids.ID  `json:"member" id:"identity"`
	Version   uint64  `json:"version"` // the channel's version that this changes
	Signature Bytes   `json:"signature"`
	Wait      Seconds `json:"wait,omitzero"`
}

// TransferChannelParams make another member the owner of a channel; signed by the owner with
// chain.ContextTransferChannel.
type TransferChannelParams struct {
	ChannelID ids.ID  `json:"channelId"`
	Owner     ids.ID  `json:"owner" id:"identity"`
	Member    ids.ID  `json:"member" id:"identity"` // the next owner
	Version   uint64  `json:"version"`              // the channel's version that this changes
	Signature Bytes   `json:"signature"`
	Wait      Seconds `json:"wait,omitzero"`
}
