package gossip

import (
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/vm"
)

// client stands for a node's own clients among those that transactions come from.
var client = ids.EmptyNodeID

// stem is the transactions that are on their stems here, and where they go (Dandelion++, Fanti et al., 2018). Whether and where
// a transaction goes on that comes from a node does not depend on what others have sent: nobody learns by sending
// it whether it was here before.
type stem struct {
	mu     sync.Mutex
	random *rand.Rand
	epoch  epoch
	walks  map[ids.ID]*walk
	order  []*walk          // of arrival
	newest map[ids.ID]*walk // of each signer
	queue  *fairQueue       // steps to be sent: a transaction is in it once for each
	bytes  int              // sent, and still on the stem
	window int              // what they may be before one more is sent
	filled chan struct{}    // has a value when something new may be in the queue
}

// epoch is a time in which transactions from one node all go the same way.
type epoch struct {
	ends     time.Time
	diffuses bool                      // what comes from other nodes ends its stem here
	peers    []ids.NodeID              // stemPeers at most
	routes   map[ids.NodeID]ids.NodeID // from whom, to whom
}

// walk is a transaction on its stem.
type walk struct {
	tx     *chain.Transaction
	source vm.Source
	steps  map[ids.NodeID]ids.NodeID // from whom it came, to whom it goes
	unsent []step
	waits  bool // for the one before of its signer
	sent   bool
	again  bool      // it began here, and a second way is tried
	due    time.Time // when others should have spread it: then it is spread from here
}

// step is a transaction's to the next node, as it came.
type step struct {
	tx *chain.Transaction
	to ids.NodeID
}

func newStem(random *rand.Rand) *stem {
	return &stem{
		random: random,
		walks:  make(map[ids.ID]*walk),
		newest: make(map[ids.ID]*walk),
		queue:  newFairQueue(),
		window: stemWindow,
		filled: make(chan struct{}, 1),
	}
}

// take takes what comes from a peer or a client a step on along its stem. False: its stem ends here, because this
// node spreads what comes to it, there is nobody to go on to, or it has come from the same node before.
func (s *stem) take(tx *chain.Transaction, from ids.NodeID, source vm.Source, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, known := s.walks[tx.ID()]
	if !known {
		w = &walk{tx: tx, source: source, steps: make(map[ids.NodeID]ids.NodeID), due: now.Add(stemWait)}
	}
	if _, again := w.steps[from]; again || len(w.steps) == stemArrivals {
		return false
	}
	if _, before := s.newest[tx.Body.Actor()]; from == client && before {
		w.waits = true
	} else if !s.send(w, from, tx) {
		return false
	}
	if !known {
		s.walks[tx.ID()], s.order = w, append(s.order, w)
		if signer := tx.Body.Actor(); signer != ids.Empty {
			s.newest[signer] = w
		}
	}
	return true
}

// send puts a walk's next step into the queue. False: there is nobody to go on to.
func (s *stem) send(w *walk, from ids.NodeID, tx *chain.Transaction) bool {
	to, ok := s.route(from)
	if !ok {
		return false
	}
	w.steps[from], w.unsent = to, append(w.unsent, step{tx, to})
	s.queue.add(tx, w.source)
	select {
	case s.filled <- struct{}{}:
	default:
	}
	return true
}

// route returns where what comes from somebody goes in this epoch.
func (s *stem) route(from ids.NodeID) (to ids.NodeID, ok bool) {
	e := &s.epoch
	if from == client && len(e.peers) < stemPeers || from != client && e.diffuses {
		return to, false
	}
	if to, ok = e.routes[from]; ok && slices.Contains(e.peers, to) {
		return to, true
	}
	others := e.others(from)
	if len(others) == 0 {
		return to, false
	}
	if len(e.routes) == rememberedPeers {
		clear(e.routes)
	}
	to = others[s.random.IntN(len(others))]
	e.routes[from] = to
	return to, true
}

// others returns the epoch's peers but for some nodes.
func (e *epoch) others(nodes ...ids.NodeID) []ids.NodeID {
	return slices.DeleteFunc(slices.Clone(e.peers), func(peer ids.NodeID) bool { return slices.Contains(nodes, peer) })
}

