package vm

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// TestAClockIsGuardedFromTheFirstBlockOn: block 0 has the genesis' time, which is no clock's.
func TestAClockIsGuardedFromTheFirstBlockOn(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	host := Host{Clock: func() time.Time { return now }, Alone: true}
	for height, from := range []time.Time{now, time.UnixMilli(5000)} {
		guard := newClockGuard(&host, &chain.Header{Height: uint64(height), Timestamp: 5000}, time.Hour)
		require.True(t, guard.from.Equal(from), height)
	}
}
