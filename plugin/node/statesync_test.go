package node

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/luxfi/ids"
	validatorstatepb "github.com/luxfi/node/proto/pb/validatorstate"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/warp"
)

// syncConfig offers every fourth state, and fetches those that are four blocks ahead.
const syncConfig = `{"stateSync":{"enabled":true,"interval":4,"minBlocks":4}}`

// chainToJoin starts three validators with a chain of some blocks.
func chainToJoin(t *testing.T, blocks byte) (w *wire, chains []*server) {
	t.Helper()
	ctx := context.Background()
	w, chains, _ = wireUp(t, 3, []byte(syncConfig))
	for i := range blocks {
		require.NoError(t, chains[0].chain.vm().Submit(ctx, registration(t, i+1), ""))
		acceptOn(t, chains[0], chains...)
	}
	return w, chains
}

// join adds a node that is no validator, and does not take part yet.
func (w *wire) join(t *testing.T, validators []*server, folder string) *server {
	t.Helper()
	ctx := context.Background()
	n, self := newTestNode(t, warp.CiphersuitePOP, 77), ids.NodeID{77}
	first := validators[0].chain
	set, err := first.host.Validators(ctx, 7)
	require.NoError(t, err)
	for _, v := range set {
		n.sets[7] = append(n.sets[7], &validatorstatepb.Validator{NodeId: v.Node[:], PublicKey: v.PublicKey, Weight: v.Weight})
	}
	n.current, n.config, n.messages = 7, []byte(syncConfig), &wiredNode{wire: w, self: self}
	n.serve()
	s := openedBy(t, n, self, folder, w.genesis)
	w.mu.Lock()
	w.chains[self] = s
	w.mu.Unlock()
	for i := range validators {
		require.NoError(t, s.chain.Connected(ctx, ids.NodeID{byte(i + 1)}, nil))
	}
	_, err = s.SetState(ctx, &vmpb.SetStateRequest{State: vmpb.State_STATE_STATE_SYNCING})
	require.NoError(t, err)
	return s
}

func height(t *testing.T, s *server) uint64 {
	t.Helper()
	ctx := context.Background()
	last, err := s.chain.LastAccepted(ctx)
	require.NoError(t, err)
	block, err := s.chain.GetBlock(ctx, last)
	require.NoError(t, err)
	return block.Height()
}

// lastSummary waits until a node offers the summary of a height.
func lastSummary(t *testing.T, s *server, height uint64) (summary *vmpb.GetLastStateSummaryResponse) {
	t.Helper()
	require.Eventually(t, func() bool {
		var err error
		summary, err = s.GetLastStateSummary(context.Background(), &emptypb.Empty{})
		require.NoError(t, err)
		require.Equal(t, vmpb.Error_ERROR_UNSPECIFIED, summary.Err)
		return summary.Height == height
	}, 10*time.Second, 5*time.Millisecond)
	return summary
}

