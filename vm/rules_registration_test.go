package vm

import (
	"context"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// registered is a chain where registrations have a price, and a follower.
type registered struct {
	*testChain
	follower *testChain
}

func startRegistered(t *testing.T, change func(*chain.Genesis)) *registered {
	c := startChain(t, change)
	return &registered{c, c.peer()}
}

// body returns an identity's registration.
func (r *registered) body(of *pq.Identity) *chain.RegisterIdentity {
	public := of.Public()
	return &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: r.deadline()}
}

// refuse requires that both doors refuse a transaction.
func (r *registered) refuse(tx *chain.Transaction, reason refusal.Reason, what string) {
	r.t.Helper()
	r.t.Log(what)
	r.requireUntouched(func() { r.requireRefused(r.submitBytes(tx.Bytes()), reason) })
	r.follower.requireUntouched(func() {
		r.follower.requireRefused(r.follower.verifyBytes(r.forge(nil, tx).Bytes()), reason)
	})
}

func (r *registered) take(tx *chain.Transaction) { r.follower.follow(r.accept(tx).Block) }

// worked returns a registration with work for a beacon: enough, or not enough by one bit.
func (r *registered) worked(of *pq.Identity, beacon ids.ID, bits uint64, enough bool) *chain.Transaction {
	body := r.body(of)
	challenge := chain.NewChallenge(testChainID, of.ID(), beacon)
	for challenge.Bits(body.Work) != bits-1 {
		body.Work++
	}
	if enough {
		body.Work = 0
		for challenge.Bits(body.Work) < bits {
			body.Work++
		}
	}
	return sign(r.t, nil, body)
}

func (r *registered) price() *RegistrationPrice {
	price, err := r.RegistrationPrice()
	require.NoError(r.t, err)
	return price
}

func TestWorkPaysForARegistration(t *testing.T) {
	const bits = 8
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: bits}
		g.Limits.MaxIdentities = 4
		g.Limits.IdentityDays = 2
	})
	window := time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second
	r.clock.advance(window)
	free := r.price()
	require.Equal(t, &RegistrationPrice{Mode: "work", Bits: bits, Renewal: bits, Beacon: r.store.Last().ID()}, free, "the last block turns into the beacon")
	alice, bob, carol, dave := identity(1), identity(2), identity(3), identity(4)
	r.refuse(r.registration(alice), refusal.ErrWork, "no work")
	r.refuse(r.worked(alice, free.Beacon, bits, false), refusal.ErrWork, "one bit less")
	r.refuse(r.worked(alice, ids.ID{1}, bits+8, true), refusal.ErrWork, "work for another beacon")
	stolen := r.body(bob)
	stolen.Work = r.worked(alice, free.Beacon, bits+8, true).Body.(*chain.RegisterIdentity).Work
	r.refuse(sign(t, nil, stolen), refusal.ErrWork, "another's work")
	r.take(r.worked(alice, free.Beacon, bits, true))

	require.EqualValues(t, bits, r.price().Bits, "a quarter is taken")
	r.take(r.worked(bob, free.Beacon, bits, true))
	require.EqualValues(t, bits+1, r.price().Bits, "half is taken")
	r.refuse(r.worked(carol, free.Beacon, bits+1, false), refusal.ErrWork, "the price of before")
	r.take(r.worked(carol, free.Beacon, bits+1, true))
	require.EqualValues(t, bits+2, r.price().Bits, "three quarters are taken")

	r.clock.advance(window)
	next := r.price().Beacon
	require.NotEqual(t, free.Beacon, next)
	r.take(sign(t, alice, r.sessionBody(alice, alice, bob))) // the first block of the window
	require.Equal(t, next, r.price().Beacon)
	require.NoError(t, r.submitBytes(r.worked(dave, free.Beacon, bits+2, true).Bytes()), "the beacon of before counts")
	r.follower.follow(r.block().Block)

	r.clock.advance(window)
	r.take(sign(t, alice, r.sessionBody(alice, alice, bob)))
	r.clock.advance(25 * time.Hour)
	require.EqualValues(t, bits+2, r.price().Bits)
	r.refuse(r.worked(alice, free.Beacon, bits+8, true), refusal.ErrWork, "an old beacon")
	r.refuse(r.worked(alice, next, bits+8, true), refusal.ErrWork, "stocked up")
	r.take(r.worked(alice, r.price().Beacon, bits, true)) // a renewal costs what it did on an empty chain
}

