package warp

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"slices"
	"testing"

	"github.com/cloudflare/circl/ecc/bls12381"
	"github.com/cloudflare/circl/sign/bls"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testNetworkID = 1337

var testChainID = ids.ID{'w', 'a', 'r', 'p'}

// testKey signs. Nodes sign with package signing, which imports this one.
type testKey struct {
	scalar bls12381.Scalar
	public *PublicKey
}

// testSigner returns the key whose seed is 32 times one byte.
func testSigner(t testing.TB, seed byte) *testKey {
	t.Helper()
	k := new(testKey)
	salt := sha256.Sum256([]byte("BLS-SIG-KEYGEN-SALT-"))
	key, err := bls.KeyGen[bls.KeyG1SigG2](bytes.Repeat([]byte{seed}, 32), salt[:], nil)
	require.NoError(t, err)
	encoded, err := key.MarshalBinary()
	require.NoError(t, err)
	require.NoError(t, k.scalar.UnmarshalBinary(encoded))
	point := new(bls12381.G1)
	point.ScalarMult(&k.scalar, bls12381.G1Generator())
	public, err := ParsePublicKey(point.BytesCompressed())
	require.NoError(t, err)
	k.public = public
	return k
}

func (k *testKey) PublicKey() *PublicKey { return k.public }

func (k *testKey) Sign(suite Ciphersuite, message []byte) (signature Signature, err error) {
	point := new(bls12381.G2)
	point.Hash(message, []byte(suite))
	point.ScalarMult(&k.scalar, point)
	copy(signature[:], point.BytesCompressed())
	return signature, nil
}

// testSet returns validators with the weights, in the canonical order of their keys, and
// their set.
func testSet(t testing.TB, weights ...uint64) ([]*testKey, *ValidatorSet) {
	t.Helper()
	signers := make([]*testKey, len(weights))
	for i := range signers {
		signers[i] = testSigner(t, byte(i+1))
	}
	slices.SortFunc(signers, func(a, b *testKey) int {
		return bytes.Compare(a.PublicKey().Uncompressed(), b.PublicKey().Uncompressed())
	})
	members := make([]Member, len(weights))
	for i, weight := range weights {
		members[i] = Member{PublicKey: signers[i].PublicKey().Bytes(), Weight: weight}
	}
	set, err := NewValidatorSet(members)
	require.NoError(t, err)
	return signers, set
}

// testMessage returns the message signed by the validators at the indices.
func testMessage(t testing.TB, suite Ciphersuite, unsigned *UnsignedMessage, set *ValidatorSet, signers []*testKey, indices ...int) *Message {
	t.Helper()
	a := NewAggregation(suite, unsigned, set)
	for _, i := range indices {
		signature, err := signers[i].Sign(suite, unsigned.Bytes())
		require.NoError(t, err)
		require.NoError(t, a.Add(signers[i].PublicKey(), signature))
	}
	m, err := a.Message(Threshold{Num: 1, Den: 1 << 40})
	require.NoError(t, err)
	return m
}

func testHeader(set *ValidatorSet) *chain.Header {
	return &chain.Header{
		Version: chain.HeaderVersion, ChainID: testChainID, Parent: ids.ID{1}, Height: 7, Timestamp: 1000,
		StateRoot: chain.Hash{2}, PChainHeight: 3, ValidatorSetHash: set.Hash(testNetworkID, testChainID),
	}
}

func testDelivery() *Delivery {
	return &Delivery{
		Type: MessageType, ChainID: testChainID, Height: 0x0102030405060708, StateRoot: chain.Hash{0x11}, Session: ids.ID{7, 0x22},
		Transaction: ids.ID{0x33}, Sequence: 42, Sender: ids.ID{0x44}, Transcript: chain.Hash{0x55},
	}
}
