package messaging

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
)

// What private sessions do against the observer, left out one at a time.

// reusesPseudonym: who invites twice does so under one pseudonym.
func reusesPseudonym() rules {
	first := make(map[int]ids.ID) // of each person
	return rules{accepts: func(g *game, j int, by, from *player) {
		b := by.boxedOf(g.t, from)
		if _, again := first[from.number]; !again {
			first[from.number] = b.Seat.ID
		}
		g.creates(by, by.freshActor(g), first[from.number], client.Nonce(), deadlineAt(by, 0))
	}}
}

// answersAsRoot: who answers makes the session as itself.
func answersAsRoot() rules {
	return rules{accepts: func(g *game, j int, by, from *player) {
		g.creates(by, by.root(), by.boxedOf(g.t, from).Seat.ID, client.Nonce(), deadlineAt(by, 0))
	}}
}

// answersWithVisibleNonce: the nonce follows from the prekey that everybody knows, and not from the one in the envelope.
func answersWithVisibleNonce() rules {
	return rules{accepts: func(g *game, j int, by, from *player) {
		leaves, _, err := by.identityLeaves(testContext(g.t), 0, by.Self())
		require.NoError(g.t, err)
		self := by.freshActor(g)
		nonce := answerNonce(by.chainID, leaves[by.Self()].Prekey, self.id)
		g.creates(by, self, by.boxedOf(g.t, from).Seat.ID, nonce, deadlineAt(by, 0))
	}}
}

// invitesByName: who invites says outside of the encryption who it is.
func invitesByName() rules {
	return rules{invites: func(g *game, i int, from, with *player, content []byte) {
		p := g.sealed(from, with, content)
		id := from.Self()
		copy(p.Invite.Sealed, id[:])
		require.NoError(g.t, from.sendInvite(testContext(g.t), p))
	}}
}

// sendsUnpadded: a message is as long as its content, and what stands around it.
func sendsUnpadded() rules {
	return rules{sends: func(g *game, s *Session, content []byte) { g.sendsBare(s.m, s.self, s.id, content) }}
}

// sendsBare sends a message that is as long as its content.
func (g *game) sendsBare(m *Messenger, self *actor, session ids.ID, content []byte) {
	ciphertext := make([]byte, len(content)+e2ee.PaddedSize(0)+49)
	_, _ = rand.Read(ciphertext)
	ciphertext[0] = 0x11
	tx, err := self.sign(m.chainID, &chain.SendMessage{Session: session, Sender: self.id, Ciphertext: ciphertext})
	require.NoError(g.t, err)
	_, err = m.issueAs(testContext(g.t), self, tx.ID(), tx.Bytes(), m.wait)
	require.NoError(g.t, err)
}

// answersAfterAWeek: who is invited was away for a week, publishes a new prekey, and answers at once.
func answersAfterAWeek() rules {
	return rules{accepts: func(g *game, j int, by, from *player) {
		by.Messenger.now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
		require.NoError(g.t, by.publishPrekey(testContext(g.t)))
		by.Messenger.now = time.Now
		by.joined[j] = by.accepts(g.t, from)
		g.ids[j] = by.joined[j].ID()
	}}
}

// readsTheClock: deadlines say to the millisecond what the clock of a device shows, and that of each is off by
// another time.
func readsTheClock() rules {
	return rules{
		invites: func(g *game, i int, from, with *player, content []byte) {
			ctx := testContext(g.t)
			p := g.sealed(from, with, content)
			state, err := from.state(ctx, chain.TotalsKey())
			require.NoError(g.t, err)
			bits, err := from.bucketBits(state)
			require.NoError(g.t, err)
			to := chain.BucketOf(with.Self(), bits[0])
			p.Invite.Bits, p.Invite.Bucket, p.Invite.Deadline = to.Bits, to.Number, deadlineAt(from, off(from))
			require.NoError(g.t, from.sendInvite(ctx, p))
		},
		accepts: func(g *game, j int, by, from *player) {
			g.creates(by, by.freshActor(g), by.boxedOf(g.t, from).Seat.ID, client.Nonce(), deadlineAt(by, off(by)))
		},
	}
}

// off is by how much a person's clock is off.
func off(p *player) time.Duration { return time.Duration(p.number-3) * 10 * time.Second }

// deadlineAt returns a deadline of a clock that is off by some time.
func deadlineAt(p *player, off time.Duration) uint64 {
	half := time.Duration(p.genesis.Limits.TransactionWindow) * time.Second / 2
	return uint64(time.Now().Add(half + off).UnixMilli())
}

// publishAgain publishes a person's prekey once more, with a deadline of its clock.
func (p *player) publishAgain(t testing.TB) {
	leaves, _, err := p.identityLeaves(testContext(t), 0, p.Self())
	require.NoError(t, err)
	own := leaves[p.Self()]
	_, err = p.act(testContext(t), &chain.PublishPrekey{
		Identity: p.Self(), PublicKey: own.Prekey, Number: own.PrekeyNumber + 1, Deadline: deadlineAt(p, off(p)),
	})
	require.NoError(t, err)
}

// sealed makes an invitation that is to be sent.
func (g *game) sealed(from, with *player, content []byte) *pair {
	ctx := testContext(g.t)
	leaves, _, err := from.identityLeaves(ctx, 0, with.Self())
	require.NoError(g.t, err)
	p := &pair{With: with.Self(), Said: []Said{{Content: content}}}
	to := e2ee.InvitationTo{Chain: from.chainID, Recipient: with.Self(), Prekey: leaves[with.Self()].Prekey}
	require.NoError(g.t, from.updatePrivate(ctx, func(kept *privateFile) error { return from.seal(kept, p, to) }))
	return p
}

// freshActor is a pseudonym of a person.
func (p *player) freshActor(g *game) *actor {
	identity, err := p.pseudonym(rand.Text())
	require.NoError(g.t, err)
	return &actor{id: identity.ID(), identity: identity, pair: new(pair)}
}

// creates makes a session that answers.
func (g *game) creates(by *player, self *actor, peer ids.ID, nonce, deadline uint64) {
	g.createsOf(by, self, []ids.ID{self.id, peer}, nonce, deadline)
}

// createsOf makes a session of some participants, and returns its ID. Where it lists keys, all are its maker's.
func (g *game) createsOf(by *player, self *actor, of []ids.ID, nonce, deadline uint64) ids.ID {
	body := &chain.CreateSession{Creator: self.id, Participants: of, Metadata: Metadata(), Nonce: nonce, Deadline: deadline, Single: self.pair != nil}
	for range of {
		if !body.Single {
			body.PublicKeys = append(body.PublicKeys, self.identity.Public().KEM)
		}
	}
	tx, err := self.sign(by.chainID, body)
	require.NoError(g.t, err)
	accepted, err := by.issueAs(testContext(g.t), self, tx.ID(), tx.Bytes(), by.wait)
	require.NoError(g.t, err)
	return accepted.SessionID
}
