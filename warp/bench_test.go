package warp

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func BenchmarkVerifyCertificate(b *testing.B) {
	for _, n := range []int{5, 100} {
		b.Run(fmt.Sprint(n, " validators"), func(b *testing.B) {
			weights := make([]uint64, n)
			indices := make([]int, n)
			for i := range weights {
				weights[i], indices[i] = 1, i
			}
			signers, set := testSet(b, weights...)
			header := testHeader(set)
			c, err := testMessage(b, CiphersuitePOP, BlockMessage(testNetworkID, testChainID, header.ID()), set, signers, indices...).Certificate()
			require.NoError(b, err)
			verifier := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
			for b.Loop() {
				_, err := verifier.VerifyCertificate(c, header, set)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(len(c.Bytes())), "certificate-bytes")
		})
	}
}

func BenchmarkParseValidatorSet(b *testing.B) {
	_, set := testSet(b, make([]uint64, 100)...)
	for b.Loop() {
		_, err := ParseValidatorSet(set.Bytes())
		require.NoError(b, err)
	}
	b.ReportMetric(float64(len(set.Bytes())), "set-bytes")
}

// BenchmarkVerifyPostQuantum is BenchmarkVerifyCertificate with ML-DSA-65: two thirds and one validator have signed.
func BenchmarkVerifyPostQuantum(b *testing.B) {
	for _, n := range []int{5, 100} {
		b.Run(fmt.Sprint(n, " validators"), func(b *testing.B) {
			keys, set := testKeySet(b, n)
			header := testHeader(set.ValidatorSet)
			indices := make([]int, 2*n/3+1)
			for i := range indices {
				indices[i] = i
			}
			c := testPostQuantum(b, keys, set, header, indices...)
			verifier := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuitePOP}
			for b.Loop() {
				_, err := verifier.VerifyPostQuantum(c, header, set, TwoThirds)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(len(c.Bytes())), "certificate-bytes")
		})
	}
}
