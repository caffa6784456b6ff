//go:build cgo

package warp

import (
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/luxfi/math/set"
	peer "github.com/luxfi/node/vms/platformvm/warp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Canonical sets equal the platform's, whatever the order of their members, with keys that
// several members share and members without keys.
func TestCanonicalSetEqualsThePlatforms(t *testing.T) {
	var keys []*PublicKey
	for seed := range byte(6) {
		keys = append(keys, testSigner(t, seed+1).PublicKey())
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 12).Draw(t, "members")
		members := make([]Member, n)
		theirs := make(map[ids.NodeID]*peer.ValidatorData, n)
		for i := range members {
			members[i].Weight = rapid.Uint64Range(0, 1<<40).Draw(t, "weight")
			data := &peer.ValidatorData{NodeID: ids.NodeID{byte(i)}, Weight: members[i].Weight}
			if k := rapid.IntRange(-2, len(keys)-1).Draw(t, "key"); k >= 0 {
				data.PublicKey = keys[k].Bytes()
				members[i].PublicKey = data.PublicKey
				if rapid.Bool().Draw(t, "uncompressed") {
					members[i].PublicKey = keys[k].Uncompressed()
				}
			}
			theirs[data.NodeID] = data
		}
		want, err := peer.FlattenValidatorSet(theirs)
		require.NoError(t, err)
		got, err := NewValidatorSet(members)
		require.NoError(t, err)
		require.Equal(t, want.TotalWeight, got.TotalWeight())
		require.Equal(t, len(want.Validators), got.Len())
		for i, v := range want.Validators {
			require.Equal(t, v.PublicKeyBytes, got.Validator(i).PublicKey.Uncompressed())
			require.Equal(t, v.Weight, got.Validator(i).Weight)
			require.Equal(t, i, got.Index(got.Validator(i).PublicKey))
		}
		slices.Reverse(members)
		again, err := NewValidatorSet(members)
		require.NoError(t, err)
		require.Equal(t, got.Bytes(), again.Bytes())
		parsed, err := ParseValidatorSet(got.Bytes())
		require.NoError(t, err)
		require.Equal(t, got.Hash(1, testChainID), parsed.Hash(1, testChainID))
	})
}

// What we aggregate the platform's own verification accepts, and it refuses what we refuse.
func TestThePlatformAcceptsOurMessages(t *testing.T) {
	signers, set := testSet(t, 10, 20, 30, 40)
	members := make(map[ids.NodeID]*peer.ValidatorData)
	for i := range set.Len() {
		v := set.Validator(i)
		members[ids.NodeID{byte(i)}] = &peer.ValidatorData{NodeID: ids.NodeID{byte(i)}, PublicKey: v.PublicKey.Bytes(), Weight: v.Weight}
	}
	theirSet, err := peer.FlattenValidatorSet(members)
	require.NoError(t, err)
	verifier := &Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: CiphersuiteNUL}
	for mask := 1; mask < 16; mask++ {
		var indices []int
		for i := range 4 {
			if mask&(1<<i) != 0 {
				indices = append(indices, i)
			}
		}
		m := testMessage(t, CiphersuiteNUL, testDelivery().UnsignedMessage(testNetworkID), set, signers, indices...)
		theirs, err := peer.ParseMessage(m.Bytes())
		require.NoError(t, err)
		theirErr := theirs.Signature.Verify(&theirs.UnsignedMessage, testNetworkID, theirSet, 67, 100)
		weight, err := verifier.VerifyMessage(m, set)
		if theirErr != nil {
			require.ErrorIs(t, theirErr, peer.ErrInsufficientWeight)
			require.ErrorIs(t, err, ErrInsufficientWeight)
			continue
		}
		require.NoError(t, err)
		require.GreaterOrEqual(t, weight.Signed, uint64(67))
	}
}

func TestThresholdEqualsThePlatforms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Uint64().Draw(t, "total")
		signed := rapid.Uint64Range(0, total).Draw(t, "signed")
		den := rapid.Uint64Min(1).Draw(t, "den")
		num := rapid.Uint64Range(1, den).Draw(t, "num")
		theirs := peer.VerifyWeight(signed, total, num, den) == nil && signed > 0
		ours := Threshold{Num: num, Den: den}.Verify(Weight{Signed: signed, Total: total}) == nil
		require.Equal(t, theirs, ours)
	})
}

func TestSignersEqualThePlatforms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		encoded := rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "signers")
		theirs := set.BitsFromBytes(encoded)
		ours := Signers(encoded)
		require.Equal(t, len(theirs.Bytes()) == len(encoded), ours.check() == nil)
		require.Equal(t, theirs.Len(), ours.Len())
		require.Equal(t, theirs.BitLen(), max(0, highest(ours)+1))
	})
}

func highest(s Signers) int {
	indices := s.Indices()
	if len(indices) == 0 {
		return -1
	}
	return indices[len(indices)-1]
}
