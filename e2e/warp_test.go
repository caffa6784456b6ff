package e2e

import (
	"context"
	"encoding/hex"
	"math/big"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/ava-labs/avalanchego/message"
	"github.com/ava-labs/avalanchego/network/p2p"
	"github.com/ava-labs/avalanchego/network/p2p/acp118"
	"github.com/ava-labs/avalanchego/network/peer"
	p2ppb "github.com/ava-labs/avalanchego/proto/pb/p2p"
	"github.com/ava-labs/avalanchego/snow/engine/common"
	"github.com/ava-labs/avalanchego/snow/validators"
	"github.com/ava-labs/avalanchego/utils/constants"
	"github.com/ava-labs/avalanchego/utils/logging"
	"github.com/ava-labs/avalanchego/utils/set"
	"github.com/ava-labs/avalanchego/vms/platformvm"
	platformapi "github.com/ava-labs/avalanchego/vms/platformvm/api"
	"github.com/ava-labs/avalanchego/vms/platformvm/warp"
	"github.com/ava-labs/avalanchego/vms/platformvm/warp/payload"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// The quorum that Warp receivers ask for by default.
const (
	quorumNum = 67
	quorumDen = 100
)

// hexBytes are bytes in hex.
type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

// canonicalSet returns the chain's validators at a platform height, as AvalancheGo's own
// code knows and sorts them.
func canonicalSet(ctx context.Context, t *testing.T, height uint64) validators.WarpSet {
	t.Helper()
	members, err := platformvm.NewClient(net.Nodes[0].URL()).GetValidatorsAt(ctx, net.SubnetID, platformapi.Height(height))
	require.NoError(t, err)
	set, err := validators.FlattenValidatorSet(members)
	require.NoError(t, err)
	return set
}

// indexIn returns where in a set a node is, or -1.
func indexIn(set validators.WarpSet, node *network.Node) int {
	return slices.IndexFunc(set.Validators, func(v *validators.Warp) bool { return slices.Contains(v.NodeIDs, node.ID) })
}

// verified requires that AvalancheGo's own code takes a signed message.
func verified(ctx context.Context, t *testing.T, signed []byte, pChainHeight uint64) *warp.Message {
	t.Helper()
	m, err := warp.ParseMessage(signed)
	require.NoError(t, err)
	require.Equal(t, signed, m.Bytes())
	require.Equal(t, net.ChainID, m.SourceChainID)
	set := canonicalSet(ctx, t, pChainHeight)
	require.NoError(t, m.Signature.Verify(&m.UnsignedMessage, network.NetworkID, set, quorumNum, quorumDen))
	return m
}

// sendOne sends a message in a session of its own.
func sendOne(ctx context.Context, t *testing.T, node *network.Node, text string) (sent, ids.ID, *person) {
	t.Helper()
	alice, err := newPerson(ctx, node)
	require.NoError(t, err)
	session, err := newSession(ctx, node, alice)
	require.NoError(t, err)
	sent, err := alice.send(ctx, node, net.ChainID, session, []byte(text), longestWait)
	require.NoError(t, err)
	require.NoError(t, awaitEverywhere(ctx, sent.ID))
	return sent, session, alice
}

// awaitValidators waits until blocks commit to validators. AvalancheGo counts by epochs
// (ACP-181): blocks of the first one have the platform height 0 as context, at which the
// subnet had no validators yet.
func awaitValidators(ctx context.Context, t *testing.T) {
	t.Helper()
	eventually(ctx, t, time.Second, "blocks that commit to all validators", func() bool {
		sent, _, _ := sendOne(ctx, t, net.Nodes[0], "is it time?")
		at, err := headerAt(ctx, net.Nodes[0], sent.Height)
		require.NoError(t, err)
		return at.PChainHeight != 0 && len(canonicalSet(ctx, t, at.PChainHeight).Validators) == network.Size
	})
}

func testCertificates(ctx context.Context, t *testing.T) {
	awaitValidators(ctx, t)
	sent, session, alice := sendOne(ctx, t, net.Nodes[0], "certified")
	for _, node := range net.Running() {
		at, err := headerAt(ctx, node, sent.Height)
		require.NoError(t, err)
		require.NotZero(t, at.PChainHeight)

		var certified struct {
			Certificate hexBytes `json:"certificate"`
		}
		started := time.Now()
		require.NoError(t, node.Call(ctx, "GetCertificate", map[string]any{"height": sent.Height}, &certified))
		t.Logf("node %d: a certificate of %d bytes after %s", node.Index+1, len(certified.Certificate), since(started))
		hash, err := payload.ParseHash(verified(ctx, t, certified.Certificate, at.PChainHeight).Payload)
		require.NoError(t, err)
		require.Equal(t, at.ID, hash.Hash)

		var delivered struct {
			Unsigned     hexBytes `json:"unsigned"`
			Signed       hexBytes `json:"signed"`
			PChainHeight uint64   `json:"pChainHeight"`
		}
		require.NoError(t, node.Call(ctx, "GetWarpMessage", map[string]any{"transactionId": sent.ID.String()}, &delivered))
		m := verified(ctx, t, delivered.Signed, delivered.PChainHeight)
		require.Equal(t, []byte(delivered.Unsigned), m.UnsignedMessage.Bytes())
		call, err := payload.ParseAddressedCall(m.Payload)
		require.NoError(t, err)
		require.Equal(t, alice.id[:], call.SourceAddress)
		// docs/warp.md: type, chain, height, root, session, message, sequence, sender, transcript.
		require.Len(t, call.Payload, 209)
		require.Equal(t, byte(1), call.Payload[0])
		require.Equal(t, net.ChainID[:], call.Payload[1:33])
		require.Equal(t, session[:], call.Payload[73:105])
		require.Equal(t, sent.ID[:], call.Payload[105:137])
		require.Equal(t, alice.id[:], call.Payload[145:177])
	}
}

// relayer is AvalancheGo's own client side of signature requests, as relayers run it: it is
// connected to the validators, and no validator itself.
type relayer struct {
	common.AppSender // nil: it sends nothing but requests

	t        *testing.T
	messages message.Creator
	network  *p2p.Network
	peers    map[ids.NodeID]peer.Peer
	refused  atomic.Int32
}

func newRelayer(ctx context.Context, t *testing.T, nodes []*network.Node) *relayer {
	t.Helper()
	r := &relayer{t: t, peers: make(map[ids.NodeID]peer.Peer)}
	var err error
	r.messages, err = message.NewCreator(prometheus.NewRegistry(), constants.DefaultNetworkCompressionType, 10*time.Second)
	require.NoError(t, err)
	r.network, err = p2p.NewNetwork(logging.NoLog{}, r, prometheus.NewRegistry(), "")
	require.NoError(t, err)
	for _, node := range nodes {
		connection, err := peer.StartTestPeer(ctx, netip.MustParseAddrPort(node.StakingAddress()), network.NetworkID, r)
		require.NoError(t, err)
		require.Equal(t, node.ID, connection.ID())
		r.peers[node.ID] = connection
		t.Cleanup(func() {
			connection.StartClose()
			require.NoError(t, connection.AwaitClosed(context.Background()))
		})
	}
	return r
}

// HandleInbound implements router.InboundHandler.
func (r *relayer) HandleInbound(ctx context.Context, m *message.InboundMessage) {
	defer m.OnFinishedHandling()
	switch answer := m.Message.(type) {
	case *p2ppb.AppResponse:
		_ = r.network.AppResponse(ctx, m.NodeID, answer.RequestId, answer.AppBytes)
	case *p2ppb.AppError:
		r.refused.Add(1)
		_ = r.network.AppRequestFailed(ctx, m.NodeID, answer.RequestId, &common.AppError{Code: answer.ErrorCode, Message: answer.ErrorMessage})
	}
}

// SendAppRequest implements common.AppSender.
func (r *relayer) SendAppRequest(ctx context.Context, nodes set.Set[ids.NodeID], request uint32, encoded []byte) error {
	outbound, err := r.messages.AppRequest(net.ChainID, request, 10*time.Second, encoded)
	if err != nil {
		return err
	}
	for node := range nodes {
		if connection, ok := r.peers[node]; ok {
			connection.Send(ctx, outbound)
		} else { // it is down: nobody answers
			go func() {
				_ = r.network.AppRequestFailed(context.WithoutCancel(ctx), node, request, common.ErrTimeout)
			}()
		}
	}
	return nil
}

// testSignatureRequests: validators sign for AvalancheGo's aggregator blocks and deliveries
// that they have accepted, and nothing else.
func testSignatureRequests(ctx context.Context, t *testing.T) {
	sent, _, alice := sendOne(ctx, t, net.Nodes[1], "to be signed")
	at, err := headerAt(ctx, net.Nodes[1], sent.Height)
	require.NoError(t, err)
	validators := canonicalSet(ctx, t, at.PChainHeight)
	r := newRelayer(ctx, t, net.Running())
	aggregator := acp118.NewSignatureAggregator(logging.NoLog{}, r.network.NewClient(acp118.HandlerID, p2p.PeerSampler{Peers: &p2p.Peers{}}))
	aggregate := func(content, justification []byte) (*warp.Message, *big.Int) {
		unsigned, err := warp.NewUnsignedMessage(network.NetworkID, net.ChainID, content)
		require.NoError(t, err)
		unsignedMessage, err := warp.NewMessage(unsigned, &warp.BitSetSignature{})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		signed, weight, _, err := aggregator.AggregateSignatures(ctx, unsignedMessage, justification, validators.Validators, quorumNum, quorumDen)
		require.NoError(t, err)
		return signed, weight
	}
	block := func(id ids.ID) []byte {
		hash, err := payload.NewHash(id)
		require.NoError(t, err)
		return hash.Bytes()
	}
	delivery := func(sender ids.ID, content []byte) []byte {
		call, err := payload.NewAddressedCall(sender[:], content)
		require.NoError(t, err)
		return call.Bytes()
	}
	var message struct {
		Unsigned hexBytes `json:"unsigned"`
	}
	require.NoError(t, net.Nodes[1].Call(ctx, "GetWarpMessage", map[string]any{"transactionId": sent.ID.String()}, &message))
	unsigned, err := warp.ParseUnsignedMessage(message.Unsigned)
	require.NoError(t, err)
	call, err := payload.ParseAddressedCall(unsigned.Payload)
	require.NoError(t, err)

	for _, accepted := range []struct {
		name                   string
		content, justification []byte
	}{
		{"block", block(at.ID), nil},
		{"block with its ID", block(at.ID), at.ID[:]},
		{"delivery", unsigned.Payload, nil},
		{"delivery with the message's ID", unsigned.Payload, sent.ID[:]},
	} {
		signed, weight := aggregate(accepted.content, accepted.justification)
		verified(ctx, t, signed.Bytes(), at.PChainHeight)
		t.Logf("%s: AvalancheGo's aggregator has collected %s of %d", accepted.name, weight, validators.TotalWeight)
	}
	require.Zero(t, r.refused.Load())

	other := slices.Clone(call.Payload)
	other[len(other)-1-64] ^= 1 // its sequence: docs/warp.md
	for _, never := range []struct {
		name                   string
		content, justification []byte
	}{
		{"another block", block(ids.GenerateTestID()), nil},
		{"a block's ID with another justification", block(at.ID), sent.ID[:]},
		{"a delivery as another sequence", delivery(alice.id, other), nil},
		{"a delivery by another sender", delivery(ids.GenerateTestID(), call.Payload), nil},
		{"neither block nor delivery", []byte("anything"), nil},
	} {
		r.refused.Store(0)
		_, weight := aggregate(never.content, never.justification)
		require.Zero(t, weight.Sign(), "validators sign %s", never.name)
		require.EqualValues(t, len(net.Running()), r.refused.Load(), "%s", never.name)
	}
}
