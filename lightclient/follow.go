package lightclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// fetch asks a provider for a block, and checks that it is at the height that was asked for.
func fetch(ctx context.Context, provider Provider, height, trusted uint64) (*LightBlock, error) {
	b, err := provider.LightBlock(ctx, height, trusted)
	if err == nil && (b == nil || b.Header == nil) {
		err = notFound("a block", height)
	}
	if err == nil && height != 0 && b.Header.Height != height {
		err = refusal.Wrap(ErrWrongHeight, refusal.ErrBlockHeight, fmt.Sprintf("height %d", height), b.Header.Height)
	}
	if err != nil {
		return nil, ErrProvider{Provider: provider.String(), Err: err}
	}
	return b, nil
}

// fetchHeader asks a provider for a header.
func fetchHeader(ctx context.Context, provider Provider, height uint64) (*chain.Header, error) {
	header, err := provider.Header(ctx, height)
	if err == nil && header == nil {
		err = notFound("a header", height)
	}
	if err != nil {
		return nil, ErrProvider{Provider: provider.String(), Err: err}
	}
	return header, nil
}

// follow verifies the primary's target from a trusted block, asks the witnesses, and keeps
// the target and the blocks on the way.
func (c *Client) follow(ctx context.Context, trusted, target *LightBlock) (*LightBlock, error) {
	path, err := c.verify(ctx, c.config.Primary, trusted, target)
	if err != nil {
		return nil, err
	}
	if err := c.askWitnesses(ctx, trusted, path[len(path)-1]); err != nil {
		return nil, err
	}
	for _, b := range path {
		if err := c.save(b); err != nil {
			return nil, err
		}
	}
	return path[len(path)-1], nil
}

// verify returns the blocks by which a provider's target can be trusted, the target last.
func (c *Client) verify(ctx context.Context, provider Provider, trusted, target *LightBlock) ([]*LightBlock, error) {
	if c.config.Sequential {
		return c.verifySequential(ctx, provider, trusted, target)
	}
	return c.verifySkipping(ctx, provider, trusted, target)
}

// verifySequential goes through every block up to the target.
func (c *Client) verifySequential(ctx context.Context, provider Provider, trusted, target *LightBlock) ([]*LightBlock, error) {
	var path []*LightBlock
	for trusted.Header.Height < target.Header.Height {
		next, err := fetch(ctx, provider, trusted.Header.Height+1, trusted.Header.Height)
		if err != nil {
			return nil, err
		}
		if err := c.step(provider, trusted, next); err != nil {
			return nil, err
		}
		// Every block is kept in the end; no more of them in memory than the store keeps.
		if path = append(path, next); len(path) > c.config.MaxBlocks {
			path = path[1:]
		}
		trusted = next
	}
	if trusted.Header.ID() != target.Header.ID() {
		return nil, inconsistent(provider, target, trusted)
	}
	return path, nil
}

// verifySkipping tries the target, and where too little of the trusted set has signed it, a
// block half way, and so on: bisection.
func (c *Client) verifySkipping(ctx context.Context, provider Provider, trusted, target *LightBlock) ([]*LightBlock, error) {
	var path []*LightBlock
	candidates := []*LightBlock{target}
	askedFrom := []uint64{trusted.Header.Height} // what each candidate was fetched for
	var sought *LightBlock                       // the trusted block whose change was sought last
	for len(candidates) > 0 {
		last := len(candidates) - 1
		candidate, from := candidates[last], trusted.Header.Height
		err := c.step(provider, trusted, candidate)
		if err == nil {
			trusted = candidate
			path = append(path, candidate)
			candidates, askedFrom = candidates[:last], askedFrom[:last]
			continue
		}
		var missing ErrNotEnoughTrust
		if !errors.As(err, &missing) {
			return nil, err
		}
		height := candidate.Header.Height
		if askedFrom[last] != from { // it came with a handover from another set
			again, err := fetch(ctx, provider, height, from)
			if err != nil {
				return nil, err
			}
			if again.Header.ID() != candidate.Header.ID() {
				return nil, inconsistent(provider, candidate, again)
			}
			candidates[last], askedFrom[last] = again, from
			continue
		}
		if height == from+1 {
			return nil, err // ErrTrustLost
		}
		between, err := fetch(ctx, provider, from+(height-from)/2, from)
		if errors.Is(err, ErrNotFound) { // its validators are gone, and nobody kept their signatures
			if sought == trusted { // there was such a block, and it did not help
				return nil, ErrTrustLost{Height: from, Err: missing}
			}
			sought = trusted
			between, err = c.fetchChange(ctx, provider, trusted, candidate)
		}
		if err != nil {
			return nil, err
		}
		candidates, askedFrom = append(candidates, between), append(askedFrom, from)
	}
	return path, nil
}

// fetchChange returns a block between a trusted one and a candidate whose validators are the
// first after the trusted one's: its signatures by both are what nodes keep when validators
// leave. Headers lead there; whether they are right shows when the block is verified.
func (c *Client) fetchChange(ctx context.Context, provider Provider, trusted, candidate *LightBlock) (*LightBlock, error) {
	low, high := trusted.Header.Height, candidate.Header.Height
	for high-low > 1 {
		middle := low + (high-low)/2
		header, err := fetchHeader(ctx, provider, middle)
		if err != nil {
			return nil, err
		}
		if header.ValidatorSetHash == trusted.Header.ValidatorSetHash {
			low = middle
		} else {
			high = middle
		}
	}
	if high == candidate.Header.Height {
		return nil, ErrTrustLost{Height: trusted.Header.Height, Err: notFound("signatures of the trusted validators", high)}
	}
	return fetch(ctx, provider, high, trusted.Header.Height)
}

// step verifies one block against a trusted one.
func (c *Client) step(provider Provider, trusted, untrusted *LightBlock) error {
	_, err := Verify(&c.config.Trust.Rules, trusted, untrusted, c.config.Now())
	if err == nil {
		return nil
	}
	var expired ErrOldHeaderExpired
	if errors.As(err, &expired) {
		return err // not the provider's fault
	}
	var missing ErrNotEnoughTrust
	if errors.As(err, &missing) && untrusted.Header.Height == trusted.Header.Height+1 {
		err = ErrTrustLost{Height: trusted.Header.Height, Err: err}
	}
	if errors.Is(err, ErrDowngrade) {
		err = errors.Join(err, c.keepDowngrade(&Evidence{First: trusted, Second: untrusted}))
	}
	return ErrProvider{Provider: provider.String(), Err: err}
}

// keepDowngrade keeps evidence that a block rests on BLS alone, if it does, and there are not too many already.
func (c *Client) keepDowngrade(evidence *Evidence) error {
	if evidence.Verify(&c.config.Trust.Verifier) != nil {
		return nil
	}
	all, err := c.config.Store.Evidence()
	if err != nil {
		return err
	}
	kept := 0
	for _, e := range all {
		if !e.PostQuantum() {
			kept++
		}
	}
	if kept >= maxDowngrades {
		return nil
	}
	return c.config.Store.SaveEvidence(evidence)
}

func inconsistent(provider Provider, want, got *LightBlock) error {
	err := refusal.Wrap(ErrInconsistent, refusal.ErrProof, fmt.Sprintf("block %s at height %d", want.Header.ID(), want.Header.Height), got.Header.ID())
	return ErrProvider{Provider: provider.String(), Err: err}
}
