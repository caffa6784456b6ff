package messaging

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Pair is a private session of two, or the invitation to one. Nothing on the chain ties it to either
// of them, or to another session of theirs.
type Pair struct {
	With    ids.ID    `json:"with"`             // who the other one is
	Self    ids.ID    `json:"self"`             // this identity's pseudonym in it
	Session ids.ID    `json:"session,omitzero"` // to Join; empty until the invitation is answered
	Begun   time.Time `json:"begun"`            // when it was invited or accepted
	Sent    bool      `json:"sent"`             // the chain has the invitation, or the answer
	Said    []Said    `json:"said,omitempty"`   // of an invitation that nobody has answered: what it says
}

// Said is what an invitation says.
type Said struct {
	Time    time.Time        `json:"timestamp"` // of the block that holds it; of one's own, when it was made
	Type    e2ee.ContentType `json:"type,omitempty"`
	Content []byte           `json:"data,omitempty"`
}

// pair is what is kept of a Pair.
type pair struct {
	Label   string // of this side's pseudonym
	Self    ids.ID // the pseudonym
	With    ids.ID
	Begun   time.Time
	Session ids.ID    `json:",omitzero"`
	Made    time.Time `json:",omitzero"`  // when the session was made, as the chain says; before that is known, the deadline of what makes it
	Due     time.Time `json:",omitzero"`  // when a node may get the invitation, or what makes the session
	Said    []Said    `json:",omitempty"` // in the invitation, and in those before it that are not answered by themselves; nil once the session's file has it

	// Of who invites.
	Origin string        `json:",omitempty"` // of the draft
	Looked time.Time     `json:",omitzero"`  // when an answer was looked for, once another one has taken what it says
	Sealed time.Time     `json:",omitzero"`  // when the invitation was sealed
	Key    []byte        `json:",omitempty"` // ML-DSA key of With, which signs the answer
	Invite *chain.Invite `json:",omitempty"` // nil once a node has said that the chain has it
	// Seat is what With was told, or the members of a group; nil once the session's file has it.
	Seat e2ee.SeatSecret `json:",omitempty"`

	// Of who answers.
	Invitation ids.ID     `json:",omitzero"`  // that is answered
	Peer       *e2ee.Seat `json:",omitempty"` // of who invites
	Answer     []*Draft   `json:",omitempty"` // what is said with the answer, until the session's file has it; each has an Origin
	Create     []byte     `json:",omitempty"` // transaction that makes the session; nil before, and once the chain was seen to have it

	// Of a private group, whose owner is With.
	Group  ids.ID `json:",omitzero"`
	Offer  bool   `json:",omitempty"` // it asks With to take a seat, and comes to no session
	Round  int    `json:",omitempty"` // counts the group's sessions here; those that were made at once have the same
	Main   bool   `json:",omitempty"` // of these, the one that the group goes on in
	Sure   bool   `json:",omitempty"` // no other one can come that was made at once
	Ended  bool   `json:",omitempty"` // it is over, and was received to its end
	Roster []byte `json:",omitempty"` // an e2ee.Roster; nil where the owner is to tell it, and once the session's file has it
	// Shown are those in the Roster who have shown in the session before who they are.
	Shown []ids.ID `json:",omitempty"`
}

// makes reports whether this side is to make the session.
func (p *pair) makes() bool {
	return p.Peer != nil || p.Create != nil
}

// public returns what a program is told.
func (p *pair) public() Pair {
	public := Pair{With: p.With, Self: p.Self, Session: p.Session, Begun: p.Begun}
	public.Sent = p.Invite == nil && (p.Peer == nil || p.Session != ids.Empty && p.Create == nil)
	if p.Session == ids.Empty && p.Peer == nil {
		public.Said = p.Said
	}
	return public
}

// privateFile is what is kept of private sessions, apart from their own files.
type privateFile struct {
	Pairs   []*pair
	Groups  []*ownGroup `json:",omitempty"`
	Bits    uint64      // the most that buckets had when this identity looked
	Buckets []bucketPlace
	Box     []*boxed // invitations that were found and not answered, oldest first
	Blocked []ids.ID
	Left    []ids.ID // invitations that were declined or do not hold, oldest first
}

const (
	// maxPairs bounds the private sessions of a Messenger.
	maxPairs = 4096
	// maxAnswered bounds those of them that one person has invited to, and those of the groups that one person owns: each
	// is of use to that person, and nobody is to take the places of the others.
	maxAnswered = maxPairs / 4
	// maxAnswers bounds the sessions that are looked at for one that answers an invitation, and answerPages
	// the pages of those that name the pseudonym.
	maxAnswers  = 64
	answerPages = 32
	// lookPeriod is how often an answer is looked for to an invitation that was taken with another one: each look
	// names its pseudonym to a node.
	lookPeriod = 24 * time.Hour
)

