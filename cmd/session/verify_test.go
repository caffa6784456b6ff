package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/proofs"
)

// proofOf writes a proof into a file and returns its path and content.
func proofOf(p *person, args ...string) (path string, content []byte) {
	p.t.Helper()
	path = filepath.Join(p.t.TempDir(), "proof")
	p.does(append(append([]string{"proof"}, args...), "--out", path)...)
	content, err := os.ReadFile(path)
	require.NoError(p.t, err)
	return path, content
}

// offline is the same person without a node.
func (p *person) offline() *person {
	p.env[envNode] = "http://127.0.0.1:1/rpc"
	return p
}

func TestAProofOfAMessageVerifiesWithoutANode(t *testing.T) {
	alice, bob, session := pair(t)
	sent := gets[sendResult](alice, "send", session, "hello bob")
	path, _ := proofOf(alice, session, "1")
	short, _ := proofOf(bob, "--message", sent.ID.String(), "--binary")
	bob.does("read", session)
	eve := newPerson(t, nodeAddress)
	identity := filepath.Join(bob.home, ".session", "identity.age")
	for _, p := range []*person{bob.offline(), eve.offline()} {
		for _, file := range []string{path, short} {
			shown := gets[verifyResult](p, "verify", file)
			require.True(t, shown.Verified && shown.Present && shown.SignatureVerified)
			require.Equal(t, proofs.KindMessage, shown.Kind)
			require.Equal(t, sent.ID, shown.Message)
			require.Equal(t, session, shown.Session.String())
			require.Equal(t, alice.id(), shown.Sender)
			require.Equal(t, uint64(1), shown.Sequence)
			require.Equal(t, sent.Time, *shown.Accepted)
			require.GreaterOrEqual(t, shown.Height, sent.Height)
			require.Nil(t, shown.Text, "nobody's identity was given")
			require.True(t, gets[verifyResult](p, "verify", file, "--block", shown.Block.String()).BlockRequired)
			p.fails(ExitRefused, "rests on block", "verify", file, "--block", ids.ID{1}.String())
			p.does("verify", file, "--chain", shown.Chain.String())
			p.fails(ExitRefused, "another chain", "verify", file, "--chain", ids.ID{1}.String())
		}
	}
	require.Equal(t, "hello bob", *gets[verifyResult](bob, "verify", path, "--identity", identity).Text)
	shown := gets[verifyResult](eve, "verify", path, "--identity", filepath.Join(eve.home, ".session", "identity.age"))
	require.Contains(t, shown.NotRead, eve.id()+" has not read it")
}

func TestVerifyTellsPeopleWhatTheProofRestsOn(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "hello bob")
	bob.does("read", session)
	path, _ := proofOf(alice, session, "1")
	result := gets[proofResult](alice, "proof", session, "1", "--out", path)
	require.Equal(t, `VERIFIED: message #1 of the session was delivered to the chain.

Chain      `+result.Shows.Chain.String()+`
Session    `+session+`
Message    `+result.Shows.Message.String()+`
Sender     `+alice.id()+`
Accepted   `+moment(*result.Shows.Accepted)+`
Signature  ML-DSA-65, verified with the keys that the signer's ID commits to
Text       hello bob
Rests on   block `+number(result.Shows.Height)+"  "+result.Shows.Block.String()+`
           `+moment(result.Shows.BlockTime)+`, state root `+result.Shows.StateRoot.String()+`

It is as true as that block, WHICH IS NOT CHECKED: compare its ID with one that you
trust, or require it with --block ID. The file does not show that validators accepted
the block: "session proof --certified" does.
`, bob.offline().does("verify", path, "--identity", filepath.Join(bob.home, ".session", "identity.age")))
}

func TestAProofGoesToStandardOutputWithoutAFile(t *testing.T) {
	alice, _, session := pair(t)
	alice.does("send", session, "hello")
	bundle, err := proofs.Parse([]byte(alice.does("proof", session, "1")))
	require.NoError(t, err)
	require.NotEmpty(t, bundle.Transaction)
	bundle, err = proofs.Parse([]byte(alice.does("proof", session, "1", "--binary")))
	require.NoError(t, err)
	require.NotEmpty(t, bundle.DSAPublicKey)
}

func TestEveryChangedByteOfAProofIsRefused(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "hello bob")
	file := filepath.Join(t.TempDir(), "tampered")
	for name, args := range map[string][]string{"JSON": {session, "1"}, "binary": {session, "1", "--binary"}} {
		t.Run(name, func(t *testing.T) {
			alice.t, bob.t = t, t
			path, content := proofOf(alice, args...)
			block := gets[verifyResult](alice, "verify", path).Block.String()
			for at := 0; at < len(content); at += 1 + len(content)/200 {
				tampered := bytes.Clone(content)
				tampered[at] ^= 1
				require.NoError(t, os.WriteFile(file, tampered, 0o600))
				result := bob.runs("verify", file, "--block", block)
				require.Equal(t, ExitRefused, result.status, "byte %d: %s%s", at, result.out, result.err)
				require.Empty(t, result.out)
				require.Contains(t, result.err, "is refused")
			}
			for _, size := range []int{0, 1, len(content) / 2, len(content) - 2} {
				require.NoError(t, os.WriteFile(file, content[:size], 0o600))
				require.Equal(t, ExitRefused, bob.runs("verify", file).status, "cut to %d bytes", size)
			}
		})
	}
}

