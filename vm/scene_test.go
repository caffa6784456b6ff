package vm

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp/signing"
)

// peer returns another VM of the same chain, with the same clock, that has followed all
// accepted blocks and never saw a transaction outside of them.
func (c *testChain) peer() *testChain {
	c.t.Helper()
	p := &testChain{t: c.t, clock: c.clock, db: dbm.NewMemDB(), genesis: c.genesis, upgrades: c.upgrades}
	p.open()
	c.t.Cleanup(func() { require.NoError(c.t, p.Shutdown(context.Background())) })
	for height := uint64(1); height <= c.store.Last().Height; height++ {
		blk, err := c.BlockAt(height)
		require.NoError(c.t, err)
		p.follow(blk)
	}
	return p
}

// parse gives the bytes of a block to the VM, as the host does with one from the network.
func (c *testChain) parse(blk *chain.Block) *Block {
	c.t.Helper()
	parsed, err := c.ParseBlock(context.Background(), bytes.Clone(blk.Bytes()))
	require.NoError(c.t, err)
	return parsed
}

// follow parses, verifies and accepts a block that another VM has built.
func (c *testChain) follow(blk *chain.Block) *Block {
	c.t.Helper()
	ctx := context.Background()
	parsed := c.parse(blk)
	require.NoError(c.t, parsed.Verify(ctx))
	require.NoError(c.t, c.SetPreference(ctx, parsed.ID()))
	require.NoError(c.t, parsed.Accept(ctx))
	return parsed
}

// forge makes a block by hand on the last accepted one: with all of the transactions, and
// the state root after those that the rules allow.
func (c *testChain) forge(change func(*chain.Header), transactions ...*chain.Transaction) *chain.Block {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	parent := c.store.Accepted()
	number, values, err := c.rules.after(parent.Header().Timestamp)
	require.NoError(c.t, err)
	header := chain.Header{
		Version:   number,
		ChainID:   testChainID,
		Parent:    parent.Header().ID(),
		Height:    parent.Header().Height + 1,
		Timestamp: max(parent.Header().Timestamp, c.clock.millis()),
	}
	if change != nil {
		change(&header)
	}
	changes, err := c.store.Begin(parent)
	require.NoError(c.t, err)
	var validators *signing.Validators
	if c.host.Platform != nil && header.ValidatorSetHash != (chain.Hash{}) {
		validators, err = c.validators.at(context.Background(), header.PChainHeight)
		require.NoError(c.t, err)
	}
	e, err := begin(values, changes, testChainID, commitment{validators: validators}, header.Height, header.Timestamp)
	require.NoError(c.t, err)
	for _, tx := range transactions {
		if _, err := chain.ParseTransaction(testChainID, tx.Bytes()); err != nil {
			continue
		}
		if err := e.execute(tx); err != nil {
			refused := (*refusal.Error)(nil)
			require.True(c.t, errors.As(err, &refused), "%v", err)
		}
	}
	if header.StateRoot == (chain.Hash{}) {
		header.StateRoot, err = changes.Root()
		require.NoError(c.t, err)
	}
	return chain.NewBlock(header, transactions)
}

// submitBytes gives the bytes of a transaction to the VM, as the RPC service does.
func (c *testChain) submitBytes(txBytes []byte) error {
	tx, err := chain.ParseTransaction(testChainID, bytes.Clone(txBytes))
	if err != nil {
		return err
	}
	return c.Submit(context.Background(), tx, "")
}

// verifyBytes gives the bytes of a block to the VM and asks whether it is valid.
func (c *testChain) verifyBytes(blockBytes []byte) error {
	blk, err := c.ParseBlock(context.Background(), bytes.Clone(blockBytes))
	if err != nil {
		return err
	}
	return blk.Verify(context.Background())
}

// requireRefused requires an error that has the reason, says what was expected, and is the
// fault of the input, not of the chain, which goes on.
func (c *testChain) requireRefused(err error, reason refusal.Reason) {
	c.t.Helper()
	require.ErrorIs(c.t, err, reason)
	refused := (*refusal.Error)(nil)
	require.ErrorAs(c.t, err, &refused)
	require.Equal(c.t, reason, refused.Reason)
	require.NotEmpty(c.t, refused.Expected)
	require.NoError(c.t, c.ready(), "the chain has stopped")
}

// requireUntouched requires that a function leaves the chain as it was.
func (c *testChain) requireUntouched(do func()) {
	c.t.Helper()
	accepted, preferred, processing := c.store.Last().ID(), c.preferred, len(c.processing)
	count, size := c.mempool.size()
	root := c.Snapshot().Header().StateRoot
	do()
	require.Equal(c.t, accepted, c.store.Last().ID())
	require.Equal(c.t, preferred, c.preferred)
	require.Len(c.t, c.processing, processing)
	require.Equal(c.t, root, c.Snapshot().Header().StateRoot)
	countAfter, sizeAfter := c.mempool.size()
	require.Equal(c.t, count, countAfter)
	require.Equal(c.t, size, sizeAfter)
}

