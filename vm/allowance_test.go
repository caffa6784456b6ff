package vm

import (
	"fmt"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// TestAllowancesBoundOneIdentityAndComeBack uses each allowance up: the next transaction is
// refused at both doors until the time that the refusal names, and others' are not.
func TestAllowancesBoundOneIdentityAndComeBack(t *testing.T) {
	type made func(c *testChain, who *pq.Identity, n int) *chain.Transaction
	var session ids.ID
	message := func(size int) made {
		return func(c *testChain, who *pq.Identity, n int) *chain.Transaction {
			return c.message(who, session, fmt.Sprintf("%0*d", size, n))
		}
	}
	for name, test := range map[string]struct {
		allow  func(*chain.Allowances)
		reason refusal.Reason
		fits   int
		make   made
		again  time.Duration // until one more
	}{
		"bytes of transactions": {func(a *chain.Allowances) { a.TransactionBytes = chain.Allowance{PerDay: 24 << 20, Burst: 1_800_000} }, refusal.ErrTransactionAllowance, 5, message(300_000), 20 * time.Minute},
		"bytes of state":        {func(a *chain.Allowances) { a.StateBytes = chain.Allowance{PerDay: 240_000, Burst: 185_500} }, refusal.ErrStateAllowance, 246, message(10), 10 * time.Minute},
		"sessions": {func(a *chain.Allowances) { a.Sessions = chain.Allowance{PerDay: 24, Burst: 3} }, refusal.ErrSessionAllowance, 2, func(c *testChain, who *pq.Identity, n int) *chain.Transaction {
			return sign(c.t, who, c.sessionBody(who, who))
		}, time.Hour},
		"rotations": {func(a *chain.Allowances) { a.Keys = chain.Allowance{PerDay: 24, Burst: 2} }, refusal.ErrKeyAllowance, 2, func(c *testChain, who *pq.Identity, n int) *chain.Transaction {
			return sign(c.t, who, &chain.RotateKey{Session: session, Participant: who.ID(), PublicKey: who.Public().KEM, Epoch: uint64(n + 1)})
		}, time.Hour},
		"prekeys": {func(a *chain.Allowances) { a.Keys = chain.Allowance{PerDay: 24, Burst: 2} }, refusal.ErrKeyAllowance, 2, func(c *testChain, who *pq.Identity, n int) *chain.Transaction {
			return sign(c.t, who, &chain.PublishPrekey{Identity: who.ID(), PublicKey: prekey(who, byte(n)), Number: uint64(n + 1), Deadline: c.deadline()})
		}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) {
				g.Allowances = chain.Allowances{}
				test.allow(&g.Allowances)
			})
			alice, bob, opened := c.open2()
			session = opened
			follower := c.peer()
			for n := range test.fits {
				follower.follow(c.accept(test.make(c, alice, n)).Block)
			}
			over := test.make(c, alice, test.fits)
			c.requireUntouched(func() { c.requireRefused(c.submitBytes(over.Bytes()), test.reason) })
			follower.requireUntouched(func() {
				follower.requireRefused(follower.verifyBytes(c.forge(nil, over).Bytes()), test.reason)
			})
			require.ErrorContains(t, c.submitBytes(over.Bytes()), "try again from")
			follower.follow(c.accept(test.make(c, bob, 0)).Block)
			c.clock.advance(test.again)
			follower.follow(c.accept(test.make(c, alice, test.fits)).Block)
			require.Equal(t, c.Snapshot().Header(), follower.Snapshot().Header())
		})
	}
}

// TestAllowancesAreCountedWithinABlock gives a block more of one identity than it may: the
// builder leaves out what exceeds the allowance, and a block that holds it is refused.
func TestAllowancesAreCountedWithinABlock(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Allowances.Sessions = chain.Allowance{PerDay: 24, Burst: 3} })
	alice, _, _ := c.open2() // has made one
	follower := c.peer()
	var creates []*chain.Transaction
	for range 3 {
		creates = append(creates, sign(t, alice, c.sessionBody(alice, alice)))
		require.NoError(t, c.submitBytes(creates[len(creates)-1].Bytes()))
	}
	follower.requireUntouched(func() {
		follower.requireRefused(follower.verifyBytes(c.forge(nil, creates...).Bytes()), refusal.ErrSessionAllowance)
	})
	require.Equal(t, idsOf(creates[:2]), idsOf(c.block().Transactions))
	state, _, err := c.TransactionStatus(creates[2].ID())
	require.Equal(t, TransactionDropped, state)
	require.ErrorIs(t, err, refusal.ErrSessionAllowance)
}

// TestWhatALapsedIdentityHasUsedLeavesTheTree with it.
func TestWhatALapsedIdentityHasUsedLeavesTheTree(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.IdentityDays = 1 })
	alice, _, _ := c.open2()
	_, err := c.Snapshot().Usage(alice.ID())
	require.NoError(t, err)
	c.clock.advance(25 * time.Hour)
	c.accept(c.registration(identity(3)))
	_, err = c.Snapshot().Usage(alice.ID())
	require.ErrorIs(t, err, refusal.ErrNotFound)
}

// TestFreshIdentityBeginsWithAShareOfTheBurst lets the rest come as what was used comes back, and a
// renewal takes nothing away.
func TestFreshIdentityBeginsWithAShareOfTheBurst(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) {
		g.Allowances = chain.Allowances{Sessions: chain.Allowance{PerDay: 24, Burst: 20}, FreshShare: 10}
		g.Limits.IdentityDays = 2
	})
	alice := identity(1)
	c.accept(c.registration(alice))
	follower := c.peer()
	session := func() *chain.Transaction { return sign(t, alice, c.sessionBody(alice, alice)) }
	use := func(count int) {
		t.Helper()
		for range count {
			follower.follow(c.accept(session()).Block)
		}
		over := session()
		c.requireUntouched(func() { c.requireRefused(c.submitBytes(over.Bytes()), refusal.ErrSessionAllowance) })
		follower.requireUntouched(func() {
			follower.requireRefused(follower.verifyBytes(c.forge(nil, over).Bytes()), refusal.ErrSessionAllowance)
		})
	}
	use(2)
	c.clock.advance(3 * time.Hour)
	use(3)
	c.clock.advance(20*time.Hour + 4*time.Hour)
	follower.follow(c.accept(c.registration(alice)).Block) // a renewal
	use(20)
}
