package e2e

import (
	"context"
	"testing"
	"time"
)

// stepTimeout bounds each step.
const stepTimeout = 4 * time.Minute

// TestNetwork is one story on one network: each step finds what the ones before have left.
func TestNetwork(t *testing.T) {
	for _, step := range []struct {
		name string
		test func(context.Context, *testing.T)
	}{
		{"a message sent at one node is read at another", testDelivery},
		{"AvalancheGo verifies certificates and deliveries", testCertificates},
		{"a validator answers AvalancheGo's signature requests", testSignatureRequests},
		{"a stranger verifies a delivery offline", testLightClient},
		{"nodes and plugins come and go under load", testFaults},
		{"one message after the other", testRest},
		{"the validators change", testValidatorsChange},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
		passed := t.Run(step.name, func(t *testing.T) { step.test(ctx, t) })
		cancel()
		if !passed {
			return
		}
	}
}
