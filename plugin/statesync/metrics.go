package statesync

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/chain"
)

// Metrics is what an operator watches: sessionvm_sync_received_bytes_total.
type Metrics struct{ prometheus.Counter }

// NewMetrics returns metrics to register.
func NewMetrics() *Metrics {
	return &Metrics{prometheus.NewCounter(prometheus.CounterOpts{
		Namespace: chain.Name, Subsystem: "sync", Name: "received_bytes_total", Help: "Bytes of state and blocks that were fetched from other nodes and verified.",
	})}
}

func (m *Metrics) received(bytes int) {
	if m != nil {
		m.Add(float64(bytes))
	}
}
