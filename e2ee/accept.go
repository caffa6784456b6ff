package e2ee

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"

	"github.com/luxfi/session/pq"
)

// openAnnouncement opens the announcement of a peer's epoch.
func (s *Session) openAnnouncement(now uint64, from *peer, encoded []byte) (Opened, error) {
	wire, err := parseAnnouncement(encoded)
	if err != nil {
		return Opened{}, err
	}
	if wire.suite != s.suite {
		return Opened{}, wrapf(ErrDowngrade, "want %s, as the session has it, got %s", s.suite, wire.suite)
	}
	if err := from.admits(wire.epoch); err != nil {
		return Opened{}, err
	}
	record, err := s.rosterOf(wire, from)
	if err != nil {
		return Opened{}, err
	}
	position := int(record.position)
	if bytes.Compare(from.id[:], s.self[:]) < 0 {
		position-- // the sender has no stanza of its own
	}
	if position < 0 || position >= len(wire.stanzas) { // of a state that was made up
		return Opened{}, wrapf(ErrRosterStale, "want this member and the sender in roster %d, got %d members", record.version, record.members)
	}
	opened, err := s.openStanza(wire, &wire.stanzas[position], from, record)
	if err != nil {
		return Opened{}, err
	}
	defer opened.wipe()
	bound := transcript(s.context(), record.hash, from.id, wire.bound)
	secrets, err := deriveEpoch(opened.secret, bound)
	if err != nil {
		return Opened{}, err
	}
	defer secrets.wipe()
	if subtle.ConstantTimeCompare(secrets.commitment[:], wire.commitment) != 1 {
		return Opened{}, wrapf(ErrAuthentication, "want the announcement as it was made: fetch it again")
	}

	if opened.slot != nil {
		opened.slot.useReply(from.id, opened.count, opened.reply, now)
	}
	from.begin(receivingEpoch{epoch: wire.epoch, transcript: bound, chain: secrets.chain}, now)
	if wire.flags&flagHasPrevious != 0 {
		if previous := from.epoch(wire.previous); previous != nil {
			previous.end(wire.previousCount)
		}
	}
	renewed := s.takeReply(wire, from, &secrets)
	s.forget(now)
	s.revision++
	return Opened{Announcement: true, Sender: from.id, Epoch: wire.epoch, Renewed: renewed}, nil
}

// rosterOf finds the roster that an announcement was made for: that version, or, if this member
// has not seen it, the one before, or the first. If other members than those are meant, the
// announcement does not authenticate.
func (s *Session) rosterOf(wire *announcementWire, from *peer) (*rosterRecord, error) {
	if current := s.roster().version; wire.rosterVersion > current {
		return nil, wrapf(ErrRosterAhead, "it is for version %d, this member is at %d: update first", wire.rosterVersion, current)
	}
	record := &s.rosters[0]
	for i := range s.rosters {
		if s.rosters[i].version <= wire.rosterVersion {
			record = &s.rosters[i]
		}
	}
	if record.version < from.joined {
		return nil, wrapf(ErrRosterStale, "it is for version %d, its sender joined with %d", wire.rosterVersion, from.joined)
	}
	if len(wire.stanzas) != int(record.members)-1 {
		reason := ErrAuthentication
		if record.version != wire.rosterVersion {
			reason = ErrRosterStale
		}
		return nil, wrapf(reason, "want %d stanzas for roster %d, got %d", record.members-1, record.version, len(wire.stanzas))
	}
	return record, nil
}

// takeReply makes an announcement the one to seal to, if it is the peer's latest. It reports
// whether the peer's KEM key is a new one.
func (s *Session) takeReply(wire *announcementWire, from *peer, secrets *epochSecrets) bool {
	if wire.rosterVersion < from.keyed || from.reply != nil && wire.epoch <= from.reply.epoch {
		return false
	}
	renewed := from.reply == nil || !samePublicKey(from.reply.publicKey, wire.publicKey)
	covered := from.covered
	from.forgetReply()
	from.covered = covered && !renewed
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
	reply  messageKey
}

