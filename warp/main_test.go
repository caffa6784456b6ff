package warp

import (
	"bytes"
	"flag"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

var update = flag.Bool("update", false, "write the golden files anew")

const testNetworkID = 1337

var testChainID = ids.ID{'w', 'a', 'r', 'p'}

// testSigner returns the signer whose seed is 32 times one byte.
func testSigner(t testing.TB, seed byte) *Signer {
	t.Helper()
	s, err := SignerFromSeed(bytes.Repeat([]byte{seed}, SeedSize))
	require.NoError(t, err)
	return s
}

// testSet returns validators with the weights, in the canonical order of their keys, and
// their set.
func testSet(t testing.TB, weights ...uint64) ([]*Signer, *ValidatorSet) {
	t.Helper()
	signers := make([]*Signer, len(weights))
	for i := range signers {
		signers[i] = testSigner(t, byte(i+1))
	}
	slices.SortFunc(signers, func(a, b *Signer) int {
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
func testMessage(t testing.TB, suite Ciphersuite, unsigned *UnsignedMessage, set *ValidatorSet, signers []*Signer, indices ...int) *Message {
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
		ChainID: testChainID, Height: 0x0102030405060708, StateRoot: chain.Hash{0x11}, Session: ids.ID{7, 0x22},
		Message: ids.ID{0x33}, Sequence: 42, Sender: ids.ID{0x44},
	}
}
