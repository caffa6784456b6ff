package e2ee

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// second runs the second implementation of the key schedule on vectors.
func second(t *testing.T, vectors []byte) (output string, err error) {
	t.Helper()
	python, err := exec.LookPath("python3")
	require.NoError(t, err, "the second implementation needs Python 3")
	command := exec.CommandContext(t.Context(), python, "-I", "-B", "testdata/check_schedule.py")
	command.Stdin = bytes.NewReader(vectors)
	combined, err := command.CombinedOutput()
	return string(combined), err
}

// TestASecondImplementationAgrees: the vectors are written by this package, so they would agree
// with its mistakes. testdata/check_schedule.py computes them from docs/PROTOCOL.md instead.
func TestASecondImplementationAgrees(t *testing.T) {
	vectors, err := os.ReadFile("testdata/schedule.json")
	require.NoError(t, err)
	output, err := second(t, vectors)
	require.NoError(t, err, output)

	// It does compare: a value that is another is found, and named.
	var record goldenSchedule
	for name, change := range map[string]func(){
		"epochChain":           func() { record.EpochChain[0] ^= 1 },
		"wrapped of stanza 1":  func() { record.Stanzas[1].Wrapped[0] ^= 1 },
		"nonce of message 0":   func() { record.Messages[0].Nonce[23] ^= 1 },
		"message of message 2": func() { record.Messages[2].Message[256] ^= 1 },
		"paddedSizes of 5000":  func() { record.PaddedSizes[5000]++ },
		"1 differ":             func() { record.Messages[1].SealKey[0] ^= 1 },
	} {
		record = goldenSchedule{}
		require.NoError(t, json.Unmarshal(vectors, &record))
		change()
		changed, err := json.Marshal(record)
		require.NoError(t, err)
		output, err := second(t, changed)
		require.Error(t, err, name)
		require.Contains(t, output, name)
	}
}
