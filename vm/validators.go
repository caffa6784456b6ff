package vm

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/signing"
)

const (
	// cachedHeights is how many platform heights the validator sets are remembered of.
	cachedHeights = 512
	// cachedSets is how many different validator sets are remembered.
	cachedSets = 16
)

// ErrNoValidators is a host's answer that it knows nothing of validators.
var ErrNoValidators = errors.New("the host knows nothing of the chain's validators")

// Platform is what the host knows of the chain's validators. It is asked only for a block
// with a context, or on a chain that had one: hosts that give none may not stand it. A chain whose genesis
// has contracts admit identities is for a host that gives one: it is asked before, so that they are heard.
type Platform interface {
	// CurrentHeight returns the height of the platform chain.
	CurrentHeight(ctx context.Context) (uint64, error)
	// Validators returns the chain's validators at a height of the platform chain, in any
	// order. It is the same on every node and at any time. ErrNoValidators, if the host
	// never tells.
	Validators(ctx context.Context, pChainHeight uint64) ([]signing.Validator, error)
	// SourceValidators is Validators of another chain of the network: those of its subnet. A chain that
	// the platform chain does not know is an error.
	SourceValidators(ctx context.Context, chain ids.ID, pChainHeight uint64) ([]signing.Validator, error)
}

// Context is what the host says of a block from outside of the chain.
type Context struct {
	// PChainHeight is the height of the platform chain whose validators stand behind the
	// block.
	PChainHeight uint64
}

// validators remembers the platform's validator sets.
type validators struct {
	platform Platform // nil: the host knows nothing of validators
	heights  *lru.Cache[validatorsAt, *signing.Validators]
	sets     *lru.Cache[[sha256.Size]byte, *signing.Validators] // by what the platform said
}

// validatorsAt is of which chain the validators are, empty of this one, and at which height of the platform chain.
type validatorsAt struct {
	source ids.ID
	height uint64
}

func newValidators(platform Platform) *validators {
	heights, err := lru.New[validatorsAt, *signing.Validators](cachedHeights)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	sets, err := lru.New[[sha256.Size]byte, *signing.Validators](cachedSets)
	if err != nil {
		panic(err)
	}
	return &validators{platform, heights, sets}
}

// at returns the validators at a height of the platform chain. Their keys are decoded once,
// however many heights have the same set.
func (v *validators) at(ctx context.Context, pChainHeight uint64) (*signing.Validators, error) {
	return v.of(ctx, ids.Empty, pChainHeight)
}

// of returns the validators of another chain, or of this one if none is named.
func (v *validators) of(ctx context.Context, source ids.ID, pChainHeight uint64) (*signing.Validators, error) {
	if v.platform == nil {
		return nil, ErrNoValidators
	}
	at := validatorsAt{source, pChainHeight}
	if set, ok := v.heights.Get(at); ok {
		return set, nil
	}
	ask := v.platform.Validators
	if source != ids.Empty {
		ask = func(ctx context.Context, pChainHeight uint64) ([]signing.Validator, error) {
			return v.platform.SourceValidators(ctx, source, pChainHeight)
		}
	}
	members, err := ask(ctx, pChainHeight)
	if err != nil {
		return nil, fmt.Errorf("the validators at platform height %d: %w", pChainHeight, err)
	}
	digest := digestOf(members)
	set, ok := v.sets.Get(digest)
	if !ok {
		if set, err = signing.NewValidators(members); err != nil {
			return nil, fmt.Errorf("the validators at platform height %d: %w", pChainHeight, err)
		}
		v.sets.Add(digest, set)
	}
	v.heights.Add(at, set)
	return set, nil
}

// digestOf tells sets apart, whatever order they come in.
func digestOf(members []signing.Validator) (digest [sha256.Size]byte) {
	members = slices.SortedFunc(slices.Values(members), func(a, b signing.Validator) int { return a.Node.Compare(b.Node) })
	h := sha256.New()
	for _, m := range members {
		h.Write(m.Node[:])
		h.Write(binary.BigEndian.AppendUint64(nil, m.Weight))
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(m.PublicKey))))
		h.Write(m.PublicKey)
	}
	h.Sum(digest[:0])
	return digest
}

