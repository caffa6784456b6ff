package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/places"
	"github.com/luxfi/session/refusal"
)

// namespace is the part of LP-42's method names before the dot.
const namespace = "sessionvm"

const (
	// batchConcurrency is how many calls of a batch run at a time.
	batchConcurrency = 2
	// maxCost bounds what a batch costs, in calls: a call that does the work of several
	// counts as several. That is what 128 of the smallest take.
	maxCost = 128
	// bytesOfCall is for how many bytes, of a body or of an answer, another call is charged.
	bytesOfCall = 64 << 10
	// messagesOfCall is for how many messages of a page another call is charged.
	messagesOfCall = 16
)

// request is one HTTP request: a single call or a batch. The methods are its methods.
type request struct {
	*service
	client  *allowance
	slots   chan struct{}             // held by calls that run and do not wait
	began   chan time.Time            // when each of them began
	prepaid atomic.Bool               // the first call was charged before the body was read
	cost    atomic.Int64              // of the calls so far
	answers atomic.Int64              // bytes of results so far
	held    *places.Place[*allowance] // bytes in memory
	waited  atomic.Int64              // nanoseconds
	named   []string                  // methods, for the log
}

func newRequest(service *service, client *allowance, held *places.Place[*allowance]) *request {
	return &request{service: service, client: client, held: held, slots: make(chan struct{}, batchConcurrency), began: make(chan time.Time, batchConcurrency)}
}

// method decodes the parameters of a call and executes it.
type method func(r *request, ctx context.Context, params []byte) (any, error)

// methods by their name with an upper first letter.
var methods = map[string]method{
	"Health":       on((*request).health),
	"GetChainInfo": on((*request).getChainInfo),

	"RegisterIdentity": on((*request).registerIdentity),
	"GetIdentity":      on((*request).getIdentity),

	"CreateSession": on((*request).createSession),
	"GetSession":    on((*request).getSession),
	"ListSessions":  on((*request).listSessions),

	"SendMessage":  on((*request).sendMessage),
	"GetMessage":   on((*request).getMessage),
	"ListMessages": on((*request).listMessages),
	"GetReceipt":   on((*request).getReceipt),

	"ListInvitations": on((*request).listInvitations),
	"GetInvitation":   on((*request).getInvitation),

	"GetChannel": on((*request).getChannel),

	"IssueTransaction": on((*request).issueTransaction),
	"GetTransaction":   on((*request).getTransaction),
	"GetHeader":        on((*request).getHeader),
	"GetBlock":         on((*request).getBlock),

	"PollSession":   on((*request).pollSession),
	"GetStateProof": on((*request).getStateProof),

	"GetProof": on((*request).getProof),

	"GetValidators":  on((*request).getValidators),
	"GetCertificate": on((*request).getCertificate),
	"GetLightBlock":  on((*request).getLightBlock),
	"GetWarpMessage": on((*request).getWarpMessage),
}

func on[Params, Result any](run func(*request, context.Context, *Params) (*Result, error)) method {
	return func(r *request, ctx context.Context, raw []byte) (any, error) {
		params := new(Params)
		if err := decodeParameters(raw, params); err != nil {
			return nil, err
		}
		return run(r, ctx, params)
	}
}

// answerCalls answers a body: a call, or a batch of calls.
func (r *request) answerCalls(ctx context.Context, body []byte) response {
	calls, batch, err := r.parse(ctx, body)
	if err != nil {
		return response{status: http.StatusOK, parts: [][]byte{r.failure(ctx, "", nil, err)}}
	}
	replies := make([][][]byte, len(calls))
	if !batch {
		replies[0] = r.reply(ctx, &calls[0])
	} else {
		var done sync.WaitGroup
		for i := range calls {
			done.Go(func() { replies[i] = r.reply(ctx, &calls[i]) })
		}
		done.Wait()
	}
	for i := range calls {
		if i < 4 {
			r.named = append(r.named, calls[i].method)
		}
	}
	var parts [][]byte
	for _, reply := range replies {
		if reply == nil { // a notification
			continue
		}
		if len(parts) > 0 {
			parts = append(parts, []byte(","))
		}
		parts = append(parts, reply...)
	}
	switch {
	case len(parts) == 0:
		return response{status: http.StatusNoContent}
	case batch:
		parts = append(append([][]byte{[]byte("[")}, parts...), []byte("]"))
	}
	return response{status: http.StatusOK, parts: parts}
}

