package vm

import (
	"context"
	"fmt"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// smallBudget makes blocks so small that the sweeps of one block are few.
func smallBudget(genesis *chain.Genesis) {
	genesis.SessionTTL = 3600
	genesis.RetentionDays = 1
	limits := &genesis.Limits
	limits.MaxBlockBytes = 16 << 10
	limits.MaxBlockTransactions = 2
	limits.MaxBlockPendingSessions = 1
	limits.MaxBlockRegistrations = 1
	limits.MaxParticipants = 8
	limits.PendingTTL = 60
	limits.IdentityDays = 1
}

// swept returns how many records the sweeps have visited and passed, in all.
func swept(totals *chain.Totals) uint64 {
	return totals.MessagesSwept + totals.PendingSwept + totals.ExpirySwept + totals.SessionsSwept + totals.IdentitiesSwept + totals.ChannelsSwept
}

// acceptFrom verifies and accepts a block of another chain's.
func (c *testChain) acceptFrom(other *Block) {
	c.t.Helper()
	ctx := context.Background()
	blk, err := c.ParseBlock(ctx, other.Bytes())
	require.NoError(c.t, err)
	require.NoError(c.t, blk.Verify(ctx))
	require.NoError(c.t, blk.Accept(ctx))
}

func TestSweepsAreBoundedForEachBlockAndTheSameAfterARestart(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, smallBudget)
	follower := &testChain{t: t, clock: c.clock, db: dbm.NewMemDB(), genesis: c.genesis}
	follower.open()
	blocks := []*chain.Block{c.last()}
	accept := func(transactions ...*chain.Transaction) {
		t.Helper()
		blk := c.accept(transactions...)
		follower.acceptFrom(blk)
		blocks = append(blocks, blk.Block)
	}
	alice, bob := identity(1), identity(2)
	accept(c.registration(alice))
	accept(c.registration(bob))
	for n := range 12 {
		create := sign(t, alice, c.sessionBody(alice, alice, bob))
		accept(create, sign(t, nil, c.sessionBody(nil, bob, alice)))
		session := c.sessionID(create)
		for message := range 4 {
			accept(c.message(alice, session, fmt.Sprint("alice ", message)), c.message(bob, session, fmt.Sprint("bob ", message)))
		}
		accept(
			c.receipt(bob, session, 8),
			sign(t, bob, &chain.CreateChannel{Owner: bob.ID(), Nonce: uint64(n), Deadline: c.deadline()}))
	}
	session := blocks[3].Transactions[0]

	made, before := c.totals(), swept(c.totals())
	require.EqualValues(t, 96, made.Messages)
	budget := uint64(c.Genesis().SweepBudget())
	require.Less(t, budget, made.Messages, "more than one block can sweep")
	c.clock.advance(26 * time.Hour) // everything is past its time

	rounds := 0
	for ; c.totals().ChannelsSwept < made.Channels; rounds++ {
		require.Less(t, rounds, 20, "the sweeps come to an end")
		if rounds == 1 { // what is not swept yet has lapsed all the same
			require.ErrorIs(t, c.Submit(ctx, c.message(alice, c.sessionID(session), "too late"), ""), refusal.ErrNotRegistered)
			accept(c.registration(alice))
			require.ErrorIs(t, c.Submit(ctx, c.message(alice, c.sessionID(session), "too late"), ""), refusal.ErrSessionExpired)
		} else {
			accept(c.registration(identity(100 + rounds)))
		}
		now := swept(c.totals())
		require.LessOrEqual(t, now-before, budget, "records in block %d", c.last().Header.Height)
		if c.totals().ChannelsSwept < made.Channels {
			require.GreaterOrEqual(t, now-before+c.Genesis().Limits.MaxParticipants*8, budget, "the budget is used")
		}
		before = now
		if rounds%2 == 0 {
			require.NoError(t, follower.Shutdown(ctx))
			follower.open()
		}
		require.Equal(t, c.Snapshot().Header(), follower.Snapshot().Header())
	}
	require.Greater(t, rounds, 3)
	totals := c.totals()
	require.Equal(t, made.Messages, totals.MessagesSwept)
	require.Equal(t, made.Sessions, totals.SessionsSwept)
	require.Zero(t, totals.ActiveSessions+totals.PendingSessions+totals.LiveChannels)
	require.EqualValues(t, rounds, totals.LiveIdentities)
	require.EqualValues(t, 2+rounds, c.Snapshot().Leaves(), "the totals, the new identities, and what alice has used, who renewed")
	require.NoError(t, follower.Shutdown(ctx))
	requireConsistentDatabase(t, follower.db, blocks)
}

