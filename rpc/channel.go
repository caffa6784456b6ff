package rpc

import (
	"context"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

func (r *request) getChannel(_ context.Context, p *client.GetChannelParams) (*client.GetChannelResult, error) {
	channel, err := r.vm.Snapshot().Channel(p.ChannelID)
	if err != nil {
		return nil, instead(err, refusal.ErrUnknownChannel, "the ID of a channel", p.ChannelID)
	}
	return &client.GetChannelResult{Channel: client.Channel{
		ID:       p.ChannelID,
		Owner:    channel.Owner,
		Members:  channel.Members,
		Metadata: metadataObject(channel.Metadata),
		Created:  timeOf(channel.Created),
		Active:   timeOf(channel.Active),
		Version:  channel.Version,
		Sessions: channel.Sessions,
		Session:  channel.Session,
		Number:   channel.Number,
	}}, nil
}
