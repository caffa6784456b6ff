package main

import (
	"context"
	"io"
	"log"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"
	"github.com/things-go/go-socks5"
)

// socksProxy is a SOCKS5 proxy, which knows who has used it and for what.
type socksProxy struct {
	address                 string
	mu                      sync.Mutex
	users, resolved, dialed []string
}

// Valid implements socks5.CredentialStore: everybody may.
func (p *socksProxy) Valid(user, _, _ string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users = append(p.users, user)
	return true
}

func (p *socksProxy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	p.mu.Lock()
	p.dialed = append(p.dialed, address)
	p.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, network, address)
}

// Resolve implements socks5.NameResolver.
func (p *socksProxy) Resolve(ctx context.Context, name string) (context.Context, net.IP, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resolved = append(p.resolved, name)
	return ctx, net.IPv4(127, 0, 0, 1), nil
}

func newSOCKSProxy(t *testing.T) *socksProxy {
	t.Helper()
	p := new(socksProxy)
	server := socks5.NewServer(socks5.WithCredential(p), socks5.WithDial(p.dial), socks5.WithResolver(p),
		socks5.WithLogger(socks5.NewLogger(log.New(io.Discard, "", 0))))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p.address = listener.Addr().String()
	go server.Serve(listener)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	return p
}

func TestEverythingGoesThroughTheProxy(t *testing.T) {
	proxy := newSOCKSProxy(t)
	alice, bob, session := pair(t)
	node, err := url.Parse(nodeAddress)
	require.NoError(t, err)
	behind := "http://" + net.JoinHostPort("localhost", node.Port()) + node.Path
	for _, p := range []*person{alice, bob} {
		p.env[envNode], p.env[envProxy] = behind, "socks5://"+proxy.address
	}
	alice.does("send", session, "hello")
	require.Equal(t, "hello", *reads(bob, ExitDone, session)[0].Text)
	alice.does("trust", "--out", filepath.Join(t.TempDir(), "trust"))
	platform := fakePlatform(t, platformAnswers(t))
	alice.does("trust", "--p-chain", platform, "--out", filepath.Join(t.TempDir(), "trust"))

	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	slices.Sort(proxy.users)
	require.Len(t, slices.Compact(proxy.users), 4, "a circuit for each command")
	require.Equal(t, []string{"localhost"}, slices.Compact(proxy.resolved))
	other, err := url.Parse(platform)
	require.NoError(t, err)
	require.Equal(t, []string{node.Host, other.Host}, slices.Compact(proxy.dialed))
}

// TestEachPrivateSessionHasACircuitAndANode of its own, and none is the identity's.
func TestEachPrivateSessionHasACircuitAndANode(t *testing.T) {
	proxy := newSOCKSProxy(t)
	alice, bob := newPerson(t, nodeAddress), newPerson(t, nodeAddress)
	meet(t, alice, bob)
	alice.does("send", "bob", "on the first node")
	node, err := url.Parse(nodeAddress)
	require.NoError(t, err)
	nodes := []string{nodeAddress, "http://" + net.JoinHostPort("localhost", node.Port()) + node.Path} // the second stands for another node
	alice.env[envNode], alice.env[envProxy] = strings.Join(nodes, ","), "socks5://"+proxy.address
	alice.does("send", "bob", "through the proxy")
	proxy.mu.Lock()
	defer proxy.mu.Unlock()
	slices.Sort(proxy.users)
	require.Len(t, slices.Compact(proxy.users), 2)

	s := &shell{node: strings.Join(nodes, ","), getenv: func(string) string { return "" }, timeout: time.Second}
	used := map[string]bool{}
	for i := range 16 {
		c, err := s.circuits()(ids.ID{31: byte(i)})
		require.NoError(t, err)
		used[c.Address()] = true
	}
	require.Len(t, used, 2)
	s.node = nodeAddress
	require.Nil(t, s.circuits(), "nothing is gained by one node's second connection")
}

func TestNothingGoesAroundAProxyThatIsAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	alice := newPerson(t, nodeAddress)
	require.Equal(t, ExitUnreachable, alice.runs("info", "--proxy", "socks5://"+listener.Addr().String()).status)
}

func TestAProxyThatIsNone(t *testing.T) {
	alice := newPerson(t, nodeAddress)
	for _, proxy := range []string{"127.0.0.1:9050", "http://127.0.0.1:8080", "socks5://127.0.0.1", "socks5://127.0.0.1:9050/path", "socks4://127.0.0.1:1"} {
		result := alice.runs("info", "--proxy", proxy)
		require.Equal(t, ExitUsage, result.status, proxy)
		require.Contains(t, result.err, "expected one like socks5://127.0.0.1:9050")
	}
}
