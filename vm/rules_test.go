package vm

import (
	"bytes"
	"strings"
	"testing"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// badKEMKey has coefficients of 4095, which FIPS 203, section 7.2, does not allow.
var badKEMKey = bytes.Repeat([]byte{0xff}, chain.KEMPublicKeySize)

// refusedTransaction is a transaction that breaks one rule.
type refusedTransaction struct {
	name   string
	reason refusal.Reason
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
		{"signature with one bit changed", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			tx := s.raw(signer(s), body(s, signer(s)))
			signature := bytes.Clone(tx.Signature)
			signature[0] ^= 1
			return s.withSignature(tx.Body, signature)
		}},
		{"signature of zeros", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			return s.withSignature(body(s, signer(s)), make([]byte, chain.SignatureSize))
		}},
		{"signature of another identity", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			return s.raw(s.erin, body(s, signer(s)))
		}},
		{"signature for another chain", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			b := body(s, signer(s))
			return s.signedAs(signer(s), b.Context(), otherChainID, b, b)
		}},
		{"signature with another context", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			b := body(s, signer(s))
			return s.signedAs(signer(s), b.Context()+"x", testChainID, b, b)
		}},
		{"signature over another body", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			b := body(s, signer(s))
			return s.signedAs(signer(s), b.Context(), testChainID, otherBody(s, signer(s)), b)
		}},
		{"signature one byte short", refusal.ErrSignatureSize, func(s *scene) *chain.Transaction {
			tx := s.raw(signer(s), body(s, signer(s)))
			return s.withSignature(tx.Body, tx.Signature[1:])
		}},
		{"signature one byte long", refusal.ErrSignatureSize, func(s *scene) *chain.Transaction {
			tx := s.raw(signer(s), body(s, signer(s)))
			return s.withSignature(tx.Body, append(bytes.Clone(tx.Signature), 0))
		}},
		{"no signature", refusal.ErrSignatureSize, func(s *scene) *chain.Transaction {
			return s.raw(nil, body(s, signer(s)))
		}},
		{"actor who never registered", refusal.ErrNotRegistered, func(s *scene) *chain.Transaction {
			return s.raw(s.dave, body(s, s.dave))
		}},
		{"replay", refusal.ErrDuplicate, func(s *scene) *chain.Transaction {
			return s.accepted[body(s, signer(s)).Context()]
		}},
		{"replay with another signature", refusal.ErrDuplicate, func(s *scene) *chain.Transaction {
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
		{"KEM key one byte short", refusal.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = b.KEMPublicKey[1:] })},
		{"KEM key one byte long", refusal.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = append(b.KEMPublicKey, 0) })},
		{"no KEM key", refusal.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = nil })},
		{"KEM key that fails FIPS 203's check", refusal.ErrKEMKey, registration(func(_ *scene, b *chain.RegisterIdentity) { b.KEMPublicKey = badKEMKey })},
		{"DSA key one byte short", refusal.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.DSAPublicKey = b.DSAPublicKey[1:] })},
		{"no DSA key", refusal.ErrKeySize, registration(func(_ *scene, b *chain.RegisterIdentity) { b.DSAPublicKey = nil })},
		{"a signature", refusal.ErrUnexpectedSignature, func(s *scene) *chain.Transaction { return s.raw(s.alice, s.register(nil)) }},
		{"deadline passed", refusal.ErrDeadlinePassed, registration(func(s *scene, b *chain.RegisterIdentity) { b.Deadline = s.producer.clock.millis() - 1 })},
		{"no deadline", refusal.ErrDeadlinePassed, registration(func(_ *scene, b *chain.RegisterIdentity) { b.Deadline = 0 })},
		{"deadline too far", refusal.ErrDeadlineTooFar, registration(func(s *scene, b *chain.RegisterIdentity) { b.Deadline = s.producer.clock.millis() + 300_001 })},
		{"deadline at the end of time", refusal.ErrDeadlineTooFar, registration(func(_ *scene, b *chain.RegisterIdentity) { b.Deadline = ^uint64(0) })},
		{"registered and too fresh to renew", refusal.ErrIdentityRenewal, registration(func(s *scene, b *chain.RegisterIdentity) {
			b.KEMPublicKey, b.DSAPublicKey = s.alice.Public().KEM, s.alice.Public().DSA
		})},
		{"replay", refusal.ErrDeadlinePassed, func(s *scene) *chain.Transaction {
			// The deadline of the scene's registrations is long past: even a chain that
			// forgot the transaction would not take it again.
			tx := s.accepted[chain.ContextRegisterIdentity]
			body := *tx.Body.(*chain.RegisterIdentity)
			body.Deadline++
			return s.raw(nil, &body)
		}},
		{"the same transaction again", refusal.ErrDuplicate, func(s *scene) *chain.Transaction { return s.accepted[chain.ContextRegisterIdentity] }},
	})
}

