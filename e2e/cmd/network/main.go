// Command network runs a network of five AvalancheGo nodes with a SessionVM chain until it
// is interrupted.
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

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "network:", err)
		os.Exit(1)
	}
}

func run() (err error) {
	var (
		node     = flag.String("node", "../build/avalanchego", "AvalancheGo's program")
		plugin   = flag.String("plugin", "../build/sessionvm", "SessionVM's program")
		evm      = flag.String("evm", "", "the program of an EVM chain beside it; none: there is no such chain")
		protocol = flag.Int("protocol", 45, "the number of the plugin protocol that the node speaks")
		keep     = flag.Bool("keep", false, "keep the nodes' data and logs at the end")
		defaults = flag.Bool("default-bandwidth", false, "leave the node's own limits on what a peer may send")
		longest  = flag.Duration("for", 12*time.Hour, "how long the network runs at most")
	)
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *longest)
	defer cancel()
	genesis, err := exec.CommandContext(ctx, *plugin, "genesis").Output()
	if err != nil {
		return fmt.Errorf("%s genesis: %w", *plugin, err)
	}
	n, err := network.Start(ctx, network.Options{
		Node: *node, Plugin: *plugin, EVM: *evm, Protocol: *protocol, Genesis: genesis, Running: network.Size, DefaultBandwidth: *defaults, Out: os.Stdout,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop(*keep)) }()
	fmt.Printf("\nchain ID    %s\nsubnet ID   %s\nP-chain     %s/ext/bc/P\ndata, logs  %s\n", n.ChainID, n.SubnetID, n.Nodes[0].URL(), n.Folder())
	for _, node := range n.Nodes {
		fmt.Printf("JSON-RPC %d  %s\n", node.Index+1, node.RPC())
	}
	set := []string{"SESSION_NODE=" + n.Nodes[0].RPC()}
	if *evm != "" {
		if set, err = n.Environment(); err != nil {
			return err
		}
		fmt.Printf("EVM chain   %s\nfunded key  %s\n", n.EVMChainID, network.EVMKey())
		for _, node := range n.Nodes {
			fmt.Printf("EVM %d       %s\n", node.Index+1, node.EVM())
		}
	}
	fmt.Printf("\nexport %s\n\nCtrl-C ends the network.\n", strings.Join(set, " "))
	<-ctx.Done()
	fmt.Println("\nthe network ends")
	return nil
}
