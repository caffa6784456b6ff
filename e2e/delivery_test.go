package e2e

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// awaitMessage waits until a node has accepted a message.
func awaitMessage(ctx context.Context, node *network.Node, id ids.ID) error {
	for {
		err := node.Call(ctx, "GetMessage", map[string]any{"messageId": id.String()}, &struct{}{})
		if err == nil {
			return nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("node %d: %w: %w", node.Index+1, ctx.Err(), err)
		}
	}
}

// awaitEverywhere waits until all nodes that run have accepted a message.
func awaitEverywhere(ctx context.Context, id ids.ID) error {
	var (
		group sync.WaitGroup
		nodes = net.Running()
		errs  = make([]error, len(nodes))
	)
	for i, node := range nodes {
		group.Go(func() { errs[i] = awaitMessage(ctx, node, id) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// header is what every node must agree on.
type header struct {
	ID        ids.ID `json:"id"`
	Height    uint64 `json:"height"`
	StateRoot string `json:"stateRoot"`

	PChainHeight     uint64 `json:"pChainHeight"`
	ValidatorSetHash string `json:"validatorSetHash"`
}

func headerAt(ctx context.Context, node *network.Node, height uint64) (header, error) {
	var result struct {
		Header header `json:"header"`
	}
	err := node.Call(ctx, "GetHeader", map[string]any{"height": height}, &result)
	return result.Header, err
}

// requireAgreement requires that all nodes that run have the same blocks and roots at every
// height, up to the height that all of them have. It returns that height.
func requireAgreement(ctx context.Context, t *testing.T) uint64 {
	t.Helper()
	nodes := net.Running()
	var heights []uint64
	for _, node := range nodes {
		height, err := node.Height(ctx)
		require.NoError(t, err)
		heights = append(heights, height)
	}
	lowest := slices.Min(heights)
	for height := range lowest + 1 {
		want, err := headerAt(ctx, nodes[0], height)
		require.NoError(t, err)
		for _, node := range nodes[1:] {
			got, err := headerAt(ctx, node, height)
			require.NoError(t, err)
			require.Equal(t, want, got, "node %d at height %d", node.Index+1, height)
		}
	}
	t.Logf("%d nodes agree on all blocks and roots up to height %d (they are at %v)", len(nodes), lowest, heights)
	return lowest
}

// spread tells the median and the worst of times.
func spread(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("median %s, worst %s, of %d", times[len(times)/2].Round(time.Millisecond), times[len(times)-1].Round(time.Millisecond), len(times))
}

// testDelivery: a message sent at one node is accepted on all, and read at another.
func testDelivery(ctx context.Context, t *testing.T) {
	nodes := net.Running()
	alice, err := newPerson(ctx, nodes[0])
	require.NoError(t, err)
	bob, err := newPerson(ctx, nodes[1])
	require.NoError(t, err)
	session, err := newSession(ctx, nodes[2], alice, bob)
	require.NoError(t, err)
	first, err := alice.send(ctx, nodes[0], net.ChainID, session, []byte("hello"), time.Minute)
	require.NoError(t, err)
	require.NoError(t, awaitEverywhere(ctx, first.ID))
	for _, node := range nodes {
		read, err := list(ctx, node, session)
		require.NoError(t, err)
		require.Equal(t, []listed{{ID: first.ID, Ciphertext: fmt.Sprintf("%x", "hello"), Sequence: 1, Height: first.Height}}, read)
	}
	requireAgreement(ctx, t)

	// At rest: each message is sent when the one before is everywhere, each at another node.
	var times []time.Duration
	for i := range 40 {
		started := time.Now()
		sent, err := alice.send(ctx, nodes[i%len(nodes)], net.ChainID, session, fmt.Appendf(nil, "message %d", i), time.Minute)
		require.NoError(t, err)
		require.NoError(t, awaitEverywhere(ctx, sent.ID))
		times = append(times, time.Since(started))
	}
	t.Logf("from sending to accepted on every node, at rest: %s", spread(times))
	requireAgreement(ctx, t)
}
