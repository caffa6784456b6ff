package vm

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// requireMempool requires that a mempool's counters and queues agree.
func requireMempool(t testing.TB, m *mempool) {
	t.Helper()
	used := map[*usage]usage{&m.signed: {}, &m.registrations: {}, &m.plain: {}, &m.invitations: {}}
	var stem usage
	lined := make(map[*queues]int)
	own := map[*queues]map[ids.ID]int{m.queues: {}, m.plainQueues: {}, m.inviteQueues: {}}
	for _, e := range m.entries {
		queues := m.queuesOf(e.tx)
		if e.lined {
			lined[queues]++
		}
		if e.stem {
			stem.add(len(e.tx.Bytes()), 1)
			require.False(t, e.lined)
		}
		registered, other := e.tx.Carried(), &m.signed
		if _, ok := e.tx.Body.(*chain.RegisterIdentity); ok {
			registered = len(e.tx.Bytes())
		} else if _, ok := e.tx.Body.(*chain.Invite); ok {
			other = &m.invitations
		} else if e.tx.Body.Actor() == ids.Empty {
			other = &m.plain
		}
		for of, n := range map[*usage]int{&m.registrations: registered, other: len(e.tx.Bytes()) - registered} {
			if n > 0 {
				used[of] = usage{used[of].count + 1, used[of].bytes + n}
			}
		}
		if n := len(e.tx.Bytes()) - registered; n > 0 {
			own[queues][e.sender] += n
		}
	}
	require.Equal(t, stem, m.stem)
	shares := map[*usage]int{&m.signed: 5, &m.registrations: 1, &m.plain: 1, &m.invitations: 1} // eighths
	for of, share := range shares {
		require.Equal(t, used[of], *of)
		require.LessOrEqual(t, of.count, share*((m.config.MaxTransactions+7)/8))
		require.LessOrEqual(t, of.bytes, share*((m.config.MaxBytes+7)/8))
	}
	for q, bytes := range own {
		require.Len(t, q.order, lined[q])
		require.True(t, slices.IsSortedFunc(q.order, comparePlaces))
		require.Len(t, q.largest, len(bytes))
		for i, of := range q.largest {
			require.Equal(t, bytes[of.sender], of.bytes)
			require.Equal(t, i, of.index)
			require.False(t, i > 0 && q.largest.Less(i, (i-1)/2), "the largest is first")
		}
	}
}

// attack starts a chain whose mempool is full of the large messages of three senders.
func attack(t *testing.T) (c *testChain, victim *pq.Identity, session ids.ID) {
	c = startChain(t, nil)
	_, victim, session = c.open2()
	c.reopen(`{"mempool":{"maxTransactions":16384,"maxBytes":16777216,"maxPerSender":256}}`)
	attackers := []*pq.Identity{identity(11), identity(12), identity(13)}
	var sessions []ids.ID
	for _, attacker := range attackers {
		create := sign(t, attacker, c.sessionBody(attacker, attacker))
		c.accept(c.registration(attacker))
		c.accept(create)
		sessions = append(sessions, c.sessionID(create))
	}
	for n := 0; ; n++ {
		i := n % len(attackers)
		err := c.Submit(context.Background(), c.message(attackers[i], sessions[i], fmt.Sprintf("%0*d", 256<<10, n)), "")
		if err != nil {
			require.ErrorIs(t, err, refusal.ErrMempoolFull)
			requireMempool(t, c.mempool)
			return c, victim, session
		}
	}
}

// TestFullMempoolKeepsNobodyOut fills the mempool with large messages: a small message, a
// registration, a channel and a session of others are in one of the next three blocks.
func TestFullMempoolKeepsNobodyOut(t *testing.T) {
	c, victim, session := attack(t)
	transactions := []*chain.Transaction{
		c.message(victim, session, "hello"),
		c.registration(identity(20)),
		sign(t, victim, &chain.CreateChannel{Owner: victim.ID(), Members: []ids.ID{identity(1).ID()}, Nonce: 1, Deadline: c.deadline()}),
		sign(t, victim, c.sessionBody(victim, victim, identity(1))),
		sign(t, nil, c.sessionBody(nil, victim, identity(1))),
	}
	for _, tx := range transactions {
		require.NoError(t, c.Submit(context.Background(), tx, ""))
		requireMempool(t, c.mempool)
	}
	for range 3 {
		c.block()
	}
	for _, tx := range transactions {
		state, _, err := c.TransactionStatus(tx.ID())
		require.NoError(t, err)
		require.Equal(t, TransactionAccepted, state, "%T", tx.Body)
	}
}

// TestARegistrationEvictsNothing, and in an empty mempool there is nothing to evict.
func TestARegistrationEvictsNothing(t *testing.T) {
	require.Nil(t, newQueues().outgrown(ids.ID{1}, startChain(t, nil).message(identity(1), ids.ID{7}, "hello")))
	c, victim, session := attack(t)
	require.NotNil(t, c.mempool.queues.outgrown(victim.ID(), c.message(victim, session, "hello")))
	require.Nil(t, c.mempool.queues.outgrown(ids.Empty, c.registration(identity(20))))
}

