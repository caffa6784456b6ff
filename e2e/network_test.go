package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// stepTimeout bounds each step.
	stepTimeout = 4 * time.Minute
	// stopTime is what the network gets to end before go test's own time-out, which would
	// leave its folder behind.
	stopTime = 2 * time.Minute
)

// TestNetwork is one story on one network: each step finds what the ones before have left.
// Four validators begin, the fifth comes late.
func TestNetwork(t *testing.T) {
	story := interrupted
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		story, cancel = context.WithDeadline(story, deadline.Add(-stopTime))
		defer cancel()
	}
	for _, step := range []struct {
		name string
		test func(context.Context, *testing.T)
	}{
		{"four of five deliver a message", testDelivery},
		{"AvalancheGo verifies certificates and deliveries", testCertificates},
		{"a validator answers AvalancheGo's signature requests", testSignatureRequests},
		{"a delivery verifies without BLS", testPostQuantum},
		{"validators are to offer their state", offerStates},
		{"nodes and plugins come and go under load", testFaults},
		{"all five deliver a message", testDelivery},
		{"a stranger verifies a delivery offline", testLightClient},
		{"one message after the other", testRest},
		{"a sixth node joins by fetching the state", testStateSync},
		{"two people and a group of five talk", testPeople},
		{"contracts on an EVM chain act on messages", testEVM},
		{"a validator is given a new ML-DSA-65 key", rotateKey},
		{"the rules change under load", testUpgrade},
		{"the validators change", testValidatorsChange},
	} {
		ctx, cancel := context.WithTimeout(story, stepTimeout)
		passed := t.Run(step.name, func(t *testing.T) { step.test(ctx, t) })
		cancel()
		if !passed {
			return
		}
	}
}

// eventually requires that something becomes true while the context lasts. What it asks for
// may fail the test: unlike testify's, it asks in the test's own goroutine.
func eventually(ctx context.Context, t *testing.T, every time.Duration, what string, holds func() bool) {
	t.Helper()
	for !holds() {
		select {
		case <-time.After(every):
		case <-ctx.Done():
			require.NoError(t, ctx.Err(), what)
		}
	}
}
