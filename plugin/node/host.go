package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"
	appsenderpb "github.com/luxfi/node/proto/pb/appsender"
	validatorstatepb "github.com/luxfi/node/proto/pb/validatorstate"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	warppb "github.com/luxfi/node/proto/pb/warp"
	"github.com/luxfi/node/vms/rpcchainvm/grpcutils"
	"github.com/luxfi/p2p"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/luxfi/session/vm"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

var (
	_ vm.Platform    = (*host)(nil)
	_ signing.Signer = (*host)(nil)
)

const (
	// hostCallTimeout bounds a call to the node.
	hostCallTimeout = 5 * time.Second
	// While the chain bootstraps, the validators of old heights are asked for: the node may have
	// much to compute, and may not be ready itself.
	patientTimeout  = 30 * time.Second
	patientAttempts = 5
)

// patientPause is the pause before another attempt.
var patientPause = time.Second

var errNoKey = errors.New("the node has no BLS key, or one that is none")

var errCiphersuite = errors.New("the node signs with a ciphersuite that this software does not know, or with another key")

// host is the node's services as the chain needs them. The node module's own clients drop
// the validators' BLS keys and the subnet's ID, and have no time limit.
type host struct {
	connection *grpc.ClientConn
	validators validatorstatepb.ValidatorStateClient
	signer     warppb.SignerClient
	networkID  uint32
	chainID    ids.ID
	subnetID   ids.ID
	publicKey  *warp.PublicKey // of the node; nil if it has none

	patient atomic.Bool // the chain bootstraps

	mu    sync.Mutex
	suite warp.Ciphersuite // once it is known
}

// newHost returns the services of the node that sent the request.
func newHost(request *vmpb.InitializeRequest) (*host, error) {
	chainID, err := ids.ToID(request.ChainId)
	if err != nil {
		return nil, err
	}
	subnetID, err := ids.ToID(request.NetId)
	if err != nil {
		return nil, err
	}
	connection, err := grpcutils.Dial(request.ServerAddr)
	if err != nil {
		return nil, err
	}
	publicKey, err := warp.ParsePublicKey(request.PublicKey)
	if err != nil {
		publicKey = nil // the chain works with less
	}
	return &host{
		connection: connection,
		validators: validatorstatepb.NewValidatorStateClient(connection),
		signer:     warppb.NewSignerClient(connection),
		networkID:  request.NetworkId,
		chainID:    chainID,
		subnetID:   subnetID,
		publicKey:  publicKey,
	}, nil
}

// PublicKey implements signing.Signer.
func (h *host) PublicKey() *warp.PublicKey { return h.publicKey }

// sender returns a way to send messages to other nodes once one is connected, until closing
// is done.
func (h *host) sender(closing context.Context, connected *atomic.Bool) p2p.Sender {
	return hostSender{client: appsenderpb.NewAppSenderClient(h.connection), closing: closing, connected: connected}
}

func (h *host) close() error { return h.connection.Close() }

// CurrentHeight implements vm.Platform.
func (h *host) CurrentHeight(ctx context.Context) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, hostCallTimeout)
	defer cancel()
	response, err := h.validators.GetCurrentHeight(ctx, &emptypb.Empty{})
	if err != nil {
		return 0, err
	}
	return response.Height, nil
}

// Validators implements vm.Platform.
func (h *host) Validators(ctx context.Context, pChainHeight uint64) ([]signing.Validator, error) {
	return h.validatorsOf(ctx, h.subnetID, pChainHeight)
}

// SourceValidators implements vm.Platform.
func (h *host) SourceValidators(ctx context.Context, chain ids.ID, pChainHeight uint64) ([]signing.Validator, error) {
	subnet, err := h.subnetOf(ctx, chain)
	if err != nil {
		return nil, fmt.Errorf("the subnet of chain %s: %w", chain, err)
	}
	return h.validatorsOf(ctx, subnet, pChainHeight)
}

