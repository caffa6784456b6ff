package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	consensus "github.com/luxfi/consensus/context"
	"github.com/luxfi/consensus/engine/chain/block"
	"github.com/luxfi/database"
	"github.com/luxfi/database/memdb"
	"github.com/luxfi/ids"
	nodelog "github.com/luxfi/log"
	"github.com/luxfi/node/api/metrics"
	"github.com/luxfi/node/vms/rpcchainvm"
	"github.com/luxfi/node/vms/rpcchainvm/runtime"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/vm"
)

var pluginChainID = ids.ID{'p', 'l', 'u', 'g', 'i', 'n'}

// processes remembers what the node's module says it has started.
type processes struct{ pid int }

func (p *processes) TrackProcess(pid int) { p.pid = pid }
func (p *processes) UntrackProcess(int)   {}

// startPlugin starts the plugin at a path as luxd does.
func startPlugin(path string) (*rpcchainvm.VMClient, *processes, error) {
	var started processes
	created, err := rpcchainvm.NewFactory(path, &started, runtime.NewManager(), metrics.NewPrefixGatherer()).New(nodelog.NewNoOpLogger())
	if err != nil {
		return nil, nil, err
	}
	return created.(*rpcchainvm.VMClient), &started, nil
}

// initializePlugin gives the plugin what luxd gives it.
func initializePlugin(plugin *rpcchainvm.VMClient, folder string, genesis, config []byte) error {
	return plugin.Initialize(context.Background(), &consensus.Context{
		NetworkID:    12345,
		ChainID:      pluginChainID,
		NodeID:       ids.NodeID{1},
		ChainDataDir: folder,
		Metrics:      metrics.NewPrefixGatherer(),
	}, memdb.New(), genesis, nil, config, nil, nil, nil)
}

// host is what a node does for a plugin: consensus with one validator, and HTTP.
type host struct {
	t      testing.TB
	plugin *rpcchainvm.VMClient
	client *client.Client
}

func startHost(t testing.TB, folder string, genesis, config []byte) *host {
	t.Helper()
	return startHostOf(t, binary, folder, genesis, config)
}

// startHostOf is startHost for a program of its own.
func startHostOf(t testing.TB, program, folder string, genesis, config []byte) *host {
	t.Helper()
	plugin, _, err := startPlugin(program)
	require.NoError(t, err)
	require.NoError(t, initializePlugin(plugin, folder, genesis, config))
	require.NoError(t, plugin.SetState(context.Background(), 2)) // bootstrapping
	require.NoError(t, plugin.SetState(context.Background(), 3)) // normal operation
	handlers, err := plugin.CreateHandlers(context.Background())
	require.NoError(t, err)
	mux := http.NewServeMux()
	for path, handler := range handlers {
		mux.Handle("/ext/bc/test"+path, handler)
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return &host{t: t, plugin: plugin, client: connect(t, server.URL+"/ext/bc/test/rpc")}
}

// whileAccepting runs what waits for blocks, and meanwhile builds, verifies and accepts
// them.
func (h *host) whileAccepting(wait func()) {
	h.t.Helper()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		wait()
	}()
	for {
		select {
		case <-finished:
			return
		case <-time.After(5 * time.Millisecond):
		}
		if built, err := h.plugin.BuildBlock(context.Background()); err == nil {
			h.accept(built)
		}
	}
}

func (h *host) accept(built block.Block) {
	h.t.Helper()
	ctx := context.Background()
	parsed, err := h.plugin.ParseBlock(ctx, built.Bytes())
	require.NoError(h.t, err)
	require.Equal(h.t, built.ID(), parsed.ID())
	require.Equal(h.t, built.ParentID(), parsed.ParentID())
	require.Equal(h.t, built.Height(), parsed.Height())
	require.NoError(h.t, parsed.Verify(ctx))
	require.NoError(h.t, h.plugin.SetPreference(ctx, parsed.ID()))
	require.NoError(h.t, parsed.Accept(ctx))
}

func pluginGenesis() []byte {
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Timestamp = 1_700_000_000_000
	return genesis.Bytes()
}

