package e2ee

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// preparedEpoch is an announcement that is made, and what becomes of the state with it.
type preparedEpoch struct {
	encoded []byte
	reason  Reason
	sending *sendingEpoch
	slot    slot
	chains  [][keySize]byte // for each peer, its reply ratchet after this
}

func (p *preparedEpoch) wipe() {
	if p != nil {
		p.sending.wipe()
		p.slot.wipe()
		clear(p.chains)
	}
}

// prepareEpoch makes an announcement. It changes nothing. Randomness is read in this order:
// the X-Wing key's seed of 32 bytes (if it is renewed), the secret of 32, and for each recipient
// that of its encapsulations.
func (s *Session) prepareEpoch(now uint64, reason Reason) (*preparedEpoch, error) {
	if s.nextEpoch > lastEpoch {
		return nil, refusal.Because(ErrExhausted, "expected an epoch up to %d", uint32(lastEpoch))
	}
	if !slices.ContainsFunc(s.peers, peer.reached) {
		return nil, refusal.Because(ErrPrekey, "expected a prekey of another member, got none")
	}
	seed, err := s.epochSeed(reason)
	if err != nil {
		return nil, err
	}
	prepared := &preparedEpoch{
		reason:  reason,
		slot:    slot{epoch: s.nextEpoch, created: now, seed: seed},
		sending: &sendingEpoch{epoch: s.nextEpoch, keyed: now},
	}
	if s.sending != nil && !reason.renews() {
		prepared.sending.keyed, prepared.sending.before = s.sending.keyed, s.sending.before+s.sending.next
	}
	if err := s.fillEpoch(prepared); err != nil {
		prepared.wipe()
		return nil, err
	}
	return prepared, nil
}

func (s *Session) epochSeed(reason Reason) ([]byte, error) {
	if !reason.renews() && len(s.slots) > 0 {
		return bytes.Clone(s.slots[len(s.slots)-1].seed), nil
	}
	return readRandom(s.random, PrekeySeedSize)
}

func (s *Session) fillEpoch(prepared *preparedEpoch) error {
	secret, err := readRandom(s.random, secretSize)
	if err != nil {
		return err
	}
	defer clear(secret)
	wire := announcementWire{epoch: s.nextEpoch, publicKey: publicXWing(prepared.slot.seed)}
	if prepared.reason.initiates() {
		wire.flags |= flagInitiates
	}
	if s.sending != nil {
		wire.flags |= flagHasPrevious
		wire.previous, wire.previousCount = s.sending.epoch, s.sending.next
	}
	encoded := appendAnnouncementStart(nil, &wire, len(s.peers))
	prepared.chains = make([][keySize]byte, len(s.peers))
	for i := range s.peers {
		if encoded, prepared.chains[i], err = s.appendStanza(encoded, &s.peers[i], secret); err != nil {
			return fmt.Errorf("sealing to %s: %w", pq.FormatID(s.peers[i].id), err)
		}
	}
	prepared.sending.transcript = transcript(s.context, s.self, encoded)
	secrets, err := deriveEpoch(secret, prepared.sending.transcript)
	if err != nil {
		return err
	}
	defer secrets.wipe()
	prepared.encoded = append(encoded, secrets.commitment[:]...)
	prepared.sending.chain = secrets.chain
	for i := range s.peers {
		id := s.peers[i].id
		prepared.slot.replies = append(prepared.slot.replies, replyFrom{from: id, ratchet: ratchet{chain: replyChain(secrets.reply, id)}})
	}
	return nil
}

// appendStanza seals the secret to one recipient: to the key of its latest announcement, or of its seat, or to its
// prekey and its identity together; to nothing if none is known. It returns the reply ratchet as
// it is after that.
func (s *Session) appendStanza(encoded []byte, to *peer, secret []byte) (_ []byte, next [keySize]byte, err error) {
	var reply [keySize]byte
	var head, public []byte
	switch {
	case to.reply != nil && to.reply.next == math.MaxUint32:
		return nil, next, refusal.Because(ErrExhausted, "expected fewer replies to one announcement")
	case to.reply != nil:
		head = binary.BigEndian.AppendUint32([]byte{byte(modeRatchet)}, to.reply.epoch)
		head = binary.BigEndian.AppendUint32(head, to.reply.next)
		public = to.reply.publicKey
		reply, next = step(to.reply.chain, labelReplyTo)
		defer clear(reply[:])
	case to.prekey != nil:
		head = append([]byte{byte(modePrekey)}, keyReference(to.prekey, to.identity)...)
		public = to.prekey
	default:
		return append(encoded, make([]byte, stanzaHeadSize)...), next, nil
	}
	ciphertexts, shared, err := encapsulateXWing(s.random, public)
	if err != nil {
		return nil, next, err
	}
	defer func() { clear(shared) }()
	if to.reply == nil {
		ciphertext, second, err := encapsulateIdentity(s.random, to.identity)
		if err != nil {
			return nil, next, err
		}
		both := slices.Concat(shared, second) // no copies of secrets are left behind
		clear(shared)
		clear(second)
		shared, public, ciphertexts = both, slices.Concat(public, to.identity), append(ciphertexts, ciphertext...)
	}
	wrapping, err := wrappingKey(shared, reply, wrapContext{
		context: s.context, sender: s.self, recipient: to.id,
		epoch: s.nextEpoch, stanzaHead: head, publicKeys: public, ciphertexts: ciphertexts,
	})
	if err != nil {
		return nil, next, err
	}
	defer clear(wrapping)
	encoded = append(encoded, head...)
	encoded = append(encoded, ciphertexts...)
	encoded, err = sealOnce(encoded, wrapping, secret, nil)
	return encoded, next, err
}

// reached reports whether there is a key to seal to a member with.
func (p peer) reached() bool { return p.reply != nil || p.prekey != nil }

// keyReference names a prekey and an identity: the first 8 bytes of SHA-256 over both.
func keyReference(prekey, identity []byte) []byte {
	sum := sha256.Sum256(slices.Concat(prekey, identity))
	return sum[:referenceSize]
}

// commitEpoch makes a prepared epoch the member's.
func (s *Session) commitEpoch(prepared *preparedEpoch) {
	s.sending.wipe()
	s.sending = prepared.sending
	s.slots = append(s.slots, prepared.slot)
	s.nextEpoch++
	for i := range s.peers {
		s.peers[i].left = !s.peers[i].reached()
		if reply := s.peers[i].reply; reply != nil {
			reply.chain = prepared.chains[i]
			reply.next++
			s.peers[i].covered = true
		}
	}
	clear(prepared.chains)
	s.joins, s.hasUncovered, s.uncoveredAt = false, false, 0
}
