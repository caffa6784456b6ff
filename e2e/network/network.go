package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ava-labs/avalanchego/ids"
)

const (
	// VMID is SessionVM's.
	VMID = "speKUgLBX6WRD5cfGeEfLa43LxTXUBckvtv4td6F3eTXvRP48"
	// expectedSubnetID is almost always the first subnet's of a fresh local network, so that
	// nodes can track it before it is there. It is another one if the fees are others.
	expectedSubnetID = "BKBZ6xXTnT86B4L5fp8rvtcmNSpvtNz8En9jG61ywV2uWyeHy"
	// NetworkID is the local network's.
	NetworkID = 12345

	// subnetConfig lets blocks follow each other as fast as consensus allows, and lets five
	// validators stand one that is silent. The default demands the votes of 15 of 20
	// samples, 20 times in a row: if one in five never votes, and is still connected as a
	// node whose plugin was killed is, that takes minutes for each block.
	subnetConfig = `{
		"proposerMinBlockDelay": 0,
		"consensusParameters": {
			"k": 20, "alphaPreference": 11, "alphaConfidence": 12, "beta": 20,
			"concurrentRepolls": 4, "optimalProcessing": 10,
			"maxOutstandingItems": 256, "maxItemProcessingTime": 30000000000
		}
	}`

	startTimeout = 3 * time.Minute
	joinTimeout  = 30 * time.Minute
	stakingPath  = "staking/local"
	nodeModule   = "github.com/ava-labs/avalanchego"
)

// Options are how a network runs.
type Options struct {
	// Node is AvalancheGo's program, Plugin SessionVM's (see Node.SetPlugin).
	Node, Plugin string
	// EVM is the program of an EVM chain beside SessionVM's, in the same subnet; empty: there is none.
	EVM string
	// Protocol is the number of the plugin protocol that the node speaks.
	Protocol int
	// Genesis is the chain's.
	Genesis []byte
	// DefaultBandwidth leaves the node's own limits on what a peer may send. Otherwise they are as docs/operations.md
	// advises ("Host settings of a validator").
	DefaultBandwidth bool
	// Running is how many nodes are started at first: 4 or 5.
	Running int
	// Out takes what happens; nil: nothing.
	Out io.Writer
}

// Network is five validators of a SessionVM chain, and guests.
type Network struct {
	Nodes      []*Node
	SubnetID   ids.ID
	ChainID    ids.ID
	EVMChainID ids.ID // empty: there is none

	guests        []*Node // added later, no validators
	options       Options
	folder        string
	stakingFolder string
}

// Start starts the nodes, makes the subnet and the chain, and waits until the chain is
// there on all nodes that run.
func Start(ctx context.Context, options Options) (n *Network, err error) {
	if options.Out == nil {
		options.Out = io.Discard
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	folder, err := os.MkdirTemp("", "sessionvm-network-")
	if err != nil {
		return nil, err
	}
	n = &Network{options: options, folder: folder}
	defer func() {
		switch {
		case errors.Is(ctx.Err(), context.Canceled): // nobody waits for it any more
			err = errors.Join(err, n.Stop(false))
		case err != nil:
			err = errors.Join(err, n.Stop(true), fmt.Errorf("logs are in %s", folder))
		}
	}()
	if err := n.prepare(ctx); err != nil {
		return n, err
	}
	if n.SubnetID, err = ids.FromString(expectedSubnetID); err != nil {
		return n, err
	}
	if err := n.startNodes(ctx); err != nil {
		return n, err
	}
	subnet, err := n.createSubnet(ctx)
	if err != nil {
		return n, err
	}
	if subnet != n.SubnetID {
		n.say("the subnet is %s: the nodes start again to track it", subnet)
		n.SubnetID = subnet
		for _, node := range n.Running() {
			if err := node.Stop(); err != nil {
				return n, err
			}
		}
		if err := n.startNodes(ctx); err != nil {
			return n, err
		}
	}
	if err := n.createChains(ctx); err != nil {
		return n, err
	}
	for _, node := range n.Nodes[:options.Running] {
		if err := node.AwaitChain(ctx); err != nil {
			return n, err
		}
	}
	n.say("the chain is there: %s", n.ChainID)
	if n.EVMChainID != ids.Empty {
		n.say("the EVM chain is there: %s", n.EVMChainID)
	}
	return n, nil
}

func (n *Network) say(format string, args ...any) {
	fmt.Fprintf(n.options.Out, format+"\n", args...)
}

// Folder has the nodes' data and logs.
func (n *Network) Folder() string { return n.folder }

func (n *Network) subnetFolder() string { return filepath.Join(n.folder, "subnets") }

// prepare lays out the folder.
func (n *Network) prepare(ctx context.Context) error {
	module, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", nodeModule).Output()
	if err != nil {
		return fmt.Errorf("looking for the module %s: %w", nodeModule, err)
	}
	n.stakingFolder = filepath.Join(strings.TrimSpace(string(module)), stakingPath)
	if err := os.MkdirAll(n.subnetFolder(), 0o700); err != nil {
		return err
	}
	for index := range Size {
		node, err := newNode(n, index)
		if err != nil {
			return err
		}
		n.Nodes = append(n.Nodes, node)
	}
	return nil
}

// startNodes starts the nodes that are to run at first.
func (n *Network) startNodes(ctx context.Context) error {
	config := filepath.Join(n.subnetFolder(), n.SubnetID.String()+".json")
	if err := os.WriteFile(config, []byte(subnetConfig), 0o600); err != nil {
		return err
	}
	nodes := n.Nodes[:n.options.Running]
	for _, node := range nodes {
		if err := node.start(); err != nil {
			return err
		}
	}
	for _, node := range nodes {
		if err := node.AwaitHealthy(ctx); err != nil {
			return err
		}
	}
	n.say("%d nodes are healthy", len(nodes))
	return nil
}

// StartNode starts a node that is not running, and waits until it has caught up.
func (n *Network) StartNode(ctx context.Context, node *Node) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := node.start(); err != nil {
		return err
	}
	if err := node.AwaitHealthy(ctx); err != nil {
		return err
	}
	return node.AwaitChain(ctx)
}

// Running returns the nodes that run.
func (n *Network) Running() []*Node {
	var running []*Node
	for _, node := range n.Nodes {
		if node.Running() {
			running = append(running, node)
		}
	}
	return running
}

// Stop ends all nodes, and removes the folder unless it is to be kept.
func (n *Network) Stop(keep bool) error {
	var (
		group sync.WaitGroup
		all   = slices.Concat(n.Nodes, n.guests)
		errs  = make([]error, len(all))
	)
	for i, node := range all {
		group.Go(func() { errs[i] = node.Stop() })
	}
	group.Wait()
	err := errors.Join(errs...)
	if !keep {
		err = errors.Join(err, os.RemoveAll(n.folder))
	}
	return err
}
