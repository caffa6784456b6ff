package gossip

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

func TestWhatIsSubmittedToAnyNodeIsInEveryMempoolAtOnce(t *testing.T) {
	inNetwork(t, 5, "", func(t *testing.T, n *testNetwork) {
		var all []*chain.Transaction
		for i := range 50 {
			all = append(all, plain(t, i))
			n.nodes[i%5].submit(all[i])
		}
		time.Sleep(n.delay)
		synctest.Wait()
		for _, node := range n.nodes {
			require.Equal(t, len(all), node.holds(all))
			require.Equal(t, 10, node.metric("pushed_transactions_total", ""))
			require.Equal(t, 40, node.metric("admitted_transactions_total", byPush))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, node := range n.nodes { // one push has reached all
			require.Zero(t, node.metric("relayed_transactions_total", ""))
		}
	})
}

func TestATransactionIsSentABoundedNumberOfTimes(t *testing.T) {
	inNetwork(t, 30, "", func(t *testing.T, n *testNetwork) {
		var all []*chain.Transaction
		origin := make(map[chain.Hash]ids.NodeID)
		for i := range 20 {
			all = append(all, plain(t, i))
			n.nodes[i].submit(all[i])
			n.nodes[i].submit(all[i])
			origin[all[i].Leaf()] = n.nodes[i].id
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, node := range n.nodes {
			require.Equal(t, len(all), node.holds(all))
			for leaf, count := range n.pushed[node.id] {
				if origin[leaf] == node.id {
					require.Equal(t, pushValidators, count)
				} else {
					require.Equal(t, relayValidators, count)
				}
			}
		}

		// Now nobody lacks anything: pulls are asked and have no answer.
		before, pulls := n.answers(), n.pulled()
		time.Sleep(20 * pullInterval)
		require.Greater(t, n.pulled(), pulls+10*30)
		require.Equal(t, before, n.answers())
	})
}

func TestWhatIsPushedIsPassedOnBeyondTheFirst(t *testing.T) {
	inNetwork(t, 40, "", func(t *testing.T, n *testNetwork) {
		tx := plain(t, 0)
		n.nodes[0].submit(tx)
		have := func() (count int) {
			for _, node := range n.nodes {
				count += node.holds([]*chain.Transaction{tx})
			}
			return count
		}
		time.Sleep(n.delay)
		synctest.Wait()
		require.Equal(t, 1+pushValidators, have())
		time.Sleep(pullInterval / 2) // nobody pulls so early
		synctest.Wait()
		require.Greater(t, have(), 30)
	})
}

// answers is how many transactions were sent in answers.
func (n *testNetwork) answers() (count int) {
	for _, node := range n.nodes {
		count += node.metric("answered_transactions_total", "")
	}
	return count
}

func TestWhatIsLostOrLateIsPulled(t *testing.T) {
	inNetwork(t, 8, "", func(t *testing.T, n *testNetwork) {
		n.set(0.5, 2*pullInterval)
		var all []*chain.Transaction
		for i := range 40 {
			all = append(all, plain(t, i))
			n.nodes[i%8].submit(all[i])
			time.Sleep(20 * time.Millisecond)
		}
		pulled := 0
		time.Sleep(2 * time.Minute)
		for _, node := range n.nodes {
			require.Equal(t, len(all), node.holds(all))
			pulled += node.metric("admitted_transactions_total", byPull)
		}
		require.Positive(t, pulled)
	})
}

func TestWhatABlockHasTakenIsNotPassedOn(t *testing.T) {
	inNetwork(t, pushValidators+2, "", func(t *testing.T, n *testNetwork) {
		tx := plain(t, 0)
		n.nodes[0].submit(tx)
		time.Sleep(n.delay)
		synctest.Wait()
		n.nodes[0].block(n.nodes...)
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, node := range n.nodes[1:] {
			require.Empty(t, n.pushed[node.id])
		}
		require.Zero(t, n.answers())
	})
}

func TestPushesWaitForBlocks(t *testing.T) {
	inNetwork(t, 3, `{"mempool":{"maxPerSender":1000}}`, func(t *testing.T, n *testNetwork) {
		session, node := n.session(), n.nodes[0]
		var all []*chain.Transaction
		for i := range 200 {
			all = append(all, message(t, session, strings.Repeat("x", 20_000+i)))
			node.submit(all[i])
		}
		pushed := func() (bytes int) {
			time.Sleep(n.delay)
			synctest.Wait()
			for _, tx := range all {
				if n.pushed[node.id][tx.Leaf()] > 0 {
					bytes += len(tx.Bytes())
				}
			}
			return bytes
		}
		first := pushed()
		require.GreaterOrEqual(t, first, pushWindow)
		require.Less(t, first, pushWindow+maxPushBytes)
		node.block(n.nodes...) // takes what was pushed, and some that was not and need not be any more
		second := pushed()
		require.Greater(t, second, first)
		require.Less(t, second, first+pushWindow+maxPushBytes)
		time.Sleep(pushTime) // no block comes: others may still need it
		third := pushed()
		require.Greater(t, third, second)
		for node.holds(all) > 0 && len(node.MempoolIDs()) > 0 {
			node.block(n.nodes...)
		}
		for _, other := range n.nodes {
			require.Equal(t, len(all), other.holds(all))
		}
		require.Less(t, pushed(), 200*20_000)
	})
}

func TestABigMempoolIsPulledInBoundedPieces(t *testing.T) {
	const config = `{"mempool":{"maxPerSender":1000}}`
	inNetwork(t, 1, config, func(t *testing.T, n *testNetwork) {
		session := n.session()
		var all []*chain.Transaction
		for i := range 300 {
			text := strings.Repeat("x", 20_000+i)
			if i == 7 { // larger than an answer is otherwise
				text = strings.Repeat("y", maxAnswerBytes+10_000)
			}
			all = append(all, message(t, session, text[:min(len(text), int(n.nodes[0].Genesis().Limits.MaxCiphertextBytes))]))
			n.nodes[0].submit(all[i])
		}
		time.Sleep(time.Second) // pushed to nobody
		late := n.join(config)
		for height := uint64(1); height <= n.nodes[0].Snapshot().Header().Height; height++ {
			blk, err := n.nodes[0].BlockAt(height)
			require.NoError(t, err)
			parsed, err := late.ParseBlock(context.Background(), blk.Bytes())
			require.NoError(t, err)
			require.NoError(t, parsed.Verify(context.Background()))
			require.NoError(t, parsed.Accept(context.Background()))
		}
		time.Sleep(2 * pullInterval)
		synctest.Wait()
		require.Positive(t, late.holds(all))
		require.Less(t, late.holds(all), 100)
		// A node that has enough for a block asks for more after the block.
		for late.holds(all) < len(all) {
			time.Sleep(20 * pullInterval)
			synctest.Wait()
			bytes := 0
			for _, tx := range late.Waiting() {
				bytes += len(tx.Bytes())
			}
			require.Less(t, bytes, 2*int(late.Genesis().Limits.MaxBlockBytes))
			n.nodes[0].block(n.nodes...)
		}
		require.LessOrEqual(t, n.most, maxAnswerBytes+64*4)
		// Nothing is fetched twice, but for what waits to be checked.
		require.GreaterOrEqual(t, len(all), late.metric("received_transactions_total", byPull))
	})
}

func TestAMempoolThatIsFullTakesTheRestLater(t *testing.T) {
	inNetwork(t, 2, "", func(t *testing.T, n *testNetwork) {
		small := n.join(`{"mempool":{"maxTransactions":80}}`) // an eighth of them plain sessions
		var all []*chain.Transaction
		for i := range 25 {
			all = append(all, plain(t, i))
			n.nodes[0].submit(all[i])
		}
		for range 3 {
			time.Sleep(queueTime + 5*pullInterval) // what one peer sent and made room for another's comes again
			synctest.Wait()
			require.Len(t, small.MempoolIDs(), min(10, len(all)-int(small.Snapshot().Header().Height)*10))
			small.block(n.nodes...)
		}
		require.Equal(t, len(all), small.holds(all))
		requireNobodyIgnored(t, n)
	})
}

func requireNobodyIgnored(t *testing.T, n *testNetwork) {
	t.Helper()
	for _, node := range n.nodes {
		require.Zero(t, node.metric("ignored_peers_total", ""))
		for _, other := range n.nodes {
			require.Zero(t, node.gossip.peers.get(other.id).score)
		}
	}
}

func TestAMessageThatIsAheadOfItsSessionWaitsForTheBlock(t *testing.T) {
	inNetwork(t, 2, "", func(t *testing.T, n *testNetwork) {
		first, second := n.nodes[0], n.nodes[1]
		first.submit(registration(t, 1))
		first.submit(registration(t, 2))
		time.Sleep(n.delay)
		first.block(first) // the second is slower
		body := plain(t, 0).Body.(*chain.CreateSession)
		body.Creator = twoIdentities()[0].ID()
		create := sign(t, twoIdentities()[0], body)
		first.submit(create)
		time.Sleep(n.delay)
		synctest.Wait()
		require.False(t, second.Holds(create.ID()))

		received := func() int {
			return second.metric("received_transactions_total", byPush) + second.metric("received_transactions_total", byPull)
		}
		before := received()
		blk, err := first.BlockAt(1)
		require.NoError(t, err)
		parsed, err := second.ParseBlock(context.Background(), blk.Bytes())
		require.NoError(t, err)
		require.NoError(t, parsed.Verify(context.Background()))
		require.NoError(t, parsed.Accept(context.Background()))
		synctest.Wait()
		require.True(t, second.Holds(create.ID()))
		require.Equal(t, before, received(), "it has not come again")
		requireNobodyIgnored(t, n)
	})
}

func TestWhatIsStaleIsHeldAgainstNobody(t *testing.T) {
	inNetwork(t, 2, "", func(t *testing.T, n *testNetwork) {
		session := n.session()
		node, peer := n.nodes[0], n.nodes[1].id
		accepted := message(t, session, "accepted")
		expired := plain(t, 1)
		node.submit(accepted)
		node.block(n.nodes...)
		time.Sleep(5 * time.Minute) // the deadline of the other
		for range 100 {
			other := sign(t, identity(9), &chain.SendMessage{Session: session, Sender: identity(9).ID(), Ciphertext: []byte(rand.Text())})
			node.pushes(peer, push(accepted, expired, other, message(t, ids.ID{9}, rand.Text())))
		}
		time.Sleep(2 * earlyTime)
		requireNobodyIgnored(t, n)
		require.Empty(t, node.MempoolIDs())
		require.Zero(t, node.dropped(dropInvalid))
		require.Equal(t, 100, node.dropped(dropDuplicate)-99, "the accepted one, and the expired one but once")
		require.Positive(t, node.dropped(dropStale))
	})
}

func TestNothingIsSentOrTakenWhileBootstrapping(t *testing.T) {
	inNetwork(t, 3, "", func(t *testing.T, n *testNetwork) {
		starting := n.nodes[2]
		require.NoError(t, starting.SetState(context.Background(), vm.Bootstrapping))
		tx := plain(t, 1)
		n.nodes[0].submit(tx)
		require.ErrorIs(t, starting.Submit(context.Background(), tx, ""), refusal.ErrNotReady)
		time.Sleep(10 * pullInterval)
		require.True(t, n.nodes[1].Holds(tx.ID()))
		require.False(t, starting.Holds(tx.ID()))
		require.Zero(t, starting.metric("received_transactions_total", byPush)+starting.metric("received_transactions_total", byPull))
		request, err := newFilterRequest(nil, nil)
		require.NoError(t, err)
		_, failure := starting.gossip.Request(context.Background(), n.nodes[0].id, time.Time{}, request)
		require.Equal(t, errInactive, failure)

		require.NoError(t, starting.SetState(context.Background(), vm.NormalOperation))
		time.Sleep(10 * pullInterval)
		require.True(t, starting.Holds(tx.ID()))
	})
}

func TestPeersThatGoOweNothing(t *testing.T) {
	inNetwork(t, 3, "", func(t *testing.T, n *testNetwork) {
		n.set(1, n.delay)
		time.Sleep(time.Minute)
		n.set(0, n.delay)
		tx := plain(t, 1)
		n.nodes[0].submit(tx)
		time.Sleep(time.Minute)
		for _, node := range n.nodes {
			require.True(t, node.Holds(tx.ID()))
		}
	})
}
