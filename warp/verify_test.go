package warp

import (
	"bytes"
	"math"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestForgedCertificatesAreRefusedEachByItsOwnError(t *testing.T) {
	signers, set := testSet(t, 10, 20, 30, 40)
	_, otherSet := testSet(t, 10, 20, 30, 41)
	header := testHeader(set)
	unsigned := BlockMessage(testNetworkID, testChainID, header.ID())
	good, err := testMessage(t, CiphersuitePOP, unsigned, set, signers, 1, 2, 3).Certificate()
	require.NoError(t, err)
	certificate := func(suite Ciphersuite, unsigned *UnsignedMessage, indices ...int) func(*Certificate) {
		return func(c *Certificate) {
			signed, err := testMessage(t, suite, unsigned, set, signers, indices...).Certificate()
			require.NoError(t, err)
			*c = *signed
		}
	}
	infinity := Signature{0xc0}
	var outside Signature // on the curve, not in the subgroup
	outside[0], outside[SignatureSize-1] = 0x80, 2
	verifier := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	otherHeader := *header
	otherHeader.Height++
	foreign := *header
	foreign.ChainID = ids.ID{3}
	for name, test := range map[string]struct {
		change func(*Certificate)
		header *chain.Header
		set    *ValidatorSet
		want   error
	}{
		"a good one":                 {func(*Certificate) {}, header, set, nil},
		"a good one of all":          {certificate(CiphersuitePOP, unsigned, 0, 1, 2, 3), header, set, nil},
		"too little weight":          {certificate(CiphersuitePOP, unsigned, 0, 1, 2), header, set, ErrInsufficientWeight},
		"nobody":                     {func(c *Certificate) { c.Signers = nil }, header, set, ErrInsufficientWeight},
		"another set":                {func(*Certificate) {}, header, otherSet, ErrWrongSet},
		"another chain":              {func(c *Certificate) { c.SourceChainID[0]++ }, header, set, ErrWrongChain},
		"a header of another chain":  {func(*Certificate) {}, &foreign, set, ErrWrongChain},
		"another network":            {func(c *Certificate) { c.NetworkID++ }, header, set, ErrWrongNetwork},
		"another ciphersuite":        {certificate(CiphersuiteNUL, unsigned, 1, 2, 3), header, set, ErrWrongCiphersuite},
		"another block":              {func(*Certificate) {}, &otherHeader, set, ErrWrongBlock},
		"another block's":            {func(c *Certificate) { c.BlockID[0]++ }, header, set, ErrWrongBlock},
		"a signer out of range":      {func(c *Certificate) { c.Signers = NewSigners(1, 2, 3, 4) }, header, set, ErrUnknownSigner},
		"a signer far out of range":  {func(c *Certificate) { c.Signers = NewSigners(1, 2, 3, 400) }, header, set, ErrUnknownSigner},
		"padded signers":             {func(c *Certificate) { c.Signers = append(Signers{0}, c.Signers...) }, header, set, ErrSignerBits},
		"too many signers":           {func(c *Certificate) { c.Signers = make(Signers, MaxSignersBytes+1) }, header, set, ErrSignerBits},
		"a signer who has not":       {func(c *Certificate) { c.Signers = NewSigners(0, 1, 2, 3) }, header, set, ErrBadSignature},
		"a signer left out":          {func(c *Certificate) { c.Signers = NewSigners(2, 3) }, header, set, ErrBadSignature},
		"infinity":                   {func(c *Certificate) { c.Signature = infinity }, header, set, ErrSignaturePoint},
		"no point":                   {func(c *Certificate) { c.Signature = Signature{} }, header, set, ErrSignaturePoint},
		"a point not in compression": {func(c *Certificate) { c.Signature[0] &= 0x7f }, header, set, ErrSignaturePoint},
		"outside the subgroup":       {func(c *Certificate) { c.Signature = outside }, header, set, ErrSignaturePoint},
		"the negated point":          {func(c *Certificate) { c.Signature[0] ^= 0x20 }, header, set, ErrBadSignature},
	} {
		t.Run(name, func(t *testing.T) {
			c := *good
			test.change(&c)
			weight, err := verifier.VerifyCertificate(&c, test.header, test.set)
			if test.want == nil {
				require.NoError(t, err)
				require.GreaterOrEqual(t, weight.Signed, uint64(67))
				require.EqualValues(t, 100, weight.Total)
				return
			}
			require.ErrorIs(t, err, test.want)
			require.Zero(t, weight)
			for _, way := range []error{
				ErrInsufficientWeight, ErrWrongSet, ErrWrongChain, ErrWrongNetwork, ErrWrongCiphersuite, ErrWrongBlock,
				ErrUnknownSigner, ErrSignerBits, ErrBadSignature, ErrSignaturePoint,
			} {
				if way != test.want {
					require.NotErrorIs(t, err, way)
				}
			}
			var refused *refusal.Error
			require.ErrorAs(t, err, &refused)
		})
	}
}

// Keys that add up to nothing would verify any message with a signature of nothing.
func TestKeysThatCancelOutAreRefused(t *testing.T) {
	key := testSigner(t, 1).PublicKey()
	negated := key.Bytes()
	negated[0] ^= 0x20
	set, err := NewValidatorSet([]Member{{PublicKey: key.Bytes(), Weight: 1}, {PublicKey: negated, Weight: 1}})
	require.NoError(t, err)
	verifier := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	signature, err := testSigner(t, 2).Sign(CiphersuitePOP, []byte("any"))
	require.NoError(t, err)
	m := &Message{UnsignedMessage: *testDelivery().UnsignedMessage(testNetworkID), Signers: NewSigners(0, 1), Signature: signature}
	_, err = verifier.VerifyMessage(m, set)
	require.ErrorIs(t, err, ErrBadSignature)
}

func TestAggregationCountsWhatItHasVerified(t *testing.T) {
	signers, set := testSet(t, 10, 20, 30, 40)
	unsigned := testDelivery().UnsignedMessage(testNetworkID)
	a := NewAggregation(CiphersuitePOP, unsigned, set)
	sign := func(s *testKey, suite Ciphersuite, message []byte) Signature {
		signature, err := s.Sign(suite, message)
		require.NoError(t, err)
		return signature
	}
	good := sign(signers[3], CiphersuitePOP, unsigned.Bytes())
	require.ErrorIs(t, a.Add(testSigner(t, 99).PublicKey(), good), ErrUnknownSigner)
	require.ErrorIs(t, a.Add(signers[3].PublicKey(), sign(signers[3], CiphersuiteNUL, unsigned.Bytes())), ErrWrongCiphersuite)
	require.ErrorIs(t, a.Add(signers[3].PublicKey(), sign(signers[3], CiphersuitePOP, []byte("another"))), ErrBadSignature)
	require.ErrorIs(t, a.Add(signers[2].PublicKey(), good), ErrBadSignature)
	require.ErrorIs(t, a.Add(signers[3].PublicKey(), Signature{}), ErrSignaturePoint)
	require.Equal(t, Weight{Total: 100}, a.Weight())
	require.NoError(t, a.Add(signers[3].PublicKey(), good))
	require.ErrorIs(t, a.Add(signers[3].PublicKey(), good), ErrRepeatedSigner)
	require.Equal(t, Weight{Signed: 40, Total: 100}, a.Weight())
	_, err := a.Message(DefaultQuorum)
	require.ErrorIs(t, err, ErrInsufficientWeight)
	require.NoError(t, a.Add(signers[2].PublicKey(), sign(signers[2], CiphersuitePOP, unsigned.Bytes())))
	m, err := a.Message(TwoThirds)
	require.NoError(t, err)
	require.Equal(t, NewSigners(2, 3), m.Signers)
	parsed, err := ParseMessage(m.Bytes())
	require.NoError(t, err)
	verifier := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP, Quorum: TwoThirds}
	weight, err := verifier.VerifyMessage(parsed, set)
	require.NoError(t, err)
	require.Equal(t, Weight{Signed: 70, Total: 100}, weight)
	delivery, err := parsed.Delivery()
	require.NoError(t, err)
	require.Equal(t, testDelivery(), delivery)
	_, err = parsed.Certificate()
	require.ErrorIs(t, err, ErrPayloadType)
}

