package rpc

import (
	"context"
	"fmt"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/signing"
)

// maxLookups is how many validator sets of any height are asked of the host at a time: it
// may have to go back far for one.
const maxLookups = 4

// namedSet is a validator set and the height of the platform chain that it is of.
type namedSet struct {
	*signing.Validators
	pChainHeight uint64
}

// currentSet returns the validators of now.
func (r *request) currentSet(ctx context.Context) (namedSet, error) {
	set, height, err := r.vm.CurrentValidators(ctx)
	return namedSet{set, height}, err
}

// setOf returns the validators that a header commits to.
func (r *request) setOf(ctx context.Context, header *chain.Header) (namedSet, error) {
	set, err := r.lookup(ctx, header.PChainHeight, func(ctx context.Context) (*signing.Validators, error) { return r.vm.ValidatorsOf(ctx, header) })
	return namedSet{set, header.PChainHeight}, err
}

// setAt returns the validators at a height of the platform chain that has been reached.
func (r *request) setAt(ctx context.Context, pChainHeight uint64) (namedSet, error) {
	current, err := r.currentSet(ctx)
	if err != nil || pChainHeight == current.pChainHeight {
		return current, err
	}
	if pChainHeight > current.pChainHeight {
		return namedSet{}, refusal.New(refusal.ErrNotFound, fmt.Sprintf("a platform height up to %d", current.pChainHeight), pChainHeight)
	}
	set, err := r.lookup(ctx, pChainHeight, func(ctx context.Context) (*signing.Validators, error) { return r.vm.ValidatorsAt(ctx, pChainHeight) })
	return namedSet{set, pChainHeight}, err
}

// lookup asks for the validators at a height of the platform chain, in turn if the host has to be asked.
func (r *request) lookup(ctx context.Context, pChainHeight uint64, ask func(context.Context) (*signing.Validators, error)) (*signing.Validators, error) {
	if r.vm.KnowsValidators(pChainHeight) {
		return ask(ctx)
	}
	return pause(ctx, r, func(ctx context.Context) (*signing.Validators, error) {
		select {
		case r.lookups <- struct{}{}:
			defer func() { <-r.lookups }()
			return ask(ctx)
		case <-ctx.Done():
			return nil, refusal.New(refusal.ErrWaitTimeout, fmt.Sprintf("at most %d validator sets being looked up at a time; try again", maxLookups), "more")
		}
	})
}

func (r *request) hash(set namedSet) chain.Hash {
	return set.Hash(r.vm.Host().NetworkID, r.chainID())
}

func (r *request) getValidators(ctx context.Context, p *client.GetValidatorsParams) (*client.GetValidatorsResult, error) {
	ctx, cancel := context.WithTimeout(ctx, r.config.wait())
	defer cancel()
	set, err := r.validators(ctx, p)
	if err != nil {
		return nil, err
	}
	collector, err := r.vm.Certificates()
	if err != nil {
		return nil, err
	}
	host := r.vm.Host()
	result := &client.GetValidatorsResult{
		NetworkID:        host.NetworkID,
		ChainID:          host.ChainID,
		PChainHeight:     set.pChainHeight,
		ValidatorSet:     set.Bytes(),
		ValidatorSetHash: r.hash(set),
		TotalWeight:      set.TotalWeight(),
		Validators:       make([]client.Validator, set.Len()),
		Quorum:           collector.Quorum().String(),
	}
	for i := range result.Validators {
		validator := set.Validator(i)
		shown := client.Validator{PublicKey: validator.PublicKey.Bytes(), Weight: validator.Weight, NodeIDs: []string{}}
		for _, node := range set.Nodes(i) {
			shown.NodeIDs = append(shown.NodeIDs, node.String())
		}
		result.Validators[i] = shown
	}
	if host.Signer != nil {
		suite, err := host.Signer.Ciphersuite(ctx)
		if err != nil {
			return nil, err
		}
		result.Ciphersuite = string(suite)
	}
	return result, nil
}

func (r *request) validators(ctx context.Context, p *client.GetValidatorsParams) (namedSet, error) {
	switch {
	case p.Height != nil && p.PChainHeight != nil:
		return namedSet{}, refusal.New(refusal.ErrInvalidArgs, "height or pChainHeight", "both")
	case p.Height != nil:
		header, err := r.vm.HeaderAt(*p.Height)
		if err != nil {
			return namedSet{}, err
		}
		return r.setOf(ctx, header)
	case p.PChainHeight != nil:
		return r.setAt(ctx, *p.PChainHeight)
	default:
		return r.currentSet(ctx)
	}
}
