package rpc

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// leastTurn is what a turn counts until it is over.
const leastTurn = time.Millisecond

// turns bounds how many calls work at a time, and is fair about whose is next: that of the waiting
// client that has worked least, in time. A client that seldom calls is next at once, however many
// calls of others wait. This is start-time fair queueing (Goyal, Vin and Cheng, 1996).
type turns struct {
	mu      sync.Mutex
	free    int
	virtual time.Duration // when the last turn began, in the time that a client works
	lines   []*line
}

// line is the waiting calls of one client, in the order of their arrival.
type line struct {
	client *allowance
	calls  []chan struct{} // closed when it is the call's turn
}

func newTurns(n int) *turns { return &turns{free: n} }

// take waits for a turn of a client's call. What was taken must be given back.
func (t *turns) take(ctx context.Context, client *allowance) error {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.begin(client)
		t.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	i := slices.IndexFunc(t.lines, func(l *line) bool { return l.client == client })
	if i < 0 {
		i = len(t.lines)
		t.lines = append(t.lines, &line{client: client})
	}
	l := t.lines[i]
	l.calls = append(l.calls, turn)
	t.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(l.calls, turn); i >= 0 {
		t.remove(l, i)
	} else { // its turn has come just now
		t.next()
	}
	return ctx.Err()
}

// give ends a turn that took so long.
func (t *turns) give(client *allowance, worked time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	client.worked += max(worked-leastTurn, 0)
	t.next()
}

// next gives the turn that is free to who is next.
func (t *turns) next() {
	if len(t.lines) == 0 {
		t.free++
		return
	}
	l := slices.MinFunc(t.lines, func(a, b *line) int { return cmp.Compare(t.start(a.client), t.start(b.client)) })
	t.begin(l.client)
	close(l.calls[0])
	t.remove(l, 0)
}

// start returns when a client's next turn begins.
func (t *turns) start(client *allowance) time.Duration { return max(t.virtual, client.worked) }

func (t *turns) begin(client *allowance) {
	t.virtual = t.start(client)
	client.worked = t.virtual + leastTurn
}

func (t *turns) remove(l *line, call int) {
	if l.calls = slices.Delete(l.calls, call, call+1); len(l.calls) == 0 {
		t.lines = slices.DeleteFunc(t.lines, func(other *line) bool { return other == l })
	}
}
