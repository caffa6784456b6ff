package e2ee

import (
	"bytes"
	"testing"

	"github.com/cloudflare/circl/kem/xwing"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/pq"
)

func TestEveryByteOfAnInvitationCounts(t *testing.T) {
	envelope := sealTo(t, 2, testInvitation(t, "hello"))
	prekeys := []*Prekey{testPrekey(2)}
	for at := 0; at < InvitationHeadSize; at += 7 { // 7 does not divide any field's size
		changed := bytes.Clone(envelope.Head)
		changed[at] ^= 1 << (at % 8)
		require.Nil(t, OpenHead(prekeys, testChain, changed), "byte %d of the head", at)
	}
	for _, size := range []int{0, 1, InvitationHeadSize - 1, InvitationHeadSize + 1} {
		require.Nil(t, OpenHead(prekeys, testChain, make([]byte, size)))
	}
	key, self := OpenHead(prekeys, testChain, envelope.Head), testIdentity(2).ID()
	for at := 0; at < len(envelope.Sealed); at += 97 {
		changed := bytes.Clone(envelope.Sealed)
		changed[at] ^= 1 << (at % 8)
		_, err := OpenInvitation(key, self, changed)
		require.ErrorIs(t, err, ErrInvitation, "byte %d", at)
		require.ErrorIs(t, err, ErrAuthentication, "byte %d", at)
	}
	for _, size := range []int{0, 15, 16, 8_191, 8_193, 12_288, 32_768, 1 << 20} {
		_, err := OpenInvitation(key, self, append(bytes.Clone(envelope.Sealed), make([]byte, 1<<20)...)[:size])
		require.ErrorIs(t, err, ErrInvitation, "%d bytes", size)
	}
}

// sealPadded seals what an attacker made, who can seal to a prekey as everybody can.
func sealPadded(t *testing.T, padded []byte) Envelope {
	to := testTo(2)
	ciphertext, shared, err := encapsulateXWing(testRandom("an invitation"), to.Prekey)
	require.NoError(t, err)
	key, confirmation, err := deriveInvitation(shared, testChain, to.Prekey, ciphertext)
	require.NoError(t, err)
	sealed, err := sealOnce(nil, key, padded, nil)
	require.NoError(t, err)
	return Envelope{append(ciphertext, confirmation...), sealed}
}

