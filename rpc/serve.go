package rpc

import (
	"net/http"

	"github.com/luxfi/session/vm"
)

// The paths of Handlers, beside OHTTPPath.
const (
	RPCPath          = "/rpc"
	TransactionsPath = "/transactions"
	CertificatePath  = "/certificate"
	HealthPath       = "/health"
)

// Handlers returns the HTTP handlers of an initialized chain by their paths, the same
// for every host, configured by the member "rpc" of the node's configuration. Version is the
// software's, for GetChainInfo.
func Handlers(chainVM *vm.VM, version string) (map[string]http.Handler, error) {
	config, err := ParseConfig(chainVM.Config().RPC)
	if err != nil {
		return nil, err
	}
	config.Version = version
	s, err := newService(chainVM, config)
	if err != nil {
		return nil, err
	}
	handlers := map[string]http.Handler{
		RPCPath:          s.rpc(),
		TransactionsPath: s.transactions(),
		CertificatePath:  s.certificates(),
		HealthPath:       healthHandler(chainVM),
	}
	if config.OHTTPKey != "" {
		key, err := gatewayKey(config.OHTTPKey, chainVM.Host().DataDir)
		if err != nil {
			return nil, err
		}
		handlers[OHTTPPath] = s.gateway(key)
		s.log.Info("Oblivious HTTP is on", "path", OHTTPPath, "keys", key.Hash())
	}
	return handlers, nil
}

// Serve returns a handler of exactly the paths of a map. Any other path is answered with
// status 404 and a JSON-RPC error object.
func Serve(handlers map[string]http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler, ok := handlers[r.URL.Path]; ok {
			handler.ServeHTTP(w, r)
			return
		}
		Refuse(w, http.StatusNotFound, "the path "+RPCPath+", "+TransactionsPath+", "+CertificatePath+" or "+HealthPath, r.URL.Path)
	})
}
