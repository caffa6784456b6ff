package gossip

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/chain"
)

// How transactions come.
const (
	byPush = "push"
	byPull = "pull"
	byStem = "stem"
)

// What happens to transactions on their stems.
const (
	stemRelayed  = "relayed"  // sent on to the next node
	stemDiffused = "diffused" // it ends here
	stemExpired  = "expired"  // nobody else has spread it in time
)

// Why transactions, or whole messages, are dropped.
const (
	dropDuplicate = "duplicate" // held, or looked at lately
	dropInvalid   = "invalid"   // wrong in itself: the sender's fault
	dropStale     = "stale"     // the state or the mempool does not take it
	dropRate      = "rate"      // the peer sends too many
	dropFull      = "full"      // no room in a queue
	dropIgnored   = "ignored"   // the peer has sent too much that is invalid
	dropInactive  = "inactive"  // the chain is bootstrapping, or closed
	dropUnsent    = "unsent"    // the node does not take it
)

// metrics are what an operator watches. Names begin with sessionvm_gossip_.
type metrics struct {
	pushed   prometheus.Counter
	relayed  prometheus.Counter
	answered prometheus.Counter
	received *prometheus.CounterVec // by push, pull or stem
	admitted *prometheus.CounterVec // the same
	stem     *prometheus.CounterVec // by what happens
	dropped  *prometheus.CounterVec // transactions, by reason
	messages *prometheus.CounterVec // dropped whole, by reason
	ignored  prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	options := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: chain.Name, Subsystem: "gossip", Name: name, Help: help}
	}
	m := &metrics{
		pushed:   prometheus.NewCounter(options("pushed_transactions_total", "Transactions that this node pushed to validators first: submitted here, or at the end of their stem.")),
		relayed:  prometheus.NewCounter(options("relayed_transactions_total", "Transactions pushed here and passed on to validators.")),
		answered: prometheus.NewCounter(options("answered_transactions_total", "Transactions in answers to peers' pulls.")),
		received: prometheus.NewCounterVec(options("received_transactions_total", "Transactions of peers, by the way they came."), []string{"by"}),
		admitted: prometheus.NewCounterVec(options("admitted_transactions_total", "Transactions of peers that the mempool took, by the way they came."), []string{"by"}),
		stem:     prometheus.NewCounterVec(options("stem_transactions_total", "Transactions on their stems, by what this node did."), []string{"step"}),
		dropped:  prometheus.NewCounterVec(options("dropped_transactions_total", "Transactions that were not taken or not pushed, by reason."), []string{"reason"}),
		messages: prometheus.NewCounterVec(options("dropped_messages_total", "Messages of peers that were dropped whole, by reason."), []string{"reason"}),
		ignored:  prometheus.NewCounter(options("ignored_peers_total", "Times that a peer was ignored for a while.")),
	}
	for _, by := range []string{byPush, byPull, byStem} {
		m.received.WithLabelValues(by)
		m.admitted.WithLabelValues(by)
	}
	for _, step := range []string{stemRelayed, stemDiffused, stemExpired} {
		m.stem.WithLabelValues(step)
	}
	for _, reason := range []string{dropDuplicate, dropInvalid, dropStale, dropRate, dropFull, dropIgnored, dropInactive, dropUnsent} {
		m.dropped.WithLabelValues(reason)
	}
	for _, reason := range []string{dropRate, dropIgnored, dropInactive} {
		m.messages.WithLabelValues(reason)
	}
	if registerer == nil {
		return m, nil
	}
	for _, collector := range []prometheus.Collector{m.pushed, m.relayed, m.answered, m.received, m.admitted, m.stem, m.dropped, m.messages, m.ignored} {
		if err := registerer.Register(collector); err != nil {
			return nil, fmt.Errorf("registering metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) drop(reason string)        { m.dropped.WithLabelValues(reason).Inc() }
func (m *metrics) dropMessage(reason string) { m.messages.WithLabelValues(reason).Inc() }
