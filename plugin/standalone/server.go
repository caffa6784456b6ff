package standalone

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = time.Minute
	idleTimeout       = 2 * time.Minute
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

// Listen serves a handler at an address like 127.0.0.1:9652; port 0 chooses a free one. An
// answer has as long as longest, and the time to send it.
func Listen(address string, handler http.Handler, longest time.Duration, log *slog.Logger) (*Server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	ctx, abandon := context.WithCancel(context.Background())
	s := &Server{
		server: &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: readHeaderTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      readTimeout + longest,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			BaseContext:       func(net.Listener) context.Context { return ctx },
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
		listener: listener,
		abandon:  abandon,
		failed:   make(chan error, 1),
	}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
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
