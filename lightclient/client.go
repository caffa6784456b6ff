package lightclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// DefaultMaxBlocks is how many blocks a client keeps, if nothing else is said.
	DefaultMaxBlocks = 1000
	// DefaultMaxBackwards is how many headers a client goes back, if nothing else is said.
	DefaultMaxBackwards = 10_000
)

// Config is what a Client is made of.
type Config struct {
	Trust TrustOptions
	// Primary shows the blocks.
	Primary Provider
	// Witnesses are asked whether they have the same ones.
	Witnesses []Provider
	// RequiredWitnesses is how many of them must: 1 if it is left zero and there are any.
	RequiredWitnesses int
	// Store keeps what is trusted; in memory, if it is left nil.
	Store Store
	// Sequential follows the chain block by block. Otherwise the client skips blocks where
	// it can.
	Sequential bool
	// MaxBlocks is how many blocks the store keeps: the oldest go. DefaultMaxBlocks, if
	// left zero.
	MaxBlocks int
	// MaxBackwards is how many headers below a trusted block are followed back, for one
	// request. DefaultMaxBackwards, if left zero.
	MaxBackwards uint64
	// Now is the clock; time.Now, if it is left nil.
	Now func() time.Time
}

// Client follows a chain. It is safe for use by several goroutines, one at a time.
type Client struct {
	config Config

	mu        sync.Mutex
	witnesses []Provider
	faults    []ErrProvider
	linked    map[ids.ID]*chain.Header // headers that trusted ones led back to
}

// New returns a client that trusts its options' checkpoint and what is in its store.
func New(config Config) (*Client, error) {
	if err := config.Trust.Check(); err != nil {
		return nil, err
	}
	if config.Primary == nil {
		return nil, refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, "a primary", "none")
	}
	if config.RequiredWitnesses < 0 || config.RequiredWitnesses > len(config.Witnesses) {
		return nil, refusal.Wrap(ErrOptions, refusal.ErrInvalidArgs, fmt.Sprintf("0 to %d required witnesses", len(config.Witnesses)), config.RequiredWitnesses)
	}
	if config.RequiredWitnesses == 0 && len(config.Witnesses) > 0 {
		config.RequiredWitnesses = 1
	}
	if config.Store == nil {
		config.Store = NewMemoryStore()
	}
	if config.MaxBlocks <= 0 {
		config.MaxBlocks = DefaultMaxBlocks
	}
	if config.MaxBackwards == 0 {
		config.MaxBackwards = DefaultMaxBackwards
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	c := &Client{config: config, witnesses: slices.Clone(config.Witnesses), linked: make(map[ids.ID]*chain.Header)}
	heights, err := config.Store.Heights()
	if err != nil {
		return nil, err
	}
	if len(heights) > 0 {
		b, err := config.Store.Block(heights[len(heights)-1])
		if err != nil {
			return nil, err
		}
		checkpoint, err := b.Checkpoint(config.Trust.Policy)
		if err == nil {
			err = c.config.Trust.checkCheckpoint(checkpoint)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: made with other trust options: %w", ErrStoreCorrupted, err)
		}
	}
	return c, c.trust(&config.Trust.Checkpoint)
}

// trust keeps a checkpoint.
func (c *Client) trust(checkpoint *Checkpoint) error {
	height := checkpoint.Header.Height
	b, err := c.stored(height)
	switch {
	case errors.Is(err, ErrNotFound):
		return c.save(checkpoint.Block())
	case err != nil:
		return err
	case b.Header.ID() != checkpoint.Header.ID():
		return refusal.Wrap(ErrCheckpoint, refusal.ErrProof, fmt.Sprintf("block %s at height %d", b.Header.ID(), height), checkpoint.Header.ID())
	}
	return nil
}

// Renew takes a new checkpoint, when trust has expired or was lost. It is taken on the
// caller's word: it must come from where the first one came from.
func (c *Client) Renew(checkpoint *Checkpoint) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.config.Trust.checkCheckpoint(checkpoint); err != nil {
		return err
	}
	if err := checkExpiry(&c.config.Trust.Rules, checkpoint.Block(), c.config.Now()); err != nil {
		return err
	}
	return c.trust(checkpoint)
}

// Latest returns the highest block that is trusted.
func (c *Client) Latest() (*LightBlock, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest()
}