func TestANodeJoinsByFetchingTheState(t *testing.T) {
	ctx := context.Background()
	w, chains := chainToJoin(t, 9)
	offered := lastSummary(t, chains[0], 8)
	for _, s := range chains { // the same bytes: the engine counts votes for them
		voted, err := s.GetStateSummary(ctx, &vmpb.GetStateSummaryRequest{Height: 8})
		require.NoError(t, err)
		require.Equal(t, offered.Bytes, voted.Bytes)
	}

	s := w.join(t, chains, t.TempDir())
	enabled, err := s.StateSyncEnabled(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	require.True(t, enabled.Enabled)
	ongoing, err := s.GetOngoingSyncStateSummary(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	require.Equal(t, vmpb.Error_ERROR_NOT_FOUND, ongoing.Err)
	accepted, err := s.StateSummaryAccept(ctx, &vmpb.StateSummaryAcceptRequest{Bytes: offered.Bytes})
	require.NoError(t, err)
	require.Equal(t, vmpb.StateSummaryAcceptResponse_MODE_STATIC, accepted.Mode)
	for range 2 { // until the node has noticed
		event, err := s.WaitForEvent(ctx, &emptypb.Empty{})
		require.NoError(t, err)
		require.Equal(t, vmpb.Message_MESSAGE_STATE_SYNC_FINISHED, event.Message)
	}
	for _, state := range []vmpb.State{vmpb.State_STATE_BOOTSTRAPPING, vmpb.State_STATE_NORMAL_OP} {
		_, err = s.SetState(ctx, &vmpb.SetStateRequest{State: state})
		require.NoError(t, err)
	}
	require.EqualValues(t, 8, height(t, s))
	ongoing, err = s.GetOngoingSyncStateSummary(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	require.Equal(t, vmpb.Error_ERROR_NOT_FOUND, ongoing.Err)

	// It proves at once, and goes on.
	totals := chain.TotalsKey()
	ours, proof, err := s.chain.vm().Snapshot().Prove(totals)
	require.NoError(t, err)
	require.NotNil(t, proof.GetExist())
	theirs, err := chains[0].chain.vm().SnapshotAt(8)
	require.NoError(t, err)
	value, _, err := theirs.Prove(totals)
	require.NoError(t, err)
	require.Equal(t, value, ours)
	next, err := chains[0].chain.vm().BlockAt(9)
	require.NoError(t, err)
	follow(t, s, next)
	require.NoError(t, chains[0].chain.vm().Submit(ctx, registration(t, 100), ""))
	acceptOn(t, chains[0], append(chains, s)...)
	require.EqualValues(t, 10, height(t, s))
	health, err := s.chain.HealthCheck(ctx)
	require.NoError(t, err)
	require.NotNil(t, health)

	// It offers what it has fetched, with the certificate.
	require.EqualValues(t, 8, lastSummary(t, s, 8).Height)
}

// follow accepts a block of other nodes.
func follow(t *testing.T, s *server, blk *chain.Block) {
	t.Helper()
	ctx, pChainHeight, id := context.Background(), uint64(7), blk.ID()
	_, err := s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: blk.Bytes(), PChainHeight: &pChainHeight})
	require.NoError(t, err)
	_, err = s.BlockAccept(ctx, &vmpb.BlockAcceptRequest{Id: id[:]})
	require.NoError(t, err)
}

// heldContext tells when somebody waits for its end.
type heldContext struct {
	context.Context
	held chan struct{}
}

func (c heldContext) Done() <-chan struct{} {
	select {
	case c.held <- struct{}{}:
	default:
	}
	return c.Context.Done()
}

// TestTheNodeHearsOfAStateSyncThatFails has a node that waits for an event before the sync begins, as
// AvalancheGo does, and a file in the way of what is fetched. The chain goes on from where it is.
func TestTheNodeHearsOfAStateSyncThatFails(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	w, chains := chainToJoin(t, 9)
	offered := lastSummary(t, chains[0], 8)
	folder := t.TempDir()
	s := w.join(t, chains, folder)
	staged := filepath.Join(folder, "sync")
	require.NoError(t, os.MkdirAll(filepath.Join(staged, "fetched", "in the way"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(staged, "summary"), offered.Bytes, 0o600))
	waits, events := heldContext{ctx, make(chan struct{}, 1)}, make(chan vmpb.Message, 1)
	go func() {
		for ctx.Err() == nil { // nodes ask again after an error
			if event, err := s.WaitForEvent(waits, &emptypb.Empty{}); err == nil {
				events <- event.Message
				return
			}
		}
	}()
	<-waits.held
	accepted, err := s.StateSummaryAccept(ctx, &vmpb.StateSummaryAcceptRequest{Bytes: offered.Bytes})
	require.NoError(t, err)
	require.Equal(t, vmpb.StateSummaryAcceptResponse_MODE_STATIC, accepted.Mode)
	select {
	case event := <-events:
		require.Equal(t, vmpb.Message_MESSAGE_STATE_SYNC_FINISHED, event)
	case <-ctx.Done():
		require.Fail(t, "the node is not told")
	}
	require.NoDirExists(t, staged)
	_, err = s.SetState(ctx, &vmpb.SetStateRequest{State: vmpb.State_STATE_BOOTSTRAPPING})
	require.NoError(t, err)
	require.Zero(t, height(t, s))
	first, err := chains[0].chain.vm().BlockAt(1)
	require.NoError(t, err)
	follow(t, s, first)
}

// TestANodeThatDoesNotWaitForTheState sets the next states while the state is being fetched.
func TestANodeThatDoesNotWaitForTheState(t *testing.T) {
	ctx := context.Background()
	w, chains := chainToJoin(t, 9)
	offered := lastSummary(t, chains[0], 8)
	s := w.join(t, chains, t.TempDir())
	for range 2 {
		accepted, err := s.StateSummaryAccept(ctx, &vmpb.StateSummaryAcceptRequest{Bytes: offered.Bytes})
		require.NoError(t, err)
		require.Equal(t, vmpb.StateSummaryAcceptResponse_MODE_STATIC, accepted.Mode)
	}
	_, err := s.SetState(ctx, &vmpb.SetStateRequest{State: vmpb.State_STATE_NORMAL_OP})
	require.NoError(t, err)
	require.EqualValues(t, 8, height(t, s))
	require.True(t, s.chain.vm().InNormalOperation())
	next, err := chains[0].chain.vm().BlockAt(9)
	require.NoError(t, err)
	follow(t, s, next)
}

// TestWhatAStateSyncHasLeftGoes once the node takes part without it.
func TestWhatAStateSyncHasLeftGoes(t *testing.T) {
	ctx := context.Background()
	w, chains := chainToJoin(t, 4)
	folder := t.TempDir()
	s := w.join(t, chains, folder)
	staged := filepath.Join(folder, "sync")
	require.NoError(t, os.MkdirAll(staged, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(staged, "fetched"), make([]byte, 1<<20), 0o600))
	_, err := s.SetState(ctx, &vmpb.SetStateRequest{State: vmpb.State_STATE_BOOTSTRAPPING})
	require.NoError(t, err)
	require.NoDirExists(t, staged)
}

func TestASummaryThatIsNotFarAheadIsSkipped(t *testing.T) {
	ctx := context.Background()
	w, chains := chainToJoin(t, 3)
	first := lastSummary(t, chains[0], 0)
	s := w.join(t, chains, t.TempDir())
	third, err := chains[0].GetStateSummary(ctx, &vmpb.GetStateSummaryRequest{Height: 3})
	require.NoError(t, err)
	for _, summary := range [][]byte{first.Bytes, third.Bytes} {
		accepted, err := s.StateSummaryAccept(ctx, &vmpb.StateSummaryAcceptRequest{Bytes: summary})
		require.NoError(t, err)
		require.Equal(t, vmpb.StateSummaryAcceptResponse_MODE_SKIPPED, accepted.Mode)
	}
	missing, err := s.GetStateSummary(ctx, &vmpb.GetStateSummaryRequest{Height: 3})
	require.NoError(t, err)
	require.Equal(t, vmpb.Error_ERROR_NOT_FOUND, missing.Err)
	for _, wrong := range [][]byte{nil, {1}, append([]byte{2}, third.Bytes[1:]...), third.Bytes[:40], append(third.Bytes, 0)} {
		_, err := s.ParseStateSummary(ctx, &vmpb.ParseStateSummaryRequest{Bytes: wrong})
		require.Error(t, err)
	}
}
