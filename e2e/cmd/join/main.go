// Command join measures how long a node takes to join a chain of many messages under load: by fetching
// its state, and by executing it.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
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
	messages  = flag.Int("messages", 5000, "how many messages the chain has when the nodes join")
	inFlight  = flag.Int("in-flight", 800, "how many messages are in flight until then")
	meanwhile = flag.Int("meanwhile", 4, "and while the nodes join")
	age       = flag.Duration("age", 0, "how long the chain goes on so before they join: 5m, and the latest blocks, which a node fetches whole, are not all there are")
	interval  = flag.Int("interval", 64, "every how many blocks the validators offer their state")
	keep      = flag.Bool("keep", false, "keep the nodes' data and logs at the end")
	longest   = flag.Duration("longest", 90*time.Minute, "how long all of it may take")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *longest)
	defer cancel()
	if err := measure(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "join:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context) (err error) {
	genesis, err := exec.CommandContext(ctx, *plugin, "genesis", "--registration", "open", "--fresh-share", "1").Output()
	if err != nil {
		return fmt.Errorf("%s genesis: %w", *plugin, err)
	}
	n, err := network.Start(ctx, network.Options{Node: *node, Plugin: *plugin, Protocol: *protocol, Genesis: genesis, Running: network.Size})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.Stop(*keep)) }()
	for _, node := range n.Nodes {
		if err := node.Configure("config.json", fmt.Appendf(nil, `{"stateSync":{"interval":%d}}`, *interval)); err != nil {
			return err
		}
		if err := node.Stop(); err != nil {
			return err
		}
		if err := n.StartNode(ctx, node); err != nil {
			return err
		}
	}
	if err := fill(ctx, n); err != nil {
		return err
	}
	load, err := start(ctx, n, *meanwhile, func(error) {})
	if err != nil {
		return err
	}
	defer load()
	select {
	case <-time.After(*age):
	case <-ctx.Done():
		return ctx.Err()
	}
	for _, way := range []struct{ name, config string }{
		{"by fetching the state", `{"stateSync":{"minBlocks":1}}`},
		{"by executing", `{"stateSync":{"enabled":false}}`},
	} {
		guest, err := n.AddNode()
		if err != nil {
			return err
		}
		if err := guest.Configure("config.json", []byte(way.config)); err != nil {
			return err
		}
		joined, err := n.Join(ctx, guest)
		if err != nil {
			*keep = true
			return errors.Join(err, fmt.Errorf("logs are in %s", n.Folder()))
		}
		fmt.Printf("%s: %s\n", way.name, joined)
	}
	return nil
}

// fill sends until the chain has as many messages as it is to have.
func fill(ctx context.Context, n *network.Network) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop, err := start(ctx, n, *inFlight, cancel)
	if err != nil {
		return err
	}
	defer stop()
	for {
		count, err := metric(n.Nodes[0], "sessionvm_messages")
		if err != nil {
			return err
		}
		if count >= float64(*messages) {
			blocks, err := metric(n.Nodes[0], "sessionvm_height")
			fmt.Printf("%.0f messages in %.0f blocks\n", count, blocks)
			return err
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// start sends messages to the validators until stop is called. It tells ended if that ends before.
func start(ctx context.Context, n *network.Network, inFlight int, ended func(error)) (stop func(), err error) {
	var nodes []string
	for _, node := range n.Nodes {
		nodes = append(nodes, node.RPC())
	}
	command := exec.CommandContext(ctx, *generator, "-nodes", strings.Join(nodes, ","), "-in-flight", strconv.Itoa(inFlight), "-for", longest.String())
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		ended(fmt.Errorf("the load has ended: %w", command.Wait()))
		close(done)
	}()
	return func() {
		command.Process.Kill() //nolint:errcheck // it has ended, or does now
		<-done
	}, nil
}

// metric returns a metric of a node's plugin.
func metric(node *network.Node, name string) (value float64, err error) {
	answer, err := http.Get(node.URL() + "/ext/metrics")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if before, text, found := strings.Cut(lines.Text(), "} "); found && strings.Contains(before, name+"{") {
			return strconv.ParseFloat(text, 64)
		}
	}
	return 0, fmt.Errorf("the node has no metric %s", name)
}
