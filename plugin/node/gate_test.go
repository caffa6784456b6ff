package node

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheGateWaitsForRequestsAndThenLetsNobodyIn(t *testing.T) {
	var g gate
	entered, leave := make(chan struct{}), make(chan struct{})
	handler := g.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-leave
	}), slog.New(slog.DiscardHandler))
	first := httptest.NewRecorder()
	go handler.ServeHTTP(first, httptest.NewRequest(http.MethodGet, "/health", nil))
	<-entered

	closed := make(chan struct{})
	go func() {
		g.close()
		close(closed)
	}()
	select {
	case <-closed:
		t.Fatal("closed under a request")
	case <-time.After(20 * time.Millisecond):
	}
	close(leave)
	<-closed

	second := httptest.NewRecorder()
	handler.ServeHTTP(second, httptest.NewRequest(http.MethodGet, "/health", nil))
	require.Equal(t, http.StatusServiceUnavailable, second.Code)
}

func TestAPanicEndsItsRequestAlone(t *testing.T) {
	var g gate
	handler := g.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("wrong") }), slog.New(slog.DiscardHandler))
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/health", nil))
	require.Equal(t, http.StatusInternalServerError, answer.Code)
	g.close()
}
