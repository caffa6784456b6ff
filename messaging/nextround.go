package messaging

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// errSeatless: what follows a round can't be told from what this identity knows.
var errSeatless = errors.New("another seat is needed to go on in the group")

// changed returns the roster of the round that the owner is to make because members have come, or are to go, with the
// answers that it takes; nil if there is no change. An answer that can't be one is forgotten.
func (m *Messenger) changed(ctx context.Context, kept *privateFile, g *ownGroup, at *round) (next *e2ee.Roster, took []*boxed, err error) {
	changes := false
	next = &e2ee.Roster{Group: g.ID, Owner: m.self, Title: g.Title, Changed: true}
	if at != nil && at.roster != nil {
		next.Members = at.next().Members
		before := len(next.Members)
		next.Members = slices.DeleteFunc(next.Members, func(member e2ee.RosterMember) bool { return !slices.Contains(g.Members, member.Identity) })
		changes = len(next.Members) < before || len(at.left) > 0 && at.open
	}
	for _, who := range g.Members {
		b := kept.answerTo(g, who)
		if who == m.self || b == nil {
			continue
		}
		told, err := e2ee.ParseSeats(b.Content)
		if err == nil {
			err = next.Add(e2ee.RosterMember{Identity: who, Seats: append([]e2ee.Seat{b.Seat}, told.Seats...)})
		}
		if err == nil {
			took, changes = append(took, b), true
			continue
		}
		m.warn(err)
		if err := m.updatePrivate(ctx, func(kept *privateFile) error { kept.unbox(b); return nil }); err != nil {
			return nil, nil, err
		}
	}
	if !changes {
		return nil, nil, nil
	}
	return next, took, nil
}

// follower is a session that follows a round.
type follower struct {
	session ids.ID
	made    *chain.CreateSession
	roster  *e2ee.Roster // nil if the owner is to tell it
}

// findNext looks for the sessions that follow a round, by the leaves of the pseudonyms that its members have next, and
// reports whether it has found a new one. This identity is out of a group if the owner has made one without it. Errors:
// errSeatless if this identity has no seat there, or the chain has forgotten the session that there was.
func (m *Messenger) findNext(ctx context.Context, g *ownGroup, at *round) (found bool, err error) {
	if at.roster == nil {
		return false, errSeatless
	}
	next := at.roster.Next(nil)
	own := next.At(m.self)
	if own == nil || !slices.ContainsFunc(g.Seats, func(s ownSeat) bool { return s.ID == ids.ID(own.Seats[0].ID) }) {
		return false, errSeatless
	}
	self := ids.ID(own.Seats[0].ID)
	on, err := m.over(self)
	if err != nil {
		return false, err
	}
	all, removed, err := on.followers(ctx, at, next, self)
	if err != nil {
		return false, err
	}
	err = m.updateGroup(ctx, g.ID, func(kept *privateFile, g *ownGroup) error {
		if removed && !g.Out {
			found = true
			defer g.out()
		}
		for i, f := range all {
			known := slices.IndexFunc(kept.Pairs, func(p *pair) bool { return p.Session == f.session })
			if known >= 0 {
				kept.Pairs[known].Main = i == 0
				continue
			}
			made, err := m.newRound(g, at, f.roster, self)
			if err != nil {
				return err
			}
			made.Session, made.Made, made.Main = f.session, time.UnixMilli(int64(f.made.Deadline)).UTC(), i == 0
			if err := kept.roundFits(m, g); err != nil {
				return err
			}
			kept.Pairs = append(kept.Pairs, made)
			found = true
		}
		return nil
	})
	return found, err
}

