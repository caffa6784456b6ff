package warp

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// testKeySet returns a set of validators of weight 10, the ML-DSA-65 keys of all but the last, who has none, and the set
// with them.
func testKeySet(t testing.TB, size int) ([]*pq.DSAKey, *KeySet) {
	t.Helper()
	weights := make([]uint64, size)
	for i := range weights {
		weights[i] = 10
	}
	_, set := testSet(t, weights...)
	keys, public := make([]*pq.DSAKey, size), make([][]byte, size)
	for i := range size - 1 {
		var err error
		keys[i], err = pq.DSAKeyFromSeed(bytes.Repeat([]byte{byte(i + 1)}, pq.DSASeedSize))
		require.NoError(t, err)
		public[i] = keys[i].Public()
	}
	with, err := NewKeySet(set, public)
	require.NoError(t, err)
	return keys, with
}

func attest(t testing.TB, key *pq.DSAKey, context string, networkID uint32, header *chain.Header) []byte {
	t.Helper()
	signature, err := key.Sign(context, AttestedBytes(networkID, header.ChainID, header.Height, header.ID()))
	require.NoError(t, err)
	return signature
}

func testPostQuantum(t testing.TB, keys []*pq.DSAKey, set *KeySet, header *chain.Header, indices ...int) *PostQuantumCertificate {
	t.Helper()
	a := NewPostQuantumAggregation(testNetworkID, header, set)
	for _, i := range indices {
		require.NoError(t, a.Add(i, attest(t, keys[i], ContextAttestation, testNetworkID, header)))
	}
	c, err := a.Certificate(Threshold{Num: a.Weight().Signed, Den: a.Weight().Total}) // of all
	require.NoError(t, err)
	return c
}

func TestAPostQuantumCertificateVerifies(t *testing.T) {
	keys, set := testKeySet(t, 5)
	header := testHeader(set.ValidatorSet)
	v := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	c := testPostQuantum(t, keys, set, header, 3, 0, 1, 2)
	require.Equal(t, []int{0, 1, 2, 3}, c.Signers.Indices())
	again, err := ParsePostQuantumCertificate(c.Bytes())
	require.NoError(t, err)
	require.Equal(t, c.Bytes(), again.Bytes())
	weight, err := v.VerifyPostQuantum(again, header, set, TwoThirds)
	require.NoError(t, err)
	require.Equal(t, Weight{Signed: 40, Total: 50}, weight)
	require.Equal(t, Weight{Signed: 40, Total: 50}, set.Keyed(), "who has no key counts in the total")
	require.Len(t, c.Bytes(), 77+4+1+4*3309)
}

