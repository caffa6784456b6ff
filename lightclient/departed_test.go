package lightclient

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// departing returns a chain whose validators are all replaced twice, and a provider of it
// that has what a node has kept: blocks of the last set, and where sets change, signatures
// of both. So no block in the middle of an earlier set can be had.
func departing() (testChain, *testProvider) {
	sets := []weights{equally(0, 1), equally(2, 3), equally(4, 5)}
	var c testChain
	changes := make(map[int]bool)
	for i, set := range sets {
		c = c.extend(repeat(20, set)...)
		if i > 0 {
			first := c[20*i]
			first.signers = append(first.signers, sets[i-1].keys()...)
			changes[20*i] = true
		}
	}
	provider := &testProvider{name: "primary", chain: c}
	provider.change = func(_ uint64, b *LightBlock) (*LightBlock, error) {
		height := int(b.Header.Height)
		if height < 40 && !changes[height] {
			return nil, notFound("a certified block", b.Header.Height)
		}
		kept := b.Handovers[:0:0]
		for _, h := range b.Handovers {
			if changes[height] && h.ValidatorSetHash == c[height-1].header.ValidatorSetHash {
				kept = append(kept, h)
			}
		}
		b.Handovers = kept
		return b, nil
	}
	return c, provider
}

func TestAClientFollowsOverValidatorsThatAreGone(t *testing.T) {
	c, provider := departing()
	config := testConfig(c, 3)
	config.Primary = provider
	client := newClient(t, config)
	latest, err := client.Update(t.Context())
	require.NoError(t, err)
	require.Equal(t, c[59].header.ID(), latest.Header.ID())
	heights, err := client.config.Store.Heights()
	require.NoError(t, err)
	require.Equal(t, []uint64{3, 20, 40, 59}, heights)
}

func TestAChangeThatTheOldValidatorsDidNotSignLosesTrust(t *testing.T) {
	c, provider := departing()
	kept := provider.change
	provider.change = func(height uint64, b *LightBlock) (*LightBlock, error) {
		b, err := kept(height, b)
		if b != nil && b.Header.Height == 20 {
			b.Handovers = nil
		}
		return b, err
	}
	config := testConfig(c, 3)
	config.Primary = provider
	client := newClient(t, config)
	_, err := client.Update(t.Context())
	var lost ErrTrustLost
	require.ErrorAs(t, err, &lost)
	require.Equal(t, uint64(3), lost.Height)
	latest, err := client.Latest()
	require.NoError(t, err)
	require.Equal(t, uint64(3), latest.Header.Height)
}

// elusive says of every block that it shows that its validators came with the block below.
type elusive struct {
	*testProvider
	lowest uint64 // of the blocks that it has shown
}

func (p *elusive) LightBlock(ctx context.Context, height, trusted uint64) (*LightBlock, error) {
	b, err := p.testProvider.LightBlock(ctx, height, trusted)
	if err == nil && p.lowest > 0 && b.Header.Height < p.lowest-1 {
		return nil, notFound("a certified block", height)
	}
	if err == nil {
		p.lowest = b.Header.Height
	}
	return b, err
}

func (p *elusive) Header(_ context.Context, height uint64) (*chain.Header, error) {
	if height == p.lowest-1 {
		return p.chain[height].header, nil
	}
	return p.chain[0].header, nil
}

// A provider that names ever other blocks where the validators are said to change does not
// keep a client busy for ever.
func TestAChangeIsSoughtOnce(t *testing.T) {
	c := testChain{}.extend(four).extend(repeat(200, others)...)
	provider := &elusive{testProvider: &testProvider{name: "primary", chain: c}}
	config := testConfig(c, 0)
	config.Primary = provider
	_, err := newClient(t, config).Update(t.Context())
	require.ErrorAs(t, err, new(ErrTrustLost))
	require.Len(t, provider.asked, 4, "the latest, one between, the change, one between")
}

// silentHeaders has an answer without a header.
type silentHeaders struct{ *testProvider }

func (silentHeaders) Header(context.Context, uint64) (*chain.Header, error) { return nil, nil }

func TestAHeaderThatIsNoneIsNotFound(t *testing.T) {
	c := testChain{}.extend(repeat(5, four)...)
	provider := &testProvider{name: "primary", chain: c}
	provider.change = func(height uint64, _ *LightBlock) (*LightBlock, error) { return nil, notFound("a block", height) }
	config := testConfig(c, 4)
	config.Primary = silentHeaders{provider}
	_, _, err := newClient(t, config).Header(t.Context(), 2)
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorAs(t, err, new(ErrProvider))
}
