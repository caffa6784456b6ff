package rpc

import "sync"

// budget bounds what all clients hold of something at a time: bytes in memory, calls that
// wait, connections. A client that holds some leaves at least as much free as it has then: one alone gets half, a
// hundred get a hundred-and-first each, and as much is left for whoever comes. This is the dynamic threshold of
// Choudhury and Hahne, 1998.
type budget[Client comparable] struct {
	mu    sync.Mutex
	size  int64
	used  int64
	holds map[Client]int64
}

func newBudget[Client comparable](size int64) *budget[Client] {
	return &budget[Client]{size: size, holds: make(map[Client]int64)}
}

// take reports whether a client gets n more. Then it must give them back.
func (b *budget[Client]) take(client Client, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	held, free := b.holds[client], b.size-b.used-n
	if free < 0 || held > 0 && held+n > free {
		return false
	}
	b.used += n
	b.holds[client] += n
	return true
}

func (b *budget[Client]) give(client Client, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	if b.holds[client] -= n; b.holds[client] <= 0 {
		delete(b.holds, client)
	}
}

// inUse returns how much is held, for the metrics.
func (b *budget[Client]) inUse() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return float64(b.used)
}
