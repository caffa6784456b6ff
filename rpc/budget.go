package rpc

import "sync"

// budget bounds the bytes in memory that all clients' requests hold at a time. A client that holds some leaves at
// least as much free as it has then: one alone gets half. This is the dynamic threshold of Choudhury and Hahne, 1998.
// Who came first keeps what it has until it gives that back.
type budget struct {
	mu    sync.Mutex
	size  int64
	used  int64
	holds map[*allowance]int64
}

func newBudget(size int64) *budget {
	return &budget{size: size, holds: make(map[*allowance]int64)}
}

// take reports whether a client gets n more. Then it must give them back.
func (b *budget) take(client *allowance, n int64) bool {
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

func (b *budget) give(client *allowance, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	if b.holds[client] -= n; b.holds[client] <= 0 {
		delete(b.holds, client)
	}
}

// inUse returns how much is held, for the metrics.
func (b *budget) inUse() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return float64(b.used)
}