func TestPublishPrekeyIsRefused(t *testing.T) {
	published := func(change func(s *scene, body *chain.PublishPrekey)) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			body := s.prekey(s.alice, 2)
			change(s, body)
			return s.raw(s.alice, body)
		}
	}
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"key one byte short", refusal.ErrKeySize, published(func(_ *scene, b *chain.PublishPrekey) { b.PublicKey = b.PublicKey[1:] })},
		{"an ML-KEM-768 key", refusal.ErrKeySize, published(func(s *scene, b *chain.PublishPrekey) { b.PublicKey = s.alice.Public().KEM })},
		{"no key", refusal.ErrKeySize, published(func(_ *scene, b *chain.PublishPrekey) { b.PublicKey = nil })},
		{"key that fails FIPS 203's check", refusal.ErrKEMKey, published(func(_ *scene, b *chain.PublishPrekey) { copy(b.PublicKey, badKEMKey) })},
		{"no identity", refusal.ErrNotParticipant, published(func(_ *scene, b *chain.PublishPrekey) { b.Identity = ids.Empty })},
		{"number 0", refusal.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = 0 })},
		{"the number of the prekey that there is", refusal.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = 1 })},
		{"a number left out", refusal.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = 3 })},
		{"the last number", refusal.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = ^uint64(0) })},
		{"a deadline that has passed", refusal.ErrDeadlinePassed, published(func(s *scene, b *chain.PublishPrekey) { b.Deadline = s.producer.clock.millis() - 1 })},
		{"a deadline too far away", refusal.ErrDeadlineTooFar, published(func(s *scene, b *chain.PublishPrekey) { b.Deadline = s.producer.clock.millis() + 300_001 })},
	}, signatureRules(alice,
		func(s *scene, actor *pq.Identity) chain.Body { return s.prekey(actor, 2) },
		func(s *scene, actor *pq.Identity) chain.Body {
			body := s.prekey(actor, 2)
			body.PublicKey[chain.PrekeySize-1]++
			return body
		})...))
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
	both := func(name string, reason refusal.Reason, change func(s *scene, body *chain.CreateSession)) []refusedTransaction {
		return []refusedTransaction{{"plain, " + name, reason, plain(change)}, {"signed, " + name, reason, signed(change)}}
	}
	var cases []refusedTransaction
	for _, group := range [][]refusedTransaction{
		both("no participants", refusal.ErrParticipantCount, func(_ *scene, b *chain.CreateSession) { b.Participants, b.PublicKeys = nil, nil }),
		both("more participants than the genesis allows", refusal.ErrParticipantCount, five),
		both("more participants than any genesis allows", refusal.ErrParticipantCount, func(s *scene, b *chain.CreateSession) {
			for n := range chain.MaxParticipants {
				b.Participants = append(b.Participants, ids.ID{9, byte(n), byte(n >> 8)})
				b.PublicKeys = append(b.PublicKeys, nil)
			}
		}),
		both("a participant twice", refusal.ErrDuplicateParticipant, func(_ *scene, b *chain.CreateSession) { b.Participants[1] = b.Participants[0] }),
		both("an empty participant", refusal.ErrParticipantCount, func(_ *scene, b *chain.CreateSession) { b.Participants[1] = ids.Empty }),
		both("a key too few", refusal.ErrKeyCount, func(_ *scene, b *chain.CreateSession) { b.PublicKeys = b.PublicKeys[:1] }),
		both("a key too many", refusal.ErrKeyCount, func(_ *scene, b *chain.CreateSession) { b.PublicKeys = append(b.PublicKeys, b.PublicKeys[0]) }),
		both("a key one byte short", refusal.ErrKeySize, func(_ *scene, b *chain.CreateSession) { b.PublicKeys[1] = b.PublicKeys[1][1:] }),
		both("an ML-DSA key for a KEM key", refusal.ErrKeySize, func(s *scene, b *chain.CreateSession) { b.PublicKeys[0] = s.alice.Public().DSA }),
		both("a key that fails FIPS 203's check", refusal.ErrKEMKey, func(_ *scene, b *chain.CreateSession) { b.PublicKeys[1] = badKEMKey }),
		both("metadata that is not sorted", refusal.ErrMetadata, func(_ *scene, b *chain.CreateSession) { b.Metadata = []chain.MetadataEntry{{Key: "b"}, {Key: "a"}} }),
		both("a metadata key twice", refusal.ErrMetadata, func(_ *scene, b *chain.CreateSession) { b.Metadata = []chain.MetadataEntry{{Key: "a"}, {Key: "a"}} }),
		both("an empty metadata key", refusal.ErrMetadata, func(_ *scene, b *chain.CreateSession) { b.Metadata = []chain.MetadataEntry{{Value: "a"}} }),
		both("more metadata than the genesis allows", refusal.ErrMetadata, func(_ *scene, b *chain.CreateSession) {
			b.Metadata = []chain.MetadataEntry{{Key: "a", Value: strings.Repeat("b", 16)}}
		}),
		both("a deadline that has passed", refusal.ErrDeadlinePassed, func(s *scene, b *chain.CreateSession) { b.Deadline = s.producer.clock.millis() - 1 }),
		both("a deadline too far away", refusal.ErrDeadlineTooFar, func(s *scene, b *chain.CreateSession) { b.Deadline = s.producer.clock.millis() + 300_001 }),
		{
			{"plain with a signature", refusal.ErrUnexpectedSignature, func(s *scene) *chain.Transaction { return s.raw(s.alice, s.producer.sessionBody(nil, s.alice, s.bob)) }},
			{"plain in a channel", refusal.ErrSignatureRequired, plain(func(s *scene, b *chain.CreateSession) { b.Channel = s.team })},
			{"creator who is no participant", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction {
				return s.raw(s.carol, s.producer.sessionBody(s.carol, s.alice, s.bob))
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
		{"no ciphertext", refusal.ErrCiphertextSize, message(alice, open, 0)},
		{"ciphertext one byte longer than the genesis allows", refusal.ErrCiphertextSize, message(alice, open, 65)},
		{"no sender", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.alice, &chain.SendMessage{Session: s.open, Ciphertext: []byte("x")})
		}},
		{"unknown session", refusal.ErrUnknownSession, message(alice, func(*scene) ids.ID { return ids.ID{7, 1} }, 1)},
		{"no session", refusal.ErrUnknownSession, message(alice, func(*scene) ids.ID { return ids.Empty }, 1)},
		{"the ID of a channel for that of a session", refusal.ErrUnknownSession, message(alice, func(s *scene) ids.ID { return s.team }, 1)},
		{"sender who is no participant", refusal.ErrNotParticipant, message(carol, open, 1)},
		{"session that has its maximum of messages", refusal.ErrSessionFull, message(alice, func(s *scene) ids.ID { return s.full }, 1)},
		{"expired session", refusal.ErrSessionExpired, message(alice, func(s *scene) ids.ID { return s.expired }, 1)},
		{"closed session", refusal.ErrSessionClosed, message(bob, func(s *scene) ids.ID { return s.closed }, 1)},
		{"signature for another session", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			signed := chain.SendMessage{Session: s.receipts, Sender: s.alice.ID(), Ciphertext: []byte("x")}
			body := &chain.SendMessage{Session: s.open, Sender: s.alice.ID(), Ciphertext: []byte("x")}
			return s.signedAs(s.alice, chain.ContextMessage, testChainID, &signed, body)
		}},
		{"signature of the other participant", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
			return s.raw(s.bob, &chain.SendMessage{Session: s.open, Sender: s.alice.ID(), Ciphertext: []byte("x")})
		}},
		{"signature with the context of a receipt", refusal.ErrBadSignature, func(s *scene) *chain.Transaction {
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
		{"sequence 0", refusal.ErrStaleReceipt, receipt(alice, receipts, 0)},
		{"sequence ahead of the messages", refusal.ErrReceiptAhead, receipt(alice, receipts, 3)},
		{"sequence far ahead of the messages", refusal.ErrReceiptAhead, receipt(alice, receipts, ^uint64(0))},
		{"session without messages", refusal.ErrReceiptAhead, receipt(alice, func(s *scene) ids.ID { return s.open }, 1)},
		{"no transcript", refusal.ErrTranscript, receipt(alice, receipts, 1)},
		{"transcript after another message", refusal.ErrTranscript, func(s *scene) *chain.Transaction {
			first := s.producer.receipt(s.alice, s.receipts, 1).Body.(*chain.Acknowledge)
			return s.raw(s.alice, &chain.Acknowledge{Session: s.receipts, Participant: s.alice.ID(), Sequence: 2, Transcript: first.Transcript})
		}},
		{"sequence before that of the last receipt", refusal.ErrStaleReceipt, func(s *scene) *chain.Transaction {
			receipt := s.producer.receipt(s.alice, s.receipts, 2)
			s.follower.follow(s.producer.accept(receipt).Block)
			return s.raw(s.alice, &chain.Acknowledge{Session: s.receipts, Participant: s.alice.ID(), Sequence: 1})
		}},
		{"unknown session", refusal.ErrUnknownSession, receipt(alice, func(*scene) ids.ID { return ids.ID{7} }, 1)},
		{"identity that is no participant", refusal.ErrNotParticipant, receipt(carol, receipts, 1)},
		{"no participant", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction {
			return s.raw(s.alice, &chain.Acknowledge{Session: s.receipts, Sequence: 1})
		}},
	}, signatureRules(alice,
		func(s *scene, actor *pq.Identity) chain.Body {
			return s.producer.receipt(actor, s.withDave, 1).Body
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return s.producer.receipt(actor, s.receipts, 1).Body
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
		{"key one byte short", refusal.ErrKeySize, rotate(alice, open, 1, badKEMKey[1:])},
		{"key that fails FIPS 203's check", refusal.ErrKEMKey, rotate(alice, open, 1, badKEMKey)},
		{"the epoch that there is", refusal.ErrKeyEpoch, rotate(alice, open, 0, nil)},
		{"an epoch left out", refusal.ErrKeyEpoch, rotate(alice, open, 2, nil)},
		{"the last epoch of all", refusal.ErrKeyEpoch, rotate(alice, open, ^uint64(0), nil)},
		{"the other participant's next epoch", refusal.ErrKeyEpoch, rotate(alice, func(s *scene) ids.ID { return s.receipts }, 2, nil)},
		{"unknown session", refusal.ErrUnknownSession, rotate(alice, func(*scene) ids.ID { return ids.ID{7} }, 1, nil)},
		{"identity that is no participant", refusal.ErrNotParticipant, rotate(carol, open, 1, nil)},
		{"expired session", refusal.ErrSessionExpired, rotate(alice, func(s *scene) ids.ID { return s.expired }, 1, nil)},
		{"closed session", refusal.ErrSessionClosed, rotate(alice, func(s *scene) ids.ID { return s.closed }, 1, nil)},
		{"no participant", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction {
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
		{"unknown session", refusal.ErrUnknownSession, closing(alice, func(*scene) ids.ID { return ids.ID{7} })},
		{"identity that is no participant", refusal.ErrNotParticipant, closing(carol, func(s *scene) ids.ID { return s.open })},
		{"expired session", refusal.ErrSessionExpired, closing(alice, func(s *scene) ids.ID { return s.expired })},
		{"closed session", refusal.ErrSessionClosed, closing(alice, func(s *scene) ids.ID { return s.closed })},
		{"a channel's session, by neither its creator nor the channel's owner", refusal.ErrNotOwner, closing(bob, func(s *scene) ids.ID { return s.ofTeam })},
		{"no participant", refusal.ErrNotParticipant, func(s *scene) *chain.Transaction { return s.raw(s.alice, &chain.CloseSession{Session: s.open}) }},
	}, signatureRules(alice,
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.CloseSession{Session: s.withDave, Participant: actor.ID()}
		},
		func(s *scene, actor *pq.Identity) chain.Body {
			return &chain.CloseSession{Session: s.open, Participant: actor.ID()}
		})...))
}