// TestSweepsKeepUpWithFullBlocks fills every block with what takes most sweeping, sessions
// of as many participants as fit, for longer than they live.
func TestSweepsKeepUpWithFullBlocks(t *testing.T) {
	c := startChain(t, smallBudget)
	alice := identity(1)
	c.accept(c.registration(alice))
	participants := []*pq.Identity{alice}
	for n := range 7 {
		participants = append(participants, identity(10+n))
	}
	const lifetime = 25 // hours: a session's TTL and retention
	for hour := range 3 * lifetime {
		c.clock.advance(time.Hour)
		if hour%12 == 11 {
			c.accept(c.registration(alice)) // renewed
		}
		c.accept(sign(t, alice, c.sessionBody(alice, participants...)), sign(t, nil, c.sessionBody(nil, alice, participants[1])))
		totals := c.totals()
		require.LessOrEqual(t, totals.Sessions-totals.SessionsSwept, uint64(2*(lifetime+1)), "sessions in the tree after %d hours", hour)
		require.LessOrEqual(t, totals.PendingSessions, uint64(1))
	}
	require.Positive(t, c.totals().SessionsSwept)
}

// sweep lets go of everything whose time has come: the oracle has no budget.
func (o *oracle) sweep() (swept int) {
	for o.messagesSwept < len(o.messages) && o.messages[o.messagesSwept].timestamp+o.retention() <= o.now {
		delete(o.transactions, o.messages[o.messagesSwept].id)
		o.messagesSwept++
		swept++
	}
	for id, session := range o.sessions {
		switch {
		case session.status == chain.SessionPending && session.created+o.genesis.Limits.PendingTTL*1000 <= o.now,
			session.expires+o.retention() <= o.now:
			delete(o.sessions, id)
			for _, participant := range session.participants {
				delete(o.receipts, [2]ids.ID{id, participant})
			}
			swept++
		case session.status == chain.SessionActive && session.expires <= o.now:
			session.status = chain.SessionExpired
			o.sessions[id] = session
			swept++
		}
	}
	for id, identity := range o.identities {
		if identity.since+o.identityLife() <= o.now {
			delete(o.identities, id)
			swept++
		}
	}
	for id, channel := range o.channels {
		if channel.active+o.retention() <= o.now {
			o.removeChannel(id)
			swept++
		}
	}
	return swept + o.sweepValidatorKeys() + o.walk()
}

// walk advances the counters of the walks: each passes over what is gone and stops at the
// first record whose time has not come.
func (o *oracle) walk() (evicted int) {
	limits := o.genesis.Limits
	for o.pendingSwept < len(o.sessionsMade) {
		session, ok := o.sessions[o.sessionsMade[o.pendingSwept]]
		if ok && session.created+limits.PendingTTL*1000 > o.now {
			if pending := o.pendingSessions(); pending == 0 || pending+limits.MaxBlockPendingSessions <= limits.MaxPendingSessions {
				break
			}
			if session.status == chain.SessionPending {
				delete(o.sessions, o.sessionsMade[o.pendingSwept])
				evicted++
			}
		}
		o.pendingSwept++
	}
	for o.expirySwept < o.pendingSwept {
		session, ok := o.sessions[o.sessionsMade[o.expirySwept]]
		if ok && session.expires > o.now {
			break
		}
		o.expirySwept++
	}
	for o.sessionsSwept < o.expirySwept {
		if _, ok := o.sessions[o.sessionsMade[o.sessionsSwept]]; ok {
			break
		}
		o.sessionsSwept++
	}
	for o.identitiesSwept < len(o.registrations) {
		identity, ok := o.identities[o.registrations[o.identitiesSwept]]
		if ok && identity.number == o.identitiesSwept+1 {
			break
		}
		o.identitiesSwept++
	}
	for o.channelsSwept < len(o.channelEvents) {
		channel, ok := o.channels[o.channelEvents[o.channelsSwept]]
		if ok && channel.number == o.channelsSwept+1 {
			break
		}
		o.channelsSwept++
	}
	return evicted
}
