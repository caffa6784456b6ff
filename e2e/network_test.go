package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// stepTimeout bounds each step, beside what it waits for on the chain.
	stepTimeout = 4 * time.Minute
	// keyWindow is how long the chain has a validator wait after it has registered a key until it replaces it: a
	// transactionWindow. The last step waits for that.
	keyWindow = 5 * time.Minute
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
		name  string
		test  func(context.Context, *testing.T)
		waits time.Duration // for what takes its time on the chain
	}{
		{"four of five deliver a message", testDelivery, 0},
		{"AvalancheGo verifies certificates and deliveries", testCertificates, 0},
		{"a validator answers AvalancheGo's signature requests", testSignatureRequests, 0},
		{"a delivery verifies without BLS", testPostQuantum, 0},
		{"validators are to offer their state", offerStates, 0},
		{"nodes and plugins come and go under load", testFaults, 0},
		{"all five deliver a message", testDelivery, 0},
		{"a stranger verifies a delivery offline", testLightClient, 0},
		{"one message after the other", testRest, 0},
		{"a sixth node joins by fetching the state", testStateSync, 0},
		{"two people and a group of five talk", testPeople, 0},
		{"a person walks through docs/warp.md", testWalk, 0},
		{"contracts on an EVM chain act on messages", testEVM, 0},
		{"a contract on an EVM chain writes in a session", testSender, 0},
		{"a validator is given a new ML-DSA-65 key", rotateKey, 0},
		{"the rules change under load", testUpgrade, 0},
		{"the validators change", testValidatorsChange, keyWindow},
	} {
		ctx, cancel := context.WithTimeout(story, stepTimeout+step.waits)
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
