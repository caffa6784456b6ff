package messaging

import (
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// ownSeat is the secret half of an e2ee.Seat.
type ownSeat struct {
	ID     ids.ID
	Label  string // of the pseudonym
	Secret e2ee.SeatSecret
	Round  int    `json:",omitempty"` // in whose session the others are told it
	Told   ids.ID `json:",omitzero"`  // that session; empty if the owner was told before one
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
	take := func(own *ownSeat) error {
		seat, err := own.Secret.Of(own.ID)
		if err != nil {
			return refusal.Because(ErrFile, "%w", err)
		}
		public = append(public, seat)
		return nil
	}
	for i := 0; s != nil && i < len(g.Seats) && len(public) < count; i++ {
		if g.Seats[i].Told == s.id && !roster.Has(g.Seats[i].ID) {
			if err := take(&g.Seats[i]); err != nil {
				return nil, err
			}
		}
	}
	for len(public) < count {
		own := ownSeat{Label: newLabel()}
		pseudonym, err := m.pseudonym(own.Label)
		if err == nil {
			own.ID = pseudonym.ID()
			own.Secret, err = m.newSeat()
		}
		if err != nil {
			return nil, err
		}
		if s != nil {
			own.Told, own.Round = s.id, s.self.pair.Round
		}
		if err := take(&own); err != nil {
			return nil, err
		}
		g.Seats = append(g.Seats, own)
	}
	g.Seats = g.Seats[max(0, len(g.Seats)-maxOwnSeats):]
	return public, nil
}

// newSeat makes the secret of a seat.
func (m *Messenger) newSeat() (e2ee.SeatSecret, error) { return e2ee.NewSeat(nil, m.unix()) }

// seat returns this side's seat, as the others were told it.
func (p *pair) seat() (e2ee.Seat, error) {
	seat, err := p.Seat.Of(p.Self)
	if err != nil {
		return seat, refusal.Because(ErrFile, "%w", err)
	}
	return seat, nil
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
	if g := f.group(p.Group); g != nil && p.Session != ids.Empty && p.Seat == nil && (p.Sure || p.Round == 0) {
		g.Seats = slices.DeleteFunc(g.Seats, func(own ownSeat) bool { return own.ID == p.Self })
	}
}
