package rpc

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

func TestMessagesSentAtOnceHaveEachTheirSequence(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	const senders = 32
	results := make([]*client.SendMessageResult, senders)
	errs := make([]error, senders)
	var group sync.WaitGroup
	for i := range senders {
		params := c.message(alice, session, fmt.Sprint(i))
		group.Go(func() { results[i], errs[i] = c.SendMessage(t.Context(), params) })
	}
	group.Wait()
	seen := make(map[uint64]bool)
	for i, result := range results {
		require.NoError(t, errs[i])
		require.False(t, seen[result.Sequence])
		seen[result.Sequence] = true
		got, err := c.GetMessage(t.Context(), client.GetMessageParams{SessionID: session, Sequence: result.Sequence})
		require.NoError(t, err)
		require.Equal(t, result.MessageID, got.Message.ID)
		require.Equal(t, result.Timestamp, got.Message.Timestamp)
	}
	require.Len(t, seen, senders)
}

func TestWhoWaitsLearnsWhyATransactionWasDropped(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	c.halted.Store(true)
	params := sessionParams(identity(t, 1))
	params.Deadline = uint64(time.Now().Add(time.Minute).UnixMilli())
	failed := make(chan error, 1)
	go func() {
		_, err := c.CreateSession(context.Background(), params)
		failed <- err
	}()
	require.Eventually(t, func() bool { _, waiting := c.state(); return waiting == 1 }, 5*time.Second, time.Millisecond)
	c.ahead.Store(int64(2 * time.Minute))
	c.halted.Store(false)
	err := <-failed
	require.ErrorIs(t, err, refusal.ErrDeadlinePassed)
	require.ErrorIs(t, err, refusal.ErrDropped)
	var refused *client.Error
	require.ErrorAs(t, err, &refused)

	found, err := c.GetTransaction(t.Context(), client.GetTransactionParams{TransactionID: refused.Data.TransactionID})
	require.NoError(t, err)
	require.Equal(t, client.TransactionDropped, found.Status)
	require.Equal(t, int(refusal.ErrDeadlinePassed), found.Dropped.Code)
}

func TestAWaitEndsWithItsClient(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	session := c.open(alice)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := c.ListMessages(ctx, client.ListMessagesParams{SessionID: session, Wait: client.Seconds(20 * time.Second)})
		ended <- err
	}()
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	closed := make(chan struct{})
	go func() { c.server.Close(); close(closed) }() // waits for requests that are still served
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("the request is still served after its client has gone")
	}
}

// TestATransactionOnItsStemIsUnknownButToWhoSubmitsIt: who asks for it must not learn that it is here.
func TestATransactionOnItsStemIsUnknownButToWhoSubmitsIt(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	tx, err := c.SignTransaction(t.Context(), &chain.SendMessage{Session: session, Sender: alice.ID(), Ciphertext: []byte("secret")}, alice)
	require.NoError(t, err)
	c.stems.Store(true)
	status := func() string {
		found, err := c.GetTransaction(t.Context(), client.GetTransactionParams{TransactionID: tx.ID()})
		require.NoError(t, err)
		return found.Status
	}
	issued, err := c.IssueTransaction(t.Context(), client.IssueTransactionParams{Bytes: tx.Bytes()})
	require.NoError(t, err)
	require.Equal(t, client.TransactionWaiting, issued.Status)
	require.Equal(t, client.TransactionUnknown, status())
	issued, err = c.IssueTransaction(t.Context(), client.IssueTransactionParams{Bytes: tx.Bytes()})
	require.NoError(t, err)
	require.Equal(t, client.TransactionWaiting, issued.Status, "as where it was not")
	require.Equal(t, client.TransactionUnknown, status())
	accepted := make(chan error, 1)
	go func() {
		_, err := c.IssueTransaction(context.Background(), client.IssueTransactionParams{Bytes: tx.Bytes(), Wait: client.Seconds(20 * time.Second)})
		accepted <- err
	}()
	require.True(t, c.node.Diffuse(tx.ID()))
	require.NoError(t, <-accepted)
	require.Equal(t, client.TransactionAccepted, status())
}
