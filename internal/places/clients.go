package places

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Client is the IP address without the port, of IPv6 the /64 that one client usually
// has. Whoever comes without an address is one client.
func Client(address string) string {
	ip, ok := parseAddress(address)
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

// parseAddress reads an IP address with or without a port.
func parseAddress(text string) (netip.Addr, bool) {
	host, _, err := net.SplitHostPort(text)
	if err != nil {
		host = text
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap().WithZone(""), err == nil
}

// Proxies are whose word about a client's address is taken.
type Proxies struct {
	networks []netip.Prefix
	// Nameless trusts who comes without an address too, as through a node's HTTP port.
	Nameless bool
}

// Add adds an IP address, or a network like 10.0.0.0/8.
func (p *Proxies) Add(text string) error {
	network, err := netip.ParsePrefix(text)
	if address, addressErr := netip.ParseAddr(text); addressErr == nil {
		network, err = address.Prefix(address.BitLen())
	}
	if err != nil {
		return fmt.Errorf("expected an IP address or a network like 10.0.0.0/8, got %q", text)
	}
	p.networks = append(p.networks, network)
	return nil
}

// Trust reports whether the proxy at an address, with or without a port, is one of these.
func (p *Proxies) Trust(address string) bool {
	ip, ok := parseAddress(address)
	if !ok {
		return p.Nameless && address == ""
	}
	for _, network := range p.networks {
		if network.Contains(ip) {
			return true
		}
	}
	return false
}

// Client returns the Client that has sent a request. Of X-Forwarded-For it takes the last address
// that a trusted proxy has added: what stands before it anybody may have written.
func (p *Proxies) Client(r *http.Request) string {
	address := r.RemoteAddr
	if !p.Trust(address) {
		return Client(address)
	}
	claimed := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(claimed) - 1; i >= 0 && p.Trust(address) && strings.TrimSpace(claimed[i]) != ""; i-- {
		address = strings.TrimSpace(claimed[i])
	}
	return Client(address)
}
