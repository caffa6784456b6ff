package main

import (
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheMemoryLimitFitsTheMachineUnlessTheEnvironmentSetsOne(t *testing.T) {
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	defer func() { debug.SetMemoryLimit(limit); debug.SetGCPercent(percent) }()
	t.Setenv("AUTOMEMLIMIT", "") // all are as they were after the test
	require.NoError(t, os.Unsetenv("AUTOMEMLIMIT"))
	debug.SetMemoryLimit(math.MaxInt64)
	t.Setenv("GOGC", "50")
	t.Setenv("GOMEMLIMIT", "1GiB")
	setMemory(0.8, slog.New(slog.DiscardHandler))
	require.EqualValues(t, math.MaxInt64, debug.SetMemoryLimit(-1), "the runtime has read GOMEMLIMIT at its start")
	require.Equal(t, 100, debug.SetGCPercent(100))

	require.NoError(t, os.Unsetenv("GOGC"))
	require.NoError(t, os.Unsetenv("GOMEMLIMIT"))
	setMemory(0.8, slog.New(slog.DiscardHandler))
	whole := debug.SetMemoryLimit(-1)
	require.Less(t, whole, int64(math.MaxInt64))
	require.Greater(t, whole, int64(64<<20))
	require.Equal(t, gcPercent, debug.SetGCPercent(100))
	setMemory(0.4, slog.New(slog.DiscardHandler))
	require.InDelta(t, float64(whole)/2, float64(debug.SetMemoryLimit(-1)), float64(whole)/50)
}
