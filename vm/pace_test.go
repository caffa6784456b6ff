package vm

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestASmallBlockWaitsForTheOnesBefore: it is built when they are decided, when enough waits for a large
// one, or after a while.
func TestASmallBlockWaitsForTheOnesBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		c := startChain(t, nil)
		alice, _, session := c.open2()
		var events int
		wait := func() {
			synctest.Wait()
			go func() {
				if c.WaitForEvent(ctx) == nil {
					events++
				}
			}()
			synctest.Wait()
		}
		submit := func(size int) {
			c.nonce++
			require.NoError(t, c.Submit(ctx, c.message(alice, session, fmt.Sprintf("%0*d", size, c.nonce)), ""))
			synctest.Wait()
		}
		process := func() *Block {
			built, err := c.BuildBlock(ctx)
			require.NoError(t, err)
			require.NoError(t, built.Verify(ctx))
			require.NoError(t, c.SetPreference(ctx, built.ID()))
			return built
		}

		wait()
		require.Zero(t, events, "nothing waits")
		submit(10)
		require.Equal(t, 1, events, "the first at once")
		first := process()

		wait()
		submit(10)
		submit(10)
		time.Sleep(holdTime / 2)
		synctest.Wait()
		require.Equal(t, 1, events)
		require.NoError(t, first.Accept(ctx))
		synctest.Wait()
		require.Equal(t, 2, events, "decided")
		second := process()
		require.Len(t, second.Transactions, 2, "all that came meanwhile")

		wait()
		submit(10)
		time.Sleep(holdTime)
		synctest.Wait()
		require.Equal(t, 3, events, "the network may take long to decide")

		wait()
		for range int(c.Genesis().Limits.MaxBlockBytes)/smallBlock/200_000 + 1 {
			submit(200_000)
		}
		require.Equal(t, 4, events, "as much as makes a large one")
		require.NoError(t, second.Accept(ctx))
		synctest.Wait()
	})
}
