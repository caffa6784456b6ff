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
	pChainHeight := n.platformHeight()
	state, _ := parent.next(timestamp, pChainHeight)
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
	blk := n.assemble(parent, timestamp, pChainHeight, transactions)
	made := n.add(blk)
	if n.chance(70) {
		n.verify(made)
	}
	return made
}

// header returns the header of a child of a block without its state root, and its validators.
func (n *simulatedNode) header(parent *simulatedBlock, timestamp, pChainHeight uint64, transactions []*chain.Transaction) (chain.Header, commitment) {
	version, _, err := n.VM.rules.after(parent.Header.Timestamp)
	n.NoError(err)
	header := chain.Header{Version: version, ChainID: testChainID, Parent: parent.ID(), Height: parent.Header.Height + 1, Timestamp: timestamp, PChainHeight: pChainHeight}
	if pChainHeight == 0 {
		return header, commitment{}
	}
	committed, err := n.commitmentFor(context.Background(), &Context{PChainHeight: pChainHeight}, sourceChains(transactions, chain.MaxTransactionBytes))
	n.NoError(err)
	header.ValidatorSetHash = committed.validatorSetHash
	return header, committed
}

// assemble makes a block with its state root, as a proposer elsewhere would.
func (n *simulatedNode) assemble(parent *simulatedBlock, timestamp, pChainHeight uint64, transactions []*chain.Transaction) *chain.Block {
	header, committed := n.header(parent, timestamp, pChainHeight, transactions)
	n.mu.Lock()
	defer n.mu.Unlock()
	fork, err := n.fork(parent.ID())
	n.NoError(err)
	change, err := n.store.Begin(fork)
	n.NoError(err)
	_, values, err := n.VM.rules.after(parent.Header.Timestamp)
	n.NoError(err)
	e, err := begin(values, change, testChainID, committed, header.Height, timestamp)
	n.NoError(err)
	for _, tx := range transactions {
		n.NoError(e.execute(tx))
	}
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
	pChainHeight := n.platformHeight()
	state, _ := parent.next(timestamp, pChainHeight)
	tx := n.transaction(state)
	reasons := state.refusals(tx)
	var blk *chain.Block
	if len(reasons) > 0 {
		header, _ := n.header(parent, timestamp, pChainHeight, nil)
		blk = chain.NewBlock(header, []*chain.Transaction{tx})
	} else {
		header := *n.assemble(parent, timestamp, pChainHeight, []*chain.Transaction{tx}).Header
		kinds := []refusal.Reason{refusal.ErrStateRoot, refusal.ErrBlockHeight, refusal.ErrBlockTime, refusal.ErrValidatorSet, refusal.ErrVersion}
		if len(tx.Signature) > 0 {
			kinds = append(kinds, refusal.ErrBadSignature)
		}
		key, registersKey := tx.Body.(*chain.RegisterValidatorKey)
		if registersKey {
			kinds = append(kinds, refusal.ErrBLSSignature)
		}
		if tx.Warp != nil {
			kinds = append(kinds, refusal.ErrWarpSignature)
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
			header.PChainHeight++
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
		case refusal.ErrWarpSignature:
			from := *tx.Warp
			from.Signature = slices.Clone(from.Signature)
			from.Signature[n.random.IntN(len(from.Signature))] ^= 1
			bad, err := chain.NewReceived(testChainID, tx.Body, &from)
			n.NoError(err)
			tx = bad
		case refusal.ErrBLSSignature:
			key, reason = n.spoil(key)
			bad, err := chain.NewTransaction(testChainID, key, nil)
			n.NoError(err)
			tx = bad
		}
		reasons = []refusal.Reason{reason}
		blk = chain.NewBlock(header, []*chain.Transaction{tx})
	}
	n.requireInvalid(blk, reasons)
}

// requireInvalid requires that a block is refused for one of the reasons, and changes nothing.
func (n *simulatedNode) requireInvalid(blk *chain.Block, reasons []refusal.Reason) {
	if _, ok := n.blocks[blk.ID()]; ok {
		return
	}
	if !n.knows(&simulatedBlock{Block: blk}) {
		return
	}
	ctx := context.Background()
	parsed, err := n.ParseBlock(ctx, blk.Bytes())
	n.NoError(err)
	n.requireRefusal(verifyAt(parsed, blk.Header.PChainHeight), reasons)
	_, err = n.GetBlock(ctx, blk.ID())
	n.ErrorIs(err, refusal.ErrNotFound)
	n.Error(parsed.Accept(ctx))
	n.requireWaiting()
}
