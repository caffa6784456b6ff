package vm

import (
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func TestCreateChannelIsRefused(t *testing.T) {
	channel := func(owner func(*scene) *pq.Identity, change func(s *scene, body *chain.CreateChannel)) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			body := &chain.CreateChannel{Owner: owner(s).ID(), Members: []ids.ID{s.dave.ID()}, Nonce: 1, Deadline: s.producer.deadline()}
			if change != nil {
				change(s, body)
			}
			return s.raw(owner(s), body)
		}
	}
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"no owner", refusal.ErrNotParticipant, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Owner = ids.Empty })},
		{"a member twice", refusal.ErrDuplicateParticipant, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Members = append(b.Members, b.Members[0]) })},
		{"the owner among the members", refusal.ErrDuplicateParticipant, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Members = append(b.Members, b.Owner) })},
		{"an empty member", refusal.ErrParticipantCount, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Members = []ids.ID{ids.Empty} })},
		{"more members than the genesis allows", refusal.ErrMemberLimit, channel(bob, func(s *scene, b *chain.CreateChannel) {
			b.Members = []ids.ID{s.alice.ID(), s.carol.ID(), s.dave.ID(), s.erin.ID()}
		})},
		{"more members than any genesis allows", refusal.ErrParticipantCount, channel(bob, func(_ *scene, b *chain.CreateChannel) {
			for n := range chain.MaxParticipants {
				b.Members = append(b.Members, ids.ID{9, byte(n), byte(n >> 8)})
			}
		})},
		{"metadata that is not sorted", refusal.ErrMetadata, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Metadata = []chain.MetadataEntry{{Key: "b"}, {Key: "a"}} })},
		{"more metadata than the genesis allows", refusal.ErrMetadata, channel(bob, func(_ *scene, b *chain.CreateChannel) {
			b.Metadata = []chain.MetadataEntry{{Key: "a", Value: strings.Repeat("b", 16)}}
		})},
		{"a deadline that has passed", refusal.ErrDeadlinePassed, channel(bob, func(s *scene, b *chain.CreateChannel) { b.Deadline = s.producer.clock.millis() - 1 })},
		{"a deadline too far away", refusal.ErrDeadlineTooFar, channel(bob, func(s *scene, b *chain.CreateChannel) { b.Deadline = s.producer.clock.millis() + 300_001 })},
		{"owner with the maximum of channels", refusal.ErrChannelLimit, channel(alice, nil)},
	}, signatureRules(bob,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.CreateChannel{Owner: actor.ID(), Nonce: 2, Deadline: s.producer.deadline()}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.CreateChannel{Owner: actor.ID(), Nonce: 3, Deadline: s.producer.deadline()}
		})...))
}

func TestAddMemberIsRefused(t *testing.T) {
	add := func(owner func(*scene) *pq.Identity, channel func(*scene) ids.ID, member func(*scene) ids.ID, version uint64) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			return s.raw(owner(s), &chain.AddMember{Channel: channel(s), Owner: owner(s).ID(), Member: member(s), Version: version})
		}
	}
	team := func(s *scene) ids.ID { return s.team }
	dave := func(s *scene) ids.ID { return s.dave.ID() }
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"no member", refusal.ErrParticipantCount, add(carol, team, func(*scene) ids.ID { return ids.Empty }, 5)},
		{"no owner", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.carol, &chain.AddMember{Channel: s.team, Member: s.dave.ID(), Version: 5})
		}},
		{"unknown channel", refusal.ErrUnknownChannel, add(carol, func(*scene) ids.ID { return ids.ID{1} }, dave, 5)},
		{"the ID of a session for that of a channel", refusal.ErrUnknownChannel, add(carol, func(s *scene) ids.ID { return s.open }, dave, 5)},
		{"a member who is not the owner", refusal.ErrNotOwner, add(alice, team, dave, 5)},
		{"somebody who is a member", refusal.ErrAlreadyMember, add(carol, team, func(s *scene) ids.ID { return s.bob.ID() }, 5)},
		{"the owner as a member", refusal.ErrAlreadyMember, add(carol, team, func(s *scene) ids.ID { return s.carol.ID() }, 5)},
		{"channel with the maximum of members", refusal.ErrMemberLimit, add(alice, func(s *scene) ids.ID { return s.crowd }, func(s *scene) ids.ID { return s.carol.ID() }, 1)},
		{"an older version of the channel", refusal.ErrChannelVersion, add(carol, team, dave, 4)},
		{"a version of the channel that is not yet", refusal.ErrChannelVersion, add(carol, team, dave, 6)},
	}, signatureRules(carol,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.AddMember{Channel: s.team, Owner: actor.ID(), Member: s.dave.ID(), Version: 5}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.AddMember{Channel: s.team, Owner: actor.ID(), Member: s.erin.ID(), Version: 5}
		})...))
}

