package vm

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
)

// badKEMKey has coefficients of 4095, which FIPS 203, section 7.2, does not allow.
var badKEMKey = bytes.Repeat([]byte{0xff}, chain.KEMPublicKeySize)

// refusedTransaction is a transaction that breaks one rule.
type refusedTransaction struct {
	name   string
	reason chain.Reason
	make   func(s *scene) *chain.Transaction
}

func (s *scene) refuseAll(t *testing.T, cases []refusedTransaction) {
	for _, test := range cases {
		ok := t.Run(test.name, func(t *testing.T) {
			s.t, s.producer.t, s.follower.t = t, t, t
			s.refuse(test.make(s), test.reason)
		})
		if !ok {
			return // the two VMs may differ from here on
		}
	}
	s.t, s.producer.t, s.follower.t = t, t, t
}

var otherChainID = ids.ID{'o', 't', 'h', 'e', 'r'}

// signatureRules are those that hold for every signed body: another signature than the
// actor's, over exactly this body, on this chain, with this context, is refused; and so is
// an actor who never registered, and a replay.
func signatureRules(signer func(*scene) *pq.Identity, body, otherBody func(s *scene, actor *pq.Identity) chain.Body) []refusedTransaction {
	return []refusedTransaction{
		{"signature with one bit changed", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			tx := s.raw(signer(s), body(s, signer(s)))
			signature := bytes.Clone(tx.Signature)
			signature[0] ^= 1
			return s.withSignature(tx.Body, signature)
		}},
		{"signature of zeros", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			return s.withSignature(body(s, signer(s)), make([]byte, chain.SignatureSize))
		}},
		{"signature of another identity", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			return s.raw(s.erin, body(s, signer(s)))
		}},
		{"signature for another chain", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			b := body(s, signer(s))
			return s.signedAs(signer(s), b.Context(), otherChainID, b, b)
		}},
		{"signature with another context", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			b := body(s, signer(s))
			return s.signedAs(signer(s), b.Context()+"x", testChainID, b, b)
		}},
		{"signature over another body", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			b := body(s, signer(s))
			return s.signedAs(signer(s), b.Context(), testChainID, otherBody(s, signer(s)), b)
		}},
		{"signature one byte short", chain.ErrSignatureSize, func(s *scene) *chain.Transaction {
			tx := s.raw(signer(s), body(s, signer(s)))
			return s.withSignature(tx.Body, tx.Signature[1:])
		}},
		{"signature one byte long", chain.ErrSignatureSize, func(s *scene) *chain.Transaction {
			tx := s.raw(signer(s), body(s, signer(s)))
			return s.withSignature(tx.Body, append(bytes.Clone(tx.Signature), 0))
		}},
		{"no signature", chain.ErrSignatureSize, func(s *scene) *chain.Transaction {
			return s.raw(nil, body(s, signer(s)))
		}},
		{"actor who never registered", chain.ErrNotRegistered, func(s *scene) *chain.Transaction {
			return s.raw(s.dave, body(s, s.dave))
		}},
		{"replay", chain.ErrDuplicate, func(s *scene) *chain.Transaction {
			return s.accepted[body(s, signer(s)).Context()]
		}},
		{"replay with another signature", chain.ErrDuplicate, func(s *scene) *chain.Transaction {
			tx := s.accepted[body(s, signer(s)).Context()]
			return s.withSignature(tx.Body, make([]byte, chain.SignatureSize))
		}},
	}
}

func alice(s *scene) *pq.Identity { return s.alice }
func bob(s *scene) *pq.Identity   { return s.bob }
func carol(s *scene) *pq.Identity { return s.carol }

func (s *scene) register(change func(*chain.RegisterIdentity)) *chain.RegisterIdentity {
	public := identity(6).Public()
	body := &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: s.producer.deadline()}
	if change != nil {
		change(body)
	}
	return body
}

