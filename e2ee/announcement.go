package e2ee

import (
	"encoding/binary"
	"math"

	"github.com/luxfi/session/pq"
)

// stanzaMode says which of a recipient's keys a stanza is sealed to.
type stanzaMode uint8

const (
	modeIdentity stanzaMode = 1 // the identity's ML-KEM-768 key
	modeOffer    stanzaMode = 2 // the offer's key, of the session's suite
	modeSession  stanzaMode = 4 // the session's ML-KEM-768 key, alone or beside one of the above
	modeRatchet  stanzaMode = 8 // the key of the recipient's own announcement
)

func (m stanzaMode) known() bool {
	switch m {
	case modeIdentity, modeOffer, modeSession, modeIdentity | modeSession, modeOffer | modeSession, modeRatchet:
		return true
	default:
		return false
	}
}

// ciphertextSize is the size of the KEM ciphertexts of a stanza.
func (m stanzaMode) ciphertextSize(suite Suite) int {
	size := 0
	if m&(modeOffer|modeRatchet) != 0 {
		size += suite.ciphertextSize()
	}
	if m&modeIdentity != 0 {
		size += pq.KEMCiphertextSize
	}
	if m&modeSession != 0 {
		size += pq.KEMCiphertextSize
	}
	return size
}

const (
	referenceSize  = 8
	stanzaHeadSize = 1 + referenceSize
	secretSize     = 32
	wrappedSize    = secretSize + tagSize

	flagInitiates   = 1 // others should renew their keys too
	flagHasPrevious = 2 // previous epoch and its count are meant

	announcementStart = 1 + 1 + 1 + 4 + 8 + 4 + 4

	lastEpoch = math.MaxUint32 - 1
)

// stanza is an announcement's part for one recipient: 1 mode, 8 reference, the KEM
// ciphertexts, and the announcement's secret, wrapped, 48. For modeRatchet the reference is
// the epoch of the recipient's announcement, 4, and how often the sender has sealed to it
// before, 4; for the others the first bytes of SHA-256 over the public keys.
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
//	4       epoch, which grows with each announcement of the sender
//	8       version of the roster that it is for
//	4+4     the sender's previous epoch and how many messages it had, zeros if none
//	1184    the sender's KEM key from now on (1216 for X-Wing)
//	1       number of stanzas, one for each other member, in the order of their IDs
//	...     stanzas
//	32      commitment to the secret and to all of the above
type announcementWire struct {
	suite         Suite
	flags         byte
	epoch         uint32
	rosterVersion uint64
	previous      uint32
	previousCount uint32
	publicKey     []byte
	stanzas       []stanza
	bound         []byte // all that the transcript covers: everything before the commitment
	commitment    []byte
}

// appendAnnouncementStart writes what stands before the stanzas.
func appendAnnouncementStart(start []byte, wire *announcementWire, stanzas int) []byte {
	start = append(start, kindAnnouncement, byte(wire.suite), wire.flags)
	start = binary.BigEndian.AppendUint32(start, wire.epoch)
	start = binary.BigEndian.AppendUint64(start, wire.rosterVersion)
	start = binary.BigEndian.AppendUint32(start, wire.previous)
	start = binary.BigEndian.AppendUint32(start, wire.previousCount)
	start = append(start, wire.publicKey...)
	return append(start, byte(stanzas))
}

// parseAnnouncement decodes strictly. The result's slices are the input's.
func parseAnnouncement(encoded []byte) (*announcementWire, error) {
	read := cursor{rest: encoded}
	if kind := read.uint8(); kind != kindAnnouncement {
		return nil, wrapf(ErrMalformed, "want an announcement, got kind %#02x", kind)
	}
	wire := &announcementWire{suite: Suite(read.uint8()), flags: read.uint8()}
	if read.short || !wire.suite.known() {
		return nil, wrapf(ErrSuite, "want a known one, got %s", wire.suite)
	}
	wire.epoch, wire.rosterVersion = read.uint32(), read.uint64()
	wire.previous, wire.previousCount = read.uint32(), read.uint32()
	wire.publicKey = read.bytes(wire.suite.publicKeySize())
	count := int(read.uint8())
	if read.short {
		return nil, wrapf(ErrMalformed, "want a whole announcement, got %d bytes", len(encoded))
	}
	if err := wire.check(count); err != nil {
		return nil, err
	}
	wire.stanzas = make([]stanza, count)
	for i := range wire.stanzas {
		head := read.bytes(stanzaHeadSize)
		if head == nil {
			return nil, wrapf(ErrMalformed, "want %d stanzas, got %d", count, i)
		}
		mode := stanzaMode(head[0])
		if !mode.known() {
			return nil, wrapf(ErrMalformed, "want a known mode in stanza %d, got %d", i, mode)
		}
		wire.stanzas[i] = stanza{
			mode: mode, head: head,
			ciphertexts: read.bytes(mode.ciphertextSize(wire.suite)),
			wrapped:     read.bytes(wrappedSize),
		}
	}
	wire.bound = encoded[:len(encoded)-len(read.rest)]
	wire.commitment = read.bytes(hashSize)
	if !read.done() {
		return nil, wrapf(ErrMalformed, "want an announcement and nothing after it, got %d bytes", len(encoded))
	}
	return wire, nil
}

func (w *announcementWire) check(stanzas int) error {
	hasPrevious := w.flags&flagHasPrevious != 0
	switch {
	case w.flags&^(flagInitiates|flagHasPrevious) != 0:
		return wrapf(ErrMalformed, "want known flags, got %#02x", w.flags)
	case stanzas < 1 || stanzas >= MaxMembers:
		return wrapf(ErrMalformed, "want 1 to %d stanzas, got %d", MaxMembers-1, stanzas)
	case w.epoch > lastEpoch:
		return wrapf(ErrMalformed, "want an epoch up to %d, got %d", uint32(lastEpoch), w.epoch)
	case !hasPrevious && (w.previous != 0 || w.previousCount != 0):
		return wrapf(ErrMalformed, "want zeros without a previous epoch, got %d with %d messages", w.previous, w.previousCount)
	case hasPrevious && w.previous >= w.epoch:
		return wrapf(ErrMalformed, "want a previous epoch before %d, got %d", w.epoch, w.previous)
	}
	return w.suite.checkPublicKey(w.publicKey)
}

// AnnouncementSize returns the size of an announcement in bytes, if every recipient has
// announced itself: 57 bytes, a public key, and for each recipient 57 and a KEM ciphertext.
func AnnouncementSize(suite Suite, members int) int {
	return announcementStart + suite.publicKeySize() + 1 + hashSize +
		(members-1)*(stanzaHeadSize+suite.ciphertextSize()+wrappedSize)
}

// transcript commits to everything that an announcement means.
func transcript(context, roster [hashSize]byte, sender ID, bound []byte) [hashSize]byte {
	return hashOf(labelAnnouncement, context[:], roster[:], sender[:], bound)
}
