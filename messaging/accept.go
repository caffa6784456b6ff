package messaging

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Accept answers the invitations of somebody, those that Invitations has found or, if there are none, finds now: it
// makes one private session, under a pseudonym of this identity, and joins it. Its first events are who invites,
// and what the invitations say. A call that failed may be repeated; Pairs goes on with it too. Errors:
// ErrInvitation if there are none, ErrQueued if Config.Delay has it wait, ErrBacklog if there are too many private sessions, with that person or at all.
func (m *Messenger) Accept(ctx context.Context, from ids.ID) (*Session, error) {
	s, _, err := m.AcceptWith(ctx, from, nil)
	return s, err
}

// AcceptWith is Accept that says something at once, in one message with the proof of who answers: that takes a message less. It
// returns where the message is on the chain. The draft is stored with the answer: after an error that is ErrQueued it is
// sent by Pairs, and one of an Origin that was given before is not sent again.
func (m *Messenger) AcceptWith(ctx context.Context, from ids.ID, draft *Draft) (*Session, Sent, error) {
	if draft != nil {
		draft = &Draft{Origin: cmp.Or(draft.Origin, newLabel()), Type: draft.Type, Content: bytes.Clone(draft.Content)}
		if size := len(draft.Content); size > e2ee.MaxContent {
			return nil, Sent{}, refusal.Because(e2ee.ErrSize, "expected at most %d bytes, got %d: send an attachment", e2ee.MaxContent, size)
		}
	}
	var answer *pair
	err := m.inBox(ctx, func(kept *privateFile) (err error) {
		if answer, err = m.answer(kept, from); err == nil && draft != nil {
			answer.say(draft)
		}
		return err
	})
	if err != nil {
		return nil, Sent{}, err
	}
	s, sent, err := m.acceptAs(ctx, answer)
	if err != nil && draft != nil {
		err = refusal.Because(ErrQueued, "%w", err)
	}
	return s, sent, err
}

// say adds what is said with an answer.
func (p *pair) say(draft *Draft) {
	if !slices.ContainsFunc(p.Answer, func(other *Draft) bool { return other.Origin == draft.Origin }) {
		p.Answer = append(p.Answer, draft)
	}
}

// acceptAs makes the session that answers an invitation, if the chain was not seen to have it, joins it, and
// sends the answer. What makes the session is kept until it is joined: that it was accepted
// is a node's word.
func (m *Messenger) acceptAs(ctx context.Context, p *pair) (s *Session, sent Sent, err error) {
	if err := m.waits(p.Due); err != nil {
		return nil, Sent{}, err
	}
	self, err := m.actorFor(p)
	if err == nil {
		m, err = m.over(self.id)
	}
	if err != nil {
		return nil, Sent{}, err
	}
	if p.Session == ids.Empty || p.Create != nil {
		if err := m.sendCreate(ctx, self); err != nil {
			return nil, Sent{}, err
		}
	}
	if s, err = m.join(ctx, self, p.Session); err != nil {
		return nil, Sent{}, err
	}
	if p.Create != nil {
		created := s.record.created()
		err = m.updatePair(ctx, p, func(p *pair) { p.Create, p.Made = nil, created })
	}
	if err == nil {
		sent, err = s.Flush(ctx)
	}
	if err != nil && !errors.Is(err, ErrQueued) && !(p.Group != ids.Empty && errors.Is(err, ErrUnsent)) { // a group goes on in another one
		return nil, Sent{}, errors.Join(err, s.Close())
	}
	return s, sent, nil
}

// answer makes the pair that answers the newest invitation of somebody and takes what the others say, or
// returns one that is under way.
func (m *Messenger) answer(kept *privateFile, from ids.ID) (*pair, error) {
	answered := 0
	for _, p := range kept.Pairs {
		if p.With != from || p.Peer == nil {
			continue
		}
		if p.Session == ids.Empty || p.Create != nil {
			return p, nil
		}
		answered++
	}
	var newest *boxed
	p := &pair{With: from, Begun: m.now().UTC(), Due: m.due()}
	for _, b := range kept.Box {
		if b.From != from || !b.toTalk() {
			continue
		}
		p.Said = append(p.Said, Said{b.Time, b.Type, b.Content})
		if newest == nil || !b.Time.Before(newest.Time) {
			newest = b
		}
	}
	if newest == nil {
		return nil, noInvitation(from)
	}
	if answered >= maxAnswered {
		return nil, refusal.Because(ErrBacklog, "expected fewer than %d private sessions that %s has invited to", maxAnswered, pq.FormatID(from))
	}
	p.sortSaid()
	p.Invitation, p.Peer = newest.ID, &newest.Seat
	if err := kept.add(m, p); err != nil {
		return nil, err
	}
	kept.drop(from, (*boxed).toTalk)
	return p, nil
}