func TestThresholds(t *testing.T) {
	for _, test := range []struct {
		threshold     Threshold
		signed, total uint64
		want          error
	}{
		{DefaultQuorum, 67, 100, nil},
		{DefaultQuorum, 66, 100, ErrInsufficientWeight},
		{DefaultQuorum, 0, 0, ErrInsufficientWeight},
		{DefaultQuorum, 2, 1, ErrInsufficientWeight},
		{DefaultQuorum, math.MaxUint64, math.MaxUint64, nil},
		{OneThird, 1, 3, ErrInsufficientWeight},
		{OneThird, 34, 100, nil},
		{TwoThirds, 2, 3, ErrInsufficientWeight},
		{TwoThirds, 3, 3, nil},
		{TwoThirds, math.MaxUint64 / 3 * 2, math.MaxUint64, ErrInsufficientWeight},
		{TwoThirds, math.MaxUint64/3*2 + 1, math.MaxUint64, nil},
		{Threshold{}, 1, 1, ErrThreshold},
		{Threshold{Den: 3}, 1, 1, ErrThreshold},
		{Threshold{Num: 3}, 1, 1, ErrThreshold},
		{Threshold{Num: 2, Den: 1}, 1, 1, ErrThreshold},
		{Threshold{Num: 1, Den: 1, Above: true}, 1, 1, ErrThreshold},
		{Threshold{Num: 1, Den: 1}, 5, 5, nil},
	} {
		err := test.threshold.Verify(Weight{Signed: test.signed, Total: test.total})
		if test.want == nil {
			require.NoError(t, err, test)
		} else {
			require.ErrorIs(t, err, test.want, test)
		}
	}
	require.Equal(t, "at least 67/100", DefaultQuorum.String())
	require.Equal(t, "more than 1/3", OneThird.String())
}

