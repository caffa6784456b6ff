package vm

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// admission is a network where a contract admits identities, and an issuer does.
type admission struct {
	*testNetwork
	issuer *pq.Identity
}

// admitting is the contract of the genesis; the same address on another chain is none, nor is another one on its chain.
var admitting = chain.Contract{Chain: foreignChain, Address: chain.Bytes(foreignContract.Address)}

func startAdmission(t *testing.T, change func(*chain.Genesis)) *admission {
	issuer := identity(100)
	n := startForeign(t, func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{issuer.Public().DSA}, Contracts: []chain.Contract{admitting}}
		if change != nil {
			change(g)
		}
	})
	return &admission{n, issuer}
}

// body returns an identity's registration.
func (a *admission) body(of *pq.Identity) *chain.RegisterIdentity {
	public := of.Public()
	return &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: a.nodes[0].deadline()}
}

// admits returns a registration that enough of the validators have signed, of a contract.
func (a *admission) admits(from *chain.ReceiveWarp, body *chain.RegisterIdentity) *chain.Transaction {
	return a.call(testNetworkID, from, body, 0, 1, 2)
}

// refuses requires that all nodes refuse a transaction, when it is submitted and in a block.
func (a *admission) refuses(reason refusal.Reason, tx *chain.Transaction, what string) {
	a.t.Helper()
	for i, node := range a.nodes {
		require.ErrorIs(a.t, node.Submit(context.Background(), tx, ""), reason, "%s: node %d", what, i)
	}
	last := a.nodes[0].store.Last()
	header := chain.Header{Version: last.Version, ChainID: testChainID, Parent: last.ID(), Height: last.Height + 1, Timestamp: last.Timestamp, PChainHeight: 1}
	committed, err := a.nodes[0].commitmentFor(context.Background(), &Context{PChainHeight: 1}, nil)
	require.NoError(a.t, err)
	header.ValidatorSetHash = committed.validatorSetHash
	for i, node := range a.nodes {
		blk, err := node.ParseBlock(context.Background(), chain.NewBlock(header, []*chain.Transaction{tx}).Bytes())
		require.NoError(a.t, err)
		require.ErrorIs(a.t, blk.VerifyWithContext(context.Background(), Context{PChainHeight: 1}), reason, "%s: a block at node %d", what, i)
	}
}

func TestAContractOfTheGenesisAdmitsIdentities(t *testing.T) {
	a := startAdmission(t, nil)
	node, alice, bob := a.nodes[0], identity(1), identity(2)
	price, err := node.RegistrationPrice()
	require.NoError(t, err)
	require.Equal(t, &RegistrationPrice{Mode: "issuer", Contracts: []chain.Contract{admitting}}, price)

	body := a.body(alice)
	a.refuses(refusal.ErrNotAdmitted, sign(t, nil, body), "nobody has admitted her")
	stranger := &chain.ReceiveWarp{SourceChain: foreignChain, Address: []byte{19: 0xae}}
	a.refuses(refusal.ErrNotAdmitted, a.admits(stranger, body), "a contract that the genesis does not name")
	longer := &chain.ReceiveWarp{SourceChain: foreignChain, Address: append([]byte{0}, foreignContract.Address...)}
	a.refuses(refusal.ErrNotAdmitted, a.admits(longer, body), "its address, but for a zero")
	elsewhere := &chain.ReceiveWarp{SourceChain: testChainID, Address: foreignContract.Address}
	a.refuses(refusal.ErrNotAdmitted, a.admits(elsewhere, body), "its address on another chain")
	a.refuses(refusal.ErrWarpSignature, a.call(testNetworkID, foreignContract, body, 0, 1), "too few have signed")
	a.refuses(refusal.ErrWarpSignature, a.call(testNetworkID+1, foreignContract, body, 0, 1, 2), "signed for another network")
	forged := *a.admits(foreignContract, a.body(bob)).Warp
	taken, err := chain.NewReceived(testChainID, body, &forged)
	require.NoError(t, err)
	a.refuses(refusal.ErrWarpSignature, taken, "what was signed for bob")
	late := a.body(alice)
	late.Deadline = node.clock.millis() - 1
	a.refuses(refusal.ErrDeadlinePassed, a.admits(foreignContract, late), "too late")
	late.Deadline = node.deadline() + 3_600_000
	a.refuses(refusal.ErrDeadlineTooFar, a.admits(foreignContract, late), "too early")
	broken := a.body(alice)
	broken.KEMPublicKey = make([]byte, chain.KEMPublicKeySize)
	for i := range broken.KEMPublicKey {
		broken.KEMPublicKey[i] = 0xff
	}
	a.refuses(refusal.ErrKEMKey, a.admits(foreignContract, broken), "no ML-KEM-768 key")

	good := a.admits(foreignContract, body)
	a.accept(1, a.nodes, good)
	registered, err := node.Snapshot().Identity(alice.ID())
	require.NoError(t, err)
	require.Equal(t, alice.Public().DSA, registered.DSAPublicKey)
	used, err := node.Snapshot().Usage(foreignChain)
	require.NoError(t, err)
	require.NotZero(t, used.Transactions, "the chain's contracts have used it, and not who is registered")
	require.NotZero(t, used.State)
	_, err = node.Snapshot().Usage(alice.ID())
	require.ErrorIs(t, err, refusal.ErrNotFound)
	a.accept(1, a.nodes, sign(t, alice, node.sessionBody(alice, alice, bob)))

	a.refuses(refusal.ErrDuplicate, good, "the same again")
	a.refuses(refusal.ErrDuplicate, sign(t, nil, body), "the same, by nobody")
	again := a.body(alice)
	again.Deadline--
	a.refuses(refusal.ErrIdentityRenewal, a.admits(foreignContract, again), "she is registered")

	// Carried, it needs an issuer: the contract has not sent the transaction.
	create := sign(t, bob, node.sessionBody(bob, bob))
	a.refuses(refusal.ErrNotAdmitted, carry(t, create, carried(bob)), "carried")
	admitted := a.body(bob)
	admitted.Issuer, admitted.Until = 1, node.deadline()
	admitted.Admission, err = a.issuer.SignDeterministic(chain.ContextAdmission, chain.AdmissionBytes(testChainID, bob.ID(), admitted.Until))
	require.NoError(t, err)
	a.accept(1, a.nodes, sign(t, nil, admitted))

	// In a block without a context it is refused, and dropped: who sent it tries again.
	require.NoError(t, node.Submit(context.Background(), a.admits(foreignContract, a.body(identity(3))), ""))
	_, err = node.BuildBlock(context.Background())
	require.ErrorIs(t, err, refusal.ErrEmptyBlock)
	a.accept(1, a.nodes, a.admits(foreignContract, a.body(identity(3))))

	// After a restart it is as before.
	a.start(3)
	require.ErrorIs(t, a.nodes[3].Submit(context.Background(), good, ""), refusal.ErrDuplicate)
}

