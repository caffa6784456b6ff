package lightclient

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/refusal"
)

// versions returns a chain of which each block has the next rule set.
func versions(t *testing.T) testChain {
	t.Helper()
	c := testChain{}.extend(repeat(3, four)...)
	for height, b := range c {
		b.header.Version = chain.HeaderVersion + uint32(height)
		if height > 0 {
			b.header.Parent = c[height-1].header.ID()
		}
	}
	return c
}

func TestBlocksOfKnownRuleSetsAreFollowedAndOthersSayToUpgrade(t *testing.T) {
	c := versions(t)
	verify := func(height int) error {
		encoded := c[height].light().Bytes()
		block, err := ParseLightBlock(encoded)
		if err != nil {
			require.ErrorIs(t, err, ErrEncoding)
			block = c[height].light()
		}
		rules := testRules()
		_, verified := VerifyAdjacent(&rules, c[height-1].light(), block, c.at(height))
		require.Equal(t, err == nil, verified == nil, "%v, %v", err, verified)
		return verified
	}
	require.ErrorIs(t, verify(1), refusal.ErrVersion)
	require.ErrorContains(t, verify(1), "upgrade")

	defer trialrules.Enable()()
	require.NoError(t, verify(1))
	require.ErrorIs(t, verify(2), refusal.ErrVersion)
	require.ErrorContains(t, verify(2), "upgrade")
}