// parse decodes a body. A large one is work.
func (r *request) parse(ctx context.Context, body []byte) ([]call, bool, error) {
	if len(body) > smallBody {
		if err := r.acquire(ctx); err != nil {
			return nil, false, err
		}
		defer r.release()
	}
	return parseCalls(body, r.config.MaxBatch)
}

// methods returns the names of the first methods that were called, for the log.
func (r *request) methods() string { return cut(strings.Join(r.named, " ")) }

// reply executes a call, and returns its response object in pieces: nil for a notification.
func (r *request) reply(ctx context.Context, c *call) [][]byte {
	result, err := []byte(nil), c.err
	name, execute := lookup(c.method)
	switch {
	case err != nil:
	case execute == nil:
		err = &protocolError{client.CodeMethodNotFound, "a method of the service, like " + namespace + ".GetChainInfo", quoted(c.method)}
	default:
		result, err = r.execute(ctx, execute, name, c.params)
	}
	switch {
	case c.id == nil && err == nil:
		return nil
	case err != nil:
		failed := r.failure(ctx, name, c.id, err)
		if c.id == nil {
			return nil
		}
		return [][]byte{failed}
	}
	begin := make([]byte, 0, len(c.id)+40)
	begin = append(append(append(begin, `{"jsonrpc":"2.0","id":`...), c.id...), `,"result":`...)
	return [][]byte{begin, result, []byte("}")}
}

// failure counts an error, and returns its response object.
func (r *request) failure(ctx context.Context, name string, id []byte, err error) []byte {
	object := newErrorObject(ctx, r.log, name, err)
	r.metrics.failed(object.Code)
	return errorReply(id, object)
}

// errorReply returns a response object with an error. The ID of what could not be read is null.
func errorReply(id []byte, object *errorObject) []byte {
	if id == nil {
		id = []byte("null")
	}
	reply := append(append([]byte(`{"jsonrpc":"2.0","id":`), id...), `,"error":`...)
	return append(append(reply, object.encode()...), '}')
}

