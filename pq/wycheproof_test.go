package pq

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/stretchr/testify/require"
)

// wycheproofFile is a file of Wycheproof test vectors, with groups of type G.
type wycheproofFile[G any] struct {
	NumberOfTests int `json:"numberOfTests"`
	TestGroups    []G `json:"testGroups"`
}

// wycheproofCase is what all cases have.
type wycheproofCase struct {
	ID      int      `json:"tcId"`
	Comment string   `json:"comment"`
	Flags   []string `json:"flags"`
	Result  string   `json:"result"`
}

// valid says what the case demands, and fails on a result this code does not know.
func (c wycheproofCase) valid(t *testing.T) bool {
	t.Helper()
	require.Contains(t, []string{"valid", "invalid"}, c.Result, "case %d", c.ID)
	return c.Result == "valid"
}

func (c wycheproofCase) has(flag string) bool { return slices.Contains(c.Flags, flag) }

// loadWycheproof reads a file of vectors, and returns with it a function that counts a
// judged case; when the test ends, all cases of the file must have been judged.
func loadWycheproof[G any](t *testing.T, name string) (file wycheproofFile[G], judged func()) {
	t.Helper()
	content, err := fs.ReadFile(wycheproof.TestVectors, name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, &file))
	require.Positive(t, file.NumberOfTests)
	count := 0
	t.Cleanup(func() {
		if !t.Failed() {
			require.Equal(t, file.NumberOfTests, count, "%s: cases judged", name)
			t.Logf("%s: %d cases judged", name, count)
		}
	})
	return file, func() { count++ }
}

// withRandomness makes the given bytes what crypto/rand reads next, while f runs. Tests that
// call it are not parallel.
func withRandomness(t *testing.T, randomness []byte, f func()) {
	t.Helper()
	system, given := rand.Reader, bytes.NewReader(randomness)
	rand.Reader = given
	defer func() { rand.Reader = system }()
	f()
	require.Zero(t, given.Len(), "bytes of randomness that were not used")
}
