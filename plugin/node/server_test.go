package node

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/database"
	"github.com/luxfi/ids"
	vmpb "github.com/luxfi/node/proto/pb/vm"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// nowhere is an address that nobody serves: the chain does not use the node's database.
const nowhere = "127.0.0.1:1"

// silentNode is the address of a node that serves nothing, until the tests end.
var silentNode = sync.OnceValue(func() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go grpc.NewServer().Serve(listener)
	return listener.Addr().String()
})

var testChainID = ids.ID{'t', 'e', 's', 't'}

func testServer() *server { return newServer(NewChainVM("v1.2.3", slog.New(slog.DiscardHandler), nil)) }

func testGenesis(change func(*chain.Genesis)) []byte {
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = uint64(time.Now().UnixMilli())
	if change != nil {
		change(genesis)
	}
	return genesis.Bytes()
}

// initializeRequest is what a node sends.
func initializeRequest(folder string, genesis, config []byte) *vmpb.InitializeRequest {
	upgrades := &vmpb.NetworkUpgrades{CortinaXChainStopVertexId: ids.Empty[:]}
	message := upgrades.ProtoReflect()
	for fields, i := message.Descriptor().Fields(), 0; i < fields.Len(); i++ {
		if field := fields.Get(i); field.Kind() == protoreflect.MessageKind {
			message.Set(field, protoreflect.ValueOfMessage(timestamppb.New(time.Unix(0, 0)).ProtoReflect()))
		}
	}
	node := ids.NodeID{1}
	return &vmpb.InitializeRequest{
		NetworkId:       12345,
		NetId:           ids.Empty[:],
		ChainId:         testChainID[:],
		NodeId:          node[:],
		NetworkUpgrades: upgrades,
		XChainId:        ids.Empty[:],
		CChainId:        ids.Empty[:],
		LuxAssetId:      ids.Empty[:],
		ChainDataDir:    folder,
		GenesisBytes:    genesis,
		ConfigBytes:     config,
		DbServerAddr:    nowhere,
		ServerAddr:      silentNode(),
	}
}

// initialized returns a server with a running chain.
func initialized(t *testing.T) *server {
	t.Helper()
	s := testServer()
	_, err := s.Initialize(context.Background(), initializeRequest(t.TempDir(), testGenesis(nil), nil))
	require.NoError(t, err)
	_, err = s.SetState(context.Background(), &vmpb.SetStateRequest{State: vmpb.State_STATE_NORMAL_OP})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := s.Shutdown(context.Background(), nil)
		require.NoError(t, err)
	})
	return s
}

// registration returns a transaction that the chain takes.
func registration(t *testing.T, seed byte) *chain.Transaction {
	t.Helper()
	bytes := make([]byte, pq.SeedSize)
	bytes[0] = seed
	identity, err := pq.IdentityFromSeed(bytes)
	require.NoError(t, err)
	tx, err := chain.NewTransaction(testChainID, &chain.RegisterIdentity{
		KEMPublicKey: identity.Public().KEM,
		DSAPublicKey: identity.Public().DSA,
		Deadline:     uint64(time.Now().Add(time.Minute).UnixMilli()),
	}, nil)
	require.NoError(t, err)
	return tx
}

func TestShutdownBeforeInitializeAndTwiceDoesNoHarm(t *testing.T) {
	s := testServer()
	version, err := s.Version(context.Background(), &emptypb.Empty{})
	require.NoError(t, err)
	require.Equal(t, "v1.2.3", version.Version)
	for range 2 {
		_, err = s.Shutdown(context.Background(), &emptypb.Empty{})
		require.NoError(t, err)
		require.True(t, s.allowShutdown.Get())
	}
}

func TestAChainThatIsNotInitializedIsNotHealthy(t *testing.T) {
	_, err := testServer().Health(context.Background(), &emptypb.Empty{})
	require.ErrorIs(t, err, refusal.ErrNotReady)
}

