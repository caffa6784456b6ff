package proofs

import (
	"bytes"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/race"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// testRoot is who stands behind the sender of the test's tree.
func testRoot(t testing.TB) *pq.Identity {
	root, err := pq.IdentityFromSeed(bytes.Repeat([]byte{1}, pq.SeedSize))
	require.NoError(t, err)
	return root
}

func (tt *testTree) disclose(b *Bundle) *Bundle {
	root := testRoot(tt.t)
	require.NoError(tt.t, b.Disclose(root.Public().KEM, root.Public().DSA, root.SignDeterministic, tt.sender.SignDeterministic))
	return b
}

func (tt *testTree) acknowledged() *Bundle {
	b := tt.bundle(chain.ReceiptKey(tt.session, tt.sender.ID()))
	b.Transaction = tt.receipt.Bytes()
	b.KEMPublicKey, b.DSAPublicKey = tt.sender.Public().KEM, tt.sender.Public().DSA
	return b
}

func TestADisclosureShowsWhoStandsBehind(t *testing.T) {
	tt := newTestTree(t, 5)
	root := testRoot(t)
	for name, b := range map[string]*Bundle{"message": tt.delivery(), "receipt": tt.acknowledged()} {
		s, err := b.Verify(pq.Verify)
		require.NoError(t, err, name)
		require.Equal(t, ids.Empty, s.Behind)
		id := root.ID()
		for _, secret := range [][]byte{id[:], root.Public().KEM[:16], root.Public().DSA[:16]} {
			require.NotContains(t, string(b.Bytes()), string(secret), "nothing of the identity without it")
		}
		tt.disclose(b)
		require.Len(t, b.Disclosure, 9754)
		for _, form := range [][]byte{b.Bytes(), encode(t, b)} {
			parsed, err := Parse(form)
			require.NoError(t, err)
			require.Equal(t, b.Bytes(), parsed.Bytes())
			s, err = parsed.Verify(pq.Verify)
			require.NoError(t, err)
			require.Equal(t, ids.ID(root.ID()), s.Behind)
			s, err = parsed.Verify(nil)
			require.NoError(t, err)
			require.Equal(t, ids.Empty, s.Behind, "nobody has checked it")
		}
	}
}

// TestNobodyDisclosesForAnother: neither claims what another one has said, nor puts words into another one's mouth,
// nor takes a disclosure from where it was made.
func TestNobodyDisclosesForAnother(t *testing.T) {
	tt := newTestTree(t, 5)
	root, mallory := testRoot(t), privateOf(t, "mallory")
	keys := slices.Concat(root.Public().KEM, root.Public().DSA)
	actor, behind := tt.sender.ID(), root.ID()
	signed := func(context string, chainID, session, member, behind ids.ID) (signatures []byte) {
		for _, signer := range []*pq.Identity{root, tt.sender} {
			signature, err := signer.Sign(context, slices.Concat(chainID[:], session[:], member[:], behind[:]))
			require.NoError(t, err)
			signatures = append(signatures, signature...)
		}
		return signatures
	}
	honest := signed(ContextDisclosure, testChainID, tt.session, actor, behind)
	first, second := honest[:chain.SignatureSize], honest[chain.SignatureSize:]
	b := tt.delivery()
	b.Disclosure = slices.Concat(keys, honest)
	_, err := b.Verify(pq.Verify)
	require.NoError(t, err)
	claimed := tt.delivery()
	require.NoError(t, claimed.Disclose(mallory.Public().KEM, mallory.Public().DSA, mallory.Sign, mallory.Sign))
	blamed := tt.delivery()
	require.NoError(t, blamed.Disclose(root.Public().KEM, root.Public().DSA, tt.sender.Sign, tt.sender.Sign))
	for name, disclosure := range map[string][]byte{
		"a message that another one claims":    claimed.Disclosure,
		"an identity that does not know of it": blamed.Disclosure,
		"the identity's signature alone":       slices.Concat(keys, first, make([]byte, chain.SignatureSize)),
		"the identity's signature for both":    slices.Concat(keys, first, first),
		"the signatures in the other order":    slices.Concat(keys, second, first),
		"another identity's keys":              slices.Concat(mallory.Public().KEM, mallory.Public().DSA, honest),
		"another one's KEM key":                slices.Concat(mallory.Public().KEM, root.Public().DSA, honest),
		"another chain":                        slices.Concat(keys, signed(ContextDisclosure, ids.ID{1}, tt.session, actor, behind)),
		"another session":                      slices.Concat(keys, signed(ContextDisclosure, testChainID, ids.ID{1}, actor, behind)),
		"another member":                       slices.Concat(keys, signed(ContextDisclosure, testChainID, tt.session, ids.ID{1}, behind)),
		"another identity":                     slices.Concat(keys, signed(ContextDisclosure, testChainID, tt.session, actor, ids.ID{1})),
		"a proof of identity for the session":  slices.Concat(keys, signed("sessionvm/e2ee/proof/v1", testChainID, tt.session, actor, behind)),
		"the signer itself":                    slices.Concat(tt.sender.Public().KEM, tt.sender.Public().DSA, second, second),
		"a byte less":                          slices.Concat(keys, honest)[:DisclosureSize-1],
		"a byte more":                          slices.Concat(keys, honest, []byte{0}),
		"one byte":                             {1},
	} {
		b := tt.delivery()
		b.Disclosure = disclosure
		s, err := b.Verify(pq.Verify)
		require.ErrorIs(t, err, ErrDisclosure, name)
		require.ErrorIs(t, err, refusal.ErrProof, name)
		require.Nil(t, s, name)
	}
	step := 1
	if testing.Short() || race.Enabled {
		step = 37
	}
	valid := slices.Concat(keys, honest)
	mutate(valid, step, 1, func(changed []byte) {
		b := tt.delivery()
		b.Disclosure = changed
		_, err := b.Verify(pq.Verify)
		require.ErrorIs(t, err, ErrDisclosure)
	})
}

func privateOf(t testing.TB, label string) *pq.Identity {
	identity, err := testRoot(t).Private(label)
	require.NoError(t, err)
	return identity
}

// TestWhatHasNoSignerDisclosesNothing: neither a record alone, nor what is no message and no receipt.
func TestWhatHasNoSignerDisclosesNothing(t *testing.T) {
	tt := newTestTree(t, 5)
	disclosure := tt.disclose(tt.delivery()).Disclosure
	unsigned := tt.delivery()
	unsigned.KEMPublicKey, unsigned.DSAPublicKey = nil, nil
	for name, b := range map[string]*Bundle{
		"a session": tt.bundle(chain.SessionKey(tt.session)), "nothing": tt.bundle(chain.MessageKey(6)),
		"a record alone": tt.bundle(chain.MessageKey(3)), "without the signer's keys": unsigned,
	} {
		b.Disclosure = disclosure
		_, err := b.Verify(pq.Verify)
		require.ErrorIs(t, err, ErrDisclosure, name)
	}
	root := testRoot(t)
	sign := tt.sender.Sign
	require.ErrorIs(t, tt.bundle(chain.MessageKey(6)).Disclose(root.Public().KEM, root.Public().DSA, root.Sign, sign), refusal.ErrMalformed)
	require.ErrorIs(t, tt.delivery().Disclose(nil, root.Public().DSA, root.Sign, sign), ErrDisclosure)
	require.ErrorIs(t, tt.delivery().Disclose(tt.sender.Public().KEM, tt.sender.Public().DSA, sign, sign), ErrDisclosure, "itself")
	created := tt.delivery()
	created.Transaction = tt.sign(&chain.CloseSession{Session: tt.session, Participant: tt.sender.ID()}).Bytes()
	require.ErrorIs(t, created.Disclose(root.Public().KEM, root.Public().DSA, root.Sign, sign), ErrDisclosure)
	root.Wipe()
	unsigned = tt.delivery()
	require.ErrorIs(t, unsigned.Disclose(root.Public().KEM, root.Public().DSA, root.Sign, sign), pq.ErrWiped)
	require.Empty(t, unsigned.Disclosure)
}
