package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// namespace is the part of LP-42's method names before the dot.
const namespace = "sessionvm"

// request is one HTTP request: a single call or a batch. The methods are its methods.
type request struct {
	*handler
	client  *allowance
	answers atomic.Int64 // bytes of results so far
}

// method decodes the parameters of a call and executes it.
type method func(r *request, ctx context.Context, params json.RawMessage) (any, error)

// methods by their name with an upper first letter.
var methods = map[string]method{
	"Health":       on((*request).health),
	"GetChainInfo": on((*request).getChainInfo),

	"RegisterIdentity": on((*request).registerIdentity),
	"GetIdentity":      on((*request).getIdentity),

	"CreateSession": on((*request).createSession),
	"GetSession":    on((*request).getSession),
	"ListSessions":  on((*request).listSessions),
	"RotateKey":     on((*request).rotateKey),
	"CloseSession":  on((*request).closeSession),

	"SendMessage":  on((*request).sendMessage),
	"GetMessage":   on((*request).getMessage),
	"ListMessages": on((*request).listMessages),
	"Acknowledge":  on((*request).acknowledge),
	"GetReceipt":   on((*request).getReceipt),

	"CreateChannel":   on((*request).createChannel),
	"GetChannel":      on((*request).getChannel),
	"AddMember":       on((*request).addMember),
	"PublishPrekey":   on((*request).publishPrekey),
	"TransferChannel": on((*request).transferChannel),
	"RemoveMember":    on((*request).removeMember),

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
	return func(r *request, ctx context.Context, raw json.RawMessage) (any, error) {
		params := new(Params)
		if err := decodeParameters(raw, params); err != nil {
			return nil, err
		}
		return run(r, ctx, params)
	}
}

// reply executes a call, and returns its response: nil for a notification.
func (r *request) reply(ctx context.Context, call *jrpc2.ParsedRequest) *reply {
	answer := &reply{Version: jrpc2.Version, ID: json.RawMessage(call.ID), Error: call.Error}
	if call.Error == nil && call.Method == "" {
		answer.Error = jrpc2.Errorf(jrpc2.InvalidRequest, "a method is missing")
	}
	if answer.Error == nil {
		answer.Result, answer.Error = r.call(ctx, call.Method, call.Params)
		if call.ID == "" {
			return nil
		}
	}
	if call.ID == "" {
		answer.ID = json.RawMessage("null")
	}
	return answer
}

// call finds a method with an upper or lower first letter, and executes it.
func (r *request) call(ctx context.Context, called string, params json.RawMessage) (json.RawMessage, *jrpc2.Error) {
	name, ours := strings.CutPrefix(called, namespace+".")
	if name != "" {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	execute, ok := methods[name]
	if !ok || !ours {
		return nil, methodNotFound(called)
	}
	answer, err := r.execute(ctx, execute, name, params)
	if err != nil {
		return nil, errorObject(ctx, r.log, name, err)
	}
	return answer, nil
}

func methodNotFound(called string) *jrpc2.Error {
	data := client.ErrorData{
		Reason:   jrpc2.MethodNotFound.String(),
		Expected: "a method of the service, like " + namespace + ".GetChainInfo",
		Got:      quoted(called),
	}
	return jrpc2.Errorf(jrpc2.MethodNotFound, "%s: %s", data.Reason, data.Got).WithData(data)
}

// execute runs a call if the client may still make one, and encodes its result. A panic
// ends the call alone.
func (r *request) execute(ctx context.Context, execute method, name string, params json.RawMessage) (answer json.RawMessage, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("JSON-RPC call panicked", "method", name, "panic", p, "stack", string(debug.Stack()))
			answer, err = nil, errPanic
		}
	}()
	if err := r.client.call(); err != nil {
		return nil, err
	}
	result, err := execute(r, ctx, params)
	if err != nil {
		return nil, err
	}
	if answer, err = json.Marshal(result); err != nil {
		return nil, err
	}
	size := int64(len(answer))
	if sum := r.answers.Add(size); sum > r.config.MaxAnswerBytes && sum > size {
		return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("answers to a batch of at most %d bytes together", r.config.MaxAnswerBytes), sum)
	}
	return answer, nil
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
