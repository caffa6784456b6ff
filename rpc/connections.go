package rpc

import (
	"net"

	"github.com/luxfi/session/internal/places"
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
	return places.Limit(listener, config.MaxConnections, trusted.Trust), nil
}
