package rpc

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func TestWhatAConfigurationLeavesOutHasItsDefault(t *testing.T) {
	filled := Config{}.filled()
	defaults := DefaultConfig()
	defaults.RequestRate, defaults.RequestBurst, defaults.UnsignedRate, defaults.UnsignedBurst = 0, 0, 0, 0
	defaults.CertificateRate, defaults.CertificateBurst = 0, 0
	require.Equal(t, defaults, filled, "rates of zero stay: they disable the limits")
	require.Equal(t, uint64(5), Config{MaxPageSize: 5}.filled().PageSize)
	require.Equal(t, uint64(5), Config{MaxWaitSeconds: 5}.filled().WaitSeconds)
}

func TestAConfigurationThatMakesNoSenseIsRefused(t *testing.T) {
	require.NoError(t, Config{}.Check())
	require.NoError(t, DefaultConfig().Check())
	for name, wrong := range map[string]Config{
		"a negative batch":         {MaxBatch: -1},
		"a negative body":          {MaxBodyBytes: -1},
		"a page above its maximum": {PageSize: 300},
		"a wait above its maximum": {WaitSeconds: 61},
		"a wait of a day":          {MaxWaitSeconds: 86400},
		"a rate that is no number": {RequestRate: math.NaN()},
		"a negative rate":          {UnsignedRate: -1},
		"a burst too large":        {CertificateBurst: 1e10},
		"too many clients":         {MaxClients: 1 << 30},
	} {
		require.ErrorIs(t, wrong.Check(), refusal.ErrConfig, name)
	}
}
