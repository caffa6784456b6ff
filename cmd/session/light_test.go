package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// trusts makes a trust file on the node's word, which demands BLS alone: whether the validator's other key is registered yet is
// chance.
func (p *person) trusts(args ...string) (path string, made trustResult) {
	p.t.Helper()
	path = filepath.Join(p.t.TempDir(), "trust.json")
	return path, gets[trustResult](p, append([]string{"trust", "--policy", "bls", "--out", path}, args...)...)
}

// info returns what the node says of the chain.
func (p *person) info() *client.ChainInfo {
	p.t.Helper()
	return gets[infoResult](p, "info").Chain
}

// validatorKey is the BLS key of the node's one validator.
func validatorKey(t *testing.T) *signing.SecretKey {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(nodeFolder, "validator.key"))
	require.NoError(t, err)
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	signer, err := signing.ParseSecretKey(secret)
	require.NoError(t, err)
	return signer
}

// forged returns a block beside the one at a height, signed by the chain's own validator.
func forged(p *person, height uint64) *lightclient.LightBlock {
	p.t.Helper()
	c, err := client.New(nodeAddress, client.Options{})
	require.NoError(p.t, err)
	answer, err := c.GetLightBlock(p.t.Context(), client.GetLightBlockParams{Height: height})
	require.NoError(p.t, err)
	b, err := lightclient.ParseLightBlock(answer.LightBlock)
	require.NoError(p.t, err)
	header := *b.Header
	header.StateRoot[0] ^= 1
	signature, err := validatorKey(p.t).Sign(warp.CiphersuitePOP, warp.BlockMessage(0, header.ChainID, header.ID()).Bytes())
	require.NoError(p.t, err)
	return &lightclient.LightBlock{Header: &header, Validators: b.Validators, Certificate: &warp.Certificate{
		SourceChainID: header.ChainID, BlockID: header.ID(), Signers: warp.NewSigners(0), Signature: signature,
	}}
}

func TestFollowGoesOnFromItsStore(t *testing.T) {
	alice, _, session := pair(t)
	trust, checkpoint := alice.trusts()
	store := filepath.Join(t.TempDir(), "store")
	follows := func(args ...string) (blocks []lightclient.Basis) {
		t.Helper()
		out := alice.does(append([]string{"follow", "--trust", trust, "--once", "--json"}, args...)...)
		for decoder := json.NewDecoder(strings.NewReader(out)); decoder.More(); {
			var basis lightclient.Basis
			require.NoError(t, decoder.Decode(&basis))
			blocks = append(blocks, basis)
		}
		return blocks
	}
	sent := gets[sendResult](alice, "send", session, "one")
	blocks := follows("--store", store, "--witness", nodeAddress)
	require.True(t, blocks[0].Checkpoint)
	require.Equal(t, checkpoint.Block, blocks[0].BlockID)
	last := blocks[len(blocks)-1]
	require.GreaterOrEqual(t, last.Height, sent.Height)
	require.Equal(t, warp.Weight{Signed: 1, Total: 1}, last.Weight)

	alice.does("send", session, "two")
	blocks = follows("--store", store)
	require.Equal(t, last.BlockID, blocks[0].BlockID, "from where it was")
	require.Greater(t, blocks[len(blocks)-1].Height, last.Height)
	every := follows("--every")
	require.Equal(t, checkpoint.Block, every[0].BlockID)
	for i := range every {
		require.Equal(t, checkpoint.Height+uint64(i), every[i].Height)
	}
	text := alice.does("follow", "--trust", trust, "--once")
	require.Regexp(t, `^block \d+ +\d{4}-.{14}  \w+  the trust file's checkpoint\nblock \d+ +.*  signed by 1 of 1 of the validators' weight \(BLS, not post-quantum\)\n$`, text)

	alice.fails(ExitUsage, "--trust FILE is missing", "follow")
	alice.fails(ExitUsage, "above 0", "follow", "--trust", trust, "--interval", "0s")
	alice.fails(ExitRefused, "another chain", "follow", "--trust", trust, "--chain", ids.ID{1}.String())
	alice.fails(ExitUnreachable, "no answer", "follow", "--trust", trust, "--once", "--node", "http://127.0.0.1:1/rpc")
	alice.fails(ExitRefused, "expected 1 witnesses", "follow", "--trust", trust, "--once", "--witness", "http://127.0.0.1:1/rpc")
}

func TestFollowShowsBlocksAsTheyComeUntilItIsInterrupted(t *testing.T) {
	alice, _, session := pair(t)
	trust, checkpoint := alice.trusts()
	following := alice.starts("follow", "--trust", trust, "--interval", "10ms")
	require.Contains(t, following.line(), checkpoint.Block.String())
	sent := gets[sendResult](alice, "send", session, "hello")
	for line := following.line(); !strings.Contains(line, sent.Proven.String()); line = following.line() {
		require.Contains(t, line, "signed by 1 of 1")
	}
	require.Equal(t, ExitDone, following.stop())
}

func TestDishonestValidatorsAreShownAndTheEvidenceIsKept(t *testing.T) {
	alice, bob, session := pair(t)
	trust, _ := alice.trusts()
	sent := gets[sendResult](alice, "send", session, "hello")
	lie := forged(alice, sent.Height)
	shows := func(b *lightclient.LightBlock) string {
		return liar(t, "GetLightBlock", func(result map[string]any) { result["lightBlock"] = client.Bytes(b.Bytes()).String() })
	}
	c, err := client.New(nodeAddress, client.Options{})
	require.NoError(t, err)
	answer, err := c.GetLightBlock(t.Context(), client.GetLightBlockParams{Height: sent.Height})
	require.NoError(t, err)
	honest, err := lightclient.ParseLightBlock(answer.LightBlock)
	require.NoError(t, err)

	store := filepath.Join(t.TempDir(), "store")
	bob.fails(ExitRefused, "VALIDATORS ARE DISHONEST", "follow", "--trust", trust, "--once", "--store", store,
		"--node", shows(honest), "--witness", shows(lie))
	kept, err := lightclient.NewFileStore(store)
	require.NoError(t, err)
	evidence, err := kept.Evidence()
	require.NoError(t, err)
	require.Len(t, evidence, 1)
	require.Len(t, evidence[0].DoubleSigners(), 1)
	require.Equal(t, lie.Header.ID(), evidence[0].Second.Header.ID())

	// A witness that cannot show signatures is only told of.
	lie.Certificate.Signature = warp.Signature{0xc0}
	result := bob.runs("follow", "--trust", trust, "--once", "--node", shows(honest), "--witness", shows(lie), "--witness", shows(honest))
	require.Equal(t, ExitDone, result.status, result.err)
	require.Contains(t, result.err, "is not asked again")
}

func TestReadingIsVerifiedUnlessTheUserTrustsTheNode(t *testing.T) {
	alice, bob, session := pair(t)
	path, _ := alice.trusts()
	alice.does("send", session, "hello")
	require.Contains(t, bob.does("read", session, "--trust", path), "hello")
	bob.fails(ExitUsage, "not both", "read", session, "--trust", path, "--trust-node")
	other := filepath.Join(t.TempDir(), "other")
	require.NoError(t, os.WriteFile(other, []byte("{}"), 0o600))
	bob.fails(ExitUsage, "is no trust file", "read", session, "--trust", other)
	outcome := bob.runs("read", session, "--trust-node")
	require.Equal(t, ExitDone, outcome.status)
	require.Contains(t, outcome.err, "nothing that it says of the chain is verified")
}
