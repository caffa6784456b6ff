package places

import (
	"net"
	"net/netip"
	"sync"
)

// Limit returns a listener that has so many connections at a time. When all are taken, who comes gets the place of a connection
// of the client that has most. What gets no place is closed. Connections of the addresses that alone names, if it is not nil,
// are each a client of its own.
func Limit(listener net.Listener, connections int, alone func(address string) bool) net.Listener {
	return &limitedListener{listener, alone, New[string](connections)}
}

type limitedListener struct {
	net.Listener
	alone func(address string) bool
	open  *Places[string] // by client
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client := conn.RemoteAddr().String()
		if l.alone == nil || !l.alone(client) {
			client = Client(client)
		}
		if leave, ok := l.open.Take(client, func() { _ = conn.Close() }); ok {
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

// Client is the IP address without the port, of IPv6 the /64 that one client usually
// has. Whoever comes without an address is one client.
func Client(address string) string {
	ip, ok := ParseAddress(address)
	if !ok {
		return ""
	}
	if ip.Is6() {
		if prefix, err := ip.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return ip.String()
}

// ParseAddress reads an IP address with or without a port.
func ParseAddress(text string) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(text)
	if err != nil {
		host = text
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap().WithZone(""), err == nil
}
