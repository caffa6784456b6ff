package chain

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden vectors anew: a change of the chain's formats")

// vector is one golden vector: fields as JSON, and what follows from them, in hex.
type vector struct {
	Name   string            `json:"name"`
	Fields any               `json:"fields,omitempty"`
	Hex    map[string]string `json:"hex"`
}

func golden(t *testing.T, file string, vectors []vector) {
	t.Helper()
	text, err := json.MarshalIndent(vectors, "", "  ")
	require.NoError(t, err)
	text = append(text, '\n')
	path := filepath.Join("testdata", file)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, text, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(text), "the bytes of the chain have changed: consensus breaks")
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func TestGoldenTransactions(t *testing.T) {
	var vectors []vector
	for _, name := range sorted(sampleTransactions()) {
		tx := sampleTransactions()[name]
		body, fields := tx.Body, any(tx.Body)
		if tx.Registration != nil {
			fields = map[string]any{"body": body, "registration": tx.Registration}
		}
		if tx.Warp != nil {
			fields = map[string]any{"body": body, "warp": tx.Warp}
		}
		vectors = append(vectors, vector{Name: name, Fields: fields, Hex: map[string]string{
			"context":       hex.EncodeToString([]byte(body.Context())),
			"signingBytes":  hex.EncodeToString(tx.SigningBytes()),
			"transactionID": hex.EncodeToString(idBytes(tx.ID())),
			"sessionID":     hex.EncodeToString(idBytes(SessionID(0x07, sampleChainID, tx.ID()))),
			"channelID":     hex.EncodeToString(idBytes(ChannelID(sampleChainID, tx.ID()))),
			"bytes":         hex.EncodeToString(tx.Bytes()),
		}})
	}
	golden(t, "transactions.json", vectors)
}

func TestGoldenBlock(t *testing.T) {
	blk := sampleBlock()
	golden(t, "block.json", []vector{{Name: "block", Fields: blk.Header, Hex: map[string]string{
		"chainID":          hex.EncodeToString(idBytes(sampleChainID)),
		"header":           hex.EncodeToString(blk.Header.Bytes()),
		"blockID":          hex.EncodeToString(idBytes(blk.ID())),
		"transactionsRoot": blk.Header.TransactionsRoot.String(),
		"bytes":            hex.EncodeToString(blk.Bytes()),
	}}})
}

// TestABlockIsEncodedOnce asks blocks for their bytes in each way: what a node receives it has encoded
// already, and what it builds it encodes when it is first asked.
func TestABlockIsEncodedOnce(t *testing.T) {
	built := sampleBlock()
	require.Equal(t, built.AppendTo(nil), built.Bytes())
	require.Len(t, built.Bytes(), built.Size())
	parsed, err := ParseBlock(sampleChainID, built.Bytes(), MaxBlockBytes)
	require.NoError(t, err)
	for _, blk := range []*Block{built, parsed} {
		buffer := make([]byte, 0, blk.Size())
		require.Equal(t, built.Bytes(), blk.AppendTo(buffer))
		require.Zero(t, testing.AllocsPerRun(10, func() { blk.AppendTo(buffer); blk.Bytes() }))
	}
}

func TestGoldenRecords(t *testing.T) {
	var vectors []vector
	for _, name := range sorted(sampleRecords()) {
		record := sampleRecords()[name]
		v := vector{Name: name, Fields: record, Hex: map[string]string{"bytes": hex.EncodeToString(record.Bytes())}}
		if keys, ok := record.(*SessionKeys); ok {
			v.Hex["hash"] = keys.Hash().String()
		}
		vectors = append(vectors, v)
	}
	golden(t, "records.json", vectors)
}

