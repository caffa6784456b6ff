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
// keys and places, so its messages are refused by who has opened others there. One state has one encoding; its fields stand in the order in which codec goes through
// them, numbers big-endian, lists after their count.
func (s *Session) State() []byte {
	c := codec{out: []byte{stateVersion1, Suite}}
	c.session(s)
	return c.out
}

// Restore returns the session that State was called on. Random is the source of randomness,
// nil for the system's.
func Restore(state []byte, secrets Secrets, random io.Reader) (*Session, error) {
	if len(state) > MaxState {
		return nil, refusal.Because(ErrState, "expected at most %d bytes, got %d", MaxState, len(state))
	}
	c := codec{in: cursor{rest: state}, reading: true}
	if version := c.in.uint8(); version != stateVersion1 {
		return nil, refusal.Because(ErrState, "expected version %#02x, got %#02x", stateVersion1, version)
	}
	c.expect(c.in.uint8() == Suite)
	s := new(Session)
	c.session(s)
	if !c.in.done() {
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

// codec goes through the fields of a state, and writes them or reads them: the two have one description.
// What it reads it refuses if no session's state can be so. Its buffers are not cleared as they grow: a
// state is a secret, and this is best effort.
type codec struct {
	out     []byte
	in      cursor
	reading bool
}

// expect refuses what is read unless a condition holds.
func (c *codec) expect(holds bool) { c.in.short = c.in.short || c.reading && !holds }

func (c *codec) flag(value *bool) {
	if c.reading {
		read := c.in.uint8()
		c.expect(read <= 1)
		*value = read == 1
	} else if *value {
		c.out = append(c.out, 1)
	} else {
		c.out = append(c.out, 0)
	}
}

func (c *codec) uint32(value *uint32) {
	if c.reading {
		*value = c.in.uint32()
	} else {
		c.out = binary.BigEndian.AppendUint32(c.out, *value)
	}
}

func (c *codec) uint64(value *uint64) {
	if c.reading {
		*value = c.in.uint64()
	} else {
		c.out = binary.BigEndian.AppendUint64(c.out, *value)
	}
}

func (c *codec) array32(value *[32]byte) {
	if c.reading {
		*value = c.in.array32()
	} else {
		c.out = append(c.out, value[:]...)
	}
}

func (c *codec) key(value *[]byte, size int, check func([]byte) error) {
	if c.reading {
		*value = bytes.Clone(c.in.bytes(size))
		c.expect(check == nil || check(*value) == nil)
	} else {
		c.out = append(c.out, *value...)
	}
}

// each goes through a list of at most bound elements, each of at least size bytes.
func each[E any](c *codec, list *[]E, bound, size int, element func(i int, e *E)) {
	if c.reading {
		count := int(c.in.uint16())
		c.expect(count <= bound && count*size <= len(c.in.rest))
		if c.in.short || count == 0 {
			return
		}
		*list = make([]E, count)
	} else {
		c.out = binary.BigEndian.AppendUint16(c.out, uint16(len(*list)))
	}
	for i := range *list {
		element(i, &(*list)[i])
	}
}

// optional goes through what may be nil.
func optional[E any](c *codec, value **E, fields func(e *E)) {
	there := *value != nil
	if c.flag(&there); !there {
		return
	}
	if c.reading {
		*value = new(E)
	}
	fields(*value)
}

func (c *codec) session(s *Session) {
	c.array32(&s.chain)
	c.array32(&s.session)
	c.array32(&s.self)
	c.policy(&s.policy)
	each(c, &s.peers, MaxMembers-1, pq.IDSize, func(i int, p *peer) {
		c.peer(p)
		c.expect(p.id != s.self && (i == 0 || compareIDs(s.peers[i-1].id, p.id) < 0))
	})
	if len(s.peers) == 0 { // it is wiped
		return
	}
	c.uint32(&s.nextEpoch)
	sent := uint32(0)
	optional(c, &s.sending, func(e *sendingEpoch) {
		c.uint32(&e.epoch)
		c.array32(&e.transcript)
		c.array32(&e.chain)
		c.uint32(&e.next)
		c.uint64(&e.keyed)
		c.uint32(&e.before)
		c.expect(e.epoch < s.nextEpoch)
		sent = e.next
	})
	each(c, &s.slots, maxSlots, 4+8+PrekeySeedSize+2, func(i int, t *slot) {
		c.slot(t)
		c.expect(t.epoch < s.nextEpoch && (i == 0 || s.slots[i-1].epoch < t.epoch))
	})
	c.flag(&s.joins)
	c.flag(&s.hasUncovered)
	c.uint32(&s.uncoveredAt)
	c.expect(s.sending != nil || !s.joins && !s.hasUncovered)
	c.expect(s.hasUncovered && s.uncoveredAt <= sent || s.uncoveredAt == 0)
}

func (c *codec) policy(p *Policy) {
	c.uint32(&p.MaxMessages)
	c.uint64(&p.MaxAge)
	c.uint32(&p.CoverAfter)
	c.uint64(&p.Grace)
	c.expect(*p == p.withDefaults())
}

func (c *codec) skipped(keys *[]skippedKey, bound int, below uint32) {
	each(c, keys, bound, 4+8+keySize, func(i int, k *skippedKey) {
		c.uint32(&k.index)
		c.uint64(&k.since)
		c.array32(&k.key)
		c.expect(k.index < below && (i == 0 || (*keys)[i-1].index < k.index))
	})
}

func (c *codec) peer(p *peer) {
	c.array32(&p.id)
	known := p.prekey != nil
	if c.flag(&known); known {
		c.key(&p.prekey, PrekeySize, checkXWing)
		c.key(&p.identity, pq.KEMPublicKeySize, pq.CheckKEMPublicKey)
	}
	c.uint32(&p.floor)
	total := 0
	each(c, &p.epochs, maxEpochs, 4+2*hashSize+4+4+8+2, func(i int, e *receivingEpoch) {
		c.uint32(&e.epoch)
		c.array32(&e.transcript)
		c.array32(&e.chain)
		c.uint32(&e.next)
		c.uint32(&e.limit)
		c.uint64(&e.superseded)
		c.skipped(&e.skipped, maxSkipped, e.next)
		total += len(e.skipped)
		c.expect(e.epoch >= p.floor && e.epoch <= lastEpoch && e.next <= e.limit)
		c.expect(i == 0 || p.epochs[i-1].epoch < e.epoch)
	})
	c.expect(total <= maxSkipped)
	optional(c, &p.reply, func(r *replyKey) {
		c.uint32(&r.epoch)
		c.key(&r.publicKey, PrekeySize, checkXWing)
		c.array32(&r.chain)
		c.uint32(&r.next)
	})
	c.flag(&p.covered)
	c.flag(&p.left)
	c.expect(p.reply != nil && p.prekey == nil || p.reply == nil && !p.covered)
}

func (c *codec) slot(t *slot) {
	c.uint32(&t.epoch)
	c.uint64(&t.created)
	c.key(&t.seed, PrekeySeedSize, nil)
	each(c, &t.replies, MaxMembers-1, pq.IDSize+keySize+4+2, func(i int, r *replyFrom) {
		c.array32(&r.from)
		c.array32(&r.chain)
		c.uint32(&r.next)
		c.skipped(&r.skipped, maxReplies, r.next)
		c.expect(i == 0 || compareIDs(t.replies[i-1].from, r.from) < 0)
	})
}
