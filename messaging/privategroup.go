package messaging

import (
	"context"
	"errors"
	"slices"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Group is a private group: an owner and members, who talk in sessions, one after the other. Each member has in
// each session a pseudonym that it has told the others in the one before, or the owner when it joined. Nothing on
// the chain ties a session to a person, to the group, or to another session of it.
type Group struct {
	ID      ids.ID // random; it is not on the chain
	Owner   ids.ID
	Title   string
	Members []ids.ID // with this identity; to the owner with those who have not answered yet
	// Invited are those of the Members that the owner has asked and that are in no session yet; to the owner alone.
	Invited []ids.ID
	// Sessions are those that this identity is or was in, oldest first.
	Sessions []ids.ID
	// Open is the session that takes messages, as it was seen last; empty if there is none.
	Open ids.ID
	// Out says that this identity is not in the group any more: it has left, was removed, or the owner has left.
	Out bool
}

// ownGroup is what is kept of a Group, beside the pairs of its sessions.
type ownGroup struct {
	ID      ids.ID
	Owner   ids.ID
	Title   string
	Members []ids.ID  // who is to be in it: as the owner wants, or as the others have read
	Seats   []ownSeat // of this identity, for sessions that may come
	Out     bool      `json:",omitempty"`
	Leave   bool      `json:",omitempty"` // this identity is about to leave, or the owner to end it
}

const (
	// maxGroups bounds the groups of a Messenger. Those that it is out of, and whose sessions are forgotten, give way.
	maxGroups = 256
	// maxGroupsOf bounds those of them that one other person has asked to join.
	maxGroupsOf = maxGroups / 4
)

// NewGroup makes a private group that this identity owns, and asks its members to join. Each of them may do so
// with JoinGroups. The first session is made by Group once somebody has. What is sent is stored before: an error
// that is ErrQueued says that the group is there, and that Group goes on with it.
func (m *Messenger) NewGroup(ctx context.Context, title string, members ...ids.ID) (*Group, error) {
	g := &ownGroup{ID: newID(), Owner: m.self, Title: title, Members: append([]ids.ID{m.self}, members...)}
	if err := checkGroup(g.Title, g.Members); err != nil {
		return nil, err
	}
	if err := m.updatePrivate(ctx, func(kept *privateFile) error { return kept.addGroup(g) }); err != nil {
		return nil, err
	}
	made, err := m.Group(ctx, g.ID)
	if err != nil {
		return &Group{ID: g.ID, Owner: g.Owner, Title: title, Members: g.Members}, refusal.Because(ErrQueued, "%w", err)
	}
	return made, nil
}

func checkGroup(title string, members []ids.ID) error {
	if len(title) > e2ee.MaxGroupTitle {
		return refusal.Because(ErrConfig, "expected a title of at most %d bytes, got %d", e2ee.MaxGroupTitle, len(title))
	}
	if count := len(members); count < 2 || count > e2ee.MaxGroup {
		return refusal.Because(ErrConfig, "expected 2 to %d members, got %d", e2ee.MaxGroup, count)
	}
	sorted := slices.SortedFunc(slices.Values(members), ids.ID.Compare)
	if len(slices.Compact(sorted)) < len(members) {
		return refusal.Because(ErrConfig, "expected each member once")
	}
	return nil
}

func (f *privateFile) addGroup(g *ownGroup) error {
	if len(f.Groups) >= maxGroups {
		past := slices.IndexFunc(f.Groups, func(g *ownGroup) bool { return g.Out && len(f.rounds(g.ID)) == 0 })
		if past >= 0 {
			f.Groups = slices.Delete(f.Groups, past, past+1)
		}
	}
	if len(f.Groups) >= maxGroups {
		return refusal.Because(ErrBacklog, "expected fewer than %d private groups", maxGroups)
	}
	f.Groups = append(f.Groups, g)
	return nil
}

// Groups returns the private groups as they are known here: no node is asked.
func (m *Messenger) Groups() ([]*Group, error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, err
	}
	groups := make([]*Group, len(kept.Groups))
	for i, g := range kept.Groups {
		groups[i] = kept.public(m, g)
	}
	return groups, nil
}