func TestRegisterIdentityIsRefused(t *testing.T) {
	registration := func(change func(s *scene, body *chain.RegisterIdentity)) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			return s.raw(nil, s.register(func(body *chain.RegisterIdentity) { change(s, body) }))
		}
	}
	newScene(t).refuseAll(t, []refusedTransaction{
		{"KEM key one byte short", chain.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = b.KEMPublicKey[1:] })},
		{"KEM key one byte long", chain.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = append(b.KEMPublicKey, 0) })},
		{"no KEM key", chain.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = nil })},
		{"KEM key that fails FIPS 203's check", chain.ErrKEMKey, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = badKEMKey })},
		{"DSA key one byte short", chain.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.DSAPublicKey = b.DSAPublicKey[1:] })},
		{"no DSA key", chain.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.DSAPublicKey = nil })},
		{"a signature", chain.ErrUnexpectedSignature, func(s *scene) *chain.Transaction { return s.raw(s.alice, s.register(nil)) }},
		{"deadline passed", chain.ErrDeadlinePassed, registration(func(s *scene, b *chain.RegisterIdentity) { b.Deadline = s.producer.clock.millis() - 1 })},
		{"no deadline", chain.ErrDeadlinePassed, registration(func(_ *scene, b *chain.RegisterIdentity) { b.Deadline = 0 })},
		{"deadline too far", chain.ErrDeadlineTooFar, registration(func(s *scene, b *chain.RegisterIdentity) { b.Deadline = s.producer.clock.millis() + 300_001 })},
		{"deadline at the end of time", chain.ErrDeadlineTooFar, registration(func(_ *scene, b *chain.RegisterIdentity) { b.Deadline = ^uint64(0) })},
		{"registered and too fresh to renew", chain.ErrIdentityRenewal, registration(func(s *scene, b *chain.RegisterIdentity) {
			b.KEMPublicKey, b.DSAPublicKey = s.alice.Public().KEM, s.alice.Public().DSA
		})},
		{"replay", chain.ErrDeadlinePassed, func(s *scene) *chain.Transaction {
			// The deadline of the scene's registrations is long past: even a chain that
			// forgot the transaction would not take it again.
			tx := s.accepted[chain.ContextRegisterIdentity]
			body := *tx.Body.(*chain.RegisterIdentity)
			body.Deadline++
			return s.raw(nil, &body)
		}},
		{"the same transaction again", chain.ErrDuplicate, func(s *scene) *chain.Transaction { return s.accepted[chain.ContextRegisterIdentity] }},
	})
}

