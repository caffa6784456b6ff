package node

import (
	"context"
	"sync"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/p2p"
	"github.com/luxfi/warp"
)

var _ warp.Handler = (*ChainVM)(nil)

// peers are the nodes that this one is connected to.
type peers struct {
	mu    sync.Mutex
	nodes map[ids.NodeID]struct{}
}

func (p *peers) add(node ids.NodeID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.nodes == nil {
		p.nodes = make(map[ids.NodeID]struct{})
	}
	p.nodes[node] = struct{}{}
}

func (p *peers) remove(node ids.NodeID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.nodes, node)
}

func (p *peers) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.nodes)
}

// Connected says that a peer is there.
func (c *ChainVM) Connected(_ context.Context, node ids.NodeID, _ interface{}) error {
	c.peers.add(node)
	return nil
}

// Disconnected says that a peer has gone.
func (c *ChainVM) Disconnected(_ context.Context, node ids.NodeID) error {
	c.peers.remove(node)
	return nil
}

// Messages between the nodes of a chain. The chain sends none; what comes is from other
// software. Each handler returns nil whatever it gets: the node stops a chain whose handler
// returns an error, and peers must not be able to do that.

// Request tells the peer that nobody here answers, so that it need not wait.
func (c *ChainVM) Request(ctx context.Context, node ids.NodeID, request uint32, _ time.Time, message []byte) ([]byte, *p2p.Error) {
	c.log.Debug("unknown request of a peer", "node", node, "request", request, "bytes", len(message))
	if c.sender != nil {
		refusal := p2p.ErrUnregisteredHandler
		if err := c.sender.SendError(ctx, node, request, refusal.Code, refusal.Message); err != nil {
			c.log.Debug("a peer's request is not answered", "node", node, "request", request, "error", err)
		}
	}
	return nil, nil
}

// Response drops an answer to a request that nobody made.
func (c *ChainVM) Response(_ context.Context, node ids.NodeID, request uint32, message []byte) error {
	c.log.Debug("unknown response of a peer", "node", node, "request", request, "bytes", len(message))
	return nil
}

// RequestFailed drops the failure of a request that nobody made.
func (c *ChainVM) RequestFailed(_ context.Context, node ids.NodeID, request uint32, failure *p2p.Error) error {
	c.log.Debug("unknown failed request", "node", node, "request", request, "error", failure)
	return nil
}

// Gossip drops a message that nobody here knows.
func (c *ChainVM) Gossip(_ context.Context, node ids.NodeID, message []byte) error {
	c.log.Debug("unknown gossip of a peer", "node", node, "bytes", len(message))
	return nil
}
