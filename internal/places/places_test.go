package places

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWhoComesGetsAPlace has clients that take all they get: they end with as many each, and so does whoever comes later.
func TestWhoComesGetsAPlace(t *testing.T) {
	const size = 12
	p, lost := New[int](size), make(map[int][]int)
	taken := make(map[int][]*Place[int])
	var ended []*Place[int]
	take := func(client int) bool {
		n := len(taken[client])
		var place *Place[int]
		place = p.Place(client, func() { lost[client], ended = append(lost[client], n), append(ended, place) })
		if !place.Take(1) {
			return false
		}
		for _, other := range ended {
			other.Leave()
		}
		taken[client], ended = append(taken[client], place), nil
		return true
	}
	for range size {
		require.True(t, take(1), "one alone gets all")
	}
	require.False(t, take(1), "and nothing of itself")
	for clients := 2; clients <= size; clients++ {
		for take(clients) {
		}
		require.InDelta(t, size/clients, p.of(clients), 1)
		require.EqualValues(t, size, p.InUse())
	}
	require.False(t, take(size+1), "each has one")
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, lost[1], "the oldest first")
	for _, all := range taken {
		for _, place := range all {
			place.Leave() // what another has too
		}
	}
	require.Zero(t, p.InUse())
	require.Empty(t, p.holders)
	require.True(t, take(1))
}

// TestPlacesDifferInSize: who would have less gets what is needed, as few places as that takes, or none gives way.
func TestPlacesDifferInSize(t *testing.T) {
	p := New[string](10)
	var ended []string
	place := func(client, name string, size int64) *Place[string] {
		place := p.Place(client, func() { ended = append(ended, name) })
		require.True(t, place.Take(size))
		return place
	}
	first, second := place("a", "first", 2), place("a", "second", 3)
	require.True(t, first.Take(1), "it grows, and is the oldest still")
	third := place("b", "third", 4)
	other := p.Place("c", nil)
	require.False(t, other.Take(6), "c would have as much as the one with most")
	require.False(t, other.Take(4), "first alone is not enough, and no other has more")
	require.Empty(t, ended)
	require.EqualValues(t, 10, p.InUse())
	require.Equal(t, []*Place[string]{first, second}, p.holders["a"].places, "nothing has changed")

	require.True(t, other.Take(3))
	require.Equal(t, []string{"first"}, ended)
	require.False(t, first.Take(1), "what gave way gets nothing any more")
	require.EqualValues(t, 10, p.InUse())
	for _, place := range []*Place[string]{first, second, third, other, other} {
		place.Leave()
	}
	require.Zero(t, p.InUse())
	require.False(t, other.Take(1), "nor does what has left")
	require.False(t, p.Place("a", nil).Take(11))
	require.Empty(t, p.holders)
}

// TestWhatGivesWayIsBoundedUntilItLeaves: one client takes from another again and again, and none of what gives way leaves.
func TestWhatGivesWayIsBoundedUntilItLeaves(t *testing.T) {
	const size = 8
	p := New[int](size)
	var held []*Place[int] // by anybody, whether it was given away or not
	take := func(client int, size int64) bool {
		place := p.Place(client, func() {})
		if place.Take(size) {
			held = append(held, place)
		}
		return place.size > 0
	}
	for range 100 {
		for take(0, 1) {
		}
		for take(1, 1) {
		}
		require.LessOrEqual(t, len(held), 2*size)
		held = slices.DeleteFunc(held, func(place *Place[int]) bool { // so that the first one can have them, and lose them again
			if place.client == 1 {
				place.Leave()
			}
			return place.client == 1
		})
	}
	require.Len(t, held, 2*size, "as much again as there is")
	require.EqualValues(t, size, p.InUse())
	require.False(t, take(2, 1), "nobody gives way any more")
	held[0].Leave()
	held[0].Leave()
	require.True(t, take(2, 1), "one that gave way has left")
	require.False(t, take(2, 1))
	for _, place := range held {
		place.Leave()
	}
	require.Zero(t, p.leaving)
	require.Zero(t, p.InUse())
}

