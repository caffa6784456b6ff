package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ava-labs/avalanchego/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/e2e/network"
)

// payee is an address on the EVM chain that nobody has the key of.
const payee = "0x00000000000000000000000000000000000000bb"

// evmUser is a user who pays on the EVM chain.
type evmUser struct {
	*user
	folder string
}

// evm runs a command of the EVM chain, and decodes what it prints.
func (u *evmUser) evm(ctx context.Context, t *testing.T, into any, arguments ...string) {
	t.Helper()
	out := u.does(ctx, t, append(arguments, "--json", "--evm", net.Nodes[0].EVM(), "--evm-key", filepath.Join(u.folder, "key"))...)
	require.NoError(t, json.Unmarshal([]byte(out), into), out)
}

// deposit is what the command line shows of one.
type deposit struct {
	ID     uint64
	Open   bool
	Amount string
}

// said is what the command line shows of a message that it has sent.
type said struct{ Session string }

// relays starts a relayer, and returns what ends it: at once, as a crash does, or in order.
func (u *evmUser) relays(ctx context.Context, t *testing.T, out *bytes.Buffer, contracts ...string) (ends func(os.Signal)) {
	t.Helper()
	arguments := append([]string{"relay", "--file", filepath.Join(u.folder, "relay.json"), "--evm-key", filepath.Join(u.folder, "key"), "--evm", net.Nodes[1].EVM()}, contracts...)
	command := exec.CommandContext(ctx, *sessionBinary, arguments...)
	command.Env = append(os.Environ(), "SESSION_NODE="+net.Nodes[2].RPC(), "HOME="+u.home)
	command.Stdout, command.Stderr = out, out
	require.NoError(t, command.Start())
	return func(signal os.Signal) {
		t.Helper()
		require.NoError(t, command.Process.Signal(signal))
		if err := command.Wait(); signal == os.Interrupt {
			require.NoError(t, err, out)
		}
	}
}

// isRefused has contracts made hostile calls of all kinds, with messages of a session (warp/relay, network_test.go).
func (u *evmUser) isRefused(ctx context.Context, t *testing.T, session string) {
	t.Helper()
	var elsewhere said
	require.NoError(t, json.Unmarshal([]byte(u.does(ctx, t, "send", "carol", "of another session", "--public", "--json")), &elsewhere))
	started := time.Now()
	out, err := exec.CommandContext(ctx, *refusalsBinary, "-test.v", "-test.run", "^TestContractsOfANetworkRefuse$", "-network-node", net.Nodes[0].RPC(),
		"-network-evm", net.Nodes[0].EVM(), "-network-key", filepath.Join(u.folder, "key"), "-network-sessions", session+","+elsewhere.Session).CombinedOutput()
	t.Logf("%s: hostile calls\n%s", since(started), out)
	require.NoError(t, err)
	require.Contains(t, string(out), "--- PASS")
}

// testEVM: a contract on an EVM chain of the same network pays for messages, and gives back what was deposited for others; the
// relayer is killed meanwhile.
func testEVM(ctx context.Context, t *testing.T) {
	folder, err := os.MkdirTemp(net.Folder(), "evm-")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "key"), []byte(network.EVMKey()), 0o600))
	alice := &evmUser{users[0], folder}
	var escrow struct {
		Address string
		Gas     uint64
	}
	alice.evm(ctx, t, &escrow, "evm", "deploy", "escrow")
	t.Logf("gas to deploy an escrow: %d", escrow.Gas)

	says := func(text string) (sent said) {
		out := alice.does(ctx, t, "send", "bob", text, "--public", "--json")
		require.NoError(t, json.Unmarshal([]byte(out), &sent), out)
		return sent
	}
	session := says("what I want paid for comes next").Session
	deposits := func(arguments ...string) deposit {
		var made deposit
		alice.evm(ctx, t, &made, append([]string{"evm", "deposit", escrow.Address, session, "--payee", payee, "--amount", "0.5"}, arguments...)...)
		require.True(t, made.Open)
		return made
	}
	timePayments := func(settled func() int) {
		var took []time.Duration
		for range *payments {
			deposits()
			before := settled()
			started := time.Now()
			says("one more")
			eventually(ctx, t, 50*time.Millisecond, "a payment", func() bool { return settled() > before })
			took = append(took, since(started))
		}
		slices.Sort(took)
		t.Logf("%d payments, from sending to paid: median %s, worst %s", len(took), took[len(took)/2], took[len(took)-1])
	}
	deposits()                                                              // paid with the next message
	deposits("--reader", users[1].id)                                       // paid when bob has it
	deposits("50", "--within", "20s")                                       // given back: the session has no such message
	deposits("--message", ids.GenerateTestID().String(), "--within", "20s") // given back: no message has that ID
	deposits("--reader", users[1].id, "60", "--within", "1h")               // stays

	settled := func() (count int) {
		var all []deposit
		alice.evm(ctx, t, &all, "evm", "deposits", escrow.Address)
		for _, d := range all {
			if !d.Open {
				count++
			}
		}
		return count
	}
	var out bytes.Buffer
	defer func() { t.Logf("session relay:\n%s", &out) }()
	ends := alice.relays(ctx, t, &out, "--escrow", escrow.Address)
	started := time.Now()
	says("here it is")
	eventually(ctx, t, 200*time.Millisecond, "a payment", func() bool { return settled() >= 1 })
	t.Logf("paid %s after it was sent", since(started))
	ends(os.Kill)
	ends = alice.relays(ctx, t, &out, "--escrow", escrow.Address)
	users[1].does(ctx, t, "ack", session)
	eventually(ctx, t, 3*time.Second, "all that can be shown", func() bool {
		says("so that there is a block after the deadline")
		return settled() == 4
	})
	require.Equal(t, 4, settled())
	ends(os.Interrupt)
	alice.isRefused(ctx, t, session)
	if *payments > 0 { // with a relayer that has nothing else to do: alice pays with the same key
		ends = alice.relays(ctx, t, &out, "--escrow", escrow.Address, "--file", filepath.Join(folder, "payments.json"))
		timePayments(settled)
		ends(os.Interrupt)
	}
	require.Equal(t, 1, strings.Count(out.String(), "payment of deposit 1:"), "each once")
}
