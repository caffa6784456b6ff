package rpc

import (
	"fmt"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// certified verifies a certificate by the validator set at a platform height.
func (c *testChain) certified(result *client.GetCertificateResult, pChainHeight uint64, threshold warp.Threshold) {
	c.t.Helper()
	certificate, err := warp.ParseCertificate(result.Certificate)
	require.NoError(c.t, err)
	header, err := chain.ParseHeader(result.Header.Bytes)
	require.NoError(c.t, err)
	set := c.set(pChainHeight)
	require.Equal(c.t, set.Hash(1, c.node.Host().ChainID), result.ValidatorSetHash)
	require.Equal(c.t, pChainHeight, result.PChainHeight)
	verifier := c.network.verifier()
	weight, err := verifier.VerifyCertificateBy(certificate, header, set, threshold)
	require.NoError(c.t, err)
	require.Equal(c.t, client.Weight(weight), result.Weight)
}

// set returns the validators at a platform height, as the platform has them.
func (c *testChain) set(pChainHeight uint64) *warp.ValidatorSet {
	c.t.Helper()
	validators, err := c.network.Validators(c.t.Context(), pChainHeight)
	require.NoError(c.t, err)
	var members []warp.Member
	for _, v := range validators {
		members = append(members, warp.Member{PublicKey: v.PublicKey, Weight: v.Weight})
	}
	set, err := warp.NewValidatorSet(members)
	require.NoError(c.t, err)
	return set
}

func height(h uint64) *uint64 { return &h }

func TestValidatorsAreShownAsHeadersCommitToThem(t *testing.T) {
	ctx := t.Context()
	c := startNetwork(t, 4, DefaultConfig(), nil, "")
	c.network.setValidators(1, 0, 1, 2)
	c.open(identity(t, 1))
	c.network.setValidators(7, 1, 2, 3)

	for name, test := range map[string]struct {
		params client.GetValidatorsParams
		height uint64
	}{
		"now":                  {client.GetValidatorsParams{}, 7},
		"of a block":           {client.GetValidatorsParams{Height: height(1)}, 1},
		"of a platform height": {client.GetValidatorsParams{PChainHeight: height(1)}, 1},
	} {
		result, err := c.GetValidators(ctx, test.params)
		require.NoError(t, err, name)
		require.Equal(t, test.height, result.PChainHeight, name)
		set, err := warp.ParseValidatorSet(result.ValidatorSet)
		require.NoError(t, err, name)
		require.Equal(t, c.set(test.height).Bytes(), set.Bytes(), name)
		require.Equal(t, set.Hash(result.NetworkID, result.ChainID), result.ValidatorSetHash, name)
		require.Equal(t, uint64(30), result.TotalWeight, name)
		require.Equal(t, string(warp.CiphersuitePOP), result.Ciphersuite, name)
		require.Equal(t, "at least 67/100", result.Quorum, name)
		require.Len(t, result.Validators, 3, name)
		for i, v := range result.Validators {
			require.Equal(t, client.Bytes(set.Validator(i).PublicKey.Bytes()), v.PublicKey, name)
			require.Equal(t, uint64(10), v.Weight, name)
			require.Len(t, v.NodeIDs, 1, name)
		}
	}
	header, err := c.GetHeader(ctx, client.BlockParams{Height: height(1)})
	require.NoError(t, err)
	require.Equal(t, c.set(1).Hash(1, c.node.Host().ChainID), header.Header.ValidatorSetHash)

	_, err = c.GetValidators(ctx, client.GetValidatorsParams{Height: height(1), PChainHeight: height(1)})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
	_, err = c.GetValidators(ctx, client.GetValidatorsParams{PChainHeight: height(8)})
	require.ErrorIs(t, err, refusal.ErrNotFound, "a height that the platform has not reached")
	_, err = c.GetValidators(ctx, client.GetValidatorsParams{Height: height(0)})
	require.ErrorIs(t, err, refusal.ErrValidatorSet, "nobody stands behind the genesis")
	_, err = c.GetValidators(ctx, client.GetValidatorsParams{Height: height(99)})
	require.ErrorIs(t, err, refusal.ErrNotFound)
}

func TestBeforeTheFirstBlockNobodyCertifies(t *testing.T) {
	ctx := t.Context()
	c := startChain(t, DefaultConfig(), nil)
	_, err := c.GetValidators(ctx, client.GetValidatorsParams{})
	require.ErrorIs(t, err, refusal.ErrValidatorSet)
	_, err = c.GetCertificate(ctx, client.GetCertificateParams{})
	require.ErrorIs(t, err, refusal.ErrValidatorSet)
	_, err = c.GetLightBlock(ctx, client.GetLightBlockParams{})
	require.ErrorIs(t, err, refusal.ErrValidatorSet)
}

func TestACertificateIsSignedByWhoeverIsAskedFor(t *testing.T) {
	ctx := t.Context()
	c := startNetwork(t, 5, DefaultConfig(), nil, "")
	c.network.setValidators(1, 0, 1, 2)
	c.open(identity(t, 1))
	c.network.setValidators(2, 1, 2, 3)
	c.open(identity(t, 2))
	first, err := c.node.HeaderAt(1)
	require.NoError(t, err)
	current := c.set(2).Hash(1, c.node.Host().ChainID)
	for name, test := range map[string]struct {
		params       client.GetCertificateParams
		block        uint64
		pChainHeight uint64
	}{
		"the latest by its own":       {client.GetCertificateParams{}, 2, 2},
		"by height":                   {client.GetCertificateParams{Height: height(1)}, 1, 1},
		"by ID":                       {client.GetCertificateParams{BlockID: first.ID()}, 1, 1},
		"by its own set's hash":       {client.GetCertificateParams{Height: height(1), ValidatorSetHash: first.ValidatorSetHash}, 1, 1},
		"an old one by those of now":  {client.GetCertificateParams{Height: height(1), ValidatorSetHash: current}, 1, 2},
		"an old one by a later set":   {client.GetCertificateParams{Height: height(1), TrustedHeight: 2}, 1, 2},
		"the latest by an older set":  {client.GetCertificateParams{TrustedHeight: 1}, 2, 1},
		"by the set of a third block": {client.GetCertificateParams{Height: height(2), TrustedHeight: 1}, 2, 1},
	} {
		result, err := c.GetCertificate(ctx, test.params)
		require.NoError(t, err, name)
		require.Equal(t, test.block, result.Header.Height, name)
		c.certified(result, test.pChainHeight, warp.OneThird)
	}

	for name, test := range map[string]struct {
		params client.GetCertificateParams
		want   refusal.Reason
	}{
		"two blocks":                 {client.GetCertificateParams{Height: height(1), BlockID: first.ID()}, refusal.ErrInvalidArgs},
		"two sets":                   {client.GetCertificateParams{ValidatorSetHash: current, TrustedHeight: 1}, refusal.ErrInvalidArgs},
		"an unknown block":           {client.GetCertificateParams{BlockID: ids.ID{1}}, refusal.ErrNotFound},
		"a height to come":           {client.GetCertificateParams{Height: height(9)}, refusal.ErrNotFound},
		"an unknown set":             {client.GetCertificateParams{ValidatorSetHash: chain.Hash{1}}, refusal.ErrNotFound},
		"the set of a block to come": {client.GetCertificateParams{TrustedHeight: 9}, refusal.ErrNotFound},
		"a wait that is too long":    {client.GetCertificateParams{Wait: client.Seconds(3600e9)}, refusal.ErrInvalidArgs},
	} {
		_, err := c.GetCertificate(ctx, test.params)
		require.ErrorIs(t, err, test.want, name)
	}
}

func TestTooFewValidatorsAreAnErrorThatSaysHowMany(t *testing.T) {
	t.Parallel() // it waits
	c := startNetwork(t, 3, DefaultConfig(), nil, "")
	c.open(identity(t, 1))
	c.open(identity(t, 2))
	// A set of which only one is a validator now is not waited for long.
	c.network.setValidators(2, 2)
	c.network.setDown(true, 0, 1)
	_, err := c.GetCertificate(t.Context(), client.GetCertificateParams{Wait: client.Seconds(20e9)})
	var refused *client.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, refusal.ErrNoQuorum, refused.Code)
	require.Equal(t, &client.Weight{Signed: 20, Total: 30}, refused.Data.Weight, "itself and the one that is there")
	header, err := c.node.HeaderAt(2)
	require.NoError(t, err)
	require.Equal(t, header.ID(), refused.Data.BlockID)

	got := c.call("sessionvm.getCertificate", `{"wait":0.05}`)
	require.Equal(t, int(refusal.ErrWaitTimeout), got.code(), "the wait is the caller's")
}

