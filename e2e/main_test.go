// Package e2e tests SessionVM in a real network: five AvalancheGo nodes with real consensus,
// and AvalancheGo's own code as client and verifier. It is a module of its own, because the
// product depends on no node.
package e2e

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/luxfi/session/e2e/network"
)

var (
	nodeBinary     = flag.String("node", "../build/avalanchego", "AvalancheGo's program")
	pluginBinary   = flag.String("plugin", "../build/sessionvm", "SessionVM's program")
	evmBinary      = flag.String("evm", "../build/evm", "an EVM chain's program")
	sessionBinary  = flag.String("session", "../build/session", "the session command line")
	trialPlugin    = flag.String("trial-plugin", "../build/trialrules/sessionvm", "SessionVM's program that knows a rule set more (-tags trialrules)")
	trialSession   = flag.String("trial-session", "../build/trialrules/session", "the command line that does")
	refusalsBinary = flag.String("refusals", "../build/refusals", "the test program of warp/relay, which makes hostile calls of contracts")
	payments       = flag.Int("payments", 0, "how many payments for a delivery are timed besides")
	pluginProtocol = flag.Int("protocol", 45, "the number of the plugin protocol that the node speaks")
)

var (
	// net is the network that all tests share. Four of its five nodes run at first.
	net *network.Network
	// interrupted ends with a Ctrl-C: then tests fail, and the network ends in order. A second
	// one ends everything at once.
	interrupted context.Context
)

func TestMain(m *testing.M) {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	interrupted = ctx
	os.Exit(run(m))
}

func run(m *testing.M) int {
	genesis, err := genesisFile()
	if err == nil {
		net, err = network.Start(interrupted, network.Options{
			Node: *nodeBinary, Plugin: *pluginBinary, EVM: *evmBinary, Protocol: *pluginProtocol,
			Genesis: genesis, Running: network.Size - 1, Out: os.Stdout,
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	status := m.Run()
	keep := status != 0 && interrupted.Err() == nil
	if keep {
		fmt.Printf("the nodes' data and logs are in %s\n", net.Folder())
	}
	if err := net.Stop(keep); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

// genesisFile is what the product makes of its defaults.
func genesisFile() ([]byte, error) {
	command := exec.Command(*pluginBinary, "genesis", "--registration", "open", "--fresh-share", "1")
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("%s genesis: %w: %s", *pluginBinary, err, complaints.String())
	}
	return out.Bytes(), nil
}
