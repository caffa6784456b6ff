package pq

import (
	"crypto/mlkem"
	"crypto/mlkem/mlkemtest"
	"testing"

	"github.com/cloudflare/circl/kem/mlkem/mlkem768"
	"github.com/stretchr/testify/require"
)

// mlkemCase is the union of the fields of the ML-KEM vector files.
type mlkemCase struct {
	wycheproofCase
	Seed             hexBytes `json:"seed"`
	EncapsulationKey hexBytes `json:"ek"`
	DecapsulationKey hexBytes `json:"dk"`
	Randomness       hexBytes `json:"m"`
	Ciphertext       hexBytes `json:"c"`
	SharedKey        hexBytes `json:"K"`
}

type mlkemGroup struct {
	ParameterSet string      `json:"parameterSet"`
	Tests        []mlkemCase `json:"tests"`
}

func forEachMLKEMCase(t *testing.T, name string, judge func(mlkemCase)) {
	t.Helper()
	file, judged := loadWycheproof[mlkemGroup](t, name)
	for _, group := range file.TestGroups {
		require.Equal(t, "ML-KEM-768", group.ParameterSet)
		for _, c := range group.Tests {
			judge(c)
			judged()
		}
	}
}

// A seed makes the key pair and decapsulates to the shared key, implicit rejection included.
func TestWycheproofDecapsulate(t *testing.T) {
	forEachMLKEMCase(t, "mlkem_768_test.json", func(c mlkemCase) {
		key, err := KEMKeyFromSeed(c.Seed)
		if err != nil {
			require.False(t, c.valid(t), "case %d: %v", c.ID, err)
			require.ErrorIs(t, err, ErrSeed)
			return
		}
		shared, err := key.Decapsulate(c.Ciphertext)
		if !c.valid(t) {
			require.ErrorIs(t, err, ErrKEMCiphertext, "case %d: %s", c.ID, c.Comment)
			return
		}
		require.NoError(t, err, "case %d: %s", c.ID, c.Comment)
		require.Equal(t, []byte(c.SharedKey), shared, "case %d: %s", c.ID, c.Comment)
		require.Equal(t, []byte(c.EncapsulationKey), key.Public(), "case %d", c.ID)
		require.NoError(t, CheckKEMPublicKey(c.EncapsulationKey))
	})
}

func TestWycheproofKEMKeyFromSeed(t *testing.T) {
	forEachMLKEMCase(t, "mlkem_768_keygen_seed_test.json", func(c mlkemCase) {
		require.True(t, c.valid(t), "case %d", c.ID)
		key, err := KEMKeyFromSeed(c.Seed)
		require.NoError(t, err, "case %d", c.ID)
		require.Equal(t, []byte(c.EncapsulationKey), key.Public(), "case %d", c.ID)
		_, private := mlkem768.NewKeyFromSeed(c.Seed)
		packed, err := private.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, []byte(c.DecapsulationKey), packed, "case %d: circl, the second opinion of these tests", c.ID)
	})
}

// The key check refuses what the vectors refuse. With the vector's randomness, Go's
// encapsulation, which Encapsulate calls, gives the vector's ciphertext and key; with fresh
// randomness, Encapsulate takes the same keys.
func TestWycheproofEncapsulate(t *testing.T) {
	forEachMLKEMCase(t, "mlkem_768_encaps_test.json", func(c mlkemCase) {
		ciphertext, shared, err := Encapsulate(c.EncapsulationKey)
		checked := CheckKEMPublicKey(c.EncapsulationKey)
		if !c.valid(t) {
			require.ErrorIs(t, err, ErrKEMPublicKey, "case %d: %s", c.ID, c.Comment)
			require.ErrorIs(t, checked, ErrKEMPublicKey, "case %d: %s", c.ID, c.Comment)
			return
		}
		require.NoError(t, err, "case %d: %s", c.ID, c.Comment)
		require.NoError(t, checked, "case %d: %s", c.ID, c.Comment)
		require.Len(t, ciphertext, KEMCiphertextSize)
		require.Len(t, shared, KEMSharedKeySize)

		key, err := mlkem.NewEncapsulationKey768(c.EncapsulationKey)
		require.NoError(t, err)
		shared, ciphertext, err = mlkemtest.Encapsulate768(key, c.Randomness)
		require.NoError(t, err)
		require.Equal(t, []byte(c.Ciphertext), ciphertext, "case %d: %s", c.ID, c.Comment)
		require.Equal(t, []byte(c.SharedKey), shared, "case %d: %s", c.ID, c.Comment)
	})
}

// Expanded decapsulation keys are not an input of this package: KEM keys are seeds. The
// vectors judge circl, which the other tests use as a peer, and this package refuses each
// of the keys.
func TestWycheproofExpandedKeys(t *testing.T) {
	forEachMLKEMCase(t, "mlkem_768_semi_expanded_decaps_test.json", func(c mlkemCase) {
		_, err := KEMKeyFromSeed(c.DecapsulationKey)
		require.ErrorIs(t, err, ErrSeed, "case %d", c.ID)

		scheme := mlkem768.Scheme()
		key, err := scheme.UnmarshalBinaryPrivateKey(c.DecapsulationKey)
		if err == nil {
			var shared []byte
			if shared, err = scheme.Decapsulate(key, c.Ciphertext); err == nil {
				require.True(t, c.valid(t), "case %d: %s", c.ID, c.Comment)
				require.Equal(t, []byte(c.SharedKey), shared, "case %d: %s", c.ID, c.Comment)
				return
			}
		}
		require.False(t, c.valid(t), "case %d: %s: %v", c.ID, c.Comment, err)
	})
}
