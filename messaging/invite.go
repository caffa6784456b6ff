package messaging

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// Invite sends somebody a text, at most e2ee.MaxInvitationContent bytes, in an invitation to a private session
// of two. The chain does not show who sent it or for whom it is. The other one must have published a prekey,
// else it is ErrPrekey; the node that is asked for that learns whom one looks for. The work that pays for it
// takes a while.
//
// What is sent is stored before it leaves. An error that is ErrQueued says that it is, and Pairs sends it:
// do not call Invite once more. Whether the chain has it is the node's word; the answer shows it. More may be
// said in further invitations before that: who answers takes all of them with one session.
func (m *Messenger) Invite(ctx context.Context, with ids.ID, content []byte) (Pair, error) {
	return m.InviteAs(ctx, with, &Draft{Content: content})
}

// InviteAs is Invite for a draft. One of whose Origin there is an invitation already is not sent again.
func (m *Messenger) InviteAs(ctx context.Context, with ids.ID, draft *Draft) (Pair, error) {
	if with == m.self {
		return Pair{}, refusal.Because(ErrConfig, "expected another identity than this one")
	}
	if size := len(draft.Content); size > e2ee.MaxInvitationContent {
		return Pair{}, refusal.Because(e2ee.ErrSize, "expected at most %d bytes in an invitation, got %d", e2ee.MaxInvitationContent, size)
	}
	to, err := m.recipient(ctx, with)
	if err != nil {
		return Pair{}, err
	}
	var p *pair
	err = m.updatePrivate(ctx, func(kept *privateFile) (err error) { p, err = m.draftPair(kept, to, draft); return err })
	if err != nil {
		return Pair{}, err
	}
	if err := m.waits(p.Due); err != nil {
		return p.public(), err
	}
	if p.Invite != nil {
		if err := m.sendInvite(ctx, p); err != nil {
			return p.public(), refusal.Because(ErrQueued, "%w", err)
		}
	}
	return p.public(), nil
}

// draftPair makes the pair of a draft, or returns the one that there is of its origin.
func (m *Messenger) draftPair(kept *privateFile, to recipient, draft *Draft) (*pair, error) {
	at := slices.IndexFunc(kept.Pairs, func(p *pair) bool { return draft.Origin != "" && p.Origin == draft.Origin })
	if at >= 0 {
		return kept.Pairs[at], nil
	}
	now := m.now().UTC()
	p := &pair{With: to.Recipient, Key: to.key, Begun: now, Due: m.due(), Origin: draft.Origin, Said: []Said{{now, draft.Type, slices.Clone(draft.Content)}}}
	return p, m.seal(kept, p, to.InvitationTo)
}

// recipient is what an invitation is sealed to, and the ML-DSA key of whom it is for.
type recipient struct {
	e2ee.InvitationTo
	key []byte
}

// recipient returns what an invitation to an identity is sealed to, which is proven.
func (m *Messenger) recipient(ctx context.Context, with ids.ID) (to recipient, err error) {
	m, err = m.overNew()
	if err != nil {
		return to, err
	}
	to.Chain, to.Recipient = m.chainID, with
	err = retry(ctx, func() error {
		leaves, header, err := m.identityLeaves(ctx, 0, with)
		if err == nil {
			err = checkPrekey(with, leaves[with], header)
		}
		if err == nil {
			to.Prekey, to.key = leaves[with].Prekey, leaves[with].DSAPublicKey
		}
		return err
	}, errNoPrekey)
	return to, err
}

// seal makes the invitation of a pair, with a seat of its own, which stays the same if it is sealed again.
func (m *Messenger) seal(kept *privateFile, p *pair, to e2ee.InvitationTo) error {
	if p.Label == "" {
		if err := kept.add(m, p); err != nil {
			return err
		}
	}
	if p.Seat == nil {
		var err error
		if p.Seat, err = m.newSeat(); err != nil {
			return err
		}
	}
	seat, err := p.seat()
	if err != nil {
		return err
	}
	envelope, err := e2ee.SealInvitation(nil, m.config.Identity, to, e2ee.Invitation{Seat: seat, Type: p.Said[0].Type, Content: p.Said[0].Content})
	if err != nil {
		return err
	}
	p.Sealed, p.Invite = m.now().UTC(), &chain.Invite{Head: envelope.Head, Sealed: envelope.Sealed}
	return nil
}

// sealAgain seals an invitation that was not sent for so long that its recipient may have erased what opens it.
func (m *Messenger) sealAgain(ctx context.Context, p *pair) error {
	to, err := m.recipient(ctx, p.With)
	if err != nil {
		return err
	}
	if err := m.seal(nil, p, to.InvitationTo); err != nil {
		return err
	}
	invite, sealed := p.Invite, p.Sealed
	return m.updatePair(ctx, p, func(p *pair) { p.Invite, p.Sealed = invite, sealed })
}

// newLabel returns a label of a pseudonym: 128 random bits, which no other folder has.
func newLabel() string { return rand.Text() }

// newID returns a random ID.
func newID() (id ids.ID) {
	_, _ = rand.Read(id[:]) // it never fails
	return id
}

// add gives a new pair a pseudonym.
func (f *privateFile) add(m *Messenger, p *pair) error {
	if len(f.Pairs) >= maxPairs {
		return refusal.Because(ErrBacklog, "expected fewer than %d private sessions", maxPairs)
	}
	p.Label = newLabel()
	pseudonym, err := m.pseudonym(p.Label)
	if err != nil {
		return err
	}
	p.Self = pseudonym.ID()
	f.Pairs = append(f.Pairs, p)
	return nil
}