func TestVerifierMustMakeSense(t *testing.T) {
	good := Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
	require.NoError(t, good.Check())
	for name, test := range map[string]struct {
		change func(*Verifier)
		want   error
	}{
		"no chain":               {func(v *Verifier) { v.ChainID = ids.Empty }, ErrWrongChain},
		"no ciphersuite":         {func(v *Verifier) { v.Ciphersuite = "" }, ErrCiphersuite},
		"an unknown ciphersuite": {func(v *Verifier) { v.Ciphersuite += "X" }, ErrCiphersuite},
		"a quorum above 1":       {func(v *Verifier) { v.Quorum = Threshold{Num: 3, Den: 2} }, ErrThreshold},
	} {
		v := good
		test.change(&v)
		require.ErrorIs(t, v.Check(), test.want, name)
	}
	require.ErrorIs(t, testSigner(t, 1).PublicKey().Verify("", nil, Signature{}), ErrSignaturePoint)
}

func TestKeysThatAreNoneAreRefused(t *testing.T) {
	key := testSigner(t, 1).PublicKey()
	again, err := ParsePublicKey(key.Uncompressed())
	require.NoError(t, err)
	require.True(t, key.Equal(again))
	infinity := append([]byte{0xc0}, make([]byte, PublicKeySize-1)...)
	outside := append([]byte{0x80}, make([]byte, PublicKeySize-1)...)
	outside[PublicKeySize-1] = 4 // x = 4 is on the curve, and not in the subgroup
	notOnCurve := bytes.Clone(key.Uncompressed())
	notOnCurve[UncompressedPublicKeySize-1] ^= 1
	for name, encoded := range map[string][]byte{
		"nothing":              nil,
		"a byte less":          key.Bytes()[:PublicKeySize-1],
		"a byte more":          append(key.Bytes(), 0),
		"infinity":             infinity,
		"infinity, long":       append([]byte{0x40}, make([]byte, UncompressedPublicKeySize-1)...),
		"outside the subgroup": outside,
		"not on the curve":     notOnCurve,
		"a large coordinate":   append([]byte{0x9f}, bytes.Repeat([]byte{0xff}, PublicKeySize-1)...),
	} {
		_, err := ParsePublicKey(encoded)
		require.ErrorIs(t, err, ErrPublicKey, name)
		if len(encoded) > 0 {
			_, err = NewValidatorSet([]Member{{PublicKey: encoded, Weight: 1}})
			require.ErrorIs(t, err, ErrPublicKey, name)
		}
	}
}

