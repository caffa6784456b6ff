package e2ee

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/cloudflare/circl/kem/xwing"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// stanzaMode says which of a recipient's keys a stanza is sealed to.
type stanzaMode uint8

const (
	modeNone    stanzaMode = 0 // to nothing: the sender knew no key of the recipient
	modePrekey  stanzaMode = 1 // the recipient's prekey and its identity's ML-KEM-768 key, together
	modeRatchet stanzaMode = 2 // the key of the recipient's own announcement, or of its seat
)

// ciphertextSize is the size of the KEM ciphertexts of a stanza: X-Wing's, and ML-KEM-768's
// after it for modePrekey.
func (m stanzaMode) ciphertextSize() int {
	switch m {
	case modePrekey:
		return xwing.CiphertextSize + pq.KEMCiphertextSize
	case modeRatchet:
		return xwing.CiphertextSize
	default:
		return 0
	}
}

// wrappedSize is the size of the wrapped secret of a stanza.
func (m stanzaMode) wrappedSize() int {
	if m == modeNone {
		return 0
	}
	return secretSize + tagSize
}

const (
	referenceSize  = 8
	stanzaHeadSize = 1 + referenceSize
	secretSize     = 32

	flagInitiates   = 1 // others should renew their keys too
	flagHasPrevious = 2 // previous epoch and its count are meant

	announcementStart = 1 + 1 + 1 + 4 + 4 + 4

	lastEpoch = math.MaxUint32 - 1
)

// stanza is an announcement's part for one recipient: 1 mode, 8 reference, the KEM
// ciphertexts, and the announcement's secret, wrapped, 48. For modeRatchet the reference is
// the epoch of the recipient's announcement, 4 (0 for its seat), and how often the sender has sealed to it
// before, 4; for modePrekey the first bytes of SHA-256 over prekey || identity's key; for modeNone
// zeros, and nothing follows.
type stanza struct {
	mode        stanzaMode
	head        []byte // mode and reference
	ciphertexts []byte
	wrapped     []byte
}

// announcementWire starts an epoch of its sender. In order, in bytes:
//
//	1       kind, 0x10
//	1       suite
//	1       flags
//	4       epoch, at least 1, which grows with each announcement of the sender
//	4+4     the sender's previous epoch and how many messages it had, zeros if none
//	1216    the sender's X-Wing key from now on
//	1       number of stanzas, one for each other member, in the order of their IDs
//	...     stanzas
//	32      commitment to the secret and to all of the above
//	...     the epoch's first message, if there is one
type announcementWire struct {
	flags         byte
	epoch         uint32
	previous      uint32
	previousCount uint32
	publicKey     []byte
	stanzas       []stanza
	bound         []byte // all that the transcript covers: everything before the commitment
	commitment    []byte
	message       []byte // the epoch's first message, empty if it comes by itself
}

// appendAnnouncementStart writes what stands before the stanzas.
func appendAnnouncementStart(start []byte, wire *announcementWire, stanzas int) []byte {
	start = append(start, kindAnnouncement, Suite, wire.flags)
	start = binary.BigEndian.AppendUint32(start, wire.epoch)
	start = binary.BigEndian.AppendUint32(start, wire.previous)
	start = binary.BigEndian.AppendUint32(start, wire.previousCount)
	start = append(start, wire.publicKey...)
	return append(start, byte(stanzas))
}

// parseAnnouncement decodes strictly. The result's slices are the input's.
func parseAnnouncement(encoded []byte) (*announcementWire, error) {
	read := cursor{rest: encoded}
	if kind := read.uint8(); kind != kindAnnouncement {
		return nil, refusal.Because(ErrMalformed, "expected an announcement, got kind %#02x", kind)
	}
	if suite := read.uint8(); read.short || suite != Suite {
		return nil, refusal.Because(ErrSuite, "expected suite %d, got %d", Suite, suite)
	}
	wire := &announcementWire{flags: read.uint8(), epoch: read.uint32(), previous: read.uint32(), previousCount: read.uint32()}
	wire.publicKey = read.bytes(PrekeySize)
	count := int(read.uint8())
	if read.short {
		return nil, refusal.Because(ErrMalformed, "expected a whole announcement, got %d bytes", len(encoded))
	}
	if err := wire.check(count); err != nil {
		return nil, err
	}
	wire.stanzas = make([]stanza, count)
	for i := range wire.stanzas {
		head := read.bytes(stanzaHeadSize)
		if head == nil {
			return nil, refusal.Because(ErrMalformed, "expected %d stanzas, got %d", count, i)
		}
		mode := stanzaMode(head[0])
		if mode > modeRatchet || mode == modeNone && !bytes.Equal(head, make([]byte, stanzaHeadSize)) {
			return nil, refusal.Because(ErrMalformed, "expected a known mode in stanza %d, got %x", i, head)
		}
		wire.stanzas[i] = stanza{
			mode: mode, head: head,
			ciphertexts: read.bytes(mode.ciphertextSize()),
			wrapped:     read.bytes(mode.wrappedSize()),
		}
	}
	wire.bound = encoded[:len(encoded)-len(read.rest)]
	wire.commitment, wire.message = read.bytes(hashSize), read.rest
	if read.short {
		return nil, refusal.Because(ErrMalformed, "expected a whole announcement, got %d bytes", len(encoded))
	}
	return wire, nil
}

func (w *announcementWire) check(stanzas int) error {
	hasPrevious := w.flags&flagHasPrevious != 0
	switch {
	case w.flags&^(flagInitiates|flagHasPrevious) != 0:
		return refusal.Because(ErrMalformed, "expected known flags, got %#02x", w.flags)
	case stanzas < 1 || stanzas >= MaxMembers:
		return refusal.Because(ErrMalformed, "expected 1 to %d stanzas, got %d", MaxMembers-1, stanzas)
	case w.epoch <= seatEpoch || w.epoch > lastEpoch:
		return refusal.Because(ErrMalformed, "expected an epoch from %d to %d, got %d", seatEpoch+1, uint32(lastEpoch), w.epoch)
	case !hasPrevious && (w.previous != 0 || w.previousCount != 0):
		return refusal.Because(ErrMalformed, "expected zeros without a previous epoch, got %d with %d messages", w.previous, w.previousCount)
	case hasPrevious && (w.previous <= seatEpoch || w.previous >= w.epoch):
		return refusal.Because(ErrMalformed, "expected a previous epoch from %d on and before %d, got %d", seatEpoch+1, w.epoch, w.previous)
	}
	return checkXWing(w.publicKey)
}

// transcript commits to everything that an announcement means.
func transcript(context [hashSize]byte, sender ID, bound []byte) [hashSize]byte {
	return hashOf(labelAnnouncement, context[:], sender[:], bound)
}
