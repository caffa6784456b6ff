package gossip

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

// checks is how many received transactions are checked at a time: half of the processors,
// so that clients and blocks have theirs.
func checks() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// received is a transaction that a peer has sent.
type received struct {
	tx      *chain.Transaction
	from    *peer
	by      string
	expires time.Time // when it is not tried again, if it is early
}

// intake is what was received and is not in the mempool.
type intake struct {
	queues []chan received // wait for their checks, each sender's in one, so that they keep their order

	mu     sync.Mutex
	queued usage
	of     map[*peer]usage // of the queue
	early  []received      // waits for the next block
	room   usage           // of early
	recent *lru.Cache[chain.Hash, time.Time]
}

// usage is how much of something is in use.
type usage struct{ count, bytes int }

func (u usage) plus(tx *chain.Transaction) usage {
	return usage{u.count + 1, u.bytes + len(tx.Bytes())}
}

func (u usage) minus(tx *chain.Transaction) usage {
	return usage{u.count - 1, u.bytes - len(tx.Bytes())}
}

func newIntake(checks int) *intake {
	recent, err := lru.New[chain.Hash, time.Time](recentSize)
	if err != nil {
		panic(err) // the size is positive
	}
	queues := make([]chan received, checks)
	for i := range queues {
		queues[i] = make(chan received, queueSize)
	}
	return &intake{queues: queues, of: make(map[*peer]usage), recent: recent}
}

// enqueue gives a transaction to who checks it, and until then it need not come again. False: there is
// no room for it.
func (i *intake) enqueue(r received) bool {
	i.mu.Lock() // held until it is marked: the mark that its checks make comes after
	defer i.mu.Unlock()
	all, of := i.queued.plus(r.tx), i.of[r.from].plus(r.tx)
	if all.count > queueSize || all.bytes > queueBytes || of.count > peerQueue || of.bytes > peerQueueBytes {
		return false
	}
	sender := senderOf(r.tx, sourceOf(r.from))
	i.queues[int(sender[0])%len(i.queues)] <- r // each holds queueSize
	i.queued, i.of[r.from] = all, of
	i.unwanted(r, time.Now(), queueTime)
	return true
}

// dequeued frees the room of a transaction that was taken from the queue.
func (i *intake) dequeued(r received) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.queued = i.queued.minus(r.tx)
	if i.of[r.from] = i.of[r.from].minus(r.tx); i.of[r.from].count == 0 {
		delete(i.of, r.from)
	}
}

// hold keeps an early transaction until takeEarly. False: there is no room.
func (i *intake) hold(r received) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	room := i.room.plus(r.tx)
	if room.count > earlySize || room.bytes > earlyBytes {
		return false
	}
	i.early, i.room = append(i.early, r), room
	return true
}

// takeEarly returns what hold has kept.
func (i *intake) takeEarly() []received {
	i.mu.Lock()
	defer i.mu.Unlock()
	early := i.early
	i.early, i.room = nil, usage{}
	return early
}

// unwanted says for how long a transaction need not come again. Filters say it to peers, so nothing is said of one that
// has come along its stem.
func (i *intake) unwanted(r received, now time.Time, wait time.Duration) {
	if r.by != byStem {
		i.recent.Add(r.tx.Leaf(), now.Add(wait))
	}
}

// wants reports whether a transaction is worth a look, whatever the chain holds.
func (i *intake) wants(tx *chain.Transaction, now time.Time) bool {
	until, ok := i.recent.Peek(tx.Leaf())
	return !ok || !now.Before(until)
}

// notWanted returns the leaves of what need not come again.
func (i *intake) notWanted(now time.Time) []chain.Hash {
	var leaves []chain.Hash
	for _, leaf := range i.recent.Keys() {
		if until, ok := i.recent.Peek(leaf); ok && now.Before(until) {
			leaves = append(leaves, leaf)
		}
	}
	return leaves
}

