package rpc

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestOneClientLeavesConnectionsToOthers: what one has above others gives way to theirs, unless it is a trusted proxy.
func TestOneClientLeavesConnectionsToOthers(t *testing.T) {
	serve := func(config Config) (dial func(from string) net.Conn, served func(net.Conn) bool) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		limited, err := Limit(listener, config)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, limited.Close()) })
		go func() {
			for {
				conn, err := limited.Accept()
				if err != nil {
					return
				}
				go func() { // echoes
					defer conn.Close()
					buffer := make([]byte, 1)
					for {
						if _, err := conn.Read(buffer); err != nil {
							return
						}
						if _, err := conn.Write(buffer); err != nil {
							return
						}
					}
				}()
			}
		}()
		dial = func(from string) net.Conn {
			dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), 0))}
			conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			return conn
		}
		return dial, func(conn net.Conn) bool {
			require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
			if _, err := conn.Write([]byte{1}); err != nil {
				return false
			}
			_, err := conn.Read(make([]byte, 1))
			return err == nil
		}
	}
	const greedy, other = "127.0.0.1", "127.0.0.2"
	config := DefaultConfig()
	config.MaxConnections = 4
	dial, served := serve(config)
	var open []net.Conn
	for range 4 {
		open = append(open, dial(greedy))
		require.True(t, served(open[len(open)-1]))
	}
	require.False(t, served(dial(greedy)), "one has all")
	for range 2 {
		require.True(t, served(dial(other)), "and gives way")
	}
	require.False(t, served(open[0]) || served(open[1]), "with the oldest")
	require.True(t, served(open[2]) && served(open[3]))
	require.False(t, served(dial(other)), "each has as many")
	require.NoError(t, open[2].Close())
	require.Eventually(t, func() bool { return served(dial(greedy)) }, 10*time.Second, time.Millisecond)

	config.TrustedProxies = []string{greedy}
	dial, served = serve(config)
	for range 4 {
		open = append(open, dial(greedy))
	}
	require.False(t, served(dial(other)), "no connection of a proxy gives way")
	for _, conn := range open[4:] {
		require.True(t, served(conn))
	}
}
