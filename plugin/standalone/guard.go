package standalone

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"

	"github.com/luxfi/session/rpc"
)

// anything stands in a list of hosts or origins for all of them.
const anything = "*"

// guard keeps out the scripts of web pages that happen to be open in a browser on this machine
// or in this network. A page whose name is made to resolve to a local address (DNS rebinding)
// is known by its Host, another one by its Origin. The pages that the configuration lists get
// CORS headers.
func guard(next http.Handler, listen string, config rpc.Config) http.Handler {
	hosts := append([]string{"localhost"}, config.AllowedHosts...)
	if name, _, err := net.SplitHostPort(listen); err == nil && name != "" {
		hosts = append(hosts, name)
	}
	if len(config.AllowedOrigins) > 0 {
		next = cors.New(cors.Options{
			AllowedOrigins: config.AllowedOrigins,
			AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
			AllowedHeaders: []string{"Content-Type"},
			MaxAge:         600, // seconds
		}).Handler(next)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !allowedHost(r.Host, hosts) {
			rpc.Refuse(w, http.StatusForbidden, "a Host that is an IP address, localhost, or one of allowedHosts", r.Host)
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && !allowedOrigin(origin, r.Host, config.AllowedOrigins) {
			rpc.Refuse(w, http.StatusForbidden, "no Origin, or one of allowedOrigins", origin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// allowedHost reports whether a Host header is one that is answered to. An address in numbers
// is always: it names no page's server.
func allowedHost(host string, allowed []string) bool {
	name := host
	if without, _, err := net.SplitHostPort(host); err == nil {
		name = without
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	return slices.ContainsFunc(allowed, func(other string) bool { return other == anything || strings.EqualFold(other, name) })
}

// allowedOrigin reports whether an Origin header is of this server's own pages or listed.
func allowedOrigin(origin, host string, allowed []string) bool {
	if parsed, err := url.Parse(origin); err == nil && parsed.Host != "" && strings.EqualFold(parsed.Host, host) {
		return true
	}
	return slices.ContainsFunc(allowed, func(other string) bool { return other == anything || strings.EqualFold(other, origin) })
}
