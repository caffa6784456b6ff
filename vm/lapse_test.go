package vm

import (
	"fmt"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestRegistrationLapsesUnlessItIsRenewed(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.IdentityDays = 2 })
	alice, bob := identity(1), identity(2)
	c.accept(c.registration(alice), c.registration(bob))
	follower := c.peer()
	c.clock.advance(24*time.Hour - time.Millisecond)
	c.refuseNow(c.registration(alice), refusal.ErrIdentityRenewal)
	c.clock.advance(time.Millisecond)
	follower.follow(c.accept(c.registration(alice)).Block)
	require.EqualValues(t, 2, c.totals().LiveIdentities)

	c.clock.advance(24*time.Hour - time.Millisecond)
	create := sign(t, bob, c.sessionBody(bob, alice, bob))
	follower.follow(c.accept(create).Block)
	c.clock.advance(time.Millisecond) // two days after bob's registration, one after alice's renewal
	session := c.sessionID(create)
	late := c.message(bob, session, "late")
	c.refuseNow(late, refusal.ErrNotRegistered)
	follower.requireRefused(follower.verifyBytes(c.forge(nil, late).Bytes()), refusal.ErrNotRegistered)
	follower.follow(c.accept(c.message(alice, session, "renewed")).Block)
	_, err := follower.Snapshot().Identity(bob.ID())
	require.ErrorIs(t, err, refusal.ErrNotFound)
	require.EqualValues(t, 1, c.totals().LiveIdentities)

	// Who has lapsed may come back, and go on where it was.
	follower.follow(c.accept(c.registration(bob)).Block)
	follower.follow(c.accept(late).Block)
	require.EqualValues(t, 2, c.totals().LiveIdentities)
}

func TestChannelLapsesWithoutAnEvent(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.RetentionDays = 1
		g.MaxChannels = 2
	})
	alice, bob, _ := c.open2()
	carol := identity(3)
	idle, idleID := c.channelOf(alice, bob)
	busy, busyID := c.channelOf(alice, bob)
	c.accept(c.registration(carol), idle, busy)
	follower := c.peer()
	third, _ := c.channelOf(alice)
	c.refuseNow(third, refusal.ErrChannelLimit)

	const half = 12 * time.Hour
	events := []func() *chain.Transaction{
		func() *chain.Transaction {
			return sign(t, alice, &chain.AddMember{Channel: busyID, Owner: alice.ID(), Member: carol.ID(), Version: 1})
		},
		func() *chain.Transaction {
			return sign(t, bob, c.channelSessionBody(bob, busyID, alice, bob, carol))
		},
		func() *chain.Transaction {
			return sign(t, carol, &chain.RemoveMember{Channel: busyID, Remover: carol.ID(), Member: carol.ID(), Version: 2})
		},
	}
	for n, event := range events {
		c.clock.advance(half)
		follower.follow(c.accept(event()).Block)
		_, err := follower.Snapshot().Channel(busyID)
		require.NoError(t, err)
		if _, err = follower.Snapshot().Channel(idleID); n == 0 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, refusal.ErrNotFound)
		}
	}
	require.EqualValues(t, 1, c.totals().LiveChannels)
	// The owner has room for another one.
	third, thirdID := c.channelOf(alice)
	follower.follow(c.accept(third).Block)
	c.clock.advance(24 * time.Hour)
	c.tick(follower)
	for _, id := range []ids.ID{busyID, thirdID} {
		_, err := follower.Snapshot().Channel(id)
		require.ErrorIs(t, err, refusal.ErrNotFound)
	}
	identity, err := c.Snapshot().Identity(alice.ID())
	require.NoError(t, err)
	require.Zero(t, identity.Channels)
	require.Zero(t, c.totals().LiveChannels)
}

func TestRenewalKeepsTheCountOfChannels(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.Limits.IdentityDays = 2
		g.MaxChannels = 1
	})
	alice, bob, _ := c.open2()
	first, _ := c.channelOf(alice, bob)
	c.accept(first)
	c.clock.advance(24 * time.Hour)
	c.accept(c.registration(alice))
	second, _ := c.channelOf(alice, bob)
	c.refuseNow(second, refusal.ErrChannelLimit)
}

// TestSweepsOfABlockAreBoundedAndCatchUp lets more records lapse at once than a block may
// visit.
func TestSweepsOfABlockAreBoundedAndCatchUp(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.SessionTTL, g.RetentionDays = 3600, 1
		g.Limits.MaxBlockBytes = 16 << 10
		g.Limits.MaxBlockTransactions = 2
		g.Limits.MaxBlockPendingSessions = 2
		g.Limits.MaxBlockRegistrations = 2
	})
	alice, _, session := c.open2()
	const messages = 60
	for n := 0; n < messages; n += 2 {
		c.accept(c.message(alice, session, fmt.Sprint(n)), c.message(alice, session, fmt.Sprint(n+1)))
	}
	plain := sign(t, nil, c.sessionBody(nil, alice))
	c.accept(plain)
	follower := c.peer()
	budget := uint64(c.VM.genesis.SweepBudget())
	require.Less(t, budget, uint64(messages))
	c.clock.advance(48 * time.Hour)
	require.Equal(t, chain.SessionActive, c.session(session).Status, "no block has come yet")
	for blocks := 1; ; blocks++ {
		before := c.totals()
		// Records that no sweep has come to are over all the same.
		c.refuseNow(c.message(alice, session, "late"), map[bool]refusal.Reason{true: refusal.ErrSessionExpired, false: refusal.ErrUnknownSession}[before.SessionsSwept == 0])
		c.tick(follower)
		after := c.totals()
		swept := after.MessagesSwept - before.MessagesSwept + after.SessionsSwept - before.SessionsSwept
		require.LessOrEqual(t, swept, budget)
		if after.SessionsSwept == after.Sessions {
			require.EqualValues(t, messages, after.MessagesSwept)
			require.Greater(t, blocks, 1)
			break
		}
		require.Positive(t, after.MessagesSwept-before.MessagesSwept+after.PendingSwept-before.PendingSwept+
			after.ExpirySwept-before.ExpirySwept+after.SessionsSwept-before.SessionsSwept, "the sweeps have stopped")
		require.Less(t, blocks, 20)
	}
	require.Zero(t, c.totals().ActiveSessions)
	require.Zero(t, c.totals().PendingSessions)
}
