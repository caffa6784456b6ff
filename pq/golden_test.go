package pq

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The golden vectors fix this package's own derivations and formats, for it and for other
// implementations. They change only together with a version. `go test ./pq/ -update` writes them.

// goldenIdentity is what derives from a seed. Keys and signatures stand as their SHA-256.
type goldenIdentity struct {
	Seed                hexBytes        `json:"seed"`
	KEMPublicKeySHA256  hexBytes        `json:"kemPublicKeySha256"`
	DSAPublicKeySHA256  hexBytes        `json:"dsaPublicKeySha256"`
	ID                  string          `json:"id"`
	StoreKeySHA256      hexBytes        `json:"storeKeySha256"` // of a chain ID of 1 and zeros, and a session ID of zeros and 2
	Private             []goldenPrivate `json:"private"`
	SignContext         string          `json:"signContext"`
	SignMessage         hexBytes        `json:"signMessage"`
	DeterministicSHA256 hexBytes        `json:"deterministicSignatureSha256"`
}

// goldenPrivate is an identity that derives from another one for a label.
type goldenPrivate struct {
	Label              string   `json:"label"`
	Seed               hexBytes `json:"seed"`
	KEMPublicKeySHA256 hexBytes `json:"kemPublicKeySha256"`
	DSAPublicKeySHA256 hexBytes `json:"dsaPublicKeySha256"`
	ID                 string   `json:"id"`
}

// goldenSafetyNumber is what two people compare.
type goldenSafetyNumber struct {
	IDs    [2]string `json:"ids"`
	Number string    `json:"number"`
}

// loadGolden reads a file of testdata, after writing it if that is wanted.
func loadGolden[T any](t *testing.T, name string, generate func() T) (golden T) {
	t.Helper()
	if *update {
		content, err := json.MarshalIndent(generate(), "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join("testdata", name), append(content, '\n'), 0o644))
	}
	content, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &golden))
	return golden
}

func sha256Of(content []byte) hexBytes {
	sum := sha256.Sum256(content)
	return sum[:]
}

func goldenSeeds() []hexBytes {
	counting := make(hexBytes, SeedSize)
	for i := range counting {
		counting[i] = byte(i)
	}
	return []hexBytes{make(hexBytes, SeedSize), counting, bytes.Repeat([]byte{0xff}, SeedSize)}
}

func makeGoldenIdentity(t *testing.T, seed hexBytes) goldenIdentity {
	t.Helper()
	identity, err := IdentityFromSeed(seed)
	require.NoError(t, err)
	golden := goldenIdentity{
		Seed:               seed,
		KEMPublicKeySHA256: sha256Of(identity.Public().KEM),
		DSAPublicKeySHA256: sha256Of(identity.Public().DSA),
		ID:                 FormatID(identity.ID()),
		SignContext:        "sessionvm/golden/v1",
		SignMessage:        hexBytes("a message"),
	}
	store, err := identity.StoreKey([32]byte{0: 1}, [32]byte{31: 2})
	require.NoError(t, err)
	golden.StoreKeySHA256 = sha256Of(store)
	for _, label := range []string{"1", "Zürich 雪", strings.Repeat("x", MaxPrivateLabelSize)} {
		private, err := identity.Private(label)
		require.NoError(t, err)
		public := private.Public()
		golden.Private = append(golden.Private, goldenPrivate{label, private.secret.seed[:], sha256Of(public.KEM), sha256Of(public.DSA), FormatID(private.ID())})
	}
	signature, err := identity.SignDeterministic(golden.SignContext, golden.SignMessage)
	require.NoError(t, err)
	golden.DeterministicSHA256 = sha256Of(signature)
	return golden
}

func TestGoldenIdentities(t *testing.T) {
	goldens := loadGolden(t, "identities.json", func() (goldens []goldenIdentity) {
		for _, seed := range goldenSeeds() {
			goldens = append(goldens, makeGoldenIdentity(t, seed))
		}
		return goldens
	})
	require.Len(t, goldens, len(goldenSeeds()))
	for _, golden := range goldens {
		require.Equal(t, golden, makeGoldenIdentity(t, golden.Seed))
	}
}

func TestGoldenSafetyNumbers(t *testing.T) {
	goldens := loadGolden(t, "safety-numbers.json", func() (goldens []goldenSafetyNumber) {
		first, second := testIdentity(t, 1).ID(), testIdentity(t, 2).ID()
		for _, pair := range [][2][IDSize]byte{
			{first, second},
			{second, first},
			{{}, {31: 1}},
			{[IDSize]byte(bytes.Repeat([]byte{0xff}, IDSize)), {}},
			{first, first},
		} {
			goldens = append(goldens, goldenSafetyNumber{[2]string{FormatID(pair[0]), FormatID(pair[1])}, SafetyNumber(pair[0], pair[1])})
		}
		return goldens
	})
	require.Len(t, goldens, 5)
	for _, golden := range goldens {
		a, err := ParseID(golden.IDs[0])
		require.NoError(t, err)
		b, err := ParseID(golden.IDs[1])
		require.NoError(t, err)
		require.Equal(t, golden.Number, SafetyNumber(a, b))
	}
}

// A file that an earlier version of this package wrote, at a low work factor.
func TestGoldenIdentityFile(t *testing.T) {
	path := filepath.Join("testdata", "identity.age")
	identity, err := IdentityFromSeed(goldenSeeds()[1])
	require.NoError(t, err)
	if *update {
		require.NoError(t, os.WriteFile(path, encryptedIdentity(t, identity), 0o644))
	}
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	loaded, err := DecryptIdentity(strings.NewReader(string(content)), testPassphrase)
	require.NoError(t, err)
	require.Equal(t, identity.ID(), loaded.ID())
}
