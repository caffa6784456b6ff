package vm

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// carry returns a transaction that carries a registration.
func carry(t testing.TB, tx *chain.Transaction, registration *chain.RegisterIdentity) *chain.Transaction {
	t.Helper()
	carrying, err := tx.WithRegistration(registration)
	require.NoError(t, err)
	return carrying
}

// carried returns an identity's registration as a transaction carries it.
func carried(of *pq.Identity) *chain.RegisterIdentity {
	public := of.Public()
	return &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA}
}

// workedFor adds work to a carried registration: enough, or not enough by one bit.
func (r *registered) workedFor(of *pq.Identity, bits uint64, enough bool) *chain.RegisterIdentity {
	body := carried(of)
	body.Work = r.worked(of, r.price().Beacon, bits, enough).Body.(*chain.RegisterIdentity).Work
	return body
}

// TestWhoIsNotRegisteredRegistersAndActs in one transaction of each kind.
func TestWhoIsNotRegisteredRegistersAndActs(t *testing.T) {
	r := startRegistered(t, func(g *chain.Genesis) { g.Allowances.FreshShare = 10 })
	alice, _, _ := r.open2()
	for r.follower.Snapshot().Header().Height < r.last().Header.Height {
		blk, err := r.BlockAt(r.follower.Snapshot().Header().Height + 1)
		require.NoError(t, err)
		r.follower.follow(blk)
	}
	for name, body := range map[string]func(who *pq.Identity, session ids.ID) chain.Body{
		"prekey": func(who *pq.Identity, _ ids.ID) chain.Body {
			return &chain.PublishPrekey{Identity: who.ID(), PublicKey: prekey(who, 1), Number: 1, Deadline: r.deadline()}
		},
		"session": func(who *pq.Identity, _ ids.ID) chain.Body { return r.sessionBody(who, who, alice) },
		"message": func(who *pq.Identity, session ids.ID) chain.Body {
			return &chain.SendMessage{Session: session, Sender: who.ID(), Ciphertext: []byte("hello")}
		},
		"rotation": func(who *pq.Identity, session ids.ID) chain.Body {
			return &chain.RotateKey{Session: session, Participant: who.ID(), PublicKey: who.Public().KEM, Epoch: 1}
		},
		"receipt": func(who *pq.Identity, session ids.ID) chain.Body {
			return r.receipt(who, session, 1).Body
		},
		"end": func(who *pq.Identity, session ids.ID) chain.Body {
			return &chain.CloseSession{Session: session, Participant: who.ID()}
		},
		"channel": func(who *pq.Identity, _ ids.ID) chain.Body {
			return &chain.CreateChannel{Owner: who.ID(), Deadline: r.deadline()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			who := identity(int(600 + r.totals().LiveIdentities))
			create := sign(t, alice, r.sessionBody(alice, alice, who))
			r.take(create)
			r.take(r.message(alice, r.sessionID(create), "welcome"))
			act := sign(t, who, body(who, r.sessionID(create)))
			r.refuse(act, refusal.ErrNotRegistered, "alone")
			before := r.totals()
			carrying := carry(t, act, carried(who))
			r.take(carrying)
			after := r.totals()
			require.Equal(t, before.LiveIdentities+1, after.LiveIdentities)
			require.Equal(t, before.Identities+1, after.Identities)
			leaf, err := r.Snapshot().Identity(who.ID())
			require.NoError(t, err)
			require.Equal(t, after.Timestamp, leaf.Since)
			require.Equal(t, after.Timestamp, leaf.Registered)
			require.Equal(t, after.Identities, leaf.Number)
			usage, err := r.Snapshot().Usage(who.ID())
			require.NoError(t, err)
			fresh := r.Genesis().Allowances.TransactionBytes.Fresh(leaf.Since, 10)
			want, ok := r.Genesis().Allowances.TransactionBytes.Use(fresh, leaf.Since, uint64(len(act.Bytes())))
			require.True(t, ok)
			require.Equal(t, want, usage.Transactions, "what is carried is not charged")
			stored, _, err := r.Transaction(act.ID())
			require.NoError(t, err)
			require.Equal(t, carrying.Bytes(), stored.Bytes())
			r.refuse(act, refusal.ErrDuplicate, "without what it carried")
			require.Equal(t, r.Snapshot().Header(), r.follower.Snapshot().Header())
		})
	}
}

