package node

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// drainTimeout bounds the wait for HTTP requests before the database is closed.
const drainTimeout = 3 * time.Second

// gate stands before the HTTP handlers. A panic in one ends its request and not the
// process, as in net/http; and the database is not closed under a request.
type gate struct {
	mu     sync.Mutex
	closed bool
	inside sync.WaitGroup
}

func (g *gate) enter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.inside.Add(1)
	}
	return !g.closed
}

// close lets nobody in any more and waits for those inside, for a bounded time.
func (g *gate) close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	empty := make(chan struct{})
	go func() {
		g.inside.Wait()
		close(empty)
	}()
	select {
	case <-empty:
	case <-time.After(drainTimeout):
	}
}

func (g *gate) guard(handler http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.enter() {
			http.Error(w, "the node is shutting down", http.StatusServiceUnavailable)
			return
		}
		defer g.inside.Done()
		defer func() {
			if cause := recover(); cause != nil {
				log.Error("panic in an HTTP handler", "path", r.URL.Path, "panic", cause, "stack", string(debug.Stack()))
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		handler.ServeHTTP(w, r)
	})
}
