package e2ee

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// stateVersion1 is the first byte of a state.
const stateVersion1 = 0x01

// MaxState bounds a state, in bytes.
const MaxState = 4 << 20

// State returns everything but the Secrets, to be stored encrypted, and to be replaced whole
// before what Seal returned is sent and after each Open. An old state that is used again repeats
// keys and places, so its messages are refused by who has opened others there; Revision tells states
// apart. One state has one encoding; its fields stand in the order of the appends below, numbers
// big-endian, lists after their count.
func (s *Session) State() []byte {
	w := writer{}
	w.bytes([]byte{stateVersion1, Suite})
	w.bytes(s.chain[:])
	w.bytes(s.session[:])
	w.bytes(s.self[:])
	w.uint64(s.revision)
	w.policy(s.policy)
	w.uint16(len(s.peers))
	if len(s.peers) == 0 {
		return w.out
	}
	for i := range s.peers {
		w.peer(&s.peers[i])
	}
	w.uint32(s.nextEpoch)
	w.flag(s.sending != nil)
	if s.sending != nil {
		w.uint32(s.sending.epoch)
		w.bytes(s.sending.transcript[:])
		w.bytes(s.sending.chain[:])
		w.uint32(s.sending.next)
		w.uint64(s.sending.keyed)
		w.uint32(s.sending.before)
	}
	w.uint16(len(s.slots))
	for i := range s.slots {
		w.slot(&s.slots[i])
	}
	w.flag(s.joins)
	w.flag(s.hasUncovered)
	w.uint32(s.uncoveredAt)
	return w.out
}

// Restore returns the session that State was called on. Random is the source of randomness,
// nil for the system's.
func Restore(state []byte, secrets Secrets, random io.Reader) (*Session, error) {
	if len(state) > MaxState {
		return nil, refusal.Because(ErrState, "expected at most %d bytes, got %d", MaxState, len(state))
	}
	r := reader{cursor: cursor{rest: state}}
	if version := r.uint8(); version != stateVersion1 {
		return nil, refusal.Because(ErrState, "expected version %#02x, got %#02x", stateVersion1, version)
	}
	r.expect(r.uint8() == Suite)
	s := &Session{chain: r.array32(), session: r.array32(), self: r.array32(), revision: r.uint64()}
	s.policy = r.policy()
	if s.peers = make([]peer, r.count(MaxMembers-1, pq.IDSize)); len(s.peers) > 0 {
		r.body(s)
	}
	if !r.done() || r.refused {
		return nil, refusal.Because(ErrState, "it is damaged, or of another version")
	}
	if !bytes.Equal(s.State(), state) {
		return nil, refusal.Because(ErrState, "it is not canonical")
	}
	s.random = sourceOf(random)
	if len(s.peers) == 0 {
		return s, nil
	}
	s.context = sessionContext(s.chain, s.session, s.Members())
	if err := s.UseSecrets(secrets); err != nil {
		return nil, err
	}
	return s, nil
}

// writer appends fields. Its buffers are not cleared as they grow: a state is a secret, and
// as best effort it is sized by what states have in common.
type writer struct{ out []byte }

func (w *writer) bytes(value []byte)  { w.out = append(w.out, value...) }
func (w *writer) uint16(value int)    { w.out = binary.BigEndian.AppendUint16(w.out, uint16(value)) }
func (w *writer) uint32(value uint32) { w.out = binary.BigEndian.AppendUint32(w.out, value) }
func (w *writer) uint64(value uint64) { w.out = binary.BigEndian.AppendUint64(w.out, value) }

func (w *writer) flag(value bool) {
	if value {
		w.out = append(w.out, 1)
	} else {
		w.out = append(w.out, 0)
	}
}

func (w *writer) policy(p Policy) {
	w.uint32(p.MaxMessages)
	w.uint64(p.MaxAge)
	w.uint32(p.CoverAfter)
	w.uint64(p.Grace)
}

func (w *writer) skipped(keys []skippedKey) {
	w.uint16(len(keys))
	for i := range keys {
		w.uint32(keys[i].index)
		w.uint64(keys[i].since)
		w.bytes(keys[i].key[:])
	}
}

func (w *writer) peer(p *peer) {
	w.bytes(p.id[:])
	w.flag(p.prekey != nil)
	w.bytes(p.prekey)
	w.bytes(p.identity)
	w.uint32(p.floor)
	w.uint16(len(p.epochs))
	for i := range p.epochs {
		epoch := &p.epochs[i]
		w.uint32(epoch.epoch)
		w.bytes(epoch.transcript[:])
		w.bytes(epoch.chain[:])
		w.uint32(epoch.next)
		w.uint32(epoch.limit)
		w.uint64(epoch.superseded)
		w.skipped(epoch.skipped)
	}
	w.flag(p.reply != nil)
	if p.reply != nil {
		w.uint32(p.reply.epoch)
		w.bytes(p.reply.publicKey)
		w.bytes(p.reply.chain[:])
		w.uint32(p.reply.next)
	}
	w.flag(p.covered)
	w.flag(p.left)
}