func TestNoContractAdmitsWhereTheGenesisDoesNotSaySo(t *testing.T) {
	for name, price := range map[string]chain.Registration{
		"open":   {Mode: chain.RegistrationOpen},
		"work":   {Mode: chain.RegistrationWork, Bits: 1},
		"issuer": {Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{identity(100).Public().DSA}},
	} {
		a := startAdmission(t, func(g *chain.Genesis) { g.Registration = price })
		a.refuses(refusal.ErrNotAdmitted, a.admits(foreignContract, a.body(identity(1))), name)
	}
}

// TestRegistrationsOfContractsAreBounded as registrations, and as transactions of contracts; what has no room waits.
func TestRegistrationsOfContractsAreBounded(t *testing.T) {
	for name, change := range map[string]func(*chain.Limits){
		"registrations": func(l *chain.Limits) { l.MaxBlockRegistrations = 2 },
		"contracts":     func(l *chain.Limits) { l.MaxBlockWarpMessages = 2 },
	} {
		a := startAdmission(t, func(g *chain.Genesis) { change(&g.Limits) })
		node := a.nodes[0]
		const count = 5
		require.Greater(t, count, node.config.Mempool.MaxPerSender/ownRegistrations, "one chain's are not bounded as one identity's")
		for i := range count {
			require.NoError(t, node.Submit(context.Background(), a.admits(foreignContract, a.body(identity(1+i))), ""), name)
		}
		for _, want := range []int{2, 2, 1} {
			blk, err := node.BuildBlockWithContext(context.Background(), Context{PChainHeight: 1})
			require.NoError(t, err, name)
			require.Len(t, blk.Transactions, want, name)
			require.NoError(t, blk.VerifyWithContext(context.Background(), Context{PChainHeight: 1}))
			require.NoError(t, blk.Accept(context.Background()))
			require.NoError(t, node.SetPreference(context.Background(), blk.ID()))
		}
		totals, err := node.Snapshot().Totals()
		require.NoError(t, err)
		require.EqualValues(t, count, totals.LiveIdentities)
	}
}

// TestRegistrationsOfContractsUseTheAllowancesOfTheirChain: they write an identity's leaf, and that of the chain's usage.
func TestRegistrationsOfContractsUseTheAllowancesOfTheirChain(t *testing.T) {
	a := startAdmission(t, func(g *chain.Genesis) {
		g.Allowances = chain.Allowances{StateBytes: chain.Allowance{PerDay: 1, Burst: 5 * (identityLeaf + usageLeaf)}, FreshShare: 1}
		g.Limits.MaxParticipants, g.Limits.MaxMetadataBytes = 2, 0
	})
	for i := range 5 {
		a.accept(1, a.nodes, a.admits(foreignContract, a.body(identity(1+i))))
	}
	a.refuses(refusal.ErrStateAllowance, a.admits(foreignContract, a.body(identity(6))), "a sixth")
}

// TestAContractsRegistrationIsItsChains: it has no line of its own, as other registrations have.
func TestAContractsRegistrationIsItsChains(t *testing.T) {
	a := startAdmission(t, nil)
	body := a.body(identity(1))
	received := a.admits(foreignContract, body)
	require.Equal(t, foreignChain, SenderOf(received, "somebody"))
	require.EqualValues(t, identity(1).ID(), SenderOf(sign(t, nil, body), "somebody"))
	require.Equal(t, len(received.Bytes()), registrationBytes(received), "it takes the places of registrations")
	require.Equal(t, refusal.ErrWarpBlockLimit, blockLimit(received))
}
