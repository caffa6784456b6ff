package messaging

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// askPause is how long after an attempt to ask somebody to join a group the next one is made.
const askPause = time.Minute

// JoinGroups takes a seat in each group that somebody has asked to, of the invitations that Invitations has found, and
// tells its owner. It returns the groups. Their first session is made by the owner.
// Errors: ErrBacklog if there are too many groups, of that owner or at all.
func (m *Messenger) JoinGroups(ctx context.Context, owner ids.ID) (joined []ids.ID, err error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, err
	}
	for _, b := range kept.Box {
		if b.From != owner || b.Type != e2ee.ContentOffer {
			continue
		}
		offer, err := e2ee.ParseOffer(b.Content)
		if err == nil {
			err = m.joinGroup(ctx, b, offer)
		}
		if errors.Is(err, e2ee.ErrMalformed) || errors.Is(err, e2ee.ErrVersion) || errors.Is(err, ErrGroup) {
			m.warn(err)
			if err := m.updatePrivate(ctx, func(kept *privateFile) error { kept.unbox(b); return nil }); err != nil {
				return joined, err
			}
			continue
		}
		if err == nil {
			_, err = m.Group(ctx, offer.Group)
		}
		if err != nil {
			return joined, err
		}
		joined = append(joined, offer.Group)
	}
	return joined, nil
}

// joinGroup answers an offer. Errors: ErrGroup for a group that this identity knows as somebody else's.
func (m *Messenger) joinGroup(ctx context.Context, b *boxed, offer *e2ee.Offer) error {
	_, err := m.takeSeat(ctx, b.From, func(kept *privateFile) (*ownGroup, error) {
		kept.unbox(b)
		g := kept.group(offer.Group)
		if g == nil {
			g = &ownGroup{ID: offer.Group, Owner: b.From, Title: offer.Title, Members: []ids.ID{b.From, m.self}}
			if count := kept.groupsOf(b.From); count >= maxGroupsOf {
				return nil, refusal.Because(ErrBacklog, "expected fewer than %d private groups of %s, got %d", maxGroupsOf, pq.FormatID(b.From), count)
			}
			return g, kept.addGroup(g)
		}
		if g.Owner != b.From {
			return nil, refusal.Because(ErrGroup, "expected an offer of the group's owner %s, got one of %s", pq.FormatID(g.Owner), pq.FormatID(b.From))
		}
		g.Out, g.Leave = false, false
		return g, nil
	})
	return err
}

// groupsOf counts the groups of an owner.
func (f *privateFile) groupsOf(owner ids.ID) (count int) {
	for _, g := range f.Groups {
		if g.Owner == owner {
			count++
		}
	}
	return count
}

// takeSeat keeps an invitation to a group's owner, as the identity that this one has in the session that comes of it.
func (m *Messenger) takeSeat(ctx context.Context, owner ids.ID, in func(*privateFile) (*ownGroup, error)) (p *pair, err error) {
	to, err := m.recipient(ctx, owner)
	if err != nil {
		return nil, err
	}
	return p, m.updatePrivate(ctx, func(kept *privateFile) error {
		g, err := in(kept)
		if err != nil {
			return err
		}
		seats, err := m.newSeats(g, seatsAtFirst, nil, nil)
		if err != nil {
			return err
		}
		now := m.now().UTC()
		content := (&e2ee.Seats{Group: g.ID, Seats: seats}).Bytes()
		p = &pair{With: owner, Group: g.ID, Begun: now, Due: m.due(), Said: []Said{{now, e2ee.ContentSeats, content}}}
		kept.Pairs = slices.DeleteFunc(kept.Pairs, func(p *pair) bool { return p.Group == g.ID && p.Session == ids.Empty }) // this one takes its place
		return m.seal(kept, p, to.InvitationTo)
	})
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
	if err := m.updatePrivate(ctx, func(kept *privateFile) error { return m.seal(kept, p, to.InvitationTo) }); err != nil || m.waits(p.Due) != nil {
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
