package vm

import (
	"testing"
	"time"

	ics23 "github.com/cosmos/ics23/go"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// single returns a single session of a creator and others.
func (c *testChain) single(creator *pq.Identity, others ...*pq.Identity) *chain.Transaction {
	c.t.Helper()
	body := c.sessionBody(creator, append([]*pq.Identity{creator}, others...)...)
	body.Single, body.PublicKeys = true, nil
	return sign(c.t, creator, body)
}

// madeSingle returns what an identity's leaf, which is proven, says of its single session.
func (c *testChain) madeSingle(of *pq.Identity) ids.ID {
	c.t.Helper()
	value, proof, err := c.Snapshot().Prove(chain.IdentityKey(of.ID()))
	require.NoError(c.t, err)
	root := c.Snapshot().Header().StateRoot
	require.True(c.t, ics23.VerifyMembership(ics23.IavlSpec, root[:], proof, chain.IdentityKey(of.ID()), value))
	leaf, err := chain.ParseIdentity(value)
	require.NoError(c.t, err)
	return leaf.SingleSession
}

// TestAnIdentityMakesOneSingleSession: none can follow, whatever is in it, while the first is there and when it
// has left the tree.
func TestAnIdentityMakesOneSingleSession(t *testing.T) {
	r := startRegistered(t, func(g *chain.Genesis) {
		g.SessionTTL, g.RetentionDays = 3600, 1
		g.Limits.IdentityDays = 4
	})
	alice, bob, carol := identity(1), identity(2), identity(3)
	_, proof, err := r.Snapshot().Prove(chain.IdentityKey(alice.ID()))
	require.NoError(t, err)
	require.NotNil(t, proof.GetNonexist(), "who knows the identity can see that there is none yet")

	first, other := r.single(alice, bob), r.single(alice, carol)
	both := []*chain.Transaction{carry(t, first, carried(alice)), carry(t, other, carried(alice))}
	r.follower.requireUntouched(func() {
		r.follower.requireRefused(r.follower.verifyBytes(r.forge(nil, both...).Bytes()), refusal.ErrSingleSession)
	})
	for _, tx := range both {
		require.NoError(t, r.submitBytes(tx.Bytes()), "neither is there")
	}
	built := r.block()
	require.Equal(t, idsOf(both[:1]), idsOf(built.Transactions))
	r.follower.follow(built.Block)
	status, _, err := r.TransactionStatus(other.ID())
	require.Equal(t, TransactionDropped, status)
	require.ErrorIs(t, err, refusal.ErrSingleSession)
	session := r.sessionID(first)
	require.Equal(t, session, r.madeSingle(alice))
	require.Equal(t, chain.SessionActive, r.session(session).Status)

	again := func(what string) {
		t.Helper()
		r.refuse(r.single(alice), refusal.ErrSingleSession, what)
		body := r.sessionBody(alice, alice, bob)
		body.Single, body.PublicKeys, body.Metadata = true, nil, []chain.MetadataEntry{{Key: "another", Value: what}}
		r.refuse(sign(t, alice, body), refusal.ErrSingleSession, what)
	}
	again("active")
	r.take(sign(t, alice, r.sessionBody(alice, alice, bob))) // others are no matter
	r.take(carry(t, r.single(bob, alice), carried(bob)))     // and neither are others'
	require.Equal(t, session, r.madeSingle(alice))
	r.take(sign(t, alice, &chain.CloseSession{Session: session, Participant: alice.ID()}))
	again("closed")
	r.clock.advance(26 * time.Hour)
	r.take(r.registration(carol))
	_, err = r.Snapshot().Session(session)
	require.ErrorIs(t, err, refusal.ErrNotFound)
	again("past retention")
	r.clock.advance(24 * time.Hour)
	r.take(r.registration(alice))
	again("renewed")
	require.Equal(t, session, r.madeSingle(alice))
}

// TestAnIdentityThatHasLapsedBeginsAnew with what it may do once, and that has another ID.
func TestAnIdentityThatHasLapsedBeginsAnew(t *testing.T) {
	r := startRegistered(t, func(g *chain.Genesis) { g.Limits.IdentityDays = 1 })
	alice := identity(1)
	first := r.single(alice)
	r.take(carry(t, first, carried(alice)))
	r.clock.advance(24 * time.Hour)
	r.take(r.registration(identity(2)))
	_, proof, err := r.Snapshot().Prove(chain.IdentityKey(alice.ID()))
	require.NoError(t, err)
	require.NotNil(t, proof.GetNonexist())
	second := r.single(alice)
	r.take(carry(t, second, carried(alice)))
	require.Equal(t, r.sessionID(second), r.madeSingle(alice))
	require.NotEqual(t, r.sessionID(first), r.sessionID(second), "nothing that was signed in the first holds in the second")
}

// TestWhoRegistersAnIdentityFirstTakesNoSingleSession from it.
func TestWhoRegistersAnIdentityFirstTakesNoSingleSession(t *testing.T) {
	r := startRegistered(t, nil)
	alice := identity(1)
	r.take(r.registration(alice)) // anybody can
	require.Equal(t, ids.Empty, r.madeSingle(alice))
	r.clock.advance(100 * 24 * time.Hour)
	tx := r.single(alice)
	r.take(tx)
	require.Equal(t, r.sessionID(tx), r.madeSingle(alice))
}
