package main

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"net/url"
)

// httpClient returns what every address is asked through: the proxy that the user names, or what is
// Go's default. With a proxy nothing is dialed, and no name resolved, from here. If the proxy's address has
// no user, this command gets one of its own: Tor takes a circuit for each (IsolateSOCKSAuth).
func (s *shell) httpClient() (*http.Client, error) {
	text := cmp.Or(s.proxy, s.getenv(envProxy))
	if s.http != nil || text == "" {
		return cmp.Or(s.http, http.DefaultClient), nil
	}
	proxy, err := url.Parse(text)
	if err != nil || proxy.Scheme != "socks5" && proxy.Scheme != "socks5h" || proxy.Port() == "" || proxy.Path != "" || proxy.RawQuery != "" {
		return nil, usage("--proxy: expected one like socks5://127.0.0.1:9050, got %q", text)
	}
	if proxy.User == nil {
		proxy.User = url.UserPassword(rand.Text(), "session")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = http.ProxyURL(proxy)
	s.http = &http.Client{Transport: transport}
	return s.http, nil
}
