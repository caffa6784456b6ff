package gossip

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
)

// ofSender returns a transaction of a sender, of at least a size.
func ofSender(t *testing.T, sender byte, nonce, size int) *chain.Transaction {
	tx, err := chain.NewTransaction(testChainID, &chain.SendMessage{
		Sender: ids.ID{sender}, Session: ids.ID{byte(nonce), byte(nonce >> 8)}, Ciphertext: make([]byte, size),
	}, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	return tx
}

func TestSendersShareTheOutboxEvenly(t *testing.T) {
	q, of := newFairQueue(), make(map[*chain.Transaction]byte)
	for n := range 300 { // one after the other, the greediest first
		for sender, share := range []int{300, 60, 20} {
			if n < share {
				tx := ofSender(t, byte(sender+1), n, 1000*(1+n%3))
				of[tx] = byte(sender + 1)
				require.Zero(t, q.add(tx, ""))
			}
		}
	}
	taken, bytes := make(map[byte]int), make(map[byte]int)
	for len(q.line) > 0 {
		tx := q.first()
		q.pop()
		taken[of[tx]]++
		bytes[of[tx]] += len(tx.Bytes())
		for sender, share := range map[byte]int{2: 60, 3: 20} {
			require.False(t, taken[sender] < share && bytes[1] > bytes[sender]+2*8000, "while another has something there, nobody is far ahead")
		}
	}
	require.Equal(t, map[byte]int{1: 300, 2: 60, 3: 20}, taken)
	require.Zero(t, q.bytes)
	require.Empty(t, q.newest)
}

// TestClientsShareTheOutboxForWhatNobodySigns: of plain sessions and invitations each client's are its own.
func TestClientsShareTheOutboxForWhatNobodySigns(t *testing.T) {
	for _, made := range []func(n uint64) chain.Body{
		func(n uint64) chain.Body {
			return &chain.CreateSession{Participants: []ids.ID{{7}}, PublicKeys: [][]byte{make([]byte, chain.KEMPublicKeySize)}, Nonce: n, Deadline: 1}
		},
		func(n uint64) chain.Body {
			return &chain.Invite{Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, chain.InvitationSizes[0]), Deadline: n}
		},
	} {
		transaction := func(n uint64) *chain.Transaction {
			tx, err := chain.NewTransaction(testChainID, made(n), nil)
			require.NoError(t, err)
			return tx
		}
		q := newFairQueue()
		for n := range uint64(200) {
			require.Zero(t, q.add(transaction(n), "the greedy one"))
		}
		victim := transaction(200)
		require.Zero(t, q.add(victim, "another"))
		q.pop()
		require.Equal(t, victim, q.first())
	}
}

// TestAContractsRegistrationsShareTheOutboxAsItsChain: another registration has a share of its own.
func TestAContractsRegistrationsShareTheOutboxAsItsChain(t *testing.T) {
	from := &chain.ReceiveWarp{SourceChain: ids.ID{9}, Address: []byte{1}, Signers: []byte{1}, Signature: make([]byte, chain.BLSSignatureSize)}
	body := &chain.RegisterIdentity{KEMPublicKey: make([]byte, chain.KEMPublicKeySize), DSAPublicKey: make([]byte, chain.DSAPublicKeySize), Deadline: 1}
	received, err := chain.NewReceived(testChainID, body, from)
	require.NoError(t, err)
	alone, err := chain.NewTransaction(testChainID, body, nil)
	require.NoError(t, err)
	require.Equal(t, from.SourceChain, senderOf(received, "somebody"))
	require.Equal(t, alone.ID(), senderOf(alone, "somebody"))
}

func TestWhoFillsTheOutboxIsDroppedFirst(t *testing.T) {
	q := newFairQueue()
	for n := range outboxSize {
		require.Zero(t, q.add(ofSender(t, 1, n, 1), ""))
	}
	for n := range 10 {
		require.Equal(t, 1, q.add(ofSender(t, 2, n, 1), ""))
	}
	of := make(map[ids.ID]int)
	for len(q.line) > 0 {
		of[q.first().Body.Actor()]++
		q.pop()
	}
	require.Equal(t, map[ids.ID]int{{1}: outboxSize - 10, {2}: 10}, of)
	require.Zero(t, q.bytes)

	q.add(ofSender(t, 1, 0, 100), "")
	q.add(ofSender(t, 1, 1, 100), "")
	q.keep(func(tx *chain.Transaction) bool { return tx != q.first() })
	require.Len(t, q.line, 1)
	require.Equal(t, q.bytes, len(q.first().Bytes()))
}

