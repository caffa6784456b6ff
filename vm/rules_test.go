package vm

import (
	"bytes"
	"strings"
	"testing"

	"github.com/luxfi/ids"

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

func TestPublishPrekeyIsRefused(t *testing.T) {
	published := func(change func(s *scene, body *chain.PublishPrekey)) func(*scene) *chain.Transaction {
		return func(s *scene) *chain.Transaction {
			body := s.prekey(s.alice, 2)
			change(s, body)
			return s.raw(s.alice, body)
		}
	}
	newScene(t).refuseAll(t, append([]refusedTransaction{
		{"key one byte short", chain.ErrKeySize, published(func(_ *scene, b *chain.PublishPrekey) { b.PublicKey = b.PublicKey[1:] })},
		{"an ML-KEM-768 key", chain.ErrKeySize, published(func(s *scene, b *chain.PublishPrekey) { b.PublicKey = s.alice.Public().KEM })},
		{"no key", chain.ErrKeySize, published(func(_ *scene, b *chain.PublishPrekey) { b.PublicKey = nil })},
		{"key that fails FIPS 203's check", chain.ErrKEMKey, published(func(_ *scene, b *chain.PublishPrekey) { copy(b.PublicKey, badKEMKey) })},
		{"no identity", chain.ErrNotParticipant, published(func(_ *scene, b *chain.PublishPrekey) { b.Identity = ids.Empty })},
		{"number 0", chain.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = 0 })},
		{"the number of the prekey that there is", chain.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = 1 })},
		{"a number left out", chain.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = 3 })},
		{"the last number", chain.ErrPrekeyNumber, published(func(_ *scene, b *chain.PublishPrekey) { b.Number = ^uint64(0) })},
		{"a deadline that has passed", chain.ErrDeadlinePassed, published(func(s *scene, b *chain.PublishPrekey) { b.Deadline = s.producer.clock.millis() - 1 })},
		{"a deadline too far away", chain.ErrDeadlineTooFar, published(func(s *scene, b *chain.PublishPrekey) { b.Deadline = s.producer.clock.millis() + 300_001 })},
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
		{"no transcript", chain.ErrTranscript, receipt(alice, receipts, 1)},
		{"transcript after another message", chain.ErrTranscript, func(s *scene) *chain.Transaction {
			first := s.producer.receipt(s.alice, s.receipts, 1).Body.(*chain.Acknowledge)
			return s.raw(s.alice, &chain.Acknowledge{Session: s.receipts, Participant: s.alice.ID(), Sequence: 2, Transcript: first.Transcript})
		}},
		{"sequence before that of the last receipt", chain.ErrStaleReceipt, func(s *scene) *chain.Transaction {
			receipt := s.producer.receipt(s.alice, s.receipts, 2)
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
