// Package places shares what is short among clients: where all of it is taken, the client that has most gives way.
package places

import (
	"slices"
	"sync"
)

// Places bounds how much of something all clients have at a time: calls that wait, connections, bytes in memory. When too little
// is free, the client that has most gives way, with its oldest place first, if who comes will have less than it has. So whoever has
// nothing gets a place of size 1 for as long as anybody has more. This is max-min fairness, up to the size of a place.
//
// What gives way holds what it has until it leaves, which may take long: reading can't be ended everywhere. That is bounded by as much
// again as there is; when it is reached nobody gives way.
type Places[Client comparable] struct {
	mu      sync.Mutex
	size    int64
	used    int64
	leaving int64                      // of places that gave way and were not left yet
	holders map[Client]*holder[Client] // of those that have something
}

// holder is what one client has.
type holder[Client comparable] struct {
	size   int64
	places []*Place[Client] // oldest first
}

// Place is what a client has for one use: nothing at first.
type Place[Client comparable] struct {
	in     *Places[Client]
	client Client
	end    func()
	size   int64
	over   bool          // left, or given to another client
	ended  chan struct{} // closed after end, of a place that gives way
}

// New returns places that have so much together.
func New[Client comparable](size int64) *Places[Client] {
	return &Places[Client]{size: size, holders: make(map[Client]*holder[Client])}
}

// Place returns a place for a client. end is called if what it has goes to another client; from then on it gets nothing.
func (p *Places[Client]) Place(client Client, end func()) *Place[Client] {
	return &Place[Client]{in: p, client: client, end: end}
}

// Take reports whether a place gets so much more, until Leave.
func (place *Place[Client]) Take(size int64) bool {
	given, ok := place.take(size)
	for _, other := range given {
		other.end()
		close(other.ended)
	}
	return ok
}

// take returns the places that give way: all that are needed, or none.
func (place *Place[Client]) take(size int64) (given []*Place[Client], ok bool) {
	p := place.in
	p.mu.Lock()
	defer p.mu.Unlock()
	if place.over {
		return nil, false
	}
	leaving := p.leaving
	for p.size-p.used < size {
		most := p.most()
		if enough := p.of(most) <= p.of(place.client)+size; enough || leaving+p.holders[most].places[0].size > p.size {
			for _, other := range slices.Backward(given) {
				p.count(other, other.size)
				p.holders[other.client].places = slices.Insert(p.holders[other.client].places, 0, other)
			}
			return nil, false
		}
		oldest := p.holders[most].places[0]
		p.remove(oldest)
		leaving += oldest.size
		given = append(given, oldest)
	}
	for _, other := range given {
		other.over, other.ended = true, make(chan struct{})
	}
	p.leaving = leaving
	p.count(place, size)
	if place.size == 0 {
		p.holders[place.client].places = append(p.holders[place.client].places, place)
	}
	place.size += size
	return given, true
}

// Leave gives back what a place has. It returns after end, if that is called.
func (place *Place[Client]) Leave() {
	if ended := place.leave(); ended != nil {
		<-ended
	}
}

func (place *Place[Client]) leave() (ended <-chan struct{}) {
	p := place.in
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case place.ended != nil:
		p.leaving -= place.size
	case place.size > 0:
		p.remove(place)
	}
	place.size, place.over = 0, true
	return place.ended
}

// of returns how much a client has.
func (p *Places[Client]) of(client Client) int64 {
	if h := p.holders[client]; h != nil {
		return h.size
	}
	return 0
}

// most returns the client that has most.
func (p *Places[Client]) most() (client Client) {
	size := int64(0)
	for other, h := range p.holders {
		if h.size > size {
			client, size = other, h.size
		}
	}
	return client
}

// count counts what a place gets.
func (p *Places[Client]) count(place *Place[Client], size int64) {
	h := p.holders[place.client]
	if h == nil {
		h = new(holder[Client])
		p.holders[place.client] = h
	}
	h.size += size
	p.used += size
}

func (p *Places[Client]) remove(place *Place[Client]) {
	h := p.holders[place.client]
	h.size -= place.size
	p.used -= place.size
	i := slices.Index(h.places, place)
	if h.places = slices.Delete(h.places, i, i+1); len(h.places) == 0 {
		delete(p.holders, place.client)
	}
}

// InUse returns how much is taken, for the metrics.
func (p *Places[Client]) InUse() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return float64(p.used)
}
