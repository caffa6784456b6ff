package vm

import (
	"strings"
	"testing"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
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
		{"no owner", chain.ErrNotParticipant, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Owner = ids.Empty })},
		{"a member twice", chain.ErrDuplicateParticipant, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Members = append(b.Members, b.Members[0]) })},
		{"the owner among the members", chain.ErrDuplicateParticipant, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Members = append(b.Members, b.Owner) })},
		{"an empty member", chain.ErrParticipantCount, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Members = []ids.ID{ids.Empty} })},
		{"more members than the genesis allows", chain.ErrMemberLimit, channel(bob, func(s *scene, b *chain.CreateChannel) {
			b.Members = []ids.ID{s.alice.ID(), s.carol.ID(), s.dave.ID(), s.erin.ID()}
		})},
		{"more members than any genesis allows", chain.ErrParticipantCount, channel(bob, func(_ *scene, b *chain.CreateChannel) {
			for n := range chain.MaxParticipants {
				b.Members = append(b.Members, ids.ID{9, byte(n), byte(n >> 8)})
			}
		})},
		{"metadata that is not sorted", chain.ErrMetadata, channel(bob, func(_ *scene, b *chain.CreateChannel) { b.Metadata = []chain.MetadataEntry{{Key: "b"}, {Key: "a"}} })},
		{"more metadata than the genesis allows", chain.ErrMetadata, channel(bob, func(_ *scene, b *chain.CreateChannel) {
			b.Metadata = []chain.MetadataEntry{{Key: "a", Value: strings.Repeat("b", 16)}}
		})},
		{"a deadline that has passed", chain.ErrDeadlinePassed, channel(bob, func(s *scene, b *chain.CreateChannel) { b.Deadline = s.producer.clock.millis() - 1 })},
		{"a deadline too far away", chain.ErrDeadlineTooFar, channel(bob, func(s *scene, b *chain.CreateChannel) { b.Deadline = s.producer.clock.millis() + 300_001 })},
		{"owner with the maximum of channels", chain.ErrOwnerChannelLimit, channel(alice, nil)},
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
		{"no member", chain.ErrParticipantCount, add(carol, team, func(*scene) ids.ID { return ids.Empty }, 3)},
		{"no owner", chain.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.carol, &chain.AddMember{Channel: s.team, Member: s.dave.ID(), Version: 3})
		}},
		{"unknown channel", chain.ErrUnknownChannel, add(carol, func(*scene) ids.ID { return ids.ID{1} }, dave, 3)},
		{"the ID of a session for that of a channel", chain.ErrUnknownChannel, add(carol, func(s *scene) ids.ID { return s.open }, dave, 3)},
		{"a member who is not the owner", chain.ErrNotOwner, add(alice, team, dave, 3)},
		{"somebody who is a member", chain.ErrAlreadyMember, add(carol, team, func(s *scene) ids.ID { return s.bob.ID() }, 3)},
		{"the owner as a member", chain.ErrAlreadyMember, add(carol, team, func(s *scene) ids.ID { return s.carol.ID() }, 3)},
		{"channel with the maximum of members", chain.ErrMemberLimit, add(alice, func(s *scene) ids.ID { return s.crowd }, func(s *scene) ids.ID { return s.carol.ID() }, 1)},
		{"an older version of the channel", chain.ErrChannelVersion, add(carol, team, dave, 2)},
		{"a version of the channel that is not yet", chain.ErrChannelVersion, add(carol, team, dave, 4)},
	}, signatureRules(carol,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.AddMember{Channel: s.team, Owner: actor.ID(), Member: s.dave.ID(), Version: 3}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.AddMember{Channel: s.team, Owner: actor.ID(), Member: s.erin.ID(), Version: 3}
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
		{"no remover", chain.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.carol, &chain.RemoveMember{Channel: s.team, Member: s.bob.ID(), Version: 3})
		}},
		{"unknown channel", chain.ErrUnknownChannel, remove(carol, func(*scene) ids.ID { return ids.ID{1} }, func(s *scene) ids.ID { return s.bob.ID() }, 3)},
		{"another member by a member", chain.ErrNotOwner, remove(alice, team, func(s *scene) ids.ID { return s.bob.ID() }, 3)},
		{"the owner by a member", chain.ErrNotOwner, remove(alice, team, func(s *scene) ids.ID { return s.carol.ID() }, 3)},
		{"somebody who is no member", chain.ErrNotMember, remove(carol, team, func(s *scene) ids.ID { return s.erin.ID() }, 3)},
		{"nobody", chain.ErrNotMember, remove(carol, team, func(*scene) ids.ID { return ids.Empty }, 3)},
		{"an older version of the channel", chain.ErrChannelVersion, remove(carol, team, func(s *scene) ids.ID { return s.bob.ID() }, 2)},
		{"a version of the channel that is not yet", chain.ErrChannelVersion, remove(carol, team, func(s *scene) ids.ID { return s.bob.ID() }, 4)},
	}, signatureRules(carol,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.RemoveMember{Channel: s.team, Remover: actor.ID(), Member: s.bob.ID(), Version: 3}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.RemoveMember{Channel: s.team, Remover: actor.ID(), Member: s.alice.ID(), Version: 3}
		})...))
}
