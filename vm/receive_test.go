package vm

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestWhatClientsSubmitIsToldOnceAndWhatOthersSendIsNot(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	require.NoError(t, c.Shutdown(ctx))
	var told []ids.ID
	c.VM = New()
	require.NoError(t, c.Initialize(ctx, Host{
		ChainID:   testChainID,
		Log:       slog.New(slog.DiscardHandler),
		Clock:     c.clock.Now,
		Database:  unclosed{c.db},
		Submitted: func(tx *chain.Transaction, _ Source) { told = append(told, tx.ID()); c.Diffuse(tx.ID()) },
	}, c.genesis, nil))
	mine, theirs := c.registration(identity(1)), c.registration(identity(2))

	_, err := c.Receive(theirs, "")
	require.ErrorIs(t, err, refusal.ErrNotReady, "bootstrapping")
	require.False(t, c.InNormalOperation())
	require.NoError(t, c.SetState(ctx, NormalOperation))
	require.True(t, c.InNormalOperation())

	for range 2 {
		require.NoError(t, c.Submit(ctx, mine, ""))
	}
	for _, added := range []bool{true, false} {
		got, err := c.Receive(theirs, "")
		require.NoError(t, err)
		require.Equal(t, added, got)
		got, err = c.Receive(mine, "")
		require.NoError(t, err)
		require.False(t, got)
		require.NoError(t, c.Submit(ctx, theirs, ""))
	}
	require.Equal(t, []ids.ID{mine.ID()}, told)
	require.Equal(t, []*chain.Transaction{mine, theirs}, c.Waiting())
	require.ElementsMatch(t, []ids.ID{mine.ID(), theirs.ID()}, c.MempoolIDs())
}

func TestWhatANodeHoldsOfATransaction(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	tx := c.registration(identity(1))
	require.False(t, c.Holds(tx.ID()))
	_, err := c.Receive(tx, "")
	require.NoError(t, err)
	require.True(t, c.Holds(tx.ID()), "in the mempool")
	blk, err := c.BuildBlock(ctx)
	require.NoError(t, err)
	require.NoError(t, blk.Verify(ctx))
	require.Empty(t, c.Waiting(), "a block that is being processed has it")
	require.Equal(t, []ids.ID{tx.ID()}, c.MempoolIDs())
	require.True(t, c.Holds(tx.ID()))
	require.NoError(t, blk.Accept(ctx))
	require.Empty(t, c.MempoolIDs())
	require.True(t, c.Holds(tx.ID()), "in the chain")
	_, err = c.Receive(tx, "")
	require.ErrorIs(t, err, refusal.ErrDuplicate)
}

func TestReceivedTransactionsAreCheckedLikeSubmittedOnes(t *testing.T) {
	c := startChain(t, nil)
	alice, _, session := c.open2()
	good := c.message(alice, session, "good")
	signature := append([]byte(nil), good.Signature...)
	signature[0] ^= 1
	bad, err := chain.NewTransaction(testChainID, good.Body, signature)
	require.NoError(t, err)
	require.Equal(t, good.ID(), bad.ID())
	require.NotEqual(t, good.Leaf(), bad.Leaf())
	for _, tx := range []*chain.Transaction{bad, c.message(identity(9), session, "not registered")} {
		_, err := c.Receive(tx, "")
		require.Error(t, err)
		require.Equal(t, err.Error(), c.Submit(context.Background(), tx, "").Error())
		require.False(t, c.Holds(tx.ID()))
	}
	added, err := c.Receive(good, "")
	require.NoError(t, err)
	require.True(t, added, "the same ID with a bad signature came before")
}

// TestABlockTakesATransactionDuringItsChecks: nothing of it is left to wait for another block.
func TestABlockTakesATransactionDuringItsChecks(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, nil)
	alice, _, session := c.open2()
	tx := c.message(alice, session, "sent to two nodes")
	added, err := c.admit(tx, "", false, func(func() error) error {
		c.follow(c.forge(nil, tx))
		return nil
	})
	require.Nil(t, added)
	c.requireRefused(err, refusal.ErrDuplicate)
	require.Empty(t, c.MempoolIDs())
	short, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	inclusion, err := c.Await(short, tx.ID())
	require.NoError(t, err)
	require.Equal(t, c.store.Last().ID(), inclusion.Block)
}

func TestAPanicInAClientsCheckIsItsAnswer(t *testing.T) {
	c := startChain(t, nil)
	for range 2 * runtime.GOMAXPROCS(0) { // the workers go on
		require.ErrorContains(t, c.takeTurn(t.Context(), func() error { panic("a fault") }), "a fault")
	}
	require.NoError(t, c.takeTurn(t.Context(), func() error { return nil }))
}
