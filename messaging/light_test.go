package messaging

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// TestAChainIsPinnedOnFirstUse has somebody use a chain, and then led to a node of another one
// with the same genesis, and so the same ID, whose validator is another.
func TestAChainIsPinnedOnFirstUse(t *testing.T) {
	url, stop, err := startChain(testGenesis)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	forged, err := client.New(url, client.Options{})
	require.NoError(t, err)

	p := newPerson(t, nil)
	pinned, err := os.ReadFile(p.light.pin)
	require.NoError(t, err)
	other := newPerson(t, nil).config
	other.Client, other.Folder = forged, t.TempDir()
	_, err = Open(testContext(t), other) // so that the forged chain has a block
	require.NoError(t, err)
	config := p.config
	config.FirstUse = func(*lightclient.TrustOptions) { t.Error("it is not the first use") }
	_, err = Open(testContext(t), config)
	require.NoError(t, err)
	config.Client = forged
	for range 2 { // the second time its identity is registered there
		_, err = Open(testContext(t), config)
		requireCaught(t, err)
	}
	after, err := os.ReadFile(p.light.pin)
	require.NoError(t, err)
	require.Equal(t, string(pinned), string(after))
	config.TrustNode = true
	_, err = Open(testContext(t), config)
	require.NoError(t, err, "the way out")

	trust, err := lightclient.ParseTrustOptions(pinned)
	require.NoError(t, err)
	config = p.config
	config.Folder, config.Trust, config.Client = t.TempDir(), trust, forged
	_, err = Open(testContext(t), config)
	requireCaught(t, err)
	config.Client = p.config.Client
	_, err = Open(testContext(t), config)
	require.NoError(t, err)
}

// TestANodeThatIsOfAnotherChainNowIsRefused: as an SSH host whose key has changed.
func TestANodeThatIsOfAnotherChainNowIsRefused(t *testing.T) {
	network := newWire(t)
	p := newPerson(t, network)
	chainID := p.chainID
	other := chainID
	other[0] ^= 1
	network.set(nil, falsely(t, "GetChainInfo", func(r *client.ChainInfo) { r.ChainID = other }))
	config := p.config
	opens := func() error {
		config.Client = connect(t, network)
		_, err := Open(testContext(t), config)
		return err
	}
	require.ErrorIs(t, opens(), ErrTrust)
	config.TrustNode = true
	require.ErrorIs(t, opens(), ErrTrust, "trusting a node is not trusting whoever answers there")
	config.Chain = chainID
	require.ErrorIs(t, opens(), ErrTrust)
	config.Chain = other
	require.NotErrorIs(t, opens(), ErrTrust, "the user says so")
	network.set(nil, nil)
	config = p.config
	require.NoError(t, opens(), "what did not hold is not kept")

	// What holds is: here the address was one of another chain.
	nodes := fmt.Sprintf(`{%q: %q}`, TestURL, other)
	require.NoError(t, os.WriteFile(filepath.Join(config.Folder, nodesFile), []byte(nodes), 0o600))
	require.ErrorIs(t, opens(), ErrTrust)
	config.Chain = chainID
	require.NoError(t, opens())
	config.Chain = ids.Empty
	require.NoError(t, opens())
	require.NoError(t, os.WriteFile(filepath.Join(config.Folder, nodesFile), []byte("{"), 0o600))
	require.ErrorIs(t, opens(), ErrTrust, "nothing is believed of a file that is damaged")
}

