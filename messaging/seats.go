package messaging

import (
	"bytes"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// ownSeat is the secret half of an e2ee.Seat.
type ownSeat struct {
	ID    ids.ID
	Label string // of the pseudonym
	Seed  []byte // of its prekey
	Round int    `json:",omitempty"` // in whose session the others are told it
	Told  ids.ID `json:",omitzero"`  // that session; empty if the owner was told before one
}

const (
	// seatsAhead is how many sessions ahead a member tells its seats: for so many it may be away, and reads them
	// when it is back.
	seatsAhead = 7
	// seatsAtFirst is the same in the answer to an offer: as many as an invitation of the middle size holds.
	seatsAtFirst = 2
	// seatsInRoster are how many of each member the owner tells the others where it changes who is in the group: all who
	// are there tell new ones.
	seatsInRoster = 3
	// maxOwnSeats bounds those that are kept: what was told for sessions that may come, in those that were made at once.
	maxOwnSeats = 16 * seatsAhead
)

// newSeats makes seats of this identity, and keeps their secrets in a group. Those that were made for the same session, and
// that the roster there does not have, come first: their secrets were stored, and what was to tell them was not.
func (m *Messenger) newSeats(g *ownGroup, count int, s *Session, roster *e2ee.Roster) (public []e2ee.Seat, err error) {
	take := func(own ownSeat) error {
		seat, err := m.seat(&own)
		if err == nil {
			public = append(public, seat)
		}
		return err
	}
	for i := 0; s != nil && i < len(g.Seats) && len(public) < count; i++ {
		if g.Seats[i].Told == s.id && !roster.Has(g.Seats[i].ID) {
			if err := take(g.Seats[i]); err != nil {
				return nil, err
			}
		}
	}
	for len(public) < count {
		prekey, err := e2ee.NewPrekey(nil)
		if err != nil {
			return nil, err
		}
		own := ownSeat{Label: newLabel(), Seed: prekey.Seed()}
		prekey.Wipe()
		if s != nil {
			own.Told, own.Round = s.id, s.self.pair.Round
		}
		if err := take(own); err != nil {
			return nil, err
		}
		own.ID = public[len(public)-1].ID
		g.Seats = append(g.Seats, own)
	}
	g.Seats = g.Seats[max(0, len(g.Seats)-maxOwnSeats):]
	return public, nil
}

// seat returns the public half of a seat of this identity.
func (m *Messenger) seat(own *ownSeat) (public e2ee.Seat, err error) {
	pseudonym, err := m.pseudonym(own.Label)
	if err != nil {
		return public, err
	}
	prekey, err := e2ee.PrekeyFromSeed(bytes.Clone(own.Seed))
	if err != nil {
		return public, refusal.Because(ErrFile, "%w", err)
	}
	defer prekey.Wipe()
	return e2ee.Seat{ID: pseudonym.ID(), KEM: pseudonym.Public().KEM, Prekey: prekey.Public()}, nil
}

// forgetSeats erases the secrets of seats that were told before a round, but for those that this identity has from that on, or
// waits for a session with.
func (f *privateFile) forgetSeats(g *ownGroup, round int, has []e2ee.Seat) {
	waits := slices.ContainsFunc(f.Pairs, func(p *pair) bool { return p.Group == g.ID && !p.Offer && p.Session == ids.Empty })
	g.Seats = slices.DeleteFunc(g.Seats, func(own ownSeat) bool {
		return own.Round < round && !(waits && own.Told == ids.Empty) && !slices.ContainsFunc(has, func(seat e2ee.Seat) bool { return ids.ID(seat.ID) == own.ID })
	})
}

// forgetSeat erases the secret of the seat that a round's side has once that of the side is erased, and no other session can
// come in which this identity sits there.
func (f *privateFile) forgetSeat(p *pair) {
	if g := f.group(p.Group); g != nil && p.Session != ids.Empty && p.Seed == nil && (p.Sure || p.Round == 0) {
		g.Seats = slices.DeleteFunc(g.Seats, func(own ownSeat) bool { return own.ID == p.Self })
	}
}
