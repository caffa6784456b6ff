package lightclient

import (
	"context"
	"fmt"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// Provider shows blocks of a chain: a node, a folder, a file. Nothing that it says is
// trusted.
type Provider interface {
	fmt.Stringer
	// LightBlock returns the block at a height, or the latest that has a certificate, if
	// the height is 0. It is for a client that trusts the block at the height trusted: if
	// the validator set is another than that block's, a Handover from that block's set
	// should be with it. If there is none (yet), or none that is certified, the error is
	// ErrNotFound.
	LightBlock(ctx context.Context, height, trusted uint64) (*LightBlock, error)
	// Header returns the header at a height; ErrNotFound if there is none (yet).
	Header(ctx context.Context, height uint64) (*chain.Header, error)
}

// StoreProvider is a Provider of what is in a store: a folder of light blocks that somebody
// passed on, or blocks in memory. Blocks have the handovers that they were stored with.
type StoreProvider struct {
	name  string
	store Store
}

// NewStoreProvider returns a provider of a store's blocks.
func NewStoreProvider(name string, store Store) *StoreProvider {
	return &StoreProvider{name: name, store: store}
}

// String returns the name.
func (p *StoreProvider) String() string { return p.name }

// LightBlock implements Provider.
func (p *StoreProvider) LightBlock(_ context.Context, height, _ uint64) (*LightBlock, error) {
	if height == 0 {
		heights, err := p.store.Heights()
		if err != nil {
			return nil, err
		}
		if len(heights) == 0 {
			return nil, notFound("a block", height)
		}
		height = heights[len(heights)-1]
	}
	return p.store.Block(height)
}

// Header implements Provider.
func (p *StoreProvider) Header(_ context.Context, height uint64) (*chain.Header, error) {
	b, err := p.store.Block(height)
	if err != nil {
		return nil, err
	}
	return b.Header, nil
}

func notFound(what string, height uint64) error {
	return refusal.Wrap(ErrNotFound, refusal.ErrNotFound, fmt.Sprintf("%s at height %d", what, height), "none")
}
