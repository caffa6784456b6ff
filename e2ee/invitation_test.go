package e2ee

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/circl/kem/xwing"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

// goldenInvitation has all that a second implementation needs to make the same bytes but the signature,
// which is deterministic. Identities' and prekeys' seeds are 32 times a number.
type goldenInvitation struct {
	Name            string   `json:"name"` // of the randomness of the encapsulation
	Inviter         byte     `json:"inviter"`
	Recipient       byte     `json:"recipient"` // its prekey has the same seed
	Label           string   `json:"label"`     // of the pseudonym
	Chain           hexBytes `json:"chain"`
	RecipientID     hexBytes `json:"recipientID"`
	RecipientPrekey hexBytes `json:"recipientPrekey"`
	InviterKEM      hexBytes `json:"inviterKEM"`
	InviterDSA      hexBytes `json:"inviterDSA"`
	Pseudonym       hexBytes `json:"pseudonym"`
	PseudonymPrekey hexBytes `json:"pseudonymPrekey"`
	Reply           hexBytes `json:"reply"`
	Type            byte     `json:"type"`
	Content         string   `json:"content"`
	Shared          hexBytes `json:"shared"`
	Key             hexBytes `json:"key"`
	Signed          hexBytes `json:"signed"` // what the signature is over
	Signature       hexBytes `json:"signature"`
	Head            hexBytes `json:"head"`
	Sealed          hexBytes `json:"sealed"`
}

const goldenInvitationsPath = "testdata/invitations.json"

// testTo is the member with a seed byte, to be invited.
func testTo(seed byte) InvitationTo {
	return InvitationTo{Chain: testChain, Recipient: testIdentity(seed).ID(), Prekey: testPrekey(seed).Public()}
}

// testInvitation is an invitation by the pseudonym of the member with seed byte 1.
func testInvitation(tb testing.TB, content string) Invitation {
	return Invitation{Seat: Seat{privateOf(tb, testIdentity(1), "p/1").ID(), testPrekey(101).Public(), testSeed(101, keySize)}, Content: []byte(content)}
}

func sealTo(tb testing.TB, seed byte, invitation Invitation) Envelope {
	tb.Helper()
	envelope, err := sealInvitation(testRandom("an invitation"), testIdentity(1), testIdentity(1).SignDeterministic, testTo(seed), invitation)
	require.NoError(tb, err)
	return envelope
}

func openAs(tb testing.TB, seed byte, envelope Envelope) (*Invitation, error) {
	tb.Helper()
	key := OpenHead([]*Prekey{testPrekey(seed)}, testChain, envelope.Head)
	require.NotNil(tb, key)
	return OpenInvitation(key, testIdentity(seed).ID(), envelope.Sealed)
}

func makeGoldenInvitation(t *testing.T, kind ContentType, content string) goldenInvitation {
	to, invitation := testTo(2), testInvitation(t, content)
	invitation.Type = kind
	envelope := sealTo(t, 2, invitation)
	key := OpenHead([]*Prekey{testPrekey(2)}, testChain, envelope.Head)
	ciphertext := envelope.Head[:xwing.CiphertextSize]
	padded, err := openOnce(key.key, envelope.Sealed, nil)
	require.NoError(t, err)
	opened, signature, err := unpadInvitation(padded)
	require.NoError(t, err)
	return goldenInvitation{
		Name: "an invitation", Inviter: 1, Recipient: 2, Label: "p/1", Chain: testChain[:], RecipientID: to.Recipient[:], RecipientPrekey: to.Prekey,
		InviterKEM: opened.Inviter.KEM, InviterDSA: opened.Inviter.DSA, Pseudonym: opened.Seat.ID[:],
		PseudonymPrekey: opened.Seat.Prekey, Reply: opened.Seat.Reply, Type: byte(kind), Content: content, Shared: testPrekey(2).decapsulate(ciphertext), Key: key.key,
		Signed: invitationMessage(to, ciphertext, &opened), Signature: signature, Head: envelope.Head, Sealed: envelope.Sealed,
	}
}

