package vm

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// floods starts a chain of whose blocks each takes four plain sessions, and in whose mempool sources have
// put as many as it takes.
func floods(t *testing.T, sources int) *testChain {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxBlockPendingSessions = 4 })
	c.reopen(`{"mempool":{"maxTransactions":1600,"maxBytes":16777216,"maxPerSender":250}}`) // an eighth is 200
	refused := 0
	for n := 0; refused < sources; n++ {
		err := c.Submit(t.Context(), sign(t, nil, c.sessionBody(nil, identity(1), identity(2))), Source(fmt.Sprint("flood ", n%sources)))
		if err != nil {
			require.ErrorIs(t, err, refusal.ErrMempoolFull)
			refused++
		}
	}
	requireMempool(t, c.mempool)
	require.Equal(t, 200, c.mempool.plain.count)
	return c
}

// TestSourcesShareThePlacesForPlainSessions has one client or peer, and a hundred, take all room for what nobody
// signs: another's is taken with the first of each.
func TestSourcesShareThePlacesForPlainSessions(t *testing.T) {
	for _, sources := range []int{1, 100} {
		t.Run(fmt.Sprint(sources), func(t *testing.T) {
			c := floods(t, sources)
			victims := sign(t, nil, c.sessionBody(nil, identity(2), identity(3)))
			require.NoError(t, c.Submit(t.Context(), victims, "victim"), "it makes room")
			requireMempool(t, c.mempool)
			blocks := 1
			for ; !slices.Contains(idsOf(c.block().Transactions), victims.ID()); blocks++ {
				require.Less(t, blocks, 50)
			}
			require.LessOrEqual(t, blocks, sources/4+1)
			requireMempool(t, c.mempool)
		})
	}
}

// TestPlainSessionsTakeAShareOfABlock: what costs nothing leaves the rest to what is signed.
func TestPlainSessionsTakeAShareOfABlock(t *testing.T) {
	const blockBytes = 128 << 10
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxBlockBytes = blockBytes })
	alice, _, session := c.open2()
	for n := range 100 {
		require.NoError(t, c.Submit(t.Context(), sign(t, nil, c.sessionBody(nil, crowd(alice, 3)...)), Source(fmt.Sprint(n))))
	}
	for n := range 100 {
		require.NoError(t, c.Submit(t.Context(), c.message(alice, session, fmt.Sprintf("%0*d", 4000, n)), ""))
	}
	var plain, signed int
	for _, tx := range c.block().Transactions {
		if isPlain(tx) {
			plain += len(tx.Bytes())
		} else {
			signed += len(tx.Bytes())
		}
	}
	require.InDelta(t, blockBytes/plainShare, plain, 4000)
	require.Greater(t, signed, blockBytes*6/10)
	for len(c.Waiting()) > 0 { // what others leave is for them
		c.block()
	}
}

// TestAPlainSessionThatWasGivenBackComesBeforeWhatNeedsIt rejects a block with a plain session and a message in
// it: the next block has both, although many other plain sessions wait.
func TestAPlainSessionThatWasGivenBackComesBeforeWhatNeedsIt(t *testing.T) {
	c := floods(t, 1)
	alice := identity(1)
	require.NoError(t, c.Submit(t.Context(), c.registration(alice), ""))
	c.block()
	plain := sign(t, nil, c.sessionBody(nil, alice))
	message := c.message(alice, c.sessionID(plain), "in it")
	rejected := c.parse(c.forge(nil, plain, message))
	require.NoError(t, rejected.Verify(t.Context()))
	require.NoError(t, rejected.Reject(t.Context()))
	require.Equal(t, plain.ID(), c.Waiting()[0].ID())
	transactions := idsOf(c.block().Transactions)
	require.Contains(t, transactions, plain.ID())
	require.Contains(t, transactions, message.ID())
	requireMempool(t, c.mempool)
}