func TestCreateSessionIsRefused(t *testing.T) {
	changed := func(signer func(*scene) *pq.Identity, change func(s *scene, body *chain.CreateSession)) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			var creator *pq.Identity
			if signer != nil {
				creator = signer(s)
			}
			body := s.producer.sessionBody(creator, s.alice, s.bob)
			change(s, body)
			return s.raw(creator, body)
		}
	}
	plain := func(change func(s *scene, body *chain.CreateSession)) func(*scene) *chain.Transaction {
		return changed(nil, change)
	}
	signed := func(change func(s *scene, body *chain.CreateSession)) func(*scene) *chain.Transaction {
		return changed(alice, change)
	}
	five := func(s *scene, b *chain.CreateSession) {
		for _, extra := range []*pq.Identity{s.carol, s.dave, s.erin} {
			b.Participants, b.PublicKeys = append(b.Participants, extra.ID()), append(b.PublicKeys, extra.Public().KEM)
		}
	}
	both := func(name string, reason chain.Reason, change func(s *scene, body *chain.CreateSession)) []refusedTransaction {
		return []refusedTransaction{{"plain, " + name, reason, plain(change)}, {"signed, " + name, reason, signed(change)}}
	}
	var cases []refusedTransaction
	for _, group := range [][]refusedTransaction{
		both("no participants", chain.ErrParticipantCount, func(_ *scene, b *chain.CreateSession) { b.Participants, b.PublicKeys = nil, nil }),
		both("more participants than the genesis allows", chain.ErrParticipantCount, five),
		both("more participants than any genesis allows", chain.ErrParticipantCount, func(s *scene, b *chain.CreateSession) {
			for n := range chain.MaxParticipants {
				b.Participants = append(b.Participants, ids.ID{9, byte(n), byte(n >> 8)})
				b.PublicKeys = append(b.PublicKeys, nil)
			}
		}),
		both("a participant twice", chain.ErrDuplicateParticipant, func(_ *scene, b *chain.CreateSession) { b.Participants[1] = b.Participants[0] }),
		both("an empty participant", chain.ErrParticipantCount, func(_ *scene, b *chain.CreateSession) { b.Participants[1] = ids.Empty }),
		both("a key too few", chain.ErrKeyCount, func(_ *scene, b *chain.CreateSession) { b.PublicKeys = b.PublicKeys[:1] }),
		both("a key too many", chain.ErrKeyCount, func(_ *scene, b *chain.CreateSession) { b.PublicKeys = append(b.PublicKeys, b.PublicKeys[0]) }),
		both("a key one byte short", chain.ErrKeySize, func(_ *scene, b *chain.CreateSession) { b.PublicKeys[1] = b.PublicKeys[1][1:] }),
		both("an ML-DSA key for a KEM key", chain.ErrKeySize, func(s *scene, b *chain.CreateSession) { b.PublicKeys[0] = s.alice.Public().DSA }),
		both("a key that fails FIPS 203's check", chain.ErrKEMKey, func(_ *scene, b *chain.CreateSession) { b.PublicKeys[1] = badKEMKey }),
		both("metadata that is not sorted", chain.ErrMetadata, func(_ *scene, b *chain.CreateSession) { b.Metadata = []chain.MetadataEntry{{Key: "b"}, {Key: "a"}} }),
		both("a metadata key twice", chain.ErrMetadata, func(_ *scene, b *chain.CreateSession) { b.Metadata = []chain.MetadataEntry{{Key: "a"}, {Key: "a"}} }),
		both("an empty metadata key", chain.ErrMetadata, func(_ *scene, b *chain.CreateSession) { b.Metadata = []chain.MetadataEntry{{Value: "a"}} }),
		both("more metadata than the genesis allows", chain.ErrMetadata, func(_ *scene, b *chain.CreateSession) {
			b.Metadata = []chain.MetadataEntry{{Key: "a", Value: strings.Repeat("b", 16)}}
		}),
		both("a deadline that has passed", chain.ErrDeadlinePassed, func(s *scene, b *chain.CreateSession) { b.Deadline = s.producer.clock.millis() - 1 }),
		both("a deadline too far away", chain.ErrDeadlineTooFar, func(s *scene, b *chain.CreateSession) { b.Deadline = s.producer.clock.millis() + 300_001 }),
		{
			{"plain with a signature", chain.ErrUnexpectedSignature, func(s *scene) *chain.Transaction { return s.raw(s.alice, s.producer.sessionBody(nil, s.alice, s.bob)) }},
			{"plain in a channel", chain.ErrSignatureRequired, plain(func(s *scene, b *chain.CreateSession) { b.Channel = s.team })},
			{"creator who is no participant", chain.ErrNotParticipant, func(s *scene) *chain.Transaction {
				return s.raw(s.carol, s.producer.sessionBody(s.carol, s.alice, s.bob))
			}},
			{"unknown channel", chain.ErrUnknownChannel, signed(func(_ *scene, b *chain.CreateSession) { b.Channel = ids.ID{1} })},
			{"participant who is no member of the channel", chain.ErrNotMember, func(s *scene) *chain.Transaction {
				body := s.producer.sessionBody(s.alice, s.alice, s.erin)
				body.Channel = s.team
				return s.raw(s.alice, body)
			}},
		},
		signatureRules(alice,
			func(s *scene, actor *pq.Identity) chain.Body {
				return s.producer.sessionBody(actor, s.alice, actor2(s, actor))
			},
			func(s *scene, actor *pq.Identity) chain.Body { return s.producer.sessionBody(actor, s.alice, s.carol) }),
	} {
		cases = append(cases, group...)
	}
	newScene(t).refuseAll(t, cases)
}

// actor2 returns the actor, or bob if the actor is alice.
func actor2(s *scene, actor *pq.Identity) *pq.Identity {
	if actor == s.alice {
		return s.bob
	}
	return actor
}

