package pq

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"
	"pgregory.net/rapid"
)

func TestSealedSize(t *testing.T) {
	// 2 recipients, 100 bytes: 2 * (1088 + 4 + 32 + 16) + 2 + 32 + 100 + 16
	require.Equal(t, 2430, SealedSize(100, 2))
	for _, recipients := range []int{1, 2, MaxRecipients} {
		list := make([]Recipient, recipients)
		for i := range list {
			list[i] = Recipient{ID: [IDSize]byte{byte(i)}, KEMPublicKey: testIdentity(t, 1).Public().KEM}
		}
		for _, plaintext := range []int{0, 1, 1000} {
			envelope, err := Seal(nil, make([]byte, plaintext), list)
			require.NoError(t, err)
			require.Len(t, envelope, SealedSize(plaintext, recipients))
			require.Equal(t, len(envelope), cap(envelope), "the size was known")
		}
	}
}

func TestEveryRecipientOpens(t *testing.T) {
	identities := []*Identity{testIdentity(t, 1), testIdentity(t, 2), testIdentity(t, 3)}
	recipients := make([]Recipient, len(identities))
	for i, identity := range identities {
		recipients[i] = recipientOf(identity)
	}
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.SliceOf(rapid.Byte()).Draw(t, "header")
		plaintext := rapid.SliceOf(rapid.Byte()).Draw(t, "plaintext")
		count := rapid.IntRange(1, len(identities)).Draw(t, "recipients")
		envelope, err := Seal(header, plaintext, recipients[:count])
		require.NoError(t, err)
		for i, identity := range identities {
			opened, err := Open(identity.KEM(), identity.ID(), header, envelope)
			if i < count {
				require.NoError(t, err)
				require.True(t, bytes.Equal(plaintext, opened))
			} else {
				require.ErrorIs(t, err, ErrNotRecipient)
			}
		}
		again, err := Seal(header, plaintext, recipients[:count])
		require.NoError(t, err)
		require.NotEqual(t, envelope, again, "sealing is randomized")
	})
}

func TestSealRefusesRecipients(t *testing.T) {
	good := recipientOf(testIdentity(t, 1))
	for name, c := range map[string]struct {
		recipients []Recipient
		err        error
	}{
		"none":             {nil, ErrRecipients},
		"too many":         {make([]Recipient, MaxRecipients+1), ErrRecipients},
		"one twice":        {[]Recipient{good, good}, ErrRecipients},
		"no key":           {[]Recipient{good, {ID: [IDSize]byte{1}}}, ErrKEMPublicKey},
		"an unreduced key": {[]Recipient{{KEMPublicKey: bytes.Repeat([]byte{0xff}, KEMPublicKeySize)}}, ErrKEMPublicKey},
	} {
		_, err := Seal(nil, nil, c.recipients)
		require.ErrorIs(t, err, c.err, name)
	}
}

func TestOpenRefuses(t *testing.T) {
	alice, bob := testIdentity(t, 1), testIdentity(t, 2)
	header := []byte("header")
	envelope, err := Seal(header, []byte("plaintext"), []Recipient{recipientOf(alice)})
	require.NoError(t, err)
	edited := func(at int, value byte) []byte {
		copied := bytes.Clone(envelope)
		copied[at] = value
		return copied
	}
	wiped := testIdentity(t, 1)
	wiped.Wipe()
	for name, c := range map[string]struct {
		key      *KEMKey
		self     [IDSize]byte
		header   []byte
		envelope []byte
		err      error
	}{
		"nothing":                  {alice.KEM(), alice.ID(), header, nil, ErrEnvelope},
		"version 0":                {alice.KEM(), alice.ID(), header, edited(0, 0), ErrEnvelopeVersion},
		"version 2":                {alice.KEM(), alice.ID(), header, edited(0, 2), ErrEnvelopeVersion},
		"the version alone":        {alice.KEM(), alice.ID(), header, envelope[:1], ErrEnvelope},
		"no recipient":             {alice.KEM(), alice.ID(), header, edited(1, 0), ErrEnvelope},
		"more recipients":          {alice.KEM(), alice.ID(), header, edited(1, 2), ErrEnvelope},
		"129 recipients":           {alice.KEM(), alice.ID(), header, edited(1, 129), ErrEnvelope},
		"shorter than the minimum": {alice.KEM(), alice.ID(), header, envelope[:SealedSize(0, 1)-1], ErrEnvelope},
		"cut content":              {alice.KEM(), alice.ID(), header, envelope[:len(envelope)-1], ErrAuthentication},
		"longer content":           {alice.KEM(), alice.ID(), header, append(bytes.Clone(envelope), 0), ErrAuthentication},
		"another header":           {alice.KEM(), alice.ID(), []byte("other"), envelope, ErrAuthentication},
		"no header":                {alice.KEM(), alice.ID(), nil, envelope, ErrAuthentication},
		"another identity":         {bob.KEM(), bob.ID(), header, envelope, ErrNotRecipient},
		"another ID":               {alice.KEM(), bob.ID(), header, envelope, ErrNotRecipient},
		"another key":              {bob.KEM(), alice.ID(), header, envelope, ErrAuthentication},
		"a wiped key":              {wiped.KEM(), alice.ID(), header, envelope, ErrWiped},
	} {
		_, err := Open(c.key, c.self, c.header, c.envelope)
		require.ErrorIs(t, err, c.err, name)
	}
}