// makeCreate makes and stores the transaction that makes a pair's or a group's session. Nothing in it is of those who
// take part but their pseudonyms, in no order that says something.
func (m *Messenger) makeCreate(ctx context.Context, self *actor) error {
	deadline, err := m.client.Deadline(ctx)
	if err != nil {
		return err
	}
	tx, err := m.createOf(self, deadline)
	if err != nil {
		return err
	}
	return m.updatePair(ctx, self.pair, func(p *pair) { p.Create, p.Made = tx.Bytes(), time.UnixMilli(int64(deadline)).UTC() })
}

// createOf returns the transaction that makes the session of an actor's pair, by a deadline.
func (m *Messenger) createOf(self *actor, deadline uint64) (*chain.Transaction, error) {
	p := self.pair
	body := &chain.CreateSession{
		Creator: self.id, Participants: []ids.ID{self.id},
		Metadata: Metadata(), Nonce: client.Nonce(), Single: true, Deadline: deadline,
	}
	others, err := p.others()
	if err != nil {
		return nil, err
	}
	for _, seat := range others {
		body.Participants = append(body.Participants, seat.ID)
	}
	if p.Group == ids.Empty {
		body.Nonce = answerNonce(m.chainID, p.Peer.Prekey, self.id)
	}
	return self.sign(m.chainID, body)
}

// others returns as whom the others take part in a session that this side makes, in the order of their IDs.
func (p *pair) others() (seats []e2ee.Seat, err error) {
	if p.Group == ids.Empty {
		return []e2ee.Seat{*p.Peer}, nil
	}
	roster, err := e2ee.ParseRoster(p.Roster)
	if err != nil {
		return nil, refusal.Because(ErrFile, "%w", err)
	}
	for i := range roster.Members {
		if seat := roster.Members[i].Seats[0]; ids.ID(seat.ID) != p.Self {
			seats = append(seats, seat)
		}
	}
	slices.SortFunc(seats, func(a, b e2ee.Seat) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return seats, nil
}

// sendCreate submits the transaction that makes a pair's session, with the registration of the pseudonym
// that makes it. The same one is sent again while its deadline lasts.
func (m *Messenger) sendCreate(ctx context.Context, self *actor) error {
	p := self.pair
	for try := 0; ; try++ {
		if p.Create == nil {
			if err := m.makeCreate(ctx, self); err != nil {
				return err
			}
		}
		tx, err := chain.ParseTransaction(m.chainID, p.Create)
		if err != nil {
			return refusal.Because(ErrFile, "%w", err)
		}
		accepted, err := m.issueAs(ctx, self, tx.ID(), tx.Bytes(), m.wait)
		if p.Group != ids.Empty && (errors.Is(err, refusal.ErrDeadlinePassed) || errors.Is(err, refusal.ErrSingleSession)) { // others may have made one since, or this one has
			return errors.Join(err, m.dropRound(ctx, p))
		}
		if errors.Is(err, refusal.ErrDeadlinePassed) && try == 0 { // and the chain does not have it
			p.Create = nil
			continue
		}
		if errors.Is(err, refusal.ErrSingleSession) { // it was made with a transaction before
			return m.findMade(ctx, self)
		}
		if err != nil {
			return err
		}
		id := accepted.SessionID
		if want := chain.SessionID(id[0], m.chainID, tx.ID()); id != want {
			return refusal.Because(ErrNode, "expected session %s, got %s", want, id)
		}
		return m.updatePair(ctx, p, func(p *pair) { p.Session = id })
	}
}

// findMade takes the session that a pseudonym has made from its leaf.
func (m *Messenger) findMade(ctx context.Context, self *actor) error {
	leaves, _, err := m.identityLeaves(ctx, 0, self.id)
	if err != nil {
		return err
	}
	leaf := leaves[self.id]
	if leaf == nil || leaf.SingleSession == ids.Empty {
		return refusal.Because(ErrNode, "expected the session that %s has made, got none", pq.FormatID(self.id))
	}
	made, err := m.made(ctx, leaf.SingleSession)
	if err != nil {
		return err
	}
	return m.updatePair(ctx, self.pair, func(p *pair) { p.Session, p.Made = leaf.SingleSession, time.UnixMilli(int64(made.Deadline)).UTC() })
}

// answerNonce returns the nonce of the session that answers an invitation. To who does not know the prekey of the
// inviter's seat, which is in the invitation alone, it looks random.
func answerNonce(chainID ids.ID, prekey []byte, maker ids.ID) uint64 {
	hash := sha256.New()
	for _, field := range [][]byte{[]byte("sessionvm/messaging/answer/v1\x00"), chainID[:], maker[:], prekey} {
		hash.Write(field)
	}
	return binary.BigEndian.Uint64(hash.Sum(nil))
}