func TestGoldenInvitations(t *testing.T) {
	made := []goldenInvitation{
		makeGoldenInvitation(t, ContentText, "Hello, and nobody knows whom."),
		makeGoldenInvitation(t, ContentTitle, strings.Repeat("a", 449)), // one more than the smallest size takes
	}
	if *update {
		encoded, err := json.MarshalIndent(made, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(goldenInvitationsPath, append(encoded, '\n'), 0o644))
	}
	encoded, err := os.ReadFile(goldenInvitationsPath)
	require.NoError(t, err)
	var goldens []goldenInvitation
	require.NoError(t, json.Unmarshal(encoded, &goldens))
	require.Equal(t, goldens, made)
	require.Len(t, goldens[0].Sealed, 8_192)
	require.Len(t, goldens[1].Sealed, 12_288)
	for _, golden := range goldens {
		require.Len(t, golden.Head, 1152)
		require.Len(t, golden.Signed, 192)
		require.NoError(t, pq.Verify(golden.InviterDSA, "sessionvm/e2ee/invitation/v1", golden.Signed, golden.Signature))
	}
}

// TestASecondImplementationMakesTheSameInvitations: testdata/check_schedule.py computes them from
// docs/PROTOCOL.md.
func TestASecondImplementationMakesTheSameInvitations(t *testing.T) {
	vectors, err := os.ReadFile(goldenInvitationsPath)
	require.NoError(t, err)
	output, err := second(t, vectors)
	require.NoError(t, err, output)
	for name, change := range map[string]func(*goldenInvitation){
		"confirmation of invitation 0": func(g *goldenInvitation) { g.Head[1151] ^= 1 },
		"key of invitation 0":          func(g *goldenInvitation) { g.Key[0] ^= 1 },
		"signed of invitation 0":       func(g *goldenInvitation) { g.Reply[0] ^= 1 },
		"sealed of invitation 0":       func(g *goldenInvitation) { g.Sealed[8_191] ^= 1 },
	} {
		var goldens []goldenInvitation
		require.NoError(t, json.Unmarshal(vectors, &goldens))
		change(&goldens[0])
		changed, err := json.Marshal(goldens)
		require.NoError(t, err)
		output, err := second(t, changed)
		require.Error(t, err, name)
		require.Contains(t, output, name)
	}
}

func TestAnInvitationIsReadByItsRecipientAlone(t *testing.T) {
	root, random := testIdentity(1), testRandom("who reads it")
	for _, size := range []int{0, 1, 448, 449, 4544, 4545, MaxInvitationContent} {
		sent := testInvitation(t, string(bytes.Repeat([]byte{0x80, 0}, MaxInvitationContent))[:size]) // like padding
		sent.Type = ContentTitle
		envelope, err := SealInvitation(random, root, testTo(2), sent)
		require.NoError(t, err)
		require.Len(t, envelope.Head, InvitationHeadSize)
		require.Contains(t, InvitationSizes, len(envelope.Sealed))
		key := OpenHead([]*Prekey{testPrekey(3), testPrekey(2), testPrekey(4)}, testChain, envelope.Head)
		got, err := OpenInvitation(key, testIdentity(2).ID(), envelope.Sealed)
		require.NoError(t, err)
		sent.Inviter = root.Public()
		require.Equal(t, sent, *got)

		require.Nil(t, OpenHead([]*Prekey{testPrekey(3), testPrekey(1), testPrekey(101)}, testChain, envelope.Head), "not the inviter either")
		require.Nil(t, OpenHead([]*Prekey{testPrekey(2)}, [32]byte{9}, envelope.Head), "another chain")
		require.Nil(t, OpenHead(nil, testChain, envelope.Head))
	}
	_, err := SealInvitation(random, root, testTo(2), testInvitation(t, strings.Repeat("a", MaxInvitationContent+1)))
	require.ErrorIs(t, err, ErrSize)
	require.Equal(t, 25_024, MaxInvitationContent)
}

