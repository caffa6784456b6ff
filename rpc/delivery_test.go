package rpc

import (
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// delivered is a chain of four nodes with a message in it.
type delivered struct {
	*testChain
	alice   *pq.Identity
	session ids.ID
	message *client.SendMessageResult
}

// startDelivered has the message at a block whose validators are 0, 1 and 2.
func startDelivered(t *testing.T, node string) *delivered {
	t.Helper()
	c := startNetwork(t, 5, DefaultConfig(), nil, node)
	c.network.setValidators(1, 0, 1, 2)
	d := &delivered{testChain: c, alice: identity(t, 1)}
	c.register(d.alice)
	d.session = c.open(d.alice)
	var err error
	d.message, err = c.SendMessage(t.Context(), c.message(d.alice, d.session, "hello"))
	require.NoError(t, err)
	return d
}

// trust returns trust options with the block at a height as checkpoint.
func (c *testChain) trust(height uint64) *lightclient.TrustOptions {
	c.t.Helper()
	header, err := c.node.HeaderAt(height)
	require.NoError(c.t, err)
	return &lightclient.TrustOptions{
		Rules:      lightclient.Rules{Verifier: c.network.verifier(), TrustingPeriod: time.Hour, MaxClockDrift: 10 * time.Second},
		Checkpoint: lightclient.Checkpoint{Header: header, Validators: c.set(header.PChainHeight)},
	}
}

func TestADeliveryIsAWarpMessageOfTheValidatorsOfNow(t *testing.T) {
	ctx := t.Context()
	d := startDelivered(t, "")
	verifier := d.network.verifier()
	header, err := d.node.HeaderAt(d.message.Height)
	require.NoError(t, err)
	transcript := chain.NextTranscript(chain.FirstTranscript(d.session), d.message.MessageID, header.Timestamp)

	unsigned, err := d.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: d.message.MessageID, UnsignedOnly: true})
	require.NoError(t, err)
	require.Empty(t, unsigned.Signed)
	require.Zero(t, unsigned.Weight)
	require.Equal(t, client.Delivery{
		Type: warp.MessageType, ChainID: d.node.Host().ChainID, Height: d.message.Height, StateRoot: header.StateRoot, Session: d.session,
		Transaction: d.message.MessageID, Sequence: 1, Sender: d.alice.ID(), Transcript: transcript,
	}, unsigned.Delivery)
	for _, pChainHeight := range []uint64{1, 2} {
		signed, err := d.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: d.message.MessageID})
		require.NoError(t, err)
		require.Equal(t, unsigned.Unsigned, signed.Unsigned)
		require.Equal(t, pChainHeight, signed.PChainHeight)
		message, err := warp.ParseMessage(signed.Signed)
		require.NoError(t, err)
		require.Equal(t, client.Bytes(message.UnsignedMessage.Bytes()), signed.Unsigned)
		require.Equal(t, message.UnsignedMessage.ID(), signed.UnsignedID)
		weight, err := verifier.VerifyMessage(message, d.set(pChainHeight))
		require.NoError(t, err)
		require.Equal(t, client.Weight(weight), signed.Weight)
		require.Equal(t, d.set(pChainHeight).Hash(1, d.node.Host().ChainID), signed.ValidatorSetHash)
		d.network.setValidators(2, 2, 3, 4) // it is signed again by others
	}

	_, err = d.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: ids.ID{1}})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	_, err = d.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: ids.ID(d.session)})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	d.network.setDown(true, 2, 3, 4)
	sent, err := d.SendMessage(ctx, d.testChain.message(d.alice, d.session, "again"))
	require.NoError(t, err)
	_, err = d.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: sent.MessageID, Wait: client.Seconds(time.Millisecond)})
	var refused *client.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, refusal.ErrWaitTimeout, refused.Code)
	require.Equal(t, sent.MessageID, refused.Data.TransactionID)
	_, err = d.GetWarpMessage(ctx, client.GetWarpMessageParams{TransactionID: sent.MessageID, UnsignedOnly: true})
	require.NoError(t, err, "nobody is waited for")
}

// verifiedDelivery verifies a delivery offline.
func (d *delivered) verifiedDelivery(trust *lightclient.TrustOptions, params client.GetProofParams) *lightclient.Verified {
	d.t.Helper()
	params.Certified = true
	result, err := d.GetProof(d.t.Context(), params)
	require.NoError(d.t, err)
	bundle, err := result.Bundle()
	require.NoError(d.t, err)
	require.Equal(d.t, result.Height, bundle.Header.Height)
	verified, err := lightclient.VerifyOffline(bundle, trust, time.Now())
	require.NoError(d.t, err)
	require.Equal(d.t, d.message.MessageID, verified.Statement.Message.ID)
	require.Equal(d.t, params.Full, verified.Statement.SignatureVerified)
	return verified
}

