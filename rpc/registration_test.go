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
	params.Issuer, params.Until, params.Signature = admission.Issuer, admission.Until, admission.Signature
	registered, err := c.RegisterIdentity(t.Context(), params)
	require.NoError(t, err)
	require.EqualValues(t, alice.ID(), registered.IdentityID)
}
