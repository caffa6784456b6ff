package vm

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
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

// TestBlocksAreAsLargeAsTheNetworkCarries: they get smaller while the network takes long for this node's, or takes
// another one instead, and full again when it does not. The largest message has its place meanwhile.
func TestBlocksAreAsLargeAsTheNetworkCarries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		c := startChain(t, func(genesis *chain.Genesis) {
			genesis.Limits.MaxBlockBytes = 400_000
			genesis.Limits.MaxCiphertextBytes = 20_000
			genesis.Limits.MaxParticipants = 8
			genesis.Allowances = chain.Allowances{}
		})
		alice, _, session := c.open2()
		full := blockRoom(c.Genesis())
		block := func(decide func(*Block) error, took time.Duration) int {
			for c.mempool.queues.lined < 2*full {
				c.nonce++
				require.NoError(t, c.Submit(ctx, c.message(alice, session, fmt.Sprintf("%04000d", c.nonce)), ""))
			}
			built, err := c.BuildBlock(ctx)
			require.NoError(t, err)
			require.NoError(t, built.Verify(ctx))
			time.Sleep(took)
			require.NoError(t, decide(built))
			return built.Size()
		}
		accept := func(b *Block) error { return b.Accept(ctx) }
		c.pace.decided(c.Genesis(), 3_000, time.Hour)
		require.Greater(t, block(accept, slowBlock/2), full*9/10, "a small one was late")
		require.Greater(t, block(accept, 2*slowBlock), full*9/10)
		require.InDelta(t, full/2, block(accept, slowBlock), 10_000, "half, after it took twice as long as it should")
		require.InDelta(t, full/2, block(func(b *Block) error { return b.Reject(ctx) }, slowBlock/2), 10_000)
		c.pace.decided(c.Genesis(), full/8-1000, slowBlock/2)
		require.InDelta(t, full/4, block(accept, slowBlock), 10_000, "half of that, after another block was taken; a small one says nothing")
		require.InDelta(t, full/4, block(accept, time.Hour), 10_000)
		c.nonce++
		large := c.message(alice, session, fmt.Sprintf("%0*d", c.Genesis().Limits.MaxCiphertextBytes, c.nonce))
		least := c.pace.room(c.Genesis())
		require.GreaterOrEqual(t, least, 2*len(large.Bytes()))
		invitation := sign(t, nil, c.inviteBody(chain.Bucket{}, slices.Max(chain.InvitationSizes)))
		require.GreaterOrEqual(t, least, 2*len(invitation.Bytes()))
		for size := 0; size < full*9/10; {
			before := size
			size = block(accept, slowBlock/2)
			require.Greater(t, size, before, "it grows")
		}
		require.Zero(t, c.pace.bytes.Load())
	})
}
