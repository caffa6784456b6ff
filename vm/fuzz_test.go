package vm

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// fuzzChain is a chain with an open session, and what can come next on it: transactions
// and a block that are good.
func fuzzChain(f *testing.F) (c *testChain, good []*chain.Transaction, block *chain.Block) {
	c = startChain(f, nil)
	alice, bob, session := c.open2()
	c.accept(c.message(alice, session, "before"))
	channel, _ := c.channelOf(alice, bob)
	good = []*chain.Transaction{
		c.registration(identity(3)),
		sign(f, nil, c.sessionBody(nil, alice, bob)),
		sign(f, alice, c.sessionBody(alice, alice, bob)),
		c.message(alice, session, "message"),
		c.receipt(bob, session, 1),
		sign(f, bob, &chain.RotateKey{Session: session, Participant: bob.ID(), PublicKey: alice.Public().KEM, Epoch: 1}),
		channel,
		sign(f, alice, &chain.CloseSession{Session: session, Participant: alice.ID()}),
	}
	return c, good, c.forge(nil, good...)
}

// requireRefusal requires that input was refused as input, and not taken for a failure of
// the chain.
func requireRefusal(t *testing.T, c *testChain, err error) {
	t.Helper()
	refused := (*refusal.Error)(nil)
	require.True(t, errors.As(err, &refused), "%v", err)
	require.NoError(t, c.ready())
}

// FuzzParseBlockAndVerify gives arbitrary bytes to the chain as a block. It refuses all but
// blocks that are good, and is the same afterwards.
func FuzzParseBlockAndVerify(f *testing.F) {
	ctx := context.Background()
	c, good, block := fuzzChain(f)
	f.Add(block.Bytes())
	f.Add(c.forge(nil, good[3]).Bytes())
	f.Add(c.forge(nil).Bytes())
	f.Add(c.forge(func(h *chain.Header) { h.Timestamp += 5000 }, good[:2]...).Bytes())
	f.Add(encodeBlock(block.Header.Bytes(), good[0].Bytes(), good[0].Bytes()))
	f.Add([]byte{})
	accepted, root := c.store.Last().ID(), c.store.Last().StateRoot
	f.Fuzz(func(t *testing.T, blockBytes []byte) {
		c.t = t
		blk, err := c.ParseBlock(ctx, bytes.Clone(blockBytes))
		if err == nil {
			require.Equal(t, blockBytes, blk.Bytes(), "one encoding for each block")
			if err = blk.Verify(ctx); err == nil {
				require.Len(t, c.processing, 1)
				require.NoError(t, blk.Reject(ctx))
				for _, tx := range blk.Transactions { // they were given back
					c.mempool.drop(tx, refusal.ErrDropped)
				}
			}
		}
		if err != nil {
			requireRefusal(t, c, err)
		}
		require.Empty(t, c.processing)
		require.Equal(t, accepted, c.store.Last().ID())
		require.Equal(t, root, c.Snapshot().Header().StateRoot)
		count, size := c.mempool.size()
		require.Zero(t, count+size)
		if len(blockBytes)%16 == 0 { // what is good is so still
			require.NoError(t, c.parse(block).Verify(ctx))
			require.NoError(t, c.parse(block).Reject(ctx))
			for _, tx := range block.Transactions {
				c.mempool.drop(tx, refusal.ErrDropped)
			}
		}
	})
}

// FuzzSubmit gives arbitrary bytes to the chain as a transaction. What it takes can be
// built into a block that a VM verifies which has never seen it.
func FuzzSubmit(f *testing.F) {
	ctx := context.Background()
	c, good, _ := fuzzChain(f)
	follower := c.peer()
	for _, tx := range good {
		f.Add(tx.Bytes())
		f.Add(tx.Bytes()[:len(tx.Bytes())/2])
	}
	f.Add([]byte{})
	accepted := c.store.Last().ID()
	f.Fuzz(func(t *testing.T, txBytes []byte) {
		c.t, follower.t = t, t
		err := c.submitBytes(txBytes)
		if err == nil {
			blk, err := c.BuildBlock(ctx)
			require.NoError(t, err)
			require.Len(t, blk.Transactions, 1)
			require.Equal(t, txBytes, blk.Transactions[0].Bytes(), "one encoding for each transaction")
			require.NoError(t, blk.Reject(ctx))
			there := follower.parse(blk.Block)
			require.NoError(t, there.Verify(ctx))
			require.NoError(t, there.Reject(ctx))
			for _, vm := range []*testChain{c, follower} {
				vm.mempool.drop(blk.Transactions[0], refusal.ErrDropped)
			}
		} else {
			requireRefusal(t, c, err)
		}
		count, size := c.mempool.size()
		require.Zero(t, count+size)
		require.Equal(t, accepted, c.store.Last().ID())
	})
}
