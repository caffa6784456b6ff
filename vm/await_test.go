package vm

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

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
	wake("a transaction", func() { require.NoError(t, c.Submit(ctx, c.message(alice, session, "one"), "")) })
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
	require.NoError(t, c.Submit(ctx, c.message(alice, session, "two"), ""))
	require.NoError(t, c.SetPreference(ctx, closing.ID()))
	_, err := c.BuildBlock(ctx)
	require.ErrorIs(t, err, refusal.ErrEmptyBlock)
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
	require.ErrorIs(t, <-shutdown, refusal.ErrNotReady)
}

func TestAwaitSaysWhatBecameOfATransaction(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	message := c.message(alice, session, "message")
	_, err := c.Await(ctx, message.ID())
	require.ErrorIs(t, err, refusal.ErrDropped, "nobody has submitted it")

	require.NoError(t, c.Submit(ctx, message, ""))
	short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	_, err = c.Await(short, message.ID())
	require.ErrorIs(t, err, refusal.ErrWaitTimeout)
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
	want := Inclusion{Block: blk.ID(), Height: blk.Header.Height, Timestamp: blk.Header.Timestamp, Message: 1, Sequence: 1}
	for range waiters {
		require.Equal(t, answer{want, nil}, <-answers)
	}
	inclusion, err := c.Await(ctx, message.ID())
	require.NoError(t, err)
	require.Equal(t, want, inclusion)
	require.Empty(t, c.awaiting.waiters)

	next := c.message(alice, session, "next")
	require.NoError(t, c.Submit(ctx, next, ""))
	shutdown := make(chan error, 1)
	go func() {
		_, err := c.Await(ctx, next.ID())
		shutdown <- err
	}()
	time.Sleep(5 * time.Millisecond)
	require.NoError(t, c.Shutdown(ctx))
	require.ErrorIs(t, <-shutdown, refusal.ErrNotReady)
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
				if err := c.Submit(ctx, tx, ""); err != nil {
					failures <- err
				}
				_ = c.Submit(ctx, tx, "") // again, as clients do: it waits, or is in the chain already
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
			if errors.Is(err, refusal.ErrEmptyBlock) {
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
