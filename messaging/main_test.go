package messaging

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/plugin/standalone"
)

// TestURL is where the tests' chain answers: a real one, in this process.
var TestURL string

func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		_ = checks.Value.Set("25") // each is a session of two people
	}
	status, err := withChain(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the chain for the tests:", err)
		status = 1
	}
	os.Exit(status)
}

// testGenesis is the tests' chain's.
var testGenesis = chain.DefaultGenesis()

func withChain(tests func() int) (status int, err error) {
	testGenesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	testGenesis.Allowances.FreshShare, testGenesis.Invitations.WorkBits = 0, 1
	testGenesis.Timestamp = uint64(time.Now().UnixMilli())
	url, stop, err := startChain(testGenesis)
	if err != nil {
		return 0, err
	}
	TestURL = url
	status = tests()
	return status, stop()
}

// onChain has all people of a test use a chain of its own, whose genesis differs from the tests'.
func onChain(t testing.TB, change func(*chain.Genesis)) {
	genesis := *testGenesis
	change(&genesis)
	url, stop, err := startChain(&genesis)
	require.NoError(t, err)
	before := TestURL
	TestURL = url
	t.Cleanup(func() {
		TestURL = before
		require.NoError(t, stop())
	})
}

// startChain starts a chain of a genesis, with a validator of its own.
func startChain(genesis *chain.Genesis) (url string, stop func() error, err error) {
	path, err := os.MkdirTemp("", "messaging-test-*")
	if err != nil {
		return "", nil, err
	}
	folder, err := standalone.OpenFolder(path)
	if err != nil {
		return "", nil, err
	}
	if err := folder.SetGenesis(genesis.Bytes()); err != nil {
		return "", nil, err
	}
	running, err := standalone.Open(folder, standalone.Options{
		Config:        []byte(`{"rpc":{"certificateRate":1e6,"certificateBurst":1000000,"requestRate":1e6,"requestBurst":1000000,"unsignedRate":1e6,"unsignedBurst":1000000}}`),
		BlockInterval: time.Millisecond, Version: "test", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return "", nil, err
	}
	server := httptest.NewServer(running.Door().Handler)
	return server.URL + "/rpc", func() error {
		server.Close()
		return errors.Join(running.Close(), folder.Close(), os.RemoveAll(path))
	}, nil
}
