// Command soak runs the program ("sessionvm run", built with the tag fakeclock) under load. In the first
// half of its time the process is killed, its disk fills up and its clock is set, at random; the second half
// is calm. Then everything that was answered must be there, once, with a proof, memory and goroutines must
// not have grown, and the disk must hold no more than what is within its retention. Time runs faster for the chain:
// a day in less than half a minute.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	var s soak
	flag.StringVar(&s.program, "binary", "build/sessionvm-fakeclock", "the program, built with -tags fakeclock")
	flag.DurationVar(&s.lasts, "for", time.Hour, "how long the load lasts")
	flag.Uint64Var(&s.seed, "seed", uint64(time.Now().UnixNano()), "of what happens")
	flag.IntVar(&s.count, "writers", 8, "how many people write")
	flag.Int64Var(&s.speed, "speed", 3600, "how much faster than the machine's the chain's clock is")
	flag.IntVar(&s.diskMB, "disk", 2000, "size of the disk in MB, where it can be a tmpfs (as root)")
	config := flag.String("config", `{"proofHistory":64,"maxClockJump":0}`, "the node's configuration, JSON")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if s.folder, err = os.MkdirTemp("", "sessionvm-soak-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.folder)) }()
	s.config = filepath.Join(s.folder, "config.json")
	if err := os.WriteFile(s.config, []byte(*config), 0o600); err != nil {
		return err
	}
	fmt.Printf("seed %d, for %s\n", s.seed, s.lasts)
	unmount, err := s.mount()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unmount()) }()
	return s.run(ctx)
}
