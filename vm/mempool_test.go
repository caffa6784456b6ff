package vm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
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

// waits says whether WaitForEvent goes on waiting: whether nothing can be built.
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
	for _, test := range []struct {
		name   string
		config string
		fits   int
		reason chain.Reason
		make   func(sender *pq.Identity, size int) *chain.Transaction
		size   int
	}{
		{"in number", `{"mempool":{"maxTransactions":3,"maxBytes":1048576,"maxPerSender":9}}`, 3, chain.ErrMempoolFull, message, 10},
		{"in bytes", `{"mempool":{"maxTransactions":99,"maxBytes":1048576,"maxPerSender":99}}`, 4, chain.ErrMempoolFull, message, 250_000},
		{"for each sender", `{"mempool":{"maxTransactions":99,"maxBytes":1048576,"maxPerSender":2}}`, 2, chain.ErrMempoolSender, message, 10},
		{"for what nobody signs", `{"mempool":{"maxTransactions":99,"maxBytes":1048576,"maxPerSender":1}}`, plainFactor, chain.ErrMempoolSender, plain, 0},
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
			// One sender's bound is not another's.
			other := message(bob, 10)
			if test.reason == chain.ErrMempoolSender {
				require.NoError(t, c.submitBytes(other.Bytes()))
			}
			// Acceptance makes room.
			for n, _ := c.mempool.size(); n > 0; n, _ = c.mempool.size() {
				c.block()
			}
			_, bytes = c.mempool.size()
			require.Zero(t, bytes)
			require.Empty(t, c.mempool.bySender)
			require.NoError(t, c.submitBytes(over.Bytes()))
		})
	}
}

