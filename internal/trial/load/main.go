// Command load sends messages to the nodes of a chain, with more and more of them in flight, and
// prints a Markdown table of what the chain accepts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	var (
		nodes    = flag.String("nodes", "http://127.0.0.1:9652/rpc", "the nodes' addresses, with commas between them")
		inFlight = flag.String("in-flight", "10,100,1000,5000", "how many messages are in flight, one run after the other")
		length   = flag.Duration("for", 20*time.Second, "how long each run is")
		senders  = flag.Int("senders", 64, "how many people send")
		size     = flag.Int("size", 129, "bytes of a message's ciphertext")
	)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, strings.Split(*nodes, ","), strings.Split(*inFlight, ","), *length, *senders, *size); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, nodes, inFlight []string, length time.Duration, senders, size int) error {
	l, err := prepare(ctx, nodes, senders, size)
	if err != nil {
		return err
	}
	fmt.Println("| in flight | accepted/s | p50 | p99 | later than 10 s | refused | messages/block | bytes/message and link |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, text := range inFlight {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("in flight: expected a number from 1, got %q", text)
		}
		result, err := l.run(ctx, n, length)
		if err != nil {
			return err
		}
		fmt.Printf("| %d | %s |\n", n, result)
	}
	return nil
}