// followers returns the sessions of a group that members of a round's next roster have made, in which this identity is self:
// the one that the group goes on in comes first. Removed says that the owner has made one without it. Errors: errSeatless if the chain
// has forgotten all.
func (m *Messenger) followers(ctx context.Context, at *round, next *e2ee.Roster, self ids.ID) (all []follower, removed bool, err error) {
	var seats []ids.ID
	for i := range next.Members {
		seats = append(seats, next.Members[i].Seats[0].ID)
	}
	leaves, header, err := m.identityLeaves(ctx, at.proven, seats...)
	if err != nil {
		return nil, false, err
	}
	forgotten, exact := false, at.next()
	for i, seat := range seats {
		leaf := leaves[seat]
		if leaf == nil || leaf.SingleSession == ids.Empty {
			continue
		}
		made, err := m.made(ctx, leaf.SingleSession)
		if errors.Is(err, refusal.ErrUnknownSession) {
			if err := m.gone(ctx, leaf.SingleSession, header.Height); err != nil {
				return nil, false, err
			}
			forgotten = true
			continue
		}
		if err != nil {
			return nil, false, err
		}
		switch byOwner := next.Members[i].Identity == at.roster.Owner; {
		case made.Creator != seat:
			return nil, false, refusal.Because(ErrNode, "expected a session that %s has made, got one of %s", pq.FormatID(seat), pq.FormatID(made.Creator))
		case isRound(made, exact):
			all = append(all, follower{leaf.SingleSession, made, exact})
		case byOwner && slices.Contains(made.Participants, self):
			all = append(all, follower{leaf.SingleSession, made, nil})
		case byOwner:
			removed = true
		}
	}
	switch {
	case len(all) == 0 && forgotten && !removed:
		return nil, false, errSeatless
	case len(all) > 1:
		created, err := m.created(ctx, leaves, seats)
		if err != nil {
			return nil, false, err
		}
		all = inOrder(all, created)
	}
	return all, removed, nil
}

// inOrder sorts sessions that were made at once: the one of others comes first, which the owner has made, and then the one that
// the chain had first. Who was removed by the owner's makes none of the group's any more.
func inOrder(all []follower, created map[ids.ID]uint64) []follower {
	slices.SortStableFunc(all, func(a, b follower) int {
		switch {
		case a.roster == nil:
			return -1
		case b.roster == nil:
			return 1
		}
		return cmp.Or(cmp.Compare(created[a.session], created[b.session]), a.session.Compare(b.session))
	})
	if first := all[0]; first.roster == nil {
		all = slices.DeleteFunc(all, func(f follower) bool { return created[f.session] > created[first.session] })
	}
	return all
}

// isRound reports whether a session is of exactly the seats of a roster.
func isRound(made *chain.CreateSession, roster *e2ee.Roster) bool {
	if len(made.Participants) != len(roster.Members) || made.Channel != ids.Empty {
		return false
	}
	for i := range made.Participants {
		if roster.Seated(made.Participants[i]) == nil {
			return false
		}
	}
	return true
}

// created returns when sessions were made that leaves name.
func (m *Messenger) created(ctx context.Context, leaves map[ids.ID]*chain.Identity, seats []ids.ID) (map[ids.ID]uint64, error) {
	var keys [][]byte
	var sessions []ids.ID
	for _, seat := range seats {
		if leaf := leaves[seat]; leaf != nil && leaf.SingleSession != ids.Empty {
			sessions, keys = append(sessions, leaf.SingleSession), append(keys, chain.SessionKey(leaf.SingleSession))
		}
	}
	state, err := m.state(ctx, keys...)
	if err != nil {
		return nil, err
	}
	created := make(map[ids.ID]uint64)
	for i := range keys {
		leaf, err := leafOf(state, keys[i], chain.ParseSession)
		if err != nil {
			return nil, err
		}
		created[sessions[i]] = leaf.Created
	}
	return created, nil
}

// rivals looks once more for sessions that were made at the same time as a round, as long as there can be some: who
// makes one has looked before, and its transaction is valid for a window. It reports whether there were.
func (m *Messenger) rivals(ctx context.Context, kept *privateFile, at *round) (found bool, err error) {
	if at == nil || at.Sure || at.Round == 0 {
		return false, nil
	}
	rounds := kept.rounds(at.Group)
	before := slices.IndexFunc(rounds, func(p *pair) bool { return p.Round == at.Round }) - 1
	sure := m.now().Sub(at.Begun) > time.Duration(m.genesis.Limits.TransactionWindow)*time.Second
	if before >= 0 && rounds[before].Ended {
		last, err := m.look(ctx, rounds[before])
		if err != nil {
			return false, err
		}
		last.proven = max(last.proven, at.proven) // no node shows this one, and hides one that was made before
		if found, err = m.findNext(ctx, kept.group(at.Group), last); err != nil && !errors.Is(err, errSeatless) {
			return false, err
		}
	}
	if sure {
		err = m.updatePair(ctx, at.pair, func(p *pair) { p.Sure = true })
	}
	return found, err
}

