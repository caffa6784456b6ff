package rpc

import (
	"slices"
	"sync"
)

// places bounds how many of something all clients have at a time: calls that wait, connections. When all are taken,
// who comes gets a place of the client that has most, the one that it has had for longest, unless that would leave it with
// fewer than who comes has then. So whoever has none gets one, for as long as there are fewer clients than places.
type places[Client comparable] struct {
	mu    sync.Mutex
	size  int
	used  int
	taken map[Client][]*place // oldest first
}

// place is a place that is taken.
type place struct {
	end func() // called once another client has it
}

func newPlaces[Client comparable](size int) *places[Client] {
	return &places[Client]{size: size, taken: make(map[Client][]*place)}
}

// take reports whether a client gets a place, and returns how it gives it back. end is called if it goes to another client
// before that.
func (p *places[Client]) take(client Client, end func()) (leave func(), ok bool) {
	p.mu.Lock()
	var given *place
	if p.used == p.size {
		most := p.most()
		if len(p.taken[most]) < len(p.taken[client])+2 {
			p.mu.Unlock()
			return nil, false
		}
		given = p.taken[most][0]
		p.remove(most, given)
	}
	mine := &place{end}
	p.taken[client] = append(p.taken[client], mine)
	p.used++
	p.mu.Unlock()
	if given != nil {
		given.end()
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.remove(client, mine)
	}, true
}

// most returns the client that has most places.
func (p *places[Client]) most() (client Client) {
	for other, taken := range p.taken {
		if len(taken) > len(p.taken[client]) {
			client = other
		}
	}
	return client
}

func (p *places[Client]) remove(client Client, left *place) {
	taken := p.taken[client]
	i := slices.Index(taken, left)
	if i < 0 {
		return // another client has it
	}
	p.used--
	if p.taken[client] = slices.Delete(taken, i, i+1); len(p.taken[client]) == 0 {
		delete(p.taken, client)
	}
}

// inUse returns how many are taken, for the metrics.
func (p *places[Client]) inUse() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return float64(p.used)
}