// sendInvite submits an invitation that is stored. The same transaction is sent again while its
// deadline lasts, which the chain takes once; after that another one with the same envelope, which its
// recipient takes once.
func (m *Messenger) sendInvite(ctx context.Context, p *pair) error {
	m, err := m.overNew()
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		if p.Invite.Deadline == 0 {
			state, err := m.state(ctx, chain.TotalsKey())
			if err != nil {
				return err
			}
			bits, err := m.bucketBits(state)
			if err != nil {
				return err
			}
			deadline, err := m.client.Deadline(ctx)
			if err != nil {
				return err
			}
			bucket := chain.BucketOf(p.With, bits[0])
			err = m.updatePair(ctx, p, func(p *pair) {
				p.Invite.Bits, p.Invite.Bucket, p.Invite.Deadline = bucket.Bits, bucket.Number, deadline
			})
			if err != nil {
				return err
			}
		}
		result, err := m.client.Invite(ctx, p.Invite)
		if passed := errors.Is(err, refusal.ErrDeadlinePassed) || errors.Is(err, refusal.ErrBucketBits); passed && try == 0 {
			p.Invite.Deadline = 0
			continue
		}
		if err == nil && result.Status != client.TransactionAccepted {
			err = refusal.ErrWaitTimeout
		}
		if err != nil {
			return err
		}
		return m.updatePair(ctx, p, func(p *pair) { p.Invite = nil })
	}
}

// bucketBits returns how many bits of a recipient's ID an invitation shows now, and did before, by the Totals of
// a state.
func (m *Messenger) bucketBits(state *lightclient.State) ([2]uint64, error) {
	totals, err := leafOf(state, chain.TotalsKey(), chain.ParseTotals)
	if err != nil {
		return [2]uint64{}, err
	}
	return totals.BucketBitsAt(m.genesis, state.Header.Timestamp), nil
}

// findAnswer looks among the sessions that name a pseudonym for the one whose maker has the invitation, and
// has proven to be who was invited. Who has seen the pseudonym on the chain can make the others.
func (m *Messenger) findAnswer(ctx context.Context, p *pair) error {
	self, err := m.actorFor(p)
	if err == nil {
		m, err = m.over(self.id)
	}
	if err != nil {
		return err
	}
	var candidates []ids.ID
	err = m.client.EachSession(ctx, client.ListSessionsParams{Participant: self.id, Requests: true}, answerPages, func(s *client.SessionSummary) bool {
		if (len(s.Participants) == 2 || p.Group != ids.Empty) && s.Creator != ids.Empty && s.Creator == s.Participants[0] { // as acceptAs makes it
			candidates = append(candidates, s.ID)
		}
		return true
	})
	if err != nil && !errors.Is(err, client.ErrListCut) {
		return err
	}
	slices.Reverse(candidates) // the oldest first
	var failed []error
	for _, id := range candidates[:min(maxAnswers, len(candidates))] {
		created, err := m.answers(ctx, self, id)
		if !created.IsZero() {
			return m.updatePrivate(ctx, func(kept *privateFile) error { kept.answered(p, id, created, m.now()); return nil })
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// answered notes the session that answers an invitation of this identity. What its earlier ones to the same
// person say goes there too: who answers takes them together. Their answers are looked for nevertheless, once a day.
func (f *privateFile) answered(p *pair, session ids.ID, created, now time.Time) {
	at := slices.IndexFunc(f.Pairs, func(other *pair) bool { return other.Self == p.Self })
	if at < 0 {
		return
	}
	kept := f.Pairs[at]
	next := f.nextRound(kept.Group) // of a group, which may have gone on meanwhile
	kept.Session, kept.Made = session, created
	if kept.Group != ids.Empty {
		kept.Main, kept.Said, kept.Round = true, nil, next
		*p = *kept
		return
	}
	for _, other := range f.Pairs {
		if other != kept && other.With == kept.With && other.Peer == nil && other.Session == ids.Empty && other.Invite == nil && other.Begun.Before(kept.Begun) {
			kept.Said, other.Said, other.Looked = append(kept.Said, other.Said...), nil, now
		}
	}
	kept.sortSaid()
	*p = *kept
}

// answers returns when a session was made if it answers an invitation: its maker has the invitation, and,
// under a pseudonym, has shown in the session to be who was invited. Zero if it does not.
func (m *Messenger) answers(ctx context.Context, self *actor, id ids.ID) (created time.Time, err error) {
	made, err := m.made(ctx, id)
	if err != nil {
		return created, err
	}
	if self.pair.Group == ids.Empty {
		seat, err := self.pair.seat()
		if err != nil || made.Nonce != answerNonce(m.chainID, seat.Prekey, made.Creator) {
			return created, err
		}
	}
	s, err := m.joinAs(ctx, self, id)
	if err != nil {
		return created, err
	}
	defer s.Close()
	for more := true; more; { // what is said in it is left for the one who joins it
		if more, err = s.poll(ctx, 0); err != nil {
			return created, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	shown := func(e Event) bool {
		return e.Kind == KindRevealed && e.Sender == s.record.Creator && e.Identity == self.pair.With
	}
	if self.pair.Group != ids.Empty && s.record.Roster != nil || self.pair.Group == ids.Empty && slices.ContainsFunc(s.record.Inbox, shown) {
		created = s.record.created()
	}
	return created, nil
}