func TestSendMessageIsRefused(t *testing.T) {
	message := func(sender func(*scene) *pq.Identity, session func(*scene) ids.ID, size int) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			return s.raw(sender(s), &chain.SendMessage{Session: session(s), Sender: sender(s).ID(), Ciphertext: make([]byte, size)})
		}
	}
	open := func(s *scene) ids.ID { return s.open }
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"no ciphertext", chain.ErrCiphertextSize, message(alice, open, 0)},
		{"ciphertext one byte longer than the genesis allows", chain.ErrCiphertextSize, message(alice, open, 65)},
		{"no sender", chain.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.alice, &chain.SendMessage{Session: s.open, Ciphertext: []byte("x")})
		}},
		{"unknown session", chain.ErrUnknownSession, message(alice, func(*scene) ids.ID { return ids.ID{7, 1} }, 1)},
		{"no session", chain.ErrUnknownSession, message(alice, func(*scene) ids.ID { return ids.Empty }, 1)},
		{"the ID of a channel for that of a session", chain.ErrUnknownSession, message(alice, func(s *scene) ids.ID { return s.team }, 1)},
		{"sender who is no participant", chain.ErrNotParticipant, message(carol, open, 1)},
		{"session that has its maximum of messages", chain.ErrSessionFull, message(alice, func(s *scene) ids.ID { return s.full }, 1)},
		{"expired session", chain.ErrSessionExpired, message(alice, func(s *scene) ids.ID { return s.expired }, 1)},
		{"closed session", chain.ErrSessionClosed, message(bob, func(s *scene) ids.ID { return s.closed }, 1)},
		{"signature for another session", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			signed := chain.SendMessage{Session: s.receipts, Sender: s.alice.ID(), Ciphertext: []byte("x")}
			body := &chain.SendMessage{Session: s.open, Sender: s.alice.ID(), Ciphertext: []byte("x")}
			return s.signedAs(s.alice, chain.ContextMessage, testChainID, &signed, body)
		}},
		{"signature of the other participant", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			return s.raw(s.bob, &chain.SendMessage{Session: s.open, Sender: s.alice.ID(), Ciphertext: []byte("x")})
		}},
		{"signature with the context of a receipt", chain.ErrBadSignature, func(s *scene) *chain.Transaction {
			body := &chain.SendMessage{Session: s.open, Sender: s.alice.ID(), Ciphertext: []byte("x")}
			return s.signedAs(s.alice, chain.ContextAcknowledge, testChainID, body, body)
		}},
	}, signatureRules(alice,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.SendMessage{Session: s.withDave, Sender: actor.ID(), Ciphertext: []byte("x")}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.SendMessage{Session: s.withDave, Sender: actor.ID(), Ciphertext: []byte("y")}
		})...))
}

func TestAcknowledgeIsRefused(t *testing.T) {
	receipt := func(participant func(*scene) *pq.Identity, session func(*scene) ids.ID, sequence uint64) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			return s.raw(participant(s), &chain.Acknowledge{Session: session(s), Participant: participant(s).ID(), Sequence: sequence})
		}
	}
	receipts := func(s *scene) ids.ID { return s.receipts }
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"sequence 0", chain.ErrStaleReceipt, receipt(alice, receipts, 0)},
		{"sequence ahead of the messages", chain.ErrReceiptAhead, receipt(alice, receipts, 3)},
		{"sequence far ahead of the messages", chain.ErrReceiptAhead, receipt(alice, receipts, ^uint64(0))},
		{"session without messages", chain.ErrReceiptAhead, receipt(alice, func(s *scene) ids.ID { return s.open }, 1)},
		{"sequence before that of the last receipt", chain.ErrStaleReceipt, func(s *scene) *chain.Transaction {
			receipt := sign(s.t, s.alice, &chain.Acknowledge{Session: s.receipts, Participant: s.alice.ID(), Sequence: 2})
			s.follower.follow(s.producer.accept(receipt).Block)
			return s.raw(s.alice, &chain.Acknowledge{Session: s.receipts, Participant: s.alice.ID(), Sequence: 1})
		}},
		{"unknown session", chain.ErrUnknownSession, receipt(alice, func(*scene) ids.ID { return ids.ID{7} }, 1)},
		{"identity that is no participant", chain.ErrNotParticipant, receipt(carol, receipts, 1)},
		{"no participant", chain.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.alice, &chain.Acknowledge{Session: s.receipts, Sequence: 1})
		}},
	}, signatureRules(alice,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.Acknowledge{Session: s.withDave, Participant: actor.ID(), Sequence: 1}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.Acknowledge{Session: s.receipts, Participant: actor.ID(), Sequence: 1}
		})...))
}

