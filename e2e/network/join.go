package network

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// AddNode adds a node that is no validator, and does not start it. Stop ends it with the others.
func (n *Network) AddNode() (*Node, error) {
	node, err := newNode(n, Size+len(n.guests))
	if err == nil {
		n.guests = append(n.guests, node)
	}
	return node, err
}

// Joined is how long a node took to join the chain.
type Joined struct {
	// Node is from its start to the start of its plugin's chain, Chain from there until it takes part.
	Node, Chain time.Duration
}

func (j Joined) String() string {
	return fmt.Sprintf("%.1f s (and %.1f s before, for the node itself)", j.Chain.Seconds(), j.Node.Seconds())
}

// Join starts a node, and waits until it takes part in the chain.
func (n *Network) Join(ctx context.Context, node *Node) (joined Joined, err error) {
	ctx, cancel := context.WithTimeout(ctx, joinTimeout)
	defer cancel()
	before, err := os.ReadFile(node.Log())
	if err != nil && !os.IsNotExist(err) {
		return joined, err
	}
	started := time.Now()
	if err := node.start(); err != nil {
		return joined, err
	}
	for joined.Node == 0 {
		log, err := os.ReadFile(node.Log())
		if err != nil {
			return joined, err
		}
		if strings.Contains(string(log[len(before):]), "chain opened") {
			joined.Node = time.Since(started)
		}
		select {
		case <-time.After(healthPoll):
		case <-node.ended:
			return joined, fmt.Errorf("node %d has ended: see %s", node.Index+1, node.Log())
		case <-ctx.Done():
			return joined, fmt.Errorf("node %d has not opened the chain: %w: see %s", node.Index+1, ctx.Err(), node.Log())
		}
	}
	err = node.AwaitChain(ctx)
	joined.Chain = time.Since(started) - joined.Node
	return joined, err
}