func TestAFloodHoldsUpNobodyElsesPush(t *testing.T) {
	inNetwork(t, 3, `{"mempool":{"maxPerSender":1000}}`, func(t *testing.T, n *testNetwork) {
		session, node := n.session(), n.nodes[0]
		for i := range 200 {
			node.submit(message(t, session, strings.Repeat("x", 20_000+i)))
		}
		victim := sign(t, identity(2), &chain.SendMessage{Session: session, Sender: identity(2).ID(), Ciphertext: []byte("hello")})
		node.submit(victim)
		time.Sleep(pushTime + n.delay) // until the window is free again
		synctest.Wait()
		require.Equal(t, 2, n.pushed[node.id][victim.Leaf()])
		for _, other := range n.nodes {
			require.True(t, other.Holds(victim.ID()))
		}
	})
}

func TestRegistrationsThatWaitForTheirTurnDoNotEndPulls(t *testing.T) {
	inNetwork(t, 2, "", func(t *testing.T, n *testNetwork) {
		session, node := n.session(), n.nodes[0]
		n.set(1, n.delay)
		bytes := 0
		for i := 3; bytes < int(node.Genesis().Limits.MaxBlockBytes); i++ {
			tx := registration(t, i)
			node.submit(tx)
			bytes += len(tx.Bytes())
		}
		tx := message(t, session, "lost by the push")
		n.nodes[1].submit(tx)
		time.Sleep(pullInterval)
		synctest.Wait()
		require.False(t, node.Holds(tx.ID()))
		n.set(0, n.delay)
		time.Sleep(2 * requestTimeout)
		synctest.Wait()
		require.True(t, node.Holds(tx.ID()))
	})
}

func TestWhatIsQueuedIsMarkedBeforeItsChecksMarkIt(t *testing.T) {
	now := time.Now()
	i, r := newIntake(1), received{tx: sized(t, 0, 1), from: newPeers().get(ids.NodeID{1})}
	require.True(t, i.enqueue(r))
	require.False(t, i.wants(r.tx, now.Add(queueTime/2)))
	require.True(t, i.wants(r.tx, now.Add(2*queueTime)))
	for n := 1; ; n++ { // what has no room may come again
		r.tx = sized(t, n, 1)
		if !i.enqueue(r) {
			require.True(t, i.wants(r.tx, now))
			return
		}
	}
}

// TestAChangeOfTheRulesIsHeldAgainstNobody: nodes do not get to the block that changes the rules at the
// same moment, and one may be too old for them.
func TestAChangeOfTheRulesIsHeldAgainstNobody(t *testing.T) {
	inNetwork(t, 0, "", func(t *testing.T, n *testNetwork) {
		n.upgrade = fmt.Appendf(nil, `{"upgrades":[{"rules":%d,"time":%d}]}`, trialrules.Rules, time.Now().Add(time.Minute).UnixMilli())
		disable := trialrules.Enable()
		defer disable()
		first, second := n.join(""), n.join("")
		disable()
		old := n.join("")
		defer trialrules.Enable()()
		session := n.session()
		time.Sleep(2 * time.Minute)
		n.set(1, n.delay)
		first.submit(message(t, session, "the last by the old rules"))
		first.block(n.nodes...)
		n.set(0, n.delay)
		for i := range 20 {
			long := message(t, session, strings.Repeat("x", int(first.Genesis().Limits.MaxCiphertextBytes)-i))
			first.pushes(second.id, push(long))
			short := message(t, session, fmt.Sprint("short ", i))
			old.pushes(second.id, push(short))
			require.False(t, first.Holds(long.ID()) || old.Holds(short.ID()))
			second.submit(short)
		}
		time.Sleep(10 * pullInterval)
		synctest.Wait()
		require.Len(t, first.Waiting(), 20)
		requireNobodyIgnored(t, n)
	})
}
