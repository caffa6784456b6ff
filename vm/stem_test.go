package vm

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// startStemChain starts a chain that leaves what clients submit on its stem, with a session of two.
func startStemChain(t *testing.T) (c *testChain, alice *pq.Identity, session ids.ID) {
	c = startChain(t, nil)
	alice, _, session = c.open2()
	require.NoError(t, c.Shutdown(context.Background()))
	c.VM = New()
	require.NoError(t, c.Initialize(context.Background(), Host{
		ChainID:   testChainID,
		Log:       slog.New(slog.DiscardHandler),
		Clock:     c.clock.Now,
		Database:  unclosed{c.db},
		Submitted: func(*chain.Transaction, Source) {},
	}, c.genesis, nil))
	require.NoError(t, c.SetState(context.Background(), NormalOperation))
	return c, alice, session
}

// requireUntold requires that nobody can tell that a transaction is here.
func (c *testChain) requireUntold(tx *chain.Transaction) {
	c.t.Helper()
	state, _, err := c.TransactionStatus(tx.ID())
	require.NoError(c.t, err)
	require.Equal(c.t, TransactionUnknown, state)
	require.False(c.t, c.Holds(tx.ID()) || c.Waits(tx.ID()))
	require.NotContains(c.t, c.MempoolIDs(), tx.ID())
	require.NotContains(c.t, c.Waiting(), tx)
	count, bytes := c.mempool.size()
	require.Zero(c.t, count+bytes)
}

func TestNoBlockHasWhatIsOnItsStemUntilItIsDiffused(t *testing.T) {
	ctx := context.Background()
	c, alice, session := startStemChain(t)
	submitted, received := c.message(alice, session, "of a client"), c.message(alice, session, "of a peer")
	require.NoError(t, c.Submit(ctx, submitted, ""))
	onStem, err := c.ReceiveStem(received, "peer")
	require.NoError(t, err)
	require.True(t, onStem)
	require.True(t, c.waits())
	_, err = c.BuildBlock(ctx)
	require.ErrorIs(t, err, refusal.ErrEmptyBlock)
	for _, tx := range []*chain.Transaction{submitted, received} {
		require.True(t, c.OnStem(tx.ID()))
		c.requireUntold(tx)
	}

	awaited := make(chan error, 1)
	go func() {
		_, err := c.Await(ctx, submitted.ID())
		awaited <- err
	}()
	require.Eventually(t, func() bool {
		c.awaiting.mu.Lock()
		defer c.awaiting.mu.Unlock()
		return len(c.awaiting.waiters) == 1
	}, time.Minute, time.Millisecond)
	require.True(t, c.Diffuse(submitted.ID()))
	require.False(t, c.Diffuse(submitted.ID()))
	added, err := c.Receive(received, "another peer")
	require.NoError(t, err)
	require.True(t, added, "otherwise it is no secret")
	require.False(t, c.waits())
	requireMempool(t, c.mempool)
	require.Equal(t, []*chain.Transaction{submitted, received}, c.block().Transactions)
	require.NoError(t, <-awaited)
	onStem, err = c.ReceiveStem(c.message(alice, session, "of a client"), "peer")
	require.ErrorIs(t, err, refusal.ErrDuplicate)
	require.False(t, onStem)
}

func TestWhatIsOnItsStemIsCheckedAsIfItWereNotThere(t *testing.T) {
	ctx := context.Background()
	c, alice, session := startStemChain(t)
	tx := c.message(alice, session, "secret")
	signature := append([]byte(nil), tx.Signature...)
	signature[0] ^= 1
	forged, err := chain.NewTransaction(testChainID, tx.Body, signature)
	require.NoError(t, err)
	refuse := func() {
		require.ErrorIs(t, c.Submit(ctx, forged, ""), refusal.ErrBadSignature)
		_, err := c.Receive(forged, "")
		require.ErrorIs(t, err, refusal.ErrBadSignature)
		_, err = c.ReceiveStem(forged, "")
		require.ErrorIs(t, err, refusal.ErrBadSignature)
	}
	refuse()
	require.NoError(t, c.Submit(ctx, tx, ""))
	refuse()
	require.True(t, c.OnStem(tx.ID()))
	require.NoError(t, c.Submit(ctx, tx, "another client"))
	require.True(t, c.OnStem(tx.ID()))
}

// TestABlockOfAnotherNodeHasWhatIsOnItsStemHere: it tells nothing of this node, until it is decided.
func TestABlockOfAnotherNodeHasWhatIsOnItsStemHere(t *testing.T) {
	for _, accept := range []bool{true, false} {
		ctx := context.Background()
		c, alice, session := startStemChain(t)
		tx := c.message(alice, session, "secret")
		require.NoError(t, c.Submit(ctx, tx, ""))
		blk := c.parse(c.forge(nil, tx))
		require.NoError(t, blk.Verify(ctx))
		c.requireUntold(tx)
		require.False(t, c.Diffuse(tx.ID()), "others know it")
		added, err := c.Receive(tx, "")
		require.NoError(t, err)
		require.False(t, added)
		requireMempool(t, c.mempool)
		if accept {
			require.NoError(t, blk.Accept(ctx))
			require.True(t, c.Holds(tx.ID()))
			require.Empty(t, c.mempool.entries)
		} else {
			require.NoError(t, blk.Reject(ctx))
			require.True(t, c.Waits(tx.ID()))
		}
		require.False(t, c.OnStem(tx.ID()))
		requireMempool(t, c.mempool)
		require.Zero(t, c.mempool.stem)
	}
}

// TestWhatIsOnItsStemMakesRoomToo: who fills the mempool with what is on its stem keeps nobody out. That something was there
// shows neither when it makes room, nor when not even that is enough.
func TestWhatIsOnItsStemMakesRoomToo(t *testing.T) {
	m := newMempool(MempoolConfig{MaxTransactions: 64, MaxBytes: 300_000, MaxPerSender: 16})
	var full []*chain.Transaction
	for n := 0; ; n++ {
		tx := unsignedMessage(t, 1, 32<<10, n)
		if _, _, err := m.add(tx, "", true); err != nil {
			require.ErrorIs(t, err, refusal.ErrMempoolFull)
			break
		}
		full = append(full, tx)
	}
	require.Len(t, full, 5)

	_, evicted, err := m.add(unsignedMessage(t, 2, 120_000, 0), "", false) // two would not be enough, and three too many
	require.ErrorIs(t, err, refusal.ErrMempoolFull)
	require.Empty(t, evicted)
	for _, tx := range full {
		require.True(t, m.onStem(tx.ID()))
	}
	requireMempool(t, m)

	small := unsignedMessage(t, 2, 10_000, 1)
	require.NoError(t, m.room(small, ""))
	added, evicted, err := m.add(small, "", true)
	require.NoError(t, err)
	require.True(t, added)
	require.Equal(t, full[4:], evicted)
	require.NoError(t, m.droppedReason(evicted[0].ID()), "nobody is told that it was here")
	requireMempool(t, m)
}