func TestRotateKeyIsRefused(t *testing.T) {
	rotate := func(participant func(*scene) *pq.Identity, session func(*scene) ids.ID, epoch uint64, key []byte) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			body := s.rotation(participant(s), session(s), epoch)
			if key != nil {
				body.PublicKey = key
			}
			return s.raw(participant(s), body)
		}
	}
	open := func(s *scene) ids.ID { return s.open }
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"key one byte short", chain.ErrKeySize, rotate(alice, open, 1, badKEMKey[1:])},
		{"key that fails FIPS 203's check", chain.ErrKEMKey, rotate(alice, open, 1, badKEMKey)},
		{"the epoch that there is", chain.ErrKeyEpoch, rotate(alice, open, 0, nil)},
		{"an epoch left out", chain.ErrKeyEpoch, rotate(alice, open, 2, nil)},
		{"the last epoch of all", chain.ErrKeyEpoch, rotate(alice, open, ^uint64(0), nil)},
		{"the other participant's next epoch", chain.ErrKeyEpoch, rotate(alice, func(s *scene) ids.ID { return s.receipts }, 2, nil)},
		{"unknown session", chain.ErrUnknownSession, rotate(alice, func(*scene) ids.ID { return ids.ID{7} }, 1, nil)},
		{"identity that is no participant", chain.ErrNotParticipant, rotate(carol, open, 1, nil)},
		{"expired session", chain.ErrSessionExpired, rotate(alice, func(s *scene) ids.ID { return s.expired }, 1, nil)},
		{"closed session", chain.ErrSessionClosed, rotate(alice, func(s *scene) ids.ID { return s.closed }, 1, nil)},
		{"no participant", chain.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.alice, &chain.RotateKey{Session: s.open, PublicKey: s.erin.Public().KEM, Epoch: 1})
		}},
	}, signatureRules(alice,
		func(s *scene, actor *pq.Identity) chain.Body { return s.rotation(actor, s.withDave, 1) },
		func(s *scene, actor *pq.Identity) chain.Body { return s.rotation(actor, s.open, 1) })...))
}

func TestCloseSessionIsRefused(t *testing.T) {
	closing := func(participant func(*scene) *pq.Identity, session func(*scene) ids.ID) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			return s.raw(participant(s), &chain.CloseSession{Session: session(s), Participant: participant(s).ID()})
		}
	}
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"unknown session", chain.ErrUnknownSession, closing(alice, func(*scene) ids.ID { return ids.ID{7} })},
		{"identity that is no participant", chain.ErrNotParticipant, closing(carol, func(s *scene) ids.ID { return s.open })},
		{"expired session", chain.ErrSessionExpired, closing(alice, func(s *scene) ids.ID { return s.expired })},
		{"closed session", chain.ErrSessionClosed, closing(alice, func(s *scene) ids.ID { return s.closed })},
		{"a channel's session, by neither its creator nor the channel's owner", chain.ErrNotOwner, closing(bob, func(s *scene) ids.ID { return s.ofTeam })},
		{"no participant", chain.ErrNotParticipant, func(s *scene) *chain.Transaction { return s.raw(s.alice, &chain.CloseSession{Session: s.open}) }},
	}, signatureRules(alice,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.CloseSession{Session: s.withDave, Participant: actor.ID()}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.CloseSession{Session: s.open, Participant: actor.ID()}
		})...))
}

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

func TestTransactionTwiceInOneBlockIsRefused(t *testing.T) {
	s := newScene(t)
	for _, tx := range []*chain.Transaction{
		s.producer.message(s.alice, s.open, "once"),
		sign(t, nil, s.producer.sessionBody(nil, s.alice, s.bob)),
		s.good(),
	} {
		again := tx
		if tx.Body.Actor() != ids.Empty {
			again = s.withSignature(tx.Body, make([]byte, chain.SignatureSize)) // the ID leaves the signature out
		}
		s.follower.requireUntouched(func() {
			s.follower.requireRefused(s.follower.verifyBytes(s.producer.forge(nil, tx, tx).Bytes()), chain.ErrDuplicate)
			s.follower.requireRefused(s.follower.verifyBytes(s.producer.forge(nil, tx, again).Bytes()), chain.ErrDuplicate)
		})
	}
}

