package lightclient

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// goldenFile compares content with a file of testdata.
func goldenFile(t *testing.T, name string, content []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o644))
	}
	golden, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, golden, content, name)
}

func indented(t *testing.T, value any) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, asJSON(t, value), "", "  "))
	return append(b.Bytes(), '\n')
}

// Others' implementations can be checked against these files.
func TestGoldenVectors(t *testing.T) {
	goldenFile(t, "light.block", sampleBlock().Bytes())
	goldenFile(t, "two-blocks.evidence", sampleEvidence().Bytes())
	h := newHistory(t, four, four, four, equally(0, 1, 2, 4), equally(0, 1, 2, 4), equally(0, 1, 2, 4), equally(0, 1, 2, 4))
	goldenFile(t, "trust.json", indented(t, h.trust(1)))
	delivery := h.certified(h.message(4, 1), 1)
	goldenFile(t, "delivery.bundle", delivery.Bytes())
	goldenFile(t, "delivery.json", indented(t, delivery))
}

// TestTheGoldenPostQuantumBlockVerifies: two validators, of whom the second has no key. Signatures are hedged, so each run makes others.
func TestTheGoldenPostQuantumBlockVerifies(t *testing.T) {
	want, path := newPQBlock(t, nil, weights{0: 30, 1: 10}, keyed(0)), filepath.Join("testdata", "post-quantum.block")
	if *update {
		require.NoError(t, os.WriteFile(path, want.all().Bytes(), 0o644))
	}
	golden, err := os.ReadFile(path)
	require.NoError(t, err)
	b, err := ParseLightBlock(golden)
	require.NoError(t, err)
	require.Equal(t, golden, b.Bytes())
	require.Equal(t, want.header.ID(), b.Header.ID())
	require.Equal(t, want.proofs, b.PostQuantum.Proofs)
	verifier := testRules().Verifier
	require.NoError(t, b.verifyCertificates(&verifier))
}