// next returns what goes to a peer in one message, in a fair order, as much as the window has room for. None: nothing.
func (s *stem) next(now time.Time) (to ids.NodeID, taken []*chain.Transaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := 0
	for first := s.queue.first(); first != nil && s.bytes < s.window && len(taken) < maxMessageTransactions; first = s.queue.first() {
		w, ok := s.walks[first.ID()]
		if !ok || len(w.unsent) == 0 { // its stem is over
			s.queue.pop()
			continue
		}
		step := w.unsent[0]
		if size += len(step.tx.Bytes()); len(taken) > 0 && (step.to != to || size > maxPushBytes) {
			break
		}
		if !w.sent {
			w.sent, w.due = true, now.Add(s.patience())
			s.bytes += len(w.tx.Bytes())
		}
		to, taken, w.unsent = step.to, append(taken, step.tx), w.unsent[1:]
		s.queue.pop()
	}
	return to, taken
}

// patience returns how long a node waits for others to spread what it has sent on.
func (s *stem) patience() time.Duration {
	return min(stemFloor+time.Duration(s.random.ExpFloat64()*float64(stemMean)), stemWait)
}

// fate is what becomes of a walk for now.
type fate int

const (
	goesOn  fate = iota + 1
	begins       // it has waited for the one before of its signer
	retries      // on another way
	expires
)

// sweep forgets the walks that are over, and returns those that are to be spread from here, in the order in which they
// came. What is of one signer keeps its order: when the first of it has taken too long, what came after it goes the same way,
// and what clients have submitted begins when what they had before is over.
func (s *stem) sweep(now time.Time, onStem func(ids.ID) bool) (expired []*walk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := make(map[ids.ID]fate) // of each signer
	s.order = slices.DeleteFunc(s.order, func(w *walk) bool {
		id, signer := w.tx.ID(), w.tx.Body.Actor()
		if onStem(id) {
			fate := s.decide(w, before[signer], now)
			if signer != ids.Empty {
				before[signer] = fate
			}
			if fate != expires {
				return false
			}
			expired = append(expired, w)
		}
		delete(s.walks, id)
		if s.newest[signer] == w {
			delete(s.newest, signer)
		}
		if w.sent {
			s.bytes -= len(w.tx.Bytes())
		}
		return true
	})
	return expired
}

// decide goes on with a walk, after one before of its signer; 0: there is none.
func (s *stem) decide(w *walk, before fate, now time.Time) fate {
	switch {
	case before == expires:
		return expires
	case w.waits && (before == 0 || before == begins):
		if !s.send(w, client, w.tx) {
			return expires
		}
		w.waits, w.due = false, now.Add(stemWait)
		return begins
	case before == 0 && !now.Before(w.due), before == retries && !w.waits:
		s.avoid(w)
		if (w.sent || before == retries) && s.retry(w, now) {
			return retries
		}
		return expires
	}
	return max(before, goesOn)
}

// busy reports whether there is something to sweep.
func (s *stem) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.order) > 0
}

// avoid sends what comes after a walk that took too long another way, among the epoch's.
func (s *stem) avoid(w *walk) {
	for from, to := range w.steps {
		if others := s.epoch.others(from, to); s.epoch.routes[from] == to && len(others) > 0 {
			s.epoch.routes[from] = others[0]
		}
	}
}

// retry sends what began here another way, once: who drops what comes along stems must not learn by it who began.
func (s *stem) retry(w *walk, now time.Time) bool {
	to, began := w.steps[client]
	others := s.epoch.others(to)
	if !began || w.again || len(others) == 0 {
		return false
	}
	if w.sent {
		s.bytes -= len(w.tx.Bytes())
		s.queue.add(w.tx, w.source)
	}
	w.again, w.sent, w.due = true, false, now.Add(stemWait)
	w.steps[client], w.unsent = others[0], []step{{w.tx, others[0]}}
	return true
}

// refresh begins another epoch when it is time, forgets peers that are no longer connected, and reports whether there are
// too few.
func (s *stem) refresh(now time.Time, connected []ids.NodeID) (few bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &s.epoch
	if !now.Before(e.ends) {
		*e = epoch{
			ends:     now.Add(stemEpoch + time.Duration(s.random.Int64N(int64(stemEpoch)))),
			diffuses: s.random.Float64() < stemDiffuses,
			routes:   make(map[ids.NodeID]ids.NodeID),
		}
	}
	e.peers = slices.DeleteFunc(e.peers, func(peer ids.NodeID) bool { return !slices.Contains(connected, peer) })
	return len(e.peers) < stemPeers
}

// choose fills the epoch's peers with some of the candidates.
func (s *stem) choose(candidates []ids.NodeID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(candidates, ids.NodeID.Compare)
	for _, i := range s.random.Perm(len(candidates)) {
		if peers := s.epoch.peers; len(peers) < stemPeers && !slices.Contains(peers, candidates[i]) {
			s.epoch.peers = append(peers, candidates[i])
		}
	}
}
