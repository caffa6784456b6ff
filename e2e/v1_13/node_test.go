// Package v1_13 runs SessionVM in one AvalancheGo v1.13.3 node, whose plugin protocol, 42, is
// luxd's. It is a module of its own: one build can't have two versions of a node.
package v1_13

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/ava-labs/avalanchego/api/health"
	"github.com/ava-labs/avalanchego/genesis"
	"github.com/ava-labs/avalanchego/ids"
	"github.com/ava-labs/avalanchego/vms/secp256k1fx"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary"
	"github.com/ava-labs/avalanchego/wallet/subnet/primary/common"
	"github.com/stretchr/testify/require"
)

const vmID = "speKUgLBX6WRD5cfGeEfLa43LxTXUBckvtv4td6F3eTXvRP48"

var (
	nodeBinary    = flag.String("node", "../../build/avalanchego-v1.13.3", "AvalancheGo's program")
	pluginBinary  = flag.String("plugin", "../../build/sessionvm", "SessionVM's program")
	sessionBinary = flag.String("session", "../../build/session", "the session command line")
)

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	return path
}

// freePort returns a port of the loopback interface that nobody uses now.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// node is one node that is a network of its own.
type node struct {
	t       *testing.T
	folder  string
	url     string
	process *exec.Cmd
	ended   chan struct{}
}

func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{t: t, folder: t.TempDir()}
	plugins := filepath.Join(n.folder, "plugins")
	require.NoError(t, os.Mkdir(plugins, 0o700))
	require.NoError(t, os.Symlink(absolute(t, *pluginBinary), filepath.Join(plugins, vmID)))
	return n
}

// start starts the node's process and waits until it is healthy.
func (n *node) start(ctx context.Context, flags ...string) {
	n.t.Helper()
	port := freePort(n.t)
	n.url = "http://127.0.0.1:" + strconv.Itoa(port)
	log, err := os.OpenFile(filepath.Join(n.folder, "stdout.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(n.t, err)
	defer log.Close()
	n.process = exec.Command(absolute(n.t, *nodeBinary), append([]string{
		"--network-id=local", "--sybil-protection-enabled=false",
		"--http-host=127.0.0.1", "--http-port=" + strconv.Itoa(port),
		"--staking-host=127.0.0.1", "--staking-port=" + strconv.Itoa(freePort(n.t)), "--public-ip=127.0.0.1",
		"--data-dir=" + n.folder, "--plugin-dir=" + filepath.Join(n.folder, "plugins"),
		"--staking-ephemeral-cert-enabled=true", "--staking-ephemeral-signer-enabled=true",
		"--fd-limit=4096", "--health-check-frequency=500ms",
	}, flags...)...)
	n.process.Stdout, n.process.Stderr = log, log
	n.process.Env = append(os.Environ(), "TMPDIR="+n.folder) // it leaves files behind
	// The kernel ends it with the thread that starts it: with this test, whatever ends that.
	runtime.LockOSThread()
	n.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(n.t, n.process.Start())
	n.ended = make(chan struct{})
	go func() {
		defer close(n.ended)
		n.process.Wait() //nolint:errcheck // how it ended is in its log
	}()
	n.t.Cleanup(n.stop)
	client := health.NewClient(n.url)
	require.Eventually(n.t, func() bool {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		reply, err := client.Health(ctx, nil)
		return err == nil && reply.Healthy
	}, time.Minute, 100*time.Millisecond, "the node is not healthy")
}

// stop ends the node.
func (n *node) stop() {
	if n.process == nil {
		return
	}
	if n.t.Failed() {
		log, _ := os.ReadFile(filepath.Join(n.folder, "stdout.log"))
		n.t.Logf("%s", log[max(0, len(log)-8000):])
	}
	n.process.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
	select {
	case <-n.ended:
	case <-time.After(20 * time.Second):
		n.process.Process.Kill() //nolint:errcheck // it may have ended
		<-n.ended
	}
	n.process = nil
}

func TestOneNodeTakesAMessage(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	n := newNode(t)
	n.start(ctx)
	keys := secp256k1fx.NewKeychain(genesis.EWOQKey)
	wallet, err := primary.MakePWallet(ctx, n.url, keys, primary.WalletConfig{})
	require.NoError(t, err)
	subnet, err := wallet.IssueCreateSubnetTx(&secp256k1fx.OutputOwners{Threshold: 1, Addrs: []ids.ShortID{genesis.EWOQKey.Address()}}, common.WithContext(ctx))
	require.NoError(t, err)
	wallet, err = primary.MakePWallet(ctx, n.url, keys, primary.WalletConfig{SubnetIDs: []ids.ID{subnet.ID()}})
	require.NoError(t, err)
	chainGenesis, err := exec.Command(absolute(t, *pluginBinary), "genesis", "--registration", "open", "--fresh-share", "1").Output()
	require.NoError(t, err)
	vm, err := ids.FromString(vmID)
	require.NoError(t, err)
	chain, err := wallet.IssueCreateChainTx(subnet.ID(), chainGenesis, vm, nil, "sessions", common.WithContext(ctx))
	require.NoError(t, err)
	n.stop()
	n.start(ctx, "--track-subnets="+subnet.ID().String())

	folder := t.TempDir()
	session := func(arguments ...string) (string, error) {
		command := exec.CommandContext(ctx, absolute(t, *sessionBinary), arguments...)
		command.Env = append(os.Environ(),
			fmt.Sprintf("SESSION_NODE=%s/ext/bc/%s/rpc", n.url, chain.ID()),
			"HOME="+folder, "SESSION_PASSPHRASE=correct horse battery staple", "SESSION_PUBLIC=1")
		out, err := command.CombinedOutput()
		return string(out), err
	}
	do := func(arguments ...string) string {
		out, err := session(arguments...)
		require.NoError(t, err, "session %v: %s", arguments, out)
		return out
	}
	require.Eventually(t, func() bool {
		_, err := session("info")
		return err == nil
	}, time.Minute, 200*time.Millisecond, "the chain is not there")
	var friend struct{ ID string }
	for _, who := range []string{"identity", "friend"} {
		do("id", "new", "--name", who)
		do("id", "register", "--identity", who, "--trust-node")
	}
	require.NoError(t, json.Unmarshal([]byte(do("id", "show", "--identity", "friend", "--json")), &friend))
	var sent struct {
		Session  string
		Sequence uint64
	}
	// Nobody validates this subnet, so no block is certified, and nothing can be verified by default.
	refused, err := session("send", friend.ID, "verified")
	require.Error(t, err)
	require.Contains(t, refused, "too few validators have signed")
	require.NoError(t, json.Unmarshal([]byte(do("send", friend.ID, "hello, luxd's protocol", "--json", "--trust-node")), &sent))
	require.Contains(t, do("read", sent.Session, "--identity", "friend", "--trust-node"), "hello, luxd's protocol")
	proof := filepath.Join(folder, "delivery.proof")
	do("proof", sent.Session, fmt.Sprint(sent.Sequence), "--out", proof)
	require.Contains(t, do("verify", proof), "VERIFIED")
}
