// Package provider shows a node's blocks to a light client, over JSON-RPC. It trusts the
// node with nothing: what it decodes, package lightclient verifies.
package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

var _ lightclient.Provider = (*Provider)(nil)

// Provider is a lightclient.Provider of what a node answers. Its answers are bounded by
// the client's MaxResponseBytes before they are decoded.
type Provider struct {
	// PostQuantum asks for ML-DSA-65 signatures with each block: for a client whose policy demands them.
	PostQuantum bool

	name   string
	client *client.Client

	mu    sync.Mutex
	known *lightclient.LightBlock // the last one that came with keys: those that are still the same need not come again
}

// New returns a provider of a node that a client calls. The name is for people, as a rule
// the node's address.
func New(name string, client *client.Client) *Provider {
	return &Provider{name: name, client: client}
}

// String returns the name.
func (p *Provider) String() string { return p.name }

// LightBlock implements lightclient.Provider. A block that too few validators certify, for
// now or for ever, is a lightclient.ErrNotFound.
func (p *Provider) LightBlock(ctx context.Context, height, trusted uint64) (*lightclient.LightBlock, error) {
	params := client.GetLightBlockParams{Height: height, TrustedHeight: trusted, PostQuantum: p.PostQuantum}
	p.mu.Lock()
	known := p.known
	p.mu.Unlock()
	if known != nil && p.PostQuantum {
		params.KnownKeys = known.Header.Height
	}
	b, err := p.lightBlock(ctx, params)
	if err != nil || b.PostQuantum == nil {
		return b, err
	}
	err = b.PutInKeys(known)
	p.mu.Lock()
	if p.known = b; err != nil {
		p.known = nil
	}
	p.mu.Unlock()
	if err != nil && params.KnownKeys != 0 { // the node had others at that height
		params.KnownKeys = 0
		return p.lightBlock(ctx, params)
	}
	return b, nil // what is wrong with it shows when it is verified
}

func (p *Provider) lightBlock(ctx context.Context, params client.GetLightBlockParams) (*lightclient.LightBlock, error) {
	answer, err := p.client.GetLightBlock(ctx, params)
	if err != nil {
		return nil, notFound(err)
	}
	return lightclient.ParseLightBlock(answer.LightBlock)
}

// Header implements lightclient.Provider.
func (p *Provider) Header(ctx context.Context, height uint64) (*chain.Header, error) {
	answer, err := p.client.GetHeader(ctx, client.BlockParams{Height: &height})
	if err != nil {
		return nil, notFound(err)
	}
	header, err := chain.ParseHeader(answer.Header.Bytes)
	if err != nil {
		return nil, err
	}
	if header.Height != height {
		return nil, fmt.Errorf("%w: %w", lightclient.ErrWrongHeight, refusal.New(refusal.ErrBlockHeight, fmt.Sprintf("height %d", height), header.Height))
	}
	return header, nil
}

// KeysOf returns a block with the proofs of the ML-DSA-65 keys that its validators have in its state, and no signatures.
func (p *Provider) KeysOf(ctx context.Context, b *lightclient.LightBlock) (*lightclient.LightBlock, error) {
	answer, err := p.client.GetLightBlock(ctx, client.GetLightBlockParams{Height: b.Header.Height, Keys: true})
	if err != nil {
		return nil, notFound(err)
	}
	shown, err := lightclient.ParseLightBlock(answer.LightBlock)
	if err != nil {
		return nil, err
	}
	// What it shows besides proofs counts for nothing.
	return &lightclient.LightBlock{Header: b.Header, Validators: b.Validators, PostQuantum: shown.PostQuantum}, nil
}

// notFound says of an answer that there is no such block, or none that is certified, in the
// words of package lightclient. The answer stays in the error.
func notFound(err error) error {
	for _, reason := range []refusal.Reason{refusal.ErrNotFound, refusal.ErrNoQuorum, refusal.ErrWaitTimeout, refusal.ErrValidatorSet, refusal.ErrPruned} {
		if errors.Is(err, reason) {
			return fmt.Errorf("%w: %w", lightclient.ErrNotFound, err)
		}
	}
	return err
}

// FirstUse returns trust options that rest on the node's word: its latest certified block, and
// how its network signs. Their policy is the block's default one. Whether they fit together is checked.
func FirstUse(ctx context.Context, c *client.Client) (*lightclient.TrustOptions, error) {
	validators, err := c.GetValidators(ctx, client.GetValidatorsParams{})
	if err != nil {
		return nil, err
	}
	options := &lightclient.TrustOptions{Rules: lightclient.Rules{
		Verifier:       warp.Verifier{NetworkID: validators.NetworkID, ChainID: validators.ChainID, Ciphersuite: warp.Ciphersuite(validators.Ciphersuite), Quorum: warp.DefaultQuorum},
		TrustingPeriod: lightclient.DefaultTrustingPeriod,
		MaxClockDrift:  lightclient.DefaultMaxClockDrift,
	}}
	options.Checkpoint, _, err = Checkpoint(ctx, c, &options.Rules, 0)
	return options, err
}

// Checkpoint returns the block at a height (0: the latest certified one) and its validators, on
// the node's word, and the weight that has signed it. Whether they fit together, and the rules,
// is checked. If the rules have no policy, they get the block's default one.
func Checkpoint(ctx context.Context, c *client.Client, rules *lightclient.Rules, height uint64) (lightclient.Checkpoint, warp.Weight, error) {
	answer, err := c.GetLightBlock(ctx, client.GetLightBlockParams{Height: height, Keys: rules.Policy == "" || rules.Policy.PostQuantum()})
	if err != nil {
		return lightclient.Checkpoint{}, warp.Weight{}, err
	}
	b, err := lightclient.ParseLightBlock(answer.LightBlock)
	if err != nil {
		return lightclient.Checkpoint{}, warp.Weight{}, err
	}
	var checkpoint *lightclient.Checkpoint
	if rules.Policy == "" {
		rules.Policy, checkpoint, err = b.DefaultPolicy()
	} else {
		checkpoint, err = b.Checkpoint(rules.Policy)
	}
	if err != nil {
		return lightclient.Checkpoint{}, warp.Weight{}, err
	}
	options := &lightclient.TrustOptions{Rules: *rules, Checkpoint: *checkpoint}
	if err := options.Check(); err != nil {
		return lightclient.Checkpoint{}, warp.Weight{}, err
	}
	if b.Certificate == nil {
		return lightclient.Checkpoint{}, warp.Weight{}, refusal.Wrap(lightclient.ErrNoCertificate, refusal.ErrProof, "a certificate", "none")
	}
	weight, err := rules.VerifyCertificate(b.Certificate, b.Header, b.Validators)
	return *checkpoint, weight, err
}
