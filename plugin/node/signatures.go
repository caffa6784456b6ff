package node

import (
	"context"
	"errors"
	"time"

	"github.com/luxfi/ids"
	nodelog "github.com/luxfi/log"
	"github.com/luxfi/math/set"
	"github.com/luxfi/p2p"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/signing"
)

const (
	// A peer may ask for this many signatures in this time. What it asks for again is
	// answered from memory, but has to be decoded.
	signaturePeriod        = 10 * time.Second
	maxSignaturesPerPeriod = 2000
)

var _ signing.Network = (*signatures)(nil)

// The codes of a refused request. A relayer that gets one need not ask again at once.
const (
	refusedCode int32 = 1 // what was asked is not what this node stands for
	brokenCode  int32 = 2 // this node can't sign now
)

// attestationHandlerID is the number that requests for attestations begin with.
const attestationHandlerID = 9

// signatures carries signature requests between the nodes: for BLS (ACP-118), and for ML-DSA-65.
type signatures struct {
	chain                *ChainVM
	client, attestations *p2p.Client
}

// signatureHandler answers the requests of one kind.
type signatureHandler struct {
	p2p.NoOpHandler
	chain   *ChainVM
	respond func(*signing.Collector, context.Context, []byte) ([]byte, error)
}

// newSignatures adds the handlers of signature requests to the network.
func newSignatures(c *ChainVM, network *p2p.Network) (*signatures, error) {
	for id, respond := range map[uint64]func(*signing.Collector, context.Context, []byte) ([]byte, error){
		p2p.SignatureRequestHandlerID: (*signing.Collector).Respond,
		attestationHandlerID:          (*signing.Collector).Attest,
	} {
		handler := &signatureHandler{chain: c, respond: respond}
		throttled := p2p.NewThrottlerHandler(handler, p2p.NewSlidingWindowThrottler(signaturePeriod, maxSignaturesPerPeriod), nodelog.NewNoOpLogger())
		if err := network.AddHandler(id, throttled); err != nil {
			return nil, err
		}
	}
	return &signatures{chain: c, client: network.NewClient(p2p.SignatureRequestHandlerID), attestations: network.NewClient(attestationHandlerID)}, nil
}

func (s *signatureHandler) answer(ctx context.Context, request []byte) ([]byte, error) {
	collector, err := s.chain.vm().Certificates()
	if err != nil {
		return nil, err
	}
	return s.respond(collector, ctx, request)
}

// Request implements p2p.Handler: it answers another node.
func (s *signatureHandler) Request(ctx context.Context, node ids.NodeID, deadline time.Time, request []byte) ([]byte, *p2p.Error) {
	if !s.chain.gate.enter() {
		return nil, &p2p.Error{Code: brokenCode, Message: "the node is shutting down"}
	}
	defer s.chain.gate.inside.Done()
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	response, err := s.answer(ctx, request)
	if err == nil {
		return response, nil
	}
	s.chain.log.Debug("a signature is refused", "node", node, "error", err)
	if refused := (*refusal.Error)(nil); errors.As(err, &refused) && !errors.Is(err, refusal.ErrNotReady) {
		return nil, &p2p.Error{Code: refusedCode, Message: err.Error()}
	}
	return nil, &p2p.Error{Code: brokenCode, Message: "this node can't sign now"}
}

// RequestSignature implements signing.Network: it asks another node.
func (s *signatures) RequestSignature(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	return ask(ctx, s.client, node, request)
}

// RequestAttestation implements signing.Network.
func (s *signatures) RequestAttestation(ctx context.Context, node ids.NodeID, request []byte) ([]byte, error) {
	return ask(ctx, s.attestations, node, request)
}

// ask sends a request to a node and waits for its answer.
func ask(ctx context.Context, client *p2p.Client, node ids.NodeID, request []byte) ([]byte, error) {
	type answer struct {
		response []byte
		err      error
	}
	answers := make(chan answer, 1)
	if err := client.Request(ctx, set.Of(node), request, func(_ context.Context, _ ids.NodeID, response []byte, err error) {
		answers <- answer{response, err}
	}); err != nil {
		return nil, err
	}
	select {
	case got := <-answers:
		return got.response, got.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
