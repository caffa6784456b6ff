package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"github.com/luxfi/ids"
	appsenderpb "github.com/luxfi/node/proto/pb/appsender"
	validatorstatepb "github.com/luxfi/node/proto/pb/validatorstate"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	warppb "github.com/luxfi/node/proto/pb/warp"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

var testSubnetID = ids.ID{'s', 'u', 'b'}

// testNode serves what a node serves its plugins: validators and a signer.
type testNode struct {
	validatorstatepb.UnimplementedValidatorStateServer
	warppb.UnimplementedSignerServer

	messages appsenderpb.AppSenderServer // nil: it sends none
	config   []byte                      // of the chain
	suite    warp.Ciphersuite
	signer   *signing.SecretKey
	sets     map[uint64][]*validatorstatepb.Validator // by platform height
	current  uint64
	failures atomic.Int32 // how many questions for validators are answered with an error first
	address  string
	server   *grpc.Server
	listener net.Listener
}

func newTestNode(t *testing.T, suite warp.Ciphersuite, seed byte) *testNode {
	t.Helper()
	key := make([]byte, signing.SeedSize)
	key[0] = seed
	signer, err := signing.SecretKeyFromSeed(key)
	require.NoError(t, err)
	n := &testNode{suite: suite, signer: signer, sets: make(map[uint64][]*validatorstatepb.Validator)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	n.server = grpc.NewServer()
	validatorstatepb.RegisterValidatorStateServer(n.server, n)
	warppb.RegisterSignerServer(n.server, n)
	n.listener = listener
	t.Cleanup(n.server.Stop)
	n.address = listener.Addr().String()
	return n
}

// serve begins to serve, with the messages if there are any.
func (n *testNode) serve() {
	if n.messages != nil {
		appsenderpb.RegisterAppSenderServer(n.server, n.messages)
	}
	go n.server.Serve(n.listener)
}

func (n *testNode) validator(node ids.NodeID, weight uint64) *validatorstatepb.Validator {
	return &validatorstatepb.Validator{NodeId: node[:], Weight: weight, PublicKey: n.signer.PublicKey().Uncompressed()}
}

func (n *testNode) GetCurrentHeight(context.Context, *emptypb.Empty) (*validatorstatepb.GetCurrentHeightResponse, error) {
	return &validatorstatepb.GetCurrentHeightResponse{Height: n.current}, nil
}

func (n *testNode) GetValidatorSet(_ context.Context, request *validatorstatepb.GetValidatorSetRequest) (*validatorstatepb.GetValidatorSetResponse, error) {
	if n.failures.Add(-1) >= 0 {
		return nil, errors.New("not ready")
	}
	set, ok := n.sets[request.Height]
	if !ok || ids.ID(request.NetId) != testSubnetID {
		return nil, fmt.Errorf("nothing at height %d of %x", request.Height, request.NetId)
	}
	return &validatorstatepb.GetValidatorSetResponse{Validators: set}, nil
}

func (n *testNode) Sign(_ context.Context, request *warppb.SignRequest) (*warppb.SignResponse, error) {
	message := warp.UnsignedMessage{NetworkID: request.NetworkId, SourceChainID: ids.ID(request.SourceChainId), Payload: request.Payload}
	signature, err := n.signer.Sign(n.suite, message.Bytes())
	return &warppb.SignResponse{Signature: signature[:]}, err
}

// initializedBy returns a server whose chain a node has initialized, in normal operation.
func initializedBy(t *testing.T, n *testNode, self ids.NodeID, folder string, genesis []byte) *server {
	t.Helper()
	n.serve()
	s := openedBy(t, n, self, folder, genesis)
	_, err := s.SetState(context.Background(), &vmpb.SetStateRequest{State: vmpb.State_STATE_NORMAL_OP})
	require.NoError(t, err)
	require.NoError(t, s.chain.Connected(context.Background(), ids.NodeID{99}, nil))
	return s
}

// openedBy returns a server whose chain a node that serves has initialized.
func openedBy(t *testing.T, n *testNode, self ids.NodeID, folder string, genesis []byte) *server {
	t.Helper()
	s := testServer()
	request := initializeRequest(folder, genesis, n.config)
	request.ServerAddr = n.address
	request.NetId = testSubnetID[:]
	request.NodeId = self[:]
	request.PublicKey = n.signer.PublicKey().Bytes()
	_, err := s.Initialize(context.Background(), request)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := s.Shutdown(context.Background(), nil)
		require.NoError(t, err)
	})
	return s
}

