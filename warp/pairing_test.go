package warp

import (
	"testing"

	"github.com/cloudflare/circl/ecc/bls12381"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// circlVerifies decodes a signature and verifies it with circl alone, as js/wasm does.
func circlVerifies(suite Ciphersuite, key *bls12381.G1, message []byte, signature Signature) bool {
	var decoded, hashed bls12381.G2
	if decoded.SetBytes(signature[:]) != nil || decoded.IsIdentity() {
		return false
	}
	hashed.Hash(message, []byte(suite))
	return bls12381.ProdPairFrac([]*bls12381.G1{key, bls12381.G1Generator()}, []*bls12381.G2{&hashed, &decoded}, []int{1, -1}).IsIdentity()
}

// verifies is what verification of a certificate spends its time on.
func verifies(suite Ciphersuite, key *bls12381.G1, message []byte, signature Signature) bool {
	decoded, err := signaturePoint(signature)
	return err == nil && pairs(suite, key, message, decoded)
}

// TestPairingsAgree holds verification against circl's, for true and false keys, messages,
// signatures and ciphersuites.
func TestPairingsAgree(t *testing.T) {
	signers := []*testKey{testSigner(t, 1), testSigner(t, 2)}
	rapid.Check(t, func(r *rapid.T) {
		message := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(r, "message")
		suite := rapid.SampledFrom(ciphersuites).Draw(r, "suite")
		signer := rapid.SampledFrom(signers).Draw(r, "signer")
		signature, err := signer.Sign(suite, message)
		require.NoError(r, err)
		key := signer.PublicKey().point
		require.True(r, verifies(suite, &key, message, signature))
		require.True(r, circlVerifies(suite, &key, message, signature))
		switch rapid.IntRange(0, 5).Draw(r, "change") {
		case 0:
			message = append(message, 0)
		case 1:
			suite = rapid.SampledFrom(ciphersuites).Draw(r, "another suite")
		case 2:
			key.Add(&key, bls12381.G1Generator())
		case 3:
			signature[0] ^= 0x20 // the negated point
		case 4:
			signature[rapid.IntRange(0, SignatureSize-1).Draw(r, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		default:
			key.Neg()
			signature[0] ^= 0x20 // both: the equation holds
		}
		require.Equal(r, circlVerifies(suite, &key, message, signature), verifies(suite, &key, message, signature))
	})
}

func BenchmarkVerifySignature(b *testing.B) {
	signer, message := testSigner(b, 1), make([]byte, 100)
	signature, err := signer.Sign(CiphersuitePOP, message)
	require.NoError(b, err)
	for name, verify := range map[string]func(Ciphersuite, *bls12381.G1, []byte, Signature) bool{"circl": circlVerifies, "gnark": verifies} {
		b.Run("by="+name, func(b *testing.B) {
			for b.Loop() {
				if !verify(CiphersuitePOP, &signer.PublicKey().point, message, signature) {
					b.Fatal("the signature does not verify")
				}
			}
		})
	}
}
