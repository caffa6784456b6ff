package interop

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

const networkID = 12345

// certificate returns a certificate of four of ten validators, whose numbers take two bytes of bits, and the keys of the set. One
// validator has none.
func certificate(t *testing.T) (*warp.PostQuantumCertificate, []string) {
	t.Helper()
	var members []warp.Member
	for n := range 10 {
		secret, err := signing.SecretKeyFromSeed(bytes.Repeat([]byte{byte(n + 1)}, signing.SeedSize))
		require.NoError(t, err)
		members = append(members, warp.Member{PublicKey: secret.PublicKey().Bytes(), Weight: 10})
	}
	set, err := warp.NewValidatorSet(members)
	require.NoError(t, err)
	keys, public, encoded := make([]*pq.DSAKey, len(members)), make([][]byte, len(members)), make([]string, len(members))
	for i := range len(members) - 1 {
		keys[i], err = pq.DSAKeyFromSeed(bytes.Repeat([]byte{byte(i + 1)}, pq.DSASeedSize))
		require.NoError(t, err)
		public[i] = keys[i].Public()
		encoded[i] = hex.EncodeToString(public[i])
	}
	keySet, err := warp.NewKeySet(set, public)
	require.NoError(t, err)
	header := &chain.Header{Version: chain.HeaderVersion, ChainID: ids.ID{'t', 'e', 's', 't'}, Height: 77, ValidatorSetHash: set.Hash(networkID, ids.ID{'t', 'e', 's', 't'})}
	aggregation := warp.NewPostQuantumAggregation(networkID, header, keySet)
	for _, i := range []int{8, 0, 3, 5} {
		signature, err := keys[i].Sign(warp.ContextAttestation, warp.AttestedBytes(networkID, header.ChainID, header.Height, header.ID()))
		require.NoError(t, err)
		require.NoError(t, aggregation.Add(i, signature))
	}
	c, err := aggregation.Certificate(warp.OneThird)
	require.NoError(t, err)
	return c, encoded
}

// input is what the second implementation is asked, verdict what it answers.
type (
	input struct {
		Certificate string   `json:"certificate"`
		Keys        []string `json:"keys"`
	}
	verdict struct {
		Attested string `json:"attested"`
		Signers  []int  `json:"signers"`
		Wrong    string `json:"wrong"`
	}
)

// verify has the second implementation verify certificates. It skips the test where that is not installed.
func verify(t *testing.T, inputs []input) (verdicts []verdict) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skipf("Node.js is not installed: %v", err)
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Skipf("the second implementation is not installed (make interop): %v", err)
	}
	encoded, err := json.Marshal(inputs)
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), "node", "verify.mjs")
	var said, complaints bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(encoded), &said, &complaints
	require.NoError(t, command.Run(), "%s", &complaints)
	require.NoError(t, json.Unmarshal(said.Bytes(), &verdicts))
	require.Len(t, verdicts, len(inputs))
	return verdicts
}

// TestASecondImplementationVerifiesCertificates: @noble/post-quantum, with a decoder that knows docs/PROTOCOL.md alone.
func TestASecondImplementationVerifiesCertificates(t *testing.T) {
	c, keys := certificate(t)
	inputs, expected := []input{{hex.EncodeToString(c.Bytes()), keys}}, []string{""}
	wrong := func(what string, change func(encoded []byte, keys []string)) {
		encoded, keys := bytes.Clone(c.Bytes()), slices.Clone(keys)
		change(encoded, keys)
		inputs, expected = append(inputs, input{hex.EncodeToString(encoded), keys}), append(expected, what)
	}
	wrong("the scheme", func(encoded []byte, _ []string) { encoded[0]++ })
	wrong("the signature of validator 0", func(encoded []byte, _ []string) { encoded[4] ^= 1 })  // network
	wrong("the signature of validator 0", func(encoded []byte, _ []string) { encoded[70] ^= 1 }) // block
	wrong("the signature of validator 8", func(encoded []byte, _ []string) { encoded[len(encoded)-100] ^= 1 })
	wrong("the signature of validator 3", func(_ []byte, keys []string) { keys[3] = keys[4] })
	wrong("the signature of validator 4", func(encoded []byte, _ []string) { encoded[82] ^= 1<<3 | 1<<4 })
	wrong("a signature of each signer", func(encoded []byte, _ []string) { encoded[82] ^= 1 << 4 })

	verdicts := verify(t, inputs)
	for i, verdict := range verdicts {
		require.Equal(t, expected[i], verdict.Wrong, "case %d", i)
	}
	require.Equal(t, c.Signers.Indices(), verdicts[0].Signers)
	require.Equal(t, hex.EncodeToString(warp.AttestedBytes(networkID, c.ChainID, c.Height, c.BlockID)), verdicts[0].Attested)
}
