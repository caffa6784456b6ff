package rpc

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/places"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

const (
	jsonType   = "application/json"
	retryAfter = 1 // seconds
	// smallBody is how many bytes of a body, and of a request's results together, are not charged to
	// the bytes in flight: the number of connections bounds these.
	smallBody = 64 << 10
	// pooledBody is the size of the largest buffer that another request's body is read into.
	pooledBody = 512 << 10
	// slowRequest is from when on a request is logged; waiting for blocks does not count.
	slowRequest = time.Second
)

// service serves a chain. What its requests share is here.
type service struct {
	vm      *vm.VM
	config  Config
	limiter *limiter
	proxies places.Proxies
	lookups chan struct{}              // slots for validator sets that the host is asked for
	turns   *turns                     // of calls that do something, and do not wait
	memory  *places.Places[*allowance] // bytes of large bodies and of answers
	waiters *places.Places[*allowance] // of calls that wait
	metrics *metrics
	log     *slog.Logger
}

func newService(vm *vm.VM, config Config) (*service, error) {
	config = config.filled()
	proxies, err := parseProxies(config.TrustedProxies)
	if err != nil {
		return nil, err
	}
	log := vm.Host().Log
	if log == nil {
		log = slog.Default()
	}
	s := &service{
		vm: vm, config: config, log: log, proxies: proxies,
		lookups: make(chan struct{}, maxLookups),
		turns:   newTurns(4 * runtime.GOMAXPROCS(0)),
		memory:  places.New[*allowance](config.MaxBytesInFlight),
		waiters: places.New[*allowance](int64(config.MaxWaiting)),
	}
	s.metrics = newMetrics(s)
	s.limiter = newLimiter(config, s.metrics.refused)
	if vm.Host().Metrics != nil {
		for _, collector := range s.metrics.collectors {
			err := vm.Host().Metrics.Register(collector)
			if already := (prometheus.AlreadyRegisteredError{}); err != nil && !errors.As(err, &already) {
				return nil, err
			}
		}
	}
	return s, nil
}

// endpoint answers POST requests with bodies of one media type.
type endpoint struct {
	*service
	mediaType string
	maxBody   int64
	answer    func(r *request, ctx context.Context, body []byte) response
}

// response is what is written to a client, in pieces, so that large ones are not copied.
type response struct {
	status    int
	parts     [][]byte
	mediaType string // empty: JSON
}

func (s *service) rpc() endpoint {
	return endpoint{s, jsonType, s.config.MaxBodyBytes, (*request).answerCalls}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// ServeHTTP implements http.Handler. What goes wrong before a method is called is answered
// with a JSON-RPC error too.
func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	sender := e.limiter.client(e.proxies.Client(r), began)
	held, ctx := e.memory.Request(sender, w, r)
	defer held.Leave()
	q := newRequest(e.service, sender, held)
	q.prepaid.Store(true)
	body := buffers.Get().(*bytes.Buffer)
	defer func() {
		if body.Cap() <= pooledBody {
			body.Reset()
			buffers.Put(body)
		}
	}()
	var a response
	status, err := e.read(w, r, q, body)
	if err == nil {
		a = e.answer(q, ctx, body.Bytes())
	}
	if places.GivesWay(ctx, w) {
		status, err = http.StatusTooManyRequests, q.crowded()
	}
	if err != nil {
		object := newErrorObject(r.Context(), e.log, r.URL.Path, err)
		e.metrics.failed(object.Code)
		a = response{status: status, parts: [][]byte{errorReply(nil, object)}}
	}
	sent := a.write(w)
	e.metrics.received.Add(float64(body.Len()))
	e.metrics.sent.Add(float64(sent))
	if took := time.Since(began) - time.Duration(q.waited.Load()); took > slowRequest {
		e.log.Warn("slow request", "path", r.URL.Path, "methods", q.methods(), "client", q.client.key, "took", took.Round(time.Millisecond), "received", body.Len(), "sent", sent)
	}
}