// getSubnetID is AvalancheGo's name of the method that luxd calls GetNetID; their messages are the same.
const getSubnetID = "/validatorstate.ValidatorState/GetSubnetID"

// subnetOf returns the subnet that validates a chain.
func (h *host) subnetOf(ctx context.Context, chain ids.ID) (ids.ID, error) {
	ctx, cancel := context.WithTimeout(ctx, hostCallTimeout)
	defer cancel()
	request, response := &validatorstatepb.GetNetIDRequest{ChainId: chain[:]}, new(validatorstatepb.GetNetIDResponse)
	err := h.connection.Invoke(ctx, getSubnetID, request, response)
	if status.Code(err) == codes.Unimplemented {
		response, err = h.validators.GetNetID(ctx, request)
	}
	if err != nil {
		return ids.Empty, err
	}
	return ids.ToID(response.NetId)
}

func (h *host) validatorsOf(ctx context.Context, subnet ids.ID, pChainHeight uint64) ([]signing.Validator, error) {
	response, err := h.validatorSet(ctx, subnet, pChainHeight)
	if status.Code(err) == codes.Unimplemented {
		return nil, fmt.Errorf("%w: %w", vm.ErrNoValidators, err)
	} else if err != nil {
		return nil, err
	}
	all := make([]signing.Validator, len(response.Validators))
	for i, v := range response.Validators {
		node, err := ids.ToNodeID(v.NodeId)
		if err != nil {
			return nil, err
		}
		all[i] = signing.Validator{Node: node, PublicKey: v.PublicKey, Weight: v.Weight}
	}
	return all, nil
}

// validatorSet asks the node for a validator set; again, a bounded number of times, while the
// chain bootstraps.
func (h *host) validatorSet(ctx context.Context, subnet ids.ID, pChainHeight uint64) (response *validatorstatepb.GetValidatorSetResponse, err error) {
	attempts, timeout := 1, hostCallTimeout
	if h.patient.Load() {
		attempts, timeout = patientAttempts, patientTimeout
	}
	for attempt := range attempts {
		if attempt > 0 {
			select {
			case <-time.After(patientPause):
			case <-ctx.Done():
				return nil, err
			}
		}
		bounded, cancel := context.WithTimeout(ctx, timeout)
		response, err = h.validators.GetValidatorSet(bounded, &validatorstatepb.GetValidatorSetRequest{Height: pChainHeight, NetId: subnet[:]})
		cancel()
		if err == nil || status.Code(err) == codes.Unimplemented {
			break
		}
	}
	return response, err
}

// Sign implements signing.Signer.
func (h *host) Sign(ctx context.Context, message *warp.UnsignedMessage) (signature warp.Signature, err error) {
	ctx, cancel := context.WithTimeout(ctx, hostCallTimeout)
	defer cancel()
	response, err := h.signer.Sign(ctx, &warppb.SignRequest{
		NetworkId:     message.NetworkID,
		SourceChainId: message.SourceChainID[:],
		Payload:       message.Payload,
	})
	if err != nil {
		return signature, err
	}
	if len(response.Signature) != len(signature) {
		return signature, fmt.Errorf("expected a signature of %d bytes, got %d", len(signature), len(response.Signature))
	}
	return warp.Signature(response.Signature), nil
}

// Ciphersuite implements signing.Signer. It finds it out once: the node signs something
// that means nothing, the certificate of a block that can't be, and the suite is the one
// by which its key verifies that.
func (h *host) Ciphersuite(ctx context.Context) (warp.Ciphersuite, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.suite != "" {
		return h.suite, nil
	}
	if h.publicKey == nil {
		return "", errNoKey
	}
	message := warp.BlockMessage(h.networkID, h.chainID, ids.Empty)
	signature, err := h.Sign(ctx, message)
	if err != nil {
		return "", fmt.Errorf("the node's signer: %w", err)
	}
	for _, suite := range warp.Ciphersuites() {
		if h.publicKey.Verify(suite, message.Bytes(), signature) == nil {
			h.suite = suite
			return suite, nil
		}
	}
	return "", errCiphersuite
}
