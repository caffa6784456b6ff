package rpc

import (
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// large makes a session whose keys are the largest leaf of the default genesis, and returns keys of the
// tree beside it: at each, a proof of absence has that leaf in it.
func (c *testChain) large(t *testing.T, count int) (beside []client.Bytes) {
	params := client.CreateSessionParams{}
	for i := range chain.DefaultGenesis().Limits.MaxParticipants {
		params.Participants = append(params.Participants, ids.ID{1, byte(i)})
		params.PublicKeys = append(params.PublicKeys, make(client.Bytes, chain.KEMPublicKeySize))
	}
	made, err := c.CreateSession(t.Context(), params)
	require.NoError(t, err)
	for i := range count {
		other := made.SessionID
		other[31] ^= byte(i + 1)
		other[30] ^= byte((i + 1) >> 8)
		beside = append(beside, chain.SessionKeysKey(other))
	}
	return beside
}

// TestStateProofsAreBounded asks for much with little: many keys beside the largest leaf.
func TestStateProofsAreBounded(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	beside := c.large(t, lightclient.MaxStateProofKeys+1)
	ask := func(keys []client.Bytes) (*client.GetStateProofResult, error) {
		return c.GetStateProof(t.Context(), client.GetStateProofParams{Keys: keys, Uncertified: true})
	}
	for _, count := range []int{1, 4} {
		answer, err := ask(beside[:count])
		require.NoError(t, err)
		require.Greater(t, len(answer.Proof), 150_000*count)
		proof, err := lightclient.ParseStateProof(answer.Proof)
		require.NoError(t, err)
		state, err := proof.State()
		require.NoError(t, err)
		value, err := state.Leaf(beside[count-1])
		require.NoError(t, err)
		require.Nil(t, value)
		_, err = state.Leaf(beside[count])
		require.ErrorIs(t, err, lightclient.ErrStatement, "nothing was said of it")
	}
	_, err := ask(beside[:lightclient.MaxStateProofKeys])
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	for name, keys := range map[string][]client.Bytes{
		"too many":  beside,
		"none":      nil,
		"an empty":  {{}},
		"too long":  {make(client.Bytes, chain.MaxKeyBytes+1)},
		"one empty": {beside[0], {}},
	} {
		_, err := ask(keys)
		require.ErrorIs(t, err, refusal.ErrInvalidArgs, name)
	}
	_, err = c.PollSession(t.Context(), client.PollSessionParams{SessionID: ids.ID{7}, From: 1, Receipts: make([]uint64, chain.MaxParticipants+1)})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
}

// TestManyKeysCountAsManyCalls uses up a client's calls with the keys of a few.
func TestManyKeysCountAsManyCalls(t *testing.T) {
	config := DefaultConfig()
	config.RequestRate, config.RequestBurst = 0.001, 12
	c := startChain(t, config, nil)
	var keys []client.Bytes
	for i := range lightclient.MaxStateProofKeys {
		keys = append(keys, chain.MessageKey(uint64(i+1)))
	}
	_, err := c.GetStateProof(t.Context(), client.GetStateProofParams{Keys: keys[:64], Uncertified: true})
	require.NoError(t, err)
	_, err = c.GetStateProof(t.Context(), client.GetStateProofParams{Keys: keys, Uncertified: true})
	require.NoError(t, err, "what it costs is known afterwards")
	_, err = c.Health(t.Context())
	require.ErrorIs(t, err, refusal.ErrRateLimited)
}

// TestAPollIsAnsweredFromACertificateThatIsKept uses up a client's certificates: it goes on to be answered,
// from the latest block that is certified, or from the one that it trusts.
func TestAPollIsAnsweredFromACertificateThatIsKept(t *testing.T) {
	config := DefaultConfig()
	config.CertificateRate, config.CertificateBurst = 0.001, 1
	c := startChain(t, config, nil)
	session := c.open(identity(t, 1))
	c.open(identity(t, 1)) // the block before changes the validators: it is certified without being asked for
	poll := func(trusted uint64) (*client.PollSessionResult, *lightclient.StateProof) {
		answer, err := c.PollSession(t.Context(), client.PollSessionParams{SessionID: session, From: 1, TrustedHeight: trusted})
		require.NoError(t, err)
		proof, err := lightclient.ParseStateProof(answer.Proof)
		require.NoError(t, err)
		require.Equal(t, answer.Height, proof.Block.Header.Height)
		_, err = proof.State()
		require.NoError(t, err)
		return answer, proof
	}
	first, _ := poll(0)
	newer := c.open(identity(t, 2))
	c.open(identity(t, 3))
	again, proof := poll(0)
	require.Equal(t, first.Height, again.Height, "not newer")
	verifier := c.network.verifier()
	_, err := verifier.VerifyCertificate(proof.Block.Certificate, proof.Block.Header, proof.Block.Validators)
	require.NoError(t, err)
	trusting, _ := poll(first.Height + 1)
	require.Equal(t, first.Height+1, trusting.Height)
	_, err = c.PollSession(t.Context(), client.PollSessionParams{SessionID: newer, From: 1})
	require.ErrorIs(t, err, refusal.ErrRateLimited, "it is not unknown")
}
