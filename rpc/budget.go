package rpc

import "sync"

// budget bounds what all clients hold of something at a time: bytes in memory, calls that
// wait, connections. One client gets at most half of it, so that no client can shut out the others.
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
	if held := b.holds[client]; b.used+n > b.size || held > 0 && held+n > (b.size+1)/2 {
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
