package e2ee

import (
	"bytes"
	"math"
	"slices"

	"github.com/luxfi/session/refusal"
)

// ratchet derives keys in the order of their index, and keeps those that were passed over for what is
// late.
type ratchet struct {
	chain   [keySize]byte // of index next
	next    uint32
	skipped []skippedKey
}

func (r *ratchet) wipe() {
	clear(r.chain[:])
	clear(r.skipped)
	r.skipped = nil
}

// ratchetKey is the key of one index, and what becomes of the ratchet once it has opened something.
type ratchetKey struct {
	key     [keySize]byte
	skipped int // position among the skipped keys, or -1
	passed  []skippedKey
	chain   [keySize]byte
}

func (k *ratchetKey) wipe() {
	clear(k.key[:])
	clear(k.chain[:])
	clear(k.passed)
}

// key finds or derives the key of an index, and reports whether it is not erased. It changes nothing. The
// index is at most a few keys ahead: who calls it bounds that.
func (r *ratchet) key(index uint32, label string) (found ratchetKey, ok bool) {
	if index < r.next {
		position, ok := slices.BinarySearchFunc(r.skipped, index, compareSkipped)
		if !ok {
			return ratchetKey{}, false
		}
		return ratchetKey{key: r.skipped[position].key, skipped: position}, true
	}
	found = ratchetKey{skipped: -1, chain: r.chain, passed: make([]skippedKey, 0, index-r.next)}
	for at := r.next; ; at++ {
		var key [keySize]byte
		key, found.chain = step(found.chain, label)
		if at == index {
			found.key = key
			return found, true
		}
		found.passed = append(found.passed, skippedKey{index: at, key: key})
	}
}

// use erases the key of an index that has opened something, and keeps those that it passed over.
func (r *ratchet) use(index uint32, used ratchetKey, now uint64) {
	if used.skipped >= 0 {
		r.skipped = deleteSkipped(r.skipped, used.skipped)
		return
	}
	r.skipped = append(r.skipped, passedAt(used.passed, now)...)
	r.chain, r.next = used.chain, index+1
}

// receivingEpoch is a reader's side of one epoch of a sender.
type receivingEpoch struct {
	epoch      uint32
	transcript [hashSize]byte
	ratchet           // of messages; its chain is zeros once the limit is reached
	limit      uint32 // how many messages the epoch has; math.MaxUint32 while it is open
	superseded uint64 // when a later epoch was known, Unix milliseconds; 0 while there is none
}

// messageKey finds or derives the key of a message. It changes nothing.
func (e *receivingEpoch) messageKey(index uint32) (ratchetKey, error) {
	switch {
	case index >= e.next && index >= e.limit:
		return ratchetKey{}, refusal.Because(ErrEpochErased, "epoch %d ended with %d messages, got index %d", e.epoch, e.limit, index)
	case index >= e.next && index-e.next > maxSkipped:
		return ratchetKey{}, refusal.Because(ErrTooFarAhead, "expected at most %d missing, got %d in epoch %d", maxSkipped, index-e.next, e.epoch)
	}
	found, ok := e.key(index, labelMessage)
	if !ok {
		return ratchetKey{}, refusal.Because(ErrRepeated, "message %d of epoch %d", index, e.epoch)
	}
	return found, nil
}

// useMessage erases the key of a message that has opened.
func (e *receivingEpoch) useMessage(index uint32, used ratchetKey, now uint64) {
	e.use(index, used, now)
	e.end(e.limit)
}

// end sets how many messages the epoch has. At the end the chain is erased.
func (e *receivingEpoch) end(limit uint32) {
	if limit < e.next || limit > e.limit {
		return // what was said before, or was opened, stands
	}
	e.limit = limit
	if e.next >= limit {
		clear(e.chain[:])
	}
}

func compareSkipped(s skippedKey, index uint32) int {
	switch {
	case s.index < index:
		return -1
	case s.index > index:
		return 1
	default:
		return 0
	}
}

// passedAt notes when keys were passed over.
func passedAt(keys []skippedKey, now uint64) []skippedKey {
	for i := range keys {
		keys[i].since = now
	}
	return keys
}

// forgetSkipped removes the keys whose messages have been missing for longer than the grace.
func forgetSkipped(keys []skippedKey, now, grace uint64) []skippedKey {
	return slices.DeleteFunc(keys, func(s skippedKey) bool { return elapsed(s.since, now) > grace })
}

// deleteSkipped removes a key, and clears the place that is left over.
func deleteSkipped(keys []skippedKey, position int) []skippedKey {
	copy(keys[position:], keys[position+1:])
	keys[len(keys)-1] = skippedKey{}
	return keys[:len(keys)-1]
}

func (p *peer) epoch(number uint32) *receivingEpoch {
	for i := range p.epochs {
		if p.epochs[i].epoch == number {
			return &p.epochs[i]
		}
	}
	return nil
}

