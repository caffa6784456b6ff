package e2ee

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// goldenProof has what a proof is made of. The identities' seeds are 32 times a number.
type goldenProof struct {
	Root    byte     `json:"root"`    // the seed of the identity behind
	Label   string   `json:"label"`   // of the private identity, the member
	Chain   hexBytes `json:"chain"`   // its ID
	Session hexBytes `json:"session"` // its ID
	Member  hexBytes `json:"member"`  // the member's ID
	Behind  hexBytes `json:"behind"`  // the ID of the identity behind
	Signed  hexBytes `json:"signed"`  // what the signature is over
	Proof   hexBytes `json:"proof"`   // encoded, signed deterministically
}

const goldenProofsPath = "testdata/proofs.json"

// privateOf returns the private identity that a test identity has for a label.
func privateOf(tb testing.TB, root *pq.Identity, label string) *pq.Identity {
	tb.Helper()
	private, err := root.Private(label)
	require.NoError(tb, err)
	return private
}

func makeGoldenProof(tb testing.TB, seed byte, label string, chain, session [32]byte) goldenProof {
	tb.Helper()
	root := testIdentity(seed)
	member, behind := privateOf(tb, root, label).ID(), root.ID()
	proof, err := proveIdentity(root, root.SignDeterministic, chain, session, member)
	require.NoError(tb, err)
	return goldenProof{
		Root: seed, Label: label, Chain: chain[:], Session: session[:], Member: member[:], Behind: behind[:],
		Signed: proofMessage(chain, session, member, behind), Proof: proof.Bytes(),
	}
}

func readGoldenProofs(tb testing.TB) (goldens []goldenProof) {
	tb.Helper()
	encoded, err := os.ReadFile(goldenProofsPath)
	require.NoError(tb, err)
	require.NoError(tb, json.Unmarshal(encoded, &goldens))
	return goldens
}

func TestGoldenProofs(t *testing.T) {
	made := []goldenProof{
		makeGoldenProof(t, 1, "a label", testChain, testSession),
		makeGoldenProof(t, 2, "雪", [32]byte{}, [32]byte{}),
	}
	if *update {
		encoded, err := json.MarshalIndent(made, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(goldenProofsPath, append(encoded, '\n'), 0o644))
	}
	goldens := readGoldenProofs(t)
	require.Equal(t, goldens, made)
	for _, golden := range goldens {
		require.Equal(t, slices.Concat(golden.Chain, golden.Session, golden.Member, golden.Behind), golden.Signed)
		require.Len(t, golden.Proof, 6446)
		proof, err := ParseIdentityProof(golden.Proof)
		require.NoError(t, err)
		require.NoError(t, pq.Verify(proof.Public.DSA, "sessionvm/e2ee/proof/v1", golden.Signed, proof.Signature))
		behind, err := proof.Verify([32]byte(golden.Chain), [32]byte(golden.Session), ID(golden.Member))
		require.NoError(t, err)
		require.Equal(t, []byte(golden.Behind), behind[:])
	}
}

func TestIdentityProof(t *testing.T) {
	root := testIdentity(1)
	member := privateOf(t, root, "a label").ID()
	proof, err := ProveIdentity(root, testChain, testSession, member)
	require.NoError(t, err)
	encoded := proof.Bytes()
	require.Len(t, encoded, IdentityProofSize)
	parsed, err := ParseIdentityProof(encoded)
	require.NoError(t, err)
	require.Equal(t, proof, parsed)
	behind, err := parsed.Verify(testChain, testSession, member)
	require.NoError(t, err)
	require.Equal(t, root.ID(), behind)

	clear(encoded)
	_, err = parsed.Verify(testChain, testSession, member)
	require.NoError(t, err, "it shares memory with what it was parsed from")
}

