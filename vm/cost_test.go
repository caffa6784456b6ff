package vm

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// crowd returns n participants, the first of which is first.
func crowd(first *pq.Identity, n int) []*pq.Identity {
	participants := []*pq.Identity{first}
	for len(participants) < n {
		participants = append(participants, identity(300+len(participants)))
	}
	return participants
}

// leafBytes returns the sizes of the leaves of a height's state, by key.
func (c *testChain) leafBytes(keys ...[]byte) (bytes int) {
	c.t.Helper()
	for _, key := range keys {
		value, _, err := c.Snapshot().Prove(key)
		require.NoError(c.t, err)
		bytes += len(key) + len(value)
	}
	return bytes
}

// TestStateBytesBoundWhatIsWritten compares what a transaction is charged with the leaves that
// it writes.
func TestStateBytesBoundWhatIsWritten(t *testing.T) {
	c := startChain(t, nil)
	alice := identity(1)
	many := crowd(alice, 128)
	publish := func(number uint64) *chain.Transaction {
		return sign(t, alice, &chain.PublishPrekey{Identity: alice.ID(), PublicKey: prekey(alice, byte(number)), Number: number, Deadline: c.deadline()})
	}
	c.accept(c.registration(alice))
	c.accept(publish(1))
	create := sign(t, alice, c.sessionBody(alice, many...))
	c.accept(create)
	large := c.sessionID(create)
	message := c.message(alice, large, "hello")
	body := c.sessionBody(alice, alice)
	body.Single, body.PublicKeys = true, nil
	single := sign(t, alice, body)
	for name, test := range map[string]struct {
		tx    *chain.Transaction
		wrote func() [][]byte
	}{
		"prekey": {publish(2), func() [][]byte { return [][]byte{chain.IdentityKey(alice.ID())} }},
		"session": {sign(t, alice, c.sessionBody(alice, many...)), func() [][]byte {
			id := c.sessionID(c.last().Transactions[0])
			return [][]byte{chain.SessionKey(id), chain.SessionKeysKey(id)}
		}},
		"single session": {single, func() [][]byte {
			id := c.sessionID(single)
			return [][]byte{chain.SessionKey(id), chain.SessionKeysKey(id), chain.IdentityKey(alice.ID())}
		}},
		"message": {message, func() [][]byte {
			index, err := c.MessageIndex(message.ID())
			require.NoError(t, err)
			return [][]byte{chain.SessionKey(large), chain.MessageKey(index)}
		}},
		"rotation": {sign(t, alice, &chain.RotateKey{Session: large, Participant: alice.ID(), PublicKey: many[1].Public().KEM, Epoch: 1}), func() [][]byte {
			return [][]byte{chain.SessionKey(large), chain.RotatedKeyKey(large, alice.ID())}
		}},
		"channel": {sign(t, alice, &chain.CreateChannel{Owner: alice.ID(), Members: c.sessionBody(nil, many[1:]...).Participants, Nonce: 9, Deadline: c.deadline()}), func() [][]byte {
			return [][]byte{chain.ChannelKey(chain.ChannelID(testChainID, c.last().Transactions[0].ID())), chain.IdentityKey(alice.ID())}
		}},
	} {
		r := rules{genesis: c.VM.genesis, state: c.store.Latest()}
		charged, err := r.stateBytes(test.tx)
		require.NoError(t, err)
		c.accept(test.tx)
		wrote := uint64(c.leafBytes(test.wrote()...))
		require.GreaterOrEqual(t, charged, wrote, name)
		require.Less(t, charged, wrote*3/2+256, name)
	}
}

// TestRotationWritesItsKeyOnly rotates in sessions of 128: a rotation is charged a few kilobytes,
// not the session's keys.
func TestRotationWritesItsKeyOnly(t *testing.T) {
	c := startChain(t, nil)
	alice := identity(1)
	c.accept(c.registration(alice))
	create := sign(t, alice, c.sessionBody(alice, crowd(alice, 128)...))
	c.accept(create)
	session := c.sessionID(create)
	before := c.leafBytes(chain.SessionKeysKey(session))
	require.Greater(t, before, 150_000)
	rotation := sign(t, alice, &chain.RotateKey{Session: session, Participant: alice.ID(), PublicKey: identity(2).Public().KEM, Epoch: 1})
	c.accept(rotation)
	require.Less(t, c.leafBytes(chain.RotatedKeyKey(session, alice.ID())), 1300)
	value, err := c.Snapshot().SessionKeys(session)
	require.NoError(t, err)
	require.Equal(t, c.session(session).KeysHash, value.Hash())
	require.Equal(t, alice.Public().KEM, value.PublicKeys[0])
}

// TestStateBytesOfABlockAreBounded shows that what a block has no room for waits for the next
// one, the sender's later ones behind it, and that a block with more is refused.
// TestAReceiptWritesItselfOnly: the leaf of a session in which the participant has acted before stays the
// one of an earlier block, whose version stands before its value in what is hashed.
func TestAReceiptWritesItselfOnly(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	c.accept(c.message(alice, session, "one"))
	version := func() []byte {
		_, proof, err := c.Snapshot().Prove(chain.SessionKey(session))
		require.NoError(t, err)
		return proof.GetExist().Leaf.Prefix
	}
	before := version()
	c.accept(c.receipt(bob, session, 1))
	first := version()
	require.NotEqual(t, before, first, "Bob's first act")
	c.accept(c.message(alice, session, "two"))
	before = version()
	c.accept(c.receipt(bob, session, 2))
	require.Equal(t, before, version())
}

