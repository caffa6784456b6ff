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
	"github.com/luxfi/session/state"
)

// tick accepts a block with nothing but a registration that nobody needs, for its time and
// its sweeps, on both VMs.
func (c *testChain) tick(followers ...*testChain) {
	c.t.Helper()
	c.nonce++
	blk := c.accept(c.registration(identity(1000 + int(c.nonce))))
	for _, follower := range followers {
		follower.follow(blk.Block)
		require.Equal(c.t, c.store.Last(), follower.store.Last())
	}
}

func (c *testChain) session(id ids.ID) *chain.Session {
	c.t.Helper()
	session, err := c.Snapshot().Session(id)
	require.NoError(c.t, err)
	return session
}

func (c *testChain) totals() *chain.Totals {
	c.t.Helper()
	totals, err := c.Snapshot().Totals()
	require.NoError(c.t, err)
	return totals
}

// refuseNow requires that a transaction is refused when it is submitted now.
func (c *testChain) refuseNow(tx *chain.Transaction, reason refusal.Reason) {
	c.t.Helper()
	c.requireUntouched(func() { c.requireRefused(c.submitBytes(tx.Bytes()), reason) })
}

func TestSessionTTLIsTheLifeOfASession(t *testing.T) {
	for _, ttl := range []time.Duration{100 * time.Second, 24 * time.Hour} {
		t.Run(ttl.String(), func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) {
				g.SessionTTL = uint64(ttl / time.Second)
				g.Limits.PendingTTL = min(g.Limits.PendingTTL, g.SessionTTL)
			})
			alice, bob, session := c.open2()
			record := c.session(session)
			require.EqualValues(t, ttl.Milliseconds(), record.Expires-record.Created)
			c.clock.advance(ttl - time.Millisecond)
			c.accept(c.message(alice, session, "in the last millisecond"))
			c.clock.advance(time.Millisecond)
			late := c.message(bob, session, "late")
			c.refuseNow(late, refusal.ErrSessionExpired)
			require.Equal(t, chain.SessionActive, c.session(session).Status, "no block has come yet")
			require.Equal(t, chain.SessionExpired, c.session(session).StatusAt(c.clock.millis()))
			follower := c.peer()
			follower.requireRefused(follower.verifyBytes(c.forge(nil, late).Bytes()), refusal.ErrSessionExpired)
			c.tick(follower)
			require.Equal(t, chain.SessionExpired, c.session(session).Status)
			require.Zero(t, c.totals().ActiveSessions)
			c.refuseNow(late, refusal.ErrSessionExpired)
		})
	}
}

func TestMaxMessagesBoundsTheMessagesOfASession(t *testing.T) {
	for _, most := range []int{1, 3} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) { g.MaxMessages = uint64(most) })
			alice, bob, session := c.open2()
			follower := c.peer()
			var messages []*chain.Transaction
			for n := range most + 1 {
				messages = append(messages, c.message(alice, session, fmt.Sprint(n)))
			}
			// In one block as in several.
			follower.requireRefused(follower.verifyBytes(c.forge(nil, messages...).Bytes()), refusal.ErrSessionFull)
			follower.follow(c.accept(messages[:most]...).Block)
			c.refuseNow(messages[most], refusal.ErrSessionFull)
			c.refuseNow(c.message(bob, session, "of the other participant"), refusal.ErrSessionFull)
			require.EqualValues(t, most, c.session(session).Messages)
			// The bound is the session's.
			next := sign(t, alice, c.sessionBody(alice, alice, bob))
			c.accept(next)
			c.accept(c.message(alice, c.sessionID(next), "elsewhere"))
		})
	}
}

func (c *testChain) channelOf(owner *pq.Identity, members ...*pq.Identity) (*chain.Transaction, ids.ID) {
	c.t.Helper()
	c.nonce++
	body := &chain.CreateChannel{Owner: owner.ID(), Nonce: c.nonce, Deadline: c.deadline()}
	for _, member := range members {
		body.Members = append(body.Members, member.ID())
	}
	tx := sign(c.t, owner, body)
	return tx, chain.ChannelID(testChainID, tx.ID())
}

