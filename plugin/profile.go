//go:build profile

package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// A program that is built with the tag "profile" writes a CPU profile of itself, from its start to
// SIGTERM, to the file that SESSIONVM_PROFILE names.
func init() {
	file, err := os.Create(os.Getenv("SESSIONVM_PROFILE"))
	if err != nil {
		panic(err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		panic(err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		pprof.StopCPUProfile()
		_ = file.Close()
	}()
}
