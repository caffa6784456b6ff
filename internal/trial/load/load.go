package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
	"github.com/luxfi/session/refusal"
)

const (
	// answerWait is how long a node is asked to wait for a message's block.
	answerWait = 10 * time.Second
	// refusedPause is after what somebody tries again whom a node has refused.
	refusedPause = 100 * time.Millisecond
	// emptying is how long what is in flight at the end of a run gets, and again what waits in mempools then.
	emptying = 60 * time.Second
	// emptyFor is how long no message is accepted before the mempools count as empty.
	emptyFor = 3 * time.Second
)

// errLate is what the answer to a message says that is not accepted within answerWait. It may be later.
var errLate = errors.New("not accepted yet")

// load is people with a session each, and a client for each node.
type load struct {
	nodes     []*client.Client
	addresses []string
	people    []*trial.Person
	// sessions are the people's.
	sessions []ids.ID
	size     int
}

// prepare makes the people and their sessions, and waits until all nodes have them.
func prepare(ctx context.Context, nodes []string, senders, size int) (*load, error) {
	l := &load{addresses: nodes, size: size}
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 8192,
	}
	for _, node := range nodes {
		c, err := client.New(node, client.Options{HTTPClient: &http.Client{Transport: transport}, Timeout: time.Minute})
		if err != nil {
			return nil, err
		}
		l.nodes = append(l.nodes, c)
	}
	for i := range senders {
		person, err := trial.NewPerson(nodes[i%len(nodes)], 0)
		if err == nil {
			person.Client = l.nodes[i%len(nodes)]
			err = person.Register(ctx)
		}
		if err != nil {
			return nil, fmt.Errorf("registering: %w", err)
		}
		l.people = append(l.people, person)
	}
	for i, person := range l.people {
		session, err := person.Session(ctx, l.people[(i+1)%senders].ID())
		if err != nil {
			return nil, fmt.Errorf("making a session: %w", err)
		}
		l.sessions = append(l.sessions, session)
	}
	for _, node := range l.nodes {
		for {
			_, err := node.GetSession(ctx, client.GetSessionParams{SessionID: l.sessions[senders-1]})
			if err == nil {
				break
			}
			select {
			case <-time.After(refusedPause):
			case <-ctx.Done():
				return nil, errors.Join(ctx.Err(), err)
			}
		}
	}
	return l, nil
}

// progress is how far the chain is at a time.
type progress struct {
	at               time.Time
	messages, height uint64
	sent             float64 // bytes, between nodes
}

// progress asks a node for it.
func (l *load) progress(ctx context.Context) (p progress, err error) {
	info, err := l.nodes[0].GetChainInfo(ctx)
	if err != nil {
		return p, err
	}
	var counted atomic.Uint64
	group, ctx := errgroup.WithContext(ctx)
	for _, session := range l.sessions {
		group.Go(func() error {
			now, err := l.nodes[0].GetSession(ctx, client.GetSessionParams{SessionID: session})
			if err == nil {
				counted.Add(now.Session.Messages)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return p, err
	}
	return progress{at: time.Now(), messages: counted.Load(), height: info.LastAccepted.Height}, nil
}

// empty waits until nothing is accepted any more.
func (l *load) empty(parent context.Context) error {
	ctx, cancel := context.WithTimeout(parent, emptying)
	defer cancel()
	last, err := l.progress(ctx)
	for err == nil && time.Since(last.at) < emptyFor {
		var now progress
		time.Sleep(refusedPause)
		if now, err = l.progress(ctx); now.messages != last.messages {
			last = now
		}
	}
	if ctx.Err() != nil {
		return parent.Err() // what is left does not end this run
	}
	return err
}

// result is what a run has shown.
type result struct {
	before, after progress
	links         int
	latencies     []time.Duration // of what was accepted within answerWait
	late          int
	refused       map[refusal.Reason]int // 0: no answer
}

// rate is how many messages the chain has accepted per second, whoever has waited for them.
func (r *result) rate() float64 {
	return float64(r.after.messages-r.before.messages) / r.after.at.Sub(r.before.at).Seconds()
}

func (r *result) String() string {
	slices.Sort(r.latencies)
	at := func(share float64) time.Duration {
		if len(r.latencies) == 0 {
			return 0
		}
		return r.latencies[int(share*float64(len(r.latencies)-1))].Round(time.Millisecond)
	}
	refused := "none"
	for i, reason := range slices.Sorted(maps.Keys(r.refused)) {
		if i == 0 {
			refused = ""
		}
		refused += fmt.Sprintf("%d with %d ", r.refused[reason], int(reason))
	}
	messages := float64(max(1, r.after.messages-r.before.messages))
	return fmt.Sprintf("%.0f | %v | %v | %d | %s | %.1f | %.0f", r.rate(), at(0.5), at(0.99), r.late, strings.TrimSpace(refused),
		messages/float64(max(1, r.after.height-r.before.height)), (r.after.sent-r.before.sent)/messages/float64(r.links))
}

// run keeps so many messages in flight for a time.
func (l *load) run(ctx context.Context, inFlight int, length time.Duration) (*result, error) {
	before, err := l.progress(ctx)
	if err == nil {
		before.sent, err = l.sent(ctx)
	}
	if err != nil {
		return nil, err
	}
	ending, cancel := context.WithTimeout(ctx, length+emptying)
	defer cancel()
	var (
		r       = &result{before: before, links: max(1, len(l.nodes)*(len(l.nodes)-1)), refused: make(map[refusal.Reason]int)}
		mu      sync.Mutex
		workers sync.WaitGroup
		started = time.Now()
		end     = started.Add(length)
	)
	for i := range inFlight {
		workers.Go(func() {
			for time.Now().Before(end) && ending.Err() == nil {
				latency, err := l.send(ending, i)
				mu.Lock()
				var reason refusal.Reason
				switch now := time.Now(); {
				case err == nil && now.Before(end):
					r.latencies = append(r.latencies, latency)
				case errors.Is(err, errLate) && now.Before(end):
					r.late++
				case err != nil && now.Before(end):
					errors.As(err, &reason) // 0: no answer
					r.refused[reason]++
				}
				mu.Unlock()
				if err != nil && !errors.Is(err, errLate) {
					time.Sleep(refusedPause)
				}
			}
		})
	}
	time.Sleep(time.Until(end))
	if r.after, err = l.progress(ctx); err == nil {
		r.after.sent, err = l.sent(ctx)
	}
	workers.Wait()
	return r, errors.Join(err, l.empty(ctx))
}

// send sends a message of somebody to a node, and waits until it is accepted.
func (l *load) send(ctx context.Context, worker int) (time.Duration, error) {
	person := worker % len(l.people)
	p := l.people[person]
	tx, err := p.Message(ctx, l.sessions[person], l.size)
	if err != nil {
		return 0, err
	}
	started, node := time.Now(), l.nodes[(worker/len(l.people)+person)%len(l.nodes)]
	answer, err := node.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: tx.Bytes(), Wait: client.Seconds(answerWait)})
	if err == nil && answer.Status != client.TransactionAccepted || errors.Is(err, refusal.ErrWaitTimeout) {
		err = errLate
	}
	return time.Since(started), err
}
