package pq

import (
	"bytes"
	"testing"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/stretchr/testify/require"
)

type mldsaSignGroup struct {
	PrivateSeed hexBytes        `json:"privateSeed"`
	PrivateKey  hexBytes        `json:"privateKey"`
	PublicKey   hexBytes        `json:"publicKey"`
	Tests       []mldsaSignCase `json:"tests"`
}

type mldsaSignCase struct {
	wycheproofCase
	// Message is nil in cases of the flag Internal, which give only μ: they are about
	// signing with an external μ, which neither this package nor circl offers.
	Message    hexBytes `json:"msg"`
	Context    hexBytes `json:"ctx"`
	Randomness hexBytes `json:"rnd"`
	Signature  hexBytes `json:"sig"`
}

func TestWycheproofSignFromSeed(t *testing.T) {
	file, judged := loadWycheproof[mldsaSignGroup](t, "mldsa_65_sign_seed_test.json")
	keyOnly := 0
	for _, group := range file.TestGroups {
		public, private, keyErr := newDSAKey(group.PrivateSeed)
		for _, c := range group.Tests {
			judged()
			if keyErr != nil {
				require.False(t, c.valid(t), "case %d: %v", c.ID, keyErr)
				require.ErrorIs(t, keyErr, ErrSeed)
				continue
			}
			require.Equal(t, []byte(group.PublicKey), public, "case %d", c.ID)
			if c.has("Internal") {
				require.True(t, c.valid(t))
				require.Nil(t, c.Message)
				keyOnly++ // the key pair is right; see mldsaSignCase.Message
				continue
			}
			signature, err := signWycheproof(t, private, c)
			if !c.valid(t) {
				require.ErrorIs(t, err, ErrContext, "case %d: %s", c.ID, c.Comment)
				continue
			}
			require.NoError(t, err, "case %d: %s", c.ID, c.Comment)
			require.Equal(t, []byte(c.Signature), signature, "case %d: %s", c.ID, c.Comment)
			require.NoError(t, Verify(public, string(c.Context), c.Message, signature), "case %d", c.ID)
		}
	}
	require.Equal(t, 17, keyOnly, "cases of an external μ, judged by their key pair")
}

// Expanded private keys are not an input of this package: identities are seeds. So the
// expanded keys go to the library underneath, and this package signs and verifies with it.
func TestWycheproofSignFromExpandedKey(t *testing.T) {
	file, judged := loadWycheproof[mldsaSignGroup](t, "mldsa_65_sign_noseed_test.json")
	keyOnly := 0
	for _, group := range file.TestGroups {
		private := new(mldsa65.PrivateKey)
		keyErr := private.UnmarshalBinary(group.PrivateKey)
		for _, c := range group.Tests {
			judged()
			if c.has("IncorrectPrivateKeyLength") || c.has("InvalidPrivateKey") {
				require.False(t, c.valid(t))
				// circl unpacks s1 and s2 out of range without a word; no such key gets here,
				// because the only private key this package takes is a seed.
				_, err := IdentityFromSeed(group.PrivateKey)
				require.ErrorIs(t, err, ErrSeed)
				_, _, err = newDSAKey(group.PrivateKey)
				require.ErrorIs(t, err, ErrSeed)
				continue
			}
			require.NoError(t, keyErr, "case %d", c.ID)
			if c.has("Internal") {
				require.True(t, c.valid(t))
				require.Nil(t, c.Message)
				require.Equal(t, []byte(group.PrivateKey), private.Bytes(), "case %d", c.ID)
				keyOnly++
				continue
			}
			signature, err := signWycheproof(t, private, c)
			if !c.valid(t) {
				require.ErrorIs(t, err, ErrContext, "case %d: %s", c.ID, c.Comment)
				continue
			}
			require.NoError(t, err, "case %d: %s", c.ID, c.Comment)
			require.Equal(t, []byte(c.Signature), signature, "case %d: %s", c.ID, c.Comment)
			require.NoError(t, Verify(group.PublicKey, string(c.Context), c.Message, signature), "case %d", c.ID)
		}
	}
	require.Equal(t, 10, keyOnly, "cases of an external μ, judged by their key")
}

// signWycheproof signs deterministically, or hedged with the case's randomness.
func signWycheproof(t *testing.T, private *mldsa65.PrivateKey, c mldsaSignCase) (signature []byte, err error) {
	t.Helper()
	if c.Randomness == nil {
		return signMessage(private, string(c.Context), c.Message, false)
	}
	withRandomness(t, c.Randomness, func() {
		signature, err = signMessage(private, string(c.Context), c.Message, true)
	})
	return signature, err
}

type mldsaVerifyGroup struct {
	PublicKey hexBytes          `json:"publicKey"`
	Tests     []mldsaVerifyCase `json:"tests"`
}

type mldsaVerifyCase struct {
	wycheproofCase
	Message   hexBytes `json:"msg"`
	Context   hexBytes `json:"ctx"`
	Signature hexBytes `json:"sig"`
}

// expectedError returns the error that an invalid case must be refused with.
func (c mldsaVerifyCase) expectedError() error {
	switch {
	case c.has("IncorrectPublicKeyLength"):
		return ErrDSAPublicKey
	case c.has("InvalidContext"):
		return ErrContext
	}
	return ErrSignature
}

func TestWycheproofVerify(t *testing.T) {
	file, judged := loadWycheproof[mldsaVerifyGroup](t, "mldsa_65_verify_test.json")
	for index, group := range file.TestGroups {
		id := [IDSize]byte{byte(index)}
		publicKey := func() ([]byte, error) { return group.PublicKey, nil }
		cache := NewVerifierCache(1)
		for _, c := range group.Tests {
			judged()
			verifiers := map[string]func() error{
				"one-off": func() error { return Verify(group.PublicKey, string(c.Context), c.Message, c.Signature) },
				"cache":   func() error { return cache.Verify(id, publicKey, string(c.Context), c.Message, c.Signature) },
			}
			for name, verify := range verifiers {
				if err := verify(); c.valid(t) {
					require.NoError(t, err, "%s, case %d: %s", name, c.ID, c.Comment)
				} else {
					require.ErrorIs(t, err, c.expectedError(), "%s, case %d: %s", name, c.ID, c.Comment)
				}
			}
		}
	}
}

// A signature's randomness comes from the system, unless the caller asks for none.
func TestSignIsHedged(t *testing.T) {
	identity := testIdentity(t, 1)
	message := []byte("the same message")

	first, err := identity.Sign("test", message)
	require.NoError(t, err)
	second, err := identity.Sign("test", message)
	require.NoError(t, err)
	require.False(t, bytes.Equal(first, second), "two hedged signatures are equal")

	deterministic, err := identity.SignDeterministic("test", message)
	require.NoError(t, err)
	again, err := identity.SignDeterministic("test", message)
	require.NoError(t, err)
	require.Equal(t, deterministic, again)

	for _, signature := range [][]byte{first, second, deterministic} {
		require.NoError(t, Verify(identity.Public().DSA, "test", message, signature))
	}
}
