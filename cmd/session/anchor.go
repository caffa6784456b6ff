package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// anchor returns what the node's answers are verified from: the trust file that the user names, or what the chain's first use has
// pinned. It is nil if there is neither, or if the user trusts the node.
func (s *shell) anchor(n *node) (*lightclient.TrustOptions, error) {
	switch {
	case s.trustNode && s.trustFile != "":
		return nil, usage("--trust FILE or --trust-node: not both")
	case s.trustNode:
		return nil, nil
	case s.trustFile != "":
		return readTrust(s.trustFile)
	}
	folder, err := s.sessionsFolder()
	if err != nil {
		return nil, err
	}
	trust, err := readTrust(filepath.Join(folder, n.chainID.String()+".trust.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return trust, err
}

// proven returns what the chain's state holds at keys, at a height or above, and what that rests on. Both are nil if there is nothing
// to verify it from. The block at the height may not be certified yet: that is waited for, as long as --timeout says.
func (s *shell) proven(ctx context.Context, n *node, height uint64, keys ...client.Bytes) (*lightclient.State, *lightclient.Basis, error) {
	trust, err := s.anchor(n)
	if trust == nil || err != nil {
		return nil, nil, err
	}
	if trust.ChainID != n.chainID {
		return nil, nil, refusal.New(refusal.ErrWrongChain, trust.ChainID.String(), n.chainID)
	}
	l, err := s.follower(lightOptions{trust: trust})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	for {
		answer, err := n.GetStateProof(ctx, client.GetStateProofParams{Keys: keys, TrustedHeight: trust.Checkpoint.Header.Height})
		if err != nil {
			return nil, nil, err
		}
		proof, err := lightclient.ParseStateProof(answer.Proof)
		if err != nil {
			return nil, nil, err
		}
		if proof.Block.Header.Height < height {
			pause(ctx, time.Second)
			continue // until ctx ends
		}
		state, basis, err := l.State(ctx, proof)
		if err != nil {
			return nil, nil, fmt.Errorf("%s gave a proof that does not verify: %w", n.address, err)
		}
		return state, &basis, nil
	}
}

// checkGenesis proves that the rules that the node tells of are the chain's. If there is nothing to verify that from, the user is told that
// it is the node's word.
func (s *shell) checkGenesis(ctx context.Context, n *node) error {
	state, _, err := s.proven(ctx, n, 0, chain.TotalsKey())
	if err != nil {
		return err
	}
	if state == nil {
		s.note("That this is the chain's genesis is the word of %s. --trust FILE verifies it.", n.address)
		return nil
	}
	value, err := state.Leaf(chain.TotalsKey())
	if err != nil {
		return err
	}
	totals, err := chain.ParseTotals(value)
	if err != nil {
		return err
	}
	if got := n.genesis.Hash(); got != totals.Genesis {
		return fmt.Errorf("%s answers falsely: %w", n.address, refusal.New(refusal.ErrGenesis, "the genesis "+totals.Genesis.String(), got))
	}
	return nil
}
