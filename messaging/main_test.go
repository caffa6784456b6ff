package messaging

import (
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

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

func withChain(tests func() int) (status int, err error) {
	path, err := os.MkdirTemp("", "messaging-test-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(path)
	folder, err := standalone.OpenFolder(path)
	if err != nil {
		return 0, err
	}
	defer folder.Close()
	genesis := chain.DefaultGenesis()
	genesis.Timestamp = uint64(time.Now().UnixMilli())
	if err := folder.SetGenesis(genesis.Bytes()); err != nil {
		return 0, err
	}
	running, err := standalone.Open(folder, standalone.Options{Config: []byte(`{"rpc":{"certificateRate":1e6,"certificateBurst":1000000,"requestRate":1e6,"requestBurst":1000000,"unsignedRate":1e6,"unsignedBurst":1000000}}`), BlockInterval: time.Millisecond, Version: "test", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	server := httptest.NewServer(running.Handler())
	TestURL = server.URL + "/rpc"
	status = tests()
	server.Close()
	return status, running.Close()
}
