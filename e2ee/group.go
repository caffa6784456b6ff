package e2ee

import (
	"fmt"
	"slices"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const (
	// MaxGroup bounds the members of a private group, its owner included: a roster fits into one message.
	MaxGroup = 64
	// MaxSeats bounds the seats of one member in a message.
	MaxSeats = 16
	// MaxGroupTitle bounds a title in bytes.
	MaxGroupTitle = 255

	groupVersion1 = 0x01
)

// Offer is the content of an invitation that asks somebody to take a seat in a private group. Who wants one
// answers with an invitation whose content is Seats. In order, in bytes: 1 version (0x01) || 32 group ||
// 1 length || title in UTF-8 || 32 ID of each other member that there is to be, at most MaxGroup-1.
type Offer struct {
	// Group is a random ID that is not on the chain.
	Group   ID
	Title   string
	Members []ID
}

// Seats is the content by which a member says as whom it takes part in the group's next sessions: in an
// invitation to the owner, or in a session of the group. In order, in bytes: 1 version (0x01) || 32 group ||
// 1 after || seats, at most MaxSeats.
type Seats struct {
	Group ID
	// After is how many of the seats that the member has told before, after the one in the session that this is
	// sent in, stay as they are. These follow.
	After uint8
	// Seats are one for each session, in order. None with an After of 0: the member leaves.
	Seats []Seat
}

// Roster is the content by which a group's owner says who takes part in the session that it is sent in. In
// order, in bytes: 1 version (0x01) || 32 group || 32 owner || 1 changed (0 or 1) || 1 length || title in
// UTF-8 || for each member 32 ID || 1 count || seats.
type Roster struct {
	Group ID
	Owner ID
	// Changed says that other members were there before: all show who they are, and take new seats.
	Changed bool
	Title   string
	// Members are 1 to MaxGroup.
	Members []RosterMember
}

// RosterMember is an identity in a group, and as whom it takes part in a session and in those that follow it.
type RosterMember struct {
	Identity ID
	Seats    []Seat // 1 to MaxSeats
}

// Bytes returns the encoding.
func (o *Offer) Bytes() []byte {
	encoded := append([]byte{groupVersion1}, o.Group[:]...)
	encoded = append(append(encoded, uint8(len(o.Title))), o.Title...)
	for i := range o.Members {
		encoded = append(encoded, o.Members[i][:]...)
	}
	return encoded
}

// ParseOffer decodes an offer strictly. Errors: ErrVersion, ErrMalformed.
func ParseOffer(encoded []byte) (*Offer, error) {
	read, group, err := openGroup(encoded)
	if err != nil {
		return nil, err
	}
	o := &Offer{Group: group, Title: string(read.bytes(int(read.uint8())))}
	for len(read.rest) > 0 && !read.short && len(o.Members) < MaxGroup-1 {
		o.Members = append(o.Members, read.array32())
	}
	return o, closeGroup(read)
}

// Bytes returns the encoding.
func (s *Seats) Bytes() []byte {
	encoded := append([]byte{groupVersion1}, s.Group[:]...)
	return appendSeats(append(encoded, s.After), s.Seats)
}

// ParseSeats decodes seats strictly, and checks their keys: no pseudonym is in them twice. Errors: ErrVersion, ErrMalformed.
func ParseSeats(encoded []byte) (*Seats, error) {
	read, group, err := openGroup(encoded)
	if err != nil {
		return nil, err
	}
	s := &Seats{Group: group, After: read.uint8()}
	if s.Seats, err = readSeats(read, len(read.rest)/SeatSize); err == nil {
		err = make(idSet).addSeats(s.Seats)
	}
	if err != nil {
		return nil, err
	}
	return s, closeGroup(read)
}

// Bytes returns the encoding.
func (r *Roster) Bytes() []byte {
	encoded := append([]byte{groupVersion1}, r.Group[:]...)
	encoded = append(encoded, r.Owner[:]...)
	changed := byte(0)
	if r.Changed {
		changed = 1
	}
	encoded = append(append(encoded, changed, uint8(len(r.Title))), r.Title...)
	for i := range r.Members {
		member := &r.Members[i]
		encoded = append(append(encoded, member.Identity[:]...), uint8(len(member.Seats)))
		encoded = appendSeats(encoded, member.Seats)
	}
	return encoded
}

// ParseRoster decodes a roster strictly, and checks its keys: no identity and no pseudonym is in it twice.
// Errors: ErrVersion, ErrMalformed.
func ParseRoster(encoded []byte) (*Roster, error) {
	read, group, err := openGroup(encoded)
	if err != nil {
		return nil, err
	}
	r := &Roster{Group: group, Owner: read.array32()}
	switch changed := read.uint8(); changed {
	case 0, 1:
		r.Changed = changed == 1
	default:
		return nil, refusal.Because(ErrMalformed, "expected 0 or 1, got %d", changed)
	}
	r.Title = string(read.bytes(int(read.uint8())))
	taken := make(idSet)
	for len(read.rest) > 0 && !read.short && len(r.Members) < MaxGroup {
		member := RosterMember{Identity: read.array32()}
		count := int(read.uint8())
		if count == 0 {
			return nil, refusal.Because(ErrMalformed, "expected a seat of %s, got none", pq.FormatID(member.Identity))
		}
		if member.Seats, err = readSeats(read, count); err == nil {
			err = taken.add(&member)
		}
		if err != nil {
			return nil, err
		}
		r.Members = append(r.Members, member)
	}
	if len(r.Members) == 0 {
		return nil, refusal.Because(ErrMalformed, "expected a member, got none")
	}
	return r, closeGroup(read)
}

// openGroup reads what all contents of groups begin with.
func openGroup(encoded []byte) (*cursor, ID, error) {
	read := &cursor{rest: encoded}
	if version := read.uint8(); version != groupVersion1 {
		return nil, ID{}, refusal.Because(ErrVersion, "expected version %#02x, got %#02x: a newer program may read it", groupVersion1, version)
	}
	return read, read.array32(), nil
}

func closeGroup(read *cursor) error {
	if !read.done() {
		return refusal.Because(ErrMalformed, "expected an end where one is, got %d bytes more, or too few", len(read.rest))
	}
	return nil
}

func appendSeats(encoded []byte, seats []Seat) []byte {
	for i := range seats {
		encoded = seats[i].append(encoded)
	}
	return encoded
}

func readSeats(read *cursor, count int) ([]Seat, error) {
	if count > MaxSeats || count*SeatSize > len(read.rest) {
		return nil, refusal.Because(ErrMalformed, "expected at most %d seats of %d bytes, got %d in %d bytes", MaxSeats, SeatSize, count, len(read.rest))
	}
	var seats []Seat
	for range count {
		seat := read.seat().clone()
		if err := seat.Check(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		seats = append(seats, seat)
	}
	return seats, nil
}

// idSet is the IDs of identities and of pseudonyms that a roster has: each is in it once.
type idSet map[ID]bool

func (s idSet) one(id ID) error {
	if s[id] {
		return refusal.Because(ErrMalformed, "expected each ID once, got %s twice", pq.FormatID(id))
	}
	s[id] = true
	return nil
}

func (s idSet) addSeats(seats []Seat) error {
	for i := range seats {
		if err := s.one(seats[i].ID); err != nil {
			return err
		}
	}
	return nil
}

func (s idSet) add(member *RosterMember) error {
	if err := s.one(member.Identity); err != nil {
		return err
	}
	return s.addSeats(member.Seats)
}

// taken returns the IDs that a roster has.
func (r *Roster) taken() (idSet, error) {
	taken := make(idSet)
	for i := range r.Members {
		if err := taken.add(&r.Members[i]); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// Has reports whether somebody has a seat of a pseudonym, now or later.
func (r *Roster) Has(pseudonym ID) bool {
	return slices.ContainsFunc(r.Members, func(member RosterMember) bool {
		return slices.ContainsFunc(member.Seats, func(seat Seat) bool { return seat.ID == pseudonym })
	})
}

// Add adds a member, or puts it in the place of the one with the same identity. Errors: ErrMalformed if it has no seat, too
// many, or an ID that another one has; the roster stays as it was.
func (r *Roster) Add(member RosterMember) error {
	if count := len(member.Seats); count == 0 || count > MaxSeats {
		return refusal.Because(ErrMalformed, "expected 1 to %d seats of %s, got %d", MaxSeats, pq.FormatID(member.Identity), count)
	}
	with := *r
	with.Members = append(slices.DeleteFunc(slices.Clone(r.Members), func(other RosterMember) bool { return other.Identity == member.Identity }), member)
	if _, err := with.taken(); err != nil {
		return err
	}
	r.Members = with.Members
	return nil
}

// At returns a member of a roster by its identity; nil if it is none.
func (r *Roster) At(identity ID) *RosterMember {
	for i := range r.Members {
		if r.Members[i].Identity == identity {
			return &r.Members[i]
		}
	}
	return nil
}

// Seated returns who has a seat of a pseudonym in the roster's session; nil for nobody.
func (r *Roster) Seated(pseudonym ID) *RosterMember {
	for i := range r.Members {
		if r.Members[i].Seats[0].ID == pseudonym {
			return &r.Members[i]
		}
	}
	return nil
}

// Tell takes what a member says of its next seats. Errors: ErrMalformed for one that somebody has, or too many.
func (r *Roster) Tell(pseudonym ID, told *Seats) error {
	member := r.Seated(pseudonym)
	if member == nil || told.Group != r.Group || int(told.After) >= len(member.Seats) || 1+int(told.After)+len(told.Seats) > MaxSeats {
		return refusal.Because(ErrMalformed, "expected a member's seats after those that it has, at most %d, got %d after %d", MaxSeats, len(told.Seats), told.After)
	}
	taken, err := r.taken()
	if err == nil {
		err = taken.addSeats(told.Seats)
	}
	if err != nil {
		return err
	}
	member.Seats = append(member.Seats[:1+told.After:1+told.After], told.Seats...)
	return nil
}

// Next returns the roster of the session that follows: of those who have told a seat for it and are not among who
// has left.
func (r *Roster) Next(left []ID) *Roster {
	next := &Roster{Group: r.Group, Owner: r.Owner, Title: r.Title}
	for i := range r.Members {
		if member := &r.Members[i]; len(member.Seats) > 1 && !slices.Contains(left, member.Identity) {
			next.Members = append(next.Members, RosterMember{member.Identity, member.Seats[1:]})
		}
	}
	return next
}

// Fit leaves out the seats that are furthest ahead, so that each member has at most some, and fewer of all alike until the
// encoding is a message's content.
func (r *Roster) Fit(most int) {
	room := MaxContent - len((&Roster{Title: r.Title}).Bytes()) - len(r.Members)*(pq.IDSize+1)
	each := max(1, min(most, room/SeatSize/max(1, len(r.Members))))
	for i := range r.Members {
		member := &r.Members[i]
		member.Seats = member.Seats[:min(each, len(member.Seats))]
	}
}