// TestWhatLeavesWaitsForItsEnd: what ends a use is never called once the use is over.
func TestWhatLeavesWaitsForItsEnd(t *testing.T) {
	p := New[string](2)
	began, ends, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
	place := p.Place("one", func() { close(began); <-ends })
	require.True(t, place.Take(1))
	require.True(t, p.Place("one", nil).Take(1))
	go p.Place("two", nil).Take(1)
	<-began
	go func() { place.Leave(); close(left) }()
	select {
	case <-left:
		t.Fatal("it has left before its end")
	case <-time.After(20 * time.Millisecond):
	}
	close(ends)
	<-left
}

func TestClientsAreToldApartByAddress(t *testing.T) {
	for address, key := range map[string]string{
		"192.0.2.1:1000":               "192.0.2.1",
		"192.0.2.1":                    "192.0.2.1",
		"[::ffff:192.0.2.1]:1000":      "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:1000":  "2001:db8:1:2::/64",
		"[2001:db8:1:2:ffff::1]:99":    "2001:db8:1:2::/64",
		"[fe80::1%eth0]:99":            "fe80::/64",
		"":                             "",
		"@":                            "",
		"localhost:99":                 "",
		"a.proxy.that.gives.no/number": "",
	} {
		require.Equal(t, key, Client(address), address)
	}
}

func TestAProxysWordIsTakenFromTrustedProxiesAlone(t *testing.T) {
	none, trusted := new(Proxies), &Proxies{Nameless: true}
	for _, text := range []string{"10.0.0.0/8", "2001:db8::1"} {
		require.NoError(t, trusted.Add(text))
	}
	for _, text := range []string{"proxy.example", "10.0.0.0/33", "", "node"} {
		require.ErrorContains(t, trusted.Add(text), "expected an IP address or a network", text)
	}
	for _, test := range []struct {
		proxies   *Proxies
		remote    string
		forwarded []string
		want      string
	}{
		{none, "10.0.0.1:5", []string{"192.0.2.7"}, "10.0.0.1"},
		{none, "", []string{"192.0.2.7"}, ""},
		{trusted, "192.0.2.1:5", []string{"192.0.2.7"}, "192.0.2.1"},
		{trusted, "10.0.0.1:5", []string{"192.0.2.7"}, "192.0.2.7"},
		{trusted, "10.0.0.1:5", []string{"192.0.2.7, 192.0.2.8"}, "192.0.2.8"},
		{trusted, "10.0.0.1:5", []string{"192.0.2.7", "192.0.2.8, 10.9.9.9"}, "192.0.2.8"},
		{trusted, "10.0.0.1:5", []string{"10.1.1.1"}, "10.1.1.1"},
		{trusted, "10.0.0.1:5", nil, "10.0.0.1"},
		{trusted, "10.0.0.1:5", []string{"192.0.2.7, somebody"}, ""},
		{trusted, "[2001:db8::1]:5", []string{"2001:db8:1:2::3"}, "2001:db8:1:2::/64"},
		{trusted, "", []string{"192.0.2.7"}, "192.0.2.7"},
		{trusted, "", nil, ""},
	} {
		r := &http.Request{RemoteAddr: test.remote, Header: http.Header{"X-Forwarded-For": test.forwarded}}
		require.Equal(t, test.want, test.proxies.Client(r), "%v", test)
	}
}

// TestARequestThatGivesWayWritesNoMore: whoever does not read its answer holds its place no longer than until another client needs it.
func TestARequestThatGivesWayWritesNoMore(t *testing.T) {
	p := New[string](1)
	written := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		place, ctx := p.Request("one", w, r)
		defer place.Leave()
		if !place.Take(1) {
			t.Error("it is free")
		}
		for piece := make([]byte, 1<<20); ; {
			if _, err := w.Write(piece); err != nil {
				written <- errors.Join(err, context.Cause(ctx))
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 12)) // the answer has begun
	require.NoError(t, err)
	require.False(t, p.Place("two", nil).Take(1), "each would have one")
	p.size = 2
	more := p.Place("one", func() {})
	require.True(t, more.Take(1))
	require.True(t, p.Place("two", nil).Take(1))
	select {
	case err = <-written:
	case <-time.After(10 * time.Second):
		t.Fatal("it writes still")
	}
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.ErrorIs(t, err, ErrGivesWay)
}
