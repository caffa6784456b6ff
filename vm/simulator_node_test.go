package vm

import (
	"context"
	"fmt"
	"slices"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/refusal"
)

// simulatedNode is one VM of a simulation.
type simulatedNode struct {
	*VM
	*simulation
	name    string
	db      dbm.DB
	history int
	old     bool // knows the first rule set alone

	height    uint64 // how many of the simulation's decisions it has heard of
	verified  map[ids.ID]*Block
	waiting   map[ids.ID]*chain.Transaction // what the mempool must hold
	refusedOn map[ids.ID][]ids.ID           // transactions, by the processing block on whose state they were refused
	preferred *simulatedBlock
}

// open starts the VM on the node's database.
func (n *simulatedNode) open() {
	ctx := context.Background()
	n.VM = New()
	if n.old {
		delete(n.VM.known, trialrules.Rules)
	}
	config := fmt.Sprintf(`{"archive":true,"proofHistory":%d,"treeCacheNodes":1000,"leafCache":%d,"mempool":{"maxTransactions":10000,"maxBytes":100000000,"maxPerSender":10000}}`, n.history, 1+n.random.IntN(50))
	n.NoError(n.Initialize(ctx, Host{NetworkID: testNetworkID, ChainID: testChainID, Platform: simulatedPlatform{}, Log: discard, Clock: n.clock.Now, Upgrades: n.upgrades, Database: unclosed{n.db}}, n.genesisBytes, []byte(config)))
	n.NoError(n.SetState(ctx, NormalOperation))
	n.verified = make(map[ids.ID]*Block)
	n.waiting = make(map[ids.ID]*chain.Transaction)
	n.refusedOn = make(map[ids.ID][]ids.ID)
	n.preferred = nil
}

// tip returns the block that the node has accepted last.
func (n *simulatedNode) tip() *simulatedBlock { return n.accepted[n.height] }

// behind reports whether there is a decision that the node has not heard of.
func (n *simulatedNode) behind() bool {
	return int(n.height) < len(n.accepted)-1 && n.knows(n.accepted[n.height+1])
}

// somewhere returns a block that the node can build on, often one that is far from the last
// accepted one.
func (n *simulatedNode) somewhere() *simulatedBlock {
	candidates := []*simulatedBlock{n.tip()}
	for _, id := range sortedKeys(n.verified) {
		candidates = append(candidates, n.blocks[id])
	}
	if n.chance(40) {
		return slices.MaxFunc(candidates, func(a, b *simulatedBlock) int { return int(a.Header.Height) - int(b.Header.Height) })
	}
	return pick(n.random, candidates)
}

// submit hands a transaction to the node, which must take it if the rules allow it.
func (n *simulatedNode) submit(tx *chain.Transaction) {
	if n.stopsAfter(n.tip()) {
		n.requireStopped()
		return
	}
	_, waits := n.waiting[tx.ID()]
	err := n.Submit(context.Background(), tx, "")
	// Submission looks at the last accepted state as it is: nothing is swept before.
	now := max(n.tip().Header.Timestamp, n.clock.millis())
	state, swept := n.tip().next(now, n.tip().Header.PChainHeight)
	if state.contractsAt != 0 || len(state.genesis.Registration.Contracts) > 0 {
		state.contractsAt = allValidators // the platform's height now
	}
	if swept == 0 && !waits {
		reasons := state.refusals(state.needed(tx))
		n.requireRefusal(err, slices.DeleteFunc(reasons, func(reason refusal.Reason) bool { return onlyLater([]refusal.Reason{reason}) }))
	}
	if err == nil {
		n.waiting[tx.ID()] = tx
	}
	n.requireWaiting()
}

// requireRefusal requires one of the reasons, or no error if there are none.
func (n *simulatedNode) requireRefusal(err error, reasons []refusal.Reason) {
	if len(reasons) == 0 {
		n.NoError(err)
		return
	}
	var refused *refusal.Error
	n.ErrorAs(err, &refused, "%s: the oracle refuses it for %v", n.name, reasons)
	n.Contains(reasons, refused.Reason, "%s: %v", n.name, err)
}

// requireWaiting requires that no transaction is lost.
func (n *simulatedNode) requireWaiting() {
	for id := range n.waiting {
		_, _, ok := n.mempool.get(id)
		n.True(ok, "%s has lost transaction %s", n.name, id)
	}
	count, _ := n.mempool.size()
	n.Equal(len(n.waiting), count, "%s: transactions in the mempool", n.name)
}

