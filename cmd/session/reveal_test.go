package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/proofs"
)

// TestAProofRevealsWhoIsBehindItIfItsMakerWants: behind a message or a receipt, with the validators' certificate or
// without, and else nothing of the identity is in the file.
func TestAProofRevealsWhoIsBehindItIfItsMakerWants(t *testing.T) {
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	session := meet(t, alice, bob).String()
	sent := gets[sendResult](bob, "send", "alice", "I have said it")
	hers := gets[sendResult](alice, "send", "bob", "and I have not").ID
	bob.does("ack", "alice")
	var sequence string
	for _, h := range reads(bob, ExitDone, "alice") {
		if h.ID == sent.ID {
			sequence = fmt.Sprint(h.Sequence)
		}
	}
	trust, _ := alice.trusts()
	outsider := newPerson(t, "")
	file := filepath.Join(t.TempDir(), "proof")
	identity := bob.identity.ID()
	public := bob.identity.Public()
	holds := func(content []byte) bool {
		for _, part := range [][]byte{identity[:], public.KEM[:32], public.KEM[600:632], public.DSA[:32], public.DSA[900:932]} {
			if bytes.Contains(content, part) || bytes.Contains(content, []byte(hex.EncodeToString(part))) || bytes.Contains(content, []byte(bob.id())) {
				return true
			}
		}
		return false
	}
	for _, what := range [][]string{{"proof", "alice", sequence}, {"proof", "--message", sent.ID.String()}, {"proof", "alice", "--receipt", "me"}} {
		for _, how := range [][]string{{}, {"--binary"}, {"--certified", "--binary"}, {"--trust", trust}} {
			bob.does(append(append(what, how...), "--out", file)...)
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.False(t, holds(content), "%s %s", what, how)
			require.Empty(t, gets[verifyResult](outsider, "verify", file).Behind)

			said := bob.does(append(append(what, how...), "--out", file, "--reveal")...)
			require.Regexp(t, `Reveals +`+bob.id(), said)
			content, err = os.ReadFile(file)
			require.NoError(t, err)
			require.True(t, holds(content))
			shows := gets[verifyResult](outsider, "verify", file)
			require.Equal(t, bob.id(), shows.Behind)
			require.NotEqual(t, bob.id(), shows.Sender+shows.Participant)
			if len(how) == 2 {
				require.Regexp(t, `Behind it +`+bob.id(), outsider.does("verify", file, "--trust", trust))
			}
		}
	}

	// What somebody changes of it, and what belongs to another message, is refused.
	bob.does("proof", "alice", sequence, "--reveal", "--binary", "--out", file)
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	bundle, err := proofs.ParseBundle(content)
	require.NoError(t, err)
	for at := range 20 {
		changed := *bundle
		changed.Disclosure = bytes.Clone(bundle.Disclosure)
		changed.Disclosure[len(bundle.Disclosure)*(2*at+1)/40] ^= 1
		require.NoError(t, os.WriteFile(file, changed.Bytes(), 0o600))
		outsider.fails(ExitRefused, proofs.ErrDisclosure.Error(), "verify", file)
	}
	alice.does("proof", "--message", hers.String(), "--binary", "--out", file)
	others, err := os.ReadFile(file)
	require.NoError(t, err)
	other, err := proofs.ParseBundle(others)
	require.NoError(t, err)
	other.Disclosure = bundle.Disclosure
	require.NoError(t, os.WriteFile(file, other.Bytes(), 0o600))
	outsider.fails(ExitRefused, proofs.ErrDisclosure.Error(), "verify", file)

	// A node does not give one.
	lying := liar(t, "GetProof", func(result map[string]any) {
		result["proof"].(map[string]any)["disclosure"] = hex.EncodeToString(bundle.Disclosure)
	})
	bob.does("proof", "--message", sent.ID.String(), "--out", file, "--node", lying)
	require.Empty(t, gets[verifyResult](outsider, "verify", file).Behind)

	alice.fails(ExitUsage, "is none of your pseudonyms", "proof", "bob", sequence, "--reveal")
	bob.fails(ExitUsage, "for a message or a receipt that is there", "proof", session, "--reveal")
	bob.fails(ExitUsage, "for a message or a receipt that is there", "proof", session, "999", "--reveal")
	seen(alice, bob)
	seenByAll := gets[sendResult](alice, "send", "bob", "for all to see")
	alice.fails(ExitUsage, "shows itself", "proof", "--message", seenByAll.ID.String(), "--reveal")
}