func TestIdentityProofIsForOneMemberOfOneSession(t *testing.T) {
	root := testIdentity(1)
	private := privateOf(t, root, "a label")
	proof, err := ProveIdentity(root, testChain, testSession, private.ID())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		chain, session [32]byte
		member         ID
	}{
		"another chain":                   {[32]byte{1}, testSession, private.ID()},
		"another session":                 {testChain, [32]byte{1}, private.ID()},
		"chain and session swapped":       {testSession, testChain, private.ID()},
		"another member":                  {testChain, testSession, testIdentity(2).ID()},
		"another private one of the root": {testChain, testSession, privateOf(t, root, "another").ID()},
		"the root itself":                 {testChain, testSession, root.ID()},
		"nobody":                          {testChain, testSession, ID{}},
	} {
		behind, err := proof.Verify(c.chain, c.session, c.member)
		require.ErrorIs(t, err, ErrProof, name)
		require.Zero(t, behind, name)
	}
}

func TestNothingToProve(t *testing.T) {
	root := testIdentity(1)
	_, err := ProveIdentity(root, testChain, testSession, root.ID())
	require.ErrorIs(t, err, ErrProof)
	// Nor is it taken when it is made by hand.
	signature, err := root.Sign(ContextProof, proofMessage(testChain, testSession, root.ID(), root.ID()))
	require.NoError(t, err)
	proof := &IdentityProof{Public: root.Public(), Signature: signature}
	_, err = proof.Verify(testChain, testSession, root.ID())
	require.ErrorIs(t, err, ErrProof)
}

func TestWipedIdentityProvesNothing(t *testing.T) {
	wiped, err := pq.IdentityFromSeed(testSeed(9, pq.SeedSize))
	require.NoError(t, err)
	wiped.Wipe()
	_, err = ProveIdentity(wiped, testChain, testSession, testIdentity(1).ID())
	require.ErrorIs(t, err, pq.ErrWiped)
}

// The signature is for a proof alone, and for both keys of the identity behind.
func TestIdentityProofSignature(t *testing.T) {
	root, member := testIdentity(1), privateOf(t, testIdentity(1), "a label").ID()
	message := proofMessage(testChain, testSession, member, root.ID())
	verify := func(public pq.PublicIdentity, signature []byte) error {
		_, err := (&IdentityProof{Public: public, Signature: signature}).Verify(testChain, testSession, member)
		return err
	}
	for _, context := range []string{"", "sessionvm/message/v1", "sessionvm/e2ee/proof/v2"} {
		signature, err := root.Sign(context, message)
		require.NoError(t, err)
		require.ErrorIs(t, verify(root.Public(), signature), ErrProof, context)
	}
	signature, err := root.Sign(ContextProof, message)
	require.NoError(t, err)
	require.NoError(t, verify(root.Public(), signature))
	other := testIdentity(2).Public()
	require.ErrorIs(t, verify(pq.PublicIdentity{KEM: other.KEM, DSA: root.Public().DSA}, signature), ErrProof, "another KEM key")
	require.ErrorIs(t, verify(pq.PublicIdentity{KEM: root.Public().KEM, DSA: other.DSA}, signature), ErrProof, "another DSA key")
	require.ErrorIs(t, verify(other, signature), ErrProof)
	// Proofs that were never parsed have sizes that nobody checked.
	require.ErrorIs(t, verify(pq.PublicIdentity{}, signature), ErrProof)
	require.ErrorIs(t, verify(root.Public(), nil), ErrProof)
	require.ErrorIs(t, verify(root.Public(), append(bytes.Clone(signature), 0)), ErrProof)
	moved := pq.PublicIdentity{KEM: root.Public().KEM[:pq.KEMPublicKeySize-1], DSA: append(root.Public().KEM[pq.KEMPublicKeySize-1:], root.Public().DSA...)}
	require.Equal(t, root.ID(), moved.ID())
	require.ErrorIs(t, verify(moved, signature), ErrProof, "the same ID of other keys")
	unreduced := pq.PublicIdentity{KEM: bytes.Repeat([]byte{0xff}, pq.KEMPublicKeySize), DSA: root.Public().DSA}
	signature, err = root.Sign(ContextProof, proofMessage(testChain, testSession, member, unreduced.ID()))
	require.NoError(t, err)
	require.ErrorIs(t, verify(unreduced, signature), ErrProof, "not a KEM key, and signed")
}

