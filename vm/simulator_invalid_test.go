package vm

import (
	"context"
	"slices"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/refusal"
)

// craft makes a block of random transactions that need not have been submitted anywhere:
// they may depend on blocks that are not decided, or be in a sibling too.
func (n *simulatedNode) craft(parent *simulatedBlock) *simulatedBlock {
	if n.stopsAfter(parent) {
		return nil
	}
	timestamp := max(parent.Header.Timestamp, n.clock.millis())
	switch n.random.IntN(4) {
	case 0:
		timestamp = parent.Header.Timestamp
	case 1:
		timestamp += 1000 * n.random.Uint64N(10)
		timestamp = max(parent.Header.Timestamp, min(timestamp, uint64(n.clock.now.Add(9*time.Second).UnixMilli())))
	}
	state, _ := parent.next(timestamp)
	var transactions []*chain.Transaction
	for range 1 + n.random.IntN(6) {
		tx := n.transaction(state)
		if known := sortedKeys(n.seen.transactions); len(known) > 0 && n.chance(15) {
			tx = n.seen.transactions[pick(n.random, known)]
		}
		if len(state.refusals(tx)) == 0 {
			state.apply(tx)
			transactions = append(transactions, tx)
		}
	}
	if len(transactions) == 0 {
		return nil
	}
	blk := n.assemble(parent, timestamp, transactions)
	made := n.add(blk)
	if n.chance(70) {
		n.verify(made)
	}
	return made
}

// assemble makes a block with its state root, as a proposer elsewhere would.
func (n *simulatedNode) assemble(parent *simulatedBlock, timestamp uint64, transactions []*chain.Transaction) *chain.Block {
	n.mu.Lock()
	defer n.mu.Unlock()
	fork, err := n.fork(parent.ID())
	n.NoError(err)
	change, err := n.store.Begin(fork)
	n.NoError(err)
	height := parent.Header.Height + 1
	version, values, err := n.VM.rules.after(parent.Header.Timestamp)
	n.NoError(err)
	e, err := begin(values, change, testChainID, nil, height, timestamp)
	n.NoError(err)
	for _, tx := range transactions {
		n.NoError(e.execute(tx))
	}
	header := chain.Header{Version: version, ChainID: testChainID, Parent: parent.ID(), Height: height, Timestamp: timestamp}
	header.StateRoot, err = change.Root()
	n.NoError(err)
	return chain.NewBlock(header, transactions)
}

// offerInvalid offers blocks that are wrong in one way each. They must change nothing.
func (n *simulatedNode) offerInvalid() {
	parent := n.somewhere()
	if n.stopsAfter(parent) {
		n.requireStopped()
		return
	}
	timestamp := max(parent.Header.Timestamp, n.clock.millis())
	state, _ := parent.next(timestamp)
	tx := n.transaction(state)
	reasons := state.refusals(tx)
	var blk *chain.Block
	if len(reasons) > 0 {
		blk = chain.NewBlock(chain.Header{Version: n.versionAfter(parent), ChainID: testChainID, Parent: parent.ID(), Height: parent.Header.Height + 1, Timestamp: timestamp}, []*chain.Transaction{tx})
	} else {
		header := *n.assemble(parent, timestamp, []*chain.Transaction{tx}).Header
		kinds := []refusal.Reason{refusal.ErrStateRoot, refusal.ErrBlockHeight, refusal.ErrBlockTime, refusal.ErrValidatorSet, refusal.ErrVersion}
		if len(tx.Signature) > 0 {
			kinds = append(kinds, refusal.ErrBadSignature)
		}
		reason := pick(n.random, kinds)
		switch reason {
		case refusal.ErrStateRoot:
			header.StateRoot[5] ^= 1
		case refusal.ErrVersion:
			header.Version = chain.HeaderVersion + trialrules.Rules - header.Version // the other one
		case refusal.ErrBlockHeight:
			header.Height++
		case refusal.ErrBlockTime:
			header.Timestamp = uint64(n.clock.now.Add(time.Minute).UnixMilli())
		case refusal.ErrValidatorSet:
			header.PChainHeight = 9
		case refusal.ErrBadSignature:
			signature := slices.Clone(tx.Signature)
			signature[n.random.IntN(len(signature))] ^= 1
			bad, err := chain.NewTransaction(testChainID, tx.Body, signature)
			n.NoError(err)
			if tx.Registration != nil {
				bad, err = bad.WithRegistration(tx.Registration)
				n.NoError(err)
			}
			tx = bad
		}
		reasons = []refusal.Reason{reason}
		blk = chain.NewBlock(header, []*chain.Transaction{tx})
	}
	if _, ok := n.blocks[blk.ID()]; ok {
		return
	}
	if !n.knows(&simulatedBlock{Block: blk}) {
		return
	}
	ctx := context.Background()
	parsed, err := n.ParseBlock(ctx, blk.Bytes())
	n.NoError(err)
	n.requireRefusal(parsed.Verify(ctx), reasons)
	_, err = n.GetBlock(ctx, blk.ID())
	n.ErrorIs(err, refusal.ErrNotFound)
	n.Error(parsed.Accept(ctx))
	n.requireWaiting()
}