func TestMempoolKeepsTheOrderOfArrival(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	var order []ids.ID
	for n := range 20 {
		tx := c.message([]*pq.Identity{alice, bob}[n%2], session, fmt.Sprint(n))
		order = append(order, tx.ID())
		require.NoError(t, c.Submit(context.Background(), tx))
		require.NoError(t, c.Submit(context.Background(), tx), "again: it waits already")
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
	require.NoError(t, c.Submit(ctx, inBoth))
	require.NoError(t, c.Submit(ctx, inFirst))
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
	require.False(t, c.waits())
	require.NoError(t, second.Reject(ctx))
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
	require.Empty(t, c.mempool.bySender)
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
	require.ErrorIs(t, c.Submit(ctx, tx), chain.ErrDuplicate)
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
		require.NoError(t, c.Submit(ctx, tx))
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
	require.ErrorIs(t, err, chain.ErrDropped)
	require.ErrorIs(t, err, chain.ErrSessionClosed)
	state, _, err := c.TransactionStatus(message.ID())
	require.Equal(t, TransactionDropped, state)
	require.ErrorIs(t, err, chain.ErrSessionClosed)
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
			require.NoError(t, c.Submit(ctx, sign(t, bob, &chain.CloseSession{Session: session, Participant: bob.ID()})))
			closing, err := c.BuildBlock(ctx)
			require.NoError(t, err)
			require.NoError(t, closing.Verify(ctx))
			require.NoError(t, c.SetPreference(ctx, closing.ID()))
			message := c.message(alice, session, "crosses the close")
			require.NoError(t, c.Submit(ctx, message), "the last accepted state allows it")
			_, err = c.BuildBlock(ctx)
			require.ErrorIs(t, err, chain.ErrEmptyBlock)
			require.True(t, c.waits())
			state, _, err := c.TransactionStatus(message.ID())
			require.NoError(t, err)
			require.Equal(t, TransactionWaiting, state)
			if accept {
				require.NoError(t, closing.Accept(ctx))
				state, _, err = c.TransactionStatus(message.ID())
				require.Equal(t, TransactionDropped, state)
				require.ErrorIs(t, err, chain.ErrSessionClosed)
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

func TestWaitForEventWakesWhenABlockCanBeBuilt(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	require.True(t, c.waits())
	wake := func(what string, do func()) {
		woken := make(chan error, 1)
		go func() { woken <- c.WaitForEvent(ctx) }()
		select {
		case err := <-woken:
			require.Fail(t, "woken too early", "%s: %v", what, err)
		case <-time.After(10 * time.Millisecond):
		}
		do()
		select {
		case err := <-woken:
			require.NoError(t, err, what)
		case <-time.After(10 * time.Second):
			require.Fail(t, "not woken", what)
		}
	}
	wake("a transaction", func() { require.NoError(t, c.Submit(ctx, c.message(alice, session, "one"))) })
	require.False(t, c.waits(), "until it is taken")
	blk := c.parse(c.forge(nil, c.message(alice, session, "one")))
	require.NoError(t, blk.Verify(ctx))
	require.True(t, c.waits())
	wake("a block given back", func() { require.NoError(t, blk.Reject(ctx)) })
	c.block()
	require.True(t, c.waits())

	// A build that found nothing to take is not asked for again before something changes.
	closing := c.parse(c.forge(nil, sign(t, bob, &chain.CloseSession{Session: session, Participant: bob.ID()})))
	require.NoError(t, closing.Verify(ctx))
	require.NoError(t, c.Submit(ctx, c.message(alice, session, "two")))
	require.NoError(t, c.SetPreference(ctx, closing.ID()))
	_, err := c.BuildBlock(ctx)
	require.ErrorIs(t, err, chain.ErrEmptyBlock)
	require.True(t, c.waits())
	wake("the block that stood in its way, rejected", func() { require.NoError(t, closing.Reject(ctx)) })

	// Nor if there is something left in line that it could not take.
	c.mu.Lock()
	_, c.emptyAt, _ = c.mempool.state()
	c.mu.Unlock()
	require.True(t, c.waits())
	wake("another preference", c.mempool.touch)

	stopped, cancel := context.WithCancel(ctx)
	cancel()
	for !c.waits() {
		c.block()
	}
	require.ErrorIs(t, c.WaitForEvent(stopped), context.Canceled)
	shutdown := make(chan error, 1)
	go func() { shutdown <- c.WaitForEvent(ctx) }()
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, c.Shutdown(ctx))
	require.ErrorIs(t, <-shutdown, chain.ErrNotReady)
}

func TestAwaitSaysWhatBecameOfATransaction(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	message := c.message(alice, session, "message")
	_, err := c.Await(ctx, message.ID())
	require.ErrorIs(t, err, chain.ErrDropped, "nobody has submitted it")

	require.NoError(t, c.Submit(ctx, message))
	short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	_, err = c.Await(short, message.ID())
	require.ErrorIs(t, err, chain.ErrWaitTimeout)
	require.Empty(t, c.awaiting.waiters, "nobody waits any more")

	type answer struct {
		inclusion Inclusion
		err       error
	}
	const waiters = 8
	answers := make(chan answer, waiters)
	for range waiters {
		go func() {
			inclusion, err := c.Await(ctx, message.ID())
			answers <- answer{inclusion, err}
		}()
	}
	time.Sleep(5 * time.Millisecond)
	blk := c.block()
	want := Inclusion{Block: blk.ID(), Height: blk.Header.Height, Timestamp: blk.Header.Timestamp, Message: 1}
	for range waiters {
		require.Equal(t, answer{want, nil}, <-answers)
	}
	inclusion, err := c.Await(ctx, message.ID())
	require.NoError(t, err)
	require.Equal(t, want, inclusion)
	require.Empty(t, c.awaiting.waiters)

	next := c.message(alice, session, "next")
	require.NoError(t, c.Submit(ctx, next))
	shutdown := make(chan error, 1)
	go func() {
		_, err := c.Await(ctx, next.ID())
		shutdown <- err
	}()
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, c.Shutdown(ctx))
	require.ErrorIs(t, <-shutdown, chain.ErrNotReady)
}

// TestFollowersSeeEveryBlock follows the chain by Accepted alone, as a subscription does.
func TestFollowersSeeEveryBlock(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	const blocks = 50
	first := c.store.Last().Height
	seen := make(chan uint64, 10*blocks)
	var follower sync.WaitGroup
	follower.Go(func() {
		defer close(seen)
		for height := first; height < first+blocks; {
			select {
			case <-c.Accepted(height):
			case <-time.After(10 * time.Second):
				return
			}
			height = c.Snapshot().Header().Height
			seen <- height
		}
	})
	for n := range blocks {
		c.accept(c.message(alice, session, fmt.Sprint(n)))
	}
	follower.Wait()
	last := first
	for height := range seen {
		require.Greater(t, height, last, "woken for nothing")
		last = height
	}
	require.Equal(t, first+blocks, last)
}

// TestManySubmitWhileBlocksAreBuilt is for the race detector, and shows that nothing is
// lost and nothing comes twice.
func TestManySubmitWhileBlocksAreBuilt(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	const senders, each = 6, 25
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxBlockTransactions = 16 })
	var identities []*pq.Identity
	var registrations []*chain.Transaction
	for n := range senders {
		identities = append(identities, identity(n))
		registrations = append(registrations, c.registration(identities[n]))
	}
	c.accept(registrations...)
	create := sign(t, identities[0], c.sessionBody(identities[0], identities...))
	c.accept(create)
	session := c.sessionID(create)
	first := c.store.Last().Height

	var clients sync.WaitGroup
	failures := make(chan error, 2*senders*each)
	for n, sender := range identities {
		clients.Go(func() {
			for i := range each {
				tx := sign(t, sender, &chain.SendMessage{Session: session, Sender: sender.ID(), Ciphertext: fmt.Append(nil, n, " ", i)})
				if err := c.Submit(ctx, tx); err != nil {
					failures <- err
				}
				_ = c.Submit(ctx, tx) // again, as clients do: it waits, or is in the chain already
				if i%5 == 0 {
					if _, err := c.Await(ctx, tx.ID()); err != nil {
						failures <- err
					}
				}
				_, _, _ = c.TransactionStatus(tx.ID())
				_, _ = c.HealthCheck(ctx)
			}
		})
	}
	building, stop := context.WithCancel(ctx)
	var builder sync.WaitGroup
	builder.Go(func() {
		for rejected := 0; c.WaitForEvent(building) == nil; {
			blk, err := c.BuildBlock(ctx)
			if errors.Is(err, chain.ErrEmptyBlock) {
				continue
			}
			if err == nil {
				err = blk.Verify(ctx)
			}
			if err == nil && rejected%3 == 0 {
				rejected++
				err = blk.Reject(ctx)
			} else if err == nil {
				rejected++
				err = errors.Join(c.SetPreference(ctx, blk.ID()), blk.Accept(ctx))
			}
			if err != nil {
				failures <- err
				return
			}
		}
	})
	clients.Wait()
	for n, _ := c.mempool.size(); n > 0 && ctx.Err() == nil; n, _ = c.mempool.size() {
		time.Sleep(time.Millisecond)
	}
	stop()
	builder.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	require.EqualValues(t, senders*each, c.session(session).Messages)
	seen := make(map[ids.ID]bool)
	for height := first + 1; height <= c.store.Last().Height; height++ {
		blk, err := c.BlockAt(height)
		require.NoError(t, err)
		for _, tx := range blk.Transactions {
			require.False(t, seen[tx.ID()], "a transaction twice")
			seen[tx.ID()] = true
		}
	}
	require.Len(t, seen, senders*each)
	c.peer() // follows all of it
}