func TestInitializeRefusesWhatIsWrongAndSaysWhy(t *testing.T) {
	serverLog := func() int64 {
		info, err := os.Stat("/tmp/vm-server-init-error.log") // where the embedded server writes
		if os.IsNotExist(err) {
			return -1
		}
		require.NoError(t, err)
		return info.Size()
	}
	good := testGenesis(nil)
	for name, test := range map[string]struct {
		genesis, config, upgrade string
		noFolder                 bool
		says                     string
	}{
		"a genesis that is no JSON":          {genesis: "genesis", says: "invalid genesis"},
		"a genesis with an unknown field":    {genesis: `{"version":1,"sessionTtls":1}`, says: "sessionTtls"},
		"retention shorter than the TTL":     {genesis: `{"version":1,"sessionTTL":259200,"retentionDays":2}`, says: "retentionDays"},
		"an option that disagrees":           {config: `{"sessionTTL":60}`, says: "sessionTTL 86400 as in the genesis"},
		"an unknown option":                  {config: `{"databse":"pebbledb"}`, says: "databse"},
		"an unknown option of the service":   {config: `{"rpc":{"maxBody":1}}`, says: "maxBody"},
		"a wrong option of the service":      {config: `{"rpc":{"maxBatch":-1}}`, says: "maxBatch"},
		"an upgrade file":                    {upgrade: `{"x":1}`, says: "an upgrade file like"},
		"no folder for the chain's database": {noFolder: true, says: "chain data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			before := serverLog()
			s := testServer()
			genesis := []byte(test.genesis)
			if test.genesis == "" {
				genesis = good
			}
			folder := t.TempDir()
			request := initializeRequest(folder, genesis, []byte(test.config))
			request.UpgradeBytes = []byte(test.upgrade)
			if test.noFolder {
				request.ChainDataDir = ""
			}
			_, err := s.Initialize(context.Background(), request)
			require.ErrorContains(t, err, test.says)
			require.Equal(t, before, serverLog())
			_, err = s.Initialize(context.Background(), request)
			require.ErrorIs(t, err, errInitializedTwice)
			_, err = s.Shutdown(context.Background(), &emptypb.Empty{})
			require.NoError(t, err)

			// The folder is free for a start that is right.
			again := testServer()
			_, err = again.Initialize(context.Background(), initializeRequest(folder, good, nil))
			require.NoError(t, err)
			_, err = again.Shutdown(context.Background(), &emptypb.Empty{})
			require.NoError(t, err)
		})
	}
}

func TestStatesOfBothHosts(t *testing.T) {
	s := initialized(t)
	for state, bootstrapped := range map[uint32]bool{1: false, 2: false, 3: true, 4: true} {
		require.NoError(t, s.chain.SetState(context.Background(), state))
		health, _ := s.chain.vm().HealthCheck(context.Background())
		require.Equal(t, bootstrapped, health.Bootstrapped, state)
	}
	for _, state := range []uint32{0, 5, 1 << 31} {
		require.ErrorIs(t, s.chain.SetState(context.Background(), state), refusal.ErrInvalidArgs)
	}
}

func TestWhatIsNotFoundIsExactlyTheHostsError(t *testing.T) {
	s := initialized(t)
	_, err := s.chain.GetBlock(context.Background(), ids.ID{1})
	require.True(t, err == database.ErrNotFound, "%v", err) //nolint:errorlint // the host compares so
	_, err = s.chain.GetBlockIDAtHeight(context.Background(), 1)
	require.True(t, err == database.ErrNotFound, "%v", err) //nolint:errorlint // the host compares so
	answer, err := s.GetBlock(context.Background(), &vmpb.GetBlockRequest{Id: make([]byte, 32)})
	require.NoError(t, err)
	require.Equal(t, vmpb.Error_ERROR_NOT_FOUND, answer.Err)
}

