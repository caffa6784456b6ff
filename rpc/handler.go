package rpc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

// handler is the door of the service.
type handler struct {
	vm      *vm.VM
	config  Config
	limiter *limiter
	lookups chan struct{} // slots for validator sets that the host is asked for
	log     *slog.Logger
}

// NewHandler returns the JSON-RPC service of an initialized chain. It answers POST requests
// of the type application/json; what goes wrong before a method is called is answered with
// a JSON-RPC error too.
func NewHandler(vm *vm.VM, config Config) http.Handler {
	config = config.filled()
	log := vm.Host().Log
	if log == nil {
		log = slog.Default()
	}
	return &handler{vm: vm, config: config, limiter: newLimiter(config), lookups: make(chan struct{}, maxLookups), log: log}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, jrpc2.InvalidRequest, "invalid request", "the HTTP method POST", r.Method)
		return
	}
	if contentType := r.Header.Get("Content-Type"); !isJSON(contentType) {
		w.Header().Set("Accept-Post", "application/json")
		refuse(w, http.StatusUnsupportedMediaType, jrpc2.InvalidRequest, "invalid request", "the header Content-Type: application/json", quoted(contentType))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.config.MaxBodyBytes))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		refuse(w, http.StatusRequestEntityTooLarge, jrpc2.Code(refusal.ErrTooLarge), refusal.ErrTooLarge.Error(),
			fmt.Sprintf("a body of at most %d bytes", h.config.MaxBodyBytes), "more")
		return
	} else if err != nil { // the client broke off
		refuse(w, http.StatusBadRequest, jrpc2.InvalidRequest, "invalid request", "the whole body", err.Error())
		return
	}
	h.answer(w, r, body)
}

// answer answers one message: a call, or a batch of calls, which run at once.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	calls, err := jrpc2.ParseRequests(body)
	switch {
	case err != nil:
		refuse(w, http.StatusOK, jrpc2.ParseError, jrpc2.ParseError.String(), "a JSON object, or an array of objects", "something else")
		return
	case len(calls) == 0:
		refuse(w, http.StatusOK, jrpc2.InvalidRequest, jrpc2.InvalidRequest.String(), "a batch with at least one call", "none")
		return
	case len(calls) > h.config.MaxBatch:
		refuse(w, http.StatusOK, jrpc2.Code(refusal.ErrTooLarge), refusal.ErrTooLarge.Error(),
			fmt.Sprintf("a batch of at most %d calls", h.config.MaxBatch), fmt.Sprintf("%d", len(calls)))
		return
	}
	message := &request{handler: h, client: h.limiter.client(r.RemoteAddr, time.Now())}
	replies := make([]*reply, len(calls))
	var done sync.WaitGroup
	for i, call := range calls {
		done.Go(func() { replies[i] = message.reply(r.Context(), call) })
	}
	done.Wait()
	replies = slices.DeleteFunc(replies, func(r *reply) bool { return r == nil }) // notifications
	var answer any = replies
	switch {
	case len(replies) == 0:
		w.WriteHeader(http.StatusNoContent)
		return
	case !calls[0].Batch:
		answer = replies[0]
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		panic(err) // parts that were encoded already
	}
	write(w, http.StatusOK, encoded)
}

// reply is a response of JSON-RPC 2.0.
type reply struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *jrpc2.Error    `json:"error,omitempty"`
}

// isJSON reports whether a content type is JSON; parameters like charset=utf-8 don't matter.
// Nothing else is taken, and no missing type either, so that no page in a browser can call
// a service on its user's machine.
func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		return false
	}
	return mediaType == "application/json" || mediaType == "application/json-rpc"
}

// refuse answers a message that is not even looked at.
func refuse(w http.ResponseWriter, status int, code jrpc2.Code, reason, expected, got string) {
	object := jrpc2.Errorf(code, "%s: expected %s, got %s", reason, expected, got).
		WithData(client.ErrorData{Reason: reason, Expected: expected, Got: got})
	answer, err := json.Marshal(&reply{Version: jrpc2.Version, Error: object})
	if err != nil {
		panic(err) // strings and a number
	}
	write(w, status, answer)
}

func write(w http.ResponseWriter, status int, answer []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(answer) // a client that has gone needs no answer
}
