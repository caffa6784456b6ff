package vm

import (
	"context"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
	"github.com/luxfi/session/warp/signing"
)

const (
	// verifiedCalls is how many verified transactions of contracts are remembered.
	verifiedCalls = 1024
	// maxSources bounds the chains whose contracts' transactions this node puts into one block.
	maxSources = 64
)

// calls verifies the transactions of contracts, and remembers which it has verified under which set.
type calls struct {
	networkID uint32
	chainID   ids.ID
	verified  *lru.Cache[verifiedCall, struct{}]
}

type verifiedCall struct {
	leaf chain.Hash // of the transaction, with who has signed
	set  *signing.Validators
}

func newCalls(networkID uint32, chainID ids.ID) *calls {
	verified, err := lru.New[verifiedCall, struct{}](verifiedCalls)
	if err != nil {
		panic(err) // the size is a constant above 0
	}
	return &calls{networkID, chainID, verified}
}

func (c *calls) verify(tx *chain.Transaction, set *signing.Validators) error {
	call := verifiedCall{tx.Leaf(), set}
	if c.verified.Contains(call) {
		return nil
	}
	if err := warp.VerifyCall(c.networkID, c.chainID, tx, set.ValidatorSet); err != nil {
		return refusal.New(refusal.ErrWarpSignature, fmt.Sprintf("a signature of %s of the weight of the validators of chain %s", warp.DefaultQuorum, tx.Warp.SourceChain), err)
	}
	c.verified.Add(call, struct{}{})
	return nil
}

// sources are the validators of the chains whose contracts act, at the height of a block's context.
type sources struct {
	*calls
	sets map[ids.ID]*signing.Validators // nil: the platform knows none; not there: it was not asked
}

// sourcesOf returns the validators of chains at a height of the platform chain. Of a chain that the platform does not know,
// or knows no validators of, there are none: what it is said to have sent is refused now, and may be taken later.
func (vm *VM) sourcesOf(ctx context.Context, pChainHeight uint64, chains []ids.ID) *sources {
	s := &sources{vm.calls, make(map[ids.ID]*signing.Validators, len(chains))}
	for _, source := range chains {
		set, err := vm.foreign.of(ctx, source, pChainHeight)
		if err == nil && set.TotalWeight() == 0 {
			set = nil
		}
		s.sets[source] = set
		if err != nil {
			vm.log.Debug("the validators of a contract's chain are unknown", "chain", source, "platformHeight", pChainHeight, "error", err)
		}
	}
	return s
}

// sourceChains returns the chains whose contracts act in a block, each once, as many as it may take.
func sourceChains(transactions []*chain.Transaction, most uint64) (chains []ids.ID) {
	seen := make(map[ids.ID]struct{})
	for _, tx := range transactions {
		if tx.Warp == nil {
			continue
		}
		if _, ok := seen[tx.Warp.SourceChain]; !ok && uint64(len(chains)) < most {
			seen[tx.Warp.SourceChain] = struct{}{}
			chains = append(chains, tx.Warp.SourceChain)
		}
	}
	return chains
}

// checkReceived refuses what the validators of the contract's chain have not sent, at the height of the block's context.
func (r *rules) checkReceived(tx *chain.Transaction) error {
	if r.genesis.Limits.MaxBlockWarpMessages == 0 {
		return refusal.New(refusal.ErrContractCall, "no transaction of a contract: this chain takes none", tx.Warp.SourceChain)
	}
	if tx.Warp.SourceChain == r.chainID {
		return refusal.New(refusal.ErrWarpSource, "another chain than this one", r.chainID)
	}
	if r.sources == nil {
		return refusal.New(refusal.ErrWarpSource, "a block with a context, which says of when the validators are", "one without")
	}
	set, asked := r.sources.sets[tx.Warp.SourceChain]
	if !asked {
		return refusal.New(refusal.ErrWarpBlockLimit, fmt.Sprintf("contracts of at most %d chains in a block", len(r.sources.sets)), tx.Warp.SourceChain)
	}
	if set == nil {
		return refusal.New(refusal.ErrWarpSource, "a chain whose validators the platform knows at the height of the block's context; try again later", tx.Warp.SourceChain)
	}
	return r.sources.verify(tx, set)
}

// account returns whose allowances a transaction uses: its actor's, or those of the chain whose contract acts; ids.Empty where
// nobody does. A chain has as many addresses as it likes.
func account(tx *chain.Transaction) ids.ID {
	if tx.Warp != nil {
		return tx.Warp.SourceChain
	}
	return tx.Body.Actor()
}
