package main

import (
	"os"
	"runtime"
)

// setProcessors lets the Go scheduler run one thread of Go code more than there are processors. A thread that syncs a
// block to disk counts as one that runs until the scheduler notices that it waits, which takes it up to 10 ms, longer than most syncs:
// with two processors half of them would stand still meanwhile. The environment variable GOMAXPROCS has precedence.
func setProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
	}
}
