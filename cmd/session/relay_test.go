package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/internal/places"
	"github.com/luxfi/session/ohttp"
)

// relayed starts a chain with a gateway and a relay to it, and returns the relay's address with the hash of the
// gateway's keys, and the node's.
func relayed(t *testing.T) (relay, node string) {
	t.Helper()
	folder := t.TempDir()
	config := filepath.Join(folder, "config.json")
	require.NoError(t, os.WriteFile(config, []byte(`{"rpc":{"ohttpKey":"ohttp.key"}}`), 0o600))
	node, stop, err := startNode(filepath.Join(folder, "data"), "--registration", "open", "--config", config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })

	gateway := strings.TrimSuffix(node, "/rpc") + "/ohttp"
	response, err := http.Get(gateway)
	require.NoError(t, err)
	defer response.Body.Close()
	keys, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	hash := sha256.Sum256(keys)
	return startRelay(t, gateway) + "#" + hex.EncodeToString(hash[:]), node
}

// startRelay runs "session relay-http" until the test ends, and returns its address.
func startRelay(t *testing.T, gateway string, options ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	var errOut strings.Builder
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"relay-http", "--listen", "127.0.0.1:0", "--to", gateway, "--json"}, options...), strings.NewReader(""), writer, &errOut, func(string) string { return "" })
	}()
	t.Cleanup(func() {
		cancel()
		require.Equal(t, ExitDone, <-ended)
		require.Empty(t, errOut.String(), "a relay says nothing of what it does")
	})
	line, err := bufio.NewReader(reader).ReadString('\n')
	require.NoError(t, err)
	var said relayResult
	require.NoError(t, json.Unmarshal([]byte(line), &said))
	require.Equal(t, gateway, said.To)
	return said.Relay
}

func TestPeopleTalkThroughARelay(t *testing.T) {
	relay, node := relayed(t)
	proxy := newSOCKSProxy(t)
	alice, bob := newPerson(t, ""), newPerson(t, "")
	for _, p := range []*person{alice, bob} {
		p.env[envRelay] = relay
	}
	alice.env[envProxy] = "socks5://" + proxy.address // to the relay
	session := meet(t, alice, bob)
	require.NotEmpty(t, session)
	bob.does("send", "alice", "hello")
	require.Equal(t, "hello", *reads(alice, ExitDone, "bob")[1].Text)

	proxy.mu.Lock()
	require.NotEmpty(t, proxy.dialed)
	for _, dialed := range proxy.dialed {
		require.Equal(t, strings.TrimPrefix(strings.Split(relay, "/#")[0], "http://"), dialed, "the relay alone")
	}
	proxy.mu.Unlock()

	s := &shell{relay: relay, getenv: func(string) string { return "" }, timeout: time.Second}
	onOne, err := s.circuits()(ids.ID{1})
	require.NoError(t, err, "what a pseudonym asks for has nothing of what another one knows")
	onOther, err := s.circuits()(ids.ID{2})
	require.NoError(t, err)
	require.NotSame(t, onOne, onOther)

	alice.env[envNode] = node
	alice.fails(ExitUsage, "leave out --node", "info")
	alice.env[envNode] = ""
	alice.fails(ExitUnreachable, "only https://session.invalid can be asked", "trust", "--p-chain", node)
	alice.fails(ExitUnreachable, "expected the hash "+strings.Repeat("0", 64), "info", "--relay", strings.Split(relay, "#")[0]+"#"+strings.Repeat("0", 64))
	alice.fails(ExitUsage, "expected one like https://relay.example/#HASH", "info", "--relay", strings.Split(relay, "#")[0])
}

// TestOneAddressLeavesConnectionsToARelayToOthers: one takes all of them and says nothing, and another one is answered.
func TestOneAddressLeavesConnectionsToARelayToOthers(t *testing.T) {
	const connections = 3
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveRelay(ctx, places.Limit(listener, connections, nil), http.NotFoundHandler()) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	ask := func(from string) (net.Conn, error) {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}
		conn, err := dialer.DialContext(ctx, "tcp", listener.Addr().String())
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { _ = conn.Close() })
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: relay\r\n\r\n"); err != nil {
			return nil, err
		}
		_, err = http.ReadResponse(bufio.NewReader(conn), nil)
		return conn, err
	}
	for range connections { // which stay open, and are known to be accepted
		_, err := ask("127.0.0.1")
		require.NoError(t, err)
	}
	_, err = ask("127.0.0.1")
	require.Error(t, err, "one has all")
	_, err = ask("127.0.0.2")
	require.NoError(t, err, "and gives way")
}

// TestARelayTellsClientsApartBehindATrustedProxy: one takes all bytes that the relay can have with bodies that do not come, and gives
// way to another one, who comes through the same proxy.
func TestARelayTellsClientsApartBehindATrustedProxy(t *testing.T) {
	const size, most = 8 << 20, 7 // so many such bodies fit
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	t.Cleanup(gateway.Close)
	relay := startRelay(t, gateway.URL, "--trusted-proxy", "192.0.2.0/24,127.0.0.1")
	post := func(from, body string) (status int, err error) {
		conn, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(relay, "http:"), "/"))
		if err != nil {
			return 0, err
		}
		defer conn.Close()
		if _, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: relay\r\nX-Forwarded-For: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", from, ohttp.RequestType, size, body); err != nil {
			return 0, err
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return 0, err
		}
		return response.StatusCode, nil
	}
	answered := make(chan int, most)
	for range most {
		go func() {
			status, _ := post("198.51.100.1", "") // an error when the relay ends
			answered <- status
		}()
	}
	body := strings.Repeat("x", size)
	require.Eventually(t, func() bool {
		status, err := post("198.51.100.2", body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
		return len(answered) > 0
	}, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, http.StatusServiceUnavailable, <-answered)
}

func TestARelayNeedsAGatewayAndAnAddress(t *testing.T) {
	alice := newPerson(t, nodeAddress)
	alice.fails(ExitUsage, "the gateway: expected a URL", "relay-http")
	alice.fails(ExitUsage, "listen", "relay-http", "--to", "http://127.0.0.1:1/ohttp", "--listen", "nowhere:x")
	alice.fails(ExitUsage, `--trusted-proxy: expected an IP address or a network like 10.0.0.0/8, got "proxy.example"`, "relay-http", "--to", "http://127.0.0.1:1/ohttp", "--trusted-proxy", "10.0.0.0/8,proxy.example")
}
