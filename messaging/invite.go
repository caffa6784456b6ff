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
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Invite sends somebody a first message, at most e2ee.MaxInvitationContent bytes, in an invitation to a
// private session of two. The chain does not show who sent it or for whom it is. The other one must have
// published a prekey, else it is ErrPrekey; the node that is asked for that learns whom one looks for.
// The work that pays for it takes a while.
//
// What is sent is stored before it leaves. An error that is ErrQueued says that it is, and Pairs sends it:
// do not call Invite once more. Whether the chain has it is the node's word; the answer shows it.
func (m *Messenger) Invite(ctx context.Context, with ids.ID, content []byte) (Pair, error) {
	if with == m.self {
		return Pair{}, refusal.Because(ErrConfig, "expected another identity than this one")
	}
	to := e2ee.InvitationTo{Chain: m.chainID, Recipient: with}
	err := retry(ctx, func() error {
		leaves, header, err := m.identityLeaves(ctx, 0, with)
		if err == nil {
			err = checkPrekey(with, leaves[with], header)
		}
		if err == nil {
			to.Prekey = leaves[with].Prekey
		}
		return err
	}, errNoPrekey)
	if err != nil {
		return Pair{}, err
	}
	p := &pair{With: with, Begun: m.now().UTC(), Content: slices.Clone(content)}
	if err := m.updatePrivate(ctx, func(kept *privateFile) error { return m.seal(kept, p, to) }); err != nil {
		return Pair{}, err
	}
	if err := m.sendInvite(ctx, p); err != nil {
		return p.public(), refusal.Because(ErrQueued, "%w", err)
	}
	return p.public(), nil
}

// seal makes the invitation of a new pair, with a pseudonym and a prekey of its own.
func (m *Messenger) seal(kept *privateFile, p *pair, to e2ee.InvitationTo) error {
	pseudonym, err := kept.add(m, p)
	if err != nil {
		return err
	}
	prekey, err := e2ee.NewPrekey(nil)
	if err != nil {
		return err
	}
	defer prekey.Wipe()
	envelope, err := e2ee.SealInvitation(nil, m.config.Identity, to, e2ee.Invitation{
		Pseudonym: pseudonym.Public(), Prekey: prekey.Public(), Type: p.Type, Content: p.Content,
	})
	if err != nil {
		return err
	}
	p.Seed, p.Invite = prekey.Seed(), &chain.Invite{Head: envelope.Head, Sealed: envelope.Sealed}
	return nil
}

// add gives a new pair a pseudonym, whose label of 128 random bits no other folder has.
func (f *privateFile) add(m *Messenger, p *pair) (*pq.Identity, error) {
	if len(f.Pairs) >= maxPairs {
		return nil, refusal.Because(ErrBacklog, "expected fewer than %d private sessions", maxPairs)
	}
	p.Label = rand.Text()
	pseudonym, err := m.pseudonym(p.Label)
	if err != nil {
		return nil, err
	}
	p.Self = pseudonym.ID()
	f.Pairs = append(f.Pairs, p)
	return pseudonym, nil
}

// sendInvite submits an invitation that is stored. The same transaction is sent again while its
// deadline lasts, which the chain takes once; after that another one with the same envelope, which its
// recipient takes once.
func (m *Messenger) sendInvite(ctx context.Context, p *pair) error {
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
			deadline, err := m.config.Client.Deadline(ctx)
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
		result, err := m.config.Client.Invite(ctx, p.Invite)
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

// Accept answers an invitation that Invitations has returned: it makes the private session, under a
// pseudonym of this identity, and joins it. Its first events are who invites, and the first message. A
// call that failed may be repeated; Pairs goes on with it too.
func (m *Messenger) Accept(ctx context.Context, invitation ids.ID) (*Session, error) {
	var answer *pair
	err := m.updatePrivate(ctx, func(kept *privateFile) (err error) {
		answer, err = m.answer(kept, invitation)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m.acceptAs(ctx, answer)
}

// acceptAs makes the session that answers an invitation, if the chain was not seen to have it, joins it, and
// sends the proof of who answers. What makes the session is kept until it is joined: that it was accepted
// is a node's word.
func (m *Messenger) acceptAs(ctx context.Context, p *pair) (*Session, error) {
	self, err := m.actorFor(p)
	if err != nil {
		return nil, err
	}
	if p.Session == ids.Empty || p.Create != nil {
		if err := m.sendCreate(ctx, self); err != nil {
			return nil, err
		}
	}
	s, err := m.joinAs(ctx, self, p.Session)
	if err != nil {
		return nil, err
	}
	if p.Create != nil {
		err = m.updatePair(ctx, p, func(p *pair) { p.Create = nil })
	}
	if err == nil {
		_, err = s.Flush(ctx)
	}
	if err != nil && !errors.Is(err, ErrQueued) {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// answer makes the pair that answers an invitation, or returns the one that does.
func (m *Messenger) answer(kept *privateFile, invitation ids.ID) (*pair, error) {
	for _, p := range kept.Pairs {
		if p.Invitation == invitation {
			return p, nil
		}
	}
	at := slices.IndexFunc(kept.Box, func(b *boxed) bool { return b.ID == invitation })
	if at < 0 {
		return nil, refusal.Because(ErrInvitation, "expected one that Invitations has returned, got %s", invitation)
	}
	b := kept.Box[at]
	p := &pair{
		With: b.From, Begun: m.now().UTC(), Type: b.Type, Content: b.Content, Invitation: b.ID, Peer: &b.Pseudonym, Prekey: b.Prekey,
	}
	if _, err := kept.add(m, p); err != nil {
		return nil, err
	}
	kept.Box = slices.Delete(kept.Box, at, at+1)
	return p, nil
}

// makeCreate makes and stores the transaction that makes a pair's session. Nothing in it is of either of
// them but their pseudonyms.
func (m *Messenger) makeCreate(ctx context.Context, self *actor) error {
	p := self.pair
	body := &chain.CreateSession{
		Creator: self.id, Participants: []ids.ID{self.id, p.Peer.ID()}, PublicKeys: [][]byte{self.identity.Public().KEM, p.Peer.KEM},
		Metadata: Metadata(), Nonce: answerNonce(m.chainID, p.Prekey, self.id), Single: true,
	}
	var err error
	if body.Deadline, err = m.config.Client.Deadline(ctx); err != nil {
		return err
	}
	tx, err := self.sign(m.chainID, body)
	if err != nil {
		return err
	}
	return m.updatePair(ctx, p, func(p *pair) { p.Create = tx.Bytes() })
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
	return m.updatePair(ctx, self.pair, func(p *pair) { p.Session = leaf.SingleSession })
}

// Invitation is an invitation to a private session. Who sends it has signed it.
type Invitation struct {
	ID      ids.ID           `json:"invitation"`
	From    ids.ID           `json:"from"`
	Time    time.Time        `json:"timestamp"` // of the block that holds it
	Type    e2ee.ContentType `json:"type,omitempty"`
	Content []byte           `json:"data,omitempty"` // the first message; none of a stranger's
}
