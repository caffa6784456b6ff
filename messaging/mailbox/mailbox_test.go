package mailbox

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/e2ee"
	"github.com/luxfi/session/messaging"
	"github.com/luxfi/session/plugin/standalone"
	"github.com/luxfi/session/pq"
)

// TestURL is where the tests' chain answers: a real one, in this process.
var TestURL string

func TestMain(m *testing.M) {
	flag.Parse()
	status, err := withChain(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the chain for the tests:", err)
		status = 1
	}
	os.Exit(status)
}

func withChain(tests func() int) (status int, err error) {
	path, err := os.MkdirTemp("", "mailbox-test-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(path)
	folder, err := standalone.OpenFolder(path)
	if err != nil {
		return 0, err
	}
	genesis := chain.DefaultGenesis()
	genesis.Registration = chain.Registration{Mode: chain.RegistrationOpen}
	genesis.Allowances = chain.Allowances{}
	genesis.Invitations.WorkBits = 6 // 22 take most of the tests' time
	genesis.Timestamp = uint64(time.Now().UnixMilli())
	if err := folder.SetGenesis(genesis.Bytes()); err != nil {
		return 0, err
	}
	running, err := standalone.Open(folder, standalone.Options{
		Config:        []byte(`{"rpc":{"certificateRate":1e6,"certificateBurst":1000000,"requestRate":1e6,"requestBurst":1000000,"unsignedRate":1e6,"unsignedBurst":1000000}}`),
		BlockInterval: time.Millisecond, Version: "test", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return 0, err
	}
	server := httptest.NewServer(running.Door().Handler)
	TestURL = server.URL + "/rpc"
	status = tests()
	server.Close()
	return status, errors.Join(running.Close(), folder.Close())
}

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func testConfig(t testing.TB) Config {
	t.Helper()
	identity, err := pq.GenerateIdentity()
	require.NoError(t, err)
	c, err := client.New(TestURL, client.Options{})
	require.NoError(t, err)
	return Config{Config: messaging.Config{Client: c, Identity: identity, Folder: t.TempDir()}}
}

func opened(t testing.TB, config Config) *Mailbox {
	t.Helper()
	m, err := Open(testContext(t), config)
	require.NoError(t, err)
	return m
}

// says sends a text.
func says(t testing.TB, m *Mailbox, peer Peer, text string) (session ids.ID) {
	t.Helper()
	_, session, err := m.Send(testContext(t), peer, e2ee.ContentText, []byte(text))
	require.NoError(t, err)
	return session
}

// texts returns what there is to read with a peer, in all of its sessions.
func texts(t testing.TB, m *Mailbox, peer Peer) (all []string) {
	t.Helper()
	sessions, _, err := m.Sessions(testContext(t), peer)
	require.NoError(t, err)
	for _, session := range sessions {
		c, err := m.Join(testContext(t), peer, session)
		require.NoError(t, err)
		_, err = c.Fetch(testContext(t))
		require.NoError(t, err)
		for _, entry := range c.Entries() {
			if entry.Kind == messaging.KindMessage {
				all = append(all, entry.Text())
			}
		}
		c.Close()
	}
	return all
}

// closes closes a session for good.
func closes(t testing.TB, m *Mailbox, session ids.ID) {
	t.Helper()
	_, err := m.CloseSession(testContext(t), session)
	require.NoError(t, err)
}