func TestMaxChannelsBoundsTheChannelsOfOneOwner(t *testing.T) {
	for _, most := range []int{0, 1, 3} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) { g.MaxChannels = uint64(most) })
			alice, bob, _ := c.open2()
			follower := c.peer()
			var (
				channels []*chain.Transaction
				first    ids.ID
			)
			for n := range most + 1 {
				tx, id := c.channelOf(alice, bob)
				if channels = append(channels, tx); n == 0 {
					first = id
				}
			}
			follower.requireRefused(follower.verifyBytes(c.forge(nil, channels...).Bytes()), refusal.ErrChannelLimit)
			if most > 0 {
				follower.follow(c.accept(channels[:most]...).Block)
			}
			c.refuseNow(channels[most], refusal.ErrChannelLimit)
			health, err := c.HealthCheck(context.Background())
			require.NoError(t, err)
			require.EqualValues(t, most, health.Channels)
			if most == 0 {
				return
			}
			others, _ := c.channelOf(bob, alice)
			follower.follow(c.accept(others).Block) // not somebody else's
			// A channel whose owner leaves makes room for another one.
			follower.follow(c.accept(sign(t, alice, &chain.RemoveMember{Channel: first, Remover: alice.ID(), Member: alice.ID(), Version: 1})).Block)
			follower.follow(c.accept(channels[most]).Block)
		})
	}
}

// TestOthersChannelsLeaveHalfOfThem gives somebody channels, whom nobody asks whether he wants them.
func TestOthersChannelsLeaveHalfOfThem(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.MaxChannels = 4 })
	alice, bob, _ := c.open2()
	follower := c.peer()
	given := func() *chain.Transaction {
		made, id := c.channelOf(alice, bob)
		follower.follow(c.accept(made).Block)
		return sign(t, alice, &chain.TransferChannel{Channel: id, Owner: alice.ID(), Member: bob.ID(), Version: 1})
	}
	for range 2 {
		follower.follow(c.accept(given()).Block)
	}
	over := given()
	c.refuseNow(over, refusal.ErrChannelLimit)
	follower.requireRefused(follower.verifyBytes(c.forge(nil, over).Bytes()), refusal.ErrChannelLimit)
	for range 2 {
		own, _ := c.channelOf(bob, alice)
		follower.follow(c.accept(own).Block)
	}
}

func TestRetentionDaysIsHowLongMessagesAndSessionsStay(t *testing.T) {
	for _, days := range []int{1, 3} {
		t.Run(fmt.Sprint(days), func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) { g.RetentionDays = uint64(days) })
			alice, bob, session := c.open2()
			message := c.message(alice, session, "kept for a while")
			sent := c.accept(message)
			c.accept(c.receipt(bob, session, 1))
			follower := c.peer()
			retention := time.Duration(days) * 24 * time.Hour

			c.clock.advance(retention - time.Millisecond)
			c.tick(follower)
			_, err := c.Snapshot().Message(1)
			require.NoError(t, err)
			c.clock.advance(time.Millisecond)
			c.tick(follower)
			for _, vm := range []*testChain{c, follower} {
				_, err = vm.Snapshot().Message(1)
				require.ErrorIs(t, err, refusal.ErrNotFound)
				_, proof, err := vm.Snapshot().Prove(chain.MessageKey(1))
				require.NoError(t, err)
				require.NotNil(t, proof.GetNonexist(), "its absence is proven")
				_, err = vm.MessageAt(session, 1)
				require.ErrorIs(t, err, refusal.ErrNotFound)
				_, err = vm.MessageIndex(message.ID())
				require.ErrorIs(t, err, refusal.ErrNotFound)
			}
			// A message that the chain has forgotten is no new one: its session is over.
			c.refuseNow(message, refusal.ErrSessionExpired)
			require.EqualValues(t, 1, c.session(session).Messages, "the session stays for longer")
			// Pruning is not erasure: the block has it.
			blk, err := c.BlockAt(sent.Header.Height)
			require.NoError(t, err)
			require.Equal(t, message.Bytes(), blk.Transactions[0].Bytes())

			c.clock.advance(24*time.Hour - time.Millisecond) // the session's TTL after the retention
			c.tick(follower)
			require.Equal(t, chain.SessionExpired, c.session(session).Status)
			_, err = c.Snapshot().Receipt(session, bob.ID())
			require.NoError(t, err)
			c.clock.advance(time.Millisecond)
			c.tick(follower)
			for _, vm := range []*testChain{c, follower} {
				_, err = vm.Snapshot().Session(session)
				require.ErrorIs(t, err, refusal.ErrNotFound)
				_, err = vm.Snapshot().SessionKeys(session)
				require.ErrorIs(t, err, refusal.ErrNotFound)
				_, err = vm.Snapshot().Receipt(session, bob.ID())
				require.ErrorIs(t, err, refusal.ErrNotFound)
				for _, acted := range []bool{false, true} {
					require.Empty(t, sessionsOf(require.New(t), vm.VM, alice.ID(), acted, 0, 10))
				}
			}
			c.refuseNow(message, refusal.ErrUnknownSession)
			totals := c.totals()
			require.Equal(t, totals.Messages, totals.MessagesSwept)
			require.Equal(t, totals.Sessions, totals.SessionsSwept)
		})
	}
}