// admits reports whether an announcement of an epoch can still be opened.
func (p *peer) admits(number uint32) error {
	if number < p.floor || len(p.epochs) == maxEpochs && number < p.epochs[0].epoch {
		return refusal.Because(ErrEpochErased, "expected an epoch from %d on, got %d", max(p.floor, p.lowest()), number)
	}
	if p.epoch(number) != nil {
		return refusal.Because(ErrRepeated, "the announcement of epoch %d", number)
	}
	return nil
}

func (p *peer) lowest() uint32 {
	if len(p.epochs) == 0 {
		return 0
	}
	return p.epochs[0].epoch
}

// begin adds an epoch that admits has let in, and drops the lowest if there are too many.
func (p *peer) begin(epoch receivingEpoch, now uint64) {
	p.epochs = append(p.epochs, epoch)
	slices.SortFunc(p.epochs, func(a, b receivingEpoch) int {
		if a.epoch < b.epoch {
			return -1
		}
		return 1
	})
	for i := range p.epochs[:len(p.epochs)-1] {
		if p.epochs[i].superseded == 0 {
			p.epochs[i].superseded = max(now, 1)
		}
	}
	if len(p.epochs) > maxEpochs {
		p.dropLowest()
	}
}

func (p *peer) dropLowest() {
	p.epochs[0].wipe()
	p.floor = p.epochs[0].epoch + 1
	copy(p.epochs, p.epochs[1:])
	p.epochs[len(p.epochs)-1] = receivingEpoch{}
	p.epochs = p.epochs[:len(p.epochs)-1]
}

// forget drops what is past its time, and the oldest skipped keys above the bound.
func (p *peer) forget(now, grace uint64) {
	for len(p.epochs) > 1 && p.epochs[0].superseded != 0 && elapsed(p.epochs[0].superseded, now) > grace {
		p.dropLowest()
	}
	count := 0
	for i := range p.epochs {
		p.epochs[i].skipped = forgetSkipped(p.epochs[i].skipped, now, grace)
		count += len(p.epochs[i].skipped)
	}
	for i := range p.epochs {
		excess := min(max(count-maxSkipped, 0), len(p.epochs[i].skipped))
		for range excess {
			p.epochs[i].skipped = deleteSkipped(p.epochs[i].skipped, 0)
		}
		count -= excess
	}
}

// elapsed is 0 if the clock went back.
func elapsed(since, now uint64) uint64 {
	if now < since {
		return 0
	}
	return now - since
}

// replyKeyAt finds or derives what a sender mixes in when it seals to a slot for the
// count-th time. It changes nothing.
func (t *slot) replyKeyAt(from ID, count uint32) (ratchetKey, error) {
	chain := t.replyFrom(from)
	if chain == nil {
		return ratchetKey{}, refusal.Because(ErrKeyErased, "the announcement of epoch %d was not made for its sender", t.epoch)
	}
	if count >= chain.next && (count-chain.next > maxReplies || count == math.MaxUint32) {
		return ratchetKey{}, refusal.Because(ErrTooFarAhead, "expected at most %d announcements missing, got %d", maxReplies, count-chain.next)
	}
	found, ok := chain.key(count, labelReplyTo)
	if !ok {
		return ratchetKey{}, refusal.Because(ErrKeyErased, "reply %d to epoch %d was used", count, t.epoch)
	}
	return found, nil
}

// useReply erases a reply key that has opened an announcement.
func (t *slot) useReply(from ID, count uint32, used ratchetKey, now uint64) {
	chain := t.replyFrom(from)
	chain.use(count, used, now)
	for len(chain.skipped) > maxReplies {
		chain.skipped = deleteSkipped(chain.skipped, 0)
	}
}

func (t *slot) replyFrom(from ID) *replyFrom {
	for i := range t.replies {
		if bytes.Equal(t.replies[i].from[:], from[:]) {
			return &t.replies[i]
		}
	}
	return nil
}

func (s *Session) slot(epoch uint32) *slot {
	for i := range s.slots {
		if s.slots[i].epoch == epoch {
			return &s.slots[i]
		}
	}
	return nil
}

// forget drops keys that are past their time or above the bounds. An epoch that seems to begin later
// than now has its age counted from now on: the clock was ahead, and it would not end.
func (s *Session) forget(now uint64) {
	if s.sending != nil {
		s.sending.keyed = min(s.sending.keyed, now)
	}
	for len(s.slots) > maxSlots || len(s.slots) > 1 && elapsed(s.slots[1].created, now) > s.policy.Grace {
		s.slots[0].wipe()
		s.slots = slices.Delete(s.slots, 0, 1)
	}
	for i := range s.slots {
		for j := range s.slots[i].replies {
			reply := &s.slots[i].replies[j]
			reply.skipped = forgetSkipped(reply.skipped, now, s.policy.Grace)
		}
	}
	for i := range s.peers {
		s.peers[i].forget(now, s.policy.Grace)
	}
}