func (m *Messenger) openPairs(context.Context) error {
	key, err := m.config.Identity.StoreKey(m.chainID, ids.Empty)
	if err != nil {
		return err
	}
	defer clear(key)
	path := filepath.Join(m.config.Folder, fmt.Sprintf("%s-%x.private", m.chainID, m.self[:8]))
	purpose := append(append([]byte("private"), m.chainID[:]...), m.self[:]...)
	if m.private, err = sealedfile.New(path, key, purpose); err == nil {
		m.savePrivate = func(kept *privateFile) error { return m.private.SaveJSON(kept) }
	}
	return err
}

// loadPrivate reads the file.
func (m *Messenger) loadPrivate() (*privateFile, error) {
	kept := new(privateFile)
	if err := m.private.LoadJSON(kept); err != nil {
		return nil, refusal.Because(ErrFile, "%w", err)
	}
	return kept, nil
}

// updatePrivate changes the file while no other program does. If change returns an error the file stays
// as it is.
func (m *Messenger) updatePrivate(ctx context.Context, change func(*privateFile) error) error {
	lock, err := sealedfile.LockSoon(ctx, m.private.Path())
	if err != nil {
		return refusal.Because(ErrStore, "%w", err)
	}
	defer lock.Close()
	kept, err := m.loadPrivate()
	if err != nil {
		return err
	}
	if err := change(kept); err != nil {
		return err
	}
	if err := m.savePrivate(kept); err != nil {
		return refusal.Because(ErrStore, "%w", err)
	}
	return nil
}

// updatePair changes what is kept of a pair.
func (m *Messenger) updatePair(ctx context.Context, p *pair, change func(*pair)) error {
	session := p.Session
	change(p)
	return m.updatePrivate(ctx, func(kept *privateFile) error {
		for _, other := range kept.Pairs {
			if other.Self == p.Self && (p.Group == ids.Empty || other.Session == session) { // a group's sessions may be made at once
				change(other)
				kept.forgetSeat(other)
			}
		}
		return nil
	})
}

// pseudonym returns this identity's pseudonym of a label. It derives from the identity's seed.
func (m *Messenger) pseudonym(label string) (*pq.Identity, error) {
	return m.config.Identity.Private("pseudonym " + label)
}

// actorFor returns who this side of a pair is.
func (m *Messenger) actorFor(p *pair) (*actor, error) {
	identity, err := m.pseudonym(p.Label)
	if err != nil {
		return nil, err
	}
	secrets := e2ee.Secrets{Identity: identity}
	m.keep(identity.ID(), identity.Public()) // it may not be registered yet
	return &actor{id: identity.ID(), identity: identity, secrets: func() e2ee.Secrets { return secrets }, pair: p}, nil
}

// past reports whether nothing of a pair is on the chain any more, and nothing can come: its session is over and
// forgotten, or its invitation was not answered while there was time.
func (m *Messenger) past(p *pair) bool {
	switch {
	case p.Session != ids.Empty:
		return m.now().Sub(p.Made) > m.sessionLife()+m.retention()
	case p.makes(): // it is under way
		return false
	default:
		return p.Invite == nil && m.now().Sub(p.Sealed) > m.retention()+prekeyAge
	}
}

// actorOf returns who this identity is in a session.
func (m *Messenger) actorOf(session ids.ID) (*actor, error) {
	if _, err := os.Stat(m.private.Path()); errors.Is(err, os.ErrNotExist) {
		return m.root(), nil
	}
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, err
	}
	for _, p := range kept.Pairs {
		if p.Session == session {
			return m.actorFor(p)
		}
	}
	return m.root(), nil
}

// Pairs sends what was not sent yet, looks for answers, and returns this identity's private sessions with
// somebody, or all if with is empty: oldest first, in an order that is the same for both sides, and after
// them the invitations that are not answered. What can't be looked at now is in the error, beside what is
// known.
func (m *Messenger) Pairs(ctx context.Context, with ids.ID) ([]Pair, error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, err
	}
	var failed []error
	for _, p := range kept.Pairs {
		if p.Group != ids.Empty || with != ids.Empty && with != p.With {
			continue
		}
		if err := m.goOn(ctx, p); err != nil {
			failed = append(failed, err)
		}
	}
	pairs, err := m.KnownPairs(with)
	return pairs, errors.Join(append(failed, err)...)
}

// KnownPairs returns what Pairs does, as it is known here: no node is asked.
func (m *Messenger) KnownPairs(with ids.ID) (pairs []Pair, err error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(kept.Pairs, (*pair).compare)
	for _, p := range kept.Pairs {
		if p.Group == ids.Empty && (with == ids.Empty || with == p.With) {
			pairs = append(pairs, p.public())
		}
	}
	return pairs, nil
}