func TestGoldenKeysAndIDs(t *testing.T) {
	g, err := ParseGenesis(DefaultGenesis().Bytes())
	require.NoError(t, err)
	id, second := sampleID(1), sampleID(2)
	golden(t, "keys.json", []vector{
		{Name: "tree keys", Hex: map[string]string{
			"totals":       hex.EncodeToString(TotalsKey()),
			"identity":     hex.EncodeToString(IdentityKey(id)),
			"channel":      hex.EncodeToString(ChannelKey(id)),
			"session":      hex.EncodeToString(SessionKey(id)),
			"message":      hex.EncodeToString(MessageKey(0x0102030405060708)),
			"receipt":      hex.EncodeToString(ReceiptKey(id, second)),
			"sessionKeys":  hex.EncodeToString(SessionKeysKey(id)),
			"usage":        hex.EncodeToString(UsageKey(id)),
			"invitations":  hex.EncodeToString(InvitationsKey(Bucket{10, 0x2a5})),
			"validatorKey": hex.EncodeToString(ValidatorKeyKey(ValidatorKeyID(fill(2, BLSPublicKeySize)))),
			"rotatedKey":   hex.EncodeToString(RotatedKeyKey(id, second)),
		}},
		{Name: "IDs", Hex: map[string]string{
			"vm":       hex.EncodeToString(idBytes(VMID)),
			"identity": hex.EncodeToString(idBytes(IdentityID(fill(1, KEMPublicKeySize), fill(2, DSAPublicKeySize)))),
			"message":  hex.EncodeToString(idBytes(MessageID(sampleChainID, id, second, Hash{3}))),
		}},
		{Name: "default genesis", Fields: string(DefaultGenesis().Bytes()), Hex: map[string]string{
			"hash":              hex.EncodeToString(idBytes(g.Hash())),
			"standaloneChainID": hex.EncodeToString(idBytes(g.StandaloneChainID())),
		}},
	})
}

func TestGoldenTranscript(t *testing.T) {
	session := sampleID(7)
	transcript := FirstTranscript(session)
	vectors := []vector{{Name: "session", Hex: map[string]string{"session": hex.EncodeToString(session[:]), "transcript": transcript.String()}}}
	for n := range 3 {
		message, timestamp := sampleID(byte(n)), uint64(1_700_000_000_123)<<n
		transcript = NextTranscript(transcript, message, timestamp)
		vectors = append(vectors, vector{Name: fmt.Sprint("message ", n+1), Hex: map[string]string{
			"message":    hex.EncodeToString(message[:]),
			"timestamp":  fmt.Sprintf("%016x", timestamp),
			"transcript": transcript.String(),
		}})
	}
	golden(t, "transcript.json", vectors)
}

// TestASecondImplementationAgreesOnTheTranscript runs the Python program beside the vectors.
func TestASecondImplementationAgreesOnTheTranscript(t *testing.T) {
	output, err := exec.Command("python3", "testdata/check_transcript.py", "testdata/transcript.json").CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Equal(t, "4 transcripts agree\n", string(output))
}

func BenchmarkNextTranscript(b *testing.B) {
	transcript, message := FirstTranscript(sampleID(7)), sampleID(1)
	for b.Loop() {
		transcript = NextTranscript(transcript, message, 1_700_000_000_123)
	}
}

func idBytes(id ids.ID) []byte { return id[:] }

func TestVMIDIsTheOneOfLP42(t *testing.T) {
	require.Equal(t, "speKUgLBX6WRD5cfGeEfLa43LxTXUBckvtv4td6F3eTXvRP48", VMID.String())
}

// TestTransactionsRootIsTheTreeHashOfRFC6962 uses the leaves and roots of Certificate
// Transparency's own tests, which logs of all languages share.
func TestTransactionsRootIsTheTreeHashOfRFC6962(t *testing.T) {
	var leaves [][]byte
	for _, leaf := range []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"} {
		decoded, err := hex.DecodeString(leaf)
		require.NoError(t, err)
		leaves = append(leaves, decoded)
	}
	for n, root := range []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	} {
		require.Equal(t, root, TransactionsRoot(leaves[:n]).String(), "%d leaves", n)
	}
}