// Evidence returns the evidence of dishonest validators that the client has come upon.
func (c *Client) Evidence() ([]*Evidence, error) { return c.config.Store.Evidence() }

// Faults returns which witnesses showed blocks that do not verify. They are not asked again.
func (c *Client) Faults() []ErrProvider {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.faults)
}

// Update follows the chain up to the primary's latest block, and returns the latest block
// that is trusted.
func (c *Client) Update(ctx context.Context) (*LightBlock, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	trusted, err := c.latest()
	if err != nil {
		return nil, err
	}
	target, err := fetch(ctx, c.config.Primary, 0, trusted.Header.Height)
	if err != nil {
		return nil, err
	}
	if target.Header.Height < trusted.Header.Height {
		return trusted, nil // it is behind
	}
	if target.Header.Height == trusted.Header.Height {
		return trusted, c.compare(c.config.Primary, trusted, target)
	}
	return c.follow(ctx, trusted, target)
}

// Block returns the trusted block at a height above the checkpoint, with its certificate:
// from the store, or from the primary, verified against the nearest trusted block below.
func (c *Client) Block(ctx context.Context, height uint64) (*LightBlock, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.block(ctx, height)
}

func (c *Client) block(ctx context.Context, height uint64) (*LightBlock, error) {
	b, err := c.stored(height)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return b, err
	}
	below, _, err := c.neighbours(height)
	if err != nil {
		return nil, err
	}
	if below == nil {
		return nil, notFound("a trusted block below the one", height)
	}
	target, err := fetch(ctx, c.config.Primary, height, below.Header.Height)
	if err != nil {
		return nil, err
	}
	return c.follow(ctx, below, target)
}

// Header returns the trusted header at a height and what it rests on: its own certificate,
// or that of a trusted block above it, from which headers lead back.
func (c *Client) Header(ctx context.Context, height uint64) (*chain.Header, Basis, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if above, err := c.cheaper(height); err != nil {
		return nil, Basis{}, err
	} else if above != nil {
		header, err := c.back(ctx, above.Header, height)
		if err == nil {
			basis, err := newBasis(&c.config.Trust.Rules, header, above)
			return header, basis, err
		}
	}
	b, err := c.block(ctx, height)
	if err == nil {
		basis, err := newBasis(&c.config.Trust.Rules, b.Header, b)
		return b.Header, basis, err
	}
	_, above, neighboursErr := c.neighbours(height)
	if neighboursErr != nil || above == nil {
		return nil, Basis{}, err
	}
	// It can't be reached from below: no trusted block is, or it has expired, or the
	// block's own validators did not sign it in time. From above it can.
	var expired ErrOldHeaderExpired
	var lost ErrTrustLost
	if !errors.Is(err, ErrNotFound) && !errors.As(err, &expired) && !errors.As(err, &lost) {
		return nil, Basis{}, err
	}
	if height > 0 { // a provider that is asked for 0 shows its latest
		if b, err := fetch(ctx, c.config.Primary, height, above.Header.Height); err == nil {
			if weight, err := VerifyEarlier(&c.config.Trust.Rules, above, b, c.config.Now()); err == nil {
				return b.Header, c.config.Trust.basis(b.Header, height, weight), nil
			}
		}
	}
	header, err := c.back(ctx, above.Header, height)
	if err != nil {
		return nil, Basis{}, err
	}
	basis, err := newBasis(&c.config.Trust.Rules, header, above)
	return header, basis, err
}

// headerBytes is about what a node's answer with a header takes.
const headerBytes = 600

// cheaper returns a trusted block above a height from which headers that lead back take fewer bytes than ML-DSA-65 signatures of
// a block would; nil if there is none, or the block itself is trusted.
func (c *Client) cheaper(height uint64) (*LightBlock, error) {
	if !c.config.Trust.Policy.PostQuantum() {
		return nil, nil
	}
	if _, err := c.stored(height); !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	_, above, err := c.neighbours(height)
	if err != nil || above == nil || !above.attested() {
		return nil, err
	}
	size := above.PostQuantum.Certificate.Size()
	for _, proof := range above.PostQuantum.Proofs {
		size += len(proof)
	}
	if steps := above.Header.Height - height; steps > c.config.MaxBackwards || steps > uint64(size/headerBytes) {
		return nil, nil
	}
	return above, nil
}