func TestEveryFlippedByteOfAProofIsRefused(t *testing.T) {
	golden := readGoldenProofs(t)[0]
	for at := range golden.Proof {
		changed := bytes.Clone(golden.Proof)
		changed[at] ^= 1 << (at % 8)
		proof, err := ParseIdentityProof(changed)
		if err == nil {
			_, err = proof.Verify(testChain, testSession, ID(golden.Member))
		}
		require.ErrorIs(t, err, ErrProof, "byte %d", at)
	}
}

func TestProofOfAnotherSizeIsRefused(t *testing.T) {
	golden := readGoldenProofs(t)[0]
	for size := range len(golden.Proof) {
		_, err := ParseIdentityProof(golden.Proof[:size])
		require.ErrorIs(t, err, ErrProof, "%d bytes", size)
	}
	for _, more := range []int{1, 2, 32, len(golden.Proof)} {
		_, err := ParseIdentityProof(append(bytes.Clone(golden.Proof), make([]byte, more)...))
		require.ErrorIs(t, err, ErrProof, "%d bytes more", more)
	}
}

// TestProofInASession: two private identities talk, one shows who it is, and a third member
// that sends the same proof on shows nothing of itself.
func TestProofInASession(t *testing.T) {
	roots := []*pq.Identity{testIdentity(1), testIdentity(2), testIdentity(3)}
	var members []ID
	var private []*pq.Identity
	for _, root := range roots {
		private = append(private, privateOf(t, root, "a label"))
		members = append(members, private[len(private)-1].ID())
	}
	var group []*Session
	for i, identity := range private {
		party, err := New(Config{Chain: testChain, Session: testSession, Secrets: Secrets{Identity: identity, Prekeys: []*Prekey{testPrekey(byte(i))}}, Members: members})
		require.NoError(t, err)
		for j := range private {
			if j != i {
				require.NoError(t, party.SetPrekey(private[j].ID(), private[j].Public().KEM, testPrekey(byte(j)).Public()))
			}
		}
		group = append(group, party)
	}
	alice, bob, mallory := group[0], group[1], group[2]
	proof, err := ProveIdentity(roots[0], testChain, testSession, alice.Self())
	require.NoError(t, err)

	send := func(from *Session, to ...*Session) []Opened {
		sealed, err := from.Seal(testNow, Seen{}, ContentProof, proof.Bytes())
		require.NoError(t, err)
		require.Len(t, sealed.Message, 6705)
		var all []Opened
		for _, reader := range to {
			for _, wire := range sealed.wires() {
				opened, err := reader.Open(testNow, from.Self(), wire)
				require.NoError(t, err)
				if !opened.Announcement {
					require.Equal(t, ContentProof, opened.Type)
					all = append(all, opened)
				}
			}
		}
		return all
	}
	for _, opened := range send(alice, bob, mallory) {
		shown, err := ParseIdentityProof(opened.Content)
		require.NoError(t, err)
		behind, err := shown.Verify(testChain, testSession, opened.Sender)
		require.NoError(t, err)
		require.Equal(t, roots[0].ID(), behind)
	}
	for _, opened := range send(mallory, bob) {
		shown, err := ParseIdentityProof(opened.Content)
		require.NoError(t, err)
		_, err = shown.Verify(testChain, testSession, opened.Sender)
		require.ErrorIs(t, err, ErrProof)
	}
}

// FuzzParseIdentityProof gives a proof of any bytes: what is taken has that one encoding, and
// verifies only if it is one of those that were made.
func FuzzParseIdentityProof(f *testing.F) {
	made := map[string]bool{}
	for _, golden := range readGoldenProofs(f) {
		made[string(golden.Proof)] = true
		f.Add([]byte(golden.Proof))
		f.Add([]byte(golden.Proof[:len(golden.Proof)-1]))
	}
	member := privateOf(f, testIdentity(1), "a label").ID()
	f.Fuzz(func(t *testing.T, encoded []byte) {
		proof, err := ParseIdentityProof(encoded)
		if err != nil {
			require.ErrorIs(t, err, ErrProof)
			require.Nil(t, proof)
			return
		}
		require.Equal(t, encoded, proof.Bytes())
		if _, err := proof.Verify(testChain, testSession, member); err != nil {
			require.ErrorIs(t, err, ErrProof)
		} else {
			require.True(t, made[string(encoded)])
		}
	})
}
