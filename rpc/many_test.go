package rpc

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/client/provider"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// addRemote makes size validators of weight 10 from a platform height on, of whom the first is the node, and registers all their
// ML-DSA-65 keys.
func (c *testChain) addRemote(height uint64, size int) {
	c.t.Helper()
	ctx, host := c.t.Context(), c.node.Host()
	set := []signing.Validator{{Node: nodeID(0), PublicKey: c.network.keys[0].PublicKey().Uncompressed(), Weight: 10}}
	registrations := []signing.ValidatorKey{{Signer: c.network.keys[0], Key: dsaKey(0)}}
	c.network.remote = make(map[ids.NodeID]remote)
	for i := 1; i < size; i++ {
		seed := binary.BigEndian.AppendUint32(make([]byte, pq.DSASeedSize-4), uint32(i))
		key, err := pq.DSAKeyFromSeed(seed)
		require.NoError(c.t, err)
		secret, err := signing.SecretKeyFromSeed(seed)
		require.NoError(c.t, err)
		signer, node := testKey{secret}, ids.NodeID{0xff, byte(i >> 8), byte(i)}
		c.network.remote[node] = remote{signing.NewResponder(host.NetworkID, host.ChainID, c.node, signer), signing.NewAttestor(host.NetworkID, c.node, []*pq.DSAKey{key})}
		set = append(set, signing.Validator{Node: node, PublicKey: signer.PublicKey().Uncompressed(), Weight: 10})
		registrations = append(registrations, signing.ValidatorKey{Signer: signer, Key: key})
	}
	c.network.mu.Lock()
	c.network.height, c.network.sets[height] = height, set
	c.network.mu.Unlock()
	c.register(identity(c.t, 77)) // a block with the set
	for _, r := range registrations {
		r.NetworkID, r.ChainID = host.NetworkID, host.ChainID
		tx, err := r.Register(ctx, uint64(host.Clock().Add(time.Minute).UnixMilli()))
		require.NoError(c.t, err)
		for err = c.node.Submit(ctx, tx, ""); errors.Is(err, refusal.ErrMempoolFull); err = c.node.Submit(ctx, tx, "") {
			time.Sleep(10 * time.Millisecond)
		}
		require.NoError(c.t, err)
	}
	require.Eventually(c.t, func() bool {
		totals, err := c.node.Snapshot().Totals()
		return err == nil && totals.LiveValidatorKeys == uint64(size)
	}, time.Minute, 10*time.Millisecond)
}

// maxPerValidator bounds what is allocated for one validator's key, proof and signature, of 7.2 KB, on the way through both ends of an
// answer.
const maxPerValidator = 192 << 10