// lookup finds a method with an upper or lower first letter.
func lookup(called string) (string, method) {
	name, ours := strings.CutPrefix(called, namespace+".")
	if !ours || name == "" {
		return "", nil
	}
	if execute, ok := methods[name]; ok {
		return name, execute
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	return name, methods[name]
}

// execute runs a call if the client may still make one, and encodes its result. A panic
// ends the call alone.
func (r *request) execute(ctx context.Context, execute method, name string, params []byte) (encoded []byte, err error) {
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	defer func() {
		r.release()
		if seconds, ok := r.metrics.seconds[name]; ok {
			seconds.Observe(time.Since(began).Seconds())
		}
	}()
	defer r.guard(name, &err)
	result, err := execute(r, ctx, params)
	if err != nil {
		return nil, err
	}
	if encoded, err = json.Marshal(result); err != nil {
		return nil, err
	}
	return encoded, r.charge(int64(len(encoded)))
}

// guard is deferred by what executes a client's input, and turns a panic into its error, so that it
// ends that call alone.
func (r *request) guard(name string, err *error) {
	if p := recover(); p != nil {
		r.log.Error("panic in a request", "method", name, "panic", p, "stack", string(debug.Stack()))
		*err = errPanic
	}
}

// begin charges a call, and waits for its turn.
func (r *request) begin(ctx context.Context) error {
	if err := r.acquire(ctx); err != nil {
		return err
	}
	err := func() error {
		if !r.prepaid.CompareAndSwap(true, false) {
			if err := r.client.call(); err != nil {
				return err
			}
		}
		switch cost, size := r.cost.Add(1), r.answers.Load(); {
		case cost > maxCost:
			return refusal.New(refusal.ErrTooLarge, fmt.Sprintf("a batch of calls that cost at most %d", maxCost), cost)
		case size >= r.config.MaxAnswerBytes:
			return refusal.New(refusal.ErrTooLarge, fmt.Sprintf("answers to a batch of at most %d bytes together", r.config.MaxAnswerBytes), size)
		}
		return nil
	}()
	if err != nil {
		r.release()
	}
	return err
}

// acquire takes a slot of the request's, and a turn of the service's.
func (r *request) acquire(ctx context.Context) error {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := r.turns.take(ctx, r.client); err != nil {
		<-r.slots
		return err
	}
	r.began <- time.Now()
	return nil
}

func (r *request) release() {
	r.turns.give(r.client, time.Since(<-r.began))
	<-r.slots
}

// pause gives a call's slots to others while it waits for a block or for another node.
func pause[T any](ctx context.Context, r *request, wait func(context.Context) (T, error)) (result T, err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	crowded := func() error {
		return r.client.refuse("waiting", fmt.Sprintf("at most %d calls that wait at a time, those of the client with most giving way", r.config.MaxWaiting))
	}
	place := r.waiters.Place(r.client, func() { end(places.ErrGivesWay) })
	if !place.Take(1) {
		return result, crowded()
	}
	r.release()
	began := time.Now()
	defer func() {
		r.waited.Add(int64(time.Since(began)))
		place.Leave()
		// In acquire's order, or two calls of a request could wait for each other. What follows is
		// short: it finds out by itself that ctx has ended.
		_ = r.acquire(context.Background())
	}()
	if result, err = wait(ctx); err != nil && context.Cause(ctx) == places.ErrGivesWay {
		err = crowded()
	}
	return result, err
}

// spend charges work that is worth so many more calls. What it costs in all bounds a batch.
func (r *request) spend(calls int) {
	r.cost.Add(int64(calls))
	r.client.owe(calls)
}

// charge charges an answer. The bytes that a request's answers have above smallBody together are
// held until it is answered.
func (r *request) charge(size int64) error {
	total := r.answers.Add(size)
	r.spend(int(size / bytesOfCall))
	return r.hold(min(size, total-smallBody))
}

// hold takes bytes in memory until the request is answered.
func (r *request) hold(size int64) error {
	if size <= 0 {
		return nil
	}
	if !r.held.Take(size) {
		return r.crowded()
	}
	return nil
}

// crowded refuses a request that there is no memory for any more.
func (r *request) crowded() error {
	return r.client.refuse("bytes", fmt.Sprintf("at most %d bytes of requests and answers at a time, those of the client with most giving way", r.config.MaxBytesInFlight))
}

var errPanic = errors.New("panic in a call")

// wait returns how long a call waits: standard if it does not say.
func (r *request) wait(seconds client.Seconds, standard time.Duration) (time.Duration, error) {
	switch wait := time.Duration(seconds); {
	case wait == 0:
		return standard, nil
	case wait < 0 || wait > r.config.maxWait():
		return 0, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("wait: from 0 to %d seconds", r.config.MaxWaitSeconds), wait.Seconds())
	default:
		return wait, nil
	}
}

// limit returns the length of a page.
func (r *request) limit(limit uint64) (int, error) {
	switch {
	case limit == 0:
		return int(r.config.PageSize), nil
	case limit > r.config.MaxPageSize:
		return 0, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("limit: from 1 to %d", r.config.MaxPageSize), limit)
	default:
		return int(limit), nil
	}
}

func (r *request) chainID() ids.ID { return r.vm.Host().ChainID }

// timeOf converts a time of the chain, in Unix milliseconds, to one that JSON shows in RFC 3339
// and UTC.
func timeOf(milliseconds uint64) time.Time { return time.UnixMilli(int64(milliseconds)).UTC() }