func TestCertificatesThatHaveToBeCollectedAreLimitedAndKeptOnesAreNot(t *testing.T) {
	config := DefaultConfig()
	config.CertificateRate, config.CertificateBurst = 0.001, 2
	c := startChain(t, config, nil)
	for range 4 {
		c.open(identity(t, 1))
	}
	for range 3 {
		for _, h := range []uint64{2, 3} { // that of the first block is collected in any case
			_, err := c.GetCertificate(t.Context(), client.GetCertificateParams{Height: height(h)})
			require.NoError(t, err)
		}
	}
	_, err := c.GetCertificate(t.Context(), client.GetCertificateParams{Height: height(4)})
	require.ErrorIs(t, err, refusal.ErrRateLimited)
	_, err = c.GetLightBlock(t.Context(), client.GetLightBlockParams{Height: 4})
	require.ErrorIs(t, err, refusal.ErrRateLimited)
}

// lightBlock asks for a light block and decodes it.
func (c *testChain) lightBlock(params client.GetLightBlockParams) *lightclient.LightBlock {
	c.t.Helper()
	result, err := c.GetLightBlock(c.t.Context(), params)
	require.NoError(c.t, err)
	b, err := lightclient.ParseLightBlock(result.LightBlock)
	require.NoError(c.t, err)
	require.Equal(c.t, result.Height, b.Header.Height)
	require.Equal(c.t, result.BlockID, b.Header.ID())
	require.Equal(c.t, result.Handover, len(b.Handovers) == 1)
	verifier := c.network.verifier()
	weight, err := verifier.VerifyCertificate(b.Certificate, b.Header, b.Validators)
	require.NoError(c.t, err)
	require.Equal(c.t, client.Weight(weight), result.Weight)
	return b
}

