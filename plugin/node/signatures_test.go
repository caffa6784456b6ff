package node

import (
	"context"
	"crypto/sha256"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	appsenderpb "github.com/luxfi/node/proto/pb/appsender"
	sdkpb "github.com/luxfi/node/proto/pb/sdk"
	validatorstatepb "github.com/luxfi/node/proto/pb/validatorstate"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	"github.com/luxfi/p2p"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/plugin/keyfile"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

// wire carries requests and answers between the chains of several nodes, as their nodes do.
type wire struct {
	genesis []byte

	mu     sync.Mutex
	chains map[ids.NodeID]*server
}

func (w *wire) to(node []byte) *server {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.chains[ids.NodeID(node)]
}

// wiredNode is a node on the wire.
type wiredNode struct {
	appsenderpb.UnimplementedAppSenderServer
	*wire
	self ids.NodeID
}

func (n *wiredNode) SendAppRequest(_ context.Context, m *appsenderpb.SendAppRequestMsg) (*emptypb.Empty, error) {
	for _, node := range m.NodeIds {
		peer := n.to(node)
		if peer == nil {
			go n.to(n.self[:]).AppRequestFailed(context.Background(), &vmpb.AppRequestFailedMsg{NodeId: node, RequestId: m.RequestId, ErrorCode: -1, ErrorMessage: "timed out"})
			continue
		}
		go peer.AppRequest(context.Background(), &vmpb.AppRequestMsg{
			NodeId: n.self[:], RequestId: m.RequestId, Request: m.Request, Deadline: timestamppb.New(time.Now().Add(10 * time.Second)),
		})
	}
	return &emptypb.Empty{}, nil
}

func (n *wiredNode) SendAppResponse(_ context.Context, m *appsenderpb.SendAppResponseMsg) (*emptypb.Empty, error) {
	go n.to(m.NodeId).AppResponse(context.Background(), &vmpb.AppResponseMsg{NodeId: n.self[:], RequestId: m.RequestId, Response: m.Response})
	return &emptypb.Empty{}, nil
}

func (n *wiredNode) SendAppError(_ context.Context, m *appsenderpb.SendAppErrorMsg) (*emptypb.Empty, error) {
	go n.to(m.NodeId).AppRequestFailed(context.Background(), &vmpb.AppRequestFailedMsg{NodeId: n.self[:], RequestId: m.RequestId, ErrorCode: m.ErrorCode, ErrorMessage: m.ErrorMessage})
	return &emptypb.Empty{}, nil
}

// startWired starts the chains of several nodes that are validators of weight 1 each, at
// platform height 7.
func startWired(t *testing.T, size byte) (chains []*server, nodes []*testNode) {
	t.Helper()
	_, chains, nodes = wireUp(t, size, nil)
	return chains, nodes
}

// wireUp is startWired with a configuration.
func wireUp(t *testing.T, size byte, config []byte) (w *wire, chains []*server, nodes []*testNode) {
	t.Helper()
	w = &wire{genesis: testGenesis(nil), chains: make(map[ids.NodeID]*server)}
	var validators []*validatorstatepb.Validator
	for i := range size {
		n := newTestNode(t, warp.CiphersuitePOP, i)
		n.config = config
		validators = append(validators, n.validator(ids.NodeID{i + 1}, 1))
		nodes = append(nodes, n)
	}
	for i, n := range nodes {
		self := ids.NodeID{byte(i + 1)}
		n.current, n.sets[7] = 7, validators
		n.messages = &wiredNode{wire: w, self: self}
		s := initializedBy(t, n, self, t.TempDir(), w.genesis)
		w.mu.Lock()
		w.chains[self] = s
		w.mu.Unlock()
		chains = append(chains, s)
	}
	return w, chains, nodes
}

// acceptOn accepts a block with what waits at the first chain on some of them.
func acceptOn(t *testing.T, builder *server, chains ...*server) *chain.Header {
	t.Helper()
	ctx := context.Background()
	height := uint64(7)
	built, err := builder.BuildBlock(ctx, &vmpb.BuildBlockRequest{PChainHeight: &height})
	require.NoError(t, err)
	for _, s := range chains {
		_, err = s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: built.Bytes, PChainHeight: &height})
		require.NoError(t, err)
		_, err = s.BlockAccept(ctx, &vmpb.BlockAcceptRequest{Id: built.Id})
		require.NoError(t, err)
	}
	block, err := chain.ParseBlock(testChainID, built.Bytes, chain.MaxBlockBytes)
	require.NoError(t, err)
	return block.Header
}

func TestACertificateIsCollectedFromTheOtherNodes(t *testing.T) {
	ctx := context.Background()
	chains, _ := startWired(t, 4)
	require.NoError(t, chains[0].chain.vm().Submit(ctx, registration(t, 1), ""))
	header := acceptOn(t, chains[0], chains[0], chains[1], chains[2]) // the fourth is behind
	collector, err := chains[0].chain.vm().Certificates()
	require.NoError(t, err)
	certificate, err := collector.Certificate(ctx, header, nil)
	require.NoError(t, err)
	set, err := chains[0].chain.vm().ValidatorsAt(ctx, 7)
	require.NoError(t, err)
	verifier := warp.Verifier{NetworkID: 12345, ChainID: testChainID, Ciphersuite: warp.CiphersuitePOP}
	weight, err := verifier.VerifyCertificate(certificate, header, set.ValidatorSet)
	require.NoError(t, err)
	require.Equal(t, warp.Weight{Signed: 3, Total: 4}, weight)
}