// TestAForgedPostQuantumCertificateIsRefused: each by its own error.
func TestAForgedPostQuantumCertificateIsRefused(t *testing.T) {
	keys, set := testKeySet(t, 5)
	header := testHeader(set.ValidatorSet)
	v := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	other := *header
	other.Timestamp++
	higher := *header
	higher.Height++
	replaced := make([][]byte, 5)
	copy(replaced, set.keys)
	replaced[1] = keys[0].Public()
	rotated, err := NewKeySet(set.ValidatorSet, replaced)
	require.NoError(t, err)
	_, smaller := testKeySet(t, 3)
	for name, test := range map[string]struct {
		want   error
		set    *KeySet
		change func(c *PostQuantumCertificate)
	}{
		"another network":      {ErrWrongNetwork, set, func(c *PostQuantumCertificate) { c.NetworkID++ }},
		"another chain":        {ErrWrongChain, set, func(c *PostQuantumCertificate) { c.ChainID = ids.ID{9} }},
		"another height":       {ErrWrongHeight, set, func(c *PostQuantumCertificate) { c.Height++ }},
		"another block":        {ErrWrongBlock, set, func(c *PostQuantumCertificate) { c.BlockID = other.ID() }},
		"too little weight":    {ErrInsufficientWeight, set, func(c *PostQuantumCertificate) { c.Signers, c.Signatures = NewSigners(0, 1, 2), c.Signatures[:3] }},
		"a signer outside":     {ErrUnknownSigner, smaller, func(*PostQuantumCertificate) {}},
		"a signer without key": {ErrNoKey, set, func(c *PostQuantumCertificate) { c.Signers = NewSigners(0, 1, 2, 4) }},
		"a signature more":     {ErrCodec, set, func(c *PostQuantumCertificate) { c.Signatures = append(c.Signatures, c.Signatures[0]) }},
		"padded signers":       {ErrSignerBits, set, func(c *PostQuantumCertificate) { c.Signers = append([]byte{0}, c.Signers...) }},
		"a replaced key":       {ErrAttestation, rotated, func(*PostQuantumCertificate) {}},
		"another order":        {ErrAttestation, set, func(c *PostQuantumCertificate) { c.Signatures[0], c.Signatures[1] = c.Signatures[1], c.Signatures[0] }},
		"one signature twice":  {ErrAttestation, set, func(c *PostQuantumCertificate) { c.Signatures[1] = c.Signatures[0] }},
		"another context":      {ErrAttestation, set, func(c *PostQuantumCertificate) { c.Signatures[2] = attest(t, keys[2], "other", testNetworkID, header) }},
		"signed for a network": {ErrAttestation, set, func(c *PostQuantumCertificate) { c.Signatures[2] = attest(t, keys[2], ContextAttestation, 1, header) }},
		"signed another block": {ErrAttestation, set, func(c *PostQuantumCertificate) {
			c.Signatures[2] = attest(t, keys[2], ContextAttestation, testNetworkID, &other)
		}},
		"signed another height": {ErrAttestation, set, func(c *PostQuantumCertificate) {
			c.Signatures[2] = attest(t, keys[2], ContextAttestation, testNetworkID, &higher)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := testPostQuantum(t, keys, set, header, 0, 1, 2, 3)
			test.change(c)
			_, err := v.VerifyPostQuantum(c, header, test.set, TwoThirds)
			require.ErrorIs(t, err, test.want)
			_, err = v.ReadPostQuantum(bytes.NewReader(c.Bytes()), header, test.set, TwoThirds)
			require.ErrorIs(t, err, test.want)
			var refused *refusal.Error
			require.ErrorAs(t, err, &refused)
		})
	}
}

// TestEachByteOfAPostQuantumCertificateCounts: another one does not decode, or does not verify.
func TestEachByteOfAPostQuantumCertificateCounts(t *testing.T) {
	keys, set := testKeySet(t, 3)
	header := testHeader(set.ValidatorSet)
	v := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	encoded := testPostQuantum(t, keys, set, header, 0, 1).Bytes()
	step := 1
	if testing.Short() {
		step = 17
	}
	for at := 0; at < len(encoded); at += step {
		changed := bytes.Clone(encoded)
		changed[at] ^= 1 << (at % 8)
		if c, err := ParsePostQuantumCertificate(changed); err == nil {
			_, err = v.VerifyPostQuantum(c, header, set, OneThird)
			require.Error(t, err, "byte %d", at)
		}
		_, err := v.ReadPostQuantum(bytes.NewReader(changed), header, set, OneThird)
		require.Error(t, err, "byte %d", at)
	}
	for _, wrong := range [][]byte{nil, encoded[:80], encoded[:len(encoded)-1], append(bytes.Clone(encoded), 0), make([]byte, MaxPostQuantumCertificateBytes+1)} {
		_, err := ParsePostQuantumCertificate(wrong)
		require.ErrorIs(t, err, ErrCodec)
	}
	for _, scheme := range []byte{0, 2, 255} {
		_, err := ParsePostQuantumCertificate(append([]byte{scheme}, encoded[1:]...))
		require.ErrorIs(t, err, refusal.ErrScheme)
	}
}

