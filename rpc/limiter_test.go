package rpc

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/internal/places"
	"github.com/luxfi/session/refusal"
)

func TestEachClientHasItsOwnRate(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 2, UnsignedRate: 1, UnsignedBurst: 1, MaxClients: 10}, proxies{}, nil)
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
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 1, MaxClients: 10}, proxies{}, nil)
	require.NoError(t, l.client("", time.Now()).call())
	require.ErrorIs(t, l.client("@", time.Now()).call(), refusal.ErrRateLimited)
}

func TestARateOfZeroIsNoLimit(t *testing.T) {
	allowed := newLimiter(Config{MaxClients: 1}, proxies{}, nil).client("192.0.2.1:1", time.Now())
	for range 1000 {
		require.NoError(t, allowed.call())
		require.NoError(t, allowed.unsignedTransaction())
	}
}

func TestTheTableOfClientsIsBoundedAndForgetsTheIdle(t *testing.T) {
	l := newLimiter(Config{RequestRate: 1, RequestBurst: 1, MaxClients: 3}, proxies{}, nil)
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

func TestAProxysWordIsTakenFromTrustedProxiesAlone(t *testing.T) {
	trusted, err := parseProxies([]string{"10.0.0.0/8", "2001:db8::1", "node"})
	require.NoError(t, err)
	for _, test := range []struct {
		proxies   proxies
		remote    string
		forwarded []string
		want      string
	}{
		{proxies{}, "10.0.0.1:5", []string{"192.0.2.7"}, "10.0.0.1"},
		{proxies{}, "", []string{"192.0.2.7"}, ""},
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
		l := newLimiter(Config{MaxClients: 1}, test.proxies, nil)
		require.Equal(t, test.want, places.Client(l.address(r)), "%v", test)
	}
	_, err = parseProxies([]string{"proxy.example"})
	require.ErrorIs(t, err, refusal.ErrConfig)
	require.ErrorIs(t, Config{TrustedProxies: []string{"10.0.0.0/33"}}.Check(), refusal.ErrConfig)
}
