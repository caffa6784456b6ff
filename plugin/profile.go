//go:build profile

package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// A program that is built with the tag "profile" writes a CPU profile of itself, from its start to
// SIGUSR1, to the file that SESSIONVM_PROFILE names, and then ends as after SIGTERM.
func init() {
	file, err := os.Create(os.Getenv("SESSIONVM_PROFILE"))
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		panic(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGUSR1)
	go func() {
		<-stop
		pprof.StopCPUProfile()
		_ = file.Close()
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
	}()
}