func TestRemoveMemberIsRefused(t *testing.T) {
	remove := func(remover func(*scene) *pq.Identity, channel func(*scene) ids.ID, member func(*scene) ids.ID, version uint64) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			return s.raw(remover(s), &chain.RemoveMember{Channel: channel(s), Remover: remover(s).ID(), Member: member(s), Version: version})
		}
	}
	team := func(s *scene) ids.ID { return s.team }
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"no remover", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.carol, &chain.RemoveMember{Channel: s.team, Member: s.bob.ID(), Version: 5})
		}},
		{"unknown channel", refusal.ErrUnknownChannel, remove(carol, func(*scene) ids.ID { return ids.ID{1} }, func(s *scene) ids.ID { return s.bob.ID() }, 5)},
		{"another member by a member", refusal.ErrNotOwner, remove(alice, team, func(s *scene) ids.ID { return s.bob.ID() }, 5)},
		{"the owner by a member", refusal.ErrNotOwner, remove(alice, team, func(s *scene) ids.ID { return s.carol.ID() }, 5)},
		{"somebody who is no member", refusal.ErrNotMember, remove(carol, team, func(s *scene) ids.ID { return s.erin.ID() }, 5)},
		{"nobody", refusal.ErrNotMember, remove(carol, team, func(*scene) ids.ID { return ids.Empty }, 5)},
		{"an older version of the channel", refusal.ErrChannelVersion, remove(carol, team, func(s *scene) ids.ID { return s.bob.ID() }, 4)},
		{"a version of the channel that is not yet", refusal.ErrChannelVersion, remove(carol, team, func(s *scene) ids.ID { return s.bob.ID() }, 6)},
	}, signatureRules(carol,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.RemoveMember{Channel: s.team, Remover: actor.ID(), Member: s.bob.ID(), Version: 5}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.RemoveMember{Channel: s.team, Remover: actor.ID(), Member: s.alice.ID(), Version: 5}
		})...))
}

func TestTransferChannelIsRefused(t *testing.T) {
	transfer := func(owner func(*scene) *pq.Identity, channel func(*scene) ids.ID, member func(*scene) ids.ID, version uint64) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			return s.raw(owner(s), &chain.TransferChannel{Channel: channel(s), Owner: owner(s).ID(), Member: member(s), Version: version})
		}
	}
	team := func(s *scene) ids.ID { return s.team }
	crowd := func(s *scene) ids.ID { return s.crowd }
	bobID := func(s *scene) ids.ID { return s.bob.ID() }
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"no owner", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.carol, &chain.TransferChannel{Channel: s.team, Member: s.bob.ID(), Version: 5})
		}},
		{"unknown channel", refusal.ErrUnknownChannel, transfer(carol, func(*scene) ids.ID { return ids.ID{1} }, bobID, 5)},
		{"a member who is not the owner", refusal.ErrNotOwner, transfer(alice, team, bobID, 5)},
		{"to somebody who is no member", refusal.ErrNotMember, transfer(carol, team, func(s *scene) ids.ID { return s.erin.ID() }, 5)},
		{"to the owner", refusal.ErrNotMember, transfer(carol, team, func(s *scene) ids.ID { return s.carol.ID() }, 5)},
		{"to nobody", refusal.ErrNotMember, transfer(carol, team, func(*scene) ids.ID { return ids.Empty }, 5)},
		{"to a member who never registered", refusal.ErrNotRegistered, transfer(alice, crowd, func(s *scene) ids.ID { return s.dave.ID() }, 1)},
		{"to a member with the maximum of channels", refusal.ErrChannelLimit, transfer(carol, team, func(s *scene) ids.ID { return s.alice.ID() }, 5)},
		{"an older version of the channel", refusal.ErrChannelVersion, transfer(carol, team, bobID, 4)},
		{"a version of the channel that is not yet", refusal.ErrChannelVersion, transfer(carol, team, bobID, 6)},
	}, signatureRules(carol,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.TransferChannel{Channel: s.team, Owner: actor.ID(), Member: s.bob.ID(), Version: 5}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.TransferChannel{Channel: s.team, Owner: actor.ID(), Member: s.alice.ID(), Version: 5}
		})...))
}

