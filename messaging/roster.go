package messaging

import (
	"context"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// What a session of a private group has beside others: a roster.

// roster returns who takes part in the session, and the seats that they have told; nil until the owner has told it.
func (r *record) roster() (*e2ee.Roster, error) {
	if r.Roster == nil {
		return nil, nil
	}
	roster, err := e2ee.ParseRoster(r.Roster)
	if err != nil {
		return nil, refusal.Because(ErrFile, "%w", err)
	}
	return roster, nil
}

// beginRound adds to a side that is made what is known of the group.
func (s *Session) beginRound(made *chain.CreateSession) error {
	p := s.self.pair
	if made.Channel != ids.Empty || !slices.Contains(made.Participants, made.Creator) {
		return refusal.Because(ErrNode, "expected a session that one of its participants made")
	}
	s.record.Group, s.record.Owner = p.Group, p.With
	if p.Roster == nil {
		return nil
	}
	roster, err := e2ee.ParseRoster(p.Roster)
	if err != nil {
		return refusal.Because(ErrFile, "%w", err)
	}
	for i := range roster.Members {
		seated := &roster.Members[i]
		shown := slices.Contains(p.Shown, ids.ID(seated.Identity)) || roster.Changed && made.Creator == s.self.id // in an invitation
		if member := s.record.member(seated.Seats[0].ID); member != nil && shown {
			member.Identity = seated.Identity
		}
	}
	return s.useRoster(roster)
}

// useRoster takes who takes part in a session, and seals to them from now on.
func (s *Session) useRoster(roster *e2ee.Roster) error {
	if roster.Group != s.record.Group || len(roster.Members) != len(s.record.Members) {
		return refusal.Because(e2ee.ErrMalformed, "expected the roster of %s with %d members, got one of %s with %d", s.record.Group, len(s.record.Members), ids.ID(roster.Group), len(roster.Members))
	}
	for i := range s.record.Members {
		if id := s.record.Members[i].ID; roster.Seated(id) == nil {
			return refusal.Because(e2ee.ErrMalformed, "expected a seat of %s, got none", pq.FormatID(id))
		}
	}
	for i := range roster.Members {
		seat := &roster.Members[i].Seats[0]
		if ids.ID(seat.ID) == s.self.id {
			continue
		}
		if err := s.protocol.SetSeat(seat); err != nil {
			return err
		}
	}
	s.record.setRoster(roster.Bytes())
	return nil
}

// takeGroup takes what a member says of the group. Only the owner says who is in it.
func (s *Session) takeGroup(sender ids.ID, content e2ee.ContentType, encoded []byte) error {
	roster, err := s.record.roster()
	if err != nil {
		return err
	}
	switch {
	case s.record.Group == ids.Empty:
		return refusal.Because(e2ee.ErrMalformed, "expected nothing of groups, got a content of type %d", content)
	case content == e2ee.ContentRoster:
		told, err := e2ee.ParseRoster(encoded)
		if err != nil {
			return err
		}
		if s.behind(sender) != s.record.Owner {
			return refusal.Because(e2ee.ErrSender, "expected a roster of the owner, got one of %s", pq.FormatID(sender))
		}
		if roster == nil || told.Changed && sender == s.record.Creator && !s.record.Told { // it counts, and not what was told before
			s.record.Greeted = s.record.Greeted && sender == s.self.id
			s.record.Told, roster = true, told
		}
		if roster.At(told.Owner) == nil || told.Group != roster.Group {
			return refusal.Because(e2ee.ErrMalformed, "expected an owner who is in the group, got %s", pq.FormatID(told.Owner))
		}
		roster.Owner, roster.Title = told.Owner, told.Title
		if err := s.useRoster(roster); err != nil {
			return err
		}
		s.record.Owner = told.Owner
	case roster == nil:
		return refusal.Because(e2ee.ErrMalformed, "expected the owner's roster first")
	default:
		told, err := e2ee.ParseSeats(encoded)
		if err == nil {
			err = roster.Tell(sender, told)
		}
		if err != nil {
			return err
		}
		if who := ids.ID(roster.Seated(sender).Identity); len(told.Seats) == 0 && told.After == 0 && !slices.Contains(s.record.Left, who) {
			s.record.Left = append(s.record.Left, who)
		}
		s.record.setRoster(roster.Bytes())
	}
	return nil
}

// introduced notes who stands behind a member, as it has proven: in a group the one whom the roster says, and before
// that the owner.
func (s *Session) introduced(sender, identity ids.ID) error {
	member := s.record.member(sender)
	if s.record.Group == ids.Empty || member == nil {
		return nil
	}
	want := s.record.Owner
	roster, err := s.record.roster()
	if err != nil {
		return err
	}
	if roster != nil {
		want = roster.Seated(sender).Identity
	} else if sender != s.record.Creator {
		return refusal.Because(e2ee.ErrProof, "expected the owner's roster first")
	}
	if identity != want {
		return refusal.Because(e2ee.ErrProof, "expected a proof of %s, got one of %s", pq.FormatID(want), pq.FormatID(identity))
	}
	member.Identity = identity
	return nil
}

// greet tells the others of this member's next seats, once the roster is known: after who it is, and of the owner
// that has changed the members who they are. In a session that lost to another one of the same time nothing is told.
func (m *Messenger) greet(ctx context.Context, s *Session) error {
	s.mu.Lock()
	roster, err := s.record.roster()
	greeted, shown := s.record.Greeted || s.self.pair.Ended || !s.self.pair.Main, s.record.member(s.self.id).Identity != ids.Empty
	s.mu.Unlock()
	if err != nil || roster == nil || greeted {
		return err
	}
	own := roster.Seated(s.self.id)
	after := len(own.Seats) - 1
	if roster.Changed {
		after = 0
	}
	told := &e2ee.Seats{Group: roster.Group, After: uint8(after)}
	if after < seatsAhead {
		err = m.updateGroup(ctx, roster.Group, func(kept *privateFile, g *ownGroup) (err error) {
			kept.forgetSeats(g, s.self.pair.Round, own.Seats)
			told.Seats, err = m.newSeats(g, seatsAhead-after, s, roster)
			return err
		})
		if err != nil {
			return err
		}
	}
	var due time.Time
	if s.record.Creator != s.self.id { // that it has read
		due = s.due()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record.Greeted {
		return nil
	}
	var greeting e2ee.Greeting
	if roster.Changed || !shown {
		proof, err := e2ee.ProveIdentity(m.config.Identity, m.chainID, s.id, s.self.id)
		if err != nil {
			return err
		}
		greeting = append(greeting, e2ee.Said{Type: e2ee.ContentProof, Content: proof.Bytes()})
		if roster.Changed && s.record.Creator == s.self.id {
			greeting = append(greeting, e2ee.Said{Type: e2ee.ContentRoster, Content: roster.Bytes()})
		}
	}
	if len(told.Seats) > 0 {
		greeting = append(greeting, e2ee.Said{Type: e2ee.ContentSeats, Content: told.Bytes()})
	}
	for _, said := range greeting.Contents() {
		s.record.Drafts = append(s.record.Drafts, &Draft{Type: said.Type, Content: said.Content, Due: due})
	}
	s.record.Greeted = true
	return s.commit()
}

// greetAgain has this member tell others of its seats if too few are known: somebody was faster with the same ones.
func (s *Session) greetAgain() {
	if roster, err := s.record.roster(); err == nil && roster != nil && len(roster.Seated(s.self.id).Seats) <= seatsAhead {
		s.record.Greeted = false
	}
}

// ofGroup reports whether a content is what this member tells the others of the group, which is of use in no other session.
func (s *Session) ofGroup(content e2ee.ContentType) bool {
	return s.record.Group != ids.Empty && (isOfGroup(content) || content == e2ee.ContentProof)
}

// isOfGroup reports whether a content is seats, a roster or a greeting.
func isOfGroup(content e2ee.ContentType) bool {
	return content == e2ee.ContentSeats || content == e2ee.ContentRoster || content == e2ee.ContentGreeting
}
