package vm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// reopen starts the chain again with another configuration of the node.
func (c *testChain) reopen(configJSON string) {
	c.t.Helper()
	require.NoError(c.t, c.Shutdown(context.Background()))
	c.VM = New()
	require.NoError(c.t, c.Initialize(context.Background(), Host{
		ChainID:  testChainID,
		Log:      slog.New(slog.DiscardHandler),
		Clock:    c.clock.Now,
		Database: unclosed{c.db},
	}, c.genesis, []byte(configJSON)))
	require.NoError(c.t, c.SetState(context.Background(), NormalOperation))
}

// waits reports whether WaitForEvent goes on waiting: whether nothing can be built.
func (c *testChain) waits() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	return errors.Is(c.WaitForEvent(ctx), context.DeadlineExceeded)
}

func TestMempoolIsBounded(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	message := func(sender *pq.Identity, size int) *chain.Transaction {
		c.nonce++
		return c.message(sender, session, fmt.Sprintf("%0*d", size, c.nonce))
	}
	plain := func(*pq.Identity, int) *chain.Transaction {
		return sign(t, nil, c.sessionBody(nil, identity(1), identity(2)))
	}
	invitation := func(*pq.Identity, int) *chain.Transaction { return c.invitation(bob.ID()) }
	for _, test := range []struct {
		name   string
		config string
		fits   int
		reason refusal.Reason
		make   func(sender *pq.Identity, size int) *chain.Transaction
		size   int
	}{
		{"in number", `{"mempool":{"maxTransactions":8,"maxBytes":2097152,"maxPerSender":9}}`, 5, refusal.ErrMempoolFull, message, 10},
		{"in bytes", `{"mempool":{"maxTransactions":99,"maxBytes":2097152,"maxPerSender":99}}`, 5, refusal.ErrMempoolFull, message, 250_000},
		{"for each sender", `{"mempool":{"maxTransactions":99,"maxBytes":2097152,"maxPerSender":2}}`, 2, refusal.ErrMempoolSender, message, 10},
		{"for plain sessions of one source", `{"mempool":{"maxTransactions":99,"maxBytes":2097152,"maxPerSender":2}}`, 2, refusal.ErrMempoolSender, plain, 0},
		{"for plain sessions in number", `{"mempool":{"maxTransactions":32,"maxBytes":2097152,"maxPerSender":99}}`, 4, refusal.ErrMempoolFull, plain, 0},
		{"for invitations in number", `{"mempool":{"maxTransactions":32,"maxBytes":2097152,"maxPerSender":99}}`, 4, refusal.ErrMempoolFull, invitation, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.reopen(test.config)
			var size int
			for range test.fits {
				tx := test.make(alice, test.size)
				require.NoError(t, c.submitBytes(tx.Bytes()))
				size += len(tx.Bytes())
			}
			count, bytes := c.mempool.size()
			require.Equal(t, test.fits, count)
			require.Equal(t, size, bytes)
			over := test.make(alice, test.size)
			c.refuseNow(over, test.reason)
			state, _, err := c.TransactionStatus(over.ID())
			require.NoError(t, err)
			require.Equal(t, TransactionUnknown, state)
			// One sender's bound is not another's, and the largest sender makes room.
			other := message(bob, 10)
			require.NoError(t, c.submitBytes(other.Bytes()))
			requireMempool(t, c.mempool)
			// Acceptance makes room.
			for n, _ := c.mempool.size(); n > 0; n, _ = c.mempool.size() {
				c.block()
			}
			_, bytes = c.mempool.size()
			require.Zero(t, bytes)
			require.Empty(t, c.mempool.queues.senders)
			require.Empty(t, c.mempool.queues.largest)
			require.Empty(t, c.mempool.plainQueues.senders)
			require.NoError(t, c.submitBytes(over.Bytes()))
		})
	}
}

func TestMempoolKeepsTheOrderOfArrivalOfEqualSenders(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	var order []ids.ID
	for n := range 20 {
		tx := c.message([]*pq.Identity{alice, bob}[n%2], session, fmt.Sprint(n))
		order = append(order, tx.ID())
		require.NoError(t, c.Submit(context.Background(), tx, ""))
		require.NoError(t, c.Submit(context.Background(), tx, ""), "again: it waits already")
	}
	count, _ := c.mempool.size()
	require.Equal(t, 20, count)
	var got []ids.ID
	for _, tx := range c.block().Transactions {
		got = append(got, tx.ID())
	}
	require.Equal(t, order, got)
}