// TestACarriedRegistrationCostsWhatARegistrationDoes, or nothing has happened.
func TestACarriedRegistrationCostsWhatARegistrationDoes(t *testing.T) {
	const bits = 8
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: bits}
		g.Limits.MaxIdentities, g.Limits.IdentityDays = 4, 2
		g.Allowances.Sessions = chain.Allowance{PerDay: 1, Burst: 3}
		g.Allowances.FreshShare = 3
	})
	r.clock.advance(time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second)
	alice, bob, carol, dave, erin := identity(1), identity(2), identity(3), identity(4), identity(5)
	session := func(who *pq.Identity) *chain.Transaction { return sign(t, who, r.sessionBody(who, who, identity(9))) }
	r.refuse(carry(t, session(alice), carried(alice)), refusal.ErrWork, "no work")
	r.refuse(carry(t, session(alice), r.workedFor(alice, bits, false)), refusal.ErrWork, "one bit less")
	stolen := carried(alice)
	stolen.Work = r.workedFor(bob, bits, true).Work
	r.refuse(carry(t, session(alice), stolen), refusal.ErrWork, "another's work")

	wrong := r.sessionBody(alice, bob)
	wrong.Creator = alice.ID()
	r.refuse(carry(t, sign(t, alice, wrong), r.workedFor(alice, bits, true)), refusal.ErrNotParticipant, "paid, and does what it may not")
	r.refuse(carry(t, sign(t, bob, session(alice).Body), r.workedFor(alice, bits, true)), refusal.ErrBadSignature, "paid, and another signs")
	require.Zero(t, r.totals().Identities)

	r.take(carry(t, session(alice), r.workedFor(alice, bits, true)))
	r.refuse(session(alice), refusal.ErrSessionAllowance, "a fresh identity has a share of its sessions")
	r.take(carry(t, session(bob), r.workedFor(bob, bits, true)))
	r.refuse(carry(t, session(carol), r.workedFor(carol, bits+1, false)), refusal.ErrWork, "half is taken")
	r.take(carry(t, session(carol), r.workedFor(carol, bits+1, true)))
	r.take(carry(t, session(dave), r.workedFor(dave, bits+2, true)))
	r.refuse(carry(t, session(erin), r.workedFor(erin, bits+2, true)), refusal.ErrIdentityLimit, "all is taken")

	r.clock.advance(49 * time.Hour)
	r.refuse(session(alice), refusal.ErrNotRegistered, "lapsed")
	r.take(carry(t, session(alice), r.workedFor(alice, bits, true))) // and registers again
	require.EqualValues(t, 1, r.totals().LiveIdentities, "the others have lapsed too")
	r.take(carry(t, session(erin), r.workedFor(erin, bits, true)))
}

// TestWhatIsCarriedAndNotNeededIsNotLookedAt: whoever has seen a registration can do it first, or put
// another one beside the transaction.
func TestWhatIsCarriedAndNotNeededIsNotLookedAt(t *testing.T) {
	const bits = 8
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: bits}
		g.Limits.IdentityDays = 2
	})
	r.clock.advance(time.Duration(r.Genesis().Limits.TransactionWindow) * time.Second)
	alice := identity(1)
	paid := r.workedFor(alice, bits, true)
	first := *paid
	first.Deadline = r.deadline()
	r.take(sign(t, nil, &first)) // somebody else, with what was in the mempool
	before, err := r.Snapshot().Identity(alice.ID())
	require.NoError(t, err)
	r.clock.advance(25 * time.Hour) // a renewal could be due

	for name, registration := range map[string]*chain.RegisterIdentity{"paid for": paid, "not paid for": carried(alice)} {
		t.Run(name, func(t *testing.T) {
			create := sign(t, alice, r.sessionBody(alice, alice))
			carrying := carry(t, create, registration)
			// A block may hold it, and it costs the actor nothing.
			blk := r.forge(nil, carrying)
			require.NoError(t, r.follower.verifyBytes(blk.Bytes()))
			without := r.forge(nil, create)
			require.Equal(t, without.Header.StateRoot, blk.Header.StateRoot)
			// The mempool and the node's own blocks do without it.
			require.NoError(t, r.submitBytes(carrying.Bytes()))
			waiting, _, ok := r.mempool.get(create.ID())
			require.True(t, ok)
			require.Equal(t, create.Bytes(), waiting.Bytes())
			requireMempool(t, r.mempool)
			built := r.block()
			require.Equal(t, create.Bytes(), built.Transactions[0].Bytes())
			r.follower.follow(built.Block)
			after, err := r.Snapshot().Identity(alice.ID())
			require.NoError(t, err)
			require.Equal(t, before.Registered, after.Registered, "nothing is renewed")
		})
	}
}

