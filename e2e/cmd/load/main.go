// Command load measures what a network of five AvalancheGo nodes carries, with the settings for
// validators and with the node's own, and ends by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/luxfi/session/e2e/network"
)

var (
	node      = flag.String("node", "../build/avalanchego", "AvalancheGo's program")
	plugin    = flag.String("plugin", "../build/sessionvm", "SessionVM's program")
	generator = flag.String("load", "../build/load", "the program that sends (internal/trial/load)")
	protocol  = flag.Int("protocol", 45, "the number of the plugin protocol that the node speaks")
	inFlight  = flag.String("in-flight", "10,100,1000,5000", "how many messages are in flight, one run after the other")
	length    = flag.Duration("for", 20*time.Second, "how long each run is")
	settings  = flag.String("settings", "recommended,default", "which settings, one after the other")
	longest   = flag.Duration("longest", 30*time.Minute, "how long all of it may take")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *longest)
	defer cancel()
	for _, setting := range strings.Split(*settings, ",") {
		fmt.Printf("\n%s settings\n\n", setting)
		if err := measure(ctx, setting == "default"); err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(1)
		}
	}
}

func measure(ctx context.Context, defaults bool) (err error) {
	genesis, err := exec.CommandContext(ctx, *plugin, "genesis", "--registration", "open", "--fresh-share", "1").Output()
	if err != nil {
		return fmt.Errorf("%s genesis: %w", *plugin, err)
	}
	n, err := network.Start(ctx, network.Options{
		Node: *node, Plugin: *plugin, Protocol: *protocol, Genesis: genesis, Running: network.Size, DefaultBandwidth: defaults,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop(false)) }()
	var nodes []string
	for _, node := range n.Nodes {
		nodes = append(nodes, node.RPC())
	}
	command := exec.CommandContext(ctx, *generator, "-nodes", strings.Join(nodes, ","), "-in-flight", *inFlight, "-for", length.String())
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}
