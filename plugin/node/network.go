package node

import (
	"context"
	"math"
	"runtime/debug"
	"time"

	"github.com/luxfi/ids"
	nodelog "github.com/luxfi/log"
	"github.com/luxfi/p2p"
	"github.com/luxfi/warp"
)

var _ warp.Handler = (*ChainVM)(nil)

// newNetwork returns the network that all messages between the nodes of the chain go
// through. It knows who is connected, and by the number that a message begins with whose it
// is: see p2p.TxGossipHandlerID. Whoever talks to other nodes adds a handler and makes a
// client.
func newNetwork(sender p2p.Sender) (*p2p.Network, error) {
	// Its log would hold whole messages of peers. It registers no metrics, whatever it gets.
	return p2p.NewNetwork(nodelog.NewNoOpLogger(), sender, nil, "")
}

// Connected says that a peer is there. Nodes call it for themselves too.
func (c *ChainVM) Connected(ctx context.Context, node ids.NodeID, _ interface{}) error {
	if node != c.nodeID {
		c.connected.Store(true)
		c.deliver("connected", node, func(network *p2p.Network) error { return network.Connected(ctx, node, nil) })
	}
	return nil
}

// Disconnected says that a peer has gone.
func (c *ChainVM) Disconnected(ctx context.Context, node ids.NodeID) error {
	c.deliver("disconnected", node, func(network *p2p.Network) error { return network.Disconnected(ctx, node) })
	return nil
}

// peers returns how many nodes this one is connected to.
func (c *ChainVM) peers() int {
	if c.network == nil {
		return 0
	}
	return len(c.network.Peers.Sample(math.MaxInt))
}

// Messages of other nodes. Each handler returns nil whatever it gets: the node stops a chain
// whose handler returns an error, and peers must not be able to do that.

// Request answers a peer's request through the sender.
func (c *ChainVM) Request(ctx context.Context, node ids.NodeID, request uint32, deadline time.Time, message []byte) ([]byte, *p2p.Error) {
	c.deliver("request", node, func(network *p2p.Network) error {
		if _, failure := network.Request(ctx, node, request, deadline, message); failure != nil {
			return failure
		}
		return nil
	})
	return nil, nil
}

// Response gives a peer's answer to who asked.
func (c *ChainVM) Response(ctx context.Context, node ids.NodeID, request uint32, message []byte) error {
	c.deliver("response", node, func(network *p2p.Network) error { return network.Response(ctx, node, request, message) })
	return nil
}

// RequestFailed tells who asked that there is no answer.
func (c *ChainVM) RequestFailed(ctx context.Context, node ids.NodeID, request uint32, failure *p2p.Error) error {
	if failure == nil {
		failure = p2p.ErrUnexpected
	}
	c.deliver("failed request", node, func(network *p2p.Network) error { return network.RequestFailed(ctx, node, request, failure) })
	return nil
}

// Gossip takes a message of a peer that wants no answer.
func (c *ChainVM) Gossip(ctx context.Context, node ids.NodeID, message []byte) error {
	c.deliver("gossip", node, func(network *p2p.Network) error { return network.Gossip(ctx, node, message) })
	return nil
}

// deliver gives something of a peer to the network. Nothing that goes wrong with it, not
// even a panic, reaches the node.
func (c *ChainVM) deliver(kind string, node ids.NodeID, to func(*p2p.Network) error) {
	if c.network == nil {
		return
	}
	defer func() {
		if cause := recover(); cause != nil {
			c.log.Error("panic in the handler of a peer's message", "kind", kind, "node", node, "panic", cause, "stack", string(debug.Stack()))
		}
	}()
	if err := to(c.network); err != nil {
		c.log.Debug("a peer's message came to nothing", "kind", kind, "node", node, "error", err)
	}
}
