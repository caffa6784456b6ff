package node

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/math/set"
	appsenderpb "github.com/luxfi/node/proto/pb/appsender"
	"github.com/luxfi/p2p"
)

// sendTimeout bounds the handing of one message to the node, which only queues it.
const sendTimeout = 5 * time.Second

var (
	_ p2p.Sender = hostSender{}

	errNobody = errors.New("no other node has been connected yet")
)

// hostSender sends messages to other nodes through this one. The node module's own client
// drops to whom gossip goes, so that it reaches nobody, and waits for a node without limit;
// p2p.Client gives it contexts that can't be cancelled.
type hostSender struct {
	client appsenderpb.AppSenderClient
	// closing ends what is under way when it is done.
	closing context.Context
	// connected reports whether another node ever was. Nothing is sent before: a luxd that
	// connects its plugins to nobody has no sender for them either, and would end with a nil
	// pointer.
	connected *atomic.Bool
}

func (s hostSender) send(ctx context.Context, call func(context.Context) error) error {
	if !s.connected.Load() {
		return errNobody
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	return call(ctx)
}

// SendRequest implements p2p.Sender.
func (s hostSender) SendRequest(ctx context.Context, nodes set.Set[ids.NodeID], request uint32, message []byte) error {
	return s.send(ctx, func(ctx context.Context) error {
		_, err := s.client.SendAppRequest(ctx, &appsenderpb.SendAppRequestMsg{NodeIds: encodeNodes(nodes), RequestId: request, Request: message})
		return err
	})
}

// SendResponse implements p2p.Sender.
func (s hostSender) SendResponse(ctx context.Context, node ids.NodeID, request uint32, message []byte) error {
	return s.send(ctx, func(ctx context.Context) error {
		_, err := s.client.SendAppResponse(ctx, &appsenderpb.SendAppResponseMsg{NodeId: node[:], RequestId: request, Response: message})
		return err
	})
}

// SendError implements p2p.Sender.
func (s hostSender) SendError(ctx context.Context, node ids.NodeID, request uint32, code int32, reason string) error {
	return s.send(ctx, func(ctx context.Context) error {
		_, err := s.client.SendAppError(ctx, &appsenderpb.SendAppErrorMsg{NodeId: node[:], RequestId: request, ErrorCode: code, ErrorMessage: reason})
		return err
	})
}

// SendGossip implements p2p.Sender.
func (s hostSender) SendGossip(ctx context.Context, to p2p.SendConfig, message []byte) error {
	return s.send(ctx, func(ctx context.Context) error {
		_, err := s.client.SendAppGossip(ctx, &appsenderpb.SendAppGossipMsg{
			NodeIds:       encodeNodes(to.NodeIDs),
			Validators:    uint64(to.Validators),
			NonValidators: uint64(to.NonValidators),
			Peers:         uint64(to.Peers),
			Msg:           message,
		})
		return err
	})
}

func encodeNodes(nodes set.Set[ids.NodeID]) [][]byte {
	encoded := make([][]byte, 0, nodes.Len())
	for node := range nodes {
		encoded = append(encoded, node[:])
	}
	return encoded
}
