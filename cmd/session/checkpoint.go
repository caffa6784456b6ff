package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/client/provider"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/lightclient/pchain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

func (s *shell) gatherTrust(ctx context.Context, request trustRequest) (*trustResult, error) {
	if request.from != "" {
		return s.trustFromTrust(ctx, request)
	}
	n, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if request.pChain != "" {
		through, err := s.httpClient()
		if err != nil {
			return nil, err
		}
		return n.trustFromPlatform(ctx, request, through, s.chain != "" || s.getenv(envChain) != "")
	}
	return n.trustFromNode(ctx, request)
}

// trustFromTrust follows the chain from an earlier trust file.
func (s *shell) trustFromTrust(ctx context.Context, request trustRequest) (*trustResult, error) {
	trust, err := readTrust(request.from)
	if err != nil {
		return nil, err
	}
	l, err := s.follower(lightOptions{trust: trust, witnesses: request.witnesses})
	if err != nil {
		return nil, err
	}
	var b *lightclient.LightBlock
	if request.height != 0 {
		b, err = l.Block(ctx, request.height)
	} else {
		b, err = l.Update(ctx)
	}
	if err != nil {
		return nil, err
	}
	_, basis, err := l.Header(ctx, b.Header.Height)
	if err != nil {
		return nil, err
	}
	rules, checkpoint, err := s.policyFrom(ctx, l, trust.Rules, b, request.policy)
	if err != nil {
		return nil, err
	}
	return &trustResult{
		trust:  &lightclient.TrustOptions{Rules: rules, Checkpoint: *checkpoint},
		Source: fromTrust, SignedBy: basis.Weight,
		OnTheWordOf: []string{request.from + ": everything, from which this block follows by signatures"},
	}, nil
}

// policyFrom returns rules, and the block as their checkpoint: with the policy that the user wants, none of which demands less
// than the rules did, or the default one.
func (s *shell) policyFrom(ctx context.Context, l *light, rules lightclient.Rules, b *lightclient.LightBlock, want lightclient.Policy) (lightclient.Rules, *lightclient.Checkpoint, error) {
	if rules.Policy.PostQuantum() || want == lightclient.PolicyBLS {
		if want != "" && want != rules.Policy && rules.Policy.PostQuantum() {
			return rules, nil, usage("--policy %s: the trust file demands %s, and nothing less follows from it", want, rules.Policy)
		}
		checkpoint, err := b.Checkpoint(rules.Policy)
		return rules, checkpoint, err
	}
	proven, err := l.provider.KeysOf(ctx, b)
	if err != nil {
		return rules, nil, err
	}
	if rules.Policy = want; want != "" {
		checkpoint, err := proven.Checkpoint(want)
		return rules, checkpoint, err
	}
	policy, checkpoint, err := proven.DefaultPolicy()
	rules.Policy = policy
	return rules, checkpoint, err
}

// rules are the user's, for the node's chain.
func (n *node) rules(ctx context.Context, request trustRequest) (*lightclient.Rules, error) {
	rules := &lightclient.Rules{
		Verifier: warp.Verifier{
			ChainID:     n.chainID,
			Ciphersuite: request.ciphersuite,
			Quorum:      warp.Threshold{Num: request.quorum, Den: 100},
		},
		TrustingPeriod: request.period,
		MaxClockDrift:  lightclient.DefaultMaxClockDrift,
		Policy:         request.policy,
	}
	if err := rules.Check(); err != nil {
		return nil, &usageError{err}
	}
	if request.networkID != nil {
		rules.NetworkID = *request.networkID
		return rules, nil
	}
	info, err := n.GetChainInfo(ctx)
	if err != nil {
		return nil, err
	}
	rules.NetworkID = info.NetworkID
	return rules, nil
}

// trustFromNode takes a block and its validators on the node's word. Whether they fit
// together is checked.
func (n *node) trustFromNode(ctx context.Context, request trustRequest) (*trustResult, error) {
	rules, err := n.rules(ctx, request)
	if err != nil {
		return nil, err
	}
	checkpoint, weight, err := provider.Checkpoint(ctx, n.Client, rules, request.height)
	if refused := new(refusal.Error); errors.As(err, &refused) {
		return nil, n.badCertificate(err)
	} else if err != nil {
		return nil, err
	}
	return &trustResult{
		trust:  &lightclient.TrustOptions{Rules: *rules, Checkpoint: checkpoint},
		Source: fromNode, SignedBy: weight,
		OnTheWordOf: []string{n.address + ": the block, its validators and that they are the chain's"},
	}, nil
}