// TestNothingOfAnInvitationIsTakenUnsigned: who can seal an envelope changes each field of a true
// invitation, with the ciphertext that it was signed for.
func TestNothingOfAnInvitationIsTakenUnsigned(t *testing.T) {
	envelope := sealTo(t, 2, testInvitation(t, "hello"))
	key := OpenHead([]*Prekey{testPrekey(2)}, testChain, envelope.Head)
	padded, err := openOnce(key.key, envelope.Sealed, nil)
	require.NoError(t, err)
	other, prekey := testIdentity(3).Public(), testPrekey(3).Public()
	inviter, another := testIdentity(1).ID(), other.ID()
	const (
		inviterDSA = 1 + pq.KEMPublicKeySize
		signature  = inviterDSA + pq.DSAPublicKeySize
		pseudonym  = signature + pq.DSASignatureSize
		prekeyAt   = pseudonym + pq.IDSize
		reply      = prekeyAt + PrekeySize
		kind       = reply + keySize
		content    = kind + 1
		mark       = content + 5
	)
	require.Equal(t, "hello\x80\x00", string(padded[content:content+7]))
	for name, change := range map[string]struct {
		at   int
		with []byte
		want error
	}{
		"version":                   {0, []byte{2}, ErrVersion},
		"inviter's KEM key":         {1, other.KEM, pq.ErrSignature},
		"inviter's KEM key, no key": {1, []byte{255, 255, 255}, pq.ErrKEMPublicKey},
		"inviter's DSA key":         {inviterDSA, other.DSA, pq.ErrSignature},
		"inviter":                   {1, append(bytes.Clone(other.KEM), other.DSA...), pq.ErrSignature},
		"signature":                 {signature, []byte{padded[signature] ^ 1}, pq.ErrSignature},
		"end of the signature":      {pseudonym - 1, []byte{padded[pseudonym-1] ^ 1}, pq.ErrSignature},
		"pseudonym":                 {pseudonym, another[:], pq.ErrSignature},
		"the inviter as pseudonym":  {pseudonym, inviter[:], ErrInvitation},
		"prekey":                    {prekeyAt, prekey, pq.ErrSignature},
		"prekey, X25519 part":       {reply - 1, []byte{padded[reply-1] ^ 1}, pq.ErrSignature},
		"reply root":                {kind - 1, []byte{padded[kind-1] ^ 1}, pq.ErrSignature},
		"prekey, no key":            {prekeyAt, []byte{255, 255, 255}, ErrSeat},
		"type":                      {kind, []byte{1}, pq.ErrSignature},
		"content":                   {content, []byte("j"), pq.ErrSignature},
		"less content":              {mark - 1, []byte{paddingMark, 0}, pq.ErrSignature},
		"more content":              {mark, []byte{'!', paddingMark}, pq.ErrSignature},
		"no padding mark":           {mark, []byte{0}, ErrMalformed},
		"another padding mark":      {mark, []byte{0x81}, ErrMalformed},
		"a byte in the padding":     {mark + 9, []byte{1}, ErrMalformed},
		"a mark in the padding":     {mark + 9, []byte{paddingMark}, pq.ErrSignature},
		"a mark before the content": {kind, make([]byte, len(padded)-kind), ErrMalformed},
		"zeros":                     {0, make([]byte, len(padded)), ErrMalformed},
	} {
		changed := bytes.Clone(padded)
		copy(changed[change.at:], change.with)
		got, err := openAs(t, 2, sealPadded(t, changed))
		require.ErrorIs(t, err, ErrInvitation, name)
		require.ErrorIs(t, err, change.want, name)
		require.Nil(t, got, name)
	}
	_, err = openAs(t, 2, sealPadded(t, append(padded, make([]byte, 4096)...)))
	require.ErrorIs(t, err, ErrMalformed, "more padding than it needs")
	_, err = openAs(t, 2, sealPadded(t, padded))
	require.NoError(t, err, "it is the same envelope")
}

// TestAnInvitationIsNotPassedOn: its recipient, or who stole the recipient's prekey, seals the same
// signed invitation anew.
func TestAnInvitationIsNotPassedOn(t *testing.T) {
	envelope := sealTo(t, 2, testInvitation(t, "hello"))
	key := OpenHead([]*Prekey{testPrekey(2)}, testChain, envelope.Head)
	padded, err := openOnce(key.key, envelope.Sealed, nil)
	require.NoError(t, err)
	reseal := func(to InvitationTo, random string) Envelope {
		ciphertext, shared, err := encapsulateXWing(testRandom(random), to.Prekey)
		require.NoError(t, err)
		key, confirmation, err := deriveInvitation(shared, to.Chain, to.Prekey, ciphertext)
		require.NoError(t, err)
		sealed, err := sealOnce(nil, key, padded, nil)
		require.NoError(t, err)
		return Envelope{append(ciphertext, confirmation...), sealed}
	}
	_, err = openAs(t, 3, reseal(testTo(3), "an invitation"))
	require.ErrorIs(t, err, pq.ErrSignature, "to somebody else")
	_, err = openAs(t, 2, reseal(testTo(2), "again"))
	require.ErrorIs(t, err, pq.ErrSignature, "to the same, in another envelope")

	elsewhere := testTo(2)
	elsewhere.Chain = [32]byte{9}
	moved := reseal(elsewhere, "an invitation")
	onOther := OpenHead([]*Prekey{testPrekey(2)}, elsewhere.Chain, moved.Head)
	_, err = OpenInvitation(onOther, testIdentity(2).ID(), moved.Sealed)
	require.ErrorIs(t, err, pq.ErrSignature, "on another chain")
	_, err = OpenInvitation(key, testIdentity(3).ID(), envelope.Sealed)
	require.ErrorIs(t, err, pq.ErrSignature, "a prekey that two identities have")
}

