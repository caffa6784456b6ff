package vm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// propose makes a valid block on the last accepted block or on one that is being processed,
// as a proposer elsewhere would, and verifies it.
func (c *testChain) propose(parent *chain.Block, transactions ...*chain.Transaction) *Block {
	c.t.Helper()
	is := require.New(c.t)
	node := &simulatedNode{VM: c.VM, simulation: &simulation{t: c.t, Assertions: is}}
	blk := node.assemble(&simulatedBlock{Block: parent}, max(parent.Header.Timestamp, c.clock.millis()), 0, transactions)
	parsed, err := c.ParseBlock(context.Background(), blk.Bytes())
	is.NoError(err)
	is.NoError(parsed.Verify(context.Background()))
	return parsed
}

// last returns the last accepted block.
func (c *testChain) last() *chain.Block {
	c.t.Helper()
	blk, err := c.BlockAt(c.Snapshot().Header().Height)
	require.NoError(c.t, err)
	return blk
}

func idsOf(transactions []*chain.Transaction) (list []ids.ID) {
	for _, tx := range transactions {
		list = append(list, tx.ID())
	}
	return list
}

func TestRefusedTransactionsDoNotHideTheOnesBehindThem(t *testing.T) {
	c := startChain(t, func(genesis *chain.Genesis) { genesis.Limits.MaxBlockTransactions = 3 })
	alice, bob, session := c.open2()
	// Only one of these can be accepted.
	for n := range 8 {
		keys := identity(40 + n).Public()
		require.NoError(t, c.Submit(context.Background(), sign(t, alice, &chain.RotateKey{Session: session, Participant: alice.ID(), PublicKey: keys.KEM, Epoch: 1}), ""))
	}
	var messages []*chain.Transaction
	for n := range 4 {
		messages = append(messages, c.message(bob, session, fmt.Sprint("message ", n)))
		require.NoError(t, c.Submit(context.Background(), messages[n], ""))
	}
	first := c.block()
	require.Len(t, first.Transactions, 3, "a block is filled although transactions before those are refused")
	second := c.block()
	taken := slices.Concat(first.Transactions, second.Transactions)
	taken = slices.DeleteFunc(taken, func(tx *chain.Transaction) bool { return tx.Body.Actor() == alice.ID() })
	require.Equal(t, idsOf(messages), idsOf(taken))
	count, bytes := c.mempool.size()
	require.Zero(t, count)
	require.Zero(t, bytes)
}

func TestPlainSessionsBeyondTheBlockLimitDoNotHoldUpOthers(t *testing.T) {
	c := startChain(t, func(genesis *chain.Genesis) {
		genesis.Limits.MaxBlockTransactions = 4
		genesis.Limits.MaxBlockPendingSessions = 1
	})
	alice, bob, session := c.open2()
	var plain, messages []*chain.Transaction
	for range 6 {
		plain = append(plain, sign(t, nil, c.sessionBody(nil, alice, bob)))
		require.NoError(t, c.Submit(context.Background(), plain[len(plain)-1], ""))
	}
	for n := range 5 {
		messages = append(messages, c.message(alice, session, fmt.Sprint("message ", n)))
		require.NoError(t, c.Submit(context.Background(), messages[n], ""))
	}
	require.Equal(t, append(idsOf(plain[:1]), idsOf(messages[:3])...), idsOf(c.block().Transactions))
	require.Equal(t, append(idsOf(plain[1:2]), idsOf(messages[3:])...), idsOf(c.block().Transactions))
	for n := 2; n < len(plain); n++ {
		require.Equal(t, idsOf(plain[n:n+1]), idsOf(c.block().Transactions))
	}
}

