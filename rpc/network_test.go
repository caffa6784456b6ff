package rpc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/vm"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// testNetwork is the validators of a chain: the platform that tells of them, and the
// network between their nodes.
type testNetwork struct {
	mu     sync.Mutex
	keys   []testKey
	nodes  []*vm.VM
	down   map[int]bool
	sets   map[uint64][]signing.Validator // by platform height
	height uint64
	remote map[ids.NodeID]remote // validators without a node here
}

// remote is a validator that signs and does nothing else.
type remote struct {
	*signing.Responder
	*signing.Attestor
}

// testKey is a validator's BLS key.
type testKey struct{ *signing.SecretKey }

func (testKey) Ciphersuite(context.Context) (warp.Ciphersuite, error) {
	return warp.CiphersuitePOP, nil
}

func (k testKey) Sign(_ context.Context, m *warp.UnsignedMessage) (warp.Signature, error) {
	return k.SecretKey.Sign(warp.CiphersuitePOP, m.Bytes())
}

func nodeID(i int) ids.NodeID { return ids.NodeID{byte(i + 1)} }

// newTestNetwork returns a network of validators with equal weights, and the nodes that
// they run once they are added.
func newTestNetwork(t testing.TB, size int) *testNetwork {
	t.Helper()
	n := &testNetwork{down: make(map[int]bool), sets: make(map[uint64][]signing.Validator)}
	all := make([]int, size)
	for i := range size {
		seed := make([]byte, signing.SeedSize)
		seed[0] = byte(i)
		signer, err := signing.SecretKeyFromSeed(seed)
		require.NoError(t, err)
		n.keys = append(n.keys, testKey{signer})
		all[i] = i
	}
	n.setValidators(1, all...)
	return n
}

// setValidators makes nodes the validators, of weight 10 each, from a platform height on.
func (n *testNetwork) setValidators(height uint64, nodes ...int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.height = height
	n.sets[height] = nil
	for _, i := range nodes {
		n.sets[height] = append(n.sets[height], signing.Validator{Node: nodeID(i), PublicKey: n.keys[i].PublicKey().Uncompressed(), Weight: 10})
	}
}

func (n *testNetwork) setDown(down bool, nodes ...int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, i := range nodes {
		n.down[i] = down
	}
}

// CurrentHeight implements vm.Platform.
func (n *testNetwork) CurrentHeight(context.Context) (uint64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.height, nil
}

// Validators implements vm.Platform.
func (n *testNetwork) Validators(_ context.Context, height uint64) ([]signing.Validator, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	set, ok := n.sets[height]
	if !ok {
		return nil, fmt.Errorf("platform height %d is not known", height)
	}
	return set, nil
}

// SourceValidators implements vm.Platform.
func (*testNetwork) SourceValidators(_ context.Context, chain ids.ID, _ uint64) ([]signing.Validator, error) {
	return nil, fmt.Errorf("chain %s is not known", chain)
}

// RequestSignature implements signing.Network.
func (n *testNetwork) RequestSignature(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	if r, ok := n.remote[node]; ok {
		return r.Responder.Respond(ctx, request)
	}
	collector, err := n.collectorOf(node)
	if err != nil {
		return nil, err
	}
	return collector.Respond(ctx, request)
}

// RequestAttestation implements signing.Network.
func (n *testNetwork) RequestAttestation(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	if r, ok := n.remote[node]; ok {
		return r.Attestor.Respond(ctx, request)
	}
	collector, err := n.collectorOf(node)
	if err != nil {
		return nil, err
	}
	return collector.Attest(ctx, request)
}

func (n *testNetwork) collectorOf(node ids.NodeID) (*signing.Collector, error) {
	i := int(node[0]) - 1
	n.mu.Lock()
	if n.down[i] || i >= len(n.nodes) {
		n.mu.Unlock()
		return nil, errors.New("no connection")
	}
	to := n.nodes[i]
	n.mu.Unlock()
	return to.Certificates()
}

// verifier is what a client of the network is configured with.
func (n *testNetwork) verifier() warp.Verifier {
	host := n.nodes[0].Host()
	return warp.Verifier{NetworkID: host.NetworkID, ChainID: host.ChainID, Ciphersuite: warp.CiphersuitePOP}
}
