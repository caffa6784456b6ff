package gossip

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/luxfi/p2p"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/vm"
)

// outbox is what waits to be pushed.
type outbox struct {
	mu        sync.Mutex
	submitted *fairQueue
	window    []pushed      // in the order in which they were pushed
	bytes     int           // of the window
	relays    []relay       // in the order in which they are due
	filled    chan struct{} // has a value when something new may be there
}

// pushed is a transaction that was pushed from here and that no block has.
type pushed struct {
	tx *chain.Transaction
	at time.Time
}

// relay is a transaction that was pushed here, to be passed on.
type relay struct {
	tx  *chain.Transaction
	due time.Time
}

func newOutbox() *outbox {
	return &outbox{submitted: newFairQueue(), filled: make(chan struct{}, 1)}
}

// submit adds what is spread from here first, and returns how many there was no room for.
func (o *outbox) submit(tx *chain.Transaction, source vm.Source) (dropped int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dropped = o.submitted.add(tx, source)
	o.wake()
	return dropped
}

// pass adds what was pushed here. False: there is no room.
func (o *outbox) pass(tx *chain.Transaction, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.relays) == outboxSize {
		return false
	}
	o.relays = append(o.relays, relay{tx, now.Add(relayDelay)})
	if len(o.relays) == 1 {
		o.wake()
	}
	return true
}

func (o *outbox) wake() {
	select {
	case o.filled <- struct{}{}:
	default:
	}
}

// takeSubmitted takes what one message can hold and the window has room for.
func (o *outbox) takeSubmitted(now time.Time) (taken []*chain.Transaction) {
	o.mu.Lock()
	defer o.mu.Unlock()
	size := 0
	for len(taken) < maxMessageTransactions && o.bytes < pushWindow {
		next := o.submitted.first()
		if next == nil {
			break
		}
		if size += len(next.Bytes()); size > maxPushBytes && len(taken) > 0 {
			break
		}
		taken = append(taken, next)
		o.window = append(o.window, pushed{next, now})
		o.bytes += len(next.Bytes())
		o.submitted.pop()
	}
	return taken
}

// slide forgets what need not be pushed, or was pushed and counts no more: what no longer waits for
// a block, and what has waited for pushTime.
func (o *outbox) slide(now time.Time, waits func(*chain.Transaction) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.submitted.keep(waits)
	o.window = slices.DeleteFunc(o.window, func(p pushed) bool { return now.Sub(p.at) >= pushTime || !waits(p.tx) })
	o.bytes = 0
	for _, p := range o.window {
		o.bytes += len(p.tx.Bytes())
	}
	o.wake()
}

// takeRelays takes what is due and wanted, as much as one message can hold, and says how
// long it is until more is due; 0: nothing is.
func (o *outbox) takeRelays(now time.Time, wanted func(*chain.Transaction) bool) (taken []*chain.Transaction, wait time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	size := 0
	for len(o.relays) > 0 && len(taken) < maxMessageTransactions {
		next := o.relays[0]
		if wait := next.due.Sub(now); wait > 0 {
			return taken, wait
		}
		if wanted(next.tx) {
			if size += len(next.tx.Bytes()); size > maxPushBytes && len(taken) > 0 {
				return taken, time.Nanosecond
			}
			taken = append(taken, next.tx)
		}
		if o.relays = o.relays[1:]; len(o.relays) == 0 {
			o.relays = nil
		}
	}
	if len(o.relays) > 0 {
		wait = time.Nanosecond
	}
	return taken, wait
}

// push empties the outbox. What comes while a message is being handed to the node shares the
// next one.
func (g *Gossip) push() {
	for g.ctx.Err() == nil {
		submitted := g.outbox.takeSubmitted(time.Now())
		g.send(g.client, submitted, p2p.SendConfig{Validators: pushValidators}, g.metrics.pushed)
		relays, wait := g.outbox.takeRelays(time.Now(), g.waits)
		g.send(g.client, relays, p2p.SendConfig{Validators: relayValidators}, g.metrics.relayed)
		if len(submitted) > 0 || len(relays) > 0 {
			continue
		}
		var due <-chan time.Time
		if wait > 0 {
			due = time.After(wait)
		}
		select {
		case <-g.outbox.filled:
		case <-due:
		case <-g.ctx.Done():
		}
	}
}

// waits reports whether a transaction is in no block yet.
func (g *Gossip) waits(tx *chain.Transaction) bool {
	return g.chain.Waits(tx.ID())
}

// send sends transactions to connected validators that the node chooses, or to a node.
func (g *Gossip) send(client *p2p.Client, transactions []*chain.Transaction, to p2p.SendConfig, sent prometheus.Counter) {
	if len(transactions) == 0 {
		return
	}
	if !g.active() {
		g.metrics.dropped.WithLabelValues(dropInactive).Add(float64(len(transactions)))
		return
	}
	var message []byte
	for _, tx := range transactions {
		message = appendTransaction(message, tx)
	}
	if err := client.Gossip(context.Background(), to, message); err != nil {
		g.log.Debug("the node takes no gossip", "transactions", len(transactions), "error", err)
		g.metrics.dropped.WithLabelValues(dropUnsent).Add(float64(len(transactions)))
		return
	}
	sent.Add(float64(len(transactions)))
}
