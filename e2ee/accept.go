package e2ee

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"math"
	"slices"

	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/internal/avx"
	"github.com/luxfi/session/refusal"
)

// openAnnouncement opens the announcement of a peer's epoch, and the first message, if it is there.
func (s *Session) openAnnouncement(now uint64, from *peer, encoded []byte) (Opened, error) {
	wire, err := parseAnnouncement(encoded)
	if err != nil {
		return Opened{}, err
	}
	if err := from.admits(wire.epoch); err != nil {
		return Opened{}, err
	}
	if len(wire.stanzas) != len(s.peers) {
		return Opened{}, refusal.Because(ErrAuthentication, "expected %d stanzas, got %d", len(s.peers), len(wire.stanzas))
	}
	opened, err := s.openStanza(wire, &wire.stanzas[s.stanzaFrom(from)], from)
	if err != nil {
		return Opened{}, err
	}
	defer opened.wipe()
	bound := transcript(s.context, from.id, wire.bound)
	secrets, err := deriveEpoch(opened.secret, bound)
	if err != nil {
		return Opened{}, err
	}
	defer secrets.wipe()
	if subtle.ConstantTimeCompare(secrets.commitment[:], wire.commitment) != 1 {
		return Opened{}, refusal.Because(ErrAuthentication, "expected the announcement as it was made: fetch it again")
	}
	begun := receivingEpoch{epoch: wire.epoch, transcript: bound, ratchet: ratchet{chain: secrets.chain}, limit: math.MaxUint32}
	defer clear(begun.chain[:])
	said := Opened{Sender: from.id, Epoch: wire.epoch}
	if len(wire.message) > 0 {
		if said, err = s.openFirst(now, from, &begun, wire.message); err != nil {
			return Opened{}, err
		}
	}

	if opened.slot != nil {
		opened.slot.useReply(from.id, opened.count, opened.reply, now)
	}
	from.begin(begun, now)
	if wire.flags&flagHasPrevious != 0 {
		if previous := from.epoch(wire.previous); previous != nil {
			previous.end(wire.previousCount)
		}
	}
	said.Announcement, said.Renewed = true, s.takeReply(wire, from, &secrets)
	s.forget(now)
	return said, nil
}

// openFirst opens the message that stands after the announcement of an epoch, which has begun nowhere else.
func (s *Session) openFirst(now uint64, from *peer, begun *receivingEpoch, encoded []byte) (Opened, error) {
	wire, err := parseMessage(encoded)
	if err != nil {
		return Opened{}, err
	}
	if wire.epoch != begun.epoch || wire.index != 0 {
		return Opened{}, refusal.Because(ErrMalformed, "expected message 0 of epoch %d after its announcement, got message %d of epoch %d", begun.epoch, wire.index, wire.epoch)
	}
	return s.openIn(now, from, begun, wire)
}

// stanzaFrom returns the position of this member's stanza in another one's announcement: they stand
// in the order of IDs, without the sender's.
func (s *Session) stanzaFrom(sender *peer) (position int) {
	for i := range s.peers {
		if s.peers[i].id != sender.id && compareIDs(s.peers[i].id, s.self) < 0 {
			position++
		}
	}
	return position
}

// takeReply makes an announcement the one to seal to, if it is the peer's latest. It reports
// whether the peer's KEM key is a new one.
func (s *Session) takeReply(wire *announcementWire, from *peer, secrets *epochSecrets) bool {
	if from.reply != nil && wire.epoch <= from.reply.epoch {
		return false
	}
	renewed := from.reply == nil || !bytes.Equal(from.reply.publicKey, wire.publicKey)
	covered := from.covered
	from.forgetReply()
	from.covered, from.prekey, from.identity = covered && !renewed, nil, nil
	from.reply = &replyKey{epoch: wire.epoch, publicKey: bytes.Clone(wire.publicKey), chain: replyChain(secrets.reply, s.self)}
	if renewed && s.sending != nil {
		if wire.flags&flagInitiates != 0 {
			s.joins = true
		}
		if !s.hasUncovered {
			s.hasUncovered, s.uncoveredAt = true, s.sending.next
		}
	}
	return renewed
}

// openedStanza is the secret that a stanza carried, and the reply key that it used.
type openedStanza struct {
	secret []byte
	slot   *slot // nil if the stanza was not sealed to an announcement
	count  uint32
	reply  ratchetKey
}

func (o *openedStanza) wipe() {
	clear(o.secret)
	o.reply.wipe()
}

// openStanza opens this member's stanza. It changes nothing.
func (s *Session) openStanza(wire *announcementWire, at *stanza, from *peer) (opened openedStanza, err error) {
	var shared, publicKeys []byte
	defer func() { clear(shared) }()
	if at.mode == modeNone {
		return openedStanza{}, refusal.Because(ErrPrekey, "it is not sealed to this member: its sender knew no key of it")
	}
	if at.mode == modeRatchet {
		epoch := binary.BigEndian.Uint32(at.head[1:])
		opened.count = binary.BigEndian.Uint32(at.head[5:])
		if opened.slot = s.slot(epoch); opened.slot == nil {
			return openedStanza{}, refusal.Because(ErrKeyErased, "it is sealed to this member's epoch %d", epoch)
		}
		if opened.reply, err = opened.slot.replyKeyAt(from.id, opened.count); err != nil {
			return openedStanza{}, err
		}
		defer avx.Clear()
		shared, publicKeys = xwing.Decapsulate(at.ciphertexts, opened.slot.seed), publicXWing(opened.slot.seed)
	} else if shared, publicKeys, err = s.secrets.open(at); err != nil {
		return openedStanza{}, err
	}
	wrapping, err := wrappingKey(shared, opened.reply.key, wrapContext{
		context: s.context, sender: from.id, recipient: s.self,
		epoch: wire.epoch, stanzaHead: at.head, publicKeys: publicKeys, ciphertexts: at.ciphertexts,
	})
	if err == nil {
		defer clear(wrapping)
		opened.secret, err = openOnce(wrapping, at.wrapped, nil)
	}
	if err != nil {
		opened.wipe()
		return openedStanza{}, err
	}
	return opened, nil
}

// open opens the ciphertexts of a stanza that is sealed to one of the member's prekeys and to its
// identity. It returns both shared keys and both public keys, the prekey's first.
func (s *Secrets) open(at *stanza) (shared, publicKeys []byte, err error) {
	identity := s.Identity.KEM()
	for _, prekey := range s.Prekeys {
		if !bytes.Equal(keyReference(prekey.public, identity.Public()), at.head[1:]) {
			continue
		}
		first := prekey.decapsulate(at.ciphertexts[:xwing.CiphertextSize])
		if first == nil {
			continue
		}
		defer clear(first)
		second, err := identity.Decapsulate(at.ciphertexts[xwing.CiphertextSize:])
		if err != nil {
			return nil, nil, err
		}
		defer clear(second)
		return slices.Concat(first, second), slices.Concat(prekey.public, identity.Public()), nil
	}
	return nil, nil, refusal.Because(ErrKeyErased, "it is sealed to a prekey that this member does not hold")
}
