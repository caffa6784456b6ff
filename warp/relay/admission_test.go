package relay

import (
	"fmt"
	"math/big"
	"path/filepath"
	"testing"

	"github.com/luxfi/geth/common"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

const admissionPrice = 1000

// newAdmission returns a world in which a contract alone admits to the session chain, whose genesis names the contract before it is there.
func newAdmission(t *testing.T) *world {
	w := &world{T: t, platform: newKey(t), key: newKey(t), signers: 3, file: filepath.Join(t.TempDir(), "relay.json")}
	w.startEVM()
	var err error
	w.evm, err = NewEVM(t.Context(), &node{Client: w.simulated.Client(), world: w}, w.key)
	require.NoError(t, err)
	at, err := w.evm.NextContract(t.Context())
	require.NoError(t, err)
	w.sessions = startSessions(t, chain.Registration{Mode: chain.RegistrationIssuer, Contracts: []chain.Contract{{Chain: evmChain, Address: at[:]}}})
	w.chainID, err = w.sessions.ChainID(t.Context())
	require.NoError(t, err)
	genesis, err := w.sessions.Genesis(t.Context())
	require.NoError(t, err)
	genesis.Limits.TransactionWindow = 60 // less than the chain's: the simulated chain's clock runs ahead
	require.Equal(t, at, w.deploys(AdmissionCode(w.chainID, genesis, big.NewInt(admissionPrice))))
	w.senders = append(w.senders, at)
	return w
}

// pays has the contract admit an identity, and returns its registration.
func (w *world) pays(who *pq.Identity, value int64) ids.ID {
	w.Helper()
	public := who.Public()
	receipt, err := w.evm.Do(w.Context(), Call{To: &w.senders[0], Value: big.NewInt(value), Input: AdmitInput(public.KEM, public.DSA)})
	require.NoError(w, err)
	registration, err := Admitted(receipt)
	require.NoError(w, err)
	return registration
}

// TestWhoPaysAContractIsRegistered on a chain that has no other way in, and can act then.
func TestWhoPaysAContractIsRegistered(t *testing.T) {
	w := newAdmission(t)
	alice, err := pq.GenerateIdentity()
	require.NoError(t, err)
	public := alice.Public()
	info, err := w.sessions.GetChainInfo(t.Context())
	require.NoError(t, err)
	require.Equal(t, []chain.Contract{{Chain: evmChain, Address: w.senders[0][:]}}, info.Registration.Contracts)
	_, err = w.sessions.RegisterIdentity(t.Context(), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA})
	require.ErrorIs(t, err, refusal.ErrNotAdmitted)

	price, err := AdmissionPrice(t.Context(), w.evm, w.senders[0])
	require.NoError(t, err)
	require.EqualValues(t, admissionPrice, price.Int64())
	registration := w.pays(alice, admissionPrice)
	done, err := relays(w.relayer(0))
	require.NoError(t, err)
	require.Len(t, done, 1)
	require.Equal(t, registration, done[0].Brought)
	require.Contains(t, done[0].What, "registration of "+pq.FormatID(alice.ID()))
	shown, err := w.sessions.GetTransaction(t.Context(), client.GetTransactionParams{TransactionID: registration})
	require.NoError(t, err)
	require.Equal(t, &client.Contract{ChainID: evmChain, Address: w.senders[0][:]}, shown.Contract)
	again, err := w.sessions.RegisterIdentity(t.Context(), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA})
	require.NoError(t, err)
	require.True(t, again.AlreadyRegistered)
	deadline, err := w.sessions.Deadline(t.Context())
	require.NoError(t, err)
	w.does(alice, &chain.CreateSession{Participants: []ids.ID{alice.ID()}, Creator: alice.ID(), Deadline: deadline})

	// Brought again it is done; sent again it is refused for good, and stops nobody behind it.
	w.file = filepath.Join(t.TempDir(), "relay.json")
	bob, err := pq.GenerateIdentity()
	require.NoError(t, err)
	require.NotEqual(t, registration, w.pays(alice, 0))
	w.pays(bob, admissionPrice)
	r := w.relayer(0)
	defer r.Close()
	step, err := r.Step(t.Context())
	require.NoError(t, err)
	require.Equal(t, registration, step.Brought)
	_, err = r.Step(t.Context())
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorIs(t, err, refusal.ErrIdentityRenewal)
	_, err = r.Step(t.Context())
	require.NoError(t, err)
	_, err = w.sessions.GetIdentity(t.Context(), client.GetIdentityParams{IdentityID: bob.ID()})
	require.NoError(t, err)
}

// TestAContractThatTheGenesisDoesNotNameIsRefused: another address, another chain, and a chain where none admits.
func TestAContractThatTheGenesisDoesNotNameIsRefused(t *testing.T) {
	w := &world{T: t, platform: newKey(t), key: newKey(t)}
	w.startEVM()
	evm, err := NewEVM(t.Context(), &node{Client: w.simulated.Client(), world: w}, w.key)
	require.NoError(t, err)
	named, other := common.Address{19: 1}, common.Address{19: 2}
	with := func(contracts ...chain.Contract) *chain.Genesis {
		return &chain.Genesis{Registration: chain.Registration{Mode: chain.RegistrationIssuer, Contracts: contracts}}
	}
	here := with(chain.Contract{Chain: evmChain, Address: named[:]})
	require.NoError(t, CheckAdmits(t.Context(), evm, here, named))
	for _, test := range []struct {
		genesis  *chain.Genesis
		at       common.Address
		expected string
	}{
		{here, other, "0x0000000000000000000000000000000000000001 on chain " + evmChain.String()},
		{with(chain.Contract{Chain: ids.ID{9}, Address: named[:]}), named, "on chain " + ids.ID{9}.String()},
		{with(), named, "registration.contracts"},
	} {
		err := CheckAdmits(t.Context(), evm, test.genesis, test.at)
		require.ErrorIs(t, err, ErrNotNamed)
		require.ErrorIs(t, err, refusal.ErrNotAdmitted)
		refused := new(refusal.Error)
		require.ErrorAs(t, err, &refused)
		require.Contains(t, refused.Expected, test.expected)
		require.Equal(t, fmt.Sprintf("0x%x on chain %s", test.at, evmChain), refused.Got)
	}
}
