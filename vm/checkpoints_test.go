package vm

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// pass lets time pass on all nodes.
func (n *testNetwork) pass(d time.Duration) {
	for _, node := range n.nodes {
		node.clock.advance(d)
	}
}

// next returns the block that a node makes a checkpoint of now, after its last one.
func (c *testChain) next() *chain.Header {
	return c.nextCheckpoint(c.lastCheckpoint(), time.Duration(c.config.CheckpointInterval)*time.Second)
}

// TestCheckpointsAreMadeInTimeAndAtChanges: of the same blocks on each node, and they are there after a restart.
func TestCheckpointsAreMadeInTimeAndAtChanges(t *testing.T) {
	ctx := context.Background()
	n := startKeys(t, 3, 0, 1, 2)
	identities := 1
	plain := func(pChainHeight uint64) *chain.Header {
		identities++
		return n.accept(pChainHeight, n.nodes, n.nodes[0].registration(identity(identities)))
	}
	first := n.nodes[0]
	require.ErrorIs(t, first.makeCheckpoint(first.Snapshot().Header()), refusal.ErrNoQuorum, "nobody has a key")
	require.Nil(t, first.next(), "so none is tried, and nothing is said")
	n.accept(10, n.nodes, n.register(0, n.dsaKeys(0)[0], nil), n.register(1, n.dsaKeys(1)[0], nil))
	require.Nil(t, first.next(), "two thirds are not more than two thirds")
	var made []*chain.Header
	makes := func(want *chain.Header) {
		t.Helper()
		for _, node := range n.nodes {
			header := node.next()
			require.NotNil(t, header)
			require.Equal(t, want.ID(), header.ID())
			require.NoError(t, node.makeCheckpoint(header))
			require.Nil(t, node.next())
		}
		made = append(made, want)
	}
	makes(n.accept(10, n.nodes, n.register(2, n.dsaKeys(2)[0], nil)))
	plain(10)
	require.Nil(t, first.next(), "nothing is due")
	n.pass(time.Hour)
	hourly := plain(10)
	plain(10)
	makes(hourly) // the first of an hour, whenever a node gets to it
	idle := plain(10)
	n.pass(time.Hour)
	makes(idle)      // no block has come for an hour
	makes(plain(10)) // the first of the next
	n.setValidators(20, 0, 1)
	makes(plain(20)) // in the same hour
	n.pass(time.Hour)
	n.pass(time.Duration(first.VM.genesis.Limits.TransactionWindow) * time.Second)
	makes(plain(20))
	makes(n.accept(20, n.nodes, n.register(1, n.dsaKeys(1)[1], n.dsaKeys(1)[0])))

	n.setDown(true, 1, 2)
	require.NoError(t, first.Shutdown(ctx))
	n.start(0)
	require.Equal(t, made[len(made)-1].ID(), first.lastCheckpoint().ID())
	require.Nil(t, first.next())
	for i, header := range made {
		kept, err := first.Checkpoint(header.Height)
		require.NoError(t, err)
		require.Equal(t, header.ID(), kept.Header.ID())
		below, err := first.Checkpoint(header.Height - 1)
		require.NoError(t, err)
		if i == 0 || made[i-1].Height < header.Height-1 {
			require.Equal(t, header.ID(), below.Header.ID(), "it serves what was before it")
		}
	}
	_, err := first.Checkpoint(made[len(made)-1].Height + 1)
	require.ErrorIs(t, err, refusal.ErrNotFound)

	// They lead from the first to the last, over both changes, without anybody else.
	options := lightclient.TrustOptions{Rules: lightclient.Rules{
		Verifier:       warp.Verifier{NetworkID: testNetworkID, ChainID: testChainID, Ciphersuite: warp.CiphersuitePOP},
		TrustingPeriod: lightclient.DefaultTrustingPeriod, Policy: lightclient.PolicyBoth,
	}}
	var trusted *lightclient.LightBlock
	for _, header := range made {
		kept, err := first.Checkpoint(header.Height)
		require.NoError(t, err)
		if trusted == nil {
			checkpoint, err := kept.Checkpoint(options.Policy)
			require.NoError(t, err)
			trusted = checkpoint.Block()
			continue
		}
		if header.ValidatorSetHash != trusted.Header.ValidatorSetHash { // it comes with a handover, which BLS needs
			options.Policy = lightclient.PolicyMLDSA
		}
		_, err = lightclient.Verify(&options.Rules, trusted, kept, first.clock.Now())
		require.NoError(t, err)
		trusted = kept
	}
}

