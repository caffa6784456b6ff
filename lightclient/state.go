package lightclient

//go:generate go tool canoto $GOFILE

import (
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// MaxStateProofBytes bounds an encoded StateProof.
	MaxStateProofBytes = 16 << 20
	// MaxStateProofKeys bounds the keys of a StateProof.
	MaxStateProofKeys = 2 * chain.MaxParticipants

	stateProofVersion = 1
)

// StateProof shows what the state after one block holds at some keys. It has as little of the
// block as its reader, who trusts another block, needs beside that.
type StateProof struct {
	// Block is the light block. Its Validators are nil if the reader's trusted block has the
	// same set. Its Certificate is nil if the block is the reader's trusted one.
	Block *LightBlock
	// Leaves are what the state holds, or that it holds nothing, each at a key of its own.
	Leaves []ProvenLeaf
}

// ProvenLeaf is a key of the state tree and the encoded ICS-23 proof of what is there.
type ProvenLeaf struct {
	Key        []byte `canoto:"bytes,1"`
	Commitment []byte `canoto:"bytes,2"`

	canotoData canotoData_ProvenLeaf
}

// State is what a block's state holds: at each key that was proven, the value, nil for none.
type State struct {
	Header *chain.Header
	leaves map[string][]byte
}

// Leaf returns the value at a key, nil if the state holds none. If the key was not proven, the
// error is an ErrStatement.
func (s *State) Leaf(key []byte) ([]byte, error) {
	value, ok := s.leaves[string(key)]
	if !ok {
		return nil, refusal.Wrap(ErrStatement, refusal.ErrProof, fmt.Sprintf("a proof of what is at key %x", key), "none")
	}
	return value, nil
}

// stateProofWire is the encoding of a StateProof.
type stateProofWire struct {
	Version      uint32           `canoto:"uint,1"` // stateProofVersion
	Header       chain.Header     `canoto:"value,2"`
	Certificates certificatesWire `canoto:"value,3"`
	Leaves       []ProvenLeaf     `canoto:"repeated value,4"`

	canotoData canotoData_stateProofWire
}

// Bytes returns the canonical encoding.
func (p *StateProof) Bytes() []byte {
	wire := stateProofWire{Version: stateProofVersion, Header: *p.Block.Header, Certificates: p.Block.certificates(), Leaves: p.Leaves}
	return wire.MarshalCanoto()
}

// ParseStateProof decodes strictly. It verifies nothing but that keys are keys.
func ParseStateProof(encoded []byte) (*StateProof, error) {
	if len(encoded) > MaxStateProofBytes {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("a state proof of at most %d bytes", MaxStateProofBytes), len(encoded))
	}
	var wire stateProofWire
	if err := unmarshal(encoded, &wire); err != nil {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrMalformed, "a canonically encoded state proof", err)
	}
	if wire.Version != stateProofVersion {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrVersion, fmt.Sprintf("state proof version %d", stateProofVersion), wire.Version)
	}
	if count := len(wire.Leaves); count > MaxStateProofKeys {
		return nil, refusal.Wrap(ErrEncoding, refusal.ErrTooLarge, fmt.Sprintf("at most %d leaves", MaxStateProofKeys), count)
	}
	block, err := wire.Certificates.block(&wire.Header, false)
	if err != nil {
		return nil, err
	}
	return &StateProof{Block: block, Leaves: wire.Leaves}, nil
}

// State verifies the leaves against the state root of the proof's own header. That the header is
// the chain's is not verified: Client.State does that.
func (p *StateProof) State() (*State, error) {
	state := &State{Header: p.Block.Header, leaves: make(map[string][]byte, len(p.Leaves))}
	for i := range p.Leaves {
		leaf := &p.Leaves[i]
		value, err := proofs.Value(state.Header.StateRoot, leaf.Key, leaf.Commitment)
		if err != nil {
			return nil, err
		}
		state.leaves[string(leaf.Key)] = value
	}
	return state, nil
}

// State verifies a proof that came from the primary, and follows the chain to its block. The
// basis says what that rests on.
func (c *Client) State(ctx context.Context, p *StateProof) (*State, Basis, error) {
	state, err := p.State() // costs less than a certificate
	if err != nil {
		return nil, Basis{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b, err := c.given(ctx, p.Block)
	if err != nil {
		return nil, Basis{}, err
	}
	basis, err := newBasis(&c.config.Trust.Rules, b.Header, b)
	return state, basis, err
}

// given returns the trusted block that the primary gave, verified against the nearest trusted
// one below.
func (c *Client) given(ctx context.Context, b *LightBlock) (*LightBlock, error) {
	header, height, id := *b.Header, b.Header.Height, b.Header.ID()
	stored, err := c.stored(height)
	if err == nil && stored.Header.ID() != id {
		return nil, refusal.Wrap(ErrOtherBlock, refusal.ErrProof, fmt.Sprintf("block %s at height %d", stored.Header.ID(), height), id)
	}
	if err == nil || !errors.Is(err, ErrNotFound) {
		return stored, err
	}
	below, _, err := c.neighbours(height)
	if err != nil {
		return nil, err
	}
	if below == nil {
		return nil, notFound("a trusted block below the one", height)
	}
	if c.config.Trust.Policy.PostQuantum() && !b.attested() { // what comes with a state is small: the rest is asked for
		if b, err = fetch(ctx, c.config.Primary, height, below.Header.Height); err != nil {
			return nil, err
		}
		if got := b.Header.ID(); got != id {
			return nil, inconsistent(c.config.Primary, &LightBlock{Header: &header}, b)
		}
	}
	if b.Validators == nil {
		if trusted, got := below.Header.ValidatorSetHash, b.Header.ValidatorSetHash; got != trusted {
			return nil, refusal.Wrap(warp.ErrWrongSet, refusal.ErrValidatorSet, fmt.Sprintf("a block of the trusted validator set %s, or another set with it", trusted), got)
		}
		b = &LightBlock{Header: b.Header, Validators: below.Validators, Certificate: b.Certificate, Handovers: b.Handovers, PostQuantum: b.PostQuantum}
	}
	return c.follow(ctx, below, b)
}
