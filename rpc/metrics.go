package rpc

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
)

// metrics are what an operator watches at the door. Names begin with sessionvm_rpc_.
type metrics struct {
	seconds  map[string]prometheus.Observer // by method
	errors   *prometheus.CounterVec         // by code
	refused  *prometheus.CounterVec         // by limit
	received prometheus.Counter
	sent     prometheus.Counter

	collectors []prometheus.Collector
}

// batchOfTransactions names POST /transactions among the methods.
const batchOfTransactions = "/transactions"

func newMetrics(s *service) *metrics {
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: chain.Name, Subsystem: "rpc", Name: name, Help: help}
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: chain.Name, Subsystem: "rpc", Name: name, Help: help}, value)
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: chain.Name, Subsystem: "rpc", Name: "seconds", Help: "Time of calls, waiting included, by method.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 4, 9), // 0.5 ms to 33 s
	}, []string{"method"})
	m := &metrics{
		seconds:  make(map[string]prometheus.Observer),
		errors:   prometheus.NewCounterVec(counter("errors_total", "Calls and requests answered with an error, by code."), []string{"code"}),
		refused:  prometheus.NewCounterVec(counter("refused_total", "Calls and requests refused by a limit, by limit."), []string{"limit"}),
		received: prometheus.NewCounter(counter("received_bytes_total", "Bytes of bodies received.")),
		sent:     prometheus.NewCounter(counter("sent_bytes_total", "Bytes of answers sent.")),
	}
	for name := range methods {
		m.seconds[name] = seconds.WithLabelValues(name)
	}
	for _, path := range []string{batchOfTransactions, CertificatePath} {
		m.seconds[path] = seconds.WithLabelValues(path)
	}
	m.errors.WithLabelValues(strconv.Itoa(int(client.CodeInternalError)))
	for _, limit := range []string{"calls", "unsigned", "certificates", "bytes", "waiting"} {
		m.refused.WithLabelValues(limit)
	}
	m.collectors = []prometheus.Collector{
		seconds, m.errors, m.refused, m.received, m.sent,
		gauge("waiting", "Calls that wait for a block or for signatures.", s.waiters.InUse),
		gauge("bytes_in_flight", "Bytes of large bodies and of answers in memory.", s.memory.InUse),
	}
	return m
}

func (m *metrics) failed(code int) { m.errors.WithLabelValues(strconv.Itoa(code)).Inc() }