func TestParticipantWhoOnlyReceivesNeedNotRegister(t *testing.T) {
	s := newScene(t)
	record, err := s.follower.Snapshot().Session(s.withDave)
	require.NoError(t, err)
	require.EqualValues(t, 1, record.Messages)
	require.GreaterOrEqual(t, record.Participant(s.dave.ID()), 0)
	channel, err := s.follower.Snapshot().Channel(s.crowd)
	require.NoError(t, err)
	require.GreaterOrEqual(t, channel.Member(s.dave.ID()), 0)
	_, err = s.follower.Snapshot().Identity(s.dave.ID())
	require.ErrorIs(t, err, chain.ErrNotFound)

	// Once registered, it may act in the same session.
	answer := s.producer.message(s.dave, s.withDave, "answer")
	s.refuse(answer, chain.ErrNotRegistered)
	s.follower.follow(s.producer.accept(s.producer.registration(s.dave)).Block)
	s.follower.follow(s.producer.accept(answer).Block)
}

func TestRegistrationAndFirstActInOneBlock(t *testing.T) {
	c := startChain(t, nil)
	follower := c.peer()
	alice, bob := identity(1), identity(2)
	create := sign(t, alice, c.sessionBody(alice, alice, bob))
	blk := c.forge(nil, c.registration(alice), create, c.message(alice, c.sessionID(create), "first"))
	follower.follow(blk)
	c.follow(blk)
	// The other way round the block is refused.
	create = sign(t, bob, c.sessionBody(bob, alice, bob))
	follower.requireUntouched(func() {
		follower.requireRefused(follower.verifyBytes(c.forge(nil, create, c.registration(bob)).Bytes()), chain.ErrNotRegistered)
	})
}

func TestChannelOwnerAndCreatorMayCloseAChannelsSession(t *testing.T) {
	s := newScene(t)
	body := s.producer.sessionBody(s.alice, s.alice, s.bob, s.carol)
	body.Channel = s.team
	second := sign(t, s.alice, body)
	s.producer.accept(second)
	s.producer.accept(
		sign(t, s.alice, &chain.CloseSession{Session: s.ofTeam, Participant: s.alice.ID()}),                             // its creator
		sign(t, s.carol, &chain.CloseSession{Session: s.producer.sessionID(second), Participant: s.carol.ID()}),         // the channel's owner
		sign(t, s.carol, &chain.RemoveMember{Channel: s.team, Remover: s.carol.ID(), Member: s.alice.ID(), Version: 3}), // by the owner
	)
	s.producer.accept(sign(t, s.bob, &chain.RemoveMember{Channel: s.team, Remover: s.bob.ID(), Member: s.bob.ID(), Version: 4})) // by itself
	channel, err := s.producer.Snapshot().Channel(s.team)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{s.carol.ID()}, channel.Members)
	require.EqualValues(t, 5, channel.Version)
	require.Equal(t, s.producer.sessionID(second), channel.Session)
	require.EqualValues(t, 2, channel.Sessions)

	// A channel whose owner leaves is gone, and its owner may have another.
	leave := sign(t, s.carol, &chain.RemoveMember{Channel: s.team, Remover: s.carol.ID(), Member: s.carol.ID(), Version: 5})
	s.producer.accept(leave)
	_, err = s.producer.Snapshot().Channel(s.team)
	require.ErrorIs(t, err, chain.ErrNotFound)
	s.producer.accept(sign(t, s.carol, &chain.CreateChannel{Owner: s.carol.ID(), Deadline: s.producer.deadline()}))
	s.producer.requireRefused(s.producer.submitBytes(sign(t, s.carol, &chain.AddMember{Channel: s.team, Owner: s.carol.ID(), Member: s.bob.ID(), Version: 5}).Bytes()), chain.ErrUnknownChannel)
}

func TestReceiptsAreTakenAfterTheEndOfASession(t *testing.T) {
	s := newScene(t)
	closing := sign(t, s.alice, &chain.CloseSession{Session: s.receipts, Participant: s.alice.ID()})
	s.producer.accept(closing)
	late := sign(t, s.bob, &chain.Acknowledge{Session: s.receipts, Participant: s.bob.ID(), Sequence: 2})
	s.producer.accept(late)
	receipt, err := s.producer.Snapshot().Receipt(s.receipts, s.bob.ID())
	require.NoError(t, err)
	require.Equal(t, &chain.Receipt{Sequence: 2, Timestamp: s.producer.clock.millis(), Transaction: late.ID()}, plainReceipt(receipt))
	record, err := s.producer.Snapshot().Session(s.receipts)
	require.NoError(t, err)
	require.Equal(t, chain.SessionClosed, record.Status, "a receipt does not open a session again")
}

