// Package places shares what is short among clients: where all of it is taken, the client that has most gives way.
package places

import (
	"slices"
	"sync"
)

// Places bounds how many of something all clients have at a time: calls that wait, connections. When all are taken,
// who comes gets a place of the client that has most, the one that it has had for longest, unless that would leave it with
// fewer than who comes has then. So whoever has none gets one, for as long as there are fewer clients than places.
type Places[Client comparable] struct {
	mu    sync.Mutex
	size  int
	used  int
	taken map[Client][]*place // oldest first
}

// place is a place that is taken.
type place struct {
	end func() // called once another client has it
}

// New returns so many free places.
func New[Client comparable](size int) *Places[Client] {
	return &Places[Client]{size: size, taken: make(map[Client][]*place)}
}

// Take reports whether a client gets a place, and returns how it gives it back. end is called if it goes to another client
// before that.
func (p *Places[Client]) Take(client Client, end func()) (leave func(), ok bool) {
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
func (p *Places[Client]) most() (client Client) {
	for other, taken := range p.taken {
		if len(taken) > len(p.taken[client]) {
			client = other
		}
	}
	return client
}

func (p *Places[Client]) remove(client Client, left *place) {
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

// InUse returns how many are taken, for the metrics.
func (p *Places[Client]) InUse() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return float64(p.used)
}
