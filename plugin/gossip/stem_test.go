package gossip

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/p2p"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

// deafen makes all nodes drop what comes along stems, and none spread it at once, so that it stays where it is.
func (n *testNetwork) deafen() {
	n.drop(n.nodes...)
	for _, node := range n.nodes {
		node.spreads(false)
	}
}

// drop makes nodes drop what comes along stems.
func (n *testNetwork) drop(nodes ...*testNode) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.deaf = make(map[ids.NodeID]bool)
	for _, node := range nodes {
		n.deaf[node.id] = true
	}
}

// walks returns what is on its stem at the node, and the bytes of what it has sent.
func (n *testNode) walks() (walks map[ids.ID]walk, bytes int) {
	s := n.gossip.stem
	s.mu.Lock()
	defer s.mu.Unlock()
	walks = make(map[ids.ID]walk)
	for id, w := range s.walks {
		walks[id] = *w
	}
	return walks, s.bytes
}

// spreads says whether the node ends the stems of others in this epoch.
func (n *testNode) spreads(all bool) {
	n.gossip.stem.mu.Lock()
	defer n.gossip.stem.mu.Unlock()
	n.gossip.stem.epoch.diffuses = all
}

// stems gives a node what a peer sends along stems, and waits until it is dealt with.
func (n *testNode) stems(from ids.NodeID, message []byte) {
	n.net.t.Helper()
	require.NoError(n.net.t, n.network.Gossip(context.Background(), from, append(p2p.ProtocolPrefix(StemHandlerID), message...)))
	synctest.Wait()
}

func (n *testNode) stemmed(step string) int { return n.metric("stem_transactions_total", step) }

// newEpoch begins another epoch of the node's stems.
func (n *testNode) newEpoch() {
	if !n.net.stem {
		return
	}
	s, connected := n.gossip.stem, n.network.Peers.Sample(len(n.net.nodes))
	s.mu.Lock()
	s.epoch.ends = time.Time{}
	s.mu.Unlock()
	s.refresh(time.Now(), connected)
	s.choose(connected)
}

func TestOneNodeAfterAnotherHasATransactionBeforeItIsSpread(t *testing.T) {
	inStemNetwork(t, 12, func(t *testing.T, n *testNetwork) {
		for i, node := range n.nodes {
			tx := plain(t, i)
			n.hear()
			node.submit(tx)
			require.True(t, node.OnStem(tx.ID()))
			time.Sleep(2 * stemWait)
			synctest.Wait()
			at := map[ids.NodeID]bool{node.id: true}
			for j, h := range n.hear() {
				if !h.stem {
					require.Positive(t, j)
					break
				}
				require.True(t, at[h.from])
				at[h.to] = true
			}
			for _, other := range n.nodes {
				require.True(t, other.Waits(tx.ID()))
			}
		}
	})
}

// TestNobodyLearnsWhetherANodeHasATransactionOnItsStem asks a node that has one, from a client or a peer, and one that has not
// whatever a peer and a client can ask.
func TestNobodyLearnsWhetherANodeHasATransactionOnItsStem(t *testing.T) {
	inStemNetwork(t, 6, func(t *testing.T, n *testNetwork) {
		session, ctx := n.session(), context.Background()
		n.deafen()
		tx, spy := message(t, session, "secret"), ids.NodeID{99}
		submitted, relayed, without := n.nodes[0], n.nodes[1], n.nodes[2]
		submitted.submit(tx)
		relayed.stems(n.nodes[5].id, push(tx))
		require.True(t, submitted.OnStem(tx.ID()) && relayed.OnStem(tx.ID()) && !without.OnStem(tx.ID()))
		ask := func(node *testNode) (answers []any) {
			everything, err := newFilterRequest(nil, nil)
			require.NoError(t, err)
			answer, failure := node.gossip.Request(ctx, spy, time.Time{}, everything)
			asks, err := newFilterRequest(node.MempoolIDs(), node.gossip.intake.notWanted(time.Now()))
			require.NoError(t, err)
			filter, err := parseFilterRequest(asks)
			require.NoError(t, err)
			_, empty := node.BuildBlock(ctx)
			status, _, err := node.TransactionStatus(tx.ID())
			require.NoError(t, err)
			health, err := node.HealthCheck(ctx)
			require.NoError(t, err)
			answers = append(answers, answer, failure, filter.hides(tx), empty.Error(), status, health.Mempool, node.Waiting(), node.FillsBlock())
			answers = append(answers, node.Submit(ctx, forged(t, tx, 0), "spy").Error())
			node.pushes(spy, push(forged(t, tx, 1)))
			node.stems(spy, push(forged(t, tx, 2)))
			answers = append(answers, node.gossip.peers.get(spy).score, node.dropped(dropInvalid))
			sent := node.stemmed(stemRelayed)
			node.stems(spy, push(tx))
			answers = append(answers, node.stemmed(stemRelayed)-sent, node.Holds(tx.ID()))
			node.stems(spy, push(tx))
			return append(answers, node.stemmed(stemDiffused), node.Waits(tx.ID()))
		}
		want := ask(without)
		require.Equal(t, []any{1, false, 1, true}, want[len(want)-4:], "sent on, and spread when it comes again")
		require.Equal(t, want, ask(submitted))
		require.Equal(t, want, ask(relayed))
	})
}