// check refuses a request by what is known before its body; a size below 0 is not. The status belongs to the error.
func (e endpoint) check(method, mediaType, encoding string, size int64) (status int, err error) {
	invalid := func(status int, expected, got string) (int, error) {
		return status, &protocolError{client.CodeInvalidRequest, expected, quoted(got)}
	}
	switch {
	case method != http.MethodPost:
		return invalid(http.StatusMethodNotAllowed, "the HTTP method POST", method)
	case !isType(mediaType, e.mediaType):
		return invalid(http.StatusUnsupportedMediaType, "the header Content-Type: "+e.mediaType, mediaType)
	case encoding != "" && encoding != "identity":
		return invalid(http.StatusUnsupportedMediaType, "a body without Content-Encoding", encoding)
	case size > e.maxBody:
		return http.StatusRequestEntityTooLarge, e.tooLarge()
	}
	return http.StatusOK, nil
}

func (e endpoint) tooLarge() error {
	return refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a body of at most %d bytes", e.maxBody), "more")
}

// read reads a body, after everything that can be refused without it. The status belongs to the error.
func (e endpoint) read(w http.ResponseWriter, r *http.Request, q *request, into *bytes.Buffer) (status int, err error) {
	if status, err := e.check(r.Method, r.Header.Get("Content-Type"), r.Header.Get("Content-Encoding"), r.ContentLength); err != nil {
		switch status {
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", http.MethodPost)
		case http.StatusUnsupportedMediaType:
			w.Header().Set("Accept-Post", e.mediaType)
		}
		return status, err
	}
	if err := q.client.call(); err != nil {
		return http.StatusTooManyRequests, err
	}
	size := r.ContentLength
	if size < 0 {
		size = e.maxBody
	}
	if size > smallBody {
		if err := q.hold(size); err != nil {
			return http.StatusTooManyRequests, err
		}
	}
	q.spend(int(max(r.ContentLength, 0) / bytesOfCall))
	if r.ContentLength > 0 {
		into.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err = into.ReadFrom(http.MaxBytesReader(w, r.Body, e.maxBody))
	if r.ContentLength < 0 { // how long it is shows only now
		q.spend(into.Len() / bytesOfCall)
	}
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return http.StatusRequestEntityTooLarge, e.tooLarge()
	} else if err != nil {
		return http.StatusBadRequest, &protocolError{client.CodeInvalidRequest, "the whole body", cut(err.Error())}
	}
	return http.StatusOK, nil
}

// isType reports whether a content type is a media type, in UTF-8 if it is text. No missing
// type is taken either, so that no page in a browser can call a service on its user's machine.
func isType(contentType, want string) bool {
	if contentType == want {
		return true
	}
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != want {
		return false
	}
	for name, value := range parameters {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return false
		}
	}
	return !strings.HasSuffix(strings.TrimSpace(contentType), ";")
}

func (a response) size() (size int) {
	for _, part := range a.parts {
		size += len(part)
	}
	return size
}

func (a response) write(w http.ResponseWriter) int {
	size := a.size()
	if len(a.parts) > 0 {
		w.Header().Set("Content-Type", cmp.Or(a.mediaType, jsonType))
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Length", strconv.Itoa(size))
	}
	if a.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	w.WriteHeader(a.status)
	for _, part := range a.parts {
		if _, err := w.Write(part); err != nil {
			break // a client that has gone needs no answer
		}
	}
	return size
}

// Refuse answers a request that no handler takes with a JSON-RPC error object.
func Refuse(w http.ResponseWriter, status int, expected, got string) {
	err := &protocolError{client.CodeInvalidRequest, expected, quoted(got)}
	object := newErrorObject(context.Background(), nil, "", err)
	response{status: status, parts: [][]byte{errorReply(nil, object)}}.write(w)
}
