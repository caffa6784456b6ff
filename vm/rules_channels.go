package vm

import (
	"fmt"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// checkChannelSession lets a channel have one session at a time, of all its members.
func (r *rules) checkChannelSession(body *chain.CreateSession) error {
	channel, err := r.channel(body.Channel)
	if err != nil {
		return err
	}
	if err := r.checkVersion(channel, body.ChannelVersion); err != nil {
		return err
	}
	if !slices.Equal(body.Participants, channel.Members) {
		return refusal.New(refusal.ErrNotMember, "the channel's members as participants, all of them in their order", body.Participants)
	}
	if !slices.EqualFunc(body.Metadata, channel.Metadata, func(a, b chain.MetadataEntry) bool { return a.Key == b.Key && a.Value == b.Value }) {
		return refusal.New(refusal.ErrMetadata, "the channel's metadata", "another")
	}
	if body.Previous != channel.Session {
		return refusal.New(refusal.ErrPreviousSession, "the channel's latest session, "+channel.Session.String(), body.Previous)
	}
	session, exists, err := r.state.Session(channel.Session)
	if err != nil {
		return err
	}
	if exists && session.StatusAt(r.now) == chain.SessionActive && session.Messages < r.genesis.MaxMessages {
		return refusal.New(refusal.ErrSessionInUse, "session "+channel.Session.String()+" to be over", "one that takes messages")
	}
	return nil
}

func (r *rules) channel(id ids.ID) (*chain.Channel, error) {
	channel, exists, err := r.state.Channel(id)
	if err != nil {
		return nil, err
	}
	if !exists {
		return nil, refusal.New(refusal.ErrUnknownChannel, "the ID of a channel", id)
	}
	return channel, nil
}

func (r *rules) checkCreateChannel(body *chain.CreateChannel) error {
	if err := r.checkDeadline(body.Deadline); err != nil {
		return err
	}
	if n := uint64(len(body.Members)) + 1; n > r.genesis.Limits.MaxParticipants {
		return refusal.New(refusal.ErrMemberLimit, fmt.Sprintf("at most %d members with the owner", r.genesis.Limits.MaxParticipants), n)
	}
	if err := r.checkMetadata(body.Metadata); err != nil {
		return err
	}
	return r.checkOwner(body.Owner, r.genesis.MaxChannels)
}

// checkOwner refuses one channel more of an owner who has so many.
func (r *rules) checkOwner(id ids.ID, most uint64) error {
	owner, err := r.registered(id)
	if err != nil {
		return err
	}
	if owner.Channels >= most {
		return refusal.New(refusal.ErrChannelLimit, fmt.Sprintf("fewer than %d channels of one owner", most), owner.Channels)
	}
	return nil
}

func (r *rules) checkVersion(channel *chain.Channel, version uint64) error {
	if version != channel.Version {
		return refusal.New(refusal.ErrChannelVersion, fmt.Sprintf("channel version %d", channel.Version), version)
	}
	return nil
}

func (r *rules) checkAddMember(body *chain.AddMember) error {
	channel, err := r.channel(body.Channel)
	if err != nil {
		return err
	}
	if channel.Owner != body.Owner {
		return refusal.New(refusal.ErrNotOwner, "the channel's owner", body.Owner)
	}
	if channel.Member(body.Member) >= 0 {
		return refusal.New(refusal.ErrAlreadyMember, "somebody who is not a member", body.Member)
	}
	if n := uint64(len(channel.Members)); n >= r.genesis.Limits.MaxParticipants {
		return refusal.New(refusal.ErrMemberLimit, fmt.Sprintf("fewer than %d members", r.genesis.Limits.MaxParticipants), n)
	}
	return r.checkVersion(channel, body.Version)
}

func (r *rules) checkRemoveMember(body *chain.RemoveMember) error {
	channel, err := r.channel(body.Channel)
	if err != nil {
		return err
	}
	if body.Remover != channel.Owner && body.Remover != body.Member {
		return refusal.New(refusal.ErrNotOwner, "the channel's owner, or the member itself", body.Remover)
	}
	if channel.Member(body.Member) < 0 {
		return refusal.New(refusal.ErrNotMember, "a member of the channel", body.Member)
	}
	return r.checkVersion(channel, body.Version)
}

// checkTransferChannel leaves the new owner, whom nobody asks, half of the channels to make.
func (r *rules) checkTransferChannel(body *chain.TransferChannel) error {
	channel, err := r.channel(body.Channel)
	if err != nil {
		return err
	}
	if channel.Owner != body.Owner {
		return refusal.New(refusal.ErrNotOwner, "the channel's owner", body.Owner)
	}
	if channel.Member(body.Member) < 0 || body.Member == body.Owner {
		return refusal.New(refusal.ErrNotMember, "another member of the channel", body.Member)
	}
	if err := r.checkOwner(body.Member, (r.genesis.MaxChannels+1)/2); err != nil {
		return err
	}
	return r.checkVersion(channel, body.Version)
}
