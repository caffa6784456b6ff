package main

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"net/http"
	"net/url"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
)

// httpClient returns what every address is asked through, but for circuits.
func (s *shell) httpClient() (_ *http.Client, err error) {
	if s.http == nil {
		s.http, err = s.newHTTPClient()
	}
	return s.http, err
}

// apart is the same shell, which asks over connections of its own.
func (s *shell) apart() *shell {
	other := *s
	other.http = nil
	return &other
}

// circuits returns what messaging.Config.Circuit is: a proxy user and connections of its own for each, and one of the
// nodes that the user names. Nil if there is neither a proxy nor a second node, and so nothing to gain.
func (s *shell) circuits() func(ids.ID) (*client.Client, error) {
	nodes := s.addresses()
	if s.proxyAddress() == "" && len(nodes) == 1 {
		return nil
	}
	return func(circuit ids.ID) (*client.Client, error) {
		return s.apart().dial(nodes[binary.BigEndian.Uint64(circuit[24:])%uint64(len(nodes))])
	}
}

func (s *shell) proxyAddress() string { return cmp.Or(s.proxy, s.getenv(envProxy)) }

// newHTTPClient returns a client that dials the proxy that the user names, or the node. With a proxy nothing is
// dialed, and no name resolved, from here. If the proxy's address has no user, the client gets one of its own: Tor
// takes a circuit for each (IsolateSOCKSAuth).
func (s *shell) newHTTPClient() (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	text := s.proxyAddress()
	if text == "" {
		return &http.Client{Transport: transport}, nil
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Scheme != "socks5" && proxy.Scheme != "socks5h" || proxy.Port() == "" || proxy.Path != "" || proxy.RawQuery != "" {
		return nil, usage("--proxy: expected one like socks5://127.0.0.1:9050, got %q", text)
	}
	if proxy.User == nil {
		proxy.User = url.UserPassword(rand.Text(), "session")
	}
	transport.Proxy = http.ProxyURL(proxy)
	return &http.Client{Transport: transport}, nil
}
