package lightclient

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// sampleBlock is a block of a set of four with a handover from another.
func sampleBlock() *LightBlock {
	c := testChain{}.extend(weights{0: 10, 1: 20, 2: 30, keyless: 5}, weights{1: 20, 2: 30, 3: 5, 4: 7})
	return c[1].light(c[0])
}

func sampleEvidence() *Evidence {
	c := testChain{}.extend(repeat(3, four)...)
	return &Evidence{First: c[2].light(), Second: c.fork(1)[2].light()}
}

func TestLightBlocksAreDecodedStrictly(t *testing.T) {
	b := sampleBlock()
	encoded := b.Bytes()
	parsed, err := ParseLightBlock(encoded)
	require.NoError(t, err)
	require.Equal(t, encoded, parsed.Bytes())
	require.Equal(t, b.Certificate, parsed.Certificate)
	require.Equal(t, b.Handovers, parsed.Handovers)
	require.Equal(t, b.Header.ID(), parsed.Header.ID())
	checkpoint := LightBlock{Header: b.Header, Validators: b.Validators}
	parsed, err = ParseLightBlock(checkpoint.Bytes())
	require.NoError(t, err)
	require.Nil(t, parsed.Certificate)

	wire := func(change func(w *lightBlockWire)) []byte {
		w := lightBlockWire{Version: lightBlockVersion, Header: *b.Header, Certificates: certificatesWire{
			Validators: b.Validators.Bytes(), Certificate: b.Certificate.Bytes(),
			Handovers: []handoverWire{{ValidatorSetHash: b.Handovers[0].ValidatorSetHash, Certificate: b.Handovers[0].Certificate.Bytes()}},
		}}
		change(&w)
		return w.MarshalCanoto()
	}
	require.Equal(t, encoded, wire(func(*lightBlockWire) {}))
	for name, test := range map[string]struct {
		encoded []byte
		want    error
	}{
		"nothing":                 {nil, ErrEncoding},
		"rubbish":                 {[]byte("rubbish"), ErrEncoding},
		"too large":               {make([]byte, MaxLightBlockBytes+1), refusal.ErrTooLarge},
		"a trailing byte":         {append(bytes.Clone(encoded), 0), ErrEncoding},
		"another version":         {wire(func(w *lightBlockWire) { w.Version++ }), ErrEncoding},
		"another header version":  {wire(func(w *lightBlockWire) { w.Header.Version++ }), ErrEncoding},
		"no validators":           {wire(func(w *lightBlockWire) { w.Certificates.Validators = nil }), warp.ErrValidatorSet},
		"validators with a byte":  {wire(func(w *lightBlockWire) { w.Certificates.Validators = append(bytes.Clone(w.Certificates.Validators), 0) }), warp.ErrValidatorSet},
		"a certificate cut short": {wire(func(w *lightBlockWire) { w.Certificates.Certificate = w.Certificates.Certificate[:9] }), warp.ErrCodec},
		"a handover of nothing":   {wire(func(w *lightBlockWire) { w.Certificates.Handovers[0].Certificate = nil }), warp.ErrCodec},
		"too many handovers": {wire(func(w *lightBlockWire) {
			w.Certificates.Handovers = make([]handoverWire, MaxHandovers+1)
			for i := range w.Certificates.Handovers {
				w.Certificates.Handovers[i].ValidatorSetHash[0] = 1
			}
		}), ErrEncoding},
	} {
		_, err := ParseLightBlock(test.encoded)
		require.ErrorIs(t, err, test.want, name)
		var reason refusal.Reason
		require.ErrorAs(t, err, &reason, name)
	}
	for n := range encoded {
		_, err := ParseLightBlock(encoded[:n])
		require.Error(t, err, "cut at %d", n)
	}
}

func TestTheLargestLightBlockFitsItsBound(t *testing.T) {
	full := *sampleBlock()
	full.Handovers = slices.Repeat(full.Handovers, MaxHandovers)
	parsed, err := ParseLightBlock(full.Bytes())
	require.NoError(t, err)
	require.Len(t, parsed.Handovers, MaxHandovers)

	header := *sampleBlock().Header
	header.Height, header.Timestamp, header.PChainHeight = math.MaxUint64, math.MaxUint64, math.MaxUint64
	wire := lightBlockWire{Version: lightBlockVersion, Header: header, Certificates: certificatesWire{
		Validators:  make([]byte, warp.MaxValidatorSetBytes),
		Certificate: make([]byte, warp.MaxCertificateBytes),
	}}
	for range MaxHandovers {
		wire.Certificates.Handovers = append(wire.Certificates.Handovers, handoverWire{
			ValidatorSetHash: chain.Hash{1}, Certificate: make([]byte, warp.MaxCertificateBytes),
		})
	}
	require.LessOrEqual(t, len(wire.MarshalCanoto()), MaxLightBlockBytes)
}

func TestEvidenceIsDecodedStrictly(t *testing.T) {
	e := sampleEvidence()
	encoded := e.Bytes()
	parsed, err := ParseEvidence(encoded)
	require.NoError(t, err)
	require.Equal(t, encoded, parsed.Bytes())
	wire := func(change func(w *evidenceWire)) []byte {
		w := evidenceWire{Version: evidenceVersion, First: e.First.Bytes(), Second: e.Second.Bytes()}
		change(&w)
		return w.MarshalCanoto()
	}
	for name, encoded := range map[string][]byte{
		"nothing":         nil,
		"too large":       make([]byte, MaxEvidenceBytes+1),
		"another version": wire(func(w *evidenceWire) { w.Version++ }),
		"no first":        wire(func(w *evidenceWire) { w.First = nil }),
		"no second":       wire(func(w *evidenceWire) { w.Second = nil }),
		"a trailing byte": append(bytes.Clone(encoded), 0),
		"cut short":       encoded[:len(encoded)-1],
	} {
		_, err := ParseEvidence(encoded)
		require.ErrorIs(t, err, ErrEncoding, name)
	}
	_, err = ParseEvidence(make([]byte, MaxEvidenceBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
}

func TestAStateProofHasItsBounds(t *testing.T) {
	proof := StateProof{Block: sampleBlock(), Leaves: make([]ProvenLeaf, MaxStateProofKeys)}
	for i := range proof.Leaves {
		proof.Leaves[i].Key = chain.SessionKey(ids.ID{7})
	}
	parsed, err := ParseStateProof(proof.Bytes())
	require.NoError(t, err)
	require.Equal(t, proof.Bytes(), parsed.Bytes())
	proof.Leaves = append(proof.Leaves, proof.Leaves[0])
	_, err = ParseStateProof(proof.Bytes())
	require.ErrorIs(t, err, refusal.ErrTooLarge)
	_, err = ParseStateProof(make([]byte, MaxStateProofBytes+1))
	require.ErrorIs(t, err, refusal.ErrTooLarge)
}