// scene is two VMs of a chain on which much has happened: a producer, and a follower that
// has seen its blocks alone.
type scene struct {
	t                  *testing.T
	producer, follower *testChain

	alice, bob, carol, erin *pq.Identity // registered
	dave                    *pq.Identity // never registered

	open     ids.ID // of alice and bob
	receipts ids.ID // of alice and bob: two messages, of which bob has acknowledged the first
	closed   ids.ID // of alice and bob
	expired  ids.ID // of alice and bob
	full     ids.ID // of alice and bob, with the maximum of messages
	ofTeam   ids.ID // of carol, alice and bob in the channel team, created by alice
	withDave ids.ID // of alice and dave, who has a message and no registration

	crowd ids.ID // alice's channel, with as many members as there may be
	team  ids.ID // carol's channel, of carol, alice and bob, version 5

	accepted map[string]*chain.Transaction // by the name of its kind
}

func sceneGenesis(g *chain.Genesis) {
	g.SessionTTL = 3600
	g.MaxMessages = 2
	g.RetentionDays = 1
	g.Limits.PendingTTL = 60
	g.Limits.MaxParticipants = 4
	g.Limits.MaxCiphertextBytes = 64
	g.Limits.MaxMetadataBytes = 16
	g.MaxChannels = 1
}

func newScene(t *testing.T) *scene {
	p := startChain(t, sceneGenesis)
	s := &scene{
		t: t, producer: p, accepted: make(map[string]*chain.Transaction),
		alice: identity(1), bob: identity(2), carol: identity(3), dave: identity(4), erin: identity(5),
	}
	register := p.registration(s.alice)
	p.accept(register, p.registration(s.bob), p.registration(s.carol), p.registration(s.erin))
	prekey := sign(t, s.alice, s.prekey(s.alice, 1))
	p.accept(prekey)
	create := func(participants ...*pq.Identity) (*chain.Transaction, ids.ID) {
		tx := sign(t, s.alice, p.sessionBody(s.alice, participants...))
		return tx, p.sessionID(tx)
	}
	old, expired := create(s.alice, s.bob)
	p.accept(old)
	p.clock.advance(time.Hour + time.Millisecond)

	channel := func(owner *pq.Identity, members ...*pq.Identity) (*chain.Transaction, ids.ID) {
		body := &chain.CreateChannel{Owner: owner.ID(), Deadline: p.deadline()}
		for _, member := range members {
			body.Members = append(body.Members, member.ID())
		}
		tx := sign(t, owner, body)
		return tx, chain.ChannelID(testChainID, tx.ID())
	}
	crowd, crowdID := channel(s.alice, s.bob, s.dave, s.erin)
	team, teamID := channel(s.carol, s.alice, s.bob)
	p.accept(crowd, team)
	s.crowd, s.team, s.expired = crowdID, teamID, expired

	open, openID := create(s.alice, s.bob)
	receipts, receiptsID := create(s.alice, s.bob)
	closed, closedID := create(s.alice, s.bob)
	full, fullID := create(s.alice, s.bob)
	withDave, withDaveID := create(s.alice, s.dave)
	p.accept(open, receipts, closed, full, withDave)
	s.open, s.receipts, s.closed, s.full, s.withDave = openID, receiptsID, closedID, fullID, withDaveID

	message := p.message(s.alice, s.receipts, "one")
	closing := sign(t, s.bob, &chain.CloseSession{Session: s.closed, Participant: s.bob.ID()})
	p.accept(message, p.message(s.bob, s.receipts, "two"), p.message(s.alice, s.full, "one"), p.message(s.bob, s.full, "two"),
		p.message(s.alice, s.withDave, "to somebody who only receives"), closing)
	receipt := p.receipt(s.bob, s.receipts, 1)
	rotation := sign(t, s.bob, s.rotation(s.bob, s.receipts, 1))
	add := sign(t, s.carol, &chain.AddMember{Channel: s.team, Owner: s.carol.ID(), Member: s.erin.ID(), Version: 1})
	remove := sign(t, s.erin, &chain.RemoveMember{Channel: s.team, Remover: s.erin.ID(), Member: s.erin.ID(), Version: 2})
	p.accept(receipt, rotation, add)
	p.accept(remove)
	transfer := sign(t, s.carol, &chain.TransferChannel{Channel: s.team, Owner: s.carol.ID(), Member: s.bob.ID(), Version: 3})
	back := sign(t, s.bob, &chain.TransferChannel{Channel: s.team, Owner: s.bob.ID(), Member: s.carol.ID(), Version: 4})
	p.accept(transfer)
	p.accept(back)
	ofTeam := sign(t, s.alice, p.channelSessionBody(s.alice, s.team, s.carol, s.alice, s.bob))
	p.accept(ofTeam)
	s.ofTeam = p.sessionID(ofTeam)
	for _, tx := range []*chain.Transaction{register, prekey, open, message, receipt, rotation, closing, crowd, add, remove, transfer} {
		s.accepted[tx.Body.Context()] = tx
	}
	s.follower = p.peer()
	return s
}