// TestEvictionTakesTheNewestOfTheLargestSender also shows that who waits for it is told.
func TestEvictionTakesTheNewestOfTheLargestSender(t *testing.T) {
	c, victim, session := attack(t)
	newest := make(map[ids.ID]*entry)
	for _, of := range c.mempool.queues.senders {
		newest[of.entries[len(of.entries)-1].tx.ID()] = of.entries[len(of.entries)-1]
	}
	largest := c.mempool.queues.largest[0].bytes
	var message *chain.Transaction
	for n := 0; ; n++ { // until one does not fit beside the rest
		message = c.message(victim, session, fmt.Sprintf("%0*d", 32<<10, n))
		_, evicted, err := c.mempool.add(message, "", false)
		require.NoError(t, err)
		if len(evicted) == 0 {
			continue
		}
		require.Len(t, evicted, 1)
		require.Contains(t, newest, evicted[0].ID())
		require.Less(t, c.mempool.queues.senders[newest[evicted[0].ID()].sender].bytes, largest)
		break
	}
	requireMempool(t, c.mempool)

	last := c.mempool.queues.largest[0]
	doomed := last.entries[len(last.entries)-1].tx
	awaited := make(chan error, 1)
	go func() {
		_, err := c.Await(context.Background(), doomed.ID())
		awaited <- err
	}()
	for n := 0; ; n++ {
		require.NoError(t, c.Submit(context.Background(), c.message(victim, session, fmt.Sprintf("%0*d", 31<<10, n)), ""))
		if c.mempool.droppedReason(doomed.ID()) != nil {
			break
		}
	}
	err := <-awaited
	require.ErrorIs(t, err, refusal.ErrDropped)
	require.ErrorIs(t, err, refusal.ErrMempoolFull)
}

// TestPlainSessionsLeaveRoomForRegistrations fills the room of what nobody signs.
func TestPlainSessionsLeaveRoomForRegistrations(t *testing.T) {
	c := startChain(t, nil)
	c.reopen(`{"mempool":{"maxTransactions":1024,"maxBytes":16777216,"maxPerSender":4}}`)
	for err := error(nil); err == nil; {
		_, err = c.Receive(sign(t, nil, c.sessionBody(nil, identity(1))), "a peer")
	}
	registration := c.registration(identity(7))
	added, err := c.Receive(registration, "")
	require.NoError(t, err)
	require.True(t, added)
	require.Contains(t, idsOf(c.block().Transactions), registration.ID())
}

// TestBlockKeepsRoomForRegistrationsAndSmallTransactions gives the largest and the most
// transactions the first places in line.
func TestBlockKeepsRoomForRegistrationsAndSmallTransactions(t *testing.T) {
	const blockBytes = 128 << 10
	c := startChain(t, func(genesis *chain.Genesis) { genesis.Limits.MaxBlockBytes = blockBytes })
	alice, bob, session := c.open2()
	carol := identity(3)
	c.accept(c.registration(carol))
	shared := sign(t, alice, c.sessionBody(alice, alice, bob, carol))
	c.accept(shared)
	group := c.sessionID(shared)
	for n := range 8 {
		require.NoError(t, c.Submit(context.Background(), c.message(alice, session, fmt.Sprintf("%0*d", 20_000, n)), ""))
	}
	for n := range 40 {
		require.NoError(t, c.Submit(context.Background(), c.message(carol, group, strings.Repeat("x", 2000+n)), ""))
	}
	for n := range 8 {
		require.NoError(t, c.Submit(context.Background(), c.registration(identity(30+n)), ""))
	}
	slices.SortStableFunc(c.mempool.queues.order, func(a, b *entry) int { return len(b.tx.Bytes()) - len(a.tx.Bytes()) })
	for i, e := range c.mempool.queues.order { // the worst order: large, small, registrations
		e.place = [3]uint64{1, 0, uint64(i)}
	}
	var large, registrations, all int
	for _, tx := range c.block().Transactions {
		all += len(tx.Bytes())
		switch {
		case registrationBytes(tx) > 0:
			registrations += len(tx.Bytes())
		case len(tx.Bytes()) > smallTransaction:
			large += len(tx.Bytes())
		}
	}
	require.LessOrEqual(t, large, blockBytes/largeShare)
	require.Greater(t, registrations, blockBytes/registrationShare-4000)
	require.Greater(t, all, blockBytes-8000, "a block is filled")
	// What others leave is for large ones.
	for len(c.Waiting()) > 0 {
		c.block()
	}
	require.LessOrEqual(t, c.last().Header.Height, uint64(8))
}