func TestCheckpointsAreBounded(t *testing.T) {
	n := startKeys(t, 1, 0)
	first := n.nodes[0]
	first.config.Checkpoints = 2
	header := n.accept(10, n.nodes, n.register(0, n.dsaKeys(0)[0], nil))
	for i := range 4 {
		require.NoError(t, first.makeCheckpoint(header))
		latest, err := first.LatestCheckpoint()
		require.NoError(t, err)
		require.Equal(t, header.Height, latest)
		lowest, err := first.Checkpoint(0)
		require.NoError(t, err)
		require.Equal(t, header.Height-min(uint64(i), 1), lowest.Header.Height)
		n.pass(time.Hour)
		header = n.accept(10, n.nodes, first.registration(identity(10+i)))
	}
}

// TestChangesPushOutNoHourlyCheckpoints, however many keys are replaced within an hour.
func TestChangesPushOutNoHourlyCheckpoints(t *testing.T) {
	n := startKeys(t, 1, 0)
	first := n.nodes[0]
	first.config.Checkpoints = 8
	header := n.accept(10, n.nodes, n.register(0, n.dsaKeys(0)[0], nil))
	var hourly []uint64
	for i := range 12 {
		require.NoError(t, first.makeCheckpoint(header))
		if i < 3 {
			hourly = append(hourly, header.Height)
			n.pass(time.Hour)
		}
		header = n.accept(10, n.nodes, first.registration(identity(10+i)))
	}
	for _, height := range hourly {
		kept, err := first.Checkpoint(height)
		require.NoError(t, err)
		require.Equal(t, height, kept.Header.Height)
	}
}

func TestANodeThatIsToldSoMakesNoCheckpoints(t *testing.T) {
	n := startKeys(t, 1, 0)
	first := n.nodes[0]
	first.config.CheckpointInterval = 0
	first.wanted.Store(nil)
	n.accept(10, n.nodes, n.register(0, n.dsaKeys(0)[0], nil))
	require.Nil(t, first.wanted.Load())
	first.KeepCheckpoints() // it returns
	require.NoError(t, first.SetState(context.Background(), Bootstrapping))
	require.Nil(t, first.next(), "nor one that others tell what was accepted")
}

// TestCheckpointsAreKeptInTheBackground, and end with the chain.
func TestCheckpointsAreKeptInTheBackground(t *testing.T) {
	ctx := context.Background()
	n := startKeys(t, 2, 0, 1)
	first := n.nodes[0]
	first.config.CheckpointInterval = 1
	ended := make(chan struct{})
	go func() {
		first.KeepCheckpoints()
		close(ended)
	}()
	header := n.accept(10, n.nodes, n.register(0, n.dsaKeys(0)[0], nil), n.register(1, n.dsaKeys(1)[0], nil))
	require.Eventually(t, func() bool {
		latest, err := first.LatestCheckpoint()
		return err == nil && latest == header.Height
	}, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, first.Shutdown(ctx))
	<-ended
	first.KeepCheckpoints() // it returns
	_, err := first.Checkpoint(1)
	require.ErrorIs(t, err, refusal.ErrNotReady)
	_, err = first.LatestCheckpoint()
	require.ErrorIs(t, err, refusal.ErrNotReady)
}
