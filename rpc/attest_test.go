package rpc

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/client/provider"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// dsaKey returns an ML-DSA-65 key that is the same in every run.
func dsaKey(n int) *pq.DSAKey {
	key, err := pq.DSAKeyFromSeed(bytes.Repeat([]byte{byte(n + 1)}, pq.DSASeedSize))
	if err != nil {
		panic(err)
	}
	return key
}

// bind binds a key to a node, which is a validator of the last block.
func (c *testChain) bind(node int, key, replaces *pq.DSAKey) {
	c.t.Helper()
	host := c.node.Host()
	register := signing.ValidatorKey{NetworkID: host.NetworkID, ChainID: host.ChainID, Signer: c.network.keys[node], Key: key, Replaces: replaces}
	tx, err := register.Register(c.t.Context(), uint64(host.Clock().Add(time.Minute).UnixMilli()))
	require.NoError(c.t, err)
	result, err := c.IssueTransaction(c.t.Context(), client.IssueTransactionParams{Bytes: tx.Bytes(), Wait: client.Seconds(10 * time.Second)})
	require.NoError(c.t, err)
	require.Equal(c.t, "accepted", result.Status)
}

// postQuantum returns a provider that asks for ML-DSA-65 signatures.
func (c *testChain) postQuantum() *provider.Provider {
	p := c.provider(c.server.URL)
	p.PostQuantum = true
	return p
}

// demanding returns trust options of a policy that begin at the latest block, on the node's word.
func (c *testChain) demanding(policy lightclient.Policy) *lightclient.TrustOptions {
	c.t.Helper()
	options := c.trust(1)
	options.Policy = policy
	checkpoint, _, err := provider.Checkpoint(c.t.Context(), c.Client, &options.Rules, 0)
	require.NoError(c.t, err)
	options.Checkpoint = checkpoint
	return options
}

// TestAClientDemandsMLDSAOverHTTP: over a validator that joins, one that leaves, one that replaces its key and one that has
// none; and a bundle verifies with BLS removed from the policy.
func TestAClientDemandsMLDSAOverHTTP(t *testing.T) {
	t.Parallel() // it waits
	ctx := t.Context()
	c := startNetwork(t, 6, DefaultConfig(), nil, "")
	c.network.setValidators(1, 0, 1, 2, 3, 4)
	sender := identity(t, 1)
	session := c.open(sender)
	rules := c.trust(1).Rules
	rules.Policy = lightclient.PolicyBoth
	_, _, err := provider.Checkpoint(ctx, c.Client, &rules, 0)
	require.ErrorIs(t, err, warp.ErrInsufficientWeight, "nobody has a key")
	for node := range 4 {
		require.Equal(t, lightclient.PolicyBLS, c.demanding("").Policy)
		c.bind(node, dsaKey(node), nil)
	}
	require.Equal(t, lightclient.PolicyBoth, c.demanding("").Policy, "the default is what the keys allow")
	both, alone := c.demanding(lightclient.PolicyBoth), c.demanding(lightclient.PolicyMLDSA)
	follow := func(trust *lightclient.TrustOptions) *lightclient.Client {
		made, err := lightclient.New(lightclient.Config{Trust: *trust, Primary: c.postQuantum(), Now: c.node.Host().Clock})
		require.NoError(t, err)
		return made
	}
	following := []*lightclient.Client{follow(both), follow(alone)}
	update := func() {
		t.Helper()
		for _, f := range following {
			latest, err := f.Update(ctx)
			require.NoError(t, err)
			require.Equal(t, c.node.Snapshot().Header().ID(), latest.Header.ID())
			_, basis, err := f.Header(ctx, latest.Header.Height)
			require.NoError(t, err)
			require.True(t, basis.PostQuantum)
			require.False(t, basis.Checkpoint)
		}
	}
	c.register(sender)
	sent, err := c.SendMessage(ctx, c.message(sender, session, "certified"))
	require.NoError(t, err)
	bundle := func() *client.GetProofResult {
		answer, err := c.GetProof(ctx, client.GetProofParams{MessageID: sent.MessageID, Full: true, Certified: true, PostQuantum: true})
		require.NoError(t, err)
		return answer
	}
	answer := bundle()
	proof, err := answer.Bundle()
	require.NoError(t, err)
	block, err := lightclient.BlockOf(proof)
	require.NoError(t, err)
	block.Certificate = nil // BLS is gone
	require.NoError(t, lightclient.Certify(proof, block))
	verified, err := lightclient.VerifyOffline(proof, alone, time.Now())
	require.NoError(t, err)
	require.True(t, verified.Basis.PostQuantum)
	require.Equal(t, warp.Weight{Signed: 40, Total: 50}, verified.Basis.Weight)
	_, err = lightclient.VerifyOffline(proof, both, time.Now())
	require.ErrorIs(t, err, lightclient.ErrNoCertificate, "both are both")
	block.PostQuantum = nil
	proof, err = answer.Bundle()
	require.NoError(t, err)
	block, err = lightclient.BlockOf(proof)
	require.NoError(t, err)
	block.PostQuantum = nil
	require.NoError(t, lightclient.Certify(proof, block))
	for _, trust := range []*lightclient.TrustOptions{both, alone} {
		_, err = lightclient.VerifyOffline(proof, trust, time.Now())
		require.ErrorIs(t, err, lightclient.ErrDowngrade)
	}
	_, err = lightclient.VerifyOffline(proof, c.trust(1), time.Now())
	require.NoError(t, err, "the same bundle serves who demands BLS")
	update()

	c.network.setValidators(2, 0, 1, 2, 3, 5) // 4 has left, 5 has joined
	c.open(identity(t, 2))
	c.bind(5, dsaKey(5), nil)
	update()
	c.ahead.Add(int64(time.Duration(c.node.Genesis().Limits.TransactionWindow) * time.Second))
	c.bind(1, dsaKey(101), dsaKey(1))
	update()

	// A state that comes without such signatures is followed by them.
	states, err := c.GetStateProof(ctx, client.GetStateProofParams{Keys: []client.Bytes{chain.TotalsKey()}, TrustedHeight: both.Checkpoint.Header.Height})
	require.NoError(t, err)
	state, err := lightclient.ParseStateProof(states.Proof)
	require.NoError(t, err)
	_, basis, err := follow(both).State(ctx, state)
	require.NoError(t, err)
	require.True(t, basis.PostQuantum)
}