// TestWhatABlockTakesLeavesLessSpace, of what is kept for its kind too.
func TestWhatABlockTakesLeavesLessSpace(t *testing.T) {
	c := startChain(t, nil)
	kept := *newSpace(c.Genesis(), blockRoom(c.Genesis()), true)
	registration := c.registration(identity(1))
	large := c.message(identity(1), ids.ID{7}, fmt.Sprintf("%0*d", smallTransaction, 1))
	carrying := carryingMessage(t, 1, smallTransaction-4000, 1) // not large, because of what it carries
	require.Greater(t, len(carrying.Bytes()), smallTransaction)
	for _, tx := range []*chain.Transaction{registration, large, carrying} {
		block, size := kept, len(tx.Bytes())+transactionOverhead
		block.take(tx)
		require.Equal(t, kept.transactions-1, block.transactions)
		require.Equal(t, kept.bytes-size, block.bytes)
		switch tx {
		case registration:
			require.Equal(t, kept.registrations-size, block.registrations)
			require.Equal(t, kept.large, block.large)
		case carrying:
			require.Equal(t, kept.registrations-tx.Carried()-transactionOverhead, block.registrations)
			require.Equal(t, kept.large, block.large)
		default:
			require.Equal(t, kept.registrations, block.registrations)
			require.Equal(t, kept.large-size, block.large)
		}
	}
}

// TestSendersShareBlocksEvenly gives each of ten senders more to wait than the one before: while
// two wait, neither is served more than one transaction ahead of the other.
func TestSendersShareBlocksEvenly(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	m := newMempool(DefaultConfig().Mempool)
	waits := make(map[ids.ID]int)
	for sender := range 10 {
		for n := range 20 + 10*sender {
			tx := unsignedMessage(t, byte(sender), 1000+random.IntN(3000), n)
			_, _, err := m.add(tx, "", false)
			require.NoError(t, err)
			waits[tx.Body.Actor()] += len(tx.Bytes())
		}
	}
	served := make(map[ids.ID]int)
	for c := range m.waiting() {
		served[c.sender] += len(c.tx.Bytes())
		for other := range waits {
			if served[other] < waits[other] {
				require.LessOrEqual(t, served[c.sender]-served[other], 4000+chain.SignatureSize+100)
			}
		}
	}
	require.Equal(t, waits, served)
}

// unsignedMessage returns a message with a signature of zeros: the mempool does not look at it.
func unsignedMessage(t testing.TB, sender byte, size, n int) *chain.Transaction {
	t.Helper()
	body := &chain.SendMessage{Session: ids.ID{7}, Sender: ids.ID{sender, 1}, Ciphertext: fmt.Appendf(nil, "%0*d", size, n)}
	tx, err := chain.NewTransaction(testChainID, body, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	return tx
}

// carryingMessage is unsignedMessage with a registration, of keys that nobody has.
func carryingMessage(t testing.TB, sender byte, size, n int) *chain.Transaction {
	t.Helper()
	registration := &chain.RegisterIdentity{KEMPublicKey: bytes.Repeat([]byte{sender}, chain.KEMPublicKeySize), DSAPublicKey: bytes.Repeat([]byte{sender}, chain.DSAPublicKeySize)}
	body := &chain.SendMessage{Session: ids.ID{7}, Sender: chain.IdentityID(registration.KEMPublicKey, registration.DSAPublicKey), Ciphertext: fmt.Appendf(nil, "%0*d", size, n)}
	tx, err := chain.NewTransaction(testChainID, body, make([]byte, chain.SignatureSize))
	require.NoError(t, err)
	tx, err = tx.WithRegistration(registration)
	require.NoError(t, err)
	return tx
}

// TestMempoolAgreesWithItselfWhateverHappens does random things to a small mempool, and the same
// to another one: both have the same order.
func TestMempoolAgreesWithItselfWhateverHappens(t *testing.T) {
	run := func(seed uint64) []ids.ID {
		random := rand.New(rand.NewPCG(seed, 3))
		m := newMempool(MempoolConfig{MaxTransactions: 64, MaxBytes: 300_000, MaxPerSender: 16})
		var blocks [][]*chain.Transaction
		var stem []*chain.Transaction
		for n := range 600 {
			switch kind := random.IntN(11); {
			case kind < 6:
				made := unsignedMessage
				if kind == 5 {
					made = carryingMessage
				}
				tx, onStem := made(t, byte(random.IntN(6)), 10+random.IntN(30_000), n), random.IntN(3) == 0
				if _, _, _ = m.add(tx, "", onStem); onStem {
					stem = append(stem, tx)
				}
			case kind == 10 && len(stem) > 0:
				if n%2 == 0 {
					m.diffuse(stem[0].ID())
				} else {
					_, _, _ = m.add(stem[0], "", false)
				}
				stem = stem[1:]
			case kind < 8:
				var block []*chain.Transaction
				if len(stem) > 0 { // another node's block has one
					block = append(block, stem[random.IntN(len(stem))])
				}
				for c := range m.waiting() {
					if block = append(block, c.tx); len(block) >= 5 {
						break
					}
				}
				m.setAside(block)
				blocks = append(blocks, block)
			case len(blocks) > 0:
				block := blocks[0]
				blocks = blocks[1:]
				if kind == 8 {
					m.accept(block)
				} else {
					m.giveBack(uint64(n), block)
				}
			}
			requireMempool(t, m)
		}
		var order []ids.ID
		for c := range m.waiting() {
			order = append(order, c.tx.ID())
		}
		return order
	}
	for seed := range uint64(5) {
		require.Equal(t, run(seed), run(seed), "seed %d", seed)
	}
}