// plainReceipt returns a receipt without what the decoder remembers about it.
func plainReceipt(r *chain.Receipt) *chain.Receipt {
	return &chain.Receipt{Sequence: r.Sequence, Timestamp: r.Timestamp, Transaction: r.Transaction}
}

func TestRotatedKeyIsTheSessionsKey(t *testing.T) {
	s := newScene(t)
	keys, err := s.producer.Snapshot().SessionKeys(s.receipts)
	require.NoError(t, err)
	require.Equal(t, s.alice.Public().KEM, keys.PublicKeys[0])
	require.Equal(t, s.erin.Public().KEM, keys.PublicKeys[1])
	require.Equal(t, []uint64{0, 1}, keys.Epochs)
	record, err := s.producer.Snapshot().Session(s.receipts)
	require.NoError(t, err)
	require.Equal(t, keys.Hash(), record.KeysHash)
	// The transaction that made the session still has the key that it came with.
	blk, err := s.producer.BlockAt(4)
	require.NoError(t, err)
	require.Equal(t, s.bob.Public().KEM, blk.Transactions[1].Body.(*chain.CreateSession).PublicKeys[1])
}

func TestRotationInTheSessionsOwnBlockLeavesTheTransactionAlone(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, _ := c.open2()
	follower := c.peer()
	create := sign(t, alice, c.sessionBody(alice, alice, bob))
	session, key := c.sessionID(create), identity(9).Public().KEM
	rotate := sign(t, bob, &chain.RotateKey{Session: session, Participant: bob.ID(), PublicKey: key, Epoch: 1})
	blk := c.forge(nil, create, rotate)
	c.follow(blk)
	parsed := follower.follow(blk)
	require.Equal(t, bob.Public().KEM, create.Body.(*chain.CreateSession).PublicKeys[1])
	require.Equal(t, bob.Public().KEM, parsed.Transactions[0].Body.(*chain.CreateSession).PublicKeys[1])
	keys, err := follower.Snapshot().SessionKeys(session)
	require.NoError(t, err)
	require.Equal(t, [][]byte{alice.Public().KEM, key}, keys.PublicKeys)
}

// TestBlockLimitsOfWhatNobodySigns shows that plain sessions and registrations beyond the
// bound of a block wait for the next one, and that a block with more is refused.
func TestBlockLimitsOfWhatNobodySigns(t *testing.T) {
	for _, test := range []struct {
		name   string
		reason chain.Reason
		make   func(c *testChain, n int) *chain.Transaction
	}{
		{"plain sessions", chain.ErrPendingBlockLimit, func(c *testChain, n int) *chain.Transaction {
			return sign(c.t, nil, c.sessionBody(nil, identity(1), identity(2)))
		}},
		{"registrations", chain.ErrIdentityBlockLimit, func(c *testChain, n int) *chain.Transaction { return c.registration(identity(n)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) {
				g.Limits.MaxBlockPendingSessions = 2
				g.Limits.MaxBlockRegistrations = 2
			})
			follower := c.peer()
			var transactions []*chain.Transaction
			for n := range 5 {
				transactions = append(transactions, test.make(c, n))
				require.NoError(t, c.Submit(context.Background(), transactions[n]))
			}
			follower.requireUntouched(func() {
				follower.requireRefused(follower.verifyBytes(c.forge(nil, transactions[:3]...).Bytes()), test.reason)
			})
			for _, want := range []int{2, 2, 1} {
				blk := c.block()
				require.Len(t, blk.Transactions, want)
				follower.follow(blk.Block)
			}
			for _, tx := range transactions {
				_, inclusion, err := follower.Transaction(tx.ID())
				require.NoError(t, err)
				require.NotZero(t, inclusion.Height)
			}
		})
	}
}