// TestRejectedBlockGivesItsTransactionsBack follows one transaction in two siblings of
// which none, one or both are rejected.
func TestRejectedBlockGivesItsTransactionsBack(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	inBoth, inFirst := c.message(alice, session, "in both"), c.message(bob, session, "in the first")
	foreign := c.message(bob, session, "that this node never saw")
	require.NoError(t, c.Submit(ctx, inBoth, ""))
	require.NoError(t, c.Submit(ctx, inFirst, ""))
	first := c.parse(c.forge(nil, inBoth, inFirst))
	second := c.parse(c.forge(func(h *chain.Header) { h.Timestamp++ }, inBoth, foreign))
	status := func(tx *chain.Transaction) TransactionState {
		state, _, err := c.TransactionStatus(tx.ID())
		require.NoError(t, err)
		return state
	}
	require.False(t, c.waits())
	require.NoError(t, first.Verify(ctx))
	require.NoError(t, second.Verify(ctx))
	require.True(t, c.waits(), "all are in blocks that are being processed")
	require.Equal(t, TransactionProcessing, status(inBoth))
	require.Equal(t, TransactionProcessing, status(inFirst))

	require.NoError(t, first.Reject(ctx))
	require.Equal(t, TransactionProcessing, status(inBoth), "the second block has it")
	require.Equal(t, TransactionWaiting, status(inFirst))
	require.True(t, c.waits(), "a small block waits for the second one")
	require.NoError(t, second.Reject(ctx))
	require.False(t, c.waits())
	for _, tx := range []*chain.Transaction{inBoth, inFirst, foreign} {
		require.Equal(t, TransactionWaiting, status(tx))
	}
	blk := c.block()
	require.Len(t, blk.Transactions, 3)
	for _, tx := range []*chain.Transaction{inBoth, inFirst, foreign} {
		require.Equal(t, TransactionAccepted, status(tx))
	}
	count, bytes := c.mempool.size()
	require.Zero(t, count+bytes)
	require.Empty(t, c.mempool.queues.senders)
	require.Empty(t, c.mempool.queues.largest)
}

func TestTransactionOfAnAcceptedSiblingDoesNotComeBack(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	tx := c.message(alice, session, "in both")
	first := c.parse(c.forge(nil, tx))
	second := c.parse(c.forge(func(h *chain.Header) { h.Timestamp++ }, tx))
	require.NoError(t, first.Verify(ctx))
	require.NoError(t, second.Verify(ctx))
	require.NoError(t, first.Accept(ctx))
	require.NoError(t, second.Reject(ctx))
	count, _ := c.mempool.size()
	require.Zero(t, count)
	require.True(t, c.waits())
	require.ErrorIs(t, c.Submit(ctx, tx, ""), refusal.ErrDuplicate)
}

// TestTransactionThatCannotBeAcceptedAnyMoreIsDropped shows that it leaves the mempool with
// its reason, and that the others are not held up.
func TestTransactionThatCannotBeAcceptedAnyMoreIsDropped(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	closing := sign(t, bob, &chain.CloseSession{Session: session, Participant: bob.ID()})
	message := c.message(alice, session, "after the close")
	create := sign(t, alice, c.sessionBody(alice, alice, bob))
	for _, tx := range []*chain.Transaction{closing, message, create} {
		require.NoError(t, c.Submit(ctx, tx, ""))
	}
	awaited := make(chan error, 1)
	go func() {
		_, err := c.Await(ctx, message.ID())
		awaited <- err
	}()
	blk := c.block()
	require.Len(t, blk.Transactions, 2)
	require.Equal(t, create.ID(), blk.Transactions[1].ID())
	err := <-awaited
	require.ErrorIs(t, err, refusal.ErrDropped)
	require.ErrorIs(t, err, refusal.ErrSessionClosed)
	state, _, err := c.TransactionStatus(message.ID())
	require.Equal(t, TransactionDropped, state)
	require.ErrorIs(t, err, refusal.ErrSessionClosed)
	count, _ := c.mempool.size()
	require.Zero(t, count)
}

// TestRefusalOnAProcessingBlockIsNotFinal shows that what the preferred block's state
// refuses is dropped if that block is accepted, and waits again if it is rejected.
func TestRefusalOnAProcessingBlockIsNotFinal(t *testing.T) {
	for _, accept := range []bool{true, false} {
		t.Run(fmt.Sprint("accepted ", accept), func(t *testing.T) {
			ctx := context.Background()
			c := startChain(t, nil)
			alice, bob, session := c.open2()
			require.NoError(t, c.Submit(ctx, sign(t, bob, &chain.CloseSession{Session: session, Participant: bob.ID()}), ""))
			closing, err := c.BuildBlock(ctx)
			require.NoError(t, err)
			require.NoError(t, closing.Verify(ctx))
			require.NoError(t, c.SetPreference(ctx, closing.ID()))
			message := c.message(alice, session, "crosses the close")
			require.NoError(t, c.Submit(ctx, message, ""), "the last accepted state allows it")
			_, err = c.BuildBlock(ctx)
			require.ErrorIs(t, err, refusal.ErrEmptyBlock)
			require.True(t, c.waits())
			state, _, err := c.TransactionStatus(message.ID())
			require.NoError(t, err)
			require.Equal(t, TransactionWaiting, state)
			if accept {
				require.NoError(t, closing.Accept(ctx))
				state, _, err = c.TransactionStatus(message.ID())
				require.Equal(t, TransactionDropped, state)
				require.ErrorIs(t, err, refusal.ErrSessionClosed)
			} else {
				require.NoError(t, closing.Reject(ctx))
				require.NoError(t, c.SetPreference(ctx, c.store.Last().ID()))
				require.False(t, c.waits())
				blk, err := c.BuildBlock(ctx)
				require.NoError(t, err)
				var got []ids.ID
				for _, tx := range blk.Transactions {
					got = append(got, tx.ID())
				}
				require.Contains(t, got, closing.Transactions[0].ID(), "given back")
			}
			require.Empty(t, c.refused)
		})
	}
}