func TestAMessageWithoutItsSignersKeysNeedsThemAsAContact(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "hello bob")
	_, content := proofOf(alice, session, "1")
	bundle, err := proofs.Parse(content)
	require.NoError(t, err)
	bundle.KEMPublicKey, bundle.DSAPublicKey = nil, nil
	file := filepath.Join(t.TempDir(), "proof")
	require.NoError(t, os.WriteFile(file, bundle.Bytes(), 0o600))
	bob.fails(ExitRefused, "cannot be checked", "verify", file)

	contact := filepath.Join(t.TempDir(), "alice.json")
	require.NoError(t, os.WriteFile(contact, []byte(alice.does("id", "show", "--json")), 0o600))
	require.True(t, gets[verifyResult](bob, "verify", file, "--contact", contact).SignatureVerified)

	bundle.Transaction = nil
	require.NoError(t, os.WriteFile(file, bundle.Bytes(), 0o600))
	require.False(t, gets[verifyResult](bob, "verify", file).SignatureVerified)
	require.Contains(t, bob.does("verify", file), "not in the file")
}

func TestProofsOfSessionsReceiptsAndAbsence(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "one")
	alice.does("send", session, "two")
	bob.does("ack", session)
	before := gets[infoResult](alice, "info").Chain.LastAccepted.Height

	ofSession, _ := proofOf(alice, session)
	ofReceipt, _ := proofOf(alice, session, "--receipt", bob.id())
	noReceipt, _ := proofOf(bob, session, "--receipt", alice.id())
	noMessage, _ := proofOf(bob, session, "3")
	noSession, _ := proofOf(bob, ids.ID{7, 1}.String())
	alice.does("send", session, "three")
	earlier, _ := proofOf(bob, session, "3", "--height", number(before))

	bob.offline()
	shown := gets[verifyResult](bob, "verify", ofSession)
	require.Equal(t, "active", shown.Status)
	require.Equal(t, uint64(2), *shown.Messages)
	shown = gets[verifyResult](bob, "verify", ofReceipt)
	require.Equal(t, bob.id(), shown.Participant)
	require.Equal(t, uint64(2), shown.Sequence)
	for _, file := range []string{noReceipt, noSession} {
		shown = gets[verifyResult](bob, "verify", file)
		require.True(t, shown.Verified)
		require.False(t, shown.Present)
	}
	require.Contains(t, bob.does("verify", noReceipt), "VERIFIED: there is no receipt of the participant.")
	require.Contains(t, bob.does("verify", noSession), "VERIFIED: there is no such session.")
	for _, file := range []string{noMessage, earlier} {
		require.Contains(t, bob.does("verify", file, "--no-message", "3"), "there is no message #3: the session has 2")
		bob.fails(ExitRefused, "a sequence above 2", "verify", file, "--no-message", "2")
	}
	bob.fails(ExitRefused, "about a session", "verify", ofReceipt, "--no-message", "3")
}

func TestAProofThatIsNotThereIsRefused(t *testing.T) {
	alice, bob, session := pair(t)
	alice.fails(ExitRefused, "not found", "proof", "--message", ids.ID{9}.String())
	alice.fails(ExitUsage, "SESSION is missing", "proof")
	alice.fails(ExitUsage, "leave out", "proof", session, "--message", ids.ID{9}.String())
	alice.fails(ExitUsage, "leave out", "proof", session, "1", "--receipt", bob.id())
	alice.does("send", session, "hello")
	alice.fails(ExitUsage, "no such file", "proof", session, "1", "--out", filepath.Join(t.TempDir(), "no", "folder"))
}

func TestAProofOfSomethingElseIsNotWritten(t *testing.T) {
	alice, bob, session := pair(t)
	alice.does("send", session, "one")
	alice.does("send", session, "two")
	var other map[string]any
	require.NoError(t, json.Unmarshal([]byte(alice.does("proof", session, "2")), &other))
	node := liar(t, "GetProof", func(result map[string]any) { result["proof"] = other })
	file := filepath.Join(t.TempDir(), "proof")
	bob.fails(ExitRefused, "does not show what was asked for", "proof", session, "1", "--node", node, "--out", file)
	require.NoFileExists(t, file)
	node = liar(t, "GetProof", func(result map[string]any) { result["proof"] = map[string]any{} })
	bob.fails(ExitRefused, "proof", "proof", session, "1", "--node", node, "--out", file)
	require.NoFileExists(t, file)
}