// build lets the node build a block on the preferred one: it must hold what the oracle
// would take, in the order in which it waits.
func (n *simulatedNode) build() *simulatedBlock {
	parent := n.preferred
	if _, ok := n.verified[n.idOf(parent)]; !ok {
		parent = n.tip()
	}
	if n.stopsAfter(parent) {
		n.requireStopped()
		return nil
	}
	pChainHeight := n.platformHeight()
	state, _ := parent.next(max(parent.Header.Timestamp, n.clock.millis()), pChainHeight)
	var expected, refused []ids.ID
	n.pace.bytes.Store(0) // its blocks have room for all
	left, enough, candidates := false, make(map[refusal.Reason]bool), n.mempool.waiting()
	for range 2 { // what the state limit has held back is tried again when all others have been
		var next []candidate
		held := make(map[ids.ID]bool)
		for c := range candidates {
			tx := state.needed(c.tx)
			kind := blockLimit(tx)
			if len(expected) == int(n.simulation.genesis.Limits.MaxBlockTransactions) {
				break
			}
			switch reasons := state.refusals(tx); {
			case held[c.sender]:
				next = append(next, c)
			case enough[kind]:
				left = left || c.returned
			case onlyLater(reasons) && slices.Contains(reasons, kind):
				left, enough[kind] = true, true
			case slices.Equal(reasons, []refusal.Reason{refusal.ErrBlockStateLimit}):
				left, held[c.sender] = true, true
				next = append(next, c)
			case len(reasons) == 0:
				state.apply(tx)
				expected = append(expected, tx.ID())
			case onlyLater(reasons) || c.returned && (left || len(next) > 0):
				left = true
			default:
				refused = append(refused, tx.ID())
			}
		}
		others := max(0, slices.IndexFunc(next, func(c candidate) bool { return !hasShare(c.tx) })) // what has a share takes last of what is left
		candidates = slices.Values(slices.Concat(next[others:], next[:others]))
	}
	for _, id := range refused {
		if parent == n.tip() {
			delete(n.waiting, id)
		} else {
			n.refusedOn[parent.ID()] = append(n.refusedOn[parent.ID()], id)
		}
	}
	blk, err := n.buildAt(pChainHeight)
	n.requireWaiting()
	if len(expected) == 0 {
		n.ErrorIs(err, refusal.ErrEmptyBlock)
		return nil
	}
	n.NoError(err)
	n.Equal(parent.ID(), blk.Header.Parent)
	var taken []ids.ID
	for _, tx := range blk.Transactions {
		taken = append(taken, tx.ID())
	}
	n.Equal(expected, taken)
	made := n.add(blk.Block)
	switch n.random.IntN(3) {
	case 0: // the host verifies what it got
		n.verifyBlock(made, blk)
	case 1: // the host parses it first
		n.verify(made)
	}
	return made
}

func (n *simulatedNode) idOf(blk *simulatedBlock) ids.ID {
	if blk == nil {
		return ids.Empty
	}
	return blk.ID()
}

// verifySomething verifies a random block whose parent the node has verified.
func (n *simulatedNode) verifySomething() {
	var candidates []*simulatedBlock
	for _, blk := range n.all {
		if _, ok := n.verified[blk.ID()]; !ok && n.canVerify(blk) {
			candidates = append(candidates, blk)
		}
	}
	if len(candidates) > 0 {
		n.verify(pick(n.random, candidates))
	}
}

func (n *simulatedNode) canVerify(blk *simulatedBlock) bool {
	_, ok := n.verified[blk.parent.ID()]
	return n.knows(blk) && (ok || blk.parent == n.tip())
}

// verify parses and verifies a block.
func (n *simulatedNode) verify(blk *simulatedBlock) {
	parsed, err := n.ParseBlock(context.Background(), blk.Bytes())
	n.NoError(err)
	n.verifyBlock(blk, parsed)
}

func (n *simulatedNode) verifyBlock(blk *simulatedBlock, parsed *Block) {
	n.NoError(verifyAt(parsed, blk.Header.PChainHeight), "%s verifies block %s at height %d", n.name, blk.ID(), blk.Header.Height)
	n.verified[blk.ID()] = parsed
	if n.chance(20) {
		n.NoError(verifyAt(parsed, blk.Header.PChainHeight))
	}
	n.requireWaiting()
}

// prefer makes a block the preferred one.
func (n *simulatedNode) prefer(blk *simulatedBlock) {
	n.NoError(n.SetPreference(context.Background(), blk.ID()))
	n.preferred = blk
}

// repeatItself does again what has been done.
func (n *simulatedNode) repeatItself() {
	ctx := context.Background()
	for _, id := range []ids.ID{n.tip().ID(), pick(n.random, n.accepted[:n.height+1]).ID()} {
		blk, err := n.GetBlock(ctx, id)
		n.NoError(err)
		n.NoError(verifyAt(blk, blk.Header.PChainHeight))
		n.NoError(blk.Accept(ctx))
		n.NoError(blk.Reject(ctx), "an accepted block can't be rejected any more")
		last, err := n.LastAccepted(ctx)
		n.NoError(err)
		n.Equal(n.tip().ID(), last)
	}
	for _, id := range sortedKeys(n.verified) {
		blk, err := n.GetBlock(ctx, id)
		n.NoError(err)
		n.NoError(verifyAt(blk, blk.Header.PChainHeight))
	}
	n.requireWaiting()
}