// TestNothingFalseIsPinned has a node name another chain's validators on first use, and then
// be honest. Several programs begin at once.
func TestNothingFalseIsPinned(t *testing.T) {
	network := newWire(t)
	p := newPerson(t, nil)
	config := p.config
	config.Folder, config.Client = t.TempDir(), connect(t, network)
	network.set(nil, falsely(t, "GetValidators", func(r *client.GetValidatorsResult) { r.ChainID[0] ^= 1 }))
	_, err := Open(testContext(t), config)
	require.ErrorIs(t, err, ErrNode)
	network.set(nil, falsely(t, "GetChainInfo", func(r *client.ChainInfo) { r.ChainID[0] ^= 1 }))
	config.Client = connect(t, network)
	_, err = Open(testContext(t), config)
	require.ErrorIs(t, err, ErrNode)
	pinned, err := filepath.Glob(filepath.Join(config.Folder, "*.trust.json"))
	require.NoError(t, err)
	require.Empty(t, pinned)
	network.set(nil, nil)
	config.Client = connect(t, network)
	var programs sync.WaitGroup
	first := make(chan struct{}, 8)
	config.FirstUse = func(*lightclient.TrustOptions) { first <- struct{}{} }
	for range 8 {
		programs.Go(func() {
			_, err := Open(testContext(t), config)
			if err != nil {
				t.Error(err)
			}
		})
	}
	programs.Wait()
	require.Len(t, first, 1)
}

// TestASessionIsNotOverBecauseItWasNotThereBefore has a node refuse a message, and prove with a
// state from before the session was made that it is not there.
func TestASessionIsNotOverBecauseItWasNotThereBefore(t *testing.T) {
	network := newWire(t)
	alice, bob := newPerson(t, network), newPerson(t, nil)
	direct := connect(t, nil)
	before, err := direct.GetLightBlock(testContext(t), client.GetLightBlockParams{})
	require.NoError(t, err)
	s, err := alice.NewSession(testContext(t), bob.Self())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	s = alice.joins(t, s.ID())
	absent, err := direct.GetProof(testContext(t), client.GetProofParams{SessionID: s.ID(), Height: &before.Height})
	require.NoError(t, err)
	require.False(t, absent.Present)
	bundle, err := absent.Bundle()
	require.NoError(t, err)
	block, err := lightclient.ParseLightBlock(before.LightBlock)
	require.NoError(t, err)
	old := lightclient.StateProof{Block: block, Leaves: []lightclient.ProvenLeaf{{Key: bundle.Key, Commitment: bundle.Commitment}}}
	network.refuse = func(method string, _ []byte) refusal.Reason {
		if method == "sessionvm.IssueTransaction" {
			return refusal.ErrUnknownSession
		}
		return 0
	}
	network.set(nil, falsely(t, "GetStateProof", func(r *client.GetStateProofResult) { r.Proof = old.Bytes() }))
	for range 2 {
		_, err = s.Send(testContext(t), []byte("one"))
		require.ErrorIs(t, err, ErrBehind)
		require.NotErrorIs(t, err, ErrUnsent)
		require.NoError(t, alice.openLight(testContext(t))) // as the next program, if the node shows it nothing later
	}
	network.refuse = nil
	network.set(nil, nil)
	_, err = s.Flush(testContext(t))
	require.NoError(t, err)
}

// TestATooLongAnswerIsRefused has a node answer more than it was asked for.
func TestATooLongAnswerIsRefused(t *testing.T) {
	network := newWire(t)
	_, sessions := groupOver(t, 2, network)
	alice, bob := sessions[0], sessions[1]
	sends(t, alice, "one")
	until(t, bob, text("one"))
	require.NoError(t, bob.Acknowledge(testContext(t), 0))
	until(t, alice, text("one"))
	sends(t, alice, "two")
	network.set(nil, falsely(t, "PollSession", func(r *client.PollSessionResult) {
		for len(r.Messages) <= pageSize {
			r.Messages = append(r.Messages, r.Messages[0])
		}
	}))
	_, err := bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrNode)
	network.set(nil, falsely(t, "PollSession", func(r *client.PollSessionResult) {
		r.Receipts = make([]client.Bytes, 3)
	}))
	_, err = bob.Receive(testContext(t))
	require.ErrorIs(t, err, ErrNode)
	network.set(nil, nil)
	until(t, bob, text("two"))
}

// requireCaught requires that a node of another chain was found out.
func requireCaught(t testing.TB, err error) {
	t.Helper()
	require.Contains(t, []string{"refused, ErrNode", "refused, ErrBehind"}, found(err), err)
}
