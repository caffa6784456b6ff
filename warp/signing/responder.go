package signing

import (
	"bytes"
	"context"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// cachedSignatures is how many signatures a responder remembers, about 200 bytes each.
const cachedSignatures = 8192

// maxSigning is how many messages are signed at the same time.
const maxSigning = 8

// Chain is what a responder asks before it signs.
type Chain interface {
	// HeaderByID returns the header of an accepted block, or a refusal.ErrNotFound.
	HeaderByID(block ids.ID) (*chain.Header, error)
	// Delivery returns the delivery of a message that is in the accepted state, or of an accepted
	// Acknowledge, or a refusal.ErrNotFound.
	Delivery(transaction ids.ID) (*warp.Delivery, error)
}

// Signer signs with the validator's BLS key.
type Signer interface {
	Sign(ctx context.Context, message *warp.UnsignedMessage) (warp.Signature, error)
	// PublicKey returns the key that it signs with; nil if there is none.
	PublicKey() *warp.PublicKey
	// Ciphersuite returns what the network's validators sign with.
	Ciphersuite(ctx context.Context) (warp.Ciphersuite, error)
}

// Responder signs what its validator stands for. It is safe for concurrent use.
type Responder struct {
	networkID uint32
	chainID   ids.ID
	chain     Chain
	signer    Signer
	signed    *lru.Cache[ids.ID, warp.Signature]
	slots     chan struct{}
}

// NewResponder returns the responder of a chain. Without a signer it refuses all.
func NewResponder(networkID uint32, chainID ids.ID, accepted Chain, signer Signer) *Responder {
	signed, err := lru.New[ids.ID, warp.Signature](cachedSignatures)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	return &Responder{
		networkID: networkID,
		chainID:   chainID,
		chain:     accepted,
		signer:    signer,
		signed:    signed,
		slots:     make(chan struct{}, maxSigning),
	}
}

// Respond answers an encoded Request with an encoded response (ACP-118). An error is a
// refusal of what was asked, or the signer's.
func (r *Responder) Respond(ctx context.Context, encoded []byte) ([]byte, error) {
	request, err := ParseRequest(encoded)
	if err != nil {
		return nil, err
	}
	message, err := warp.ParseUnsignedMessage(request.Message)
	if err != nil {
		return nil, err
	}
	signature, err := r.Sign(ctx, message, request.Justification)
	if err != nil {
		return nil, err
	}
	return responseBytes(signature), nil
}

// Sign signs a message, if it is one that this validator stands for. What it has signed it
// stands for: what is accepted stays so, and a delivery that has left the tree by retention
// was one.
func (r *Responder) Sign(ctx context.Context, message *warp.UnsignedMessage, justification []byte) (warp.Signature, error) {
	if r.signer == nil {
		return warp.Signature{}, errNoSigner()
	}
	if message.NetworkID != r.networkID {
		return warp.Signature{}, refusal.Wrap(warp.ErrWrongNetwork, refusal.ErrWrongChain, fmt.Sprintf("network %d", r.networkID), message.NetworkID)
	}
	if message.SourceChainID != r.chainID {
		return warp.Signature{}, refusal.Wrap(warp.ErrWrongChain, refusal.ErrWrongChain, r.chainID.String(), message.SourceChainID)
	}
	if err := justify(message, justification); err != nil {
		return warp.Signature{}, err
	}
	id := message.ID()
	if signature, ok := r.signed.Get(id); ok {
		return signature, nil
	}
	if err := r.check(message); err != nil {
		return warp.Signature{}, err
	}
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	case <-ctx.Done():
		return warp.Signature{}, ctx.Err()
	}
	signature, err := r.signer.Sign(ctx, message)
	if err != nil {
		return warp.Signature{}, fmt.Errorf("the host's signer: %w", err)
	}
	r.signed.Add(id, signature)
	return signature, nil
}

func errNoSigner() error {
	return refusal.Wrap(ErrNoSigner, refusal.ErrNotReady, "a host with a BLS key", "none")
}

func (r *Responder) ciphersuite(ctx context.Context) (warp.Ciphersuite, error) {
	if r.signer == nil {
		return "", errNoSigner()
	}
	return r.signer.Ciphersuite(ctx)
}

// Subject returns what a message is about: a block's ID, or that of what is delivered.
func Subject(message *warp.UnsignedMessage) (ids.ID, error) {
	block, err := warp.ParseHashPayload(message.Payload)
	if err == nil {
		return block, nil
	}
	delivery, deliveryErr := message.Delivery()
	if deliveryErr == nil {
		return delivery.Transaction, nil
	}
	return ids.Empty, fmt.Errorf("neither a block: %w; nor a delivery: %w", err, deliveryErr)
}

// justify checks that a justification, if there is one, names what the message is about.
func justify(message *warp.UnsignedMessage, justification []byte) error {
	subject, err := Subject(message)
	if err != nil {
		return err
	}
	if len(justification) != 0 && !bytes.Equal(justification, subject[:]) {
		return refusal.Wrap(ErrJustification, refusal.ErrInvalidArgs, "the ID "+subject.String()+", or nothing", fmt.Sprintf("%x", justification))
	}
	return nil
}

// check reports whether the message is true as far as this validator knows.
func (r *Responder) check(message *warp.UnsignedMessage) error {
	if block, err := warp.ParseHashPayload(message.Payload); err == nil {
		if _, err := r.chain.HeaderByID(block); err != nil {
			return fmt.Errorf("block %s: %w: %w", block, ErrNotAccepted, err)
		}
		return nil
	}
	claimed, err := message.Delivery()
	if err != nil {
		return err
	}
	known, err := r.chain.Delivery(claimed.Transaction)
	if err != nil {
		return fmt.Errorf("transaction %s: %w: %w", claimed.Transaction, ErrNotDelivered, err)
	}
	if *known != *claimed {
		return refusal.Wrap(ErrNotDelivered, refusal.ErrInvalidArgs, fmt.Sprintf("%+v", *known), fmt.Sprintf("%+v", *claimed))
	}
	return nil
}