func TestPendingSessionsOfTheChainAreBounded(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxPendingSessions = 2 })
	alice, bob := identity(1), identity(2)
	c.accept(c.registration(alice))
	plain := func() *chain.Transaction { return sign(t, nil, c.sessionBody(nil, alice, bob)) }
	first, second := plain(), plain()
	c.accept(first, second)
	follower := c.peer()
	third := plain()
	refuse := func() {
		c.requireRefused(c.submitBytes(third.Bytes()), chain.ErrPendingLimit)
		follower.requireUntouched(func() {
			follower.requireRefused(follower.verifyBytes(c.forge(nil, third).Bytes()), chain.ErrPendingLimit)
		})
	}
	refuse()
	// A signed one is not bounded by it.
	follower.follow(c.accept(sign(t, alice, c.sessionBody(alice, alice, bob))).Block)
	refuse()
	// A participant's first act makes room.
	follower.follow(c.accept(c.message(alice, c.sessionID(first), "hello")).Block)
	follower.follow(c.accept(third).Block)
	third = plain()
	refuse()
	// So does the end of the pending life, in the block that sweeps.
	c.clock.advance(10 * time.Minute)
	follower.follow(c.accept(sign(t, alice, c.sessionBody(alice, alice, bob))).Block)
	third = plain()
	follower.follow(c.accept(third).Block)
}

func TestIdentitiesOfTheChainAreBounded(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.Limits.MaxIdentities = 2
		g.Limits.IdentityDays = 1
	})
	c.accept(c.registration(identity(1)), c.registration(identity(2)))
	follower := c.peer()
	third := c.registration(identity(3))
	c.requireRefused(c.submitBytes(third.Bytes()), chain.ErrIdentityLimit)
	follower.requireUntouched(func() {
		follower.requireRefused(follower.verifyBytes(c.forge(nil, third).Bytes()), chain.ErrIdentityLimit)
	})
	// A renewal is no new identity.
	c.clock.advance(12 * time.Hour)
	follower.follow(c.accept(c.registration(identity(1))).Block)
	// The second lapses and makes room.
	c.clock.advance(12 * time.Hour)
	follower.follow(c.accept(sign(t, identity(1), c.sessionBody(identity(1), identity(1)))).Block)
	follower.follow(c.accept(c.registration(identity(3))).Block)
}

func TestPlainSessionsCanBeForbidden(t *testing.T) {
	for name, forbid := range map[string]struct {
		reason chain.Reason
		change func(*chain.Genesis)
	}{
		"requireSignedSessions":     {chain.ErrSignatureRequired, func(g *chain.Genesis) { g.RequireSignedSessions = true }},
		"maxPendingSessions 0":      {chain.ErrPendingLimit, func(g *chain.Genesis) { g.Limits.MaxPendingSessions = 0 }},
		"maxBlockPendingSessions 0": {chain.ErrPendingBlockLimit, func(g *chain.Genesis) { g.Limits.MaxBlockPendingSessions = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			c := startChain(t, forbid.change)
			alice, bob := identity(1), identity(2)
			c.accept(c.registration(alice))
			follower := c.peer()
			plain := sign(t, nil, c.sessionBody(nil, alice, bob))
			c.requireUntouched(func() { c.requireRefused(c.submitBytes(plain.Bytes()), forbid.reason) })
			follower.requireUntouched(func() {
				follower.requireRefused(follower.verifyBytes(c.forge(nil, plain).Bytes()), forbid.reason)
			})
			follower.follow(c.accept(sign(t, alice, c.sessionBody(alice, alice, bob))).Block)
		})
	}
}

// TestLargestTransactionFitsIntoABlock shows that what admission lets in can be built: a
// transaction that no block has room for would keep all others waiting for ever.
func TestLargestTransactionFitsIntoABlock(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxBlockBytes = 16 << 10 })
	alice, _, session := c.open2()
	follower := c.peer()
	overhead := len(c.message(alice, session, strings.Repeat("x", 200)).Bytes()) - 200
	limit := 16<<10 - chain.MaxHeaderBytes
	admitted := 0
	for size := limit - 12; size <= limit+1; size++ {
		tx := c.message(alice, session, strings.Repeat("x", size-overhead-1))
		require.InDelta(t, size, len(tx.Bytes()), 1)
		if err := c.submitBytes(tx.Bytes()); err != nil {
			c.requireRefused(err, chain.ErrTransactionTooLarge)
			follower.requireUntouched(func() {
				require.Error(t, follower.verifyBytes(c.forge(nil, tx).Bytes()))
			})
			continue
		}
		admitted++
		follower.follow(c.block().Block)
		require.NoError(t, c.ready())
	}
	require.Positive(t, admitted)
	require.Less(t, admitted, 14)
}