// roundFits refuses one more session of a group where there is no place for it, or others' groups of one owner have as many
// as one person may take. Of this identity's own each is bounded alone. Errors: ErrBacklog.
func (f *privateFile) roundFits(m *Messenger, g *ownGroup) error {
	rounds := 0
	for _, p := range f.Pairs {
		if p.Group == g.ID || p.Group != ids.Empty && p.With == g.Owner && g.Owner != m.self {
			rounds++
		}
	}
	if rounds >= maxAnswered || len(f.Pairs) >= maxPairs {
		return refusal.Because(ErrBacklog, "expected fewer than %d private sessions, and %d of groups of %s, got %d and %d", maxPairs, maxAnswered, pq.FormatID(g.Owner), len(f.Pairs), rounds)
	}
	return nil
}

// nextRound returns the number of the session that follows those of a group that are known.
func (f *privateFile) nextRound(id ids.ID) int {
	rounds := f.rounds(id)
	if len(rounds) == 0 {
		return 0
	}
	return rounds[len(rounds)-1].Round + 1
}

// newRound returns the pair of the round that follows one; at is nil for the first. The roster is nil if the owner is to
// tell it.
func (m *Messenger) newRound(g *ownGroup, at *round, roster *e2ee.Roster, self ids.ID) (*pair, error) {
	p := &pair{With: g.Owner, Group: g.ID, Begun: m.now().UTC()}
	if at != nil {
		p.Round = at.Round + 1
	}
	if at != nil && at.roster != nil {
		p.With, p.Shown = ids.ID(at.roster.Owner), at.shown
	}
	own := slices.IndexFunc(g.Seats, func(s ownSeat) bool { return s.ID == self })
	if own < 0 {
		return nil, refusal.Because(ErrFile, "expected the secrets of %s, which the others were told", pq.FormatID(self))
	}
	p.Self, p.Label, p.Seat = self, g.Seats[own].Label, slices.Clone(g.Seats[own].Secret)
	if roster != nil {
		p.Roster = roster.Bytes()
	}
	return p, nil
}

// makeRound makes the session that follows a round with a roster; at is nil for the first. If the owner changes who is in
// it, by the answers that it took, the one before is closed. What makes it is stored at once: later it would have to be looked
// whether somebody else has.
func (m *Messenger) makeRound(ctx context.Context, g *ownGroup, at *round, next *e2ee.Roster, took []*boxed) error {
	deadline, err := m.client.Deadline(ctx)
	if err != nil {
		return err
	}
	var p *pair
	err = m.updateGroup(ctx, g.ID, func(kept *privateFile, g *ownGroup) error {
		if err := kept.roundFits(m, g); err != nil {
			return err
		}
		if next.At(m.self) == nil { // the owner, in the first one, or after it was away for too long
			seats, err := m.newSeats(g, 1, nil, nil)
			if err != nil {
				return err
			}
			next.Members = append(next.Members, e2ee.RosterMember{Identity: m.self, Seats: seats})
		}
		if next.Changed { // it is told; what the others know by themselves stays as they know it
			next.Fit(seatsInRoster)
		}
		var err error
		if p, err = m.newRound(g, at, next, next.At(m.self).Seats[0].ID); err != nil {
			return err
		}
		self, err := m.actorFor(p)
		if err != nil {
			return err
		}
		create, err := m.createOf(self, deadline)
		if err != nil {
			return err
		}
		p.Main, p.Create, p.Made = true, create.Bytes(), time.UnixMilli(int64(deadline)).UTC()
		for _, b := range took {
			kept.unbox(b)
		}
		kept.Pairs = slices.DeleteFunc(kept.Pairs, func(other *pair) bool { // of who is in it now
			return other.Group == g.ID && other.Offer && next.At(other.With) != nil
		})
		kept.Pairs = append(kept.Pairs, p)
		return nil
	})
	if err != nil {
		return err
	}
	s, _, err := m.acceptAs(ctx, p)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if at.takes() {
		return m.closeRound(ctx, at.Session)
	}
	return nil
}

// dropRound forgets a session that was to be made, and was not seen on the chain. If it is there nevertheless, it is found.
func (m *Messenger) dropRound(ctx context.Context, p *pair) error {
	return m.updatePrivate(ctx, func(kept *privateFile) error {
		kept.Pairs = slices.DeleteFunc(kept.Pairs, func(other *pair) bool { return other.Self == p.Self && other.Create != nil })
		return nil
	})
}