// catchUp hears of the next decision: one block is accepted, and all others that are no
// descendants of it are rejected.
func (n *simulatedNode) catchUp() {
	next := n.accepted[n.height+1]
	if _, ok := n.verified[next.ID()]; !ok {
		n.verify(next)
	}
	var rejected []*simulatedBlock
	for _, id := range sortedKeys(n.verified) {
		if blk := n.blocks[id]; !blk.descendsFrom(next) {
			rejected = append(rejected, blk)
		}
	}
	slices.SortStableFunc(rejected, func(a, b *simulatedBlock) int { return int(a.Header.Height) - int(b.Header.Height) })
	if n.chance(30) {
		slices.Reverse(rejected) // children first
	}
	acceptFirst := n.chance(50)
	if acceptFirst {
		n.accept(next)
	}
	for _, blk := range rejected {
		n.reject(blk)
	}
	if !acceptFirst {
		n.accept(next)
	}
	if n.chance(60) {
		n.prefer(next)
	}
	n.requireWaiting()
	n.compare()
}

func (n *simulatedNode) accept(blk *simulatedBlock) {
	ctx := context.Background()
	n.NoError(n.verified[blk.ID()].Accept(ctx))
	delete(n.verified, blk.ID())
	n.height++
	for _, id := range n.refusedOn[blk.ID()] {
		delete(n.waiting, id)
	}
	delete(n.refusedOn, blk.ID())
	for _, tx := range blk.Transactions {
		delete(n.waiting, tx.ID())
	}
	if n.chance(20) {
		parsed, err := n.ParseBlock(ctx, blk.Bytes())
		n.NoError(err)
		n.NoError(parsed.Accept(ctx))
	}
}

func (n *simulatedNode) reject(blk *simulatedBlock) {
	ctx := context.Background()
	n.NoError(n.verified[blk.ID()].Reject(ctx))
	delete(n.verified, blk.ID())
	delete(n.refusedOn, blk.ID())
	for _, tx := range blk.Transactions {
		if _, accepted := n.tip().state.transactions[tx.ID()]; !accepted {
			n.waiting[tx.ID()] = tx
		}
	}
}

// settle hears of all decisions and gives up everything else.
func (n *simulatedNode) settle() {
	for n.behind() {
		n.catchUp()
	}
	for _, id := range sortedKeys(n.verified) {
		n.reject(n.blocks[id])
	}
	n.requireWaiting()
}

// restart shuts the node down and opens it on what is on disk: everything that was not
// accepted is gone.
func (n *simulatedNode) restart() {
	n.NoError(n.Shutdown(context.Background()))
	_, err := n.BuildBlock(context.Background())
	n.ErrorIs(err, refusal.ErrNotReady)
	n.old = n.old && n.chance(70)
	n.open()
	last, err := n.LastAccepted(context.Background())
	n.NoError(err)
	n.Equal(n.tip().ID(), last)
	if n.chance(30) {
		n.bootstrap()
	}
}

// bootstrap catches up with all decisions before the node takes part.
func (n *simulatedNode) bootstrap() {
	n.NoError(n.SetState(context.Background(), Bootstrapping))
	n.ErrorIs(n.Submit(context.Background(), n.transaction(n.tip().state), ""), refusal.ErrNotReady)
	for n.behind() {
		n.catchUp()
	}
	n.NoError(n.SetState(context.Background(), NormalOperation))
}

// compare holds everything that the node says of its accepted state against the oracle.
func (n *simulatedNode) compare() {
	state, snapshot := n.tip().state, n.Snapshot()
	n.Equal(n.tip().ID(), snapshot.Header().ID())
	state.requireState(n.Assertions, snapshot, &n.seen)
	state.requireAnswers(n.Assertions, n.VM, &n.seen)
	state.requireProofs(n.Assertions, n.simulatedTransactions, snapshot, &n.seen)
	n.requireValidatorKeys(state, snapshot)
	if n.height > 0 {
		height := n.random.Uint64N(n.height)
		old, err := n.SnapshotAt(height)
		if n.height-height > uint64(n.history) {
			n.ErrorIs(err, refusal.ErrPruned)
		} else {
			n.NoError(err)
			n.accepted[height].state.requireState(n.Assertions, old, &n.seen)
			n.requireValidatorKeys(n.accepted[height].state, old)
		}
	}
}