func TestABlockIsBuiltVerifiedAndAcceptedTwice(t *testing.T) {
	ctx := context.Background()
	s := initialized(t)
	tx := registration(t, 1)
	require.NoError(t, s.chain.vm().Submit(ctx, tx, ""))
	event, err := s.WaitForEvent(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	require.Equal(t, vmpb.Message_MESSAGE_BUILD_BLOCK, event.Message)

	built, err := s.BuildBlock(ctx, &vmpb.BuildBlockRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 1, built.Height)
	require.True(t, built.VerifyWithContext)
	parsed, err := s.ParseBlock(ctx, &vmpb.ParseBlockRequest{Bytes: built.Bytes})
	require.NoError(t, err)
	require.Equal(t, built.Id, parsed.Id)
	for range 2 {
		_, err = s.BlockVerify(ctx, &vmpb.BlockVerifyRequest{Bytes: built.Bytes})
		require.NoError(t, err)
	}
	_, err = s.SetPreference(ctx, &vmpb.SetPreferenceRequest{Id: built.Id})
	require.NoError(t, err)
	for range 2 {
		_, err = s.BlockAccept(ctx, &vmpb.BlockAcceptRequest{Id: built.Id})
		require.NoError(t, err)
	}
	at, err := s.GetBlockIDAtHeight(ctx, &vmpb.GetBlockIDAtHeightRequest{Height: 1})
	require.NoError(t, err)
	require.Equal(t, built.Id, at.BlkId)
	found, err := s.GetBlock(ctx, &vmpb.GetBlockRequest{Id: built.Id})
	require.NoError(t, err)
	require.Equal(t, built.Bytes, found.Bytes)
	require.Equal(t, built.ParentId, found.ParentId)
	require.Equal(t, built.Timestamp.AsTime(), found.Timestamp.AsTime())
}

func TestAnErrorOfWaitForEventIsHeldBack(t *testing.T) {
	s := testServer()
	started := time.Now()
	_, err := s.WaitForEvent(context.Background(), &emptypb.Empty{})
	require.ErrorIs(t, err, refusal.ErrNotReady)
	require.GreaterOrEqual(t, time.Since(started), eventRetry)

	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = s.WaitForEvent(ctx, &emptypb.Empty{})
	require.Error(t, err)
}

func TestPeersAreCounted(t *testing.T) {
	ctx := context.Background()
	s := initialized(t)
	self, first, second := ids.NodeID{1}, ids.NodeID{2}, ids.NodeID{3}
	for _, node := range []ids.NodeID{self, first, second, second} {
		_, err := s.Connected(ctx, &vmpb.ConnectedRequest{NodeId: node[:]})
		require.NoError(t, err)
	}
	_, err := s.Disconnected(ctx, &vmpb.DisconnectedRequest{NodeId: first[:]})
	require.NoError(t, err)
	health, err := s.Health(ctx, &emptypb.Empty{})
	require.NoError(t, err)
	var report struct {
		Healthy bool
		Peers   int
	}
	require.NoError(t, json.Unmarshal(health.Details, &report))
	require.True(t, report.Healthy)
	require.Equal(t, 1, report.Peers)
	_, err = s.Connected(ctx, &vmpb.ConnectedRequest{NodeId: []byte{1}})
	require.Error(t, err)
}

func TestTheNodeGathersTheChainsMetrics(t *testing.T) {
	s := initialized(t)
	gathered, err := s.Gather(context.Background(), &emptypb.Empty{})
	require.NoError(t, err)
	names := make(map[string]bool)
	for _, family := range gathered.MetricFamilies {
		names[family.GetName()] = true
	}
	require.True(t, names["vm_sessionvm_height"], "%v", names)
}

func TestTheLostNodeIsNoticed(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	go watchHost(nowhere, gone)
	select {
	case <-gone:
	case <-time.After(2 * hostTimeout):
		t.Fatal("not noticed")
	}
}

func TestTheChainLivesInItsOwnFolder(t *testing.T) {
	folder := t.TempDir()
	s := testServer()
	_, err := s.Initialize(context.Background(), initializeRequest(folder, testGenesis(nil), nil))
	require.NoError(t, err)
	_, err = s.Shutdown(context.Background(), &emptypb.Empty{})
	require.NoError(t, err)
	entries, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, entries)
}
