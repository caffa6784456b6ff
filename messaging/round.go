package messaging

import (
	"context"
	"errors"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/refusal"
)

// The sessions of a private group are its rounds. Each round's roster says as whom its members take part, and in the
// rounds that follow. Any member may make the next one, with exactly the next seats; only the owner makes one of
// others, and says in it who they are.

// round is what a session of a group has come to.
type round struct {
	*pair
	roster *e2ee.Roster // nil until the owner has told it
	left   []ids.ID     // members that have left
	shown  []ids.ID     // members that have shown who they are
	open   bool         // it takes messages
	proven uint64       // height of the state in which that was verified
}

// next returns the roster of the round that any member may make.
func (r *round) next() *e2ee.Roster {
	return r.roster.Next(asIDs(r.left))
}

// takes reports whether there is a round, and it takes messages.
func (r *round) takes() bool { return r != nil && r.open }

// goOnWith is Group. If it is wanted, it makes the next session if there is none that takes messages.
func (m *Messenger) goOnWith(ctx context.Context, id ids.ID, wanted bool) (*Group, error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, err
	}
	g := kept.group(id)
	if g == nil {
		return nil, refusal.Because(ErrGroup, "expected one of this identity, got %s", id)
	}
	if waits := func(p *pair) bool { return p.Group == id && p.Offer }; slices.ContainsFunc(kept.Pairs, waits) { // for answers
		if err := m.scan(ctx); err != nil {
			return kept.public(m, g), err
		}
	}
	var failed []error
	for _, p := range kept.Pairs {
		switch {
		case p.Group != id:
		case p.Offer: // whom it is for holds up nobody else
			if err := m.goOn(ctx, p); err != nil {
				m.warn(err)
			}
		default:
			failed = append(failed, m.goOn(ctx, p))
		}
	}
	if err := errors.Join(failed...); err != nil {
		return kept.public(m, g), err
	}
	open, err := m.goThrough(ctx, id, wanted)
	if errors.Is(err, ErrLocked) { // another program, or Session of this one, is in it
		err = nil
	}
	kept, unread := m.loadPrivate()
	if unread != nil {
		return nil, unread
	}
	if g = kept.group(id); g == nil {
		return nil, errors.Join(err, refusal.Because(ErrGroup, "expected one of this identity, got %s", id))
	}
	if err == nil {
		err = m.answerOffers(ctx, kept, g)
	}
	public := kept.public(m, g)
	public.Open = open
	return public, err
}

// goThrough follows a group from the last session that is known to the one that takes messages, which it returns; empty if
// there is none.
func (m *Messenger) goThrough(ctx context.Context, id ids.ID, wanted bool) (open ids.ID, err error) {
	for more := true; more && err == nil; {
		open, more, err = m.goThroughLast(ctx, id, wanted)
	}
	return open, err
}

// goThroughLast goes through the last session that is known of a group. It returns that if it takes messages, and
// whether there is another one now.
func (m *Messenger) goThroughLast(ctx context.Context, id ids.ID, wanted bool) (open ids.ID, more bool, err error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return ids.Empty, false, err
	}
	g, rounds := kept.group(id), kept.rounds(id)
	if g == nil || len(rounds) == 0 && g.Owner != m.self {
		return ids.Empty, false, nil
	}
	var at *round
	if len(rounds) > 0 {
		last := rounds[len(rounds)-1]
		if at, err = m.look(ctx, last); err != nil {
			return last.Session, false, err
		}
		if kept, err = m.learn(ctx, at); err != nil {
			return ids.Empty, false, err
		}
		g = kept.group(id)
	}
	switch {
	case g.Out:
		return ids.Empty, false, nil
	case g.Leave:
		return ids.Empty, false, m.leave(ctx, g, at)
	case at.takes():
		open = at.Session
	}
	if more, err = m.rivals(ctx, kept, at); err != nil || more {
		return open, more, err
	}
	if at != nil && !at.open {
		more, err = m.findNext(ctx, g, at)
		if errors.Is(err, errSeatless) { // all that it had is of no use any more
			at.roster, err = nil, nil
		}
		if err != nil || more {
			return open, more, err
		}
	}
	var next *e2ee.Roster
	var took []*boxed
	switch {
	case g.Owner == m.self:
		if err := m.closeBefore(ctx, rounds); err != nil {
			return open, false, err
		}
		if err := m.ask(ctx, kept, g, at); err != nil {
			return open, false, err
		}
		if next, took, err = m.changed(ctx, kept, g, at); err != nil {
			return open, false, err
		}
	case !at.open && at.roster == nil:
		return open, false, m.answerAgain(ctx, kept, g)
	}
	switch {
	case next != nil && at.takes(): // somebody may have gone on
		if more, err = m.findNext(ctx, g, at); err != nil && !errors.Is(err, errSeatless) || more {
			return open, more, err
		}
	case next == nil && open == ids.Empty && wanted && at != nil && at.roster != nil:
		next = at.next()
	}
	switch {
	case next == nil:
		return open, false, nil
	case m.alone(next):
		if at.takes() {
			err = m.closeRound(ctx, at.Session)
		}
		return ids.Empty, false, err
	}
	return ids.Empty, true, m.makeRound(ctx, g, at, next, took)
}

// alone reports whether a roster is of nobody but this identity.
func (m *Messenger) alone(roster *e2ee.Roster) bool {
	return !slices.ContainsFunc(roster.Members, func(member e2ee.RosterMember) bool { return member.Identity != m.self })
}