func TestThePluginKeepsAChainAsANodeDrivesIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	folder, genesis := t.TempDir(), pluginGenesis()
	h := startHost(t, folder, genesis, []byte(`{"sessionTTL":86400,"rpc":{"waitSeconds":20}}`))
	version, err := h.plugin.Version(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, version)
	first, err := h.plugin.GetBlockIDAtHeight(ctx, 0)
	require.NoError(t, err)
	_, err = h.plugin.GetBlock(ctx, ids.ID{1})
	require.ErrorIs(t, err, database.ErrNotFound)

	alice, bob := newPerson(t, 1, pluginChainID), newPerson(t, 2, pluginChainID)
	var sent []*client.SendMessageResult
	var session ids.ID
	h.whileAccepting(func() {
		alice.register(t, h.client)
		bob.register(t, h.client)
		session = openSession(t, h.client, alice, bob)
		for i, sender := range []person{alice, bob, alice} {
			result, err := h.client.SendMessage(ctx, sender.message(t, session, fmt.Sprintf("message %d", i)))
			require.NoError(t, err)
			require.EqualValues(t, i+1, result.Sequence)
			sent = append(sent, result)
		}
	})
	health, err := h.client.Health(ctx)
	require.NoError(t, err)
	require.True(t, health.Healthy)
	require.True(t, health.Bootstrapped)
	last, err := h.client.GetHeader(ctx, client.BlockParams{})
	require.NoError(t, err)
	gathered, err := h.plugin.Gather()
	require.NoError(t, err)
	require.NotEmpty(t, gathered)
	report, err := h.plugin.HealthCheck(ctx)
	require.NoError(t, err)
	require.Contains(t, fmt.Sprintf("%s", report), `"healthy":true`)
	require.NoError(t, h.plugin.Shutdown(ctx))

	h = startHost(t, folder, genesis, nil)
	lastAccepted, err := h.plugin.LastAccepted(ctx)
	require.NoError(t, err)
	require.Equal(t, last.Header.ID, lastAccepted)
	again, err := h.plugin.GetBlockIDAtHeight(ctx, 0)
	require.NoError(t, err)
	require.Equal(t, first, again)
	block, err := h.plugin.GetBlock(ctx, lastAccepted)
	require.NoError(t, err)
	require.Equal(t, last.Header.Height, block.Height())
	page, err := h.client.ListMessages(ctx, client.ListMessagesParams{SessionID: session})
	require.NoError(t, err)
	require.Len(t, page.Messages, len(sent))
	for i, message := range page.Messages {
		require.Equal(t, sent[i].MessageID, message.ID)
		require.Equal(t, fmt.Sprintf("message %d", i), string(message.Ciphertext))
		requireProven(t, h.client, message.ID, message.Sequence)
	}
	h.whileAccepting(func() {
		result, err := h.client.SendMessage(ctx, bob.message(t, session, "after the restart"))
		require.NoError(t, err)
		require.EqualValues(t, 4, result.Sequence)
	})
	require.NoError(t, h.plugin.Shutdown(ctx))
}

func TestThePluginSaysWhyItRefusesAGenesis(t *testing.T) {
	t.Parallel()
	plugin, started, err := startPlugin(binary)
	require.NoError(t, err)
	folder := t.TempDir()
	err = initializePlugin(plugin, folder, []byte(`{"version":1,"sessionTTL":259200,"retentionDays":2}`), nil)
	require.ErrorContains(t, err, "invalid genesis: expected retentionDays that cover sessionTTL")
	require.NoError(t, plugin.Shutdown(context.Background()))
	requireEnded(t, started.pid)
	entries, err := filepath.Glob(filepath.Join(folder, "*"))
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestThePluginEndsWhenItIsAskedOnlyForItsVersion(t *testing.T) {
	t.Parallel()
	plugin, started, err := startPlugin(binary) // luxd and AvalancheGo do this first
	require.NoError(t, err)
	_, err = plugin.Version(context.Background())
	require.NoError(t, err)
	require.NoError(t, plugin.Shutdown(context.Background()))
	requireEnded(t, started.pid)
}

func TestThePluginTellsItsNodeTheProtocolThatItIsInstalledFor(t *testing.T) {
	t.Parallel()
	wrapper := filepath.Join(t.TempDir(), chain.VMID.String())
	write := func(protocol int) {
		require.NoError(t, os.WriteFile(wrapper, fmt.Appendf(nil, "#!/bin/sh\nexec %q --plugin-protocol=%d\n", binary, protocol), 0o700))
	}
	write(42)
	plugin, started, err := startPlugin(wrapper)
	require.NoError(t, err)
	require.NoError(t, plugin.Shutdown(context.Background()))
	requireEnded(t, started.pid)

	write(45)
	_, _, err = startPlugin(wrapper) // the node of this module speaks 42
	require.ErrorIs(t, err, runtime.ErrProtocolVersionMismatch)
	require.ErrorContains(t, err, "version 45")
}

// requireEnded waits until a process has ended; one that nobody has waited for counts.
func requireEnded(t testing.TB, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return false
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		return strings.HasPrefix(rest, "Z")
	}, 15*time.Second, 20*time.Millisecond, "process %d goes on", pid)
}

// parentRole is set for a process that plays the node which is killed; its value is the
// chain's folder.
const parentRole = "SESSIONVM_TEST_PARENT"

// beParent starts the plugin with a chain in the folder, says its process ID, and goes on
// until it is killed.
func beParent(folder string) {
	plugin, started, err := startPlugin(os.Getenv("SESSIONVM_TEST_BINARY"))
	if err == nil {
		err = initializePlugin(plugin, folder, pluginGenesis(), nil)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("plugin", started.pid)
	time.Sleep(time.Minute)
	os.Exit(1)
}

func TestThePluginEndsWhenItsNodeIsKilled(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentRole+"="+folder, "SESSIONVM_TEST_BINARY="+binary)
	stdout, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	var pid int
	for lines := bufio.NewScanner(stdout); pid == 0 && lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "plugin %d", &pid)
	}
	require.NotZero(t, pid)
	t.Cleanup(func() {
		if t.Failed() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	require.NoError(t, syscall.Kill(pid, 0))
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	requireEnded(t, pid)

	// The database is free, and whole.
	again := vm.New()
	require.NoError(t, again.Initialize(context.Background(), vm.Host{ChainID: pluginChainID, DataDir: folder}, pluginGenesis(), nil))
	require.NoError(t, again.Shutdown(context.Background()))
}