func TestAPostQuantumCertificateIsServed(t *testing.T) {
	ctx := t.Context()
	c := startNetwork(t, 3, DefaultConfig(), nil, "")
	c.network.setValidators(1, 0, 1, 2)
	c.open(identity(t, 1))
	for node := range 3 {
		c.bind(node, dsaKey(node), nil)
	}
	answer, err := c.GetCertificate(ctx, client.GetCertificateParams{PostQuantum: true})
	require.NoError(t, err)
	certificate, err := warp.ParsePostQuantumCertificate(answer.Certificate)
	require.NoError(t, err)
	header, err := chain.ParseHeader(answer.Header.Bytes)
	require.NoError(t, err)
	var keys [][]byte
	for _, key := range answer.Keys {
		keys = append(keys, key)
	}
	set, err := warp.NewKeySet(c.set(1), keys)
	require.NoError(t, err)
	verifier := c.network.verifier()
	verifier.ChainID = c.node.Host().ChainID
	weight, err := verifier.VerifyPostQuantum(certificate, header, set, warp.TwoThirds)
	require.NoError(t, err)
	require.Equal(t, client.Weight(weight), answer.Weight)

	stream, err := c.StreamPostQuantum(ctx, client.BlockParams{Height: &header.Height})
	require.NoError(t, err)
	read, err := verifier.ReadPostQuantum(stream, header, set, warp.TwoThirds)
	require.NoError(t, err)
	require.NoError(t, stream.Close())
	require.Equal(t, weight, read)
	for name, params := range map[string]client.BlockParams{"an unknown block": {ID: ids.ID{9}}, "two blocks": {ID: ids.ID{9}, Height: &header.Height}} {
		t.Run(name, func(t *testing.T) {
			_, err := c.StreamPostQuantum(ctx, params)
			_, named := c.GetHeader(ctx, params)
			require.Error(t, named)
			require.ErrorIs(t, err, named.(*client.Error).Code)
		})
	}
	config := DefaultConfig()
	config.CertificateRate, config.CertificateBurst = 1e-9, 1
	service, err := newService(c.node, config)
	require.NoError(t, err)
	server := httptest.NewServer(Serve(map[string]http.Handler{CertificatePath: service.certificates()}))
	t.Cleanup(server.Close)
	limited, err := client.New(server.URL+RPCPath, client.Options{})
	require.NoError(t, err)
	stream, err = limited.StreamPostQuantum(ctx, client.BlockParams{})
	require.NoError(t, err)
	require.NoError(t, stream.Close())
	_, err = limited.StreamPostQuantum(ctx, client.BlockParams{})
	require.ErrorIs(t, err, refusal.ErrRateLimited)
	for body, want := range map[string]int{"{": 400, "7": 400, `{"height":"x"}`: 400, `{"from":1}`: 400} {
		response, err := http.Post(c.server.URL+CertificatePath, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, want, response.StatusCode, body)
	}

	for name, params := range map[string]client.GetCertificateParams{
		"another set":   {PostQuantum: true, ValidatorSetHash: chain.Hash{1}},
		"a trusted one": {PostQuantum: true, TrustedHeight: 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.GetCertificate(ctx, params)
			require.ErrorIs(t, err, refusal.ErrInvalidArgs)
		})
	}
	_, err = c.GetLightBlock(ctx, client.GetLightBlockParams{PostQuantum: true, Keys: true})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
	_, err = c.GetCertificate(ctx, client.GetCertificateParams{PostQuantum: true, BlockID: ids.ID{9}})
	require.ErrorIs(t, err, refusal.ErrNotFound)
}

