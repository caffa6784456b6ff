package vm

import (
	"context"
	"log/slog"
	"testing"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/trialrules"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

var testChainID = ids.ID{'t', 'e', 's', 't'}

// clock is a clock that tests move.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{now: time.UnixMilli(1_700_000_000_000)} }

func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }
func (c *clock) millis() uint64          { return uint64(c.now.UnixMilli()) }

// testChain is a chain in memory, with a clock that stands until it is moved.
type testChain struct {
	*VM
	t       testing.TB
	clock   *clock
	db      dbm.DB
	genesis []byte
	nonce   uint64

	upgrades []byte // the upgrade file
	old      bool   // does not know the trial rule set
}

func startChain(t testing.TB, change func(*chain.Genesis)) *testChain {
	t.Helper()
	clock := newClock()
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Allowances.FreshShare = 0
	genesis.Invitations.WorkBits = 0
	genesis.Timestamp = clock.millis()
	if change != nil {
		change(genesis)
	}
	c := &testChain{t: t, clock: clock, db: dbm.NewMemDB(), genesis: genesis.Bytes()}
	c.open()
	t.Cleanup(func() { require.NoError(t, c.Shutdown(context.Background())) })
	return c
}

// open starts the VM on the chain's database.
func (c *testChain) open() {
	c.t.Helper()
	c.VM = New()
	if c.old {
		delete(c.VM.known, trialrules.Rules)
	}
	require.NoError(c.t, c.Initialize(context.Background(), c.hostOf(c.upgrades), c.genesis, nil))
	require.NoError(c.t, c.SetState(context.Background(), NormalOperation))
}

func (c *testChain) hostOf(upgrades []byte) Host {
	return Host{
		ChainID:  testChainID,
		Log:      slog.New(slog.DiscardHandler),
		Clock:    c.clock.Now,
		Upgrades: upgrades,
		Database: unclosed{c.db},
	}
}

// unclosed is a database that survives its VM, as the one on disk does.
type unclosed struct{ dbm.DB }

func (unclosed) Close() error { return nil }

// identity returns an identity that is the same in every run.
func identity(n int) *pq.Identity {
	seed := make([]byte, pq.SeedSize)
	seed[0], seed[1] = byte(n), byte(n>>8)
	identity, err := pq.IdentityFromSeed(seed)
	if err != nil {
		panic(err)
	}
	return identity
}

// sign returns the signed transaction of a body.
func sign(t testing.TB, signer *pq.Identity, body chain.Body) *chain.Transaction {
	t.Helper()
	var signature []byte
	if signer != nil {
		var err error
		signature, err = signer.SignDeterministic(body.Context(), chain.SigningBytes(testChainID, body))
		require.NoError(t, err)
	}
	tx, err := chain.NewTransaction(testChainID, body, signature)
	require.NoError(t, err)
	return tx
}

func (c *testChain) deadline() uint64 { return c.clock.millis() + 60_000 }

func (c *testChain) registration(identity *pq.Identity) *chain.Transaction {
	public := identity.Public()
	return sign(c.t, nil, &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: c.deadline()})
}

// sessionBody returns a CreateSession of the participants; plain if creator is nil.
func (c *testChain) sessionBody(creator *pq.Identity, participants ...*pq.Identity) *chain.CreateSession {
	c.nonce++
	body := &chain.CreateSession{Nonce: c.nonce, Deadline: c.deadline()}
	if creator != nil {
		body.Creator = creator.ID()
	}
	for _, participant := range participants {
		body.Participants = append(body.Participants, participant.ID())
		body.PublicKeys = append(body.PublicKeys, participant.Public().KEM)
	}
	return body
}

// channelSessionBody returns a CreateSession of a channel as it is, made by one of its members.
func (c *testChain) channelSessionBody(creator *pq.Identity, id ids.ID, members ...*pq.Identity) *chain.CreateSession {
	channel, err := c.Snapshot().Channel(id)
	require.NoError(c.t, err)
	body := c.sessionBody(creator, members...)
	body.Channel, body.ChannelVersion, body.Previous = id, channel.Version, channel.Session
	return body
}

