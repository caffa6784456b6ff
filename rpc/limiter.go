package rpc

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"github.com/luxfi/session/refusal"
)

// idleTime is how long a client is remembered that sends nothing. Its buckets are full
// again by then.
const idleTime = 10 * time.Minute

// limiter keeps token buckets for each client: one for all calls, one for transactions that
// nobody signs, one for what validators are asked to sign.
type limiter struct {
	config Config

	mu      sync.Mutex
	clients *simplelru.LRU[string, *allowance]
}

// allowance is what one client may still do.
type allowance struct {
	calls        *rate.Limiter // nil: unlimited
	unsigned     *rate.Limiter // nil: unlimited
	certificates *rate.Limiter // nil: unlimited
	seen         time.Time
}

func newLimiter(config Config) *limiter {
	clients, err := simplelru.NewLRU[string, *allowance](config.MaxClients, nil)
	if err != nil {
		panic(err) // MaxClients is positive
	}
	return &limiter{config: config, clients: clients}
}

// client returns the allowance of the client at an address, and forgets idle clients.
func (l *limiter) client(address string, now time.Time) *allowance {
	key := clientKey(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		oldest, allowed, ok := l.clients.GetOldest()
		if !ok || now.Sub(allowed.seen) < idleTime {
			break
		}
		l.clients.Remove(oldest)
	}
	allowed, ok := l.clients.Get(key)
	if !ok {
		allowed = &allowance{
			calls:        bucket(l.config.RequestRate, l.config.RequestBurst),
			unsigned:     bucket(l.config.UnsignedRate, l.config.UnsignedBurst),
			certificates: bucket(l.config.CertificateRate, l.config.CertificateBurst),
		}
		l.clients.Add(key, allowed)
	}
	allowed.seen = now
	return allowed
}

// clientKey is the IP address without the port, of IPv6 the /64 that one client usually
// has. Whoever comes without an address shares one bucket.
func clientKey(remoteAddress string) string {
	host, _, err := net.SplitHostPort(remoteAddress)
	if err != nil {
		host = remoteAddress
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	address = address.Unmap().WithZone("")
	if address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}

// bucket returns a full bucket; nil if the rate is zero. A burst is at least one call.
func bucket(perSecond float64, burst int) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(burst, 1))
}

func (a *allowance) call() error { return take(a.calls, "calls") }

func (a *allowance) unsignedTransaction() error {
	return take(a.unsigned, "transactions without a signature")
}

// collection is for what validators are asked to sign: each question goes to all of them.
func (a *allowance) collection() error {
	return take(a.certificates, "certificates and Warp messages to be signed")
}

func take(tokens *rate.Limiter, what string) error {
	if tokens == nil || tokens.Allow() {
		return nil
	}
	return refusal.New(refusal.ErrRateLimited, rateText(tokens, what), "more; try again later")
}

func rateText(tokens *rate.Limiter, what string) string {
	return fmt.Sprintf("at most %g %s per second from one client, %d at once", float64(tokens.Limit()), what, tokens.Burst())
}