// public returns what a program is told.
func (f *privateFile) public(m *Messenger, g *ownGroup) *Group {
	public := &Group{ID: g.ID, Owner: g.Owner, Title: g.Title, Members: slices.Clone(g.Members), Out: g.Out}
	for _, p := range f.rounds(g.ID) {
		public.Sessions = append(public.Sessions, p.Session)
	}
	for _, p := range f.Pairs {
		if p.Group == g.ID && p.Offer {
			public.Invited = append(public.Invited, p.With)
		}
	}
	return public
}

// Group goes on with what is under way in a group: it asks and answers, looks for the sessions that others have made,
// and, of the owner, makes the next one if members have come or are to go. What can't be done now is in the error.
// Errors: ErrGroup.
func (m *Messenger) Group(ctx context.Context, id ids.ID) (*Group, error) {
	return m.goOnWith(ctx, id, false)
}

// JoinGroup joins the session of a group that takes messages, and makes the next one if there is none. Errors:
// ErrGroup, and ErrAlone if nobody else is there to talk with.
func (m *Messenger) JoinGroup(ctx context.Context, id ids.ID) (*Session, error) {
	g, err := m.goOnWith(ctx, id, true)
	if err != nil && (g == nil || g.Open == ids.Empty) {
		return nil, err
	}
	if g.Out {
		return nil, refusal.Because(ErrGroup, "expected a group that this identity is in, got one that it has left or was removed from: %q", g.Title)
	}
	if g.Open == ids.Empty {
		return nil, refusal.Because(ErrAlone, "%q has no session yet", g.Title)
	}
	return m.Join(ctx, g.Open)
}

// AddToGroup asks somebody to join a group of this identity. It reads what comes after it has. Errors: ErrGroup.
func (m *Messenger) AddToGroup(ctx context.Context, id, member ids.ID) (*Group, error) {
	return m.changeGroup(ctx, id, func(g *ownGroup) error {
		if slices.Contains(g.Members, member) {
			return nil
		}
		g.Members = append(g.Members, member)
		return checkGroup(g.Title, g.Members)
	})
}

// RemoveFromGroup removes a member from a group of this identity: it reads nothing of what comes after. It still
// sees, until all others have told new seats, that the group has gone on. Errors: ErrGroup.
func (m *Messenger) RemoveFromGroup(ctx context.Context, id, member ids.ID) (*Group, error) {
	return m.changeGroup(ctx, id, func(g *ownGroup) error {
		if member == m.self {
			return refusal.Because(ErrConfig, "expected another one than the owner: use LeaveGroup")
		}
		g.Members = slices.DeleteFunc(g.Members, func(other ids.ID) bool { return other == member })
		return nil
	})
}

