package rpc

import (
	"net"
	"sync"

	"golang.org/x/net/netutil"
)

// Limit returns a listener that accepts so many connections at a time as the configuration says, half
// of them of one client: what one has above that is closed. Trusted proxies may have all.
func Limit(listener net.Listener, config Config) (net.Listener, error) {
	if config.MaxConnections <= 0 {
		return listener, nil
	}
	trusted, err := parseProxies(config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	return netutil.LimitListener(&clientLimit{
		Listener: listener,
		most:     (config.MaxConnections + 1) / 2,
		trusted:  trusted,
		open:     make(map[string]int),
	}, config.MaxConnections), nil
}

// clientLimit is a listener that closes what a client has above its number of connections.
type clientLimit struct {
	net.Listener
	most    int
	trusted proxies

	mu   sync.Mutex
	open map[string]int // by client
}

// Accept implements net.Listener.
func (l *clientLimit) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		address := conn.RemoteAddr().String()
		if l.trusted.trusts(address) {
			return conn, nil
		}
		if client := clientKey(address); l.enter(client) {
			return &clientConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(client) })}, nil
		}
		_ = conn.Close() // the client has others
	}
}

func (l *clientLimit) enter(client string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client] >= l.most {
		return false
	}
	l.open[client]++
	return true
}

func (l *clientLimit) leave(client string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[client]--; l.open[client] == 0 {
		delete(l.open, client)
	}
}

type clientConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *clientConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
