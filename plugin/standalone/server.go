package standalone

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/rpc"
)

const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = time.Minute // longer than any call waits, and the time to send its answer
	idleTimeout       = time.Minute
	maxHeaderBytes    = 64 << 10
	// drainTimeout bounds the wait for requests that are under way when the server closes.
	drainTimeout = 5 * time.Second
)

// Server serves a handler over HTTP, with time-outs.
type Server struct {
	server   *http.Server
	listener net.Listener
	abandon  context.CancelFunc // ends the contexts of all requests
	failed   chan error
}

// Door is what a Server lets in.
type Door struct {
	Handler     http.Handler
	Config      rpc.Config       // its hosts, origins and connections
	Connections prometheus.Gauge // open
}

// Listen opens a door at an address like 127.0.0.1:9652; port 0 chooses a free one.
func Listen(address string, door Door, log *slog.Logger) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	limited, err := rpc.Limit(listener, door.Config)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	ctx, abandon := context.WithCancel(context.Background())
	s := &Server{
		server: &http.Server{
			Handler:           guard(door.Handler, address, door.Config),
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			BaseContext:       func(net.Listener) context.Context { return ctx },
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
			ConnState: func(_ net.Conn, state http.ConnState) {
				switch state {
				case http.StateNew:
					door.Connections.Inc()
				case http.StateClosed, http.StateHijacked:
					door.Connections.Dec()
				}
			},
		},
		listener: limited,
		abandon:  abandon,
		failed:   make(chan error, 1),
	}
	go func() {
		if err := s.server.Serve(limited); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// Address returns the address that is served, with the port that was chosen.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Failed receives why the server can't go on. It is sent once, or never.
func (s *Server) Failed() <-chan error { return s.failed }

// Close takes no new requests, and waits for those under way a bounded time: those that
// wait for a block get their answer if it comes by then.
func (s *Server) Close() error {
	defer s.abandon()
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	err := s.server.Shutdown(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	s.abandon()
	ctx, cancel = context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	return errors.Join(s.server.Shutdown(ctx), s.server.Close())
}