func TestHeadersCommitToTheValidatorsOfTheirContext(t *testing.T) {
	ctx := context.Background()
	self := ids.NodeID{1}
	n := newTestNode(t, warp.CiphersuitePOP, 1)
	n.current = 7
	n.sets[7] = []*validatorstatepb.Validator{n.validator(self, 100), {NodeId: make([]byte, ids.NodeIDLen), Weight: 5}}
	n.sets[8] = []*validatorstatepb.Validator{n.validator(self, 99)}
	s := initializedBy(t, n, self, t.TempDir(), testGenesis(nil))
	require.NoError(t, s.chain.vm().Submit(ctx, registration(t, 1), ""))

	height, other, missing := uint64(7), uint64(8), uint64(9)
	_, err := s.BuildBlock(ctx, &vmpb.BuildBlockRequest{PChainHeight: &missing})
	require.ErrorContains(t, err, "nothing at height 9")
	built, err := s.BuildBlock(ctx, &vmpb.BuildBlockRequest{PChainHeight: &height})
	require.NoError(t, err)
	require.True(t, built.VerifyWithContext)
	block, err := chain.ParseBlock(testChainID, built.Bytes, chain.MaxBlockBytes)
	require.NoError(t, err)
	require.Equal(t, height, block.Header.PChainHeight)
	set, err := warp.NewValidatorSet([]warp.Member{{PublicKey: n.signer.PublicKey().Bytes(), Weight: 100}, {Weight: 5}})
	require.NoError(t, err)
	require.Equal(t, set.Hash(12345, testChainID), block.Header.ValidatorSetHash)

	// In another context, or in none, it is another block than the one that is right.
	for range 2 { // before and after it is verified in its own
		_, err = s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: built.Bytes, PChainHeight: &other})
		require.ErrorIs(t, err, refusal.ErrValidatorSet)
		_, err = s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: built.Bytes})
		require.ErrorIs(t, err, refusal.ErrValidatorSet)
		_, err = s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: built.Bytes, PChainHeight: &height})
		require.NoError(t, err)
	}
	_, err = s.BlockAccept(ctx, &vmpb.BlockAcceptRequest{Id: built.Id})
	require.NoError(t, err)
	header, err := s.chain.vm().HeaderAt(1)
	require.NoError(t, err)
	collector, err := s.chain.vm().Certificates()
	require.NoError(t, err)
	certificate, err := collector.Certificate(ctx, header, nil)
	require.NoError(t, err)
	verifier := warp.Verifier{NetworkID: 12345, ChainID: testChainID, Ciphersuite: warp.CiphersuitePOP}
	weight, err := verifier.VerifyCertificate(certificate, header, set)
	require.NoError(t, err)
	require.Equal(t, warp.Weight{Signed: 100, Total: 105}, weight)
}

func TestTheCiphersuiteIsTheOneThatTheNodeSignsWith(t *testing.T) {
	ctx := context.Background()
	for _, suite := range warp.Ciphersuites() {
		n := newTestNode(t, suite, 3)
		s := initializedBy(t, n, ids.NodeID{1}, t.TempDir(), testGenesis(nil))
		found, err := s.chain.host.Ciphersuite(ctx)
		require.NoError(t, err)
		require.Equal(t, suite, found)
		other := &host{
			validators: s.chain.host.validators, signer: s.chain.host.signer,
			networkID: s.chain.host.networkID, chainID: s.chain.host.chainID,
			publicKey: newTestNode(t, suite, 4).signer.PublicKey(),
		}
		_, err = other.Ciphersuite(ctx)
		require.ErrorIs(t, err, errCiphersuite, "another key than the node's")
	}
}

// TestANodeThatKnowsNoValidators has contexts, but nothing to say about them.
func TestANodeThatKnowsNoValidators(t *testing.T) {
	ctx := context.Background()
	s := initialized(t)
	require.NoError(t, s.chain.vm().Submit(ctx, registration(t, 1), ""))
	height := uint64(7)
	built, err := s.BuildBlock(ctx, &vmpb.BuildBlockRequest{PChainHeight: &height})
	require.NoError(t, err)
	_, err = s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: built.Bytes, PChainHeight: &height})
	require.NoError(t, err)
	_, err = s.BlockAccept(ctx, &vmpb.BlockAcceptRequest{Id: built.Id})
	require.NoError(t, err)
	header, err := s.chain.vm().HeaderAt(1)
	require.NoError(t, err)
	require.Zero(t, header.ValidatorSetHash)
	_, err = s.chain.vm().Certificates()
	require.ErrorIs(t, err, refusal.ErrValidatorSet)
}

func TestValidatorsAreAskedForAgainWhileTheChainBootstraps(t *testing.T) {
	patientPause = 0
	node := newTestNode(t, warp.CiphersuitePOP, 1)
	node.sets[7] = []*validatorstatepb.Validator{node.validator(ids.NodeID{1}, 5)}
	node.serve()
	request := &vmpb.InitializeRequest{ServerAddr: node.address, ChainId: testChainID[:], NetId: testSubnetID[:]}
	h, err := newHost(request)
	require.NoError(t, err)
	defer h.close()
	ask := func(failures int32, patient bool) error {
		node.failures.Store(failures)
		h.patient.Store(patient)
		_, err := h.Validators(context.Background(), 7)
		return err
	}
	require.NoError(t, ask(0, false))
	require.Error(t, ask(1, false))
	require.NoError(t, ask(patientAttempts-1, true))
	require.Error(t, ask(patientAttempts, true), "a bounded number of times")
}
