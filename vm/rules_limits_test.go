package vm

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestTransactionTwiceInOneBlockIsRefused(t *testing.T) {
	s := newScene(t)
	for _, tx := range []*chain.Transaction{
		s.producer.message(s.alice, s.open, "once"),
		sign(t, nil, s.producer.sessionBody(nil, s.alice, s.bob)),
		s.good(),
	} {
		again := tx
		if tx.Body.Actor() != ids.Empty {
			again = s.withSignature(tx.Body, make([]byte, chain.SignatureSize)) // the ID leaves the signature out
		}
		s.follower.requireUntouched(func() {
			s.follower.requireRefused(s.follower.verifyBytes(s.producer.forge(nil, tx, tx).Bytes()), refusal.ErrDuplicate)
			s.follower.requireRefused(s.follower.verifyBytes(s.producer.forge(nil, tx, again).Bytes()), refusal.ErrDuplicate)
		})
	}
}

// TestBlockLimitsOfWhatNobodySigns shows that plain sessions and registrations beyond the
// bound of a block wait for the next one, and that a block with more is refused.
func TestBlockLimitsOfWhatNobodySigns(t *testing.T) {
	for _, test := range []struct {
		name   string
		reason refusal.Reason
		make   func(c *testChain, n int) *chain.Transaction
	}{
		{"plain sessions", refusal.ErrPendingBlockLimit, func(c *testChain, n int) *chain.Transaction {
			return sign(c.t, nil, c.sessionBody(nil, identity(1), identity(2)))
		}},
		{"registrations", refusal.ErrIdentityBlockLimit, func(c *testChain, n int) *chain.Transaction { return c.registration(identity(n)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) {
				g.Limits.MaxBlockPendingSessions = 2
				g.Limits.MaxBlockRegistrations = 2
			})
			follower := c.peer()
			var transactions []*chain.Transaction
			for n := range 5 {
				transactions = append(transactions, test.make(c, n))
				require.NoError(t, c.Submit(context.Background(), transactions[n], ""))
			}
			follower.requireUntouched(func() {
				follower.requireRefused(follower.verifyBytes(c.forge(nil, transactions[:3]...).Bytes()), test.reason)
			})
			for _, want := range []int{2, 2, 1} {
				blk := c.block()
				require.Len(t, blk.Transactions, want)
				follower.follow(blk.Block)
			}
			for _, tx := range transactions {
				_, inclusion, err := follower.Transaction(tx.ID())
				require.NoError(t, err)
				require.NotZero(t, inclusion.Height)
			}
		})
	}
}

// TestOldestPendingSessionGivesWay takes all the room for pending sessions: others still get in, and
// each stays for as many blocks as there are blocks' worth of room.
func TestOldestPendingSessionGivesWay(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.Limits.MaxPendingSessions = 4
		g.Limits.MaxBlockPendingSessions = 2
	})
	alice, bob := identity(1), identity(2)
	c.accept(c.registration(alice))
	follower := c.peer()
	var sessions []ids.ID
	block := func(signed ...*chain.Transaction) {
		for range 2 {
			plain := sign(t, nil, c.sessionBody(nil, alice, bob))
			sessions = append(sessions, c.sessionID(plain))
			signed = append(signed, plain)
		}
		follower.follow(c.accept(signed...).Block)
		require.LessOrEqual(t, c.totals().PendingSessions, uint64(4))
	}
	for n := range 5 {
		block(sign(t, alice, c.sessionBody(alice, alice, bob)))
		for i, id := range sessions {
			_, err := c.Snapshot().Session(id)
			require.Equal(t, i < 2*(n-1), err != nil, "session %d after block %d: %v", i, n, err)
		}
	}
	acted := sessions[len(sessions)-1]
	block(c.message(alice, acted, "hello"))
	block()
	block()
	require.Equal(t, chain.SessionActive, c.session(acted).Status, "a participant's first act keeps it")
}

func TestIdentitiesOfTheChainAreBounded(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.Limits.MaxIdentities = 2
		g.Limits.IdentityDays = 1
	})
	c.accept(c.registration(identity(1)), c.registration(identity(2)))
	follower := c.peer()
	third := c.registration(identity(3))
	c.requireRefused(c.submitBytes(third.Bytes()), refusal.ErrIdentityLimit)
	follower.requireUntouched(func() {
		follower.requireRefused(follower.verifyBytes(c.forge(nil, third).Bytes()), refusal.ErrIdentityLimit)
	})
	// A renewal is no new identity.
	c.clock.advance(12 * time.Hour)
	follower.follow(c.accept(c.registration(identity(1))).Block)
	// The second lapses and makes room.
	c.clock.advance(12 * time.Hour)
	follower.follow(c.accept(sign(t, identity(1), c.sessionBody(identity(1), identity(1)))).Block)
	follower.follow(c.accept(c.registration(identity(3))).Block)
}

func TestPlainSessionsCanBeForbidden(t *testing.T) {
	for name, forbid := range map[string]struct {
		reason refusal.Reason
		change func(*chain.Genesis)
	}{
		"requireSignedSessions":     {refusal.ErrSignatureRequired, func(g *chain.Genesis) { g.RequireSignedSessions = true }},
		"maxPendingSessions 0":      {refusal.ErrPendingBlockLimit, func(g *chain.Genesis) { g.Limits.MaxPendingSessions = 0 }},
		"maxBlockPendingSessions 0": {refusal.ErrPendingBlockLimit, func(g *chain.Genesis) { g.Limits.MaxBlockPendingSessions = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			c := startChain(t, forbid.change)
			alice, bob := identity(1), identity(2)
			c.accept(c.registration(alice))
			follower := c.peer()
			plain := sign(t, nil, c.sessionBody(nil, alice, bob))
			c.requireUntouched(func() { c.requireRefused(c.submitBytes(plain.Bytes()), forbid.reason) })
			follower.requireUntouched(func() {
				follower.requireRefused(follower.verifyBytes(c.forge(nil, plain).Bytes()), forbid.reason)
			})
			follower.follow(c.accept(sign(t, alice, c.sessionBody(alice, alice, bob))).Block)
		})
	}
}

// TestLargestTransactionFitsIntoABlock shows that what admission lets in can be built: a
// transaction that no block has room for would keep all others waiting for ever.
func TestLargestTransactionFitsIntoABlock(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxBlockBytes = 16 << 10 })
	alice, _, session := c.open2()
	follower := c.peer()
	overhead := len(c.message(alice, session, strings.Repeat("x", 200)).Bytes()) - 200
	limit := 16<<10 - chain.MaxHeaderBytes
	admitted := 0
	for size := limit - 12; size <= limit+1; size++ {
		tx := c.message(alice, session, strings.Repeat("x", size-overhead-1))
		require.InDelta(t, size, len(tx.Bytes()), 1)
		if err := c.submitBytes(tx.Bytes()); err != nil {
			c.requireRefused(err, refusal.ErrTransactionTooLarge)
			follower.requireUntouched(func() {
				require.Error(t, follower.verifyBytes(c.forge(nil, tx).Bytes()))
			})
			continue
		}
		admitted++
		follower.follow(c.block().Block)
		require.NoError(t, c.ready())
	}
	require.Positive(t, admitted)
	require.Less(t, admitted, 14)
}