// back follows headers' parents down to a height.
func (c *Client) back(ctx context.Context, trusted *chain.Header, height uint64) (*chain.Header, error) {
	if steps := trusted.Height - height; steps > c.config.MaxBackwards {
		return nil, refusal.Wrap(ErrTooFarBack, refusal.ErrNotFound, fmt.Sprintf("at most %d headers below block %d", c.config.MaxBackwards, trusted.Height), steps)
	}
	for trusted.Height > height {
		header := c.linked[trusted.Parent]
		if header == nil {
			fetched, err := fetchHeader(ctx, c.config.Primary, trusted.Height-1)
			if err != nil {
				return nil, err
			}
			if err := VerifyBackwards(trusted, fetched); err != nil {
				return nil, ErrProvider{Provider: c.config.Primary.String(), Err: err}
			}
			if header = fetched; uint64(len(c.linked)) >= c.config.MaxBackwards {
				clear(c.linked)
			}
			c.linked[trusted.Parent] = header
		}
		trusted = header
	}
	return trusted, nil
}

// latest returns the highest block of the store.
func (c *Client) latest() (*LightBlock, error) {
	heights, err := c.config.Store.Heights()
	if err != nil {
		return nil, err
	}
	if len(heights) == 0 {
		return nil, notFound("a trusted block", 0)
	}
	return c.stored(heights[len(heights)-1])
}

// neighbours returns the nearest stored blocks below and above a height, or nil.
func (c *Client) neighbours(height uint64) (below, above *LightBlock, err error) {
	heights, err := c.config.Store.Heights()
	if err != nil {
		return nil, nil, err
	}
	at, found := slices.BinarySearch(heights, height)
	if at > 0 {
		if below, err = c.stored(heights[at-1]); err != nil {
			return nil, nil, err
		}
	}
	if found {
		at++
	}
	if at < len(heights) {
		above, err = c.stored(heights[at])
	}
	return below, above, err
}

// stored returns a block of the store. One that was kept on BLS signatures alone is not there for a client that demands more.
func (c *Client) stored(height uint64) (*LightBlock, error) {
	b, err := c.config.Store.Block(height)
	if err == nil && c.config.Trust.Policy.PostQuantum() && b.PostQuantum == nil {
		return nil, notFound("a block that was verified post-quantum", height)
	}
	return b, err
}

// Checkpoint returns a block that a client trusts as a checkpoint, with the keys that a policy demands. An ErrNoKeys says that the
// block was not trusted by such a policy.
func (b *LightBlock) Checkpoint(policy Policy) (*Checkpoint, error) {
	c := &Checkpoint{Header: b.Header, Validators: b.Validators}
	if !policy.PostQuantum() {
		return c, nil
	}
	var err error
	c.Keys, err = b.trustedKeys()
	return c, err
}

// DefaultPolicy returns the policy for who has said none, and the checkpoint that goes with it: PolicyBoth if validators with
// more than two thirds of the block's weight have ML-DSA-65 keys in its state, else PolicyBLS. The block has to prove which of
// them have: an ErrNoKeys or ErrKeyProofs says that it does not. So nobody gets less by leaving keys out.
func (b *LightBlock) DefaultPolicy() (Policy, *Checkpoint, error) {
	checkpoint, err := b.Checkpoint(PolicyBoth)
	if err != nil {
		return "", nil, err
	}
	if warp.TwoThirds.Verify(checkpoint.Keys.Keyed()) == nil {
		return PolicyBoth, checkpoint, nil
	}
	checkpoint.Keys = nil
	return PolicyBLS, checkpoint, nil
}

// save keeps a trusted block, and forgets the oldest ones that are too many.
func (c *Client) save(b *LightBlock) error {
	if !c.config.Trust.Policy.PostQuantum() {
		b = b.without()
	}
	if err := c.config.Store.Save(b); err != nil {
		return err
	}
	heights, err := c.config.Store.Heights()
	if err != nil {
		return err
	}
	for len(heights) > c.config.MaxBlocks {
		oldest := heights[0]
		heights = heights[1:]
		if oldest == b.Header.Height {
			continue
		}
		if err := c.config.Store.Delete(oldest); err != nil {
			return err
		}
	}
	return nil
}
