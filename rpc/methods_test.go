package rpc

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func TestTwoPeopleExchangeMessages(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice, bob := identity(t, 1), identity(t, 2)
	c.register(alice, bob)

	params := sessionParams(alice, bob)
	params.Metadata = map[string]string{"topic": "tea", "a": "b"}
	created, err := c.CreateSession(ctx, params)
	require.NoError(t, err)
	require.Equal(t, byte(0x07), created.SessionID[0])
	require.Equal(t, "pending", created.Status)
	require.InDelta(t, time.Now().Add(24*time.Hour).Unix(), created.Expires, 60)

	first, err := c.SendMessage(ctx, c.message(alice, created.SessionID, "hello"))
	require.NoError(t, err)
	require.Equal(t, uint64(1), first.Sequence)
	second, err := c.SendMessage(ctx, c.message(bob, created.SessionID, "good day"))
	require.NoError(t, err)
	require.Equal(t, uint64(2), second.Sequence)

	again, err := c.SendMessage(ctx, c.message(alice, created.SessionID, "hello"))
	require.NoError(t, err)
	require.Equal(t, first, again, "the same message again has the first one's ID and sequence")

	got, err := c.GetSession(ctx, client.GetSessionParams{SessionID: created.SessionID})
	require.NoError(t, err)
	session := got.Session
	require.Equal(t, created.SessionID, session.ID)
	require.Equal(t, []ids.ID{alice.ID(), bob.ID()}, session.Participants)
	require.Equal(t, client.Bytes(bob.Public().KEM), session.PublicKeys[1])
	require.Equal(t, "active", session.Status, "a participant has acted")
	require.Equal(t, params.Metadata, session.Metadata)
	require.Equal(t, uint64(2), session.Messages)
	require.Equal(t, second.Index, session.Head)
	require.Equal(t, []uint64{0, 0}, session.KeyEpochs)
	require.Equal(t, created.Expires, session.Expires.Unix())

	byID, err := c.GetMessage(ctx, client.GetMessageParams{MessageID: second.MessageID})
	require.NoError(t, err)
	require.Equal(t, client.Bytes("good day"), byID.Message.Ciphertext)
	require.Equal(t, ids.ID(bob.ID()), byID.Message.Sender)
	require.Equal(t, first.Index, byID.Message.Previous)
	require.NoError(t, pq.Verify(bob.Public().DSA, chain.ContextMessage,
		chain.SigningBytes(c.node.Host().ChainID, &chain.SendMessage{Session: created.SessionID, Sender: bob.ID(), Ciphertext: byID.Message.Ciphertext}),
		byID.Message.Signature))
	for _, params := range []client.GetMessageParams{{Index: second.Index}, {SessionID: created.SessionID, Sequence: 2}} {
		same, err := c.GetMessage(ctx, params)
		require.NoError(t, err)
		require.Equal(t, byID, same)
	}

	firstRead, err := c.GetMessage(ctx, client.GetMessageParams{Index: first.Index})
	require.NoError(t, err)
	acknowledge := &chain.Acknowledge{Session: created.SessionID, Participant: bob.ID(), Sequence: 1, Transcript: firstRead.Message.Transcript}
	receipt := c.acts(bob, acknowledge)
	stored, err := c.GetReceipt(ctx, client.GetReceiptParams{SessionID: created.SessionID, Participant: bob.ID()})
	require.NoError(t, err)
	require.Equal(t, uint64(1), stored.Receipt.Sequence)
	require.Equal(t, acknowledge.Transcript, stored.Receipt.Transcript)
	require.Equal(t, receipt.TransactionID, stored.Receipt.TransactionID)

	rotate := &chain.RotateKey{Session: created.SessionID, Participant: bob.ID(), PublicKey: identity(t, 9).Public().KEM, Epoch: 1}
	c.acts(bob, rotate)
	got, err = c.GetSession(ctx, client.GetSessionParams{SessionID: created.SessionID})
	require.NoError(t, err)
	require.Equal(t, []uint64{0, 1}, got.Session.KeyEpochs)
	require.Equal(t, client.Bytes(rotate.PublicKey), got.Session.PublicKeys[1])

	c.acts(alice, &chain.CloseSession{Session: created.SessionID, Participant: alice.ID()})
	got, err = c.GetSession(ctx, client.GetSessionParams{SessionID: created.SessionID})
	require.NoError(t, err)
	require.Equal(t, "closed", got.Session.Status)

	_, err = c.SendMessage(ctx, c.message(alice, created.SessionID, "too late"))
	require.ErrorIs(t, err, refusal.ErrSessionClosed)
}