// TestNodesAttestForEachOther: with the key in their folder, over a handler of its own.
func TestNodesAttestForEachOther(t *testing.T) {
	ctx := context.Background()
	chains, _ := startWired(t, 2)
	require.NoError(t, chains[0].chain.vm().Submit(ctx, registration(t, 1), ""))
	header := acceptOn(t, chains[0], chains...)
	keys, err := keyfile.Load(chains[1].chain.opening.host.DataDir)
	require.NoError(t, err)
	request := signing.AttestationRequest{BlockID: header.ID(), Key: sha256.Sum256(keys[0].Public())}
	signature, err := chains[0].chain.opening.host.Network.RequestAttestation(ctx, ids.NodeID{2}, request.Bytes())
	require.NoError(t, err)
	require.NoError(t, pq.Verify(keys[0].Public(), warp.ContextAttestation, warp.AttestedBytes(12345, testChainID, header.Height, header.ID()), signature))
	request.Key[0] ^= 1
	_, err = chains[0].chain.opening.host.Network.RequestAttestation(ctx, ids.NodeID{2}, request.Bytes())
	require.Error(t, err)
}

// TestANodeSignsForItsPeersWhatItHasAccepted, and nothing else, as the node module's own
// protobuf has it.
func TestANodeSignsForItsPeersWhatItHasAccepted(t *testing.T) {
	ctx := context.Background()
	var outbox sendingNode
	outbox.sent = make(chan proto.Message, 16)
	n := newTestNode(t, warp.CiphersuitePOP, 1)
	self, peer, other := ids.NodeID{1}, ids.NodeID{2}, ids.ID{'x'}
	n.current, n.sets[7] = 7, []*validatorstatepb.Validator{n.validator(self, 1)}
	n.messages = &outbox
	s := initializedBy(t, n, self, t.TempDir(), testGenesis(nil))
	require.NoError(t, s.chain.vm().Submit(ctx, registration(t, 1), ""))
	accepted := acceptOn(t, s, s)
	block := warp.BlockMessage(12345, testChainID, accepted.ID())
	id := accepted.ID()
	// A block that is verified, but not accepted.
	require.NoError(t, s.chain.vm().Submit(ctx, registration(t, 2), ""))
	pending := acceptOn(t, s)
	height := uint64(7)
	built, err := s.chain.vm().GetBlock(ctx, pending.ID())
	require.NoError(t, err)
	_, err = s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: built.Bytes(), PChainHeight: &height})
	require.NoError(t, err)

	ask := func(request []byte) proto.Message {
		_, err := s.AppRequest(ctx, &vmpb.AppRequestMsg{
			NodeId: peer[:], RequestId: 7, Deadline: timestamppb.New(time.Now().Add(time.Minute)),
			Request: append([]byte{p2p.SignatureRequestHandlerID}, request...),
		})
		require.NoError(t, err)
		for {
			sent := outbox.next(t)
			if _, gossip := sent.(*appsenderpb.SendAppGossipMsg); !gossip { // what was submitted
				return sent
			}
		}
	}
	encode := func(message *warp.UnsignedMessage, justification []byte) []byte {
		encoded, err := proto.Marshal(&sdkpb.SignatureRequest{Message: message.Bytes(), Justification: justification})
		require.NoError(t, err)
		return encoded
	}
	for _, justification := range [][]byte{nil, id[:]} {
		answer, ok := ask(encode(block, justification)).(*appsenderpb.SendAppResponseMsg)
		require.True(t, ok)
		var response sdkpb.SignatureResponse
		require.NoError(t, proto.Unmarshal(answer.Response, &response))
		require.NoError(t, n.signer.PublicKey().Verify(warp.CiphersuitePOP, block.Bytes(), warp.Signature(response.Signature)))
	}
	for name, request := range map[string][]byte{
		"a block that it does not know":    encode(warp.BlockMessage(12345, testChainID, other), nil),
		"a block that is not accepted yet": encode(warp.BlockMessage(12345, testChainID, pending.ID()), nil),
		"another chain's block":            encode(warp.BlockMessage(12345, other, accepted.ID()), nil),
		"another network's block":          encode(warp.BlockMessage(1, testChainID, accepted.ID()), nil),
		"another justification":            encode(block, other[:]),
		"a delivery that never was":        encode((&warp.Delivery{Type: warp.MessageType, ChainID: testChainID, Height: 1, StateRoot: accepted.StateRoot, Transaction: other, Sequence: 1}).UnsignedMessage(12345), nil),
		"nothing":                          nil,
		"garbage":                          []byte("garbage"),
		"half of it":                       encode(block, nil)[:40],
	} {
		t.Run(name, func(t *testing.T) {
			refused, ok := ask(request).(*appsenderpb.SendAppErrorMsg)
			require.True(t, ok)
			require.Equal(t, refusedCode, refused.ErrorCode)
			require.NotEmpty(t, refused.ErrorMessage)
		})
	}
}

// TestAPeerThatAsksTooOftenIsThrottled: for a time it gets no more answers, others do.
func TestAPeerThatAsksTooOftenIsThrottled(t *testing.T) {
	ctx := context.Background()
	s := initialized(t)
	handler := p2p.NewThrottlerHandler(&signatureHandler{chain: s.chain}, p2p.NewSlidingWindowThrottler(time.Hour, 3), nil)
	greedy := ids.NodeID{1}
	var last *p2p.Error
	for range 4 {
		_, last = handler.Request(ctx, greedy, time.Now().Add(time.Minute), nil)
	}
	require.Equal(t, p2p.ErrThrottled, last)
	_, other := handler.Request(ctx, ids.NodeID{2}, time.Now().Add(time.Minute), nil)
	require.NotEqual(t, p2p.ErrThrottled, other)
}