func (o *openedStanza) wipe() {
	clear(o.secret)
	o.reply.wipe()
}

// openStanza opens this member's stanza. It changes nothing.
func (s *Session) openStanza(wire *announcementWire, at *stanza, from *peer, record *rosterRecord) (opened openedStanza, err error) {
	var shared, publicKeys []byte
	defer func() { clear(shared) }()
	if at.mode == modeRatchet {
		epoch := binary.BigEndian.Uint32(at.head[1:])
		opened.count = binary.BigEndian.Uint32(at.head[5:])
		if opened.slot = s.slot(epoch); opened.slot == nil {
			return openedStanza{}, wrapf(ErrKeyErased, "it is sealed to this member's epoch %d", epoch)
		}
		if opened.reply, err = opened.slot.replyKeyAt(from.id, opened.count); err != nil {
			return openedStanza{}, err
		}
		if shared, err = s.suite.decapsulate(opened.slot.seed, at.ciphertexts); err == nil {
			publicKeys, err = s.suite.publicKey(opened.slot.seed)
		}
	} else {
		shared, publicKeys, err = s.openBootstrap(at)
	}
	if err != nil {
		opened.wipe()
		return openedStanza{}, err
	}
	wrapping, err := wrappingKey(shared, opened.reply.key, wrapContext{
		context: s.context(), roster: record.hash, sender: from.id, recipient: s.self,
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

// ownKey is one of the member's own keys, as others may seal to it.
type ownKey struct {
	kemKey
	decapsulate func(ciphertext []byte) ([]byte, error)
}

// openBootstrap finds the member's own keys that a stanza is sealed to, and opens it. It
// returns the shared keys and the public keys, one after the other.
func (s *Session) openBootstrap(at *stanza) (shared, publicKeys []byte, err error) {
	for _, keys := range s.ownKeys(at.mode) {
		public := make([]kemKey, len(keys))
		for i := range keys {
			public[i] = keys[i].kemKey
		}
		if !bytes.Equal(keyReference(public), at.head[1:]) {
			continue
		}
		rest := at.ciphertexts
		shared = make([]byte, 0, 2*pq.KEMSharedKeySize)
		for _, key := range keys {
			part, err := key.decapsulate(rest[:key.suite.ciphertextSize()])
			if err != nil {
				clear(shared)
				return nil, nil, err
			}
			rest = rest[key.suite.ciphertextSize():]
			shared = append(shared, part...)
			clear(part)
			publicKeys = append(publicKeys, key.public...)
		}
		return shared, publicKeys, nil
	}
	return nil, nil, wrapf(ErrKeyErased, "it is sealed to keys that this member does not hold")
}

// ownKeys returns every choice of the member's own keys that a mode can mean.
func (s *Session) ownKeys(mode stanzaMode) [][]ownKey {
	choices := [][]ownKey{nil}
	if mode&modeOffer != 0 {
		choices = nil
		for _, offer := range s.secrets.Offers {
			if offer.suite == s.suite && len(*offer.seed) > 0 {
				choices = append(choices, []ownKey{{kemKey{s.suite, offer.public}, func(ciphertext []byte) ([]byte, error) {
					return offer.suite.decapsulate(*offer.seed, ciphertext)
				}}})
			}
		}
	}
	if mode&modeIdentity != 0 {
		key := s.secrets.Identity.KEM()
		choices = [][]ownKey{{{kemKey{SuiteMLKEM768, key.Public()}, key.Decapsulate}}}
	}
	if mode&modeSession == 0 {
		return choices
	}
	var both [][]ownKey
	for _, choice := range choices {
		for _, key := range s.secrets.SessionKeys {
			both = append(both, append(choice[:len(choice):len(choice)], ownKey{kemKey{SuiteMLKEM768, key.Public()}, key.Decapsulate}))
		}
	}
	return both
}