func TestWhatComesOtherwiseIsNoSecretAnyMore(t *testing.T) {
	inStemNetwork(t, 6, func(t *testing.T, n *testNetwork) {
		n.deafen()
		node, tx, other := n.nodes[0], plain(t, 0), plain(t, 1)
		node.submit(tx)
		node.submit(other)
		node.pushes(ids.NodeID{99}, push(tx))
		require.True(t, node.Waits(tx.ID()) && node.OnStem(other.ID()))
		require.Equal(t, 1, node.metric("admitted_transactions_total", byPush))
		n.nodes[1].stems(ids.NodeID{99}, push(other))
		require.True(t, n.nodes[1].gossip.chain.Diffuse(other.ID()))
		n.nodes[1].block(n.nodes...)
		require.False(t, node.OnStem(other.ID()))
		require.True(t, node.Holds(other.ID()))
		time.Sleep(2 * stemWait)
		synctest.Wait()
		require.Zero(t, node.stemmed(stemExpired))
		walks, bytes := node.walks()
		require.Empty(t, walks)
		require.Zero(t, bytes)
	})
}

func TestWhatIsDroppedOnItsStemIsSpreadAfterAWhile(t *testing.T) {
	inStemNetwork(t, 5, func(t *testing.T, n *testNetwork) {
		n.deafen()
		for i, node := range n.nodes {
			tx := plain(t, i)
			node.submit(tx)
			time.Sleep(stemFloor - time.Millisecond)
			require.True(t, node.OnStem(tx.ID()))
			time.Sleep(2 * stemWait)
			synctest.Wait()
			for _, other := range n.nodes {
				require.True(t, other.Waits(tx.ID()))
			}
			require.Equal(t, 2, node.stemmed(stemRelayed), "two ways were tried")
			require.Equal(t, 1, node.stemmed(stemExpired))
		}
	})
}

func TestOnePeerThatDropsStemsIsAvoided(t *testing.T) {
	inStemNetwork(t, 5, func(t *testing.T, n *testNetwork) {
		node := n.nodes[0]
		n.drop(n.node(node.gossip.stem.epoch.peers[0]))
		for _, node := range n.nodes {
			node.spreads(true)
		}
		slow := 0
		for i := range 5 {
			tx := plain(t, i)
			node.submit(tx)
			time.Sleep(stemFloor - time.Millisecond)
			if node.OnStem(tx.ID()) {
				slow++
			}
			time.Sleep(2 * stemWait)
			synctest.Wait()
			require.True(t, n.nodes[4].Waits(tx.ID()))
		}
		require.LessOrEqual(t, slow, 1)
		require.Zero(t, node.stemmed(stemExpired), "the other way is good")
	})
}

