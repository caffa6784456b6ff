package service

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/rpc"
	"github.com/luxfi/session/vm"
)

// The paths of the handlers.
const (
	RPCPath    = "/rpc"
	HealthPath = "/health"
)

// Handlers returns the HTTP handlers of an initialized chain by their paths. Version is
// the software's, for GetChainInfo.
func Handlers(chainVM *vm.VM, version string) (map[string]http.Handler, error) {
	config, err := ParseConfig(chainVM.Config().RPC)
	if err != nil {
		return nil, err
	}
	config.Version = version
	return map[string]http.Handler{
		RPCPath:    rpc.NewHandler(chainVM, config),
		HealthPath: rpc.NewHealthHandler(chainVM),
	}, nil
}

// MaxWait returns how long a call of the chain's service may wait for acceptance.
func MaxWait(chainVM *vm.VM) (time.Duration, error) {
	config, err := ParseConfig(chainVM.Config().RPC)
	if config.MaxWaitSeconds == 0 {
		config.MaxWaitSeconds = rpc.DefaultConfig().MaxWaitSeconds
	}
	return time.Duration(config.MaxWaitSeconds) * time.Second, err
}

// ParseConfig decodes the member "rpc" of a node's configuration strictly. What it leaves
// out has its default.
func ParseConfig(encoded json.RawMessage) (rpc.Config, error) {
	config := rpc.DefaultConfig()
	if len(bytes.TrimSpace(encoded)) == 0 {
		return config, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return config, chain.Refuse(chain.ErrConfig, `a JSON object with the options of "rpc"`, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return config, chain.Refuse(chain.ErrConfig, `nothing after the JSON object of "rpc"`, "more")
	}
	return config, config.Check()
}