// A channel has one session at a time, of exactly its members.
func TestASessionOfAChannelIsRefused(t *testing.T) {
	closed := func(s *scene) { // so that the next one is due
		s.follower.follow(s.producer.accept(sign(s.t, s.carol, &chain.CloseSession{Session: s.ofTeam, Participant: s.carol.ID()})).Block)
	}
	s := newScene(t)
	of := func(creator func(*scene) *pq.Identity, change func(s *scene, b *chain.CreateSession)) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			body := s.producer.channelSessionBody(creator(s), s.team, s.carol, s.alice, s.bob)
			if change != nil {
				change(s, body)
			}
			return s.raw(creator(s), body)
		}
	}
	participants := func(who ...func(*scene) *pq.Identity) func(s *scene, b *chain.CreateSession) {
		return func(s *scene, b *chain.CreateSession) {
			b.Participants, b.PublicKeys = nil, nil
			for _, person := range who {
				b.Participants, b.PublicKeys = append(b.Participants, person(s).ID()), append(b.PublicKeys, person(s).Public().KEM)
			}
		}
	}
	erin := func(s *scene) *pq.Identity { return s.erin }
	s.refuseAll(t, []refusedTransaction{
		{"while the last one is in use", refusal.ErrSessionInUse, of(alice, nil)},
		{"while the last one is in use, by the owner", refusal.ErrSessionInUse, of(carol, nil)},
	})
	closed(s)
	s.refuseAll(t, []refusedTransaction{
		{"without a member", refusal.ErrNotMember, of(alice, participants(carol, alice))},
		{"with somebody who is none", refusal.ErrNotMember, of(alice, participants(carol, alice, bob, erin))},
		{"with somebody in a member's place", refusal.ErrNotMember, of(alice, participants(carol, alice, erin))},
		{"members in another order", refusal.ErrNotMember, of(alice, participants(alice, carol, bob))},
		{"by somebody who is none", refusal.ErrNotParticipant, of(erin, nil)},
		{"other metadata", refusal.ErrMetadata, of(alice, func(_ *scene, b *chain.CreateSession) { b.Metadata = []chain.MetadataEntry{{Key: "a"}} })},
		{"an older version", refusal.ErrChannelVersion, of(alice, func(_ *scene, b *chain.CreateSession) { b.ChannelVersion-- })},
		{"a version that is not yet", refusal.ErrChannelVersion, of(alice, func(_ *scene, b *chain.CreateSession) { b.ChannelVersion++ })},
		{"no session before", refusal.ErrPreviousSession, of(alice, func(_ *scene, b *chain.CreateSession) { b.Previous = ids.Empty })},
		{"another session before", refusal.ErrPreviousSession, of(alice, func(s *scene, b *chain.CreateSession) { b.Previous = s.open })},
		{"unknown channel", refusal.ErrUnknownChannel, of(alice, func(_ *scene, b *chain.CreateSession) { b.Channel = ids.ID{1} })},
		{"no channel", refusal.ErrUnknownChannel, of(alice, func(_ *scene, b *chain.CreateSession) { b.Channel = ids.Empty })},
	})
	for _, metadata := range []chain.MetadataEntry{{Key: "topic", Value: "b"}, {Key: "other", Value: "a"}} {
		c := startChain(t, nil)
		c.accept(c.registration(identity(1)))
		channel := sign(t, identity(1), &chain.CreateChannel{
			Owner: identity(1).ID(), Deadline: c.deadline(), Metadata: []chain.MetadataEntry{{Key: "topic", Value: "a"}},
		})
		c.accept(channel)
		body := c.channelSessionBody(identity(1), chain.ChannelID(testChainID, channel.ID()), identity(1))
		body.Metadata = []chain.MetadataEntry{metadata}
		c.requireRefused(c.submitBytes(sign(t, identity(1), body).Bytes()), refusal.ErrMetadata)
		body.Metadata[0] = chain.MetadataEntry{Key: "topic", Value: "a"}
		c.accept(sign(t, identity(1), body))
	}
	// Any member makes the next one, and of two in one block the second is refused.
	first := sign(t, s.bob, s.producer.channelSessionBody(s.bob, s.team, s.carol, s.alice, s.bob))
	second := sign(t, s.alice, s.producer.channelSessionBody(s.alice, s.team, s.carol, s.alice, s.bob))
	s.follower.requireUntouched(func() {
		s.follower.requireRefused(s.follower.verifyBytes(s.producer.forge(nil, first, second).Bytes()), refusal.ErrPreviousSession)
	})
	s.follower.follow(s.producer.accept(first).Block)
	s.refuse(of(alice, nil)(s), refusal.ErrSessionInUse)
	// A full one is over, as an expired one is.
	id := s.producer.sessionID(first)
	s.follower.follow(s.producer.accept(s.producer.message(s.bob, id, "one"), s.producer.message(s.alice, id, "two")).Block)
	s.follower.follow(s.producer.accept(sign(t, s.alice, s.producer.channelSessionBody(s.alice, s.team, s.carol, s.alice, s.bob))).Block)
	s.producer.clock.advance(time.Hour)
	s.follower.follow(s.producer.accept(sign(t, s.alice, s.producer.channelSessionBody(s.alice, s.team, s.carol, s.alice, s.bob))).Block)
}
