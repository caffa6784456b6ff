package gossip

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/math/set"
	"github.com/luxfi/p2p"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/vm"
)

// stemHandler takes what peers send along stems.
type stemHandler struct{ g *Gossip }

// Gossip implements p2p.Handler.
func (h stemHandler) Gossip(_ context.Context, node ids.NodeID, message []byte) {
	h.g.accept(node, message, byStem)
}

// Request implements p2p.Handler: there are none.
func (stemHandler) Request(context.Context, ids.NodeID, time.Time, []byte) ([]byte, *p2p.Error) {
	return nil, p2p.ErrUnexpected
}

// Submitted sends a transaction along a stem, or else to validators, that a client has submitted here. It does not block.
func (g *Gossip) Submitted(tx *chain.Transaction, source vm.Source) {
	if !g.stem.take(tx, client, source, time.Now()) {
		g.diffuse(tx, source)
	}
}

// walk sends transactions along their stems, and ends those that take too long.
func (g *Gossip) walk() {
	refresh := time.NewTicker(stemRefresh)
	defer refresh.Stop()
	for sweep := (<-chan time.Time)(nil); ; {
		if sweep == nil && g.stem.busy() {
			sweep = time.After(stemSweep)
		}
		select {
		case now := <-refresh.C:
			connected := g.network.Peers.Sample(math.MaxInt)
			if g.chain.Config().Stem && g.stem.refresh(now, connected) {
				g.stem.choose(g.stemCandidates(connected))
			}
		case now := <-sweep:
			sweep = nil
			for _, w := range g.stem.sweep(now, g.chain.OnStem) {
				if g.diffuse(w.tx, w.source) {
					g.metrics.stem.WithLabelValues(stemExpired).Inc()
				}
			}
		case <-g.stem.filled:
		case <-g.ctx.Done():
			return
		}
		for to, taken := g.stem.next(time.Now()); len(taken) > 0; to, taken = g.stem.next(time.Now()) {
			g.send(g.stemClient, taken, p2p.SendConfig{NodeIDs: set.Of(to)}, g.metrics.stem.WithLabelValues(stemRelayed))
		}
	}
}

// relay takes what a peer has sent along its stem a step on, or ends its stem.
func (g *Gossip) relay(r received) {
	if source := sourceOf(r.from); !g.stem.take(r.tx, r.from.node, source, time.Now()) && g.diffuse(r.tx, source) {
		g.metrics.stem.WithLabelValues(stemDiffused).Inc()
	}
}

// diffuse ends a transaction's stem, if it is on it, and spreads it from here.
func (g *Gossip) diffuse(tx *chain.Transaction, source vm.Source) bool {
	if !g.chain.Diffuse(tx.ID()) {
		return false
	}
	g.metrics.dropped.WithLabelValues(dropFull).Add(float64(g.outbox.submit(tx, source)))
	return true
}

// stemCandidates returns those of the connected nodes to whom stems may go: validators, because others cost nothing to
// run, or all where the chain does not know its validators.
func (g *Gossip) stemCandidates(connected []ids.NodeID) []ids.NodeID {
	now := time.Now()
	candidates := slices.DeleteFunc(slices.Clone(connected), func(node ids.NodeID) bool { return g.peers.get(node).ignored(now) })
	validators, _, err := g.chain.CurrentValidators(g.ctx)
	if err != nil {
		return candidates
	}
	validates := make(map[ids.NodeID]bool)
	for i := range validators.Len() {
		for _, node := range validators.Nodes(i) {
			validates[node] = true
		}
	}
	return slices.DeleteFunc(candidates, func(node ids.NodeID) bool { return !validates[node] })
}
