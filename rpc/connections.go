package rpc

import (
	"net"
	"sync"

	"golang.org/x/net/netutil"
)

// Limit returns a listener that accepts so many connections at a time as the configuration says, of
// a client as many as it leaves to others: what one has above that is closed. Trusted proxies may have all.
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
		trusted:  trusted,
		open:     newBudget[string](int64(config.MaxConnections)),
	}, config.MaxConnections), nil
}

// clientLimit is a listener that closes what a client has above its share of the connections.
type clientLimit struct {
	net.Listener
	trusted proxies
	open    *budget[string] // by client
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
		if client := clientKey(address); l.open.take(client, 1) {
			return &clientConn{Conn: conn, leave: sync.OnceFunc(func() { l.open.give(client, 1) })}, nil
		}
		_ = conn.Close() // the client has others
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
