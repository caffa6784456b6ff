package gossip

import (
	"context"
	"maps"
	"math/rand/v2"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/math/set"
	"github.com/luxfi/p2p"
)

// pull asks a peer every now and then for what this node lacks.
func (g *Gossip) pull() {
	for {
		// Not in step with others, nor always with the same.
		wait := time.Duration((0.75 + rand.Float64()/2) * float64(pullInterval))
		select {
		case <-time.After(wait):
		case <-g.ctx.Done():
			return
		}
		// More than a block can take would only take the place of blocks on the links.
		if g.active() && !g.chain.FillsBlock() {
			g.ask()
		}
	}
}

// ask sends a filter to one connected peer.
func (g *Gossip) ask() {
	node, ok := g.choose()
	if !ok {
		return
	}
	request, err := newFilterRequest(g.chain.MempoolIDs(), g.intake.notWanted(time.Now()))
	if err == nil {
		err = g.client.Request(context.Background(), set.Of(node), request, func(_ context.Context, _ ids.NodeID, answer []byte, err error) {
			g.answered(node, answer, err)
		})
	}
	if err != nil {
		g.log.Debug("no pull", "node", node, "error", err)
		g.settle(node)
	}
}

// choose takes a peer at random that owes no answer and is not ignored.
func (g *Gossip) choose() (ids.NodeID, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(g.asked, func(_ ids.NodeID, since time.Time) bool { return now.Sub(since) > answerTime })
	if len(g.asked) >= maxAsked {
		return ids.EmptyNodeID, false
	}
	for _, node := range g.network.Peers.Sample(2 * maxAsked) {
		if _, owes := g.asked[node]; !owes && !g.peers.get(node).ignored(now) {
			g.asked[node] = now
			return node, true
		}
	}
	return ids.EmptyNodeID, false
}

// settle forgets that a peer owes an answer.
func (g *Gossip) settle(node ids.NodeID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.asked, node)
}

// answered takes a peer's answer to a pull.
func (g *Gossip) answered(node ids.NodeID, message []byte, err error) {
	g.settle(node)
	if err != nil {
		g.log.Debug("a pull has no answer", "node", node, "error", err)
		return
	}
	if !g.active() {
		g.metrics.dropMessage(dropInactive)
		return
	}
	g.receive(g.peers.get(node), message, byPull)
}

// answer returns what waits here and a filter does not hide, the oldest first.
func (g *Gossip) answer(known *filter) (message []byte) {
	count, size := 0, 0
	for _, tx := range g.chain.Waiting() {
		if known.hides(tx) {
			continue
		}
		if size += len(tx.Bytes()); count == maxMessageTransactions || size > maxAnswerBytes && count > 0 {
			break
		}
		message = appendTransaction(message, tx)
		count++
	}
	g.metrics.answered.Add(float64(count))
	return message
}

// Request implements p2p.Handler: a peer pulls.
func (g *Gossip) Request(_ context.Context, node ids.NodeID, _ time.Time, message []byte) ([]byte, *p2p.Error) {
	from, now := g.peers.get(node), time.Now()
	switch {
	case !g.active():
		g.metrics.dropMessage(dropInactive)
		return nil, errInactive
	case from.ignored(now):
		g.metrics.dropMessage(dropIgnored)
		return nil, p2p.ErrThrottled
	case !from.pulls.AllowN(now, 1):
		g.metrics.dropMessage(dropRate)
		return nil, p2p.ErrThrottled
	}
	known, err := parseFilterRequest(message)
	if err != nil {
		g.blame(from, err)
		return nil, p2p.ErrUnexpected
	}
	return g.answer(known), nil
}