// TestAnIssuersAdmissionIsCarried, and is right in every block, whether it is needed there or not.
func TestAnIssuersAdmissionIsCarried(t *testing.T) {
	issuer := identity(100)
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{issuer.Public().DSA}}
	})
	alice := identity(1)
	admitted := func(place uint64, signer *pq.Identity) *chain.RegisterIdentity {
		body := carried(alice)
		body.Issuer, body.Until = place, r.clock.millis()+3_600_000
		var err error
		body.Admission, err = signer.SignDeterministic(chain.ContextAdmission, chain.AdmissionBytes(testChainID, alice.ID(), body.Until))
		require.NoError(t, err)
		return body
	}
	create := func() *chain.Transaction { return sign(t, alice, r.sessionBody(alice, alice)) }
	r.refuse(carry(t, create(), carried(alice)), refusal.ErrNotAdmitted, "none")
	r.refuse(carry(t, create(), admitted(1, alice)), refusal.ErrBadSignature, "of nobody")
	r.refuse(carry(t, create(), admitted(2, issuer)), refusal.ErrNotAdmitted, "of another place")
	late := admitted(1, issuer)
	r.clock.advance(2 * time.Hour)
	r.refuse(carry(t, create(), late), refusal.ErrNotAdmitted, "too late")
	r.take(carry(t, create(), admitted(1, issuer)))

	for name, test := range map[string]struct {
		registration *chain.RegisterIdentity
		reason       refusal.Reason
	}{
		"of nobody":        {admitted(1, alice), refusal.ErrBadSignature},
		"of another place": {admitted(2, issuer), refusal.ErrNotAdmitted},
	} {
		t.Run("not needed, "+name, func(t *testing.T) {
			tx := create()
			carrying := carry(t, tx, test.registration)
			r.follower.requireUntouched(func() {
				r.follower.requireRefused(r.follower.verifyBytes(r.forge(nil, carrying).Bytes()), test.reason)
			})
			require.NoError(t, r.submitBytes(carrying.Bytes()), "a node does without it")
			built := r.block()
			require.Equal(t, tx.Bytes(), built.Transactions[0].Bytes())
			r.follower.follow(built.Block)
		})
	}
	require.NoError(t, r.follower.verifyBytes(r.forge(nil, carry(t, create(), late)).Bytes()), "good once, and not needed now")
}

// TestWhatANodeTookOfARegisteredIdentityIsCheckedWhenItHasLapsed: a node that has taken a transaction while its actor was
// registered builds no block that others refuse.
func TestWhatANodeTookOfARegisteredIdentityIsCheckedWhenItHasLapsed(t *testing.T) {
	issuer := identity(100)
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{issuer.Public().DSA}}
		g.Limits.IdentityDays = 1
	})
	alice := identity(1)
	body := carried(alice)
	body.Issuer, body.Until = 1, r.clock.millis()+1000*3600*48
	var err error
	body.Admission, err = issuer.SignDeterministic(chain.ContextAdmission, chain.AdmissionBytes(testChainID, alice.ID(), body.Until))
	require.NoError(t, err)
	create := sign(t, alice, r.sessionBody(alice, alice))
	r.take(carry(t, create, body))
	forged := carried(alice)
	forged.Issuer, forged.Until, forged.Admission = 1, body.Until, make([]byte, chain.SignatureSize)
	message := r.message(alice, r.sessionID(create), "hello")
	r.clock.advance(24*time.Hour - time.Millisecond)
	require.NoError(t, r.submitBytes(carry(t, message, forged).Bytes()))
	r.clock.advance(time.Millisecond)
	_, err = r.BuildBlock(context.Background())
	require.ErrorIs(t, err, refusal.ErrEmptyBlock)
	state, _, err := r.TransactionStatus(message.ID())
	require.Equal(t, TransactionDropped, state)
	require.ErrorIs(t, err, refusal.ErrNotRegistered)
}

