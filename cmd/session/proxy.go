package main

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"net/http"
	"net/url"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/ohttp"
)

// httpClient returns what every address is asked through, but for circuits.
func (s *shell) httpClient() (_ *http.Client, err error) {
	if !s.apartGains() {
		return http.DefaultClient, nil
	}
	if s.http == nil {
		s.http, err = s.newHTTPClient()
	}
	return s.http, err
}

// apartGains reports whether connections of one's own hide something: there is a proxy, a relay or a second node.
func (s *shell) apartGains() bool {
	return s.proxyAddress() != "" || s.relayAddress() != "" || len(s.addresses()) > 1
}

// apart is the same shell, which asks over connections of its own.
func (s *shell) apart() *shell {
	other := *s
	other.http = nil
	return &other
}

// circuits returns what messaging.Config.Circuit is: a proxy user and connections of its own for each, and one of the
// nodes that the user names. Nil if nothing is gained.
func (s *shell) circuits() func(ids.ID) (*client.Client, error) {
	if !s.apartGains() {
		return nil
	}
	nodes := s.addresses()
	return func(circuit ids.ID) (*client.Client, error) {
		return s.apart().dial(nodes[binary.BigEndian.Uint64(circuit[24:])%uint64(len(nodes))])
	}
}

func (s *shell) proxyAddress() string { return cmp.Or(s.proxy, s.getenv(envProxy)) }

func (s *shell) relayAddress() string { return cmp.Or(s.relay, s.getenv(envRelay)) }

// newHTTPClient returns a client that asks the relay that the user names, or the node itself.
func (s *shell) newHTTPClient() (*http.Client, error) {
	transport, err := s.newTransport()
	if err != nil {
		return nil, err
	}
	relay := s.relayAddress()
	switch {
	case relay == "":
		return &http.Client{Transport: transport}, nil
	case cmp.Or(s.node, s.getenv(envNode)) != "":
		return nil, usage("--relay: it is the relay that has the node: leave out --node and SESSION_NODE")
	}
	relayed, err := ohttp.NewTransport(relay, transport)
	if err != nil {
		return nil, &usageError{err}
	}
	return &http.Client{Transport: relayed}, nil
}

// newTransport returns what dials the proxy that the user names, or directly. With a proxy nothing is
// dialed, and no name resolved, from here. If the proxy's address has no user, the transport gets one of its own: Tor
// takes a circuit for each (IsolateSOCKSAuth).
func (s *shell) newTransport() (*http.Transport, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	text := s.proxyAddress()
	if text == "" {
		return transport, nil
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Scheme != "socks5" && proxy.Scheme != "socks5h" || proxy.Port() == "" || proxy.Path != "" || proxy.RawQuery != "" {
		return nil, usage("--proxy: expected one like socks5://127.0.0.1:9050, got %q", text)
	}
	if proxy.User == nil {
		proxy.User = url.UserPassword(rand.Text(), "session")
	}
	transport.Proxy = http.ProxyURL(proxy)
	return transport, nil
}