// Each single-bit change of an envelope or of its header is refused, for each recipient.
func TestEveryChangeIsRefused(t *testing.T) {
	identities := []*Identity{testIdentity(t, 1), testIdentity(t, 2)}
	header, plaintext := []byte("the header"), []byte("the plaintext")
	envelope, err := Seal(header, plaintext, []Recipient{recipientOf(identities[0]), recipientOf(identities[1])})
	require.NoError(t, err)
	refused := func(what string) {
		t.Helper()
		for i, identity := range identities {
			if _, err := Open(identity.KEM(), identity.ID(), header, envelope); err == nil {
				t.Fatalf("recipient %d opened an envelope with %s changed", i, what)
			}
		}
	}
	for at := range envelope {
		bit := byte(1) << (at % 8)
		for _, change := range []byte{bit, 0xff} {
			envelope[at] ^= change
			refused(fmt.Sprintf("byte %d of the envelope", at))
			envelope[at] ^= change
		}
	}
	for at := range header {
		for bit := range 8 {
			header[at] ^= 1 << bit
			refused(fmt.Sprintf("bit %d of byte %d of the header", bit, at))
			header[at] ^= 1 << bit
		}
	}
	for _, identity := range identities {
		opened, err := Open(identity.KEM(), identity.ID(), header, envelope)
		require.NoError(t, err)
		require.Equal(t, plaintext, opened)
	}
}

// Header and envelope are separate: bytes cannot move from one to the other, and stanzas
// cannot be dropped, swapped or moved to another envelope.
func TestStanzasAreBound(t *testing.T) {
	alice, bob := testIdentity(t, 1), testIdentity(t, 2)
	recipients := []Recipient{recipientOf(alice), recipientOf(bob)}
	envelope, err := Seal(nil, []byte("plaintext"), recipients)
	require.NoError(t, err)
	other, err := Seal(nil, []byte("plaintext"), recipients)
	require.NoError(t, err)
	first := envelope[envelopeStart : envelopeStart+stanzaSize]
	second := envelope[envelopeStart+stanzaSize : envelopeStart+2*stanzaSize]
	rest := envelope[envelopeStart+2*stanzaSize:]

	for name, changed := range map[string][]byte{
		"swapped":      bytes.Join([][]byte{envelope[:2], second, first, rest}, nil),
		"bob dropped":  bytes.Join([][]byte{{envelopeVersion1, 1}, first, rest}, nil),
		"alice twice":  bytes.Join([][]byte{envelope[:2], first, first, rest}, nil),
		"moved":        bytes.Join([][]byte{envelope[:2], first, other[envelopeStart+stanzaSize:]}, nil),
		"bob replaced": bytes.Join([][]byte{envelope[:2], first, other[envelopeStart+stanzaSize : envelopeStart+2*stanzaSize], rest}, nil),
	} {
		_, err := Open(alice.KEM(), alice.ID(), nil, changed)
		require.ErrorIs(t, err, ErrAuthentication, name)
	}
}

