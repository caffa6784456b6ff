package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

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
	certified, err := proofs.Parse(content)
	require.NoError(t, err)
	original, err := lightclient.BlockOf(certified)
	require.NoError(t, err)

	// Signed by somebody else, who says that these are the validators.
	other, err := signing.SecretKeyFromSeed(bytes.Repeat([]byte{9}, signing.SeedSize))
	require.NoError(t, err)
	set, err := warp.NewValidatorSet([]warp.Member{{PublicKey: other.PublicKey().Bytes(), Weight: 1}})
	require.NoError(t, err)
	certify := func(header *chain.Header) {
		id := header.ID()
		signature, err := other.Sign(warp.CiphersuitePOP, warp.BlockMessage(0, header.ChainID, id).Bytes())
		require.NoError(t, err)
		certified.Header, certified.BlockID = *header, id
		require.NoError(t, lightclient.Certify(certified, &lightclient.LightBlock{Header: header, Validators: set, Certificate: &warp.Certificate{
			SourceChainID: header.ChainID, BlockID: id, Signers: warp.NewSigners(0), Signature: signature,
		}}))
	}
	certify(original.Header)
	refused(certified.Bytes(), "not the validator set that the header commits to", trust)
	header := *original.Header
	header.ValidatorSetHash = set.Hash(0, header.ChainID)
	certify(&header)
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
	bundle, err := proofs.Parse(content)
	require.NoError(t, err)
	var forged map[string]any
	set := func(b *proofs.Bundle) {
		text, err := json.Marshal(b)
		require.NoError(t, err)
		forged = nil
		require.NoError(t, json.Unmarshal(text, &forged))
	}
	for name, change := range map[string]func(){
		"another message": func() { set(bundle) },
		"nothing":         func() { forged = map[string]any{} },
		"half of it":      func() { set(bundle); delete(forged, "commitment") },
	} {
		change()
		node := liar(t, "GetProof", func(result map[string]any) { result["proof"] = forged })
		result := bob.runs("proof", session, "1", "--certified", "--node", node, "--out", file)
		require.Equal(t, ExitRefused, result.status, name)
		require.NoFileExists(t, file, name)
	}
	// What was asked for and is left out: the certificates, and the message itself.
	for _, left := range []string{"certificates", "transaction"} {
		set(bundle)
		delete(forged, left)
		if left == "transaction" {
			delete(forged, "kemPublicKey")
			delete(forged, "dsaPublicKey")
		}
		node := liar(t, "GetProof", func(result map[string]any) { result["proof"] = forged })
		bob.fails(ExitRefused, "does not show what was asked for", "proof", session, "2", "--certified", "--node", node, "--out", file)
		require.NoFileExists(t, file, left)
	}
	// Certificates of another block.
	_, elsewhere := proofOf(alice, session, "1", "--certified", "--binary")
	first, err := proofs.Parse(elsewhere)
	require.NoError(t, err)
	require.NotEqual(t, first.BlockID, bundle.BlockID)
	own := bundle.Certificates
	bundle.Certificates = first.Certificates
	set(bundle)
	bundle.Certificates = own
	wrong := liar(t, "GetProof", func(result map[string]any) { result["proof"] = forged })
	bob.fails(ExitRefused, "certificate of another block", "proof", session, "2", "--certified", "--node", wrong, "--out", file)
	require.NoFileExists(t, file)
	// A receipt without the signed receipt.
	bob.does("ack", session)
	_, content = proofOf(alice, session, "--receipt", bob.id(), "--binary")
	receipt, err := proofs.Parse(content)
	require.NoError(t, err)
	require.NotEmpty(t, receipt.Transaction)
	receipt.Transaction, receipt.KEMPublicKey, receipt.DSAPublicKey = nil, nil, nil
	set(receipt)
	unsigned := liar(t, "GetProof", func(result map[string]any) { result["proof"] = forged })
	alice.fails(ExitRefused, "does not show what was asked for", "proof", session, "--receipt", bob.id(), "--node", unsigned, "--out", file)
	require.NoFileExists(t, file)

	// With the trust file a forged certificate is found out before it is written.
	block, err := lightclient.BlockOf(bundle)
	require.NoError(t, err)
	block.Certificate.Signature = warp.Signature{0xc0}
	require.NoError(t, lightclient.Certify(bundle, block))
	set(bundle)
	node := liar(t, "GetProof", func(result map[string]any) { result["proof"] = forged })
	bob.fails(ExitRefused, "does not show what was asked for", "proof", session, "2", "--trust", trust, "--node", node, "--out", file)
	require.NoFileExists(t, file)
}