// TestACertificateIsCheckedAsItComes: whole, cut short, and with more behind; and nothing is read after what is wrong.
func TestACertificateIsCheckedAsItComes(t *testing.T) {
	keys, set := testKeySet(t, 5)
	header := testHeader(set.ValidatorSet)
	v := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	c := testPostQuantum(t, keys, set, header, 0, 1, 2, 3)
	encoded := c.Bytes()
	read := func(from io.Reader) error {
		weight, err := v.ReadPostQuantum(from, header, set, TwoThirds)
		require.Equal(t, err == nil, weight == Weight{Signed: 40, Total: 50})
		return err
	}
	require.NoError(t, read(iotest.OneByteReader(bytes.NewReader(encoded))))
	head := len(c.Parts()[0])
	for _, size := range []int{0, 1, postQuantumHeadSize, head - 1, head, head + 1, head + chain.SignatureSize, len(encoded) - 1} {
		require.ErrorIs(t, read(bytes.NewReader(encoded[:size])), ErrCodec, "%d bytes", size)
	}
	require.ErrorIs(t, read(bytes.NewReader(append(bytes.Clone(encoded), 0))), ErrCodec)
	endless := bytes.Clone(encoded[:head])
	endless[postQuantumHeadSize] = 0xff // signers
	require.ErrorIs(t, read(bytes.NewReader(endless)), refusal.ErrTooLarge)
	broken := errors.New("the connection broke")
	for _, size := range []int{0, head, len(encoded)} {
		require.ErrorIs(t, read(io.MultiReader(bytes.NewReader(encoded[:size]), iotest.ErrReader(broken))), broken)
	}
	encoded[head+7] ^= 1
	rest := bytes.NewReader(encoded)
	require.ErrorIs(t, read(rest), ErrAttestation)
	require.Equal(t, 3*chain.SignatureSize, rest.Len())
}

// TestACertificateIsCheckedInLittleMemory: what is allocated does not grow with the certificate.
func TestACertificateIsCheckedInLittleMemory(t *testing.T) {
	v := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	var allocated [2]uint64
	for i, size := range []int{5, 200} {
		keys, set := testKeySet(t, size)
		header := testHeader(set.ValidatorSet)
		indices := make([]int, size-1)
		for k := range indices {
			indices[k] = k
		}
		encoded := testPostQuantum(t, keys, set, header, indices...).Bytes()
		var before, after runtime.MemStats
		for range 2 { // the first unpacks the keys
			runtime.ReadMemStats(&before)
			_, err := v.ReadPostQuantum(bytes.NewReader(encoded), header, set, TwoThirds)
			require.NoError(t, err)
			runtime.ReadMemStats(&after)
			allocated[i] = after.TotalAlloc - before.TotalAlloc
		}
		t.Logf("%d signatures, %d bytes: %d bytes allocated", size-1, len(encoded), allocated[i])
	}
	require.Less(t, allocated[1]-allocated[0], uint64(195*chain.SignatureSize/2))
}

// TestACertificateHasTheFewestSigners that reach the quorum, of those that have signed.
func TestACertificateHasTheFewestSigners(t *testing.T) {
	weights := []uint64{1, 7, 3, 2, 7, 0}
	_, set := testSet(t, weights...)
	keys, public := make([]*pq.DSAKey, len(weights)), make([][]byte, len(weights))
	for i := range keys {
		var err error
		keys[i], err = pq.DSAKeyFromSeed(bytes.Repeat([]byte{byte(i + 1)}, pq.DSASeedSize))
		require.NoError(t, err)
		public[i] = keys[i].Public()
	}
	with, err := NewKeySet(set, public)
	require.NoError(t, err)
	header := testHeader(set)
	a := NewPostQuantumAggregation(testNetworkID, header, with)
	for i := range keys {
		require.NoError(t, a.Add(i, attest(t, keys[i], ContextAttestation, testNetworkID, header)))
	}
	for _, test := range []struct {
		threshold Threshold
		want      []int
	}{{OneThird, []int{1}}, {TwoThirds, []int{1, 4}}, {Threshold{Num: 17, Den: 20}, []int{1, 2, 4}}, {Threshold{Num: 1, Den: 1}, []int{0, 1, 2, 3, 4}}} {
		c, err := a.Certificate(test.threshold)
		require.NoError(t, err)
		require.Equal(t, test.want, c.Signers.Indices(), test.threshold)
		v := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
		_, err = v.VerifyPostQuantum(c, header, with, test.threshold)
		require.NoError(t, err)
	}
}

func TestAttestationsAreCountedOnce(t *testing.T) {
	keys, set := testKeySet(t, 3)
	header := testHeader(set.ValidatorSet)
	a := NewPostQuantumAggregation(testNetworkID, header, set)
	signature := attest(t, keys[0], ContextAttestation, testNetworkID, header)
	require.ErrorIs(t, a.Add(1, signature), ErrAttestation)
	require.ErrorIs(t, a.Add(2, signature), ErrNoKey)
	require.ErrorIs(t, a.Add(3, signature), ErrUnknownSigner)
	require.ErrorIs(t, a.Add(-1, signature), ErrUnknownSigner)
	require.NoError(t, a.Add(0, signature))
	require.ErrorIs(t, a.Add(0, signature), ErrRepeatedSigner)
	require.Equal(t, Weight{Signed: 10, Total: 30}, a.Weight())
	_, err := a.Certificate(OneThird)
	require.ErrorIs(t, err, ErrInsufficientWeight)
}