func (w *writer) slot(t *slot) {
	w.uint32(t.epoch)
	w.uint64(t.created)
	w.bytes(t.seed)
	w.uint16(len(t.replies))
	for i := range t.replies {
		reply := &t.replies[i]
		w.bytes(reply.from[:])
		w.bytes(reply.chain[:])
		w.uint32(reply.next)
		w.skipped(reply.skipped)
	}
}

// reader reads what writer wrote, and refuses what no session's state can be.
type reader struct {
	cursor
	refused bool
}

func (r *reader) expect(holds bool) {
	if !holds {
		r.refused = true
		r.short = true
	}
}

func (r *reader) flag() bool {
	value := r.uint8()
	r.expect(value <= 1)
	return value == 1
}

// count reads how many elements follow, each of at least size bytes.
func (r *reader) count(bound, size int) int {
	count := int(r.uint16())
	r.expect(count <= bound && count*size <= len(r.rest))
	if r.short {
		return 0
	}
	return count
}

func (r *reader) clone(size int) []byte { return bytes.Clone(r.bytes(size)) }

func (r *reader) policy() (p Policy) {
	p = Policy{MaxMessages: r.uint32(), MaxAge: r.uint64(), CoverAfter: r.uint32(), Grace: r.uint64()}
	r.expect(p == p.withDefaults())
	return p
}

func (r *reader) body(s *Session) {
	for i := range s.peers {
		s.peers[i] = r.peer()
		r.expect(s.peers[i].id != s.self && (i == 0 || compareIDs(s.peers[i-1].id, s.peers[i].id) < 0))
	}
	s.nextEpoch = r.uint32()
	if r.flag() {
		s.sending = &sendingEpoch{epoch: r.uint32(), transcript: r.array32(), chain: r.array32(), next: r.uint32(), keyed: r.uint64(), before: r.uint32()}
		r.expect(s.sending.epoch < s.nextEpoch)
	}
	s.slots = make([]slot, r.count(maxSlots, 4+8+PrekeySeedSize+2))
	for i := range s.slots {
		s.slots[i] = r.slot()
		r.expect(s.slots[i].epoch < s.nextEpoch && (i == 0 || s.slots[i-1].epoch < s.slots[i].epoch))
	}
	s.joins, s.hasUncovered, s.uncoveredAt = r.flag(), r.flag(), r.uint32()
	r.expect(s.sending != nil || !s.joins && !s.hasUncovered)
	r.expect(s.hasUncovered && s.uncoveredAt <= s.sendingNext() || s.uncoveredAt == 0)
}

func (s *Session) sendingNext() uint32 {
	if s.sending == nil {
		return 0
	}
	return s.sending.next
}

func (r *reader) publicXWing() []byte {
	key := r.clone(PrekeySize)
	r.expect(checkXWing(key) == nil)
	return key
}

func (r *reader) skipped(bound int, below uint32) []skippedKey {
	count := r.count(bound, 4+8+keySize)
	if count == 0 {
		return nil
	}
	keys := make([]skippedKey, count)
	for i := range keys {
		keys[i] = skippedKey{index: r.uint32(), since: r.uint64(), key: r.array32()}
		r.expect(keys[i].index < below && (i == 0 || keys[i-1].index < keys[i].index))
	}
	return keys
}

func (r *reader) peer() (p peer) {
	p = peer{id: r.array32()}
	if r.flag() {
		p.prekey, p.identity = r.publicXWing(), r.clone(pq.KEMPublicKeySize)
		r.expect(pq.CheckKEMPublicKey(p.identity) == nil)
	}
	p.floor = r.uint32()
	count := r.count(maxEpochs, 4+2*hashSize+4+4+8+2)
	total := 0
	for i := range count {
		epoch := receivingEpoch{epoch: r.uint32(), transcript: r.array32(), chain: r.array32(), next: r.uint32(), limit: r.uint32(), superseded: r.uint64()}
		epoch.skipped = r.skipped(maxSkipped, epoch.next)
		total += len(epoch.skipped)
		r.expect(epoch.epoch >= p.floor && epoch.epoch <= lastEpoch && epoch.next <= epoch.limit)
		r.expect(i == 0 || p.epochs[i-1].epoch < epoch.epoch)
		p.epochs = append(p.epochs, epoch)
	}
	r.expect(total <= maxSkipped)
	if r.flag() {
		p.reply = &replyKey{epoch: r.uint32(), publicKey: r.publicXWing(), chain: r.array32(), next: r.uint32()}
	}
	p.covered, p.left = r.flag(), r.flag()
	r.expect(p.reply != nil && p.prekey == nil || p.reply == nil && !p.covered)
	return p
}

func (r *reader) slot() (t slot) {
	t = slot{epoch: r.uint32(), created: r.uint64(), seed: r.clone(PrekeySeedSize)}
	t.replies = make([]replyFrom, r.count(MaxMembers-1, pq.IDSize+keySize+4+2))
	for i := range t.replies {
		reply := replyFrom{from: r.array32(), chain: r.array32(), next: r.uint32()}
		reply.skipped = r.skipped(maxReplies, reply.next)
		t.replies[i] = reply
		r.expect(i == 0 || compareIDs(t.replies[i-1].from, reply.from) < 0)
	}
	return t
}
