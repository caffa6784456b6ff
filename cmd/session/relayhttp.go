package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/luxfi/session/internal/places"
	"github.com/luxfi/session/ohttp"
)

// maxRelayConnections bounds the open connections of a relay, of all clients together.
const maxRelayConnections = 2048

type relayResult struct {
	Relay string `json:"relay"`
	To    string `json:"to"`
}

func newRelayHTTP(s *shell) *cobra.Command {
	var listen, to string
	var trusted []string
	c := &cobra.Command{
		Use:   "relay-http --to URL",
		Short: "Run a relay: people ask a node through it, which does not see who they are",
		Long: `Run a relay of Oblivious HTTP (RFC 9458). It passes on what people seal to one node (--relay of
every command), and keeps and logs nothing of them. It sees their addresses, times and padded sizes, and
not what they ask; the node sees what is asked, and the relay's address.

Whoever runs the node must not run the relay. When all connections are taken, or as many requests
are passed on as can be at a time, the address that has most of them gives way. There is no TLS: for
other machines, put a proxy before it that has it, and name that with --trusted-proxy: else all
people have one address, the proxy's.`,
		Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			proxies := new(places.Proxies)
			for _, text := range trusted {
				if err := proxies.Add(text); err != nil {
					return &usageError{fmt.Errorf("--trusted-proxy: %w", err)}
				}
			}
			transport, err := s.newTransport()
			if err != nil {
				return err
			}
			relay, err := ohttp.NewRelay(to, transport, proxies.Client)
			if err != nil {
				return &usageError{err}
			}
			listener, err := net.Listen("tcp", listen)
			if err != nil {
				return &usageError{err}
			}
			at := "http://" + listener.Addr().String() + "/"
			if err := s.line(relayResult{at, to}, "Relay       "+at+"\nto          "+to+"\n"); err != nil {
				return errors.Join(err, listener.Close())
			}
			return serveRelay(c.Context(), places.Limit(listener, maxRelayConnections, proxies.Trust), relay)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:9653", "address to listen at")
	c.Flags().StringVar(&to, "to", "", "the gateway of the node, like https://node.example/ohttp")
	c.Flags().StringSliceVar(&trusted, "trusted-proxy", nil, "an address, or a network like 10.0.0.0/8, whose X-Forwarded-For says who a client is; several: with commas")
	return c
}

// serveRelay serves until ctx ends. What net/http logs has addresses of clients, and goes nowhere.
func serveRelay(ctx context.Context, listener net.Listener, relay http.Handler) error {
	server := &http.Server{
		Handler:           relay,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute, // from the request's header on: its body, the gateway's time, the answer
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