// trustFromPlatform takes the validators from the P-chain, and a block that those of now
// have signed from the node.
func (n *node) trustFromPlatform(ctx context.Context, request trustRequest, through *http.Client, chainNamed bool) (*trustResult, error) {
	p, err := pchain.New(request.pChain, &http.Client{Transport: through.Transport, Timeout: n.timeout})
	if err != nil {
		return nil, usage("--p-chain: %w", err)
	}
	rules, err := n.rules(ctx, request)
	if err != nil {
		return nil, err
	}
	subnet, err := p.Subnet(ctx, n.chainID)
	if err != nil {
		return nil, err
	}
	if request.subnet != ids.Empty && request.subnet != subnet {
		return nil, fmt.Errorf("chain %s is validated by subnet %s, not by %s", n.chainID, subnet, request.subnet)
	}
	header, err := n.checkpointHeader(ctx, request.height)
	if err != nil {
		return nil, err
	}
	platform := *rules // it knows BLS keys alone
	platform.Policy = lightclient.PolicyBLS
	checkpoint, weight, err := p.Checkpoint(ctx, &platform, subnet, header, n.certificate)
	if errors.Is(err, pchain.ErrCertificate) {
		return nil, n.badCertificate(err)
	} else if err != nil {
		return nil, err
	}
	if rules.Policy != lightclient.PolicyBLS { // the block is the chain's, and its state has the keys
		proven, _, err := provider.Checkpoint(ctx, n.Client, rules, header.Height)
		if err != nil {
			return nil, err
		}
		if got := proven.Header.ID(); got != header.ID() {
			return nil, n.badCertificate(refusal.New(refusal.ErrProof, "block "+header.ID().String(), got))
		}
		checkpoint.Keys = proven.Keys
	}
	made := &trustResult{
		trust:  &lightclient.TrustOptions{Rules: *rules, Checkpoint: checkpoint},
		Source: fromPlatform, SignedBy: weight,
		OnTheWordOf: []string{fmt.Sprintf("%s: the validators of subnet %s", p.Address(), subnet)},
	}
	if !chainNamed {
		made.OnTheWordOf = append(made.OnTheWordOf, n.address+": that this chain is the one you mean (--chain ID says it)")
	}
	return made, nil
}

// checkpointHeader returns the header at a height, or the latest one.
func (n *node) checkpointHeader(ctx context.Context, height uint64) (*chain.Header, error) {
	if height == 0 {
		info, err := n.GetChainInfo(ctx)
		if err != nil {
			return nil, err
		}
		height = info.LastAccepted.Height
	}
	header, err := provider.New(n.address, n.Client).Header(ctx, height)
	if err != nil {
		return nil, err
	}
	if header.ValidatorSetHash == (chain.Hash{}) {
		return nil, refusal.New(refusal.ErrValidatorSet, "a block that validators stand behind", fmt.Sprintf("block %d", header.Height))
	}
	return header, nil
}

// certificate is a pchain.Certify of what the node answers.
func (n *node) certificate(ctx context.Context, block ids.ID, validatorSetHash chain.Hash) (*warp.Certificate, error) {
	answer, err := n.GetCertificate(ctx, client.GetCertificateParams{BlockID: block, ValidatorSetHash: validatorSetHash})
	if errors.Is(err, refusal.ErrNotFound) {
		return nil, fmt.Errorf("the node knows other validators than the P-chain has now (they change, or --network-id is wrong): try again: %w", err)
	} else if err != nil {
		return nil, err
	}
	return warp.ParseCertificate(answer.Certificate)
}

func (n *node) badCertificate(err error) error {
	if errors.Is(err, warp.ErrWrongCiphersuite) {
		return fmt.Errorf("the certificate is signed in another way than --ciphersuite says: %w", err)
	}
	return fmt.Errorf("the certificate that %s gave does not verify: %w", n.address, err)
}