// TestCarriedRegistrationsTakeTheBlocksPlaces, of registrations and of state.
func TestCarriedRegistrationsTakeTheBlocksPlaces(t *testing.T) {
	r := startRegistered(t, func(g *chain.Genesis) { g.Limits.MaxBlockRegistrations = 2 })
	var transactions []*chain.Transaction
	for n := range 3 {
		who := identity(20 + n)
		transactions = append(transactions, carry(t, sign(t, who, r.sessionBody(who, who)), carried(who)))
		require.NoError(t, r.submitBytes(transactions[n].Bytes()))
	}
	r.follower.requireUntouched(func() {
		r.follower.requireRefused(r.follower.verifyBytes(r.forge(nil, transactions...).Bytes()), refusal.ErrIdentityBlockLimit)
	})
	mixed := []*chain.Transaction{r.registration(identity(30)), r.registration(identity(31)), transactions[0]}
	r.follower.requireUntouched(func() {
		r.follower.requireRefused(r.follower.verifyBytes(r.forge(nil, mixed...).Bytes()), refusal.ErrIdentityBlockLimit)
	})
	require.False(t, r.FillsBlock())
	first, second := r.block(), r.block()
	require.Equal(t, idsOf(transactions[:2]), idsOf(first.Transactions))
	require.Equal(t, idsOf(transactions[2:]), idsOf(second.Transactions))
	r.follower.follow(first.Block)
	r.follower.follow(second.Block)
}

// TestARegistrationIsChargedAsStateOfTheBlock beside what the body writes.
func TestARegistrationIsChargedAsStateOfTheBlock(t *testing.T) {
	c := startChain(t, nil)
	who := identity(1)
	create := sign(t, who, c.sessionBody(who, who))
	written := func(tx *chain.Transaction) uint64 {
		change, err := c.store.Begin(c.store.Accepted())
		require.NoError(t, err)
		e, err := begin(c.VM.genesis, change, testChainID, commitment{}, 1, c.clock.millis())
		require.NoError(t, err)
		require.NoError(t, e.execute(tx))
		return e.written
	}
	body, err := (&rules{genesis: c.VM.genesis, state: c.store.Latest()}).stateBytes(create)
	require.NoError(t, err)
	require.EqualValues(t, identityLeaf+body, written(carry(t, create, carried(who))))
	require.EqualValues(t, identityLeaf, written(c.registration(who)))
}

// TestATransactionThatHasNoRoomForItsRegistrationIsTooLarge for the chain's blocks.
func TestATransactionThatHasNoRoomForItsRegistrationIsTooLarge(t *testing.T) {
	r := startRegistered(t, func(g *chain.Genesis) {
		g.Limits.MaxBlockBytes = 64 << 10
		g.Limits.MaxCiphertextBytes = 63 << 10
	})
	alice := identity(1)
	create := carry(t, sign(t, alice, r.sessionBody(alice, alice)), carried(alice))
	bob := identity(2)
	shared := sign(t, alice, r.sessionBody(alice, alice, bob))
	r.take(create)
	r.take(shared)
	room := blockRoom(r.Genesis()) - transactionOverhead
	message := func(size int) *chain.Transaction {
		return carry(t, r.message(bob, r.sessionID(shared), strings.Repeat("x", size)), carried(bob))
	}
	most := room - len(message(20_000).Bytes()) + 20_000
	r.refuse(message(most+1), refusal.ErrTransactionTooLarge, "one byte more")
	r.take(message(most))
}