// A malicious sender wraps two content keys, each for one recipient, in one envelope. At
// most one of the two recipients opens it, so they never read different things.
func TestEnvelopeCommitsToOneContentKey(t *testing.T) {
	alice, bob := testIdentity(t, 1), testIdentity(t, 2)
	keys := [][]byte{bytes.Repeat([]byte{1}, contentKeySize), bytes.Repeat([]byte{2}, contentKeySize)}
	table := []byte{envelopeVersion1, 2}
	var err error
	table, err = appendStanza(table, recipientOf(alice), keys[0])
	require.NoError(t, err)
	table, err = appendStanza(table, recipientOf(bob), keys[1])
	require.NoError(t, err)
	transcript := transcriptHash(nil, table)
	encryption, commitment, err := contentSecrets(keys[0], transcript)
	require.NoError(t, err)
	aead, err := chacha20poly1305.New(encryption)
	require.NoError(t, err)
	envelope := aead.Seal(append(table, commitment...), zeroNonce[:], []byte("for alice"), transcript[:])

	opened, err := Open(alice.KEM(), alice.ID(), nil, envelope)
	require.NoError(t, err)
	require.Equal(t, "for alice", string(opened))
	_, err = Open(bob.KEM(), bob.ID(), nil, envelope)
	require.ErrorIs(t, err, ErrAuthentication)
}

// Two IDs with one tag: the second finds its stanza behind the first one's.
func TestRecipientsWithTheSameTag(t *testing.T) {
	alice, bob := testIdentity(t, 1), testIdentity(t, 2)
	content := bytes.Repeat([]byte{7}, contentKeySize)
	table := []byte{envelopeVersion1, 2}
	var err error
	table, err = appendStanza(table, recipientOf(bob), content)
	require.NoError(t, err)
	tag := tagOf(alice.ID())
	copy(table[envelopeStart:], tag[:])
	table, err = appendStanza(table, recipientOf(alice), content)
	require.NoError(t, err)
	transcript := transcriptHash(nil, table)
	encryption, commitment, err := contentSecrets(content, transcript)
	require.NoError(t, err)
	aead, err := chacha20poly1305.New(encryption)
	require.NoError(t, err)
	envelope := aead.Seal(append(table, commitment...), zeroNonce[:], []byte("text"), transcript[:])

	opened, err := Open(alice.KEM(), alice.ID(), nil, envelope)
	require.NoError(t, err)
	require.Equal(t, "text", string(opened))
}

func TestSessionKeysSeparateEpochs(t *testing.T) {
	alice := testIdentity(t, 1)
	old, err := alice.SessionKEM([32]byte{1}, [32]byte{2}, 0)
	require.NoError(t, err)
	current, err := alice.SessionKEM([32]byte{1}, [32]byte{2}, 1)
	require.NoError(t, err)
	envelope, err := Seal(nil, []byte("text"), []Recipient{{ID: alice.ID(), KEMPublicKey: current.Public()}})
	require.NoError(t, err)
	opened, err := Open(current, alice.ID(), nil, envelope)
	require.NoError(t, err)
	require.Equal(t, "text", string(opened))
	for _, key := range []*KEMKey{old, alice.KEM()} {
		_, err = Open(key, alice.ID(), nil, envelope)
		require.ErrorIs(t, err, ErrAuthentication)
	}
}

// Nothing opens but what was sealed: the golden envelopes, whose bytes are the same in each
// of the fuzzer's processes.
func FuzzOpen(f *testing.F) {
	goldens := readGolden[[]goldenEnvelope](f, "envelopes.json")
	identity, err := IdentityFromSeed(goldenSeeds()[0])
	require.NoError(f, err)
	for _, golden := range goldens {
		f.Add([]byte(golden.Header), []byte(golden.Envelope))
		f.Add([]byte{}, []byte(golden.Envelope[:len(golden.Envelope)-1]))
	}
	f.Add([]byte{}, []byte{envelopeVersion1})
	f.Fuzz(func(t *testing.T, header, envelope []byte) {
		plaintext, err := Open(identity.KEM(), identity.ID(), header, envelope)
		if err != nil {
			require.Nil(t, plaintext)
			return
		}
		require.True(t, slices.ContainsFunc(goldens, func(golden goldenEnvelope) bool {
			return bytes.Equal(golden.Header, header) && bytes.Equal(golden.Envelope, envelope) && bytes.Equal(golden.Plaintext, plaintext)
		}), "an envelope that nobody sealed was opened")
	})
}