func TestValidatorSetsThatAreNotCanonicalAreRefused(t *testing.T) {
	_, set := testSet(t, 10, 20, 30)
	wire := func(change func(*validatorSetWire)) []byte {
		w := validatorSetWire{Version: validatorSetVersion, TotalWeight: 60, Validators: make([]validatorWire, 3)}
		for i := range 3 {
			w.Validators[i].PublicKey = set.Validator(i).PublicKey.compressed
			w.Validators[i].Weight = set.Validator(i).Weight
		}
		change(&w)
		return w.MarshalCanoto()
	}
	_, err := ParseValidatorSet(wire(func(*validatorSetWire) {}))
	require.NoError(t, err)
	for name, test := range map[string]struct {
		encoded []byte
		want    error
	}{
		"nothing":           {nil, ErrValidatorSet},
		"another version":   {wire(func(w *validatorSetWire) { w.Version++ }), ErrValidatorSet},
		"a trailing byte":   {append(bytes.Clone(set.Bytes()), 0), ErrValidatorSet},
		"cut short":         {set.Bytes()[:len(set.Bytes())-1], ErrValidatorSet},
		"swapped":           {wire(func(w *validatorSetWire) { w.Validators[0], w.Validators[1] = w.Validators[1], w.Validators[0] }), ErrValidatorSet},
		"twice":             {wire(func(w *validatorSetWire) { w.Validators[1] = w.Validators[0] }), ErrValidatorSet},
		"too small a total": {wire(func(w *validatorSetWire) { w.TotalWeight = 59 }), ErrValidatorSet},
		"overflow":          {wire(func(w *validatorSetWire) { w.Validators[0].Weight = math.MaxUint64 }), ErrWeightOverflow},
		"no key":            {wire(func(w *validatorSetWire) { w.Validators[0].PublicKey = [PublicKeySize]byte{} }), ErrPublicKey},
		"infinity":          {wire(func(w *validatorSetWire) { w.Validators[0].PublicKey = [PublicKeySize]byte{0xc0} }), ErrPublicKey},
		"too large":         {make([]byte, MaxValidatorSetBytes+1), ErrValidatorSet},
		"too many":          {(&validatorSetWire{Version: validatorSetVersion, Validators: make([]validatorWire, MaxValidators+1)}).MarshalCanoto(), ErrValidatorSet},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseValidatorSet(test.encoded)
			require.ErrorIs(t, err, test.want)
		})
	}
	_, err = NewValidatorSet([]Member{{Weight: math.MaxUint64}, {Weight: 1}})
	require.ErrorIs(t, err, ErrWeightOverflow)
	require.NotEqual(t, set.Hash(1, testChainID), set.Hash(2, testChainID))
	require.NotEqual(t, set.Hash(1, testChainID), set.Hash(1, ids.ID{1}))
	require.Equal(t, -1, set.Index(testSigner(t, 77).PublicKey()))
}