func TestIssuersAdmitIdentities(t *testing.T) {
	first, second, stranger := identity(100), identity(101), identity(102)
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{first.Public().DSA, second.Public().DSA}}
		g.Limits.IdentityDays = 2
	})
	alice, bob := identity(1), identity(2)
	require.Equal(t, &RegistrationPrice{Mode: "issuer"}, r.price())
	until := r.clock.millis() + 3_600_000
	admitted := func(issuer *pq.Identity, place uint64, signed []byte, context string) *chain.Transaction {
		body := r.body(alice)
		body.Issuer, body.Until = place, until
		var err error
		body.Admission, err = issuer.SignDeterministic(context, signed)
		require.NoError(t, err)
		return sign(t, nil, body)
	}
	right := chain.AdmissionBytes(testChainID, alice.ID(), until)
	for what, signed := range map[string][]byte{
		"another identity": chain.AdmissionBytes(testChainID, bob.ID(), until),
		"another chain":    chain.AdmissionBytes(ids.ID{9}, alice.ID(), until),
		"another time":     chain.AdmissionBytes(testChainID, alice.ID(), until+1),
	} {
		r.refuse(admitted(first, 1, signed, chain.ContextAdmission), refusal.ErrBadSignature, what)
	}
	r.refuse(admitted(first, 1, right, chain.ContextMessage), refusal.ErrBadSignature, "another context")
	r.refuse(admitted(first, 2, right, chain.ContextAdmission), refusal.ErrBadSignature, "another issuer's place")
	r.refuse(admitted(stranger, 2, right, chain.ContextAdmission), refusal.ErrBadSignature, "no issuer")
	r.refuse(admitted(first, 3, right, chain.ContextAdmission), refusal.ErrNotAdmitted, "no such place")
	r.refuse(r.registration(alice), refusal.ErrNotAdmitted, "no admission")

	good := admitted(second, 2, right, chain.ContextAdmission)
	r.clock.advance(time.Hour + time.Millisecond)
	body := *good.Body.(*chain.RegisterIdentity)
	body.Deadline = r.deadline()
	r.refuse(sign(t, nil, &body), refusal.ErrNotAdmitted, "too late")
	until = r.clock.millis()
	right = chain.AdmissionBytes(testChainID, alice.ID(), until)
	r.take(admitted(second, 2, right, chain.ContextAdmission))
	r.take(sign(t, alice, r.sessionBody(alice, alice, bob)))
}

func TestIssuerWhereNoneIsAskedForIsRefused(t *testing.T) {
	r := startRegistered(t, nil)
	body := r.body(identity(1))
	body.Issuer, body.Until, body.Admission = 1, r.clock.millis()+1000, make([]byte, chain.SignatureSize)
	r.refuse(sign(t, nil, body), refusal.ErrUnexpectedSignature, "open")
	for name, change := range map[string]func(*chain.RegisterIdentity){
		"no time":   func(b *chain.RegisterIdentity) { b.Until = 0 },
		"no issuer": func(b *chain.RegisterIdentity) { b.Issuer = 0 },
	} {
		half := *body
		change(&half)
		_, err := chain.NewTransaction(testChainID, &half, nil)
		require.ErrorIs(t, err, refusal.ErrMalformed, name)
	}
	body.Admission = nil
	_, err := chain.NewTransaction(testChainID, body, nil)
	require.ErrorIs(t, err, refusal.ErrSignatureSize)
	require.NoError(t, r.Submit(context.Background(), r.registration(identity(1)), ""))
}

// TestOnePriceDoesNotPayForTheMempool sends a registration again and again with other deadlines, as
// whoever has seen it can.
func TestOnePriceDoesNotPayForTheMempool(t *testing.T) {
	const bits = 8
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: bits}
	})
	r.clock.advance(time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second)
	paid := r.worked(identity(1), r.price().Beacon, bits, true)
	copied := func(n int) *chain.Transaction {
		body := *paid.Body.(*chain.RegisterIdentity)
		body.Deadline += uint64(n)
		return sign(t, nil, &body)
	}
	own := r.config.Mempool.MaxPerSender / ownRegistrations
	for n := range own {
		require.NoError(t, r.submitBytes(copied(n).Bytes()))
	}
	r.refuseNow(copied(own), refusal.ErrMempoolSender)
	require.NoError(t, r.submitBytes(r.worked(identity(2), r.price().Beacon, bits, true).Bytes()), "others have their own")
	r.follower.follow(r.block().Block)
	require.EqualValues(t, 2, r.totals().LiveIdentities)
	require.Empty(t, r.MempoolIDs(), "the copies went with the one that was taken")
}
