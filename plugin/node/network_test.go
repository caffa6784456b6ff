package node

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/math/set"
	appsenderpb "github.com/luxfi/node/proto/pb/appsender"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	"github.com/luxfi/p2p"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// testHandlerID is the number of a handler that no other test or feature has.
const testHandlerID = 99

// sendingNode is a node that records what its plugin sends to other nodes.
type sendingNode struct {
	appsenderpb.UnimplementedAppSenderServer
	sent  chan proto.Message
	stuck chan struct{} // if it is not nil, sending gossip waits for it
}

func (n *sendingNode) SendAppRequest(_ context.Context, m *appsenderpb.SendAppRequestMsg) (*emptypb.Empty, error) {
	n.sent <- m
	return &emptypb.Empty{}, nil
}

func (n *sendingNode) SendAppResponse(_ context.Context, m *appsenderpb.SendAppResponseMsg) (*emptypb.Empty, error) {
	n.sent <- m
	return &emptypb.Empty{}, nil
}

func (n *sendingNode) SendAppError(_ context.Context, m *appsenderpb.SendAppErrorMsg) (*emptypb.Empty, error) {
	n.sent <- m
	return &emptypb.Empty{}, nil
}

func (n *sendingNode) SendAppGossip(ctx context.Context, m *appsenderpb.SendAppGossipMsg) (*emptypb.Empty, error) {
	n.sent <- m
	if n.stuck != nil {
		select {
		case <-n.stuck:
		case <-ctx.Done():
		}
	}
	return &emptypb.Empty{}, nil
}

// next is the next message that the plugin sends.
func (n *sendingNode) next(t *testing.T) proto.Message {
	t.Helper()
	select {
	case m := <-n.sent:
		return m
	case <-time.After(10 * time.Second):
		require.Fail(t, "nothing is sent")
		return nil
	}
}

// serverOf returns a server with a running chain of a node.
func serverOf(t *testing.T, n *sendingNode) *server {
	t.Helper()
	n.sent = make(chan proto.Message, 16)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	node := grpc.NewServer()
	appsenderpb.RegisterAppSenderServer(node, n)
	go node.Serve(listener)
	t.Cleanup(node.Stop)
	s := testServer()
	request := initializeRequest(t.TempDir(), testGenesis(nil), nil)
	request.ServerAddr = listener.Addr().String()
	_, err = s.Initialize(context.Background(), request)
	require.NoError(t, err)
	require.NoError(t, s.chain.Connected(context.Background(), ids.NodeID{7}, nil))
	t.Cleanup(func() {
		_, err := s.Shutdown(context.Background(), nil)
		require.NoError(t, err)
	})
	return s
}

func TestMessagesOfPeersReachTheirHandlerAndItsAnswersThem(t *testing.T) {
	ctx := context.Background()
	var n sendingNode
	s := serverOf(t, &n)
	peer := ids.NodeID{7}
	gossiped := make(chan string, 1)
	require.NoError(t, s.chain.network.AddHandler(testHandlerID, p2p.TestHandler{
		GossipF: func(_ context.Context, node ids.NodeID, message []byte) {
			require.Equal(t, peer, node)
			gossiped <- string(message)
		},
		RequestF: func(_ context.Context, node ids.NodeID, _ time.Time, message []byte) ([]byte, *p2p.Error) {
			require.Equal(t, peer, node)
			if string(message) == "refuse" {
				return nil, p2p.ErrThrottled
			}
			return append([]byte("re: "), message...), nil
		},
	}))
	request := func(id uint32, message []byte) {
		_, err := s.AppRequest(ctx, &vmpb.AppRequestMsg{NodeId: peer[:], RequestId: id, Deadline: timestamppb.Now(), Request: message})
		require.NoError(t, err)
	}
	mine := func(message string) []byte { return append([]byte{testHandlerID}, message...) }

	request(2, mine("hello"))
	require.True(t, proto.Equal(&appsenderpb.SendAppResponseMsg{NodeId: peer[:], RequestId: 2, Response: []byte("re: hello")}, n.next(t)))
	request(4, mine("refuse"))
	require.True(t, proto.Equal(&appsenderpb.SendAppErrorMsg{NodeId: peer[:], RequestId: 4, ErrorCode: p2p.ErrThrottled.Code, ErrorMessage: p2p.ErrThrottled.Message}, n.next(t)))
	for _, unknown := range [][]byte{nil, {98}, {0xff}, []byte("?")} {
		request(6, unknown)
		require.Equal(t, p2p.ErrUnregisteredHandler.Code, n.next(t).(*appsenderpb.SendAppErrorMsg).ErrorCode)
	}
	_, err := s.AppGossip(ctx, &vmpb.AppGossipMsg{NodeId: peer[:], Msg: mine("news")})
	require.NoError(t, err)
	require.Equal(t, "news", <-gossiped)
}

