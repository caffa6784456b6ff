package places

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhoComesGetsAPlace has clients that take all they get: they end with as many each, and so does whoever comes later.
func TestWhoComesGetsAPlace(t *testing.T) {
	const size = 12
	p, lost := New[int](size), make(map[int][]int)
	leaves := make(map[int][]func())
	take := func(client int) bool {
		n := len(leaves[client])
		leave, ok := p.Take(client, func() { lost[client] = append(lost[client], n) })
		if ok {
			leaves[client] = append(leaves[client], leave)
		}
		return ok
	}
	for range size {
		require.True(t, take(1), "one alone gets all")
	}
	require.False(t, take(1), "and nothing of itself")
	for clients := 2; clients <= size; clients++ {
		for take(clients) {
		}
		require.InDelta(t, size/clients, len(p.taken[clients]), 1)
		require.EqualValues(t, size, p.InUse())
	}
	require.False(t, take(size+1), "each has one")
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, lost[1], "the oldest first")
	for _, all := range leaves {
		for _, leave := range all {
			leave() // what another has too
		}
	}
	require.Zero(t, p.InUse())
	require.Empty(t, p.taken)
	require.True(t, take(1))
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
