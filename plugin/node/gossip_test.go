package node

import (
	"context"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	appsenderpb "github.com/luxfi/node/proto/pb/appsender"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/luxfi/session/chain"
)

// mesh is nodes that carry the messages of their plugins to each other.
type mesh struct {
	deaf    ids.NodeID // no gossip reaches this one
	plugins map[ids.NodeID]*server
}

// meshNode is one of them, as its plugin sees it.
type meshNode struct {
	appsenderpb.UnimplementedAppSenderServer
	id   ids.NodeID
	mesh *mesh
}

func (n *meshNode) SendAppGossip(ctx context.Context, m *appsenderpb.SendAppGossipMsg) (*emptypb.Empty, error) {
	left := int(m.Validators)
	for id, plugin := range n.mesh.plugins {
		named := slices.ContainsFunc(m.NodeIds, func(node []byte) bool { return ids.NodeID(node) == id })
		if id != n.id && id != n.mesh.deaf && (left > 0 || named) {
			left--
			if _, err := plugin.AppGossip(ctx, &vmpb.AppGossipMsg{NodeId: n.id[:], Msg: m.Msg}); err != nil {
				return nil, err
			}
		}
	}
	return &emptypb.Empty{}, nil
}

func (n *meshNode) SendAppRequest(_ context.Context, m *appsenderpb.SendAppRequestMsg) (*emptypb.Empty, error) {
	for _, id := range m.NodeIds {
		go n.mesh.plugins[ids.NodeID(id)].AppRequest(context.Background(), &vmpb.AppRequestMsg{
			NodeId: n.id[:], RequestId: m.RequestId, Deadline: timestamppb.Now(), Request: m.Request,
		})
	}
	return &emptypb.Empty{}, nil
}

func (n *meshNode) SendAppResponse(_ context.Context, m *appsenderpb.SendAppResponseMsg) (*emptypb.Empty, error) {
	go n.mesh.plugins[ids.NodeID(m.NodeId)].AppResponse(context.Background(), &vmpb.AppResponseMsg{
		NodeId: n.id[:], RequestId: m.RequestId, Response: m.Response,
	})
	return &emptypb.Empty{}, nil
}

func (n *meshNode) SendAppError(_ context.Context, m *appsenderpb.SendAppErrorMsg) (*emptypb.Empty, error) {
	go n.mesh.plugins[ids.NodeID(m.NodeId)].AppRequestFailed(context.Background(), &vmpb.AppRequestFailedMsg{
		NodeId: n.id[:], RequestId: m.RequestId, ErrorCode: m.ErrorCode, ErrorMessage: m.ErrorMessage,
	})
	return &emptypb.Empty{}, nil
}

// newMesh starts plugins, each with a node of its own, that are all connected.
func newMesh(t *testing.T, nodes int) *mesh {
	t.Helper()
	ctx := context.Background()
	m := &mesh{plugins: make(map[ids.NodeID]*server)}
	genesis := testGenesis(nil)
	for i := range nodes {
		n := &meshNode{id: ids.NodeID{byte(i + 1)}, mesh: m}
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		node := grpc.NewServer()
		appsenderpb.RegisterAppSenderServer(node, n)
		go node.Serve(listener)
		t.Cleanup(node.Stop)
		s := testServer()
		request := initializeRequest(t.TempDir(), genesis, []byte(`{"database":"memdb"}`))
		request.ServerAddr = listener.Addr().String()
		request.NodeId = n.id[:]
		_, err = s.Initialize(ctx, request)
		require.NoError(t, err)
		m.plugins[n.id] = s
	}
	for id, s := range m.plugins {
		for other := range m.plugins {
			_, err := s.Connected(ctx, &vmpb.ConnectedRequest{NodeId: other[:]}) // itself too
			require.NoError(t, err)
		}
		require.Equal(t, nodes-1, s.chain.peers(), id)
	}
	for _, s := range m.plugins {
		_, err := s.SetState(ctx, &vmpb.SetStateRequest{State: vmpb.State_STATE_NORMAL_OP})
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		for _, s := range m.plugins {
			_, err := s.Shutdown(ctx, nil)
			require.NoError(t, err)
		}
	})
	return m
}

func TestEveryNodeCanBuildABlockOfWhatOneWasSent(t *testing.T) {
	ctx := context.Background()
	m := newMesh(t, 3)
	m.deaf = ids.NodeID{3} // it has to pull
	tx := registration(t, 1)
	require.NoError(t, m.plugins[ids.NodeID{1}].chain.vm().Submit(ctx, tx, ""))
	for id, s := range m.plugins {
		event, err := s.WaitForEvent(ctx, &emptypb.Empty{})
		require.NoError(t, err)
		require.Equal(t, vmpb.Message_MESSAGE_BUILD_BLOCK, event.Message)
		require.True(t, s.chain.vm().Holds(tx.ID()), id)
		_, err = s.BuildBlock(ctx, &vmpb.BuildBlockRequest{})
		require.NoError(t, err)
	}
	gathered, err := m.plugins[ids.NodeID{3}].Gather(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	for _, family := range gathered.MetricFamilies {
		if family.GetName() == "vm_sessionvm_gossip_admitted_transactions_total" {
			require.Equal(t, "pull", family.Metric[0].Label[0].GetValue())
			require.EqualValues(t, 1, family.Metric[0].Counter.GetValue())
			return
		}
	}
	require.Fail(t, "no metric")
}

func TestATransactionGoesAlongItsStemThroughTheNodes(t *testing.T) {
	ctx := context.Background()
	m := newMesh(t, 4)
	first := m.plugins[ids.NodeID{1}]
	var all []*chain.Transaction
	require.Eventually(t, func() bool { // once the node knows whom to send to
		tx := registration(t, byte(len(all)+1))
		all = append(all, tx)
		return first.chain.vm().Submit(ctx, tx, "") == nil && first.chain.vm().OnStem(tx.ID())
	}, 10*time.Second, 50*time.Millisecond)
	for _, s := range m.plugins {
		for _, tx := range all {
			require.Eventually(t, func() bool { return s.chain.vm().Waits(tx.ID()) }, 20*time.Second, time.Millisecond)
		}
	}
}

func TestNothingOfGossipOutlivesTheChain(t *testing.T) {
	s := initialized(t)
	_, err := s.Shutdown(context.Background(), nil)
	require.NoError(t, err)
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	require.NotContains(t, string(stacks), "plugin/gossip.(*Gossip)")
	require.NoError(t, s.chain.Gossip(context.Background(), ids.NodeID{9}, []byte(strings.Repeat("\x00", 100))))
	_, failure := s.chain.Request(context.Background(), ids.NodeID{9}, 2, time.Time{}, []byte{0})
	require.Nil(t, failure)
}
