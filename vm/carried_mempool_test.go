package vm

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// TestNothingCarriedEntersWithoutItsPrice, and one price fills no mempool.
func TestNothingCarriedEntersWithoutItsPrice(t *testing.T) {
	const bits = 8
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: bits}
	})
	r.clock.advance(time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second)
	alice := identity(1)
	paid := r.workedFor(alice, bits, true)
	act := func() *chain.Transaction { return sign(t, alice, r.sessionBody(alice, alice)) }
	verified := r.verifier.verified.Load()
	r.refuseNow(carry(t, act(), carried(alice)), refusal.ErrWork)
	require.Equal(t, verified, r.verifier.verified.Load(), "refused before a signature is checked")

	own := r.config.Mempool.MaxPerSender / ownRegistrations
	acts := make([]*chain.Transaction, own)
	for n := range acts {
		acts[n] = act()
		require.NoError(t, r.submitBytes(carry(t, acts[n], paid).Bytes()))
	}
	requireMempool(t, r.mempool)
	r.refuseNow(carry(t, act(), paid), refusal.ErrMempoolSender)
	alone := *paid
	alone.Deadline = r.deadline()
	r.refuseNow(sign(t, nil, &alone), refusal.ErrMempoolSender)
	bob := identity(2)
	require.NoError(t, r.submitBytes(carry(t, sign(t, bob, r.sessionBody(bob, bob)), r.workedFor(bob, bits, true)).Bytes()), "others have their own")

	built := r.block()
	require.Len(t, built.Transactions, own+1)
	registrations := 0
	for _, tx := range built.Transactions {
		if tx.Registration != nil {
			registrations++
		}
	}
	require.Equal(t, 2, registrations, "the others need theirs no more")
	r.follower.follow(built.Block)
	require.Empty(t, r.MempoolIDs())
	requireMempool(t, r.mempool)
}

// TestALargeTransactionTakesNoPlacesOfRegistrations: a large transaction has its registration alone among the
// registrations that wait.
func TestALargeTransactionTakesNoPlacesOfRegistrations(t *testing.T) {
	r := startRegistered(t, nil)
	r.reopen(`{"mempool":{"maxTransactions":1024,"maxBytes":2097152,"maxPerSender":64}}`)
	alice := identity(1)
	r.accept(r.registration(alice))
	var people []*pq.Identity
	for n := range 6 {
		people = append(people, identity(40+n))
	}
	create := sign(t, alice, r.sessionBody(alice, append([]*pq.Identity{alice}, people...)...))
	r.accept(create)
	large := func(who *pq.Identity, size int) *chain.Transaction {
		return carry(t, r.message(who, r.sessionID(create), strings.Repeat("x", size)), carried(who))
	}
	for _, who := range people[:5] {
		require.NoError(t, r.submitBytes(large(who, 250_000).Bytes()))
	}
	requireMempool(t, r.mempool)
	require.Less(t, r.mempool.registrations.bytes, 5*4000)
	require.NoError(t, r.submitBytes(r.registration(identity(60)).Bytes()), "registrations have room")
	require.NoError(t, r.submitBytes(large(people[5], 100_000).Bytes()), "the largest sender makes room")
	requireMempool(t, r.mempool)
}

// TestStrippedAndExchangedRegistrations: a transaction with another registration, or none, has the same ID.
// A node that was offered one it can't execute takes the right one afterwards, and blocks are checked for
// what they hold.
func TestStrippedAndExchangedRegistrations(t *testing.T) {
	const bits = 8
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: bits}
	})
	r.clock.advance(time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second)
	alice := identity(1)
	bare := sign(t, alice, r.sessionBody(alice, alice))
	right := carry(t, bare, r.workedFor(alice, bits, true))
	unpaid := carry(t, bare, carried(alice))
	other := r.workedFor(alice, bits, true)
	for other.Work++; chain.NewChallenge(testChainID, alice.ID(), r.price().Beacon).Bits(other.Work) < bits; other.Work++ {
	}
	exchanged := carry(t, bare, other)
	r.refuse(bare, refusal.ErrNotRegistered, "stripped")
	r.refuse(unpaid, refusal.ErrWork, "exchanged")
	for _, node := range []*testChain{r.testChain, r.follower} {
		status, _, err := node.TransactionStatus(bare.ID())
		require.NoError(t, err)
		require.Equal(t, TransactionUnknown, status, "nothing is remembered of what was refused")
	}

	ctx := context.Background()
	require.NoError(t, r.submitBytes(right.Bytes()))
	require.NoError(t, r.follower.submitBytes(exchanged.Bytes()))
	for what, tx := range map[string]*chain.Transaction{"stripped": bare, "exchanged": unpaid} {
		require.NoError(t, r.submitBytes(tx.Bytes()), "%s: it waits already", what)
		waiting, _, ok := r.mempool.get(bare.ID())
		require.True(t, ok)
		require.Equal(t, right.Bytes(), waiting.Bytes(), what)
		// What waits is no excuse for what a block holds.
		r.requireUntouched(func() { require.Error(t, r.verifyBytes(r.forge(nil, tx).Bytes()), what) })
	}

	// A block with the other one is checked anew, and sets aside what waits here; rejected, it gives it back.
	verified := r.verifier.verified.Load()
	lost := r.parse(r.forge(nil, exchanged))
	require.NoError(t, lost.Verify(ctx))
	require.Equal(t, verified+1, r.verifier.verified.Load())
	require.True(t, r.waits())
	require.NoError(t, lost.Reject(ctx))
	require.False(t, r.waits())
	waiting, _, _ := r.mempool.get(bare.ID())
	require.Equal(t, right.Bytes(), waiting.Bytes())
	built := r.block()
	require.Equal(t, right.Bytes(), built.Transactions[0].Bytes())
	r.follower.follow(built.Block)
	require.Empty(t, r.follower.MempoolIDs(), "its own has the same ID")

	// A node that never saw it keeps it from a rejected block, and without what it does not need.
	message := r.message(alice, r.sessionID(bare), "hello")
	foreign := r.parse(r.forge(nil, carry(t, message, carried(alice))))
	require.NoError(t, foreign.Verify(ctx))
	require.NoError(t, foreign.Reject(ctx))
	waiting, _, ok := r.mempool.get(message.ID())
	require.True(t, ok)
	require.Equal(t, message.Bytes(), waiting.Bytes())
	requireMempool(t, r.mempool)
	r.follower.follow(r.block().Block)
}

// TestACarriedRegistrationThatWasGivenBackComesBeforeWhatNeedsIt, with its branch.
func TestACarriedRegistrationThatWasGivenBackComesBeforeWhatNeedsIt(t *testing.T) {
	ctx := context.Background()
	r := startRegistered(t, nil)
	alice := identity(1)
	create := carry(t, sign(t, alice, r.sessionBody(alice, alice)), carried(alice))
	message := r.message(alice, r.sessionID(create), "hello")
	parent := r.propose(r.last(), create)
	child := r.propose(parent.Block, message)
	require.NoError(t, child.Reject(ctx))
	require.NoError(t, parent.Reject(ctx))
	require.NoError(t, r.SetPreference(ctx, r.last().ID()))
	built := r.block()
	require.Equal(t, idsOf([]*chain.Transaction{create, message}), idsOf(built.Transactions))
	r.follower.follow(built.Block)
}
