package vm

import (
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

func TestParticipantWhoOnlyReceivesNeedNotRegister(t *testing.T) {
	s := newScene(t)
	record, err := s.follower.Snapshot().Session(s.withDave)
	require.NoError(t, err)
	require.EqualValues(t, 1, record.Messages)
	require.GreaterOrEqual(t, record.Participant(s.dave.ID()), 0)
	channel, err := s.follower.Snapshot().Channel(s.crowd)
	require.NoError(t, err)
	require.GreaterOrEqual(t, channel.Member(s.dave.ID()), 0)
	_, err = s.follower.Snapshot().Identity(s.dave.ID())
	require.ErrorIs(t, err, refusal.ErrNotFound)

	// Once registered, it may act in the same session.
	answer := s.producer.message(s.dave, s.withDave, "answer")
	s.refuse(answer, refusal.ErrNotRegistered)
	s.follower.follow(s.producer.accept(s.producer.registration(s.dave)).Block)
	s.follower.follow(s.producer.accept(answer).Block)
}

// A prekey takes the place of the one before, outlives a renewal, and leaves the chain with its
// identity: then numbers begin again.
func TestThePrekeyIsTheLatestOne(t *testing.T) {
	s := newScene(t)
	p := s.producer
	requirePrekey := func(key []byte, number uint64) {
		t.Helper()
		identity, err := p.Snapshot().Identity(s.alice.ID())
		require.NoError(t, err)
		require.Equal(t, key, identity.Prekey)
		require.Equal(t, number, identity.PrekeyNumber)
		if number > 0 {
			require.LessOrEqual(t, identity.PrekeyTime, p.clock.millis())
		}
	}
	requirePrekey(prekey(s.alice, 1), 1)
	p.accept(sign(t, s.alice, s.prekey(s.alice, 2)))
	requirePrekey(prekey(s.alice, 2), 2)
	life := time.Duration(p.Genesis().IdentityLife()) * time.Millisecond
	p.clock.advance(life * 3 / 4)
	p.accept(p.registration(s.alice))
	requirePrekey(prekey(s.alice, 2), 2)
	p.clock.advance(life)
	p.accept(p.registration(s.alice))
	requirePrekey(nil, 0)
	p.accept(sign(t, s.alice, s.prekey(s.alice, 1)))
	requirePrekey(prekey(s.alice, 1), 1)
}

func TestRegistrationAndFirstActInOneBlock(t *testing.T) {
	c := startChain(t, nil)
	follower := c.peer()
	alice, bob := identity(1), identity(2)
	create := sign(t, alice, c.sessionBody(alice, alice, bob))
	blk := c.forge(nil, c.registration(alice), create, c.message(alice, c.sessionID(create), "first"))
	follower.follow(blk)
	c.follow(blk)
	// The other way round the block is refused.
	create = sign(t, bob, c.sessionBody(bob, alice, bob))
	follower.requireUntouched(func() {
		follower.requireRefused(follower.verifyBytes(c.forge(nil, create, c.registration(bob)).Bytes()), refusal.ErrNotRegistered)
	})
}

func TestChannelOwnerAndCreatorMayCloseAChannelsSession(t *testing.T) {
	s := newScene(t)
	p := s.producer
	next := func() ids.ID {
		tx := sign(t, s.alice, p.channelSessionBody(s.alice, s.team, s.carol, s.alice, s.bob))
		p.accept(tx)
		return p.sessionID(tx)
	}
	p.accept(sign(t, s.alice, &chain.CloseSession{Session: s.ofTeam, Participant: s.alice.ID()})) // its creator
	p.accept(sign(t, s.carol, &chain.CloseSession{Session: next(), Participant: s.carol.ID()}))   // the channel's owner
	third := next()
	requireStatus := func(want chain.SessionStatus) {
		t.Helper()
		record, err := p.Snapshot().Session(third)
		require.NoError(t, err)
		require.Equal(t, want, record.Status)
	}
	p.accept(sign(t, s.carol, &chain.TransferChannel{Channel: s.team, Owner: s.carol.ID(), Member: s.bob.ID(), Version: 5}))
	requireStatus(chain.SessionActive)
	bob, err := p.Snapshot().Identity(s.bob.ID())
	require.NoError(t, err)
	require.EqualValues(t, 1, bob.Channels)
	p.accept(sign(t, s.bob, &chain.TransferChannel{Channel: s.team, Owner: s.bob.ID(), Member: s.carol.ID(), Version: 6}))
	p.accept(sign(t, s.carol, &chain.RemoveMember{Channel: s.team, Remover: s.carol.ID(), Member: s.alice.ID(), Version: 7})) // by the owner
	requireStatus(chain.SessionClosed)
	p.accept(sign(t, s.bob, &chain.RemoveMember{Channel: s.team, Remover: s.bob.ID(), Member: s.bob.ID(), Version: 8})) // by itself
	channel, err := p.Snapshot().Channel(s.team)
	require.NoError(t, err)
	require.Equal(t, []ids.ID{s.carol.ID()}, channel.Members)
	require.EqualValues(t, 9, channel.Version)
	require.Equal(t, third, channel.Session)
	require.EqualValues(t, 3, channel.Sessions)

	// A channel whose owner leaves is gone, and its owner may have another.
	leave := sign(t, s.carol, &chain.RemoveMember{Channel: s.team, Remover: s.carol.ID(), Member: s.carol.ID(), Version: 9})
	s.producer.accept(leave)
	_, err = s.producer.Snapshot().Channel(s.team)
	require.ErrorIs(t, err, refusal.ErrNotFound)
	s.producer.accept(sign(t, s.carol, &chain.CreateChannel{Owner: s.carol.ID(), Deadline: s.producer.deadline()}))
	s.producer.requireRefused(s.producer.submitBytes(sign(t, s.carol, &chain.AddMember{Channel: s.team, Owner: s.carol.ID(), Member: s.bob.ID(), Version: 9}).Bytes()), refusal.ErrUnknownChannel)
}

func TestReceiptsAreTakenAfterTheEndOfASession(t *testing.T) {
	s := newScene(t)
	closing := sign(t, s.alice, &chain.CloseSession{Session: s.receipts, Participant: s.alice.ID()})
	s.producer.accept(closing)
	late := s.producer.receipt(s.bob, s.receipts, 2)
	s.producer.accept(late)
	receipt, err := s.producer.Snapshot().Receipt(s.receipts, s.bob.ID())
	require.NoError(t, err)
	require.Equal(t, &chain.Receipt{Sequence: 2, Timestamp: s.producer.clock.millis(), Transaction: late.ID(), Transcript: late.Body.(*chain.Acknowledge).Transcript}, plainReceipt(receipt))
	record, err := s.producer.Snapshot().Session(s.receipts)
	require.NoError(t, err)
	require.Equal(t, chain.SessionClosed, record.Status, "a receipt does not open a session again")
}

// plainReceipt returns a receipt without what the decoder remembers about it.
func plainReceipt(r *chain.Receipt) *chain.Receipt {
	return &chain.Receipt{Sequence: r.Sequence, Timestamp: r.Timestamp, Transaction: r.Transaction, Transcript: r.Transcript}
}

func TestRotatedKeyIsTheSessionsKey(t *testing.T) {
	s := newScene(t)
	keys, err := s.producer.Snapshot().SessionKeys(s.receipts)
	require.NoError(t, err)
	require.Equal(t, [][]byte{s.alice.Public().KEM, s.bob.Public().KEM}, keys.PublicKeys, "those of its making")
	rotated, err := s.producer.Snapshot().RotatedKey(s.receipts, s.bob.ID())
	require.NoError(t, err)
	require.Equal(t, s.erin.Public().KEM, rotated.PublicKey)
	require.EqualValues(t, 1, rotated.Epoch)
	_, err = s.producer.Snapshot().RotatedKey(s.receipts, s.alice.ID())
	require.ErrorIs(t, err, refusal.ErrNotFound)
	record, err := s.producer.Snapshot().Session(s.receipts)
	require.NoError(t, err)
	require.Equal(t, keys.Hash(), record.KeysHash)
	// The transaction that made the session still has the key that it came with.
	blk, err := s.producer.BlockAt(5)
	require.NoError(t, err)
	require.Equal(t, s.bob.Public().KEM, blk.Transactions[1].Body.(*chain.CreateSession).PublicKeys[1])
}

func TestRotationInTheSessionsOwnBlockLeavesTheTransactionAlone(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, _ := c.open2()
	follower := c.peer()
	create := sign(t, alice, c.sessionBody(alice, alice, bob))
	session, key := c.sessionID(create), identity(9).Public().KEM
	rotate := sign(t, bob, &chain.RotateKey{Session: session, Participant: bob.ID(), PublicKey: key, Epoch: 1})
	blk := c.forge(nil, create, rotate)
	c.follow(blk)
	parsed := follower.follow(blk)
	require.Equal(t, bob.Public().KEM, create.Body.(*chain.CreateSession).PublicKeys[1])
	require.Equal(t, bob.Public().KEM, parsed.Transactions[0].Body.(*chain.CreateSession).PublicKeys[1])
	rotated, err := follower.Snapshot().RotatedKey(session, bob.ID())
	require.NoError(t, err)
	require.Equal(t, key, rotated.PublicKey)
}
