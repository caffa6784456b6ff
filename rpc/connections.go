package rpc

import (
	"net"
	"sync"
)

// Limit returns a listener that has so many connections at a time as the configuration says. When all are taken, who comes
// gets the place of a connection of the client that has most; a connection of a trusted proxy is a client of its own. What gets
// no place is closed.
func Limit(listener net.Listener, config Config) (net.Listener, error) {
	if config.MaxConnections <= 0 {
		return listener, nil
	}
	trusted, err := parseProxies(config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	return &limitedListener{listener, trusted, newPlaces[string](config.MaxConnections)}, nil
}

type limitedListener struct {
	net.Listener
	trusted proxies
	open    *places[string] // by client
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client := conn.RemoteAddr().String()
		if !l.trusted.trusts(client) {
			client = clientKey(client)
		}
		if leave, ok := l.open.take(client, func() { _ = conn.Close() }); ok {
			return &limitedConn{conn, sync.OnceFunc(leave)}, nil
		}
		_ = conn.Close()
	}
}

type limitedConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