func TestIdentitiesAreRegisteredOnce(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	params := client.RegisterIdentityParams{KEMPublicKey: alice.Public().KEM, DSAPublicKey: alice.Public().DSA}
	first, err := c.RegisterIdentity(ctx, params)
	require.NoError(t, err)
	require.False(t, first.AlreadyRegistered)
	require.NotZero(t, first.Height)
	sameTransaction := params
	sameTransaction.Deadline = deadlineOf(t, c, first.TransactionID)
	for _, params := range []client.RegisterIdentityParams{params, sameTransaction} {
		again, err := c.RegisterIdentity(ctx, params)
		require.NoError(t, err)
		require.True(t, again.AlreadyRegistered)
		require.Zero(t, again.TransactionID)
		require.Equal(t, first.Registered, again.Registered)
	}

	got, err := c.GetIdentity(ctx, client.GetIdentityParams{IdentityID: alice.ID()})
	require.NoError(t, err)
	require.Equal(t, params.DSAPublicKey, got.Identity.DSAPublicKey)
	require.Equal(t, params.KEMPublicKey, got.Identity.KEMPublicKey)
	require.Equal(t, 365*24*time.Hour, got.Identity.Expires.Sub(got.Identity.Registered))

	written := c.call("sessionvm.GetIdentity", `{"identityId":"`+got.Identity.Text+`"}`)
	require.Nil(t, written.Error, "an identity is found as people write its ID")
}

// deadlineOf returns the deadline of an accepted registration.
func deadlineOf(t *testing.T, c *testChain, id ids.ID) uint64 {
	t.Helper()
	tx, _, err := c.node.Transaction(id)
	require.NoError(t, err)
	return tx.Body.(*chain.RegisterIdentity).Deadline
}