func TestIDPrefixIsTheFirstByteOfSessionIDs(t *testing.T) {
	var sessions []ids.ID
	for text, prefix := range map[string]byte{"07": 0x07, "2a": 0x2a, "ff": 0xff, "00": 0} {
		c := startChain(t, func(g *chain.Genesis) { g.IDPrefix = text })
		_, _, session := c.open2()
		require.Equal(t, prefix, session[0])
		require.EqualValues(t, 1, c.session(session).Number)
		plain := sign(t, nil, c.sessionBody(nil, identity(1), identity(2)))
		c.accept(plain)
		require.Equal(t, prefix, c.sessionID(plain)[0])
		require.EqualValues(t, 2, c.session(c.sessionID(plain)).Number)
		sessions = append(sessions, session)
	}
	for _, session := range sessions {
		require.Equal(t, sessions[0][1:], session[1:], "the prefix changes nothing else")
	}
}

func TestPendingSessionLivesShort(t *testing.T) {
	c := startChain(t, func(g *chain.Genesis) { g.Limits.PendingTTL = 60 })
	alice, bob, _ := c.open2()
	plain := sign(t, nil, c.sessionBody(nil, alice, bob))
	c.accept(plain)
	session := c.sessionID(plain)
	require.Equal(t, chain.SessionPending, c.session(session).Status)
	require.EqualValues(t, 1, c.totals().PendingSessions)
	require.Len(t, sessionsOf(require.New(t), c.VM, bob.ID(), false, 0, 10), 2)
	follower := c.peer()
	c.clock.advance(time.Minute - time.Millisecond)
	c.tick(follower)
	require.Equal(t, chain.SessionPending, c.session(session).Status)
	c.clock.advance(time.Millisecond)
	late := c.message(alice, session, "a moment too late")
	c.refuseNow(late, refusal.ErrSessionExpired)
	c.refuseNow(sign(t, bob, &chain.CloseSession{Session: session, Participant: bob.ID()}), refusal.ErrSessionExpired)
	c.tick(follower)
	_, err := follower.Snapshot().Session(session)
	require.ErrorIs(t, err, refusal.ErrNotFound)
	require.Zero(t, c.totals().PendingSessions)
	require.Len(t, sessionsOf(require.New(t), follower.VM, bob.ID(), false, 0, 10), 1, "the one that alice has made")
	c.refuseNow(late, refusal.ErrUnknownSession)
}

