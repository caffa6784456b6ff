package messaging

import (
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

// askPause is how long after an attempt to ask somebody to join a group the next one is made.
const askPause = time.Minute

// errSeatless: what follows a round can't be told from what this identity knows.
var errSeatless = errors.New("another seat is needed to go on in the group")

// next returns the roster of the round that any member may make.
func (r *round) next() *e2ee.Roster {
	return r.roster.Next(asIDs(r.left))
}

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
	for {
		kept, err := m.loadPrivate()
		if err != nil {
			return open, err
		}
		g := kept.group(id)
		rounds := kept.rounds(id)
		if g == nil || len(rounds) == 0 && g.Owner != m.self {
			return open, nil
		}
		var at *round
		if len(rounds) > 0 {
			last := rounds[len(rounds)-1]
			open = last.Session
			if at, err = m.look(ctx, last); err != nil {
				return open, err
			}
			if kept, err = m.learn(ctx, at); err != nil {
				return ids.Empty, err
			}
			if g = kept.group(id); g.Out || !at.open {
				open = ids.Empty
			}
		}
		if g.Out {
			return ids.Empty, nil
		}
		if g.Leave {
			return ids.Empty, m.leave(ctx, g, at)
		}
		if again, err := m.rivals(ctx, kept, at); err != nil || again {
			if err != nil {
				return open, err
			}
			continue
		}
		if at != nil && !at.open {
			found, err := m.findNext(ctx, g, at)
			if errors.Is(err, errSeatless) { // all that it had is of no use any more
				at.roster, err = nil, nil
			}
			if err != nil || found {
				if err != nil {
					return open, err
				}
				continue
			}
		}
		changes := false
		var next *e2ee.Roster
		var took []*boxed
		if g.Owner == m.self {
			if err := m.closeBefore(ctx, rounds); err != nil {
				return open, err
			}
			if err := m.ask(ctx, kept, g, at); err != nil {
				return open, err
			}
			if next, took, changes, err = m.changed(ctx, kept, g, at); err != nil {
				return open, err
			}
		} else if at != nil && !at.open && at.roster == nil {
			return ids.Empty, m.answerAgain(ctx, kept, g)
		}
		if at != nil && at.open {
			if !changes {
				return open, nil
			}
			if found, err := m.findNext(ctx, g, at); err != nil && !errors.Is(err, errSeatless) || found {
				if err != nil {
					return open, err
				}
				continue
			}
		}
		switch {
		case changes && len(next.Members) == 0, changes && len(next.Members) == 1 && next.At(m.self) != nil: // nobody else is left
			if at != nil && at.open {
				err = m.closeRound(ctx, at.Session)
			}
			return ids.Empty, err
		case changes:
			err = m.makeRound(ctx, g, at, next, took)
		case wanted && at != nil && at.roster != nil && len(at.next().Members) > 1 && at.next().At(m.self) != nil:
			err = m.makeRound(ctx, g, at, at.next(), nil)
		default:
			return open, nil
		}
		if err != nil {
			return ids.Empty, err
		}
	}
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
		if err := m.updatePair(ctx, p, func(p *pair) { p.Ended, p.Seed = true, nil }); err != nil { // nothing more is sealed to it
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
	if at != nil && at.open && at.roster != nil {
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

// answerOffers takes a seat where the owner of a group that this identity is in asks it again.
func (m *Messenger) answerOffers(ctx context.Context, kept *privateFile, g *ownGroup) error {
	for _, b := range kept.Box {
		if b.From != g.Owner || b.Type != e2ee.ContentOffer || b.group() != g.ID || g.Out || g.Leave {
			continue
		}
		if err := m.takeSeatAgain(ctx, g, func(kept *privateFile) { kept.unbox(b) }); err != nil {
			return err
		}
	}
	return nil
}

// answerAgain tells a group's owner new seats of a member that can't follow from those that it has: it was away for too
// long, or its files were lost, or the owner had not told who was in the last session. Once, while no answer came of it.
func (m *Messenger) answerAgain(ctx context.Context, kept *privateFile, g *ownGroup) error {
	if slices.ContainsFunc(kept.Pairs, func(p *pair) bool { return p.Group == g.ID && p.Session == ids.Empty }) {
		return nil
	}
	return m.takeSeatAgain(ctx, g, func(*privateFile) {})
}

func (m *Messenger) takeSeatAgain(ctx context.Context, g *ownGroup, also func(*privateFile)) error {
	p, err := m.takeSeat(ctx, g.Owner, func(kept *privateFile) (*ownGroup, error) {
		also(kept)
		if g := kept.group(g.ID); g != nil {
			return g, nil
		}
		return nil, refusal.Because(ErrGroup, "expected one of this identity, got %s", g.ID)
	})
	if err != nil || m.waits(p.Due) != nil {
		return err
	}
	return m.sendInvite(ctx, p)
}

// ask sends an offer to each member of the owner's that is in no session, or has no seat in the next one, and has neither
// been asked nor answered. It warns of those of whom there is no prekey to ask with.
func (m *Messenger) ask(ctx context.Context, kept *privateFile, g *ownGroup, at *round) error {
	var with *e2ee.Roster
	if at != nil && at.roster != nil {
		if with = at.roster; !at.open {
			with = at.next()
		}
	}
	for _, who := range g.Members {
		in := with != nil && with.At(who) != nil
		asked := slices.ContainsFunc(kept.Pairs, func(p *pair) bool { return p.Group == g.ID && p.Offer && p.With == who })
		if who == m.self || in || asked || kept.answerTo(g, who) != nil || !m.askable(who) {
			continue
		}
		switch err := m.offer(ctx, g, who); {
		case errors.Is(err, ErrPrekey):
			m.unaskable(who)
			m.warn(err)
		case err != nil:
			return err
		}
	}
	return nil
}

// unaskable notes that there is no prekey to ask somebody with: that is looked for again after a while.
func (m *Messenger) unaskable(who ids.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unasked == nil || len(m.unasked) >= maxIdentities {
		m.unasked = make(map[ids.ID]time.Time)
	}
	m.unasked[who] = m.now()
}

// askable reports whether it is time to ask somebody.
func (m *Messenger) askable(who ids.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now().Sub(m.unasked[who]) >= askPause
}

// offer asks somebody to take a seat in a group.
func (m *Messenger) offer(ctx context.Context, g *ownGroup, who ids.ID) error {
	to, err := m.recipient(ctx, who)
	if err != nil {
		return err
	}
	offer := &e2ee.Offer{Group: g.ID, Title: g.Title}
	for _, member := range g.Members {
		if member != m.self {
			offer.Members = append(offer.Members, member)
		}
	}
	now := m.now().UTC()
	p := &pair{With: who, Group: g.ID, Offer: true, Begun: now, Due: m.due(), Said: []Said{{now, e2ee.ContentOffer, offer.Bytes()}}}
	if err := m.updatePrivate(ctx, func(kept *privateFile) error { return m.seal(kept, p, to) }); err != nil || m.waits(p.Due) != nil {
		return err
	}
	return m.sendInvite(ctx, p)
}

// answerTo returns the newest answer of somebody to an offer of this identity; nil if there is none.
func (f *privateFile) answerTo(g *ownGroup, who ids.ID) (newest *boxed) {
	for _, b := range f.Box {
		if b.From == who && b.Type == e2ee.ContentSeats && b.group() == g.ID && (newest == nil || !b.Time.Before(newest.Time)) {
			newest = b
		}
	}
	return newest
}

// group returns the group that an invitation is about; empty if it is none's.
func (b *boxed) group() ids.ID {
	switch b.Type {
	case e2ee.ContentOffer:
		if offer, err := e2ee.ParseOffer(b.Content); err == nil {
			return offer.Group
		}
	case e2ee.ContentSeats:
		if seats, err := e2ee.ParseSeats(b.Content); err == nil {
			return seats.Group
		}
	}
	return ids.Empty
}

// changed returns the roster of the round that the owner is to make because members have come, or are to go, with the
// answers that it takes, and reports whether there is a change. An answer that can't be one is forgotten.
func (m *Messenger) changed(ctx context.Context, kept *privateFile, g *ownGroup, at *round) (next *e2ee.Roster, took []*boxed, changes bool, err error) {
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
			first := e2ee.Seat{ID: b.Pseudonym.ID(), KEM: b.Pseudonym.KEM, Prekey: b.Prekey}
			err = next.Add(e2ee.RosterMember{Identity: who, Seats: append([]e2ee.Seat{first}, told.Seats...)})
		}
		if err == nil {
			took, changes = append(took, b), true
			continue
		}
		m.warn(err)
		if err := m.updatePrivate(ctx, func(kept *privateFile) error { kept.unbox(b); return nil }); err != nil {
			return nil, nil, false, err
		}
	}
	return next, took, changes, nil
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
	on, err := m.over(own.Seats[0].ID)
	if err != nil {
		return false, err
	}
	var seats []ids.ID
	for i := range next.Members {
		seats = append(seats, next.Members[i].Seats[0].ID)
	}
	leaves, header, err := on.identityLeaves(ctx, at.proven, seats...)
	if err != nil {
		return false, err
	}
	type candidate struct {
		session ids.ID
		made    *chain.CreateSession
		roster  *e2ee.Roster // nil if the owner is to tell it
	}
	var all []candidate
	removed, forgotten, exact := false, false, at.next()
	for i, seat := range seats {
		leaf := leaves[seat]
		if leaf == nil || leaf.SingleSession == ids.Empty {
			continue
		}
		made, err := on.made(ctx, leaf.SingleSession)
		if errors.Is(err, refusal.ErrUnknownSession) {
			if err := on.gone(ctx, leaf.SingleSession, header.Height); err != nil {
				return false, err
			}
			forgotten = true
			continue
		}
		if err != nil {
			return false, err
		}
		switch byOwner := ids.ID(next.Members[i].Identity) == ids.ID(at.roster.Owner); {
		case made.Creator != seat:
			return false, refusal.Because(ErrNode, "expected a session that %s has made, got one of %s", pq.FormatID(seat), pq.FormatID(made.Creator))
		case isRound(made, exact):
			all = append(all, candidate{leaf.SingleSession, made, exact})
		case byOwner && slices.Contains(made.Participants, ids.ID(own.Seats[0].ID)):
			all = append(all, candidate{leaf.SingleSession, made, nil})
		case byOwner:
			removed = true
		}
	}
	if len(all) == 0 && forgotten && !removed {
		return false, errSeatless
	}
	if len(all) > 1 {
		created, err := on.created(ctx, leaves, seats)
		if err != nil {
			return false, err
		}
		slices.SortStableFunc(all, func(a, b candidate) int {
			switch {
			case a.roster == nil:
				return -1
			case b.roster == nil:
				return 1
			case created[a.session] != created[b.session]:
				return int(int64(created[a.session]) - int64(created[b.session]))
			}
			return a.session.Compare(b.session)
		})
		if all[0].roster == nil { // who was removed by it makes none of the group's any more
			all = slices.DeleteFunc(all, func(c candidate) bool { return created[c.session] > created[all[0].session] })
		}
	}
	err = m.updateGroup(ctx, g.ID, func(kept *privateFile, g *ownGroup) error {
		if removed && !g.Out {
			found = true
			defer g.out()
		}
		for i, c := range all {
			known := slices.IndexFunc(kept.Pairs, func(p *pair) bool { return p.Session == c.session })
			if known >= 0 {
				kept.Pairs[known].Main = i == 0
				continue
			}
			made, err := m.newRound(g, at, c.roster, own.Seats[0].ID)
			if err != nil {
				return err
			}
			made.Session, made.Made, made.Main = c.session, time.UnixMilli(int64(c.made.Deadline)).UTC(), i == 0
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
	p.Self, p.Label, p.Seed = self, g.Seats[own].Label, g.Seats[own].Seed
	if roster != nil {
		p.Roster = roster.Bytes()
	}
	return p, nil
}

// dropRound forgets a session that was to be made, and was not seen on the chain. If it is there nevertheless, it is found.
func (m *Messenger) dropRound(ctx context.Context, p *pair) error {
	return m.updatePrivate(ctx, func(kept *privateFile) error {
		kept.Pairs = slices.DeleteFunc(kept.Pairs, func(other *pair) bool { return other.Self == p.Self && other.Create != nil })
		return nil
	})
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
	s, err := m.acceptAs(ctx, p)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	if at != nil && at.open {
		return m.closeRound(ctx, at.Session)
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
