package rpc

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

func TestMessagesAreListedInPages(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, Config{PageSize: 2, MaxPageSize: 3}, nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	for _, text := range []string{"1", "2", "3", "4", "5"} {
		_, err := c.SendMessage(ctx, c.message(alice, session, text))
		require.NoError(t, err)
	}
	var texts []string
	for from, pages := uint64(0), 0; ; pages++ {
		page, err := c.ListMessages(ctx, client.ListMessagesParams{SessionID: session, From: from})
		require.NoError(t, err)
		require.Equal(t, uint64(5), page.Total)
		for _, message := range page.Messages {
			texts = append(texts, string(message.Ciphertext))
		}
		if from = page.Next; from > page.Total {
			require.Equal(t, 2, pages)
			break
		}
	}
	require.Equal(t, []string{"1", "2", "3", "4", "5"}, texts)

	page, err := c.ListMessages(ctx, client.ListMessagesParams{SessionID: session, From: 4, Limit: 3})
	require.NoError(t, err)
	require.Len(t, page.Messages, 2)
	require.Equal(t, uint64(6), page.Next)

	page, err = c.ListMessages(ctx, client.ListMessagesParams{SessionID: session, From: 9})
	require.NoError(t, err)
	require.Empty(t, page.Messages)
	require.Equal(t, uint64(9), page.Next)

	_, err = c.ListMessages(ctx, client.ListMessagesParams{SessionID: session, Limit: 4})
	require.ErrorIs(t, err, refusal.ErrInvalidArgs)
}

func TestAPageOfMessagesIsBoundedInBytes(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, Config{MaxAnswerBytes: 8 * 10_000}, nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	for _, text := range []string{"1", "2", "3", "4"} {
		_, err := c.SendMessage(ctx, c.message(alice, session, text))
		require.NoError(t, err)
	}
	page, err := c.ListMessages(ctx, client.ListMessagesParams{SessionID: session})
	require.NoError(t, err)
	require.Len(t, page.Messages, 3, "three signatures of 3309 bytes fit into 10000 bytes")
	require.Equal(t, uint64(4), page.Next)
}

func TestListMessagesWaitsForTheNextMessage(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)

	page, err := c.ListMessages(ctx, client.ListMessagesParams{SessionID: session, Wait: client.Seconds(20 * time.Millisecond)})
	require.NoError(t, err)
	require.Empty(t, page.Messages)
	require.Equal(t, uint64(1), page.Next)

	done := make(chan *client.ListMessagesResult, 1)
	go func() {
		page, _ := c.connect().ListMessages(ctx, client.ListMessagesParams{SessionID: session, From: page.Next, Wait: client.Seconds(20 * time.Second)})
		done <- page
	}()
	time.Sleep(10 * time.Millisecond)
	_, err = c.SendMessage(ctx, c.message(alice, session, "here"))
	require.NoError(t, err)
	page = <-done
	require.NotNil(t, page)
	require.Len(t, page.Messages, 1)
}

func TestMessagesPastRetentionAreSkippedInLists(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), func(g *chain.Genesis) {
		g.RetentionDays, g.SessionTTL, g.Limits.PendingTTL = 1, 86400, 600
	})
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	old, err := c.SendMessage(ctx, c.message(alice, session, "old"))
	require.NoError(t, err)
	c.ahead.Store(int64(12 * time.Hour))
	_, err = c.SendMessage(ctx, c.message(alice, session, "new"))
	require.NoError(t, err)
	c.ahead.Store(int64(25 * time.Hour)) // the session has expired, and still stands
	c.open(alice)

	page, err := c.ListMessages(ctx, client.ListMessagesParams{SessionID: session})
	require.NoError(t, err)
	require.Len(t, page.Messages, 1)
	require.Equal(t, uint64(2), page.Messages[0].Sequence)
	_, err = c.GetMessage(ctx, client.GetMessageParams{Index: old.Index})
	require.ErrorIs(t, err, refusal.ErrNotFound)
	got, err := c.GetSession(ctx, client.GetSessionParams{SessionID: session})
	require.NoError(t, err)
	require.Equal(t, "expired", got.Session.Status)
}

func TestSessionsOfAParticipantAreListedNewestFirst(t *testing.T) {
	ctx := context.Background()
	c := startChain(t, DefaultConfig(), nil)
	alice, bob := identity(t, 1), identity(t, 2)
	var made []ids.ID
	for range 3 {
		made = append(made, c.open(alice))
	}
	c.open(bob)
	first, err := c.ListSessions(ctx, client.ListSessionsParams{Participant: alice.ID(), Requests: true, Limit: 2})
	require.NoError(t, err)
	require.Len(t, first.Sessions, 2)
	require.Equal(t, []ids.ID{made[2], made[1]}, []ids.ID{first.Sessions[0].ID, first.Sessions[1].ID})
	second, err := c.ListSessions(ctx, client.ListSessionsParams{Participant: alice.ID(), Requests: true, Limit: 2, Before: first.Next})
	require.NoError(t, err)
	require.Len(t, second.Sessions, 1)
	require.Equal(t, made[0], second.Sessions[0].ID)
	require.Zero(t, second.Next)
	none, err := c.ListSessions(ctx, client.ListSessionsParams{Participant: identity(t, 3).ID(), Requests: true})
	require.NoError(t, err)
	require.Empty(t, none.Sessions)
}

