package vm

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// TestWhoWaitsIsToldThatTheChainHasStopped: a block can't be written while the next one is waited for, and its
// transactions are.
func TestWhoWaitsIsToldThatTheChainHasStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		c := startChain(t, nil)
		require.NoError(t, c.Shutdown(ctx))
		db := &failing{DB: c.db}
		c.VM = New()
		host := c.hostOf(nil)
		host.Database = db
		require.NoError(t, c.Initialize(ctx, host, c.genesis, nil))
		require.NoError(t, c.SetState(ctx, NormalOperation))
		tx := c.registration(identity(1))
		require.NoError(t, c.Submit(ctx, tx, ""))
		built, err := c.BuildBlock(ctx)
		require.NoError(t, err)
		require.NoError(t, built.Verify(ctx))
		told := make(chan error, 2)
		go func() { told <- c.WaitForEvent(ctx) }()
		go func() { _, err := c.Await(ctx, tx.ID()); told <- err }()
		synctest.Wait()
		require.Empty(t, told)
		db.failAt = db.writes + 1
		require.ErrorIs(t, built.Accept(ctx), errCrash)
		require.ErrorIs(t, <-told, errCrash)
		require.ErrorIs(t, <-told, errCrash)
	})
}
