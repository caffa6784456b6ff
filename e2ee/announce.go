package e2ee

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/luxfi/session/pq"
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
	p.sending.wipe()
	p.slot.wipe()
	clear(p.chains)
}

// prepareEpoch makes an announcement. It changes nothing. Randomness is read in this order:
// the KEM key's seed (if it is renewed), the secret of 32 bytes, and for each recipient that
// of its encapsulations.
func (s *Session) prepareEpoch(now uint64, reason Reason) (*preparedEpoch, error) {
	if s.nextEpoch > lastEpoch {
		return nil, wrapf(ErrExhausted, "want an epoch up to %d", uint32(lastEpoch))
	}
	seed, err := s.epochSeed(reason)
	if err != nil {
		return nil, err
	}
	prepared := &preparedEpoch{
		reason:  reason,
		slot:    slot{epoch: s.nextEpoch, created: now, seed: seed},
		sending: &sendingEpoch{epoch: s.nextEpoch, started: now},
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
	return readRandom(s.random, s.suite.seedSize())
}

func (s *Session) fillEpoch(prepared *preparedEpoch) error {
	publicKey, err := s.suite.publicKey(prepared.slot.seed)
	if err != nil {
		return err
	}
	secret, err := readRandom(s.random, secretSize)
	if err != nil {
		return err
	}
	defer clear(secret)
	wire := announcementWire{suite: s.suite, epoch: s.nextEpoch, rosterVersion: s.roster().version, publicKey: publicKey}
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
	prepared.sending.transcript = transcript(s.context(), s.roster().hash, s.self, encoded)
	secrets, err := deriveEpoch(secret, prepared.sending.transcript)
	if err != nil {
		return err
	}
	defer secrets.wipe()
	prepared.encoded = append(encoded, secrets.commitment[:]...)
	prepared.sending.chain = secrets.chain
	for i := range s.peers {
		id := s.peers[i].id
		prepared.slot.replies = append(prepared.slot.replies, replyFrom{from: id, chain: replyChain(secrets.reply, id)})
	}
	return nil
}

// appendStanza seals the secret to one recipient: to its latest announcement, or to the keys
// that the roster has of it. It returns the reply ratchet as it is after that.
func (s *Session) appendStanza(encoded []byte, to *peer, secret []byte) ([]byte, [keySize]byte, error) {
	var reply, next [keySize]byte
	keys, mode, err := s.recipientKeys(to)
	if err != nil {
		return nil, next, err
	}
	head := append(make([]byte, 0, stanzaHeadSize), byte(mode))
	if mode == modeRatchet {
		if to.reply.next == math.MaxUint32 {
			return nil, next, wrapf(ErrExhausted, "want fewer replies to one announcement")
		}
		head = binary.BigEndian.AppendUint32(head, to.reply.epoch)
		head = binary.BigEndian.AppendUint32(head, to.reply.next)
		reply, next = step(to.reply.chain, labelReplyTo)
		defer clear(reply[:])
	} else {
		head = append(head, keyReference(keys)...)
	}
	var shared, ciphertexts, publicKeys []byte
	defer func() { clear(shared) }()
	for _, key := range keys {
		ciphertext, part, err := key.suite.encapsulate(s.random, key.public)
		if err != nil {
			return nil, next, err
		}
		grown := make([]byte, 0, 2*pq.KEMSharedKeySize) // no copies of secrets left behind
		grown = append(append(grown, shared...), part...)
		clear(shared)
		clear(part)
		shared = grown
		ciphertexts = append(ciphertexts, ciphertext...)
		publicKeys = append(publicKeys, key.public...)
	}
	wrapping, err := wrappingKey(shared, reply, wrapContext{
		context: s.context(), roster: s.roster().hash, sender: s.self, recipient: to.id,
		epoch: s.nextEpoch, stanzaHead: head, publicKeys: publicKeys, ciphertexts: ciphertexts,
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

// kemKey is a public key and the KEM that it is for.
type kemKey struct {
	suite  Suite
	public []byte
}

// recipientKeys returns the one or two keys to seal to.
func (s *Session) recipientKeys(to *peer) ([]kemKey, stanzaMode, error) {
	if to.reply != nil {
		return []kemKey{{s.suite, to.reply.publicKey}}, modeRatchet, nil
	}
	mode, err := to.bootstrapMode(s.suite)
	if err != nil {
		return nil, 0, err
	}
	var keys []kemKey
	if mode&modeOffer != 0 {
		keys = append(keys, kemKey{s.suite, to.offerKey})
	}
	if mode&modeIdentity != 0 {
		keys = append(keys, kemKey{SuiteMLKEM768, to.identity})
	}
	if mode&modeSession != 0 {
		keys = append(keys, kemKey{SuiteMLKEM768, to.sessionKey})
	}
	return keys, mode, nil
}

// keyReference names keys that are not from an announcement: the first 8 bytes of SHA-256
// over them.
func keyReference(keys []kemKey) []byte {
	h := sha256.New()
	for _, key := range keys {
		h.Write(key.public)
	}
	return h.Sum(nil)[:referenceSize]
}

// commitEpoch makes a prepared epoch the member's.
func (s *Session) commitEpoch(prepared *preparedEpoch) {
	s.sending.wipe()
	s.sending = prepared.sending
	s.slots = append(s.slots, prepared.slot)
	s.nextEpoch++
	for i := range s.peers {
		if reply := s.peers[i].reply; reply != nil {
			reply.chain = prepared.chains[i]
			reply.next++
			s.peers[i].covered = true
		}
	}
	clear(prepared.chains)
	s.rosterStale, s.joins, s.hasUncovered, s.uncoveredAt = false, false, false, 0
}