// TestManyValidators: what is attested by a hundred passes all layers, from the validators to a file that is verified, within
// bounds of size and memory. SESSION_VALIDATORS=1000 has it be a thousand, which takes a minute.
func TestManyValidators(t *testing.T) {
	if testing.Short() || race.Enabled {
		t.Skip("it takes a while")
	}
	size := 100
	if text := os.Getenv("SESSION_VALIDATORS"); text != "" {
		var err error
		size, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	ctx := t.Context()
	c := startNetwork(t, 1, DefaultConfig(), nil, "")
	sender := identity(t, 1)
	session := c.open(sender)
	c.addRemote(2, size)
	c.register(sender)
	sent, err := c.SendMessage(ctx, c.message(sender, session, "to a thousand"))
	require.NoError(t, err)

	require.Eventually(t, func() bool {
		certificate, err := c.GetCertificate(ctx, client.GetCertificateParams{})
		return err == nil && certificate.Header.Height == c.node.Snapshot().Header().Height
	}, time.Minute, 10*time.Millisecond)

	rules := lightclient.Rules{Verifier: c.network.verifier(), TrustingPeriod: time.Hour, MaxClockDrift: time.Minute}
	var trust *lightclient.TrustOptions
	within := func(what string, f func()) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		started := time.Now()
		f()
		took := time.Since(started)
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s: %v, %d KB allocated", what, took.Round(time.Millisecond), allocated>>10)
		require.Less(t, allocated, 4<<20+uint64(size)*maxPerValidator, what)
	}
	within("a trust file", func() {
		checkpoint, _, err := provider.Checkpoint(ctx, c.Client, &rules, 0)
		require.NoError(t, err)
		require.Equal(t, lightclient.PolicyBoth, rules.Policy)
		text, err := json.Marshal(&lightclient.TrustOptions{Rules: rules, Checkpoint: checkpoint})
		require.NoError(t, err)
		t.Log("trust file", len(text))
		trust, err = lightclient.ParseTrustOptions(text)
		require.NoError(t, err)
	})
	c.register(identity(t, 78))
	require.Eventually(t, func() bool {
		_, err := c.GetCertificate(ctx, client.GetCertificateParams{})
		return err == nil
	}, time.Minute, 10*time.Millisecond)
	var answer *client.GetCertificateResult
	within("GetCertificate", func() {
		answer, err = c.GetCertificate(ctx, client.GetCertificateParams{PostQuantum: true})
		require.NoError(t, err)
		t.Log("certificate", len(answer.Certificate))
	})
	require.Len(t, answer.Keys, size)
	keys := make([][]byte, size)
	for i := range keys {
		keys[i] = answer.Keys[i]
	}
	set, err := warp.NewKeySet(c.set(2), keys)
	require.NoError(t, err)
	header, err := chain.ParseHeader(answer.Header.Bytes)
	require.NoError(t, err)
	within("a certificate in a stream", func() {
		stream, err := c.StreamPostQuantum(ctx, client.BlockParams{Height: &header.Height})
		require.NoError(t, err)
		defer stream.Close()
		_, err = rules.ReadPostQuantum(stream, header, set, warp.TwoThirds)
		require.NoError(t, err)
	})
	within("a client follows", func() {
		follower, err := lightclient.New(lightclient.Config{Trust: *trust, Primary: c.postQuantum(), Now: c.node.Host().Clock})
		require.NoError(t, err)
		latest, err := follower.Update(ctx)
		require.NoError(t, err)
		require.Greater(t, latest.Header.Height, trust.Checkpoint.Header.Height)
		t.Log("light block", len(latest.Bytes()))
		require.Less(t, len(latest.Bytes()), lightclient.MaxLightBlockBytes)
	})
	within("a file", func() {
		answer, err := c.GetProof(ctx, client.GetProofParams{MessageID: sent.MessageID, Full: true, Certified: true, PostQuantum: true})
		require.NoError(t, err)
		bundle, err := answer.Bundle()
		require.NoError(t, err)
		again, err := proofs.Parse(bundle.Bytes())
		require.NoError(t, err)
		t.Log("file", len(bundle.Bytes()))
		verified, err := lightclient.VerifyOffline(again, trust, c.node.Host().Clock())
		require.NoError(t, err)
		require.True(t, verified.Basis.PostQuantum)
		require.Equal(t, warp.Weight{Signed: verified.Basis.Weight.Signed, Total: 10 * uint64(size)}, verified.Basis.Weight)
	})
}

// TestBytesOfACertifiedPoll tells what a poll costs a reader by each policy, when the node need not tell it again which keys validators have.
func TestBytesOfACertifiedPoll(t *testing.T) {
	if testing.Short() || race.Enabled {
		t.Skip("it takes a while")
	}
	for _, size := range []int{5, 100} {
		ctx := t.Context()
		c := startNetwork(t, 1, DefaultConfig(), nil, "")
		sender := identity(t, 1)
		session := c.open(sender)
		c.addRemote(2, size)
		c.register(sender)
		known := c.node.Snapshot().Header().Height
		_, err := c.SendMessage(ctx, c.message(sender, session, "certified"))
		require.NoError(t, err)
		answer, err := c.PollSession(ctx, client.PollSessionParams{SessionID: session, From: 1, TrustedHeight: known})
		require.NoError(t, err)
		text, err := json.Marshal(answer)
		require.NoError(t, err)
		signed := func(params client.GetLightBlockParams) int {
			params.PostQuantum, params.Height, params.TrustedHeight = true, answer.Height, known
			answer, err := c.GetLightBlock(ctx, params)
			require.NoError(t, err)
			return len(answer.LightBlock)
		}
		whole, less := signed(client.GetLightBlockParams{}), signed(client.GetLightBlockParams{KnownKeys: known})
		certificate, err := c.GetCertificate(ctx, client.GetCertificateParams{Height: &answer.Height, PostQuantum: true})
		require.NoError(t, err)
		t.Logf("%d validators: the poll %d bytes of JSON; with ML-DSA-65 %d bytes more, with known keys left out %d, of which are signatures %d",
			size, len(text), whole, less, len(certificate.Certificate))
		require.Greater(t, whole-less, size*1952, "no key comes again")
		require.Less(t, less, len(certificate.Certificate)+size*1000+1000)
	}
}