// HasPair reports whether a session is a private one that Pairs has: those that the chain has forgotten for as long
// as it has kept them are left out.
func (m *Messenger) HasPair(session ids.ID) (bool, error) {
	kept, err := m.loadPrivate()
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(kept.Pairs, func(p *pair) bool { return p.Session == session }), nil
}

// compare orders pairs: by when their sessions were made, and by their IDs. Those without one come last, in
// the order in which they were begun.
func (p *pair) compare(other *pair) int {
	waits, others := p.Session == ids.Empty, other.Session == ids.Empty
	switch {
	case waits && others:
		return p.Begun.Compare(other.Begun)
	case waits:
		return 1
	case others:
		return -1
	}
	return cmp.Or(p.Made.Compare(other.Made), p.Session.Compare(other.Session))
}

// goOn does the next step of a pair, if one is due.
func (m *Messenger) goOn(ctx context.Context, p *pair) error {
	switch {
	case m.waits(p.Due) != nil:
		return nil
	case p.Invite != nil && m.now().Sub(p.Sealed) >= prekeyPeriod:
		if err := m.sealAgain(ctx, p); err != nil {
			return err
		}
		return m.sendInvite(ctx, p)
	case p.Invite != nil:
		return m.sendInvite(ctx, p)
	case p.makes() && (p.Session == ids.Empty || p.Create != nil):
		s, _, err := m.acceptAs(ctx, p)
		if err != nil {
			return err
		}
		return s.Close()
	case p.Offer || p.Session != ids.Empty || p.Said == nil && m.now().Sub(p.Looked) < lookPeriod:
		return nil
	}
	err := m.findAnswer(ctx, p)
	if err == nil && p.Said == nil && p.Session == ids.Empty {
		err = m.updatePair(ctx, p, func(p *pair) { p.Looked = m.now() })
	}
	return err
}

// settle moves what was said in invitations into the session that is opened, whose file has the secret of the seat too.
func (m *Messenger) settle(ctx context.Context, s *Session) error {
	p := s.self.pair
	if err := s.takeSaid(); err != nil {
		return err
	}
	if len(p.Answer) > 0 { // the answer itself has the first one, or more were said since
		if kept, err := s.Enqueue(p.Answer...); kept < len(p.Answer) {
			return err
		}
	}
	if p.Group != ids.Empty {
		if err := m.greet(ctx, s); err != nil {
			return err
		}
	}
	if p.Said == nil && p.Roster == nil && p.Answer == nil && p.Seat == nil {
		return nil
	}
	return m.updatePair(ctx, p, func(p *pair) {
		clear(p.Seat)
		p.Said, p.Roster, p.Answer, p.Seat = nil, nil, nil, nil
	})
}

// takeSaid puts what was said in invitations, and to who answers who invites, before all that the session has
// brought. A side is not opened for the program before that.
func (s *Session) takeSaid() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record.Said {
		return nil
	}
	p := s.self.pair
	if p.Group != ids.Empty {
		return nil
	}
	var first []Event
	sender := s.self.id
	if p.Peer != nil {
		sender = p.Peer.ID
		first = append(first, Event{Kind: KindRevealed, Sender: sender, Identity: p.With})
	}
	for _, said := range p.Said {
		first = append(first, Event{Kind: kindOf(said.Type, said.Content), Own: p.Peer == nil, Sender: sender, Time: said.Time, Type: said.Type, Content: said.Content})
	}
	s.record.Said, s.record.Inbox = true, append(first, s.record.Inbox...)
	return s.commit()
}

// beginPrivate adds to a side that is made what is kept of a private session: for who answers, the answer, and the key to
// seal to.
func (s *Session) beginPrivate(made *chain.CreateSession) error {
	p := s.self.pair
	if p == nil {
		return nil
	}
	if p.Group != ids.Empty {
		return s.beginRound(made)
	}
	if len(made.Participants) != 2 || made.Channel != ids.Empty || made.Creator == ids.Empty || !slices.Contains(made.Participants, made.Creator) {
		return refusal.Because(ErrNode, "expected a session of two that one of them made")
	}
	for i := range s.record.Members {
		if member := &s.record.Members[i]; member.ID != s.self.id {
			member.Identity = p.With
		}
	}
	if p.Peer == nil {
		if made.Creator == s.self.id {
			return refusal.Because(ErrNode, "expected a session that another one made")
		}
		return nil
	}
	peer := ids.ID(p.Peer.ID)
	if made.Creator != s.self.id || !slices.Contains(made.Participants, peer) {
		return refusal.Because(ErrNode, "expected a session that this pseudonym made with %s", pq.FormatID(peer))
	}
	if err := s.draftAnswer(p.Answer...); err != nil {
		return err
	}
	return s.protocol.SetSeat(p.Peer)
}

func (p *pair) sortSaid() {
	slices.SortStableFunc(p.Said, func(a, b Said) int { return a.Time.Compare(b.Time) })
}
