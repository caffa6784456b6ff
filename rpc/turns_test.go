package rpc

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/luxfi/session/client"
)

// queue takes turns in the background, and says in which order they come.
type queue struct {
	t     testing.TB
	turns *turns
	given chan string
}

// wait has a call of a client wait, and returns once it does.
func (q *queue) wait(ctx context.Context, client *allowance) {
	waiting := func() (n int) {
		q.turns.mu.Lock()
		defer q.turns.mu.Unlock()
		for _, l := range q.turns.lines {
			n += len(l.calls)
		}
		return n
	}
	before := waiting()
	go func() {
		if q.turns.take(ctx, client) == nil {
			q.given <- client.key
		} else {
			q.given <- "none"
		}
	}()
	require.Eventually(q.t, func() bool { return waiting() == before+1 }, 10*time.Second, time.Microsecond)
}

// TestWhoHasWorkedLeastIsNext: however many calls of others wait, and whatever they cost.
func TestWhoHasWorkedLeastIsNext(t *testing.T) {
	ctx := context.Background()
	q := &queue{t, newTurns(1), make(chan string)}
	greedy, heavy, seldom := &allowance{key: "greedy"}, &allowance{key: "heavy"}, &allowance{key: "seldom"}
	require.NoError(t, q.turns.take(ctx, greedy))
	for range 20 {
		q.wait(ctx, greedy)
	}
	q.wait(ctx, heavy)
	q.turns.give(greedy, 10*time.Millisecond)
	require.Equal(t, "heavy", <-q.given, "the other one has worked")
	for range 4 {
		q.wait(ctx, heavy)
	}
	q.turns.give(heavy, 105*time.Millisecond)
	for range 9 {
		require.Equal(t, "greedy", <-q.given, "ten turns of the one cost what one of the other does")
		q.turns.give(greedy, 10*time.Millisecond)
	}
	require.Equal(t, "greedy", <-q.given)
	q.wait(ctx, seldom)
	q.turns.give(greedy, time.Second)
	require.Equal(t, "seldom", <-q.given, "at once")
	q.turns.give(seldom, 0)
	require.Equal(t, "heavy", <-q.given)
	q.turns.give(heavy, time.Hour)
	for range 10 {
		require.Equal(t, "greedy", <-q.given)
		q.turns.give(greedy, time.Second)
	}
	require.Equal(t, "heavy", <-q.given, "nobody else waits")
	q.turns.give(heavy, 0)
	for range 2 {
		require.Equal(t, "heavy", <-q.given)
		q.turns.give(heavy, 0)
	}
	require.Equal(t, 1, q.turns.free)
	require.Empty(t, q.turns.lines)
}

// TestNoTurnIsLost: calls that come, work, and are given up at any time leave all turns free.
func TestNoTurnIsLost(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.IntRange(1, 3).Draw(r, "turns")
		q := &queue{t, newTurns(size), make(chan string, 100)}
		clients := map[string]*allowance{"a": {key: "a"}, "b": {key: "b"}, "c": {key: "c"}}
		pick := rapid.SampledFrom([]string{"a", "b", "c"})
		var working []string
		var cancels []context.CancelFunc
		settle := func() {
			for {
				select {
				case who := <-q.given:
					if who != "none" {
						working = append(working, who)
					}
				case <-time.After(200 * time.Microsecond):
					return
				}
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"come": func(r *rapid.T) {
				ctx, cancel := context.WithCancel(context.Background())
				cancels = append(cancels, cancel)
				client := clients[pick.Draw(r, "client")]
				go func() {
					if q.turns.take(ctx, client) == nil {
						q.given <- client.key
					} else {
						q.given <- "none"
					}
				}()
				settle()
			},
			"give up": func(r *rapid.T) {
				if len(cancels) > 0 {
					cancels[rapid.IntRange(0, len(cancels)-1).Draw(r, "call")]()
				}
			},
			"end": func(r *rapid.T) {
				settle()
				if len(working) > 0 {
					q.turns.give(clients[working[0]], time.Duration(rapid.IntRange(0, 1e9).Draw(r, "worked")))
					working = working[1:]
				}
			},
			"": func(r *rapid.T) {
				q.turns.mu.Lock()
				defer q.turns.mu.Unlock()
				if q.turns.free > 0 && len(q.turns.lines) > 0 || q.turns.free > size {
					r.Fatalf("%d turns free, %d clients wait", q.turns.free, len(q.turns.lines))
				}
			},
		})
		for _, cancel := range cancels {
			cancel()
		}
		require.Eventually(r, func() bool {
			settle()
			for _, who := range working {
				q.turns.give(clients[who], 0)
			}
			working = nil
			q.turns.mu.Lock()
			defer q.turns.mu.Unlock()
			return q.turns.free == size && len(q.turns.lines) == 0
		}, 10*time.Second, time.Millisecond)
	})
}

// TestALargeBodyWaitsForItsTurn: to decode it is work, and counts as its client's. A small one does not wait.
func TestALargeBodyWaitsForItsTurn(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	turns, other := c.service.turns, &allowance{key: "other"}
	for turns.free > 0 {
		require.NoError(t, turns.take(t.Context(), other))
	}
	r := c.newRequest()
	require.EqualValues(t, client.CodeParseError, c.decodeOne(joined(r.answerCalls(t.Context(), []byte("no JSON")))).code())
	answered := make(chan []byte, 1)
	go func() {
		answered <- joined(r.answerCalls(t.Context(), []byte(strings.Repeat("[", smallBody+1))))
	}()
	require.Eventually(t, func() bool {
		turns.mu.Lock()
		defer turns.mu.Unlock()
		return len(turns.lines) == 1
	}, 10*time.Second, time.Millisecond)
	turns.give(other, 0)
	require.EqualValues(t, client.CodeParseError, c.decodeOne(<-answered).code())
	require.Equal(t, 1, turns.free)
}

// TestATurnCountsUntilItEnds: a client that has worked is behind one that has not.
func TestATurnCountsUntilItEnds(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	r := c.newRequest()
	before := r.client.worked
	require.NoError(t, r.acquire(t.Context()))
	time.Sleep(20 * time.Millisecond)
	r.release()
	require.GreaterOrEqual(t, r.client.worked-before, 20*time.Millisecond)
}

func joined(answer response) []byte { return bytes.Join(answer.parts, nil) }
