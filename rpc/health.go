package rpc

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/vm"
)

// healthTimeout bounds a health check: a node that does not answer is not healthy.
const healthTimeout = 5 * time.Second

// healthHandler returns the handler of GET /health: 200 if the chain is healthy, 503 if
// it is not, and the result of Health as JSON.
func healthHandler(vm *vm.VM) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			Refuse(w, http.StatusMethodNotAllowed, "the HTTP method GET", r.Method)
			return
		}
		health := healthOf(r.Context(), vm)
		encoded, err := json.Marshal(health)
		if err != nil {
			panic(err) // numbers, strings and booleans
		}
		status := http.StatusOK
		if !health.Healthy {
			status = http.StatusServiceUnavailable
		}
		response{status: status, parts: [][]byte{append(encoded, '\n')}}.write(w)
	})
}

// healthOf asks the chain for its health. An error means that it is not healthy.
func healthOf(ctx context.Context, vm *vm.VM) *client.HealthResult {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	health, err := vm.HealthCheck(ctx)
	answer := &client.HealthResult{
		Healthy:      health.Healthy && err == nil,
		Sessions:     health.Sessions,
		Channels:     health.Channels,
		Bootstrapped: health.Bootstrapped,
		Height:       health.Height,
		Mempool:      health.Mempool,
	}
	if err != nil {
		answer.Error = err.Error()
	}
	return answer
}
