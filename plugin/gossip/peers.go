package gossip

import (
	"math"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"
	"golang.org/x/time/rate"

	"github.com/luxfi/session/chain"
)

// peers remembers how peers behave. A peer that comes back is the one that it was.
type peers struct {
	mu    sync.Mutex
	known *lru.Cache[ids.NodeID, *peer]
}

// peer is what one peer may send, and what it has done.
type peer struct {
	node         ids.NodeID
	bytes        *rate.Limiter
	transactions *rate.Limiter
	unsigned     *rate.Limiter
	pulls        *rate.Limiter

	mu           sync.Mutex
	score        float64 // faults, as of scored
	scored       time.Time
	ignoredUntil time.Time
}

func newPeers() *peers {
	known, err := lru.New[ids.NodeID, *peer](rememberedPeers)
	if err != nil {
		panic(err) // the size is positive
	}
	return &peers{known: known}
}

func (p *peers) get(node ids.NodeID) *peer {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.known.Get(node)
	if !ok {
		known = &peer{
			node:         node,
			bytes:        rate.NewLimiter(peerBytes, peerBytes),
			transactions: rate.NewLimiter(peerTransactions, peerTransactionsBurst),
			unsigned:     rate.NewLimiter(peerUnsigned, peerUnsignedBurst),
			pulls:        rate.NewLimiter(peerPulls, peerPullsBurst),
		}
		p.known.Add(node, known)
	}
	return known
}

// allows reports whether the peer may send a transaction that is new here.
func (p *peer) allows(tx *chain.Transaction, now time.Time) bool {
	signed := tx.Signs() && tx.Registration == nil
	return p.transactions.AllowN(now, 1) && (signed || p.unsigned.AllowN(now, 1))
}

// blame adds a fault, and reports whether the peer is ignored from now on because of it.
func (p *peer) blame(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.score = p.score*math.Exp2(-float64(now.Sub(p.scored))/float64(scoreHalfLife)) + 1
	p.scored = now
	if p.score < maxScore || now.Before(p.ignoredUntil) {
		return false
	}
	p.ignoredUntil = now.Add(ignoreTime)
	return true
}

// ignored reports whether nothing of the peer is looked at.
func (p *peer) ignored(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Before(p.ignoredUntil)
}
