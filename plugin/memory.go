package main

import (
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// gcPercent is a server's GOGC: much of what a request allocates is garbage when it is
// answered, and the memory limit keeps the heap from growing too far.
const gcPercent = 200

// setMemory sets the Go runtime's memory limit to a share of what this machine, or its control
// group, has, and GOGC to a server's. The environment variables GOMEMLIMIT and GOGC have
// precedence.
func setMemory(share float64, log *slog.Logger) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limit, err := memlimit.SetGoMemLimitWithOpts(
		memlimit.WithRatio(share),
		memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)),
	)
	if err != nil {
		log.Warn("no memory limit", "error", err)
		return
	}
	log.Debug("memory limit", "bytes", limit, "gogc", gcPercent)
}