// look receives what there is in a round, without taking it from who reads it later, and tells the others of this
// identity's next seats, if it has not. Errors: ErrLocked if somebody has it open.
func (m *Messenger) look(ctx context.Context, p *pair) (*round, error) {
	self, err := m.actorFor(p)
	if err == nil {
		m, err = m.over(self.id)
	}
	if err != nil {
		return nil, err
	}
	at := &round{pair: p}
	s, done, err := m.joinShared(ctx, self, p.Session)
	if errors.Is(err, refusal.ErrUnknownSession) && m.now().Sub(p.Made) > m.retention() { // before this identity was there
		return at, m.gone(ctx, p.Session, 0)
	}
	if err != nil {
		return nil, err
	}
	defer done()
	total := uint64(0)
	if !p.Ended { // before it is read: nothing comes once it is over
		if at.open, total, err = m.sessionNow(ctx, p.Session, s.proven()); err != nil {
			return nil, err
		}
	}
	for more := !p.Ended; more; {
		if more, err = s.poll(ctx, 0); errors.Is(err, refusal.ErrUnknownSession) { // the chain has forgotten it
			more, err = false, m.gone(ctx, p.Session, s.proven())
		}
		if err != nil {
			return nil, err
		}
	}
	if next := s.Next(); !at.open && next <= total { // who has not read all would go on alone
		return nil, refusal.Because(ErrBehind, "expected messages of session %s up to %d, got those up to %d", p.Session, total, next-1)
	}
	if at.open {
		if err := m.settle(ctx, s); err != nil {
			return nil, err
		}
		if _, err := s.Flush(ctx); err != nil && !errors.Is(err, ErrQueued) && !errors.Is(err, ErrUnsent) {
			return nil, err
		}
	} else if !p.Ended {
		if err := m.updatePair(ctx, p, func(p *pair) { p.Ended, p.Seat = true, nil }); err != nil { // nothing more is sealed to it
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.record.Old { // else what this identity has told of itself is not here
		at.roster, err = s.record.roster()
	}
	at.left, at.proven = slices.Clone(s.record.Left), s.record.Proven
	for i := range s.record.Members {
		if who := s.record.Members[i].Identity; who != ids.Empty {
			at.shown = append(at.shown, who)
		}
	}
	return at, err
}

// gone proves that the chain has forgotten a session, in a state of a height or above. Errors: ErrWithheld if it has not.
func (m *Messenger) gone(ctx context.Context, session ids.ID, height uint64) error {
	key := chain.SessionKey(session)
	state, err := m.stateFrom(ctx, height, key)
	if err != nil {
		return err
	}
	value, err := state.Leaf(key)
	if err == nil && value != nil {
		err = refusal.Because(ErrWithheld, "expected session %s, which the chain has", session)
	}
	return err
}

// learn keeps what a round says of its group.
func (m *Messenger) learn(ctx context.Context, at *round) (kept *privateFile, err error) {
	err = m.updatePrivate(ctx, func(file *privateFile) error {
		kept = file
		g := file.group(at.Group)
		if g == nil || at.roster == nil {
			return nil
		}
		owner := ids.ID(at.roster.Owner)
		if owner != m.self || g.Owner != m.self {
			g.Members = nil
			for i := range at.roster.Members {
				g.Members = append(g.Members, at.roster.Members[i].Identity)
			}
		}
		g.Owner, g.Title = owner, at.roster.Title
		g.Members = slices.DeleteFunc(g.Members, func(id ids.ID) bool { return slices.Contains(at.left, id) })
		if slices.Contains(at.left, owner) || slices.Contains(at.left, m.self) {
			g.out()
		}
		return nil
	})
	return kept, err
}

// leave tells the others that this identity leaves, if there is a session in which it can. Of the owner that ends
// the group, and its session.
func (m *Messenger) leave(ctx context.Context, g *ownGroup, at *round) error {
	if at.takes() && at.roster != nil {
		on, self, err := m.in(at.Session)
		if err != nil {
			return err
		}
		s, done, err := on.joinShared(ctx, self, at.Session)
		if err != nil {
			return err
		}
		defer done()
		said := &e2ee.Seats{Group: g.ID}
		if _, err := s.keep(&Draft{Origin: "leave " + g.ID.String(), Type: e2ee.ContentSeats, Content: said.Bytes()}); err != nil {
			return err
		}
		if _, err := s.Flush(ctx); err != nil {
			return err
		}
		if g.Owner == m.self {
			if err := m.closeRound(ctx, at.Session); err != nil {
				return err
			}
		}
	}
	return m.updateGroup(ctx, g.ID, func(kept *privateFile, g *ownGroup) error {
		g.out()
		kept.Pairs = slices.DeleteFunc(kept.Pairs, func(p *pair) bool { return p.Group == g.ID && p.Session == ids.Empty })
		return nil
	})
}

// closeRound closes a session of a group, unless it is over.
func (m *Messenger) closeRound(ctx context.Context, session ids.ID) error {
	if _, err := m.CloseSession(ctx, session); err != nil && !isOver(err) {
		return err
	}
	return nil
}

// closeBefore closes the sessions before a group's last one that the owner has left open: those whom it has removed
// read on there.
func (m *Messenger) closeBefore(ctx context.Context, rounds []*pair) error {
	for _, p := range rounds {
		if p.Ended || p.Round == rounds[len(rounds)-1].Round {
			continue
		}
		if err := m.closeRound(ctx, p.Session); err != nil {
			return err
		}
		if _, err := m.look(ctx, p); err != nil && !errors.Is(err, ErrLocked) {
			return err
		}
	}
	return nil
}

func asIDs(list []ids.ID) []e2ee.ID {
	all := make([]e2ee.ID, len(list))
	for i := range list {
		all[i] = list[i]
	}
	return all
}
