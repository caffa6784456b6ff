package places

import "net"

// Limit returns a listener that has so many connections at a time. When all are taken, who comes gets the place of a connection
// of the client that has most. What gets no place is closed. Connections of the addresses that alone names, if it is not nil,
// are each a client of its own.
func Limit(listener net.Listener, connections int, alone func(address string) bool) net.Listener {
	return &limitedListener{listener, alone, New[string](int64(connections))}
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
		if place := l.open.Place(client, func() { _ = conn.Close() }); place.Take(1) {
			return &limitedConn{conn, place}, nil
		}
		_ = conn.Close()
	}
}

type limitedConn struct {
	net.Conn
	place *Place[string]
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	defer c.place.Leave()
	return c.Conn.Close()
}
