package rpc

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/luxfi/session/internal/places"
	"github.com/luxfi/session/refusal"
)

// idleTime is how long a client is remembered that sends nothing. Its buckets are full
// again by then.
const idleTime = 10 * time.Minute

// limiter keeps token buckets for each client: one for all calls, one for transactions that
// nobody signs, one for what validators are asked to sign.
type limiter struct {
	config  Config
	refused *prometheus.CounterVec // by limit

	mu      sync.Mutex
	clients *simplelru.LRU[string, *allowance]
}

// allowance is what one client may still do.
type allowance struct {
	key          string
	calls        *rate.Limiter // nil: unlimited
	unsigned     *rate.Limiter // nil: unlimited
	certificates *rate.Limiter // nil: unlimited
	refused      *prometheus.CounterVec
	seen         time.Time
	worked       time.Duration // until when its last turn counts, see turns
}

func newLimiter(config Config, refused *prometheus.CounterVec) *limiter {
	clients, err := simplelru.NewLRU[string, *allowance](config.MaxClients, nil)
	if err != nil {
		panic(err) // MaxClients is positive
	}
	return &limiter{config: config, refused: refused, clients: clients}
}

// client returns the allowance of a client, which places.Client tells from others, and forgets idle clients.
func (l *limiter) client(key string, now time.Time) *allowance {
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
			key:          key,
			calls:        bucket(l.config.RequestRate, l.config.RequestBurst),
			unsigned:     bucket(l.config.UnsignedRate, l.config.UnsignedBurst),
			certificates: bucket(l.config.CertificateRate, l.config.CertificateBurst),
			refused:      l.refused,
		}
		l.clients.Add(key, allowed)
	}
	allowed.seen = now
	return allowed
}

// trustedNode stands for the node in the configuration.
const trustedNode = "node"

func parseProxies(list []string) (proxies places.Proxies, err error) {
	for _, text := range list {
		if text == trustedNode {
			proxies.Nameless = true
		} else if proxies.Add(text) != nil {
			return proxies, refusal.New(refusal.ErrConfig, `trustedProxies: IP addresses, networks like 10.0.0.0/8, or "node"`, text)
		}
	}
	return proxies, nil
}

// bucket returns a full bucket; nil if the rate is zero. A burst is at least one call.
func bucket(perSecond float64, burst int) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(burst, 1))
}

func (a *allowance) call() error { return a.take(a.calls, "calls", "calls") }

// owe charges calls that have been made already: those to come wait until they are paid.
func (a *allowance) owe(calls int) {
	if a.calls != nil && calls > 0 {
		a.calls.ReserveN(time.Now(), min(calls, a.calls.Burst()))
	}
}

func (a *allowance) unsignedTransaction() error {
	return a.take(a.unsigned, "unsigned", "transactions without a signature")
}

// collection is for what validators are asked to sign: each question goes to all of them.
func (a *allowance) collection() error {
	return a.take(a.certificates, "certificates", "certificates and Warp messages to be signed")
}

func (a *allowance) take(tokens *rate.Limiter, limit, what string) error {
	if tokens == nil || tokens.Allow() {
		return nil
	}
	return a.refuse(limit, fmt.Sprintf("at most %g %s per second from one client, %d at once", float64(tokens.Limit()), what, tokens.Burst()))
}

// refuse counts and returns the refusal of what a limit does not allow.
func (a *allowance) refuse(limit, expected string) error {
	if a.refused != nil {
		a.refused.WithLabelValues(limit).Inc()
	}
	return refusal.New(refusal.ErrRateLimited, expected, "more; try again later")
}