func TestAnInvitationNeedsThreeIdentities(t *testing.T) {
	root := testIdentity(1)
	for name, change := range map[string]func(*InvitationTo, *Invitation){
		"oneself":                    func(to *InvitationTo, _ *Invitation) { to.Recipient = root.ID() },
		"as oneself":                 func(_ *InvitationTo, i *Invitation) { i.Seat.ID = root.ID() },
		"as the recipient":           func(_ *InvitationTo, i *Invitation) { i.Seat.ID = testIdentity(2).ID() },
		"a prekey that is none":      func(_ *InvitationTo, i *Invitation) { i.Seat.Prekey = bytes.Repeat([]byte{255}, PrekeySize) },
		"a prekey of the wrong size": func(_ *InvitationTo, i *Invitation) { i.Seat.Prekey = i.Seat.Prekey[1:] },
		"a seat without a root":      func(_ *InvitationTo, i *Invitation) { i.Seat.Reply = nil },
	} {
		to, invitation := testTo(2), testInvitation(t, "hello")
		change(&to, &invitation)
		_, err := SealInvitation(nil, root, to, invitation)
		require.ErrorIs(t, err, ErrInvitation, name)
	}
	to := testTo(2)
	to.Prekey = bytes.Repeat([]byte{255}, PrekeySize)
	_, err := SealInvitation(nil, root, to, testInvitation(t, "hello"))
	require.ErrorIs(t, err, ErrPrekey)
	_, err = SealInvitation(bytes.NewReader(nil), root, testTo(2), testInvitation(t, "hello"))
	require.ErrorIs(t, err, ErrRandom)
}

// TestAnInvitationShowsNothingOfWhomItIsFor: with the same randomness for two recipients, all that is
// equal is what no key enters: the ephemeral X25519 key. It is the same whoever is invited, so it says
// nothing of either.
func TestAnInvitationShowsNothingOfWhomItIsFor(t *testing.T) {
	invitation := testInvitation(t, "hello")
	two, three := sealTo(t, 2, invitation), sealTo(t, 3, invitation)
	const ephemeral = xwing.CiphertextSize - 32
	require.Equal(t, two.Head[ephemeral:xwing.CiphertextSize], three.Head[ephemeral:xwing.CiphertextSize])
	for name, parts := range map[string][2][]byte{
		"ML-KEM-768 ciphertext": {two.Head[:ephemeral], three.Head[:ephemeral]},
		"confirmation":          {two.Head[xwing.CiphertextSize:], three.Head[xwing.CiphertextSize:]},
		"sealed":                {two.Sealed, three.Sealed},
	} {
		require.Len(t, parts[0], len(parts[1]), name)
		equal := 0
		for i := range parts[0] {
			if parts[0][i] == parts[1][i] {
				equal++
			}
		}
		require.Less(t, equal, len(parts[0])/64+8, name) // one in 256 by chance
	}
	for _, id := range []ID{testIdentity(1).ID(), testIdentity(2).ID(), invitation.Seat.ID} {
		require.False(t, bytes.Contains(slices.Concat(two.Head, two.Sealed), id[:8]))
	}
}

func TestWhatOpensAnInvitationIsErased(t *testing.T) {
	envelope := sealTo(t, 2, testInvitation(t, "hello"))
	prekey := testPrekey(2)
	key := OpenHead([]*Prekey{prekey}, testChain, envelope.Head)
	secret := key.key
	require.Equal(t, "e2ee.InvitationKey(redacted)", fmt.Sprintf("%x", *key))
	_, err := json.Marshal(key)
	require.ErrorIs(t, err, ErrSecret)
	key.Wipe()
	erased(t, "an invitation's key", secret)
	_, err = OpenInvitation(key, testIdentity(2).ID(), envelope.Sealed)
	require.ErrorIs(t, err, ErrInvitation)
	require.ErrorIs(t, err, ErrWiped)

	expanded := prekey.secret.key
	prekey.Wipe()
	require.Equal(t, xwing.PrivateKey{}, *expanded)
	require.Nil(t, OpenHead([]*Prekey{prekey}, testChain, envelope.Head))
}
