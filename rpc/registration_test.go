package rpc

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// TestClientDoesTheWorkOfARegistration has a price that rises with each identity.
func TestClientDoesTheWorkOfARegistration(t *testing.T) {
	c := startChain(t, DefaultConfig(), func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: 6}
		g.Limits.MaxIdentities = 4
	})
	for n, bits := range []uint64{6, 6, 7, 8} {
		info, err := c.GetChainInfo(t.Context())
		require.NoError(t, err)
		require.Equal(t, "work", info.Registration.Mode)
		require.Equal(t, [2]uint64{bits, 6}, [2]uint64{info.Registration.Bits, info.Registration.Renewal}, n)
		c.register(identity(t, byte(1+n)))
	}
	bits, _, err := c.RegistrationPrice(t.Context(), identity(t, 1).ID())
	require.NoError(t, err)
	require.EqualValues(t, 6, bits, "a renewal")
	public := identity(t, 9).Public()
	params := client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA}
	_, err = c.RegisterIdentity(t.Context(), params)
	require.ErrorIs(t, err, refusal.ErrIdentityLimit)
}

func TestWorkEndsWithItsContext(t *testing.T) {
	c := startChain(t, DefaultConfig(), func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: client.MaxWork}
	})
	public := identity(t, 1).Public()
	params := client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA}
	_, err := c.RegisterIdentity(t.Context(), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Work: 1})
	require.ErrorIs(t, err, refusal.ErrWork, "the caller's own work is not done again")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = c.RegisterIdentity(ctx, params)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	dear := startChain(t, DefaultConfig(), func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: client.MaxWork + 1}
	})
	_, err = dear.RegisterIdentity(t.Context(), params)
	require.ErrorIs(t, err, refusal.ErrWork, "a node can't keep its clients busy for ever")
}

func TestIssuerAdmitsOverRPC(t *testing.T) {
	issuer, alice := identity(t, 7), identity(t, 1)
	c := startChain(t, DefaultConfig(), func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationIssuer, Issuers: []chain.Bytes{issuer.Public().DSA}}
	})
	params := client.RegisterIdentityParams{KEMPublicKey: alice.Public().KEM, DSAPublicKey: alice.Public().DSA}
	_, err := c.RegisterIdentity(t.Context(), params)
	require.ErrorIs(t, err, refusal.ErrNotAdmitted)
	_, err = c.Admit(t.Context(), alice, alice.Public().DSA, alice.ID(), 1<<50)
	require.ErrorIs(t, err, refusal.ErrNotAdmitted, "no issuer")
	admission, err := c.Admit(t.Context(), issuer, issuer.Public().DSA, alice.ID(), 1<<50)
	require.NoError(t, err)
	params.Issuer, params.Until, params.Admission = admission.Issuer, admission.Until, admission.Signature
	registered, err := c.RegisterIdentity(t.Context(), params)
	require.NoError(t, err)
	require.EqualValues(t, alice.ID(), registered.IdentityID)
}

// TestAFirstTransactionRegistersWhoSignsIt, over each way that transactions are submitted.
func TestAFirstTransactionRegistersWhoSignsIt(t *testing.T) {
	c := startChain(t, DefaultConfig(), func(g *chain.Genesis) {
		g.Registration = chain.Registration{Mode: chain.RegistrationWork, Bits: 16} // none is not enough by chance
	})
	alice, bob := identity(t, 1), identity(t, 2)
	deadline, err := c.Deadline(t.Context())
	require.NoError(t, err)
	create := &chain.CreateSession{Participants: sessionParams(alice, bob).Participants, Creator: alice.ID(), Deadline: deadline, Single: true}
	public := alice.Public()
	made, err := c.RegisterAndSend(t.Context(), create, alice, public.KEM, public.DSA)
	require.NoError(t, err)
	require.Equal(t, client.TransactionAccepted, made.Status)
	registered, err := c.GetIdentity(t.Context(), client.GetIdentityParams{IdentityID: alice.ID()})
	require.NoError(t, err)
	require.Equal(t, made.Timestamp, registered.Identity.Registered)
	require.Equal(t, made.SessionID, registered.Identity.SingleSession)
	told, err := c.GetTransaction(t.Context(), client.GetTransactionParams{TransactionID: made.TransactionID})
	require.NoError(t, err)
	require.Equal(t, "CreateSession", told.Type)
	tx, err := chain.ParseTransaction(c.node.Host().ChainID, told.Bytes)
	require.NoError(t, err)
	require.NotNil(t, tx.Registration)
	require.NotZero(t, tx.Registration.Work)

	again := *create
	again.PublicKeys, again.Nonce, again.Single = publicKeys(sessionParams(alice, bob).PublicKeys), 1, false
	_, err = c.RegisterAndSend(t.Context(), &again, alice, public.KEM, public.DSA)
	require.NoError(t, err, "registered already")
	_, err = c.RegisterAndSend(t.Context(), create, alice, public.KEM, bob.Public().DSA)
	require.ErrorIs(t, err, refusal.ErrRegistration, "another's keys")

	message, err := c.SignTransaction(t.Context(), &chain.SendMessage{Session: made.SessionID, Sender: bob.ID(), Ciphertext: []byte("hello")}, bob)
	require.NoError(t, err)
	unpaid, err := message.WithRegistration(&chain.RegisterIdentity{KEMPublicKey: bob.Public().KEM, DSAPublicKey: bob.Public().DSA})
	require.NoError(t, err)
	sent, err := c.SendTransactions(t.Context(), []*chain.Transaction{message, unpaid})
	require.NoError(t, err)
	require.ErrorIs(t, sent.Transactions[0].Err(), refusal.ErrNotRegistered)
	require.ErrorIs(t, sent.Transactions[1].Err(), refusal.ErrWork)
	_, err = c.RegisterAndSend(t.Context(), message.Body, bob, bob.Public().KEM, bob.Public().DSA)
	require.NoError(t, err)
	answer, err := c.ListMessages(t.Context(), client.ListMessagesParams{SessionID: made.SessionID})
	require.NoError(t, err)
	require.Len(t, answer.Messages, 1)
	require.Equal(t, message.ID(), answer.Messages[0].ID)
}

// TestWhatCarriesARegistrationIsBoundedAsWhatNobodySigns where registrations cost nothing.
func TestWhatCarriesARegistrationIsBoundedAsWhatNobodySigns(t *testing.T) {
	c := startChain(t, Config{UnsignedRate: 0.001, UnsignedBurst: 1}, nil)
	for n, want := range []error{nil, refusal.ErrRateLimited} {
		who := identity(t, byte(1+n))
		deadline, err := c.Deadline(t.Context())
		require.NoError(t, err)
		create := &chain.CreateSession{Participants: sessionParams(who).Participants, PublicKeys: publicKeys(sessionParams(who).PublicKeys), Creator: who.ID(), Deadline: deadline}
		_, err = c.RegisterAndSend(t.Context(), create, who, who.Public().KEM, who.Public().DSA)
		require.ErrorIs(t, err, want)
	}
}
