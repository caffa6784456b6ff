package signing

import (
	"context"
	"crypto/sha256"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// AttestationRequestSize is the size of an encoded AttestationRequest, in bytes.
	AttestationRequestSize = 1 + ids.IDLen + sha256.Size
	// cachedAttestations is how many attestations are remembered, about 3.4 KB each.
	cachedAttestations = 1024
)

// AttestationRequest asks a validator for its ML-DSA-65 signature of an accepted block:
//
//	scheme, 1               1 byte
//	block ID               32
//	SHA-256 of the key     32, which it is to sign with
type AttestationRequest struct {
	BlockID ids.ID
	Key     [sha256.Size]byte
}

// Bytes returns the encoding.
func (r *AttestationRequest) Bytes() []byte {
	bytes := append(make([]byte, 0, AttestationRequestSize), byte(chain.SchemeMLDSA65))
	return append(append(bytes, r.BlockID[:]...), r.Key[:]...)
}

// ParseAttestationRequest decodes strictly.
func ParseAttestationRequest(encoded []byte) (*AttestationRequest, error) {
	if len(encoded) != AttestationRequestSize {
		return nil, refusal.Wrap(ErrRequest, refusal.ErrMalformed, fmt.Sprintf("%d bytes", AttestationRequestSize), len(encoded))
	}
	if err := chain.Scheme(encoded[0]).Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return &AttestationRequest{BlockID: ids.ID(encoded[1:33]), Key: [sha256.Size]byte(encoded[33:])}, nil
}

// Attestor signs the blocks that its validator has accepted with its ML-DSA-65 keys. It is safe for concurrent use.
type Attestor struct {
	networkID uint32
	chain     Chain
	keys      map[[sha256.Size]byte]*pq.DSAKey
	signed    *lru.Cache[AttestationRequest, []byte]
	slots     chan struct{}
}

// NewAttestor returns the attestor of a chain. Without keys it refuses all.
func NewAttestor(networkID uint32, accepted Chain, keys []*pq.DSAKey) *Attestor {
	signed, err := lru.New[AttestationRequest, []byte](cachedAttestations)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	a := &Attestor{networkID: networkID, chain: accepted, keys: make(map[[sha256.Size]byte]*pq.DSAKey), signed: signed, slots: make(chan struct{}, maxSigning)}
	for _, key := range keys {
		a.keys[sha256.Sum256(key.Public())] = key
	}
	return a
}

// Respond answers an encoded AttestationRequest with a signature, chain.SignatureSize bytes. An error is a refusal of
// what was asked.
func (a *Attestor) Respond(ctx context.Context, encoded []byte) ([]byte, error) {
	request, err := ParseAttestationRequest(encoded)
	if err != nil {
		return nil, err
	}
	return a.attest(ctx, *request)
}

func (a *Attestor) attest(ctx context.Context, request AttestationRequest) ([]byte, error) {
	key := a.keys[request.Key]
	if key == nil {
		return nil, refusal.Wrap(ErrNoSigner, refusal.ErrInvalidArgs, fmt.Sprintf("one of this validator's %d ML-DSA-65 keys", len(a.keys)), fmt.Sprintf("%x", request.Key))
	}
	if signature, ok := a.signed.Get(request); ok {
		return signature, nil
	}
	header, err := a.chain.HeaderByID(request.BlockID)
	if err != nil {
		return nil, fmt.Errorf("block %s: %w: %w", request.BlockID, ErrNotAccepted, err)
	}
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	signature, err := key.Sign(warp.ContextAttestation, warp.AttestedBytes(a.networkID, header.ChainID, header.Height, request.BlockID))
	if err != nil {
		return nil, err
	}
	a.signed.Add(request, signature)
	return signature, nil
}

// Attest asks the validators of a set that have keys to attest a block until those that have reach the threshold. See
// Aggregate.
func (a *Aggregator) Attest(ctx context.Context, header *chain.Header, set *Validators, keys *warp.KeySet, threshold warp.Threshold) (*warp.PostQuantumCertificate, error) {
	if err := threshold.Verify(keys.Keyed()); err != nil {
		return nil, &QuorumError{Threshold: threshold, Weight: keys.Keyed(), Last: err}
	}
	of := &attestationCollection{a, header.ID(), keys, warp.NewPostQuantumAggregation(a.Attestor.networkID, header, keys)}
	if err := a.collect(ctx, of, set, threshold); err != nil {
		return nil, err
	}
	return of.aggregation.Certificate(threshold)
}

// attestationCollection collects ML-DSA-65 signatures of a block.
type attestationCollection struct {
	*Aggregator
	block       ids.ID
	keys        *warp.KeySet
	aggregation *warp.PostQuantumAggregation
}

func (c *attestationCollection) requestOf(index int) (request AttestationRequest, err error) {
	key := c.keys.Key(index)
	if len(key) == 0 {
		return request, refusal.Wrap(warp.ErrNoKey, refusal.ErrNotFound, "a validator with an ML-DSA-65 key", "none")
	}
	return AttestationRequest{BlockID: c.block, Key: sha256.Sum256(key)}, nil
}

func (c *attestationCollection) sign(ctx context.Context, index int) ([]byte, error) {
	request, err := c.requestOf(index)
	if err != nil {
		return nil, err
	}
	return c.Attestor.attest(ctx, request)
}

func (c *attestationCollection) request(ctx context.Context, node ids.NodeID, index int) ([]byte, error) {
	request, err := c.requestOf(index)
	if err != nil {
		return nil, err
	}
	return c.Network.RequestAttestation(ctx, node, request.Bytes())
}

func (c *attestationCollection) add(index int, signature []byte) error {
	return c.aggregation.Add(index, signature)
}

func (c *attestationCollection) weight() warp.Weight { return c.aggregation.Weight() }
