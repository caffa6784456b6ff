package e2ee

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// SeatSize is the size of an encoded Seat in bytes.
	SeatSize = pq.IDSize + PrekeySize + keySize
	// SeatSecretSize is the size of a SeatSecret in bytes.
	SeatSecretSize = PrekeySeedSize + keySize + 8

	// seatEpoch is the number of a seat among its member's epochs: announcements count from 1 on.
	seatEpoch = 0
)

// Seat is as whom somebody takes part in one session, told inside the encryption before the session is: what an
// announcement would say. So the others seal to it as to one, with a key that is used once, and the member
// has announced itself. In order, in bytes:
//
//	32      ID of a pseudonym that no other session has
//	1216    X-Wing key that was made for it alone
//	32      root of what others mix in when they seal to it (see the reply root of an announcement)
type Seat struct {
	ID     ID
	Prekey []byte
	Reply  []byte
}

// SeatSecret is the secret half of a Seat, to be stored encrypted. In order, in bytes: 32 seed of the X-Wing key ||
// 32 reply root || 8 when it was made, Unix milliseconds.
type SeatSecret []byte

// NewSeat makes the secret half of a seat, at a time in Unix milliseconds. Random is the source of randomness, nil for the
// system's.
func NewSeat(random io.Reader, now uint64) (SeatSecret, error) {
	secret, err := readRandom(sourceOf(random), PrekeySeedSize+keySize)
	if err != nil {
		return nil, err
	}
	return binary.BigEndian.AppendUint64(secret, now), nil
}

// Of returns the seat of a pseudonym. Errors: ErrSeat if it is no secret of one.
func (s SeatSecret) Of(pseudonym ID) (Seat, error) {
	seed, reply, _, err := s.parts()
	if err != nil {
		return Seat{}, err
	}
	return Seat{ID: pseudonym, Prekey: publicXWing(seed), Reply: bytes.Clone(reply)}, nil
}

// parts returns the seed, the reply root and the time: slices of the secret.
func (s SeatSecret) parts() (seed, reply []byte, made uint64, err error) {
	if len(s) != SeatSecretSize {
		return nil, nil, 0, refusal.Because(ErrSeat, "expected a secret of %d bytes, got %d", SeatSecretSize, len(s))
	}
	return s[:PrekeySeedSize], s[PrekeySeedSize : PrekeySeedSize+keySize], binary.BigEndian.Uint64(s[PrekeySeedSize+keySize:]), nil
}

// Check refuses keys that are none. Errors: ErrSeat.
func (s *Seat) Check() error {
	if len(s.Reply) != keySize {
		return refusal.Because(ErrSeat, "expected a reply root of %d bytes, got %d", keySize, len(s.Reply))
	}
	if err := checkXWing(s.Prekey); err != nil {
		return refusal.Because(ErrSeat, "%w", err)
	}
	return nil
}

func (s *Seat) append(encoded []byte) []byte {
	return append(append(append(encoded, s.ID[:]...), s.Prekey...), s.Reply...)
}

// seat reads a seat, whose keys are not checked: slices of what is read.
func (c *cursor) seat() Seat {
	return Seat{ID: c.array32(), Prekey: c.bytes(PrekeySize), Reply: c.bytes(keySize)}
}

// clone returns a copy that shares nothing.
func (s Seat) clone() Seat { return Seat{s.ID, bytes.Clone(s.Prekey), bytes.Clone(s.Reply)} }

// sit makes this member one that has announced itself: by the seat that the others were told.
func (s *Session) sit(secret SeatSecret) error {
	seed, reply, made, err := secret.parts()
	if err != nil {
		return err
	}
	own := slot{epoch: seatEpoch, created: made, seed: bytes.Clone(seed)}
	for i := range s.peers {
		own.replies = append(own.replies, replyFrom{from: s.peers[i].id, ratchet: ratchet{chain: replyChain([keySize]byte(reply), s.peers[i].id)}})
	}
	s.slots = append(s.slots, own)
	return nil
}

// SetSeat says what to seal to a member with for as long as it has not announced a key of its own in the session: its seat. The
// caller knows that it is that member's. Errors: ErrSender if it is no other member, ErrSeat if these are no keys.
func (s *Session) SetSeat(seat *Seat) error {
	if err := seat.Check(); err != nil {
		return err
	}
	to := s.peer(seat.ID)
	if to == nil {
		return refusal.Because(ErrSender, "expected another member, got %s", pq.FormatID(seat.ID))
	}
	if to.reply == nil {
		to.prekey, to.identity = nil, nil
		to.reply = &replyKey{epoch: seatEpoch, publicKey: bytes.Clone(seat.Prekey), chain: replyChain([keySize]byte(seat.Reply), s.self)}
	}
	return nil
}