// TestAFloodOfRequestsIsInNobodysWay has a stranger make a thousand sessions that name alice: those in which
// she has acted, and the one that a friend makes, are found in one page each, and the requests newest first.
func TestAFloodOfRequestsIsInNobodysWay(t *testing.T) {
	c := startChain(t, DefaultConfig(), func(g *chain.Genesis) { g.Allowances = chain.Allowances{} })
	alice, friend, stranger := identity(t, 1), identity(t, 2), identity(t, 3)
	c.register(alice, friend, stranger)
	made := func(creator *pq.Identity) ids.ID {
		return chain.SessionID(c.node.Genesis().Prefix(), c.node.Host().ChainID, c.acts(creator, c.sessionWith(creator, alice, 0)).TransactionID)
	}
	answered, unanswered := made(friend), made(friend)
	_, err := c.SendMessage(t.Context(), c.message(alice, answered, "hello"))
	require.NoError(t, err)
	list := func(p client.ListSessionsParams) (found []ids.ID, next uint64) {
		p.Participant = alice.ID()
		page, err := c.ListSessions(t.Context(), p)
		require.NoError(t, err)
		for _, s := range page.Sessions {
			found = append(found, s.ID)
		}
		return found, page.Next
	}
	mine, next := list(client.ListSessionsParams{})
	require.Equal(t, []ids.ID{answered}, mine)
	require.Zero(t, next)

	const flood = 1000
	var strangers []*chain.Transaction
	for n := range uint64(flood) {
		body := c.sessionWith(stranger, alice, n+1)
		tx, err := chain.NewTransaction(c.node.Host().ChainID, body, c.sign(stranger, body))
		require.NoError(t, err)
		strangers = append(strangers, tx)
	}
	for begin := 0; begin < flood; begin += 100 { // of 256 that may wait of one sender
		sent, err := c.SendTransactions(t.Context(), strangers[begin:begin+100])
		require.NoError(t, err)
		for i := range sent.Transactions {
			require.NoError(t, sent.Transactions[i].Err())
		}
		_, err = c.node.Await(t.Context(), strangers[begin+99].ID())
		require.NoError(t, err)
	}
	mine, next = list(client.ListSessionsParams{})
	require.Equal(t, []ids.ID{answered}, mine)
	require.Zero(t, next)
	mine, next = list(client.ListSessionsParams{With: friend.ID()})
	require.Equal(t, []ids.ID{answered}, mine)
	require.Zero(t, next)
	requests, next := list(client.ListSessionsParams{With: friend.ID(), Requests: true})
	require.Equal(t, []ids.ID{unanswered}, requests)
	require.Zero(t, next)
	requests, next = list(client.ListSessionsParams{Requests: true})
	require.Len(t, requests, 64)
	require.NotZero(t, next)
	require.NotContains(t, requests, unanswered, "the newest come first")
	of, _ := list(client.ListSessionsParams{With: stranger.ID(), Requests: true, Limit: 256})
	require.Equal(t, requests, of[:64])

	// Whoever has the node pass over them pays for it: a batch of such calls is broken off.
	call := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.ListSessions","params":{"participant":"%s","with":"%s","requests":true}}`, ids.ID(alice.ID()), ids.ID(friend.ID()))
	var answers []answer
	c.decode(c.post(`[`+strings.Repeat(call+",", 63)+call+`]`), &answers)
	taken := slices.DeleteFunc(answers, func(a answer) bool { return a.code() == int(refusal.ErrTooLarge) })
	require.LessOrEqual(t, len(taken), maxCost/(1+flood/passedOfCall)+batchConcurrency)
	require.NotEmpty(t, taken)
}

// sessionWith is a session of two that one of them makes.
func (c *testChain) sessionWith(creator, other *pq.Identity, nonce uint64) *chain.CreateSession {
	return &chain.CreateSession{
		Creator: creator.ID(), Participants: []ids.ID{creator.ID(), other.ID()}, PublicKeys: [][]byte{creator.Public().KEM, other.Public().KEM},
		Nonce: nonce, Deadline: uint64(time.Now().Add(time.Minute).UnixMilli()),
	}
}

// TestLookingThroughManySessionsCountsAsManyCalls asks for the sessions of a channel, of which there
// are none among many others.
func TestLookingThroughManySessionsCountsAsManyCalls(t *testing.T) {
	c := startChain(t, Config{PageSize: 2, MaxPageSize: 3, RequestRate: 0.001, RequestBurst: 20}, nil)
	alice := identity(t, 1)
	c.register(alice)
	for range 8 {
		c.open(alice)
	}
	list := client.ListSessionsParams{Participant: alice.ID(), Requests: true, Channel: ids.ID{7}}
	page, err := c.ListSessions(t.Context(), list)
	require.NoError(t, err)
	require.Empty(t, page.Sessions)
	for calls := 1; err == nil; calls++ {
		require.Less(t, calls, 6, "eight sessions are four pages of two")
		_, err = c.ListSessions(t.Context(), list)
	}
	require.ErrorIs(t, err, refusal.ErrRateLimited)
}