// TestAnEnvelopeOpensForOneKeyOnly: a sender that knows the shared keys of two prekeys can't make one
// head for both, since a confirmation commits to the key.
func TestAnEnvelopeOpensForOneKeyOnly(t *testing.T) {
	two, three := testPrekey(2), testPrekey(3)
	ciphertext, _, err := encapsulateXWing(testRandom("one of two"), two.public)
	require.NoError(t, err)
	confirmations := make(map[string]int)
	for i, prekey := range []*Prekey{two, three} {
		key, confirmation, err := deriveInvitation(prekey.decapsulate(ciphertext), testChain, prekey.public, ciphertext)
		require.NoError(t, err)
		confirmations[string(confirmation)] = i
		other := []*Prekey{three, two}[i]
		head := append(bytes.Clone(ciphertext), confirmation...)
		require.NotNil(t, OpenHead([]*Prekey{prekey}, testChain, head))
		require.Nil(t, OpenHead([]*Prekey{other}, testChain, head))
		opened := OpenHead([]*Prekey{other, prekey}, testChain, head)
		require.Equal(t, key, opened.key)
		require.Equal(t, prekey.public, opened.to.Prekey)
	}
	require.Len(t, confirmations, 2)

	// The confirmation depends on each thing that it is bound to, though the shared key is the same.
	shared := bytes.Repeat([]byte{7}, 32)
	seen := make(map[string]string)
	for name, bound := range map[string][3][]byte{
		"as it is": {testChain[:], two.public, ciphertext}, "chain": {testSession[:], two.public, ciphertext},
		"prekey": {testChain[:], three.public, ciphertext}, "ciphertext": {testChain[:], two.public, make([]byte, xwing.CiphertextSize)},
	} {
		key, confirmation, err := deriveInvitation(shared, [32]byte(bound[0]), bound[1], bound[2])
		require.NoError(t, err)
		require.NotEqual(t, key, confirmation)
		require.Empty(t, seen[string(confirmation)], name)
		seen[string(confirmation)] = name
	}
}

func FuzzOpenInvitation(f *testing.F) {
	envelope := sealTo(f, 2, testInvitation(f, "hello"))
	key := OpenHead([]*Prekey{testPrekey(2)}, testChain, envelope.Head)
	padded, err := openOnce(key.key, envelope.Sealed, nil)
	require.NoError(f, err)
	f.Add(padded)
	f.Add(append(bytes.Clone(padded[:kindOfInvitation]), 0x80))
	f.Add([]byte{invitationVersion1, paddingMark})
	f.Fuzz(func(t *testing.T, padded []byte) {
		invitation, signature, err := unpadInvitation(padded)
		if err == nil {
			require.Equal(t, padded, invitation.pad(signature, len(padded)), "one encoding")
		}
	})
}

const kindOfInvitation = invitationStart - 1

// BenchmarkOpenHead tries one prekey on heads: what scanning costs. "ratio" is beside the X-Wing decapsulation
// alone, measured in the same run.
func BenchmarkOpenHead(b *testing.B) {
	envelope := sealTo(b, 2, testInvitation(b, "hello"))
	for name, seed := range map[string]byte{"for another": 3, "for me": 2} {
		b.Run(name, func(b *testing.B) {
			key, _ := xwing.DeriveKeyPair(bytes.Repeat([]byte{seed}, 32))
			shared := make([]byte, 32)
			needed := timed(b, func() { key.DecapsulateTo(shared, envelope.Head[:xwing.CiphertextSize]) })
			prekeys := []*Prekey{testPrekey(seed)}
			taken := timed(b, func() { OpenHead(prekeys, testChain, envelope.Head) })
			for b.Loop() {
				OpenHead(prekeys, testChain, envelope.Head)
			}
			b.ReportMetric(float64(taken)/float64(needed), "ratio")
			b.ReportMetric(float64(taken.Nanoseconds()), "least-ns/op")
		})
	}
	b.Run("open", func(b *testing.B) {
		key := OpenHead([]*Prekey{testPrekey(2)}, testChain, envelope.Head)
		for b.Loop() {
			_, err := OpenInvitation(key, testIdentity(2).ID(), envelope.Sealed)
			require.NoError(b, err)
		}
	})
}
