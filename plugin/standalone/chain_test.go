package standalone

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

func openChain(t *testing.T, interval time.Duration) *Chain {
	t.Helper()
	folder := openFolder(t, t.TempDir())
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Limits.MaxBlockPendingSessions = 1024
	genesis.Timestamp = uint64(time.Now().UnixMilli())
	require.NoError(t, folder.SetGenesis(genesis.Bytes()))
	c, err := Open(folder, Options{BlockInterval: interval, Version: "v1", Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	return c
}

// register submits the registration of the n-th identity.
func register(t *testing.T, c *Chain, n byte) ids.ID {
	t.Helper()
	seed := make([]byte, pq.SeedSize)
	seed[0] = n
	identity, err := pq.IdentityFromSeed(seed)
	require.NoError(t, err)
	tx, err := chain.NewTransaction(c.VM().Host().ChainID, &chain.RegisterIdentity{
		KEMPublicKey: identity.Public().KEM,
		DSAPublicKey: identity.Public().DSA,
		Deadline:     uint64(time.Now().Add(time.Minute).UnixMilli()),
	}, nil)
	require.NoError(t, err)
	require.NoError(t, c.VM().Submit(context.Background(), tx, ""))
	return tx.ID()
}

func TestATransactionAloneDoesNotWaitAndThoseCloseTogetherShareABlock(t *testing.T) {
	const interval = 500 * time.Millisecond
	c := openChain(t, interval)
	ctx := context.Background()
	started := time.Now()
	first, err := c.VM().Await(ctx, register(t, c, 1))
	require.NoError(t, err)
	require.Less(t, time.Since(started), interval)

	second, third := register(t, c, 2), register(t, c, 3)
	secondAt, err := c.VM().Await(ctx, second)
	require.NoError(t, err)
	thirdAt, err := c.VM().Await(ctx, third)
	require.NoError(t, err)
	require.Equal(t, first.Height+1, secondAt.Height)
	require.Equal(t, secondAt.Block, thirdAt.Block)
	require.NoError(t, c.Close())
}

// TestWhatComesWhileABlockIsWrittenIsInTheNext sends all the time: each transaction is in the block after the one
// that is written then, at the latest.
func TestWhatComesWhileABlockIsWrittenIsInTheNext(t *testing.T) {
	c := openChain(t, time.Microsecond)
	var sent errgroup.Group
	for n := range uint64(400) {
		tx, err := chain.NewTransaction(c.VM().Host().ChainID, &chain.CreateSession{
			Participants: []ids.ID{{7}}, PublicKeys: [][]byte{make([]byte, chain.KEMPublicKeySize)},
			Nonce: n, Deadline: uint64(time.Now().Add(time.Minute).UnixMilli()),
		}, nil)
		require.NoError(t, err)
		require.NoError(t, c.VM().Submit(t.Context(), tx, vm.Source(fmt.Sprint(n))))
		height := c.VM().Snapshot().Header().Height
		sent.Go(func() error {
			at, err := c.VM().Await(t.Context(), tx.ID())
			if err == nil && at.Height > height+2 {
				err = fmt.Errorf("sent at height %d: expected a block up to %d, got %d", height, height+2, at.Height)
			}
			return err
		})
		time.Sleep(time.Duration(n%7) * 100 * time.Microsecond) // at any moment of a block
	}
	require.NoError(t, sent.Wait())
	require.NoError(t, c.Close())
}

func TestAChainThatHasFailedSaysSo(t *testing.T) {
	c := openChain(t, DefaultBlockInterval)
	require.NoError(t, c.VM().Shutdown(context.Background())) // as its end by an error would
	select {
	case err := <-c.Failed():
		require.ErrorIs(t, err, refusal.ErrNotReady)
	case <-time.After(10 * time.Second):
		t.Fatal("it does not say so")
	}
	require.NoError(t, c.Close())
}

func door(handler http.Handler) Door {
	return Door{Handler: handler, Connections: prometheus.NewGauge(prometheus.GaugeOpts{Name: "connections"})}
}

func TestAServerThatClosesAnswersWhatIsUnderWay(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	server, err := Listen("127.0.0.1:0", door(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-leave
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "answered")
		}
	})), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	answer := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + server.Address())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answer <- string(body)
	}()
	<-entered
	closed := make(chan error, 1)
	go func() { closed <- server.Close() }()
	time.AfterFunc(20*time.Millisecond, func() { close(leave) })
	require.NoError(t, <-closed)
	require.Equal(t, "answered", <-answer)
	_, err = http.Get("http://" + server.Address())
	require.Error(t, err)
}

func TestAnAddressInUseIsRefused(t *testing.T) {
	server, err := Listen("127.0.0.1:0", door(http.NotFoundHandler()), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	_, err = Listen(server.Address(), door(http.NotFoundHandler()), slog.New(slog.DiscardHandler))
	require.Error(t, err)
	require.NoError(t, server.Close())
}
