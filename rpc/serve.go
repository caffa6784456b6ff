package rpc

import (
	"net/http"
	"time"

	"github.com/luxfi/session/vm"
)

// The paths of Handlers.
const (
	RPCPath    = "/rpc"
	HealthPath = "/health"
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
	return map[string]http.Handler{
		RPCPath:    NewHandler(chainVM, config),
		HealthPath: NewHealthHandler(chainVM),
	}, nil
}

// MaxWait returns how long a call of the chain's service may wait for acceptance.
func MaxWait(chainVM *vm.VM) (time.Duration, error) {
	config, err := ParseConfig(chainVM.Config().RPC)
	if config.MaxWaitSeconds == 0 {
		config.MaxWaitSeconds = DefaultConfig().MaxWaitSeconds
	}
	return time.Duration(config.MaxWaitSeconds) * time.Second, err
}
