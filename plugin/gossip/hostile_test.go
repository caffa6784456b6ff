package gossip

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/luxfi/p2p"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
)

func TestWhoSendsWhatIsInvalidIsIgnoredForAWhile(t *testing.T) {
	inNetwork(t, 1, "", func(t *testing.T, n *testNetwork) {
		session := n.session()
		node := n.nodes[0]
		signed := message(t, session, "signed")
		badKey := plain(t, 1).Body.(*chain.CreateSession)
		badKey.PublicKeys[0] = []byte(strings.Repeat("\xff", len(badKey.PublicKeys[0])))
		peer := byte(100)
		for name, fault := range map[string]func(i int) []byte{
			"a forged signature":   func(i int) []byte { return push(forged(t, signed, i)) },
			"a key that is none":   func(int) []byte { badKey.Nonce++; badKey.Deadline = deadline(); return push(sign(t, nil, badKey)) },
			"no transaction":       func(int) []byte { return []byte{0x0a, 0x02, 'h', 'i'} },
			"an empty transaction": func(int) []byte { return []byte{0x0a, 0x00} },
			"no list":              func(i int) []byte { return []byte{0xff, byte(i)} },
			"another field":        func(int) []byte { return []byte{0x12, 0x00} },
			"too many":             func(int) []byte { return []byte(strings.Repeat("\x0a\x00", maxMessageTransactions+1)) },
			"too large":            func(int) []byte { return make([]byte, maxMessageBytes+1) },
		} {
			peer++
			bad, good := ids.NodeID{peer}, registration(t, int(peer))
			ignoredBefore := node.metric("ignored_peers_total", "")
			for i := range 4 {
				node.pushes(bad, fault(i))
				require.False(t, node.gossip.peers.get(bad).ignored(time.Now()), name)
				if name == "an empty transaction" || name == "too many" {
					break // all in one message are as good as many messages
				}
			}
			for i := range 5 {
				node.pushes(bad, fault(10+i))
			}
			require.True(t, node.gossip.peers.get(bad).ignored(time.Now()), name)
			require.Equal(t, ignoredBefore+1, node.metric("ignored_peers_total", ""), name)

			// Nothing of it is looked at now, neither what it pushes nor what it asks.
			before := node.droppedMessages(dropIgnored)
			node.pushes(bad, push(good))
			_, failure := node.gossip.Request(context.Background(), bad, time.Time{}, nil)
			require.Equal(t, p2p.ErrThrottled, failure)
			require.Equal(t, before+2, node.droppedMessages(dropIgnored))
			require.False(t, node.Holds(good.ID()))

			time.Sleep(ignoreTime)
			good = registration(t, int(peer)) // with a later deadline
			node.pushes(bad, push(good))
			require.True(t, node.Holds(good.ID()), "%s: forgiven", name)
		}
		require.False(t, node.Holds(signed.ID()))
	})
}

func TestAForgedSignatureDoesNotKeepTheRightOneOut(t *testing.T) {
	inNetwork(t, 2, "", func(t *testing.T, n *testNetwork) {
		session := n.session()
		node := n.nodes[0]
		tx := message(t, session, "important")
		for i := range 3 {
			node.pushes(ids.NodeID{99}, push(forged(t, tx, i)))
		}
		require.False(t, node.Holds(tx.ID()))
		filter, err := newFilterRequest(node.MempoolIDs(), node.gossip.intake.notWanted(time.Now()))
		require.NoError(t, err)
		parsed, err := parseFilterRequest(filter)
		require.NoError(t, err)
		require.True(t, parsed.hides(forged(t, tx, 0)))
		require.False(t, parsed.hides(tx))

		node.pushes(ids.NodeID{98}, push(tx))
		require.True(t, node.Holds(tx.ID()))
	})
}

func TestAHostilePeerDoesNotHinderTheOthers(t *testing.T) {
	inNetwork(t, 4, "", func(t *testing.T, n *testNetwork) {
		n.set(0.1, n.delay)
		session := n.session()
		signed := message(t, session, "signed")
		forgeries := make([][]byte, 64)
		for i := range forgeries {
			forgeries[i] = push(forged(t, signed, i))
		}
		hostile := ids.NodeID{200}
		var all []*chain.Transaction
		for i := range 50 {
			for _, node := range n.nodes {
				node.pushes(hostile, forgeries[i%len(forgeries)])
				node.pushes(hostile, []byte("???"))
				_, _ = node.gossip.Request(context.Background(), hostile, time.Time{}, forgeries[0])
			}
			all = append(all, plain(t, i+1))
			n.nodes[i%4].submit(all[i])
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		for _, node := range n.nodes {
			require.Equal(t, len(all), node.holds(all))
			require.Equal(t, 1, node.metric("ignored_peers_total", ""))
			for _, other := range n.nodes {
				require.Zero(t, node.gossip.peers.get(other.id).score)
			}
		}
	})
}

func TestAPeerIsHeldToItsRates(t *testing.T) {
	inNetwork(t, 1, "", func(t *testing.T, n *testNetwork) {
		node, peer, other := n.nodes[0], ids.NodeID{99}, ids.NodeID{98}
		accepted := plain(t, 1)
		node.submit(accepted)
		duplicates := push(accepted)
		for len(duplicates)+len(accepted.Bytes()) < maxMessageBytes-10 {
			duplicates = appendTransaction(duplicates, accepted)
		}
		for node.droppedMessages(dropRate) == 0 {
			node.pushes(peer, duplicates)
			require.LessOrEqual(t, node.metric("received_transactions_total", byPush)*len(accepted.Bytes()), peerBytes)
		}
		tx := plain(t, 2)
		node.pushes(other, push(tx))
		require.True(t, node.Holds(tx.ID()), "the others have their own")
		time.Sleep(time.Second)
		tx = plain(t, 3)
		node.pushes(peer, push(tx))
		require.True(t, node.Holds(tx.ID()))

		require.True(t, node.gossip.peers.get(peer).transactions.AllowN(time.Now(), peerTransactionsBurst-2)) // one is used
		tx, tooMany := plain(t, 4), plain(t, 5)
		node.pushes(peer, push(tx, tooMany))
		require.True(t, node.Holds(tx.ID()))
		require.False(t, node.Holds(tooMany.ID()))
		require.Equal(t, 1, node.dropped(dropRate))

		request, err := newFilterRequest(nil, nil)
		require.NoError(t, err)
		for i := range peerPullsBurst + 2 {
			answer, failure := node.gossip.Request(context.Background(), peer, time.Time{}, request)
			if i < peerPullsBurst {
				require.Nil(t, failure)
				require.NotEmpty(t, answer)
			} else {
				require.Equal(t, p2p.ErrThrottled, failure)
			}
		}
		require.Zero(t, node.gossip.peers.get(peer).score, "too much is no fault")
	})
}