// TestOneCheckpointServesAllThatWasDeliveredBefore, when nobody else is there any more to sign.
func TestOneCheckpointServesAllThatWasDeliveredBefore(t *testing.T) {
	t.Parallel() // it waits
	ctx := t.Context()
	c := startNetwork(t, 3, DefaultConfig(), nil, `{"checkpointInterval":1}`)
	c.network.setValidators(1, 0, 1, 2)
	sender := identity(t, 1)
	session := c.open(sender)
	for node := range 3 {
		c.bind(node, dsaKey(node), nil)
	}
	trust := c.demanding("")
	c.register(sender)
	var messages []ids.ID
	for _, text := range []string{"first", "second"} {
		sent, err := c.SendMessage(ctx, c.message(sender, session, text))
		require.NoError(t, err)
		messages = append(messages, sent.MessageID)
	}
	height := c.node.Snapshot().Header().Height
	go c.node.KeepCheckpoints()
	require.Eventually(t, func() bool {
		latest, err := c.node.LatestCheckpoint()
		return err == nil && latest >= height
	}, 20*time.Second, 20*time.Millisecond)
	kept, err := c.node.Checkpoint(height)
	require.NoError(t, err)
	c.network.setDown(true, 1, 2)
	for _, id := range messages {
		answer, err := c.GetProof(ctx, client.GetProofParams{MessageID: id, Full: true, Certified: true, PostQuantum: true})
		require.NoError(t, err)
		require.Equal(t, kept.Header.Height, answer.Height)
		bundle, err := answer.Bundle()
		require.NoError(t, err)
		verified, err := lightclient.VerifyOffline(bundle, trust, time.Now())
		require.NoError(t, err)
		require.True(t, verified.Basis.PostQuantum)
		require.Equal(t, kept.Header.ID(), verified.Basis.BlockID)
		require.Equal(t, id, verified.Statement.Message.ID)
	}
	follower, err := lightclient.New(lightclient.Config{Trust: *trust, Primary: c.postQuantum(), Now: c.node.Host().Clock})
	require.NoError(t, err)
	latest, err := follower.Block(ctx, kept.Header.Height)
	require.NoError(t, err)
	require.Equal(t, kept.Header.ID(), latest.Header.ID())
	// What is below follows from it by headers.
	header, basis, err := follower.Header(ctx, kept.Header.Height-1)
	require.NoError(t, err)
	require.Equal(t, latest.Header.Parent, header.ID())
	require.Equal(t, kept.Header.Height, basis.CertifiedHeight)
	require.True(t, basis.PostQuantum)
}

// TestACheckpointOfOtherValidatorsServesNoMessage: who trusts the validators of a message's block could not follow to it from one proof.
func TestACheckpointOfOtherValidatorsServesNoMessage(t *testing.T) {
	t.Parallel() // it waits
	ctx := t.Context()
	c := startNetwork(t, 4, DefaultConfig(), nil, `{"checkpointInterval":1}`)
	c.network.setValidators(1, 0, 1, 2)
	sender := identity(t, 1)
	session := c.open(sender)
	for node := range 3 {
		c.bind(node, dsaKey(node), nil)
	}
	trust := c.demanding("")
	c.register(sender)
	sent, err := c.SendMessage(ctx, c.message(sender, session, "to those of before"))
	require.NoError(t, err)
	delivered := c.node.Snapshot().Header()
	c.network.setValidators(2, 0, 1, 2, 3)
	c.open(identity(t, 2))
	changed := c.node.Snapshot().Header().Height
	go c.node.KeepCheckpoints()
	require.Eventually(t, func() bool {
		latest, err := c.node.LatestCheckpoint()
		return err == nil && latest >= changed
	}, 20*time.Second, 20*time.Millisecond)
	kept, err := c.node.Checkpoint(delivered.Height)
	require.NoError(t, err)
	require.NotEqual(t, delivered.ValidatorSetHash, kept.Header.ValidatorSetHash)

	answer, err := c.GetProof(ctx, client.GetProofParams{MessageID: sent.MessageID, Full: true, Certified: true, PostQuantum: true})
	require.NoError(t, err)
	require.Equal(t, delivered.Height, answer.Height)
	bundle, err := answer.Bundle()
	require.NoError(t, err)
	verified, err := lightclient.VerifyOffline(bundle, trust, time.Now())
	require.NoError(t, err)
	require.Equal(t, delivered.ID(), verified.Basis.BlockID)
}
