package vm

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/chain"
)

// metrics are what an operator watches. Names begin with sessionvm_.
type metrics struct {
	transactions *prometheus.CounterVec // accepted, by kind
	refused      prometheus.Counter
	built        prometheus.Histogram
	verified     prometheus.Histogram
	committed    prometheus.Histogram

	registerer prometheus.Registerer
	registered []prometheus.Collector
}

// unregister takes the metrics back, so that none is read after the chain is closed, and
// another chain can be opened in its place.
func (m *metrics) unregister() {
	for _, collector := range m.registered {
		m.registerer.Unregister(collector)
	}
	m.registered = nil
}

func newMetrics(vm *VM, registerer prometheus.Registerer) (*metrics, error) {
	seconds := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: chain.Name, Name: name, Help: help,
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14), // 0.5 ms to 4 s
		})
	}
	m := &metrics{
		transactions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: chain.Name, Name: "accepted_transactions_total", Help: "Transactions in accepted blocks, by kind.",
		}, []string{"kind"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: chain.Name, Name: "refused_transactions_total", Help: "Submitted transactions that were refused.",
		}),
		built:     seconds("block_build_seconds", "Time to build a block."),
		verified:  seconds("block_verify_seconds", "Time to verify a block: to execute it, check its signatures and save its tree."),
		committed: seconds("block_commit_seconds", "Time to accept a block: to write and sync it."),
	}
	if m.registerer = registerer; registerer == nil {
		return m, nil
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: chain.Name, Name: name, Help: help}, value)
	}
	total := func(read func(*chain.Totals) uint64) func() float64 {
		return func() float64 {
			totals, err := vm.store.Latest().Totals()
			if err != nil {
				return 0
			}
			return float64(read(totals))
		}
	}
	for _, collector := range []prometheus.Collector{
		m.transactions, m.refused, m.built, m.verified, m.committed,
		gauge("height", "Height of the last accepted block.", func() float64 { return float64(vm.store.Last().Height) }),
		gauge("oldest_state_height", "Oldest height that proofs can be made at.", func() float64 { return float64(vm.store.Oldest()) }),
		gauge("damaged_blocks", "Blocks whose body was found damaged.", func() float64 { return float64(vm.store.Damaged()) }),
		gauge("oldest_block_height", "Oldest height whose block is held.", func() float64 { return float64(vm.store.Lowest()) }),
		gauge("last_block_timestamp_seconds", "Time of the last accepted block.", func() float64 { return float64(vm.store.Last().Timestamp) / 1000 }),
		gauge("mempool_transactions", "Transactions waiting for acceptance.", func() float64 { n, _ := vm.mempool.size(); return float64(n) }),
		gauge("mempool_bytes", "Bytes of transactions waiting for acceptance.", func() float64 { _, n := vm.mempool.size(); return float64(n) }),
		gauge("processing_blocks", "Blocks that are verified and not decided.", func() float64 { vm.mu.Lock(); defer vm.mu.Unlock(); return float64(len(vm.processing)) }),
		gauge("tree_leaves", "Leaves of the state tree.", func() float64 { return float64(vm.Snapshot().Leaves()) }),
		gauge("database_bytes", "Size of the database's folder.", func() float64 { return float64(folderBytes(vm.host.DataDir)) }),
		gauge("messages", "Messages in the tree.", total(func(t *chain.Totals) uint64 { return t.Messages - t.MessagesSwept })),
		gauge("active_sessions", "Active sessions.", total(func(t *chain.Totals) uint64 { return t.ActiveSessions })),
		gauge("pending_sessions", "Pending sessions.", total(func(t *chain.Totals) uint64 { return t.PendingSessions })),
		gauge("channels", "Channels.", total(func(t *chain.Totals) uint64 { return t.LiveChannels })),
		gauge("invitations", "Places for invitations that are taken.", total(func(t *chain.Totals) uint64 {
			_, taken := t.InvitationPlacesAt(vm.genesis, t.Timestamp)
			return taken
		})),
		gauge("identities", "Registered identities.", total(func(t *chain.Totals) uint64 { return t.LiveIdentities })),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: chain.Name, Name: "signatures_verified_total", Help: "ML-DSA-65 signatures that were checked."}, func() float64 { return float64(vm.verifier.verified.Load()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: chain.Name, Name: "cold_trees_total", Help: "State trees opened for a block that is no child of the last one executed."}, func() float64 { return float64(vm.store.ColdTrees()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: chain.Name, Name: "prune_errors_total", Help: "Failed attempts to prune old states or to forget old blocks; they are tried again."}, func() float64 { return float64(vm.store.PruneErrors()) }),
	} {
		if err := registerer.Register(collector); err != nil {
			m.unregister()
			return nil, fmt.Errorf("registering metrics: %w", err)
		}
		m.registered = append(m.registered, collector)
	}
	return m, nil
}

// accepted counts an accepted block.
func (m *metrics) accepted(blk *chain.Block, took time.Duration) {
	m.committed.Observe(took.Seconds())
	for _, tx := range blk.Transactions {
		m.transactions.WithLabelValues(reflect.TypeOf(tx.Body).Elem().Name()).Inc()
	}
}

// folderBytes returns the size of the files in a folder, as far as they can be read.
func folderBytes(folder string) (size int64) {
	if folder == "" {
		return 0
	}
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}