// prekey returns an X-Wing key: a member's ML-KEM-768 key, and 32 bytes.
func prekey(of *pq.Identity, fill byte) []byte {
	return append(of.Public().KEM, bytes.Repeat([]byte{fill}, chain.PrekeySize-chain.KEMPublicKeySize)...)
}

func (s *scene) prekey(of *pq.Identity, number uint64) *chain.PublishPrekey {
	return &chain.PublishPrekey{Identity: of.ID(), PublicKey: prekey(of, byte(number)), Number: number, Deadline: s.producer.deadline()}
}

func (s *scene) rotation(participant *pq.Identity, session ids.ID, epoch uint64) *chain.RotateKey {
	return &chain.RotateKey{Session: session, Participant: participant.ID(), PublicKey: s.erin.Public().KEM, Epoch: epoch}
}

// raw returns a transaction as a client without checks would make it: signed by signer, if
// it is not nil, and possibly malformed.
func (s *scene) raw(signer *pq.Identity, body chain.Body) *chain.Transaction {
	return s.signedAs(signer, body.Context(), testChainID, body, body)
}

// signedAs returns a transaction of a body with the signature over another one, with a
// context and for a chain.
func (s *scene) signedAs(signer *pq.Identity, signingContext string, chainID ids.ID, signed, body chain.Body) *chain.Transaction {
	s.t.Helper()
	var signature []byte
	if signer != nil {
		var err error
		signature, err = signer.SignDeterministic(signingContext, chain.SigningBytes(chainID, signed))
		require.NoError(s.t, err)
	}
	return s.withSignature(body, signature)
}

func (s *scene) withSignature(body chain.Body, signature []byte) *chain.Transaction {
	tx, err := chain.NewTransaction(testChainID, body, signature)
	if err != nil {
		refused := (*refusal.Error)(nil)
		require.ErrorAs(s.t, err, &refused)
	}
	return tx
}

// good returns a transaction that can be accepted, another one each time.
func (s *scene) good() *chain.Transaction {
	return sign(s.t, s.erin, s.producer.sessionBody(s.erin, s.erin, s.bob))
}

// refuse requires that a transaction is refused at both doors, and that neither VM is
// changed by it: they go on to the same state.
func (s *scene) refuse(tx *chain.Transaction, reason refusal.Reason) {
	s.t.Helper()
	s.producer.requireUntouched(func() {
		s.producer.requireRefused(s.producer.submitBytes(tx.Bytes()), reason)
	})
	good := s.good()
	s.follower.requireUntouched(func() {
		for _, transactions := range [][]*chain.Transaction{{tx}, {good, tx}} {
			s.follower.requireRefused(s.follower.verifyBytes(s.producer.forge(nil, transactions...).Bytes()), reason)
		}
	})
	waits := s.waitAnyway(tx, reason)
	blk := s.producer.accept(good)
	s.follower.follow(blk.Block)
	require.Equal(s.t, s.producer.Snapshot().Header().StateRoot, s.follower.Snapshot().Header().StateRoot)
	if !waits {
		return
	}
	state, _, err := s.producer.TransactionStatus(tx.ID())
	if reason == refusal.ErrDuplicate {
		require.Equal(s.t, TransactionAccepted, state)
		return
	}
	require.Equal(s.t, TransactionDropped, state)
	require.ErrorIs(s.t, err, reason)
}

// waitAnyway puts a transaction that the state does not allow into the mempool, as if it
// had been allowed when it was submitted: the builder must drop it, and a block built
// around it must be the one that others compute.
func (s *scene) waitAnyway(tx *chain.Transaction, reason refusal.Reason) bool {
	s.t.Helper()
	if _, err := chain.ParseTransaction(testChainID, tx.Bytes()); err != nil || reason == refusal.ErrBadSignature || reason == refusal.ErrKEMKey {
		return false // refused whatever the state is, so never in a mempool
	}
	_, _, err := s.producer.mempool.add(tx, "", false)
	require.NoError(s.t, err)
	return true
}