func (c *testChain) sessionID(tx *chain.Transaction) ids.ID {
	return chain.SessionID(c.Genesis().Prefix(), testChainID, tx.ID())
}

func (c *testChain) message(sender *pq.Identity, session ids.ID, text string) *chain.Transaction {
	return sign(c.t, sender, &chain.SendMessage{Session: session, Sender: sender.ID(), Ciphertext: []byte(text)})
}

// block builds a block of what waits, and accepts it.
func (c *testChain) block() *Block {
	c.t.Helper()
	ctx := context.Background()
	blk, err := c.BuildBlock(ctx)
	require.NoError(c.t, err)
	require.NoError(c.t, blk.Verify(ctx))
	require.NoError(c.t, c.SetPreference(ctx, blk.ID()))
	require.NoError(c.t, blk.Accept(ctx))
	return blk
}

// accept submits transactions and accepts them in one block.
func (c *testChain) accept(transactions ...*chain.Transaction) *Block {
	c.t.Helper()
	for _, tx := range transactions {
		require.NoError(c.t, c.Submit(context.Background(), tx, ""))
	}
	blk := c.block()
	require.Len(c.t, blk.Transactions, len(transactions))
	return blk
}

// open2 registers two identities and opens a session between them.
func (c *testChain) open2() (alice, bob *pq.Identity, session ids.ID) {
	c.t.Helper()
	alice, bob = identity(1), identity(2)
	c.accept(c.registration(alice), c.registration(bob))
	create := sign(c.t, alice, c.sessionBody(alice, alice, bob))
	c.accept(create)
	return alice, bob, c.sessionID(create)
}

// receipt returns a participant's signed receipt of a session's messages up to a sequence.
func (c *testChain) receipt(participant *pq.Identity, session ids.ID, sequence uint64) *chain.Transaction {
	c.t.Helper()
	index, err := c.MessageAt(session, sequence)
	require.NoError(c.t, err)
	message, err := c.Snapshot().Message(index)
	require.NoError(c.t, err)
	return sign(c.t, participant, &chain.Acknowledge{Session: session, Participant: participant.ID(), Sequence: sequence, Transcript: message.Transcript})
}

func TestMessagesAreCommittedAndFoundAfterARestart(t *testing.T) {
	c := startChain(t, nil)
	alice, bob, session := c.open2()
	first := c.message(alice, session, "first")
	second := c.message(bob, session, "second")
	blk := c.accept(first, second)

	check := func() {
		snapshot := c.Snapshot()
		require.Equal(t, blk.ID(), snapshot.Header().ID())
		record, err := snapshot.Session(session)
		require.NoError(t, err)
		require.EqualValues(t, 2, record.Messages)
		require.Equal(t, chain.SessionActive, record.Status)
		index, err := c.MessageAt(session, 2)
		require.NoError(t, err)
		require.Equal(t, record.Head, index)
		message, err := snapshot.Message(index)
		require.NoError(t, err)
		require.Equal(t, second.ID(), message.ID)
		require.EqualValues(t, 1, message.Previous)
		now := blk.Header.Timestamp
		require.Equal(t, chain.NextTranscript(chain.NextTranscript(chain.FirstTranscript(session), first.ID(), now), second.ID(), now), message.Transcript)
		require.Equal(t, message.Transcript, record.Transcript)
		tx, inclusion, err := c.Transaction(first.ID())
		require.NoError(t, err)
		require.Equal(t, first.Bytes(), tx.Bytes())
		require.Equal(t, blk.ID(), inclusion.Block)
		require.EqualValues(t, 1, inclusion.Message)
		_, proof, err := snapshot.Prove(chain.MessageKey(index))
		require.NoError(t, err)
		require.NotNil(t, proof.GetExist())
		_, proof, err = snapshot.Prove(chain.SessionKey(ids.ID{7, 7}))
		require.NoError(t, err)
		require.NotNil(t, proof.GetNonexist())
	}
	check()
	require.NoError(t, c.Shutdown(context.Background()))
	c.open()
	check()
	third := c.message(bob, session, "third")
	blk = c.accept(third)
	require.EqualValues(t, 4, blk.Header.Height)
	require.ErrorIs(t, c.Submit(context.Background(), third, ""), refusal.ErrDuplicate)
}
