package rpc

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/internal/places"
	"github.com/luxfi/session/refusal"
)

func TestEachClientHasItsOwnRate(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 2, UnsignedRate: 1, UnsignedBurst: 1, MaxClients: 10}, nil)
	now := time.Now()
	first, second := l.client("192.0.2.1", now), l.client("192.0.2.2", now)
	require.NoError(t, first.call())
	require.NoError(t, first.call())
	require.NoError(t, first.unsignedTransaction(), "the rates are apart")
	require.ErrorIs(t, first.unsignedTransaction(), refusal.ErrRateLimited)
	require.NoError(t, second.call())
}

func TestWhoComesWithoutAnAddressSharesOneRate(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 1, MaxClients: 10}, nil)
	require.NoError(t, l.client("", time.Now()).call())
	require.ErrorIs(t, l.client(places.Client("@"), time.Now()).call(), refusal.ErrRateLimited)
}

func TestARateOfZeroIsNoLimit(t *testing.T) {
	allowed := newLimiter(Config{MaxClients: 1}, nil).client("192.0.2.1", time.Now())
	for range 1000 {
		require.NoError(t, allowed.call())
		require.NoError(t, allowed.unsignedTransaction())
	}
}

func TestTheTableOfClientsIsBoundedAndForgetsTheIdle(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 1, MaxClients: 3}, nil)
	now := time.Now()
	for i := range 10 {
		l.client(fmt.Sprintf("192.0.2.%d", i), now)
	}
	require.Equal(t, 3, l.clients.Len())
	require.ErrorIs(t, func() error { a := l.client("192.0.2.9", now); _ = a.call(); return a.call() }(), refusal.ErrRateLimited)
	l.client("192.0.2.9", now.Add(idleTime-time.Second))
	l.client("192.0.2.100", now.Add(idleTime))
	require.Equal(t, 2, l.clients.Len(), "the idle ones are forgotten, the other one and the new one stay")
}

func TestTrustedProxiesAreRead(t *testing.T) {
	trusted, err := parseProxies([]string{"10.0.0.0/8", "node"})
	require.NoError(t, err)
	require.True(t, trusted.Trust("10.1.1.1:5"))
	require.True(t, trusted.Trust(""))
	_, err = parseProxies([]string{"proxy.example"})
	require.ErrorIs(t, err, refusal.ErrConfig)
	require.ErrorIs(t, Config{TrustedProxies: []string{"10.0.0.0/33"}}.Check(), refusal.ErrConfig)
}
