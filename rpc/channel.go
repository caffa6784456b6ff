package rpc

import (
	"context"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

func (r *request) createChannel(ctx context.Context, p *client.CreateChannelParams) (*client.CreateChannelResult, error) {
	body := &chain.CreateChannel{
		Owner:    p.Owner,
		Members:  p.Members,
		Metadata: metadataEntries(p.Metadata),
		Nonce:    p.Nonce,
		Deadline: p.Deadline,
	}
	tx, err := r.submitBody(ctx, body, p.Signature, p.Wait)
	if err != nil {
		return nil, err
	}
	return &client.CreateChannelResult{
		ChannelID:     chain.ChannelID(r.chainID(), tx.ID()),
		TransactionID: tx.ID(),
		Height:        tx.Height,
	}, nil
}

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

func (r *request) addMember(ctx context.Context, p *client.AddMemberParams) (*client.SuccessResult, error) {
	body := &chain.AddMember{Channel: p.ChannelID, Owner: p.Owner, Member: p.Member, Version: p.Version}
	return r.success(ctx, body, p.Signature, p.Wait)
}

func (r *request) removeMember(ctx context.Context, p *client.RemoveMemberParams) (*client.SuccessResult, error) {
	body := &chain.RemoveMember{Channel: p.ChannelID, Remover: p.Remover, Member: p.Member, Version: p.Version}
	return r.success(ctx, body, p.Signature, p.Wait)
}

func (r *request) transferChannel(ctx context.Context, p *client.TransferChannelParams) (*client.SuccessResult, error) {
	body := &chain.TransferChannel{Channel: p.ChannelID, Owner: p.Owner, Member: p.Member, Version: p.Version}
	return r.success(ctx, body, p.Signature, p.Wait)
}
