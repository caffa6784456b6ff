package rpc

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

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
		require.Equal(t, key, clientKey(address), address)
	}
}

func TestEachClientHasItsOwnRate(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 2, UnsignedRate: 1, UnsignedBurst: 1, MaxClients: 10})
	now := time.Now()
	first, second := l.client("192.0.2.1:1", now), l.client("192.0.2.2:1", now)
	require.NoError(t, first.call())
	require.NoError(t, first.call())
	require.ErrorIs(t, l.client("192.0.2.1:2", now).call(), refusal.ErrRateLimited, "another port is the same client")
	require.NoError(t, first.unsignedTransaction(), "the rates are apart")
	require.ErrorIs(t, first.unsignedTransaction(), refusal.ErrRateLimited)
	require.NoError(t, second.call())
}

func TestWhoComesWithoutAnAddressSharesOneRate(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 1, MaxClients: 10})
	require.NoError(t, l.client("", time.Now()).call())
	require.ErrorIs(t, l.client("@", time.Now()).call(), refusal.ErrRateLimited)
}

func TestARateOfZeroIsNoLimit(t *testing.T) {
	allowed := newLimiter(Config{MaxClients: 1}).client("192.0.2.1:1", time.Now())
	for range 1000 {
		require.NoError(t, allowed.call())
		require.NoError(t, allowed.unsignedTransaction())
	}
}

func TestTheTableOfClientsIsBoundedAndForgetsTheIdle(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 1, MaxClients: 3})
	now := time.Now()
	for i := range 10 {
		l.client(fmt.Sprintf("192.0.2.%d:1", i), now)
	}
	require.Equal(t, 3, l.clients.Len())
	require.ErrorIs(t, func() error { a := l.client("192.0.2.9:1", now); _ = a.call(); return a.call() }(), refusal.ErrRateLimited)
	l.client("192.0.2.9:1", now.Add(idleTime-time.Second))
	l.client("192.0.2.100:1", now.Add(idleTime))
	require.Equal(t, 2, l.clients.Len(), "the idle ones are forgotten, the other one and the new one stay")
}