func TestRejectedBranchComesBackInItsOrder(t *testing.T) {
	for _, childFirst := range []bool{false, true} {
		t.Run(fmt.Sprintf("child first %t", childFirst), func(t *testing.T) {
			c := startChain(t, nil)
			alice, bob, session := c.open2()
			create := sign(t, alice, c.sessionBody(alice, alice, bob))
			made := c.sessionID(create)
			first, second := c.message(alice, made, "first"), c.message(bob, made, "second")
			fresh := c.message(bob, session, "never in a block")
			require.NoError(t, c.Submit(context.Background(), fresh, ""))
			root := c.last()
			parent := c.propose(root, create)
			child := c.propose(parent.Block, first, second)
			transcript := chain.NextTranscript(chain.FirstTranscript(made), first.ID(), child.Header.Timestamp)
			transcript = chain.NextTranscript(transcript, second.ID(), child.Header.Timestamp)
			receipt := sign(t, bob, &chain.Acknowledge{Session: made, Participant: bob.ID(), Sequence: 2, Transcript: transcript})
			grandchild := c.propose(child.Block, receipt)
			winner := c.propose(root, c.message(alice, session, "another branch"))
			require.NoError(t, winner.Accept(context.Background()))
			rejected := []*Block{parent, child, grandchild}
			if childFirst {
				rejected = []*Block{grandchild, child, parent}
			}
			for _, blk := range rejected {
				require.NoError(t, blk.Reject(context.Background()))
			}
			require.NoError(t, c.SetPreference(context.Background(), winner.ID()))
			require.Equal(t, idsOf([]*chain.Transaction{create, first, second, receipt, fresh}), idsOf(c.block().Transactions))
		})
	}
}

func TestTransactionsRefusedOnARejectedBlockComeBackInTheirOrder(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, func(genesis *chain.Genesis) { genesis.MaxChannels = 1 })
	alice, bob, session := c.open2()
	channel := sign(t, alice, &chain.CreateChannel{Owner: alice.ID(), Nonce: 1, Deadline: c.deadline()})
	add := sign(t, alice, &chain.AddMember{Channel: chain.ChannelID(testChainID, channel.ID()), Owner: alice.ID(), Member: bob.ID(), Version: 1})
	root := c.last()
	lost := c.propose(root, channel, add)
	other := c.propose(root,
		sign(t, alice, &chain.CloseSession{Session: session, Participant: alice.ID()}),
		sign(t, alice, &chain.CreateChannel{Owner: alice.ID(), Nonce: 2, Deadline: c.deadline()}))
	require.NoError(t, lost.Reject(ctx))
	message := c.message(bob, session, "refused where the session is closed")
	require.NoError(t, c.Submit(ctx, message, ""))
	require.NoError(t, c.SetPreference(ctx, other.ID()))
	_, err := c.BuildBlock(ctx)
	require.ErrorIs(t, err, refusal.ErrEmptyBlock, "all three are refused, and set aside")
	require.NoError(t, c.SetPreference(ctx, root.ID()))
	require.NoError(t, other.Reject(ctx))
	expected := append(idsOf([]*chain.Transaction{channel, add}), idsOf(other.Transactions)...)
	require.Equal(t, append(expected, message.ID()), idsOf(c.Waiting()))
}

// TestWhatDependsOnATransactionThatIsHeldBackWaitsToo: a block has no room for the large session of a
// rejected block, and so refuses no message of that session.
func TestWhatDependsOnATransactionThatIsHeldBackWaitsToo(t *testing.T) {
	c := startChain(t, func(genesis *chain.Genesis) { genesis.Limits.MaxBlockBytes = 160_000 })
	alice, bob, session := c.open2()
	create := sign(t, alice, c.sessionBody(alice, append(crowd(alice, 28), bob)...))
	require.Greater(t, len(create.Bytes()), smallTransaction)
	large := c.message(bob, session, strings.Repeat("x", 160_000/largeShare-smallTransaction))
	message := c.message(bob, c.sessionID(create), "in the session that is held back")
	require.NoError(t, c.propose(c.last(), large, create, message).Reject(t.Context()))
	c.block()
	c.block()
	for _, tx := range []*chain.Transaction{large, create, message} {
		state, _, err := c.TransactionStatus(tx.ID())
		require.NoError(t, err)
		require.Equal(t, TransactionAccepted, state, "%T", tx.Body)
	}
}