func TestStateBytesOfABlockAreBounded(t *testing.T) {
	const limit = 200_000
	c := startChain(t, func(g *chain.Genesis) { g.Limits.MaxBlockStateBytes = limit })
	alice, bob := identity(1), identity(2)
	c.accept(c.registration(alice), c.registration(bob))
	follower := c.peer()
	var creates []*chain.Transaction
	for range 3 { // 79 KB each
		creates = append(creates, sign(t, alice, c.sessionBody(alice, crowd(alice, 64)...)))
		require.NoError(t, c.Submit(context.Background(), creates[len(creates)-1], ""))
	}
	follower.requireUntouched(func() {
		follower.requireRefused(follower.verifyBytes(c.forge(nil, creates...).Bytes()), refusal.ErrBlockStateLimit)
	})
	small := sign(t, alice, c.sessionBody(alice, alice, bob))
	other := sign(t, bob, c.sessionBody(bob, alice, bob))
	require.NoError(t, c.Submit(context.Background(), small, ""))
	require.NoError(t, c.Submit(context.Background(), other, ""))
	first, second := c.block(), c.block()
	require.ElementsMatch(t, idsOf(append(creates[:2:2], other)), idsOf(first.Transactions))
	require.Equal(t, idsOf(append(creates[2:], small)), idsOf(second.Transactions))
	follower.follow(first.Block)
	follower.follow(second.Block)
}

// sweepReads executes an empty block at a time and returns how many reads that costs.
func (c *testChain) sweepReads(now uint64) int {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	parent := c.store.Accepted()
	change, err := c.store.Begin(parent)
	require.NoError(c.t, err)
	before := change.Reads()
	_, err = begin(c.VM.genesis, change, testChainID, commitment{}, parent.Header().Height+1, now)
	require.NoError(c.t, err)
	return change.Reads() - before
}

// TestSweepsReadNoMoreThanTheBudget lets sessions of many participants lapse, pending ones and
// such as all have acted in: a block that sweeps them reads a bounded number of leaves.
func TestSweepsReadNoMoreThanTheBudget(t *testing.T) {
	const participants, sessions = 20, 16
	for _, plain := range []bool{true, false} {
		t.Run(fmt.Sprintf("plain %t", plain), func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) {
				g.SessionTTL, g.RetentionDays = 3600, 1
				g.Limits.MaxBlockBytes = 160_000
				g.Limits.MaxBlockTransactions = 4
				g.Limits.MaxBlockPendingSessions = 1
				g.Limits.MaxBlockRegistrations = 1
				g.Allowances = chain.Allowances{}
			})
			alice := identity(1)
			c.accept(c.registration(alice))
			creator := alice
			if plain {
				creator = nil
			}
			people := crowd(alice, participants)
			var made []ids.ID
			for range sessions {
				create := sign(t, creator, c.sessionBody(creator, people...))
				c.accept(create)
				made = append(made, c.sessionID(create))
			}
			for _, person := range people {
				if plain {
					break
				}
				if person != alice {
					c.accept(c.registration(person))
				}
				for _, session := range made {
					require.NoError(t, c.Submit(t.Context(), sign(t, person, &chain.RotateKey{Session: session, Participant: person.ID(), PublicKey: person.Public().KEM, Epoch: 1}), ""))
				}
				for range sessions / 4 { // transactions of a block
					c.block()
				}
			}
			budget := c.VM.genesis.SweepBudget()
			late := c.clock.millis() + uint64((48 * time.Hour).Milliseconds())
			reads := c.sweepReads(late)
			// Each unit of the budget is one record, with its number and its leaf; a session that
			// exceeds the budget is swept whole.
			require.LessOrEqual(t, reads, 2*budget+2*participants+20)
			if plain {
				require.Less(t, reads, 10*sessions, "nobody has acted: there is nothing to look for at a participant")
			} else {
				require.Less(t, budget, 2*participants*sessions, "the sessions take more than one block")
				require.Greater(t, reads, budget/2)
			}
		})
	}
}

// TestSweepsChargeWhatAParticipantLeaves removes more sessions than a budget is for.
func TestSweepsChargeWhatAParticipantLeaves(t *testing.T) {
	c := startChain(t, smallBudget)
	alice := identity(1)
	c.accept(c.registration(alice))
	people := crowd(alice, 8)
	const sessions = 20
	for range sessions {
		c.accept(sign(t, alice, c.sessionBody(alice, people...)))
	}
	budget := c.VM.genesis.SweepBudget()
	c.clock.advance(26 * time.Hour)
	c.accept(c.registration(identity(2)))
	swept := int(c.totals().SessionsSwept)
	// The walks over pending and expired sessions cost one each, the last one 1 + 2*8.
	require.LessOrEqual(t, 2*sessions+swept*17, budget+17)
	require.Positive(t, swept)
	require.Less(t, swept, sessions)
	for range 20 {
		before := int(c.totals().SessionsSwept)
		if before == sessions {
			return
		}
		c.tick() // the other walks have come to their end
		require.Equal(t, min(before+(budget+16)/17, sessions), int(c.totals().SessionsSwept))
	}
	require.Fail(t, "the sweeps do not end")
}
