package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/trial"
	"github.com/luxfi/session/refusal"
)

const (
	// answerWait is how long a node is asked to wait for a message's block.
	answerWait = 10 * time.Second
	// refusedPause is after what somebody tries again whom a node has refused.
	refusedPause = 100 * time.Millisecond
	// emptying is how long what is in flight at the end of a run gets.
	emptying = 60 * time.Second
)

// load is people with a session each, and a client for each node.
type load struct {
	nodes  []*client.Client
	people []*trial.Person
	// sessions are the people's.
	sessions []ids.ID
	size     int
}

// prepare makes the people and their sessions, and waits until all nodes have them.
func prepare(ctx context.Context, nodes []string, senders, size int) (*load, error) {
	l := &load{size: size}
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

// result is what a run has shown.
type result struct {
	took      time.Duration
	latencies []time.Duration
	refused   map[refusal.Reason]int
	blocks    uint64 // by the end, with what was in flight then
}

func (r *result) String() string {
	slices.Sort(r.latencies)
	at := func(share float64) time.Duration {
		if len(r.latencies) == 0 {
			return 0
		}
		return r.latencies[int(share*float64(len(r.latencies)-1))].Round(time.Millisecond)
	}
	refused := ""
	for _, reason := range slices.Sorted(maps.Keys(r.refused)) {
		refused += fmt.Sprintf("%d of %d ", r.refused[reason], int(reason))
	}
	return fmt.Sprintf("%.0f | %v | %v | %s| %.1f", float64(len(r.latencies))/r.took.Seconds(), at(0.5), at(0.99), refused, float64(len(r.latencies))/float64(max(1, r.blocks)))
}

// run keeps so many messages in flight for a time. What was accepted by its end counts.
func (l *load) run(ctx context.Context, inFlight int, length time.Duration) (*result, error) {
	before, err := l.nodes[0].GetChainInfo(ctx)
	if err != nil {
		return nil, err
	}
	ending, cancel := context.WithTimeout(ctx, length+emptying)
	defer cancel()
	var (
		r       = &result{refused: make(map[refusal.Reason]int)}
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
				case err != nil && now.Before(end):
					errors.As(err, &reason) // 0: no answer
					r.refused[reason]++
				}
				mu.Unlock()
				if err != nil {
					time.Sleep(refusedPause)
				}
			}
		})
	}
	workers.Wait()
	r.took = length
	after, err := l.nodes[0].GetChainInfo(ctx)
	if err != nil {
		return nil, err
	}
	r.blocks = after.LastAccepted.Height - before.LastAccepted.Height
	return r, ctx.Err()
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
	if err == nil && answer.Status != client.TransactionAccepted {
		err = fmt.Errorf("the transaction is %s", answer.Status)
	}
	return time.Since(started), err
}