func TestADeliveryIsProvenInOneCall(t *testing.T) {
	d := startDelivered(t, "")
	d.open(d.alice)
	latest := d.message.Height + 1
	early, late := d.trust(1), d.trust(latest)
	for name, params := range map[string]client.GetProofParams{
		"by ID":       {MessageID: d.message.MessageID},
		"by index":    {Index: d.message.Index},
		"by sequence": {SessionID: d.session, Sequence: 1, Full: true},
	} {
		verified := d.verifiedDelivery(early, params)
		require.Equal(t, d.message.Height, verified.Basis.Height, "%s: at the block that delivered it", name)
		require.GreaterOrEqual(t, verified.Basis.Weight.Signed, uint64(20))
		require.Equal(t, string(warp.CiphersuitePOP), verified.Basis.Scheme)
		require.False(t, verified.Basis.PostQuantum)
		require.Equal(t, d.message.Height, d.verifiedDelivery(late, params).Basis.Height, "%s: below what is trusted", name)
		params.Height = height(latest)
		require.True(t, d.verifiedDelivery(late, params).Basis.Checkpoint, name)
	}
	for name, test := range map[string]struct {
		params client.GetProofParams
		want   refusal.Reason
	}{
		"nothing":            {client.GetProofParams{}, refusal.ErrInvalidArgs},
		"two names":          {client.GetProofParams{MessageID: d.message.MessageID, SessionID: d.session, Sequence: 1}, refusal.ErrInvalidArgs},
		"an unknown message": {client.GetProofParams{MessageID: ids.ID{1}}, refusal.ErrNotFound},
		"a height to come":   {client.GetProofParams{MessageID: d.message.MessageID, Height: height(99)}, refusal.ErrNotFound},
	} {
		test.params.Certified = true
		_, err := d.GetProof(t.Context(), test.params)
		require.ErrorIs(t, err, test.want, name)
	}
	for name, params := range map[string]client.GetProofParams{
		"no such index":    {Index: 9},
		"no such sequence": {SessionID: d.session, Sequence: 2},
		"before it was":    {MessageID: d.message.MessageID, Height: height(d.message.Height - 1)},
		"no such session":  {SessionID: ids.ID{7}},
		"no receipt":       {SessionID: d.session, Participant: d.alice.ID()},
	} {
		params.Certified = true
		result, err := d.GetProof(t.Context(), params)
		require.NoError(t, err, name)
		bundle, err := result.Bundle()
		require.NoError(t, err, name)
		verified, err := lightclient.VerifyOffline(bundle, early, time.Now())
		require.NoError(t, err, name)
		require.True(t, !verified.Statement.Present || proofs.VerifyNoMessage(verified.Statement, 2) == nil, name)
	}
}

func TestAnOldDeliveryIsProvenAgainWhenTheValidatorsHaveChanged(t *testing.T) {
	t.Parallel() // it waits
	d := startDelivered(t, "")
	at := d.message.Height
	// Collected and kept now: later the old set would be asked for a second only, which a busy
	// machine may need for its signatures.
	_, err := d.GetCertificate(t.Context(), client.GetCertificateParams{Height: height(at)})
	require.NoError(t, err)
	d.network.setValidators(2, 2, 3, 4)
	d.open(d.alice)
	// To those who trust the old set it is what it was, also if they trust a later block; to
	// those who trust the new one the new one says so.
	require.Equal(t, at, d.verifiedDelivery(d.trust(1), client.GetProofParams{MessageID: d.message.MessageID, TrustedHeight: 1}).Basis.Height)
	// Both ways over the change of the set.
	old := client.GetProofParams{MessageID: d.message.MessageID, TrustedHeight: 1, Height: height(at + 1)}
	require.Equal(t, at+1, d.verifiedDelivery(d.trust(1), old).Basis.Height)
	late := client.GetProofParams{MessageID: d.message.MessageID, TrustedHeight: at + 1}
	require.Equal(t, at, d.verifiedDelivery(d.trust(at+1), late).Basis.Height)

	// Nobody certifies the old block any more: it is proven at the new one.
	sent, err := d.SendMessage(t.Context(), d.testChain.message(d.alice, d.session, "again"))
	require.NoError(t, err)
	d.message = sent
	d.network.setValidators(3, 0, 1)
	d.network.setDown(true, 2, 3, 4)
	d.open(d.alice)
	params := client.GetProofParams{MessageID: sent.MessageID, Certified: true}
	require.Equal(t, sent.Height+1, d.verifiedDelivery(d.trust(sent.Height+1), params).Basis.Height)
	params.Height = height(sent.Height)
	_, err = d.GetProof(t.Context(), params)
	require.ErrorIs(t, err, refusal.ErrNoQuorum, "a height that is asked for is not replaced")
}

func TestADeliveryWhoseStateIsPrunedIsProvenAtTheLatestBlock(t *testing.T) {
	d := startDelivered(t, `{"proofHistory":2,"stateSync":{"interval":1}}`)
	for range 6 {
		d.open(d.alice)
	}
	latest := d.message.Height + 6
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		_, err := d.GetProof(d.t.Context(), client.GetProofParams{MessageID: d.message.MessageID, Height: &d.message.Height, Certified: true})
		assert.ErrorIs(t, err, refusal.ErrPruned)
	}, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, latest, d.verifiedDelivery(d.trust(1), client.GetProofParams{MessageID: d.message.MessageID}).Basis.Height)
}

func TestWhereNobodySignsTheUnsignedDeliveryIsStillThere(t *testing.T) {
	t.Parallel() // it waits
	d := startDelivered(t, "")
	d.network.setDown(true, 1, 2)
	d.network.setValidators(2, 1, 2)
	_, err := d.GetProof(t.Context(), client.GetProofParams{MessageID: d.message.MessageID, Certified: true})
	require.ErrorIs(t, err, refusal.ErrNoQuorum)
	got := d.call("sessionvm.getWarpMessage", `{"transactionId":"`+d.message.MessageID.String()+`","unsignedOnly":true}`)
	require.Zero(t, got.code())
}
