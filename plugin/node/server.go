package node

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/luxfi/ids"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	"github.com/luxfi/node/utils"
	"github.com/luxfi/node/vms/rpcchainvm"
	"github.com/luxfi/p2p"
	"google.golang.org/protobuf/types/known/emptypb"
)

var errInitializedTwice = errors.New("the chain has been initialized already")

// server is the node module's VMServer, repaired. What it overrides says why.
type server struct {
	*rpcchainvm.VMServer
	chain *ChainVM

	// allowShutdown is set once the node has called Shutdown: from then on SIGTERM ends the
	// process.
	allowShutdown *utils.Atomic[bool]
	// hostGone is closed when the connection to the node that initialized the chain is lost.
	hostGone chan struct{}

	mu          sync.Mutex
	called      bool // Initialize was
	initialized bool // and went well
	stopped     bool
}

func newServer(chain *ChainVM) *server {
	allowShutdown := new(utils.Atomic[bool])
	return &server{
		VMServer:      rpcchainvm.NewServer(chain, allowShutdown),
		chain:         chain,
		allowShutdown: allowShutdown,
		hostGone:      make(chan struct{}),
	}
}

// Initialize closes the chain again if anything in it fails, and watches the node from
// then on.
func (s *server) Initialize(ctx context.Context, request *vmpb.InitializeRequest) (*vmpb.InitializeResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.called {
		return nil, errInitializedTwice
	}
	s.called = true
	var err error
	if s.chain.host, err = newHost(request); err != nil {
		return nil, err
	}
	response, err := s.VMServer.Initialize(ctx, request)
	if err != nil {
		return nil, errors.Join(err, s.chain.Shutdown(ctx))
	}
	s.initialized = true
	go watchHost(request.ServerAddr, s.hostGone)
	return response, nil
}

// Shutdown reaches the chain. The embedded server would leave the chain open, and panic if
// Initialize has failed or Shutdown came before.
func (s *server) Shutdown(ctx context.Context, request *emptypb.Empty) (*emptypb.Empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.initialized && !s.stopped { // first: it ends the HTTP requests
		_, err = s.VMServer.Shutdown(ctx, request)
	}
	s.stopped = true
	s.allowShutdown.Set(true)
	return &emptypb.Empty{}, errors.Join(err, s.chain.Shutdown(ctx))
}

// Connected reaches the chain.
func (s *server) Connected(ctx context.Context, request *vmpb.ConnectedRequest) (*emptypb.Empty, error) {
	node, err := ids.ToNodeID(request.NodeId)
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, s.chain.Connected(ctx, node, nil)
}

// Disconnected reaches the chain.
func (s *server) Disconnected(ctx context.Context, request *vmpb.DisconnectedRequest) (*emptypb.Empty, error) {
	node, err := ids.ToNodeID(request.NodeId)
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, s.chain.Disconnected(ctx, node)
}

// AppRequestFailed reaches the chain. The embedded server looks for a method that chains do
// not have, and then drops it, so that whoever asked would wait for ever.
func (s *server) AppRequestFailed(ctx context.Context, request *vmpb.AppRequestFailedMsg) (*emptypb.Empty, error) {
	node, err := ids.ToNodeID(request.NodeId)
	if err != nil {
		return nil, err
	}
	failure := &p2p.Error{Code: request.ErrorCode, Message: request.ErrorMessage}
	return &emptypb.Empty{}, s.chain.RequestFailed(ctx, node, request.RequestId, failure)
}

// WaitForEvent answers when a block can be built, or a state sync is over. The embedded server
// panics if the chain fails before it is initialized.
func (s *server) WaitForEvent(ctx context.Context, _ *emptypb.Empty) (*vmpb.WaitForEventResponse, error) {
	event, err := s.chain.WaitForEvent(ctx)
	if err != nil {
		return nil, err
	}
	return &vmpb.WaitForEventResponse{Message: vmpb.Message(event.(int32))}, nil
}

// Health is the chain's. The embedded server adds that of the node's database, which the
// chain does not use, and panics before Initialize.
func (s *server) Health(ctx context.Context, _ *emptypb.Empty) (*vmpb.HealthResponse, error) {
	health, err := s.chain.HealthCheck(ctx)
	if err != nil {
		return nil, err
	}
	details, err := json.Marshal(health)
	return &vmpb.HealthResponse{Details: details}, err
}
