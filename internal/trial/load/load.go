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
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

const (
	// lateAfter is after what a message is counted as late.
	lateAfter = 10 * time.Second
	// refusedPause is after what somebody tries again whom a node has refused.
	refusedPause = 100 * time.Millisecond
	// emptying is how long what is in flight at the end of a run gets, and again what waits in mempools then.
	emptying = 60 * time.Second
	// emptyFor is how long no message is accepted before the mempools count as empty.
	emptyFor = 3 * time.Second
)

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
		c, err := client.New(node, client.Options{HTTPClient: &http.Client{Transport: transport}, Timeout: 2 * time.Minute})
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
	answer, err := l.nodes[0].GetStateProof(ctx, client.GetStateProofParams{Keys: []client.Bytes{chain.TotalsKey()}, Uncertified: true})
	if err != nil {
		return p, err
	}
	proof, err := lightclient.ParseStateProof(answer.Proof)
	if err != nil {
		return p, err
	}
	state, err := proof.State()
	if err != nil {
		return p, err
	}
	leaf, err := state.Leaf(chain.TotalsKey())
	if err != nil {
		return p, err
	}
	totals, err := chain.ParseTotals(leaf)
	if err != nil {
		return p, err
	}
	return progress{at: time.Now(), messages: totals.Messages, height: totals.Height}, nil
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
	latencies     []time.Duration        // of what was accepted
	late          int                    // of those, after lateAfter
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

// count counts the answers to messages while it is on.
type count struct {
	mu       sync.Mutex
	on       bool
	answered int           // while it is not on
	full     chan struct{} // is closed when as many were answered as are in flight
	*result
}

// add takes the answer to a message.
func (c *count) add(latency time.Duration, err error, inFlight int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var reason refusal.Reason
	switch {
	case !c.on:
		if c.answered++; c.answered == inFlight {
			close(c.full)
		}
	case err == nil:
		if c.latencies = append(c.latencies, latency); latency > lateAfter {
			c.late++
		}
	default:
		errors.As(err, &reason) // 0: no answer
		c.refused[reason]++
	}
}

// turn turns the count on or off, and returns how far the chain is then.
func (c *count) turn(ctx context.Context, l *load, on bool) (at progress, err error) {
	if at, err = l.progress(ctx); err == nil {
		at.sent, err = l.sent(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.on = on
	return at, err
}

// run keeps so many messages in flight, and counts for a time. It begins to count when as many were
// answered as are in flight, or after that time: until then more messages come than are in flight later.
func (l *load) run(parent context.Context, inFlight int, length time.Duration) (*result, error) {
	ctx, cancel := context.WithTimeout(parent, 2*length+4*emptying)
	defer cancel()
	c := &count{full: make(chan struct{}), result: &result{links: max(1, len(l.nodes)*(len(l.nodes)-1)), refused: make(map[refusal.Reason]int)}}
	sending, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	for i := range inFlight {
		workers.Go(func() {
			for sending.Err() == nil {
				latency, err := l.send(ctx, i)
				c.add(latency, err, inFlight)
				if err != nil {
					time.Sleep(refusedPause)
				}
			}
		})
	}
	select {
	case <-c.full:
	case <-time.After(length):
	case <-ctx.Done():
	}
	var early, late error
	c.before, early = c.turn(ctx, l, true)
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
	c.after, late = c.turn(ctx, l, false)
	stop()
	workers.Wait()
	return c.result, errors.Join(early, late, l.empty(parent))
}

// send sends a message of somebody to a node, and waits until it is accepted: as long as the node lets it, as
// package client does, and the node is asked again then.
func (l *load) send(ctx context.Context, worker int) (time.Duration, error) {
	person := worker % len(l.people)
	p := l.people[person]
	tx, err := p.Message(ctx, l.sessions[person], l.size)
	if err != nil {
		return 0, err
	}
	started, node := time.Now(), l.nodes[(worker/len(l.people)+person)%len(l.nodes)]
	limits, err := node.Limits(ctx)
	if err != nil {
		return 0, err
	}
	for ctx.Err() == nil {
		answer, err := node.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: tx.Bytes(), Wait: limits.MaxWait})
		switch {
		case errors.Is(err, refusal.ErrWaitTimeout):
		case err != nil:
			return 0, err
		case answer.Status == client.TransactionAccepted:
			return time.Since(started), nil
		}
	}
	return 0, ctx.Err()
}
