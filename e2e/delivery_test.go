package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// everywhere waits until all nodes that run answer a call without an error.
func everywhere(ctx context.Context, method string, params any) error {
	var (
		group sync.WaitGroup
		nodes = net.Running()
		errs  = make([]error, len(nodes))
	)
	for i, node := range nodes {
		group.Go(func() {
			for {
				if errs[i] = node.Call(ctx, method, params, &struct{}{}); errs[i] == nil {
					return
				}
				select {
				case <-time.After(2 * time.Millisecond):
				case <-ctx.Done():
					errs[i] = fmt.Errorf("%s at node %d: %w", method, node.Index+1, errs[i])
					return
				}
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// awaitEverywhere waits until all nodes that run have accepted a message.
func awaitEverywhere(ctx context.Context, id ids.ID) error {
	return everywhere(ctx, "GetMessage", map[string]any{"messageId": id.String()})
}

// header is what every node must agree on.
type header struct {
	ID        ids.ID `json:"id"`
	Version   uint32 `json:"version"` // the number of the rules
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
	first, err := alice.send(ctx, nodes[0], net.ChainID, session, []byte("hello"), longestWait)
	require.NoError(t, err)
	require.NoError(t, awaitEverywhere(ctx, first.ID))
	for _, node := range nodes {
		read, err := list(ctx, node, session)
		require.NoError(t, err)
		require.Equal(t, []listed{{ID: first.ID, Ciphertext: fmt.Sprintf("%x", "hello"), Sequence: 1, Height: first.Height}}, read)
	}
	requireAgreement(ctx, t)
}