// certifies refuses where there is nobody to certify: on a chain whose blocks commit to no
// validators.
func (vm *VM) certifies() error {
	if err := vm.ready(); err != nil {
		return err
	}
	if header := vm.Snapshot().Header(); header.ValidatorSetHash == (chain.Hash{}) {
		return refusal.New(refusal.ErrValidatorSet, "a last block that commits to validators", fmt.Sprintf("block %d, which does not", header.Height))
	}
	return nil
}

// KnowsValidators reports whether the validators at a height of the platform chain are remembered, so
// that the host is not asked for them.
func (vm *VM) KnowsValidators(pChainHeight uint64) bool {
	return vm.validators.heights.Contains(validatorsAt{height: pChainHeight})
}

// ValidatorsAt returns the chain's validators at a height of the platform chain.
func (vm *VM) ValidatorsAt(ctx context.Context, pChainHeight uint64) (*signing.Validators, error) {
	if err := vm.certifies(); err != nil {
		return nil, err
	}
	return vm.validators.at(ctx, pChainHeight)
}

// CurrentValidators returns the chain's validators now, and the height of the platform
// chain that is now.
func (vm *VM) CurrentValidators(ctx context.Context) (*signing.Validators, uint64, error) {
	if err := vm.certifies(); err != nil {
		return nil, 0, err
	}
	height, err := vm.validators.platform.CurrentHeight(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("the platform chain's height: %w", err)
	}
	set, err := vm.validators.at(ctx, height)
	return set, height, err
}

// commitment is what a block's header says of its validators.
type commitment struct {
	pChainHeight     uint64
	validatorSetHash chain.Hash
	validators       *signing.Validators // nil: none
	sources          *sources            // nil: no context
}

// commitmentFor returns what the header of a block with a context has to say; nil is a
// block without one, whose header says nothing. So does that of a host that knows nothing
// of validators. chains are those whose contracts act in the block.
func (vm *VM) commitmentFor(ctx context.Context, context *Context, chains []ids.ID) (commitment, error) {
	if context == nil {
		return commitment{}, nil
	}
	set, err := vm.validators.at(ctx, context.PChainHeight)
	switch {
	case errors.Is(err, ErrNoValidators):
		return commitment{}, nil
	case err != nil:
		return commitment{}, err
	}
	return commitment{context.PChainHeight, set.Hash(vm.host.NetworkID, vm.host.ChainID), set, vm.sourcesOf(ctx, context.PChainHeight, chains)}, nil
}

// check holds a header against what it has to say.
func (c commitment) check(h *chain.Header) error {
	if h.PChainHeight != c.pChainHeight || h.ValidatorSetHash != c.validatorSetHash {
		return refusal.New(refusal.ErrValidatorSet,
			fmt.Sprintf("validator set %s at platform height %d", c.validatorSetHash, c.pChainHeight),
			fmt.Sprintf("%s at %d", h.ValidatorSetHash, h.PChainHeight))
	}
	return nil
}

// ValidatorsOf returns the validators that a header commits to.
func (vm *VM) ValidatorsOf(ctx context.Context, h *chain.Header) (*signing.Validators, error) {
	if h.ValidatorSetHash == (chain.Hash{}) {
		return nil, refusal.New(refusal.ErrValidatorSet, "a block whose header commits to a validator set", fmt.Sprintf("block %d, which does not", h.Height))
	}
	set, err := vm.validators.at(ctx, h.PChainHeight)
	if err != nil {
		return nil, err
	}
	if hash := set.Hash(vm.host.NetworkID, vm.host.ChainID); hash != h.ValidatorSetHash {
		return nil, fmt.Errorf("the validators at platform height %d are others than when block %d was accepted: %s, not %s", h.PChainHeight, h.Height, hash, h.ValidatorSetHash)
	}
	return set, nil
}
