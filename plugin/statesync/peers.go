package statesync

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

const (
	// peerRequests is how many requests one peer owes answers to at a time.
	peerRequests = 3
	// answerTime bounds the wait for an answer.
	answerTime = 15 * time.Second
	// firstPause is for how long a peer that did not answer is left alone. It doubles up to lastPause.
	firstPause = 500 * time.Millisecond
	lastPause  = 30 * time.Second
	// patience is for how long no peer may give anything, before the whole of it is given up.
	patience = 2 * time.Minute
	// lookAgain is how often it is looked for peers, while there are none to ask.
	lookAgain = time.Second
)

// Network reaches other nodes.
type Network interface {
	// Peers returns the nodes that are connected.
	Peers() []ids.NodeID
	// Request sends a request to a node and returns its answer.
	Request(ctx context.Context, node ids.NodeID, message []byte) ([]byte, error)
}

// errNobody is why a fetch is given up.
var errNobody = errors.New("no peer gives what is asked for")

// times are how long peers are waited for; tests are in more of a hurry.
type times struct {
	answer, firstPause, lastPause, patience, lookAgain time.Duration
}

var defaultTimes = times{answerTime, firstPause, lastPause, patience, lookAgain}

// peers are the nodes that are asked. It is safe for concurrent use.
type peers struct {
	network Network
	log     *slog.Logger
	times   times

	mu       sync.Mutex
	known    map[ids.NodeID]*peer
	last     time.Time // when somebody gave something
	lastWhy  error     // of the last answer that did not count
	returned chan struct{}
}

type peer struct {
	asked  int           // requests under way
	pause  time.Duration // the last one
	idle   time.Time     // until then it is left alone
	banned bool          // it has sent what is wrong
}

func newPeers(network Network, log *slog.Logger, times times) *peers {
	return &peers{network: network, log: log, times: times, known: make(map[ids.NodeID]*peer), last: time.Now(), returned: make(chan struct{}, 1)}
}

// ask asks peers, one after the other, until one gives an answer that take does not refuse. An error
// of ctx or errNobody ends that.
func (p *peers) ask(ctx context.Context, message []byte, take func(answer []byte) error) error {
	for began := time.Now(); ; {
		node, err := p.choose(ctx, began)
		if err != nil {
			return err
		}
		bounded, cancel := context.WithTimeout(ctx, p.times.answer)
		answer, err := p.network.Request(bounded, node, message)
		cancel()
		if err == nil {
			err = wrong(take(answer))
		}
		if p.settle(node, err); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// wrongAnswer is why an answer is wrong.
type wrongAnswer struct{ error }

func (w wrongAnswer) Unwrap() error { return w.error }

// wrong makes a refusal of an answer its sender's fault. Any other error is not: it is this node's.
func wrong(err error) error {
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) {
		return wrongAnswer{err}
	}
	return err
}

// choose waits for a peer that can be asked, and takes it. There may always be another one that gives
// nothing: patience ends with them too.
func (p *peers) choose(ctx context.Context, began time.Time) (ids.NodeID, error) {
	for {
		p.mu.Lock()
		silent, why := min(time.Since(p.last), time.Since(began)), p.lastWhy
		p.mu.Unlock()
		if silent > p.times.patience {
			return ids.EmptyNodeID, refusal.Because(errNobody, "for %s; the last answer: %v", silent.Round(time.Second), why)
		}
		if node, ok := p.take(); ok {
			return node, nil
		}
		select {
		case <-p.returned:
		case <-time.After(p.times.lookAgain):
		case <-ctx.Done():
			return ids.EmptyNodeID, ctx.Err()
		}
	}
}

// take takes one of the peers that owe the fewest answers.
func (p *peers) take() (chosen ids.NodeID, ok bool) {
	connected := p.network.Peers()
	rand.Shuffle(len(connected), func(i, j int) { connected[i], connected[j] = connected[j], connected[i] })
	p.mu.Lock()
	defer p.mu.Unlock()
	now, best := time.Now(), (*peer)(nil)
	for _, node := range connected {
		known := p.known[node]
		if known == nil {
			known = new(peer)
			p.known[node] = known
		}
		if known.banned || known.asked >= peerRequests || now.Before(known.idle) || best != nil && known.asked >= best.asked {
			continue
		}
		best, chosen = known, node
	}
	if best == nil {
		return chosen, false
	}
	best.asked++
	return chosen, true
}

// settle notes how a peer has answered.
func (p *peers) settle(node ids.NodeID, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, known := time.Now(), p.known[node]
	known.asked--
	switch fault := (wrongAnswer{}); {
	case err == nil:
		known.pause, p.last = 0, now
	case errors.As(err, &fault):
		known.banned, p.lastWhy = true, err
		p.log.Warn("a peer has sent what is wrong, and is asked nothing more", "node", node, "error", err)
	default:
		known.pause = min(max(2*known.pause, p.times.firstPause), p.times.lastPause)
		known.idle, p.lastWhy = now.Add(known.pause), err
		p.log.Debug("a peer gives no answer", "node", node, "error", err)
	}
	select {
	case p.returned <- struct{}{}:
	default:
	}
}