func TestMessagesReachTheirTargetsAndAnswersWhoeverAsked(t *testing.T) {
	ctx := context.Background()
	var n sendingNode
	s := serverOf(t, &n)
	peer := ids.NodeID{7}
	client := s.chain.network.NewClient(testHandlerID)

	require.NoError(t, client.Gossip(ctx, p2p.SendConfig{NodeIDs: set.Of(peer), Validators: 2, NonValidators: 3, Peers: 4}, []byte("news")))
	require.True(t, proto.Equal(&appsenderpb.SendAppGossipMsg{
		NodeIds: [][]byte{peer[:]}, Validators: 2, NonValidators: 3, Peers: 4, Msg: append([]byte{testHandlerID}, "news"...),
	}, n.next(t)))

	type answer struct {
		message []byte
		err     error
	}
	answers := make(chan answer, 1)
	ask := func() uint32 {
		require.NoError(t, client.Request(ctx, set.Of(peer), []byte("?"), func(_ context.Context, node ids.NodeID, message []byte, err error) {
			require.Equal(t, peer, node)
			answers <- answer{slices.Clone(message), err}
		}))
		sent := n.next(t).(*appsenderpb.SendAppRequestMsg)
		require.Equal(t, [][]byte{peer[:]}, sent.NodeIds)
		require.Equal(t, append([]byte{testHandlerID}, '?'), sent.Request)
		return sent.RequestId
	}
	_, err := s.AppResponse(ctx, &vmpb.AppResponseMsg{NodeId: peer[:], RequestId: ask(), Response: []byte("!")})
	require.NoError(t, err)
	require.Equal(t, answer{message: []byte("!")}, <-answers)
	_, err = s.AppRequestFailed(ctx, &vmpb.AppRequestFailedMsg{NodeId: peer[:], RequestId: ask(), ErrorCode: -7, ErrorMessage: "gone"})
	require.NoError(t, err)
	require.Equal(t, answer{err: &p2p.Error{Code: -7, Message: "gone"}}, <-answers)
}

func TestNothingIsSentBeforeAnotherNodeIsConnected(t *testing.T) {
	ctx := context.Background()
	s := initialized(t)
	client := s.chain.network.NewClient(testHandlerID)
	for range 2 {
		require.ErrorIs(t, client.Gossip(ctx, p2p.SendConfig{Peers: 1}, nil), errNobody)
		require.ErrorIs(t, client.Request(ctx, set.Of(ids.NodeID{7}), nil, nil), errNobody)
		_, err := s.Connected(ctx, &vmpb.ConnectedRequest{NodeId: s.chain.nodeID[:]}) // itself
		require.NoError(t, err)
	}
	require.NoError(t, s.chain.vm().Submit(ctx, registration(t, 1), ""))
}

func TestNothingThatPeersSendReachesTheNodeAsAnError(t *testing.T) {
	ctx := context.Background()
	s := initialized(t) // by a node that fails to send
	peer := ids.NodeID{7}
	require.NoError(t, s.chain.network.AddHandler(testHandlerID, p2p.TestHandler{
		GossipF:  func(context.Context, ids.NodeID, []byte) { panic("gossip") },
		RequestF: func(context.Context, ids.NodeID, time.Time, []byte) ([]byte, *p2p.Error) { panic("request") },
	}))
	for _, message := range [][]byte{nil, {testHandlerID}, {98}, {0xff}, []byte("?")} {
		_, err := s.AppRequest(ctx, &vmpb.AppRequestMsg{NodeId: peer[:], RequestId: 2, Deadline: timestamppb.Now(), Request: message})
		require.NoError(t, err)
		_, err = s.AppGossip(ctx, &vmpb.AppGossipMsg{NodeId: peer[:], Msg: message})
		require.NoError(t, err)
		_, err = s.AppResponse(ctx, &vmpb.AppResponseMsg{NodeId: peer[:], RequestId: 1, Response: message})
		require.NoError(t, err)
	}
	_, err := s.AppRequestFailed(ctx, &vmpb.AppRequestFailedMsg{NodeId: peer[:], RequestId: 1, ErrorCode: -1})
	require.NoError(t, err)

	fresh := testServer() // before Initialize
	require.NoError(t, fresh.chain.Connected(ctx, peer, nil))
	require.NoError(t, fresh.chain.Gossip(ctx, peer, []byte("...")))
}

func TestANodeThatDoesNotTakeAMessageHoldsNobodyUpAtTheEnd(t *testing.T) {
	n := sendingNode{stuck: make(chan struct{})}
	s := serverOf(t, &n)
	failed := make(chan error, 1)
	go func() {
		failed <- s.chain.network.NewClient(testHandlerID).Gossip(context.Background(), p2p.SendConfig{Peers: 1}, nil)
	}()
	n.next(t)
	_, err := s.Shutdown(context.Background(), nil)
	require.NoError(t, err)
	require.Error(t, <-failed)
}