func TestChannelsAreMadeAndChanged(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice, bob, carol := identity(t, 1), identity(t, 2), identity(t, 3)
	c.register(alice, bob, carol)
	deadline, err := c.Deadline(ctx)
	require.NoError(t, err)

	body := &chain.CreateChannel{Owner: alice.ID(), Members: []ids.ID{bob.ID()}, Metadata: []chain.MetadataEntry{{Key: "name", Value: "tea"}}, Nonce: 1<<64 - 1, Deadline: deadline}
	made := c.acts(alice, body)

	prekey := append(alice.Public().KEM, make([]byte, 32)...)
	c.acts(alice, &chain.PublishPrekey{Identity: alice.ID(), PublicKey: prekey, Number: 1, Deadline: deadline})
	owner, err := c.GetIdentity(ctx, client.GetIdentityParams{IdentityID: alice.ID()})
	require.NoError(t, err)
	require.Equal(t, client.Bytes(prekey), owner.Identity.Prekey)
	require.Equal(t, uint64(1), owner.Identity.PrekeyNumber)
	require.False(t, owner.Identity.PrekeyTime.IsZero())

	c.acts(alice, &chain.AddMember{Channel: made.ChannelID, Owner: alice.ID(), Member: carol.ID(), Version: 1})

	session := &chain.CreateSession{
		Participants: []ids.ID{alice.ID(), bob.ID(), carol.ID()}, PublicKeys: [][]byte{alice.Public().KEM, bob.Public().KEM, carol.Public().KEM},
		Metadata: body.Metadata, Creator: carol.ID(), Channel: made.ChannelID, ChannelVersion: 2, Nonce: 7, Deadline: deadline,
	}
	epoch := c.acts(carol, session)
	active, err := c.GetSession(ctx, client.GetSessionParams{SessionID: epoch.SessionID})
	require.NoError(t, err)
	require.Equal(t, "active", active.Session.Status, "a participant has signed it")

	c.acts(bob, &chain.RemoveMember{Channel: made.ChannelID, Remover: bob.ID(), Member: bob.ID(), Version: 2})
	closed, err := c.GetSession(ctx, client.GetSessionParams{SessionID: epoch.SessionID})
	require.NoError(t, err)
	require.Equal(t, "closed", closed.Session.Status)
	second := c.acts(carol, &chain.CreateSession{
		Participants: []ids.ID{alice.ID(), carol.ID()}, PublicKeys: [][]byte{alice.Public().KEM, carol.Public().KEM},
		Metadata: body.Metadata, Creator: carol.ID(), Channel: made.ChannelID, ChannelVersion: 3, Previous: epoch.SessionID, Nonce: 8, Deadline: deadline,
	})
	c.acts(alice, &chain.TransferChannel{Channel: made.ChannelID, Owner: alice.ID(), Member: carol.ID(), Version: 3})

	got, err := c.GetChannel(ctx, client.GetChannelParams{ChannelID: made.ChannelID})
	require.NoError(t, err)
	require.Equal(t, []ids.ID{alice.ID(), carol.ID()}, got.Channel.Members)
	require.Equal(t, map[string]string{"name": "tea"}, got.Channel.Metadata)
	require.Equal(t, uint64(4), got.Channel.Version)
	require.Equal(t, carol.ID(), [32]byte(got.Channel.Owner))
	require.Equal(t, second.SessionID, got.Channel.Session)

	health, err := c.Health(ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(1), health.Channels)
	require.Equal(t, uint64(1), health.Sessions)
}

func TestTransactionsAreIssuedAndFound(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)

	body := &chain.SendMessage{Session: session, Sender: alice.ID(), Ciphertext: []byte("raw")}
	sent, err := c.SendTransaction(ctx, body, alice)
	require.NoError(t, err)
	require.Equal(t, client.TransactionAccepted, sent.Status)
	require.Equal(t, uint64(1), sent.Sequence)
	require.Equal(t, session, sent.SessionID)

	found, err := c.GetTransaction(ctx, client.GetTransactionParams{TransactionID: sent.TransactionID})
	require.NoError(t, err)
	require.Equal(t, *sent, found.TransactionResult)
	require.Equal(t, "SendMessage", found.Type)
	require.Equal(t, ids.ID(alice.ID()), found.Actor)
	again, err := c.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: found.Bytes})
	require.NoError(t, err)
	require.Equal(t, sent, again, "a transaction that is in the chain already says where")

	unknown, err := c.GetTransaction(ctx, client.GetTransactionParams{TransactionID: ids.ID{1}})
	require.NoError(t, err)
	require.Equal(t, client.TransactionUnknown, unknown.Status)

	c.halted.Store(true)
	tx, err := c.SignTransaction(ctx, &chain.SendMessage{Session: session, Sender: alice.ID(), Ciphertext: []byte("later")}, alice)
	require.NoError(t, err)
	waiting, err := c.IssueTransaction(ctx, client.IssueTransactionParams{Bytes: tx.Bytes()})
	require.NoError(t, err)
	require.Equal(t, client.TransactionWaiting, waiting.Status)
	c.halted.Store(false)
}

func TestWhoWaitsTooShortlyLearnsTheID(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	c.halted.Store(true)

	params := c.message(alice, session, "slow")
	params.Wait = client.Seconds(10 * time.Millisecond)
	_, err := c.SendMessage(ctx, params)
	require.ErrorIs(t, err, refusal.ErrWaitTimeout)
	var refused *client.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, session, refused.Data.SessionID)
	require.NotEmpty(t, refused.Data.MessageID)
	c.halted.Store(false)
	params.Wait = 0
	sent, err := c.SendMessage(ctx, params)
	require.NoError(t, err)
	require.Equal(t, refused.Data.MessageID, sent.MessageID)
}

