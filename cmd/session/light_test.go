package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/rpc/client"
	"github.com/luxfi/session/warp"
)

// trusts makes a trust file on the node's word.
func (p *person) trusts(args ...string) (path string, made trustResult) {
	p.t.Helper()
	path = filepath.Join(p.t.TempDir(), "trust.json")
	return path, gets[trustResult](p, append([]string{"trust", "--out", path}, args...)...)
}

// info returns what the node says of the chain.
func (p *person) info() *client.ChainInfo {
	p.t.Helper()
	return gets[infoResult](p, "info").Chain
}

// validatorKey is the BLS key of the node's one validator.
func validatorKey(t *testing.T) *warp.Signer {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(nodeFolder, "validator.key"))
	require.NoError(t, err)
	secret, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	signer, err := warp.SignerFromBytes(secret)
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

// fakePlatform is a P-chain's API, with one subnet and one chain. Its members answer each
// method.
func fakePlatform(t *testing.T, answers map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct {
			Method string
			Params map[string]any
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &call) != nil {
			return
		}
		key := call.Method
		if height, ok := call.Params["height"]; ok {
			key += fmt.Sprint(" ", height)
		}
		answer, ok := answers[key]
		if !ok {
			answer = `"error":{"code":-32000,"message":"no such thing\u001b[2J"}`
		}
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,%s}`, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

var testSubnet = ids.ID{5, 5}

// platformAnswers are those of a P-chain that has the node's validator.
func platformAnswers(t *testing.T) map[string]string {
	key := validatorKey(t).PublicKey().Bytes()
	return map[string]string{
		"platform.validatedBy":       fmt.Sprintf(`"result":{"subnetID":%q}`, testSubnet),
		"platform.getHeight":         `"result":{"height":"0"}`,
		"platform.getValidatorsAt 0": fmt.Sprintf(`"result":{"NodeID-1":{"publicKey":"0x%x","weight":"1"}}`, key),
	}
}

func TestATrustFileIsMadeFromANodeAndSaysSo(t *testing.T) {
	alice, _, _ := pair(t)
	path, made := alice.trusts()
	require.Equal(t, fromNode, made.Source)
	require.Equal(t, path, made.File)
	require.Equal(t, warp.Weight{Signed: 1, Total: 1}, made.SignedBy)
	require.False(t, made.PostQuantum)
	require.Equal(t, lightclient.DefaultTrustingPeriod, made.Expires.Sub(made.BlockTime))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	trust, err := lightclient.ParseTrustOptions(content)
	require.NoError(t, err)
	require.Equal(t, made.Block, trust.Checkpoint.Header.ID())
	require.Equal(t, alice.info().ChainID, trust.ChainID)

	text := alice.does("trust", "--height", number(made.Height), "--out", path)
	require.Contains(t, text, "WARNING: all of this is trusted on the word of one node.")
	require.Contains(t, text, made.Block.String())
	require.Contains(t, text, "not post-quantum")
	result := alice.runs("trust", "--height", number(made.Height))
	require.Equal(t, string(content), result.out, "the file itself, and the rest elsewhere")
	require.Contains(t, result.err, "WARNING")

	require.NotContains(t, alice.does("trust", "--height", number(made.Height), "--block", made.Block.String(), "--out", path), "WARNING")
	alice.fails(ExitRefused, "expected block "+ids.ID{1}.String(), "trust", "--block", ids.ID{1}.String(), "--out", path)
	alice.fails(ExitRefused, "another chain", "trust", "--chain", ids.ID{1}.String())
	alice.fails(ExitRefused, "signed in another way", "trust", "--ciphersuite", "nul")
	alice.fails(ExitRefused, "not the validator set that the header commits to", "trust", "--network-id", "7")
	alice.fails(ExitRefused, "trusting period", "trust", "--period", "1ns")
	alice.fails(ExitRefused, "not found", "trust", "--height", "1000000")
	alice.fails(ExitUsage, "2/3", "trust", "--quorum", "60")
	alice.fails(ExitUsage, "POP or NUL", "trust", "--ciphersuite", "RSA")
	alice.fails(ExitUsage, "leave out --quorum", "trust", "--from", path, "--quorum", "70")
	alice.fails(ExitUsage, "needs --p-chain", "trust", "--subnet", ids.ID{1}.String())
	alice.fails(ExitUsage, "no such file", "trust", "--from", filepath.Join(t.TempDir(), "none"))
	alice.offline().fails(ExitUnreachable, "no answer", "trust")
}

func TestATrustFileIsMadeFromThePChain(t *testing.T) {
	alice, _, _ := pair(t)
	chainID := alice.info().ChainID.String()
	path := filepath.Join(t.TempDir(), "trust.json")
	url := fakePlatform(t, platformAnswers(t))
	made := gets[trustResult](alice, "trust", "--p-chain", url, "--chain", chainID, "--out", path)
	require.Equal(t, fromPlatform, made.Source)
	require.Equal(t, warp.Weight{Signed: 1, Total: 1}, made.SignedBy)
	require.Len(t, made.OnTheWordOf, 1)
	require.Contains(t, made.OnTheWordOf[0], testSubnet.String())
	text := alice.does("trust", "--p-chain", url, "--subnet", testSubnet.String(), "--out", path)
	require.NotContains(t, text, "WARNING")
	require.Contains(t, text, "that this chain is the one you mean")

	for name, test := range map[string]struct {
		method, answer, says string
		status               int
	}{
		"other validators": {"platform.getValidatorsAt 0", fmt.Sprintf(`"result":{"NodeID-1":{"publicKey":"0x%x","weight":"2"}}`, validatorKey(t).PublicKey().Bytes()),
			"does not commit to the validators", ExitRefused},
		"no validators":        {"platform.getValidatorsAt 0", `"result":{}`, "no validators with a BLS key", ExitRefused},
		"validators of no key": {"platform.getValidatorsAt 0", `"result":{"NodeID-1":{"publicKey":null,"weight":"1"}}`, "no validators with a BLS key", ExitRefused},
		"keys that are none":   {"platform.getValidatorsAt 0", `"result":{"NodeID-1":{"publicKey":"0x00","weight":"1"}}`, "not a BLS12-381 public key", ExitRefused},
		"keys that are no hex": {"platform.getValidatorsAt 0", `"result":{"NodeID-1":{"publicKey":"xy","weight":"1"}}`, "no hex", ExitRefused},
		"weights left out":     {"platform.getValidatorsAt 0", `"result":{"NodeID-1":{"publicKey":null}}`, "without a weight", ExitRefused},
		"weights alone":        {"platform.getValidatorsAt 0", `"result":{"NodeID-1":"1"}`, "cannot be read", ExitRefused},
		"a refusal":            {"platform.getValidatorsAt 0", `"error":{"message":"pruned\u001b[2J"}`, `refuses platform.getValidatorsAt: pruned\u001b[2J`, ExitRefused},
		"no subnet":            {"platform.validatedBy", `"result":{}`, "without a subnet", ExitRefused},
		"another subnet":       {"platform.validatedBy", fmt.Sprintf(`"result":{"netID":%q}`, ids.ID{9}), "validated by subnet " + ids.ID{9}.String(), ExitRefused},
		"no height":            {"platform.getHeight", `"result":{}`, "without a height", ExitRefused},
		"a height of words":    {"platform.getHeight", `"result":{"height":"high"}`, "cannot be read", ExitRefused},
		"no JSON":              {"platform.getHeight", `}`, "no JSON-RPC", ExitRefused},
		"too much":             {"platform.getHeight", `"result":"` + strings.Repeat("x", maxPlatformBytes) + `"`, "more than", ExitRefused},
		// Those of now have not signed, whoever did at the time.
		"validators that came later": {"platform.getHeight", `"result":{"height":"9"}`, "try again", ExitRefused},
	} {
		answers := platformAnswers(t)
		answers["platform.getValidatorsAt 9"] = strings.Replace(answers["platform.getValidatorsAt 0"], `"weight":"1"`, `"weight":"3"`, 1)
		answers[test.method] = test.answer
		result := alice.runs("trust", "--p-chain", fakePlatform(t, answers), "--subnet", testSubnet.String())
		require.Equal(t, test.status, result.status, "%s\n%s", name, result.err)
		require.Contains(t, result.err, test.says, name)
		require.Empty(t, result.out, name)
	}
	alice.fails(ExitUnreachable, "no answer", "trust", "--p-chain", "http://127.0.0.1:1")
	alice.fails(ExitUsage, "--p-chain", "trust", "--p-chain", "the p-chain")
	alice.fails(ExitRefused, "on network 7", "trust", "--p-chain", url, "--network-id", "7")

	// A node that shows a block which the P-chain's validators have not signed.
	node := liar(t, "GetHeader", func(result map[string]any) {
		shown := result["header"].(map[string]any)
		var encoded client.Bytes
		require.NoError(t, encoded.UnmarshalText([]byte(shown["bytes"].(string))))
		header, err := chain.ParseHeader(encoded)
		require.NoError(t, err)
		header.StateRoot[0] ^= 1
		shown["bytes"] = client.Bytes(header.Bytes()).String()
	})
	alice.fails(ExitRefused, "not found", "trust", "--p-chain", url, "--node", node)
}

func TestATrustFileIsMadeFromAnEarlierOne(t *testing.T) {
	alice, _, session := pair(t)
	path, first := alice.trusts()
	alice.does("send", session, "hello")
	made := gets[trustResult](alice, "trust", "--from", path, "--witness", nodeAddress, "--out", path)
	require.Equal(t, fromTrust, made.Source)
	require.Greater(t, made.Height, first.Height)
	require.Equal(t, uint64(1), made.SignedBy.Signed)
	again := gets[trustResult](alice, "trust", "--from", path, "--height", number(made.Height), "--out", path)
	require.Equal(t, made.Block, again.Block)
	require.Contains(t, alice.does("trust", "--from", path, "--height", number(made.Height), "--out", path), "checkpoint of the earlier trust file")

	// A node that lies gets nowhere.
	alice.does("send", session, "again")
	lie := forged(alice, made.Height)
	lie.Certificate.Signature[3] ^= 1
	node := liar(t, "GetLightBlock", func(result map[string]any) { result["lightBlock"] = client.Bytes(lie.Bytes()).String() })
	alice.fails(ExitRefused, node, "trust", "--from", path, "--node", node)
}

func TestACertifiedProofVerifiesWithATrustFileAlone(t *testing.T) {
	alice, bob, session := pair(t)
	early, checkpoint := alice.trusts()
	alice.does("send", session, "hello bob")
	bob.does("ack", session)
	late, _ := alice.trusts()
	sent := gets[verifyResult](alice, "verify", fileOf(proofOf(alice, session, "1")))
	files := map[string]string{}
	for name, args := range map[string][]string{
		"message":    {session, "1", "--certified"},
		"binary":     {"--message", sent.Message.String(), "--binary", "--certified"},
		"for early":  {session, "1", "--trust", early},
		"for late":   {session, "1", "--trust", late},
		"session":    {session, "--certified"},
		"receipt":    {session, "--receipt", bob.id(), "--certified"},
		"no receipt": {session, "--receipt", alice.id(), "--certified"},
		"no message": {session, "5", "--certified"},
		"height":     {session, "1", "--certified", "--height", number(sent.Height)},
	} {
		files[name], _ = proofOf(alice, args...)
	}
	eve := newPerson(t, nodeAddress).offline()
	for name, file := range files {
		for _, trust := range []string{early, late} {
			shown := gets[verifyResult](eve, "verify", file, "--trust", trust)
			require.True(t, shown.Verified && shown.Certified && shown.Trusted, name)
			require.Equal(t, shown.Block, shown.Basis.BlockID, name)
			require.False(t, shown.Basis.PostQuantum, name)
			if !shown.Basis.Checkpoint {
				require.Equal(t, warp.Weight{Signed: 1, Total: 1}, shown.Basis.Weight, name)
			}
		}
		shown := gets[verifyResult](eve, "verify", file)
		require.True(t, shown.Certified, name)
		require.False(t, shown.Trusted, name)
		require.Nil(t, shown.Basis, name)
		require.Contains(t, eve.does("verify", file), "WHICH IS NOT CHECKED", name)
		require.NotContains(t, eve.does("verify", file, "--trust", early), "NOT CHECKED", name)
	}
	text := eve.does("verify", files["message"], "--trust", early)
	require.Contains(t, text, "Signed by  1 of 1 of the validators' weight")
	require.Contains(t, text, "not post-quantum")
	eve.does("verify", files["no message"], "--trust", late, "--no-message", "5")
	eve.fails(ExitRefused, "rests on block", "verify", files["message"], "--trust", early, "--block", ids.ID{1}.String())

	// One without a certificate will do if it is about the checkpoint itself.
	plain, _ := proofOf(alice, session, "--height", number(checkpoint.Height))
	require.True(t, gets[verifyResult](eve, "verify", plain, "--trust", early).Basis.Checkpoint)
	require.Contains(t, eve.does("verify", plain, "--trust", early), "That is the block of the trust file.")
	eve.fails(ExitRefused, "a certified proof", "verify", plain, "--trust", late)

	eve.fails(ExitUsage, "no trust file", "verify", files["message"], "--trust", files["message"])
	eve.fails(ExitUsage, "no such file", "verify", files["message"], "--trust", "none.json")
}

// fileOf returns the path alone.
func fileOf(path string, _ []byte) string { return path }

func TestAForgedCertifiedProofIsRefused(t *testing.T) {
	alice, bob, session := pair(t)
	trust, _ := alice.trusts()
	alice.does("send", session, "hello bob")
	path, content := proofOf(alice, session, "1", "--certified", "--binary")
	bob.offline()
	bob.does("verify", path, "--trust", trust)
	file := filepath.Join(t.TempDir(), "forged")
	refused := func(forged []byte, says string, trust string) {
		t.Helper()
		require.NoError(t, os.WriteFile(file, forged, 0o600))
		bob.fails(ExitRefused, says, "verify", file, "--trust", trust)
	}
	for at := range 40 {
		forged := bytes.Clone(content)
		forged[len(content)*(2*at+1)/80] ^= 1
		refused(forged, "is refused", trust)
	}
	certified, err := lightclient.ParseCertifiedBundle(content)
	require.NoError(t, err)
	original := *certified.Block

	// Signed by somebody else, who says that these are the validators.
	other, err := warp.SignerFromSeed(bytes.Repeat([]byte{9}, warp.SeedSize))
	require.NoError(t, err)
	set, err := warp.NewValidatorSet([]warp.Member{{PublicKey: other.PublicKey().Bytes(), Weight: 1}})
	require.NoError(t, err)
	signature, err := other.Sign(warp.CiphersuitePOP, original.Certificate.Message().UnsignedMessage.Bytes())
	require.NoError(t, err)
	certified.Block = &lightclient.LightBlock{Header: original.Header, Validators: set, Certificate: &warp.Certificate{
		SourceChainID: original.Header.ChainID, BlockID: original.Header.ID(), Signers: warp.NewSigners(0), Signature: signature,
	}}
	refused(certified.Bytes(), "not the validator set that the header commits to", trust)

	header := *original.Header
	header.ValidatorSetHash = set.Hash(0, header.ChainID)
	signature, err = other.Sign(warp.CiphersuitePOP, warp.BlockMessage(0, header.ChainID, header.ID()).Bytes())
	require.NoError(t, err)
	certified.Bundle.Header, certified.Bundle.BlockID = header, header.ID()
	certified.Block = &lightclient.LightBlock{Header: &header, Validators: set, Certificate: &warp.Certificate{
		SourceChainID: header.ChainID, BlockID: header.ID(), Signers: warp.NewSigners(0), Signature: signature,
	}}
	refused(certified.Bytes(), "It is forged, or the validators have changed since", trust)
	// Without the trust file nobody would know.
	require.NoError(t, os.WriteFile(file, certified.Bytes(), 0o600))
	require.Contains(t, bob.does("verify", file), "WHICH IS NOT CHECKED")

	// A trust file of another chain or network, or one that has expired.
	text, err := os.ReadFile(trust)
	require.NoError(t, err)
	for says, replace := range map[string][2]string{
		"trust file":   {alice.chainOf(trust), ids.ID{9}.String()},
		"no trust fil": {`"networkId": 0`, `"networkId": 7`},
		"expired":      {`"trustingPeriod": "168h0m0s"`, `"trustingPeriod": "1ns"`},
		"signed with":  {"_RO_POP_", "_RO_NUL_"},
	} {
		changed := strings.ReplaceAll(string(text), replace[0], replace[1])
		require.NotEqual(t, string(text), changed)
		wrong := filepath.Join(t.TempDir(), "trust.json")
		require.NoError(t, os.WriteFile(wrong, []byte(changed), 0o600))
		result := bob.runs("verify", path, "--trust", wrong)
		require.NotEqual(t, ExitDone, result.status, says)
		require.Contains(t, result.err, says)
		require.Empty(t, result.out)
	}
}

// chainOf returns the chain of a trust file.
func (p *person) chainOf(trust string) string {
	p.t.Helper()
	options, err := readTrust(trust)
	require.NoError(p.t, err)
	return options.ChainID.String()
}

func TestACertifiedProofThatIsNoneIsNotWritten(t *testing.T) {
	alice, bob, session := pair(t)
	trust, _ := alice.trusts()
	alice.does("send", session, "one")
	alice.does("send", session, "two")
	other, content := proofOf(alice, session, "2", "--certified", "--binary")
	require.NotEmpty(t, other)
	file := filepath.Join(t.TempDir(), "proof")
	for name, binary := range map[string]string{
		"another message": client.Bytes(content).String(),
		"nothing":         "",
		"half of it":      client.Bytes(content[:len(content)/2]).String(),
	} {
		node := liar(t, "GetDelivery", func(result map[string]any) { result["binary"] = binary })
		result := bob.runs("proof", session, "1", "--certified", "--node", node, "--out", file)
		require.Equal(t, ExitRefused, result.status, name)
		require.NoFileExists(t, file, name)
	}
	// With the trust file a forged certificate is found out before it is written.
	certified, err := lightclient.ParseCertifiedBundle(content)
	require.NoError(t, err)
	certified.Block.Certificate.Signature = warp.Signature{0xc0}
	node := liar(t, "GetDelivery", func(result map[string]any) { result["binary"] = client.Bytes(certified.Bytes()).String() })
	bob.fails(ExitRefused, "does not show what was asked for", "proof", session, "2", "--trust", trust, "--node", node, "--out", file)
	require.NoFileExists(t, file)
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
	require.Regexp(t, `^block \d+ +\d{4}-.{14}  \w+  the trust file's checkpoint\nblock \d+ +.*  signed by 1 of 1 of the weight \(BLS, not post-quantum\)\n$`, text)

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
	for line := following.line(); !strings.Contains(line, sent.Block.String()); line = following.line() {
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