// changeGroup changes who is to be in a group of this identity, and does what follows from it.
func (m *Messenger) changeGroup(ctx context.Context, id ids.ID, change func(*ownGroup) error) (*Group, error) {
	if _, err := m.Group(ctx, id); err != nil { // what the others have said since
		return nil, err
	}
	err := m.updatePrivate(ctx, func(kept *privateFile) error {
		g := kept.group(id)
		if g == nil || g.Out {
			return refusal.Because(ErrGroup, "expected one that this identity is in, got %s", id)
		}
		if g.Owner != m.self {
			return refusal.New(refusal.ErrNotOwner, "the group's owner "+pq.FormatID(g.Owner), pq.FormatID(m.self))
		}
		if err := change(g); err != nil {
			return err
		}
		kept.Pairs = slices.DeleteFunc(kept.Pairs, func(p *pair) bool {
			return p.Group == id && p.Offer && !slices.Contains(g.Members, p.With)
		})
		for _, b := range slices.Clone(kept.Box) {
			if b.Type == e2ee.ContentSeats && b.group() == id && !slices.Contains(g.Members, b.From) {
				kept.unbox(b)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m.Group(ctx, id)
}

// LeaveGroup leaves a group, which the others see in its session if that is open. A group whose owner leaves is
// over. Errors: ErrGroup.
func (m *Messenger) LeaveGroup(ctx context.Context, id ids.ID) error {
	err := m.updatePrivate(ctx, func(kept *privateFile) error {
		g := kept.group(id)
		if g == nil {
			return refusal.Because(ErrGroup, "expected one of this identity, got %s", id)
		}
		g.Leave = !g.Out
		return nil
	})
	if err == nil {
		_, err = m.Group(ctx, id)
	}
	return err
}

// HandOverGroup makes another member the owner of a group of this identity. Errors: ErrGroup, ErrAlone if it is in no session
// with this one, ErrLocked while another program has the group's session open.
func (m *Messenger) HandOverGroup(ctx context.Context, id, member ids.ID) (*Group, error) {
	if _, err := m.changeGroup(ctx, id, func(*ownGroup) error { return nil }); err != nil { // it is this one's
		return nil, err
	}
	g, err := m.goOnWith(ctx, id, true)
	if err == nil && g.Open == ids.Empty {
		err = refusal.Because(ErrAlone, "%q has no session yet", g.Title)
	}
	if err != nil {
		return nil, err
	}
	on, self, err := m.in(g.Open)
	if err != nil {
		return nil, err
	}
	s, done, err := on.joinShared(ctx, self, g.Open)
	if errors.Is(err, ErrLocked) {
		err = refusal.Because(err, "end the chat of the group first, in the other program")
	}
	if err != nil {
		return nil, err
	}
	defer done()
	s.mu.Lock()
	roster, err := s.record.roster()
	s.mu.Unlock()
	if err == nil && (roster == nil || roster.At(member) == nil) {
		err = refusal.Because(ErrAlone, "expected a member of the group's session, got %s", pq.FormatID(member))
	}
	if err != nil {
		return nil, err
	}
	roster.Owner, roster.Changed = member, false
	if _, err := s.SendAs(ctx, e2ee.ContentRoster, roster.Bytes()); err != nil {
		return nil, err
	}
	done()
	return m.Group(ctx, id)
}

func (f *privateFile) group(id ids.ID) *ownGroup {
	at := slices.IndexFunc(f.Groups, func(g *ownGroup) bool { return g.ID == id })
	if at < 0 {
		return nil
	}
	return f.Groups[at]
}

// rounds returns the sessions of a group that are known, oldest first. Of those that were made at once the one that
// the group goes on in comes last.
func (f *privateFile) rounds(id ids.ID) (rounds []*pair) {
	for _, p := range f.Pairs {
		if p.Group == id && p.Session != ids.Empty {
			rounds = append(rounds, p)
		}
	}
	slices.SortStableFunc(rounds, func(a, b *pair) int {
		if a.Round != b.Round {
			return a.Round - b.Round
		}
		switch {
		case b.Main:
			return -1
		case a.Main:
			return 1
		}
		return a.compare(b)
	})
	return rounds
}

// updateGroup changes what is kept of a group.
func (m *Messenger) updateGroup(ctx context.Context, id ids.ID, change func(*privateFile, *ownGroup) error) error {
	return m.updatePrivate(ctx, func(kept *privateFile) error {
		if g := kept.group(id); g != nil {
			return change(kept, g)
		}
		return refusal.Because(ErrGroup, "expected one of this identity, got %s", id)
	})
}

// out notes that this identity is out of a group, and erases the secrets of seats that it does not take any more.
func (g *ownGroup) out() { g.Out, g.Leave, g.Seats = true, false, nil }