func TestKeySetsHaveAKeyOrNoneOfEachValidator(t *testing.T) {
	_, set := testKeySet(t, 3)
	for _, keys := range [][][]byte{nil, set.keys[:2], {nil, nil, {1}}} {
		_, err := NewKeySet(set.ValidatorSet, keys)
		require.ErrorIs(t, err, ErrKeySet)
	}
	without, err := NewKeySet(set.ValidatorSet, make([][]byte, 3))
	require.NoError(t, err)
	hash := set.Hash(testNetworkID, testChainID)
	require.NotEqual(t, hash, without.Hash(testNetworkID, testChainID))
	require.NotEqual(t, hash, set.ValidatorSet.Hash(testNetworkID, testChainID))
	require.NotEqual(t, hash, set.Hash(testNetworkID+1, testChainID))
	require.NotEqual(t, hash, set.Hash(testNetworkID, ids.ID{9}))

	// Only who has the same keys in both is shared.
	swapped, err := NewKeySet(set.ValidatorSet, [][]byte{set.keys[0], set.keys[0], nil})
	require.NoError(t, err)
	require.Equal(t, Weight{Signed: 20, Total: 30}, set.Shared(set, NewSigners(0, 1, 2)))
	require.Equal(t, Weight{Signed: 10, Total: 30}, set.Shared(swapped, NewSigners(0, 1, 2)))
	require.Equal(t, Weight{Total: 30}, set.Shared(swapped, NewSigners(1, 2)))
	require.Equal(t, Weight{Total: 30}, without.Shared(set, NewSigners(0, 1, 2)))
	require.Equal(t, Weight{Signed: 10, Total: 30}, set.Shared(set, NewSigners(0, 9)), "whatever the signers")
}

func TestGoldenPostQuantumCertificate(t *testing.T) {
	c := &PostQuantumCertificate{
		Scheme: chain.SchemeMLDSA65, NetworkID: testNetworkID, ChainID: testChainID, Height: 0x0102030405060708, BlockID: ids.ID{0x77},
		Signers: NewSigners(1, 9), Signatures: [][]byte{bytes.Repeat([]byte{1}, chain.SignatureSize), bytes.Repeat([]byte{2}, chain.SignatureSize)},
	}
	goldenFile(t, "post-quantum-certificate", c.Bytes())
	goldenFile(t, "attested", AttestedBytes(c.NetworkID, c.ChainID, c.Height, c.BlockID))
}

func FuzzParsePostQuantumCertificate(f *testing.F) {
	c := &PostQuantumCertificate{Scheme: chain.SchemeMLDSA65, NetworkID: testNetworkID, Signers: NewSigners(2), Signatures: [][]byte{make([]byte, chain.SignatureSize)}}
	fuzzDecoder(f, c.Bytes(), func(encoded []byte) ([]byte, error) {
		c, err := ParsePostQuantumCertificate(encoded)
		if err != nil {
			return nil, err
		}
		return c.Bytes(), nil
	})
}

// FuzzReadPostQuantum checks that what is verified as it comes is what is verified whole.
func FuzzReadPostQuantum(f *testing.F) {
	keys, set := testKeySet(f, 4)
	header := testHeader(set.ValidatorSet)
	v := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	good := testPostQuantum(f, keys, set, header, 0, 1, 2).Bytes()
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(append(bytes.Clone(good), 0))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		weight, read := v.ReadPostQuantum(bytes.NewReader(encoded), header, set, TwoThirds)
		c, err := ParsePostQuantumCertificate(encoded)
		var whole Weight
		if err == nil {
			whole, err = v.VerifyPostQuantum(c, header, set, TwoThirds)
		}
		if (err == nil) != (read == nil) || weight != whole {
			t.Fatalf("in a stream %v, %v, and whole %v, %v", weight, read, whole, err)
		}
	})
}