func TestWithoutPeersThereIsNoStem(t *testing.T) {
	for nodes := 1; nodes <= 2; nodes++ {
		inStemNetwork(t, nodes, func(t *testing.T, n *testNetwork) {
			tx := plain(t, 0)
			n.nodes[0].submit(tx)
			require.True(t, n.nodes[0].Waits(tx.ID()))
			n.nodes[0].block(n.nodes...)
		})
	}
	inStemNetwork(t, 3, func(t *testing.T, n *testNetwork) {
		node, first, second := n.nodes[0], plain(t, 0), plain(t, 1)
		n.deafen()
		node.submit(first)
		require.True(t, node.OnStem(first.ID()))
		require.NoError(t, node.network.Disconnected(context.Background(), n.nodes[1].id))
		time.Sleep(stemRefresh)
		synctest.Wait()
		node.submit(second)
		require.True(t, node.Waits(second.ID()))
		time.Sleep(2 * stemWait)
		synctest.Wait()
		require.True(t, node.Waits(first.ID()))
	})
}

func TestANodeWithoutStemsSpreadsWhatComesAlongThem(t *testing.T) {
	inNetwork(t, 3, "", func(t *testing.T, n *testNetwork) {
		tx := plain(t, 0)
		n.nodes[0].stems(n.nodes[1].id, push(tx))
		require.True(t, n.nodes[0].Waits(tx.ID()))
		require.Equal(t, 1, n.nodes[0].stemmed(stemDiffused))
		time.Sleep(n.delay)
		synctest.Wait()
		require.True(t, n.nodes[2].Waits(tx.ID()))
	})
}

// TestASendersMessagesKeepTheirOrder sends messages while the node changes its way all the time. The node where a later stem
// ends may hear of it before what was spread earlier reaches it: that one alone has the messages in another order.
func TestASendersMessagesKeepTheirOrder(t *testing.T) {
	inStemNetwork(t, 10, func(t *testing.T, n *testNetwork) {
		session := n.session()
		n.set(0, 50*time.Millisecond)
		var want []ids.ID
		for i := range 60 {
			tx := message(t, session, fmt.Sprint(i))
			want = append(want, tx.ID())
			n.nodes[0].submit(tx)
			if i%7 == 0 {
				n.nodes[0].newEpoch()
			}
			time.Sleep(time.Duration(i%3) * 10 * time.Millisecond)
		}
		time.Sleep(4 * stemWait)
		synctest.Wait()
		turned := 0
		for i, node := range n.nodes {
			var got []ids.ID
			for _, tx := range node.Waiting() {
				got = append(got, tx.ID())
			}
			require.ElementsMatch(t, want, got)
			if !slices.Equal(want, got) {
				require.NotZero(t, i, "the sender's own node")
				turned++
			}
		}
		require.LessOrEqual(t, turned, 2, "of ten")
	})
}

func TestAStemThatIsAheadOfItsBlockWaitsForIt(t *testing.T) {
	inStemNetwork(t, 4, func(t *testing.T, n *testNetwork) {
		n.deafen()
		first, second := n.nodes[0], n.nodes[1]
		first.pushes(ids.NodeID{99}, push(registration(t, 1), registration(t, 2)))
		first.block(first)
		body := plain(t, 0).Body.(*chain.CreateSession)
		body.Creator = twoIdentities()[0].ID()
		create := sign(t, twoIdentities()[0], body)
		second.stems(first.id, push(create))
		require.False(t, second.OnStem(create.ID()))
		require.Empty(t, second.gossip.intake.notWanted(time.Now()), "no filter tells of it")
		blk, err := first.BlockAt(1)
		require.NoError(t, err)
		parsed, err := second.ParseBlock(context.Background(), blk.Bytes())
		require.NoError(t, err)
		require.NoError(t, parsed.Verify(context.Background()))
		require.NoError(t, parsed.Accept(context.Background()))
		synctest.Wait()
		require.True(t, second.OnStem(create.ID()))
		require.Equal(t, 1, second.stemmed(stemRelayed))
	})
}