func TestPendingSessionTurnsActiveWithAParticipantsFirstAct(t *testing.T) {
	for _, test := range []struct {
		name   string
		act    func(c *testChain, actor *pq.Identity, session ids.ID) *chain.Transaction
		status chain.SessionStatus
	}{
		{"message", func(c *testChain, actor *pq.Identity, session ids.ID) *chain.Transaction {
			return c.message(actor, session, "hello")
		}, chain.SessionActive},
		{"rotation", func(c *testChain, actor *pq.Identity, session ids.ID) *chain.Transaction {
			return sign(c.t, actor, &chain.RotateKey{Session: session, Participant: actor.ID(), PublicKey: identity(9).Public().KEM, Epoch: 1})
		}, chain.SessionActive},
		{"close", func(c *testChain, actor *pq.Identity, session ids.ID) *chain.Transaction {
			return sign(c.t, actor, &chain.CloseSession{Session: session, Participant: actor.ID()})
		}, chain.SessionClosed},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := startChain(t, nil)
			alice, bob, other := c.open2()
			plain := sign(t, nil, c.sessionBody(nil, alice, bob))
			c.accept(plain)
			session := c.sessionID(plain)
			// Nobody else can do it.
			carol := identity(3)
			c.accept(c.registration(carol))
			c.refuseNow(test.act(c, carol, session), refusal.ErrNotParticipant)
			require.Equal(t, chain.SessionPending, c.session(session).Status)

			before := c.totals()
			c.accept(test.act(c, bob, session))
			require.Equal(t, test.status, c.session(session).Status)
			require.Equal(t, []bool{false, true}, c.session(session).Acted)
			opened := state.ListedSession{ID: other, Creator: alice.ID(), Number: 1}
			acted := state.ListedSession{ID: session, Number: 2}
			for who, expected := range map[*pq.Identity][2][]state.ListedSession{alice: {{acted}, {opened}}, bob: {{opened}, {acted}}} {
				require.Equal(t, expected[0], sessionsOf(require.New(t), c.VM, who.ID(), false, 0, 10))
				require.Equal(t, expected[1], sessionsOf(require.New(t), c.VM, who.ID(), true, 0, 10))
			}
			totals := c.totals()
			require.Zero(t, totals.PendingSessions)
			if test.status == chain.SessionActive {
				require.Equal(t, before.ActiveSessions+1, totals.ActiveSessions)
				// It lives as long as any other from then on.
				c.clock.advance(20 * time.Minute)
				c.accept(c.message(alice, session, "after the pending life"))
			}
		})
	}
}

// TestNothingLeavesExpiredOrClosed tries everything on sessions that are over, until they
// leave the tree.
func TestNothingLeavesExpiredOrClosed(t *testing.T) {
	for _, over := range []chain.SessionStatus{chain.SessionExpired, chain.SessionClosed} {
		t.Run(over.String(), func(t *testing.T) {
			c := startChain(t, func(g *chain.Genesis) {
				g.SessionTTL = 3600
				g.RetentionDays = 1
			})
			alice, bob, session := c.open2()
			c.accept(c.message(alice, session, "one"))
			if over == chain.SessionClosed {
				c.accept(sign(t, bob, &chain.CloseSession{Session: session, Participant: bob.ID()}))
			} else {
				c.clock.advance(time.Hour)
				c.tick()
			}
			reason := map[chain.SessionStatus]refusal.Reason{chain.SessionExpired: refusal.ErrSessionExpired, chain.SessionClosed: refusal.ErrSessionClosed}[over]
			keysHash := c.session(session).KeysHash
			for hour := range 22 {
				require.Equal(t, over, c.session(session).Status)
				require.Equal(t, over, c.session(session).StatusAt(c.clock.millis()))
				require.Zero(t, c.totals().ActiveSessions)
				c.refuseNow(c.message(alice, session, fmt.Sprint(hour)), reason)
				c.refuseNow(sign(t, bob, &chain.RotateKey{Session: session, Participant: bob.ID(), PublicKey: alice.Public().KEM, Epoch: 1}), reason)
				c.refuseNow(sign(t, alice, &chain.CloseSession{Session: session, Participant: alice.ID()}), reason)
				if hour == 0 { // the only thing that is taken, and it changes a receipt only
					c.accept(c.receipt(bob, session, 1))
				}
				c.clock.advance(time.Hour)
				c.tick()
			}
			require.EqualValues(t, 1, c.session(session).Messages)
			require.Equal(t, keysHash, c.session(session).KeysHash)
			c.clock.advance(4 * time.Hour)
			c.tick()
			_, err := c.Snapshot().Session(session)
			require.ErrorIs(t, err, refusal.ErrNotFound)
		})
	}
}