func TestALightBlockHasAHandoverIfTheTrustedSetIsAnother(t *testing.T) {
	t.Parallel() // it waits
	c := startNetwork(t, 5, DefaultConfig(), nil, "")
	c.network.setValidators(1, 1, 2, 3)
	c.open(identity(t, 1))
	c.network.setValidators(2, 3, 4, 0)
	c.open(identity(t, 2))
	c.open(identity(t, 3))

	require.Empty(t, c.lightBlock(client.GetLightBlockParams{}).Handovers)
	require.Equal(t, uint64(3), c.lightBlock(client.GetLightBlockParams{}).Header.Height)
	require.Empty(t, c.lightBlock(client.GetLightBlockParams{Height: 3, TrustedHeight: 2}).Handovers)
	require.Empty(t, c.lightBlock(client.GetLightBlockParams{Height: 3, TrustedHeight: 99}).Handovers, "this node is behind the client")
	b := c.lightBlock(client.GetLightBlockParams{Height: 3, TrustedHeight: 1})
	require.Len(t, b.Handovers, 1)
	require.Equal(t, c.set(1).Hash(1, c.node.Host().ChainID), b.Handovers[0].ValidatorSetHash)
	verifier := c.network.verifier()
	_, err := verifier.VerifyCertificateBy(b.Handovers[0].Certificate, b.Header, c.set(1), warp.OneThird)
	require.NoError(t, err)
	require.Equal(t, b.Bytes(), c.lightBlock(client.GetLightBlockParams{TrustedHeight: 1}).Bytes())

	// Without those who have left there is no handover any more, and still a block.
	c.network.setDown(true, 1, 2)
	c.open(identity(t, 4))
	require.Empty(t, c.lightBlock(client.GetLightBlockParams{Height: 4, TrustedHeight: 1}).Handovers)

	_, err = c.GetLightBlock(t.Context(), client.GetLightBlockParams{Height: 99})
	require.ErrorIs(t, err, refusal.ErrNotFound)
}

func TestTheLatestLightBlockIsTheLatestThatSomebodyCertifies(t *testing.T) {
	t.Parallel() // it waits
	c := startNetwork(t, 4, DefaultConfig(), nil, "")
	c.network.setValidators(1, 0, 1)
	c.open(identity(t, 1))
	require.Equal(t, uint64(1), c.lightBlock(client.GetLightBlockParams{}).Header.Height)
	c.open(identity(t, 2))
	// Both leave before anybody has asked for the second block.
	c.network.setValidators(2, 2, 3)
	c.network.setDown(true, 0, 1)
	require.Equal(t, uint64(1), c.lightBlock(client.GetLightBlockParams{}).Header.Height)
	_, err := c.GetLightBlock(t.Context(), client.GetLightBlockParams{Height: 2})
	require.ErrorIs(t, err, refusal.ErrNoQuorum)
	c.open(identity(t, 3))
	require.Equal(t, uint64(3), c.lightBlock(client.GetLightBlockParams{}).Header.Height)
}

func TestNamesOfTheNewMethodsMayBeginWithALowerLetter(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	c.open(identity(t, 1))
	for _, name := range []string{"getValidators", "GetValidators", "getCertificate", "GetCertificate", "getLightBlock", "GetLightBlock"} {
		require.Zero(t, c.call("sessionvm."+name, `{}`).code(), name)
	}
	hash := c.set(1).Hash(1, c.node.Host().ChainID)
	require.Zero(t, c.call("sessionvm.getCertificate", fmt.Sprintf(`{"validatorSetHash":"0x%X"}`, hash[:])).code())
	for _, wrong := range []string{`"00"`, `1`, `null1`, `"` + hash.String() + `00"`, `"zz"`} {
		require.NotZero(t, c.call("sessionvm.getCertificate", `{"validatorSetHash":`+wrong+`}`).code(), wrong)
	}
}