func TestAFloodOfStemsIsBoundedAndHoldsUpNobody(t *testing.T) {
	inStemNetwork(t, 4, func(t *testing.T, n *testNetwork) {
		session := n.session()
		n.deafen()
		node, hostile := n.nodes[0], ids.NodeID{99}
		const window = 256 << 10
		node.gossip.stem.window = window
		var flood []*chain.Transaction
		for i := range peerUnsignedBurst + 50 {
			flood = append(flood, plain(t, i+1))
		}
		node.stems(hostile, push(flood...))
		require.Equal(t, 50, node.dropped(dropRate))
		walks, bytes := node.walks()
		require.Less(t, bytes, window+maxPushBytes)
		require.Len(t, walks, peerUnsignedBurst)
		victim := message(t, session, "hello")
		node.submit(victim)
		synctest.Wait()
		walks, _ = node.walks()
		require.False(t, walks[victim.ID()].sent, "the window is full")
		for _, tx := range flood[:100] { // others spread some
			node.pushes(n.nodes[1].id, push(tx))
		}
		time.Sleep(stemSweep)
		synctest.Wait()
		walks, _ = node.walks()
		require.True(t, walks[victim.ID()].sent)
		time.Sleep(2 * stemWait)
		synctest.Wait()
		walks, bytes = node.walks()
		require.Empty(t, walks)
		require.Zero(t, bytes)
		require.Equal(t, peerUnsignedBurst, node.holds(flood), "all are spread in the end")
		require.Zero(t, node.gossip.peers.get(hostile).score, "too much is no fault")

		for i := range 5 {
			node.stems(hostile, []byte{0xff, byte(i)})
		}
		require.True(t, node.gossip.peers.get(hostile).ignored(time.Now()))
		_, failure := stemHandler{node.gossip}.Request(context.Background(), hostile, time.Time{}, nil)
		require.Equal(t, p2p.ErrUnexpected, failure)
	})
}

func TestWhatComesFromANodeGoesOneWayInAnEpoch(t *testing.T) {
	now, s := time.Unix(1, 0), newStem(rand.New(rand.NewPCG(1, 2)))
	connected := []ids.NodeID{{1}, {2}, {3}, {4}, {5}}
	require.False(t, s.take(sized(t, 0, 1), client, "", now), "nobody is there")
	require.True(t, s.refresh(now, connected))
	s.choose(connected)
	require.False(t, s.refresh(now, connected))
	s.epoch.diffuses = false
	used, nonce := make(map[ids.NodeID]int), 0
	for from := byte(0); from < 100; from++ {
		var way ids.NodeID
		for range 3 {
			nonce++
			tx := ofSender(t, byte(nonce%250)+1, nonce, 1)
			require.True(t, s.take(tx, ids.NodeID{from}, "", now))
			to := s.walks[tx.ID()].steps[ids.NodeID{from}]
			require.NotEqual(t, ids.NodeID{from}, to)
			require.True(t, way == ids.EmptyNodeID || way == to)
			way = to
		}
		used[way]++
	}
	require.Len(t, used, stemPeers)
	for _, count := range used {
		require.Greater(t, count, 30)
	}
	tx := sized(t, 1000, 1)
	for from := range stemArrivals {
		require.True(t, s.take(tx, ids.NodeID{1, byte(from)}, "", now))
		require.False(t, s.take(tx, ids.NodeID{1, byte(from)}, "", now), "again from the same")
	}
	require.False(t, s.take(tx, ids.NodeID{100}, "", now), "from too many")
	s.epoch.diffuses = true
	require.False(t, s.take(sized(t, 1001, 1), ids.NodeID{1}, "", now))
	require.True(t, s.take(sized(t, 1002, 1), client, "", now), "what clients submit begins a stem")

	peers := slices.Clone(s.epoch.peers)
	require.True(t, s.refresh(now, []ids.NodeID{peers[1]}), "one is gone")
	require.Equal(t, peers[1:], s.epoch.peers)
	s.choose(connected)
	require.False(t, s.refresh(s.epoch.ends.Add(-1), connected))
	require.True(t, s.refresh(s.epoch.ends, connected))
	shares := 0
	for range 1000 {
		s.refresh(s.epoch.ends, connected)
		if s.epoch.diffuses {
			shares++
		}
	}
	require.InDelta(t, 1000*stemDiffuses, shares, 50)
}