// receive takes the transactions of a peer's message as far as they are wanted.
func (g *Gossip) receive(from *peer, message []byte, by string) {
	transactions, err := parseTransactions(message)
	if err != nil {
		g.blame(from, err)
		return
	}
	g.metrics.received.WithLabelValues(by).Add(float64(len(transactions)))
	for i, encoded := range transactions {
		now := time.Now()
		if from.ignored(now) {
			g.metrics.dropped.WithLabelValues(dropIgnored).Add(float64(len(transactions) - i))
			return
		}
		// Cloned, because a transaction that stays must not keep the whole message.
		tx, err := chain.ParseTransaction(g.chain.Host().ChainID, bytes.Clone(encoded))
		switch {
		case err != nil:
			g.metrics.drop(dropInvalid)
			g.blame(from, err)
		case !g.intake.wants(tx, now) || g.chain.Holds(tx.ID()):
			g.metrics.drop(dropDuplicate)
		case !from.allows(tx, now):
			g.metrics.drop(dropRate)
		case !g.intake.enqueue(received{tx: tx, from: from, by: by, expires: now.Add(earlyTime)}):
			g.metrics.drop(dropFull)
		}
	}
}

// check checks what is in a queue.
func (g *Gossip) check(queue <-chan received) {
	for {
		select {
		case r := <-queue:
			g.intake.dequeued(r)
			g.admit(r)
		case <-g.ctx.Done():
			return
		}
	}
}

// admit gives a transaction to the mempool.
func (g *Gossip) admit(r received) {
	now := time.Now()
	if r.from.ignored(now) {
		g.metrics.drop(dropIgnored)
		return
	}
	height := g.height()
	added, err := g.offer(r)
	switch {
	case added:
		g.metrics.admitted.WithLabelValues(r.by).Inc()
		if r.by == byStem {
			g.relay(r)
		} else if r.by == byPush && g.large() && !g.outbox.pass(r.tx, now) {
			g.metrics.drop(dropFull)
		}
	case err == nil:
		g.metrics.drop(dropDuplicate)
	case invalid(err):
		g.intake.unwanted(r, now, invalidTime)
		g.metrics.drop(dropInvalid)
		g.blame(r.from, err)
	case early(err) && now.Before(r.expires) && g.intake.hold(r):
		g.intake.unwanted(r, now, r.expires.Sub(now))
		if g.height() != height { // a block came meanwhile
			g.retry()
		}
	default:
		g.intake.unwanted(r, now, staleTime)
		g.metrics.drop(dropStale)
	}
}

// offer gives a transaction to the chain. Nobody else catches a panic of its checks here.
func (g *Gossip) offer(r received) (added bool, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			g.log.Error("panic in the check of a peer's transaction", "transaction", r.tx.ID(), "panic", cause, "stack", string(debug.Stack()))
			added, err = false, fmt.Errorf("panic: %v", cause)
		}
	}()
	if r.by == byStem {
		return g.chain.ReceiveStem(r.tx, sourceOf(r.from))
	}
	return g.chain.Receive(r.tx, sourceOf(r.from))
}

// sourceOf names a peer as the mempool knows it.
func sourceOf(from *peer) vm.Source { return vm.Source("peer " + from.node.String()) }

// afterBlocks goes on with what has waited for a block, after each block.
func (g *Gossip) afterBlocks() {
	for {
		height := g.height()
		select {
		case <-g.chain.Accepted(height):
			g.retry()
			g.outbox.slide(time.Now(), g.waits)
		case <-time.After(pushTime):
			g.outbox.slide(time.Now(), g.waits)
		case <-g.ctx.Done():
			return
		}
	}
}

func (g *Gossip) retry() {
	for _, r := range g.intake.takeEarly() {
		if !g.intake.enqueue(r) {
			g.metrics.drop(dropFull)
		}
	}
}

func (g *Gossip) height() uint64 { return g.chain.Snapshot().Header().Height }

// invalid reports whether a transaction is wrong in itself. No honest node passes it on, whatever its
// state is. What is more than the rules allow is not: they change, and nodes do not get to the
// block that changes them at the same moment.
func invalid(err error) bool {
	return errors.Is(err, refusal.ErrBadSignature) || errors.Is(err, refusal.ErrKEMKey)
}

// early reports whether the state may take a transaction after the next blocks: it depends on
// one that this node has not accepted yet, or there is no room before.
func early(err error) bool {
	for _, reason := range []refusal.Reason{
		refusal.ErrNotRegistered, refusal.ErrUnknownSession, refusal.ErrUnknownChannel, refusal.ErrNotMember,
		refusal.ErrReceiptAhead, refusal.ErrKeyEpoch, refusal.ErrWork, refusal.ErrBucketBits, refusal.ErrChannelVersion,
		refusal.ErrMempoolFull, refusal.ErrMempoolSender,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
