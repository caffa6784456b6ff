package state

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// keptCheckpoints returns the heights of all checkpoints.
func (s *scene) keptCheckpoints() (heights []uint64) {
	s.t.Helper()
	for from := uint64(0); ; {
		height, encoded, err := s.CheckpointFrom(from)
		if err != nil {
			require.ErrorIs(s.t, err, refusal.ErrNotFound)
			return heights
		}
		require.Equal(s.t, []byte{byte(height)}, encoded)
		heights, from = append(heights, height), height+1
	}
}

// TestCheckpointsByChangesLeaveRoomForThoseInTime: of eight, changes take no more than two once the others need the room.
func TestCheckpointsByChangesLeaveRoomForThoseInTime(t *testing.T) {
	s := newScene(t, Options{CacheNodes: 1000, History: 10})
	keep := func(change bool, kept int, heights ...uint64) {
		t.Helper()
		for _, height := range heights {
			require.NoError(t, s.KeepCheckpoint(height, []byte{byte(height)}, change, kept))
			latest, err := s.LatestCheckpoint()
			require.NoError(t, err)
			require.Equal(t, height, latest, "the newest stays")
		}
	}
	keep(false, 8, 1)
	keep(true, 8, 2, 3, 4, 5, 6, 7, 8)
	require.Equal(t, []uint64{1, 2, 3, 4, 5, 6, 7, 8}, s.keptCheckpoints(), "there is room")
	keep(true, 8, 9, 10)
	require.Equal(t, []uint64{1, 4, 5, 6, 7, 8, 9, 10}, s.keptCheckpoints(), "the oldest by a change has gone")
	keep(false, 8, 11, 12, 13, 14, 15)
	require.Equal(t, []uint64{1, 9, 10, 11, 12, 13, 14, 15}, s.keptCheckpoints())
	keep(false, 8, 16)
	require.Equal(t, []uint64{9, 10, 11, 12, 13, 14, 15, 16}, s.keptCheckpoints(), "two by changes stay")
	keep(true, 8, 17)
	s.reopen()
	require.Equal(t, []uint64{10, 11, 12, 13, 14, 15, 16, 17}, s.keptCheckpoints())
	keep(false, 1, 18)
	require.Equal(t, []uint64{18}, s.keptCheckpoints())
	keep(true, 1, 19, 20)
	require.Equal(t, []uint64{20}, s.keptCheckpoints())
}