func TestBlocksAreFoundByHeightByIDAndAsLatest(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	c.open(alice)

	latest, err := c.GetBlock(ctx, client.BlockParams{})
	require.NoError(t, err)
	require.Equal(t, uint64(2), latest.Block.Header.Height)
	require.Equal(t, "CreateSession", latest.Block.Transactions[0].Type)
	parsed, err := chain.ParseBlock(c.node.Host().ChainID, latest.Block.Bytes, chain.MaxBlockBytes)
	require.NoError(t, err)
	require.Equal(t, latest.Block.Header.ID, parsed.ID())

	height := uint64(2)
	for _, params := range []client.BlockParams{{Height: &height}, {ID: latest.Block.Header.ID}} {
		same, err := c.GetBlock(ctx, params)
		require.NoError(t, err)
		require.Equal(t, latest, same)
		header, err := c.GetHeader(ctx, params)
		require.NoError(t, err)
		require.Equal(t, latest.Block.Header, header.Header)
	}
	named := c.call("sessionvm.getHeader", `{"height":"latest"}`)
	require.Nil(t, named.Error)

	zero := uint64(0)
	genesis, err := c.GetHeader(ctx, client.BlockParams{Height: &zero})
	require.NoError(t, err)
	require.Equal(t, c.node.Genesis().Hash(), genesis.Header.Parent)
	decoded, err := chain.ParseHeader(genesis.Header.Bytes)
	require.NoError(t, err)
	require.Equal(t, genesis.Header.ID, decoded.ID())

	high := uint64(99)
	for _, params := range []client.BlockParams{{Height: &high}, {ID: ids.ID{1}}} {
		_, err = c.GetBlock(ctx, params)
		require.ErrorIs(t, err, refusal.ErrNotFound)
	}
	_, err = c.GetBlock(ctx, client.BlockParams{Height: &high, ID: ids.ID{1}})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
}

func TestChainInfoSaysWhatAClientNeeds(t *testing.T) {
	config := DefaultConfig()
	config.Version = "1.2.3"
	c := startChain(t, config, func(g *chain.Genesis) { g.SessionTTL = 3600 })
	info, err := c.GetChainInfo(context.Background())
	require.NoError(t, err)
	require.Equal(t, c.node.Host().ChainID, info.ChainID)
	require.Equal(t, uint32(1), info.NetworkID)
	require.Equal(t, chain.VMID, info.VMID)
	require.Equal(t, "1.2.3", info.Version)
	require.Equal(t, c.node.Genesis().Hash(), info.GenesisHash)
	require.Equal(t, uint64(3600), info.Genesis.SessionTTL)
	require.Equal(t, c.node.Genesis().Limits, info.Genesis.Limits)
	require.Equal(t, chain.ContextMessage, info.SigningContexts["SendMessage"])
	require.Len(t, info.SigningContexts, 13)
	require.Equal(t, client.Seconds(20*time.Second), info.Service.MaxWait)
	require.Zero(t, info.LastAccepted.Height)
}

func TestHealthIsServedWithoutJSONRPC(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	get := func() (int, client.HealthResult) {
		response, err := http.Get(c.server.URL + "/health")
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		var health client.HealthResult
		require.NoError(t, json.Unmarshal(body, &health))
		return response.StatusCode, health
	}
	status, health := get()
	require.Equal(t, http.StatusOK, status)
	require.True(t, health.Healthy)
	require.True(t, health.Bootstrapped)

	response, err := http.Post(c.server.URL+"/health", "application/json", nil)
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)

	require.NoError(t, c.node.Shutdown(context.Background()))
	status, health = get()
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.False(t, health.Healthy)
	require.NotEmpty(t, health.Error)
}
