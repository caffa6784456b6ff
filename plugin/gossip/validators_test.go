package gossip

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/vm"
	"github.com/luxfi/session/warp/signing"
)

// testPlatform is a chain's validators, at any height of the platform chain.
type testPlatform []signing.Validator

func (testPlatform) CurrentHeight(context.Context) (uint64, error) { return 1, nil }

func (p testPlatform) Validators(context.Context, uint64) ([]signing.Validator, error) { return p, nil }

func (testPlatform) SourceValidators(_ context.Context, chain ids.ID, _ uint64) ([]signing.Validator, error) {
	return nil, fmt.Errorf("chain %s is not known", chain)
}

func TestStemsGoToValidatorsAlone(t *testing.T) {
	inAnyNetwork(t, 0, "", true, func(t *testing.T, n *testNetwork) {
		const nodes, validators = 12, 3
		var platform testPlatform
		validates := make(map[ids.NodeID]bool)
		for i := range validators {
			key, err := signing.SecretKeyFromSeed(append(make([]byte, signing.SeedSize-1), byte(i)))
			require.NoError(t, err)
			node := ids.NodeID{byte(nodes - i)}
			validates[node] = true
			platform = append(platform, signing.Validator{Node: node, PublicKey: key.PublicKey().Uncompressed(), Weight: 1})
		}
		n.platform = platform
		for range nodes {
			n.join("")
		}
		ctx := context.Background()
		n.nodes[0].pushes(ids.NodeID{99}, push(registration(t, 1)))
		built, err := n.nodes[0].BuildBlockWithContext(ctx, vm.Context{PChainHeight: 1})
		require.NoError(t, err)
		for _, node := range n.nodes {
			blk, err := node.ParseBlock(ctx, built.Bytes())
			require.NoError(t, err)
			require.NoError(t, blk.VerifyWithContext(ctx, vm.Context{PChainHeight: 1}))
			require.NoError(t, node.SetPreference(ctx, blk.ID()))
			require.NoError(t, blk.Accept(ctx))
		}
		time.Sleep(stemRefresh)
		synctest.Wait()
		for _, node := range n.nodes {
			node.gossip.stem.mu.Lock()
			peers := node.gossip.stem.epoch.peers
			node.gossip.stem.mu.Unlock()
			require.Len(t, peers, stemPeers)
			for _, peer := range peers {
				require.True(t, validates[peer])
			}
		}
	})
}
