package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

func TestMethodNamesAreTakenWithAnUpperOrLowerFirstLetter(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	require.Nil(t, c.call("sessionvm.Health", `{}`).Error)
	require.Nil(t, c.call("sessionvm.health", `{}`).Error)
	require.Nil(t, c.call("sessionvm.getChainInfo", `{}`).Error)
	for _, unknown := range []string{"sessionvm.HEALTH", "Health", "sessionvm.", "sessionvm", "other.Health", ".", "rpc.serverInfo", "sessionvm.Ähm", "sessionvm.é"} {
		require.Equal(t, int(client.CodeMethodNotFound), c.call(unknown, `{}`).code(), unknown)
	}
}

func TestParametersAreTakenAsAnObjectOrAnArrayHoldingOne(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	session := c.open(identity(t, 1))
	object := fmt.Sprintf(`{"sessionId":%q}`, session)
	for _, params := range []string{object, "[" + object + "]", " [ " + object + " ] ", fmt.Sprintf(`{"sessionId":%q}`, session.Hex()), fmt.Sprintf(`{"sessionId":"0x%s"}`, strings.ToUpper(session.Hex()))} {
		got := c.call("sessionvm.GetSession", params)
		require.Nil(t, got.Error, params)
		require.Contains(t, string(got.Result), session.String())
	}
	for _, params := range []string{`[` + object + `,` + object + `]`, `["` + session.String() + `"]`, `[[]]`, `[null]`, `{"sessionId":"x","unknown":1}`} {
		got := c.call("sessionvm.GetSession", params)
		if strings.Contains(params, "unknown") {
			params = "an unknown field beside a wrong one: either is named"
			require.Contains(t, []int{int(client.CodeInvalidParams), int(refusal.ErrInvalidArgs)}, got.code(), params)
			continue
		}
		require.Equal(t, int(client.CodeInvalidParams), got.code(), params)
		require.NotEmpty(t, got.Error.Data.Expected)
	}
	for _, none := range []string{`[]`, `{}`, `null`} {
		require.Nil(t, c.call("sessionvm.Health", none).Error, none)
		require.Equal(t, int(refusal.ErrInvalidArgs), c.call("sessionvm.GetSession", none).code(), none)
	}
	require.Nil(t, c.decodeOne(c.post(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health"}`)).Error)
}

func (c *testChain) decodeOne(encoded []byte) (one answer) {
	c.t.Helper()
	c.decode(encoded, &one)
	return one
}

func TestABatchIsAnsweredCallByCall(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	encoded := c.post(`[
		{"jsonrpc":"2.0","id":"a","method":"sessionvm.Health"},
		{"jsonrpc":"2.0","method":"sessionvm.Health"},
		{"jsonrpc":"2.0","id":2,"method":"sessionvm.None"},
		{"jsonrpc":"3.0","id":3,"method":"sessionvm.Health"},
		17,
		{"jsonrpc":"2.0","id":5,"method":"sessionvm.GetSession","params":{"sessionId":"0x00"}}
	]`)
	var answers []answer
	c.decode(encoded, &answers)
	codes := make(map[string]int)
	for _, answer := range answers {
		require.Equal(t, "2.0", answer.Version)
		codes[string(answer.ID)] = answer.code()
	}
	require.Equal(t, map[string]int{
		`"a"`:  0,
		`2`:    int(client.CodeMethodNotFound),
		`3`:    int(client.CodeInvalidRequest),
		`null`: int(client.CodeInvalidRequest),
		`5`:    int(refusal.ErrInvalidArgs),
	}, codes, "a notification has no answer")

	c.decode(c.post(`[{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health"}]`), &answers)
	require.Len(t, answers, 1, "a batch of one is answered by an array")
}

func TestANotificationIsExecutedAndNotAnswered(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	alice := identity(t, 1)
	params, err := json.Marshal(client.RegisterIdentityParams{KEMPublicKey: alice.Public().KEM, DSAPublicKey: alice.Public().DSA})
	require.NoError(t, err)
	status, body := c.postAs("application/json", strings.NewReader(`{"jsonrpc":"2.0","method":"sessionvm.RegisterIdentity","params":`+string(params)+`}`))
	require.Equal(t, http.StatusNoContent, status)
	require.Empty(t, body)
	require.Nil(t, c.call("sessionvm.GetIdentity", `{"identityId":"`+identityText(alice.ID())+`"}`).Error)

	for _, quiet := range []string{
		`{"jsonrpc":"2.0","method":"sessionvm.None"}`,
		`[{"jsonrpc":"2.0","method":"sessionvm.Health"},{"jsonrpc":"2.0","method":"sessionvm.GetSession"}]`,
	} {
		status, body := c.postAs("application/json", strings.NewReader(quiet))
		require.Equal(t, http.StatusNoContent, status, quiet)
		require.Empty(t, body, quiet)
	}
}

func TestWhatIsNoRequestIsRefusedWithAJSONRPCError(t *testing.T) {
	c := startChain(t, Config{MaxBodyBytes: 1000, MaxBatch: 3}, nil)
	health := `{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health"}`
	for name, test := range map[string]struct {
		body   string
		status int
		code   int
	}{
		"nothing":              {"", 200, int(client.CodeParseError)},
		"no JSON":              {"{", 200, int(client.CodeParseError)},
		"two objects":          {health + health, 200, int(client.CodeParseError)},
		"an empty batch":       {"[]", 200, int(client.CodeInvalidRequest)},
		"an empty object":      {"{}", 200, int(client.CodeInvalidRequest)},
		"no method":            {`{"jsonrpc":"2.0","id":1}`, 200, int(client.CodeInvalidRequest)},
		"no method and no ID":  {`{"jsonrpc":"2.0"}`, 200, int(client.CodeInvalidRequest)},
		"a response":           {`{"jsonrpc":"2.0","id":1,"result":1}`, 200, int(client.CodeInvalidRequest)},
		"parameters as a text": {`{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health","params":"x"}`, 200, int(client.CodeInvalidParams)},
		"an ID that is none":   {`{"jsonrpc":"2.0","id":{},"method":"sessionvm.Health"}`, 200, int(client.CodeInvalidRequest)},
		"too large a batch":    {"[" + strings.Repeat(health+",", 3) + health + "]", 200, int(refusal.ErrTooLarge)},
		"too large a body":     {`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", 1000) + `"}`, 413, int(refusal.ErrTooLarge)},
	} {
		status, body := c.postAs("application/json", strings.NewReader(test.body))
		require.Equal(t, test.status, status, name)
		got := c.decodeOne(body)
		require.Equal(t, "2.0", got.Version, name)
		require.Equal(t, test.code, got.code(), name)
		require.NotEmpty(t, got.Error.Message, name)
	}
	status, _ := c.postAs("application/json", strings.NewReader("["+strings.Repeat(health+",", 2)+health+"]"))
	require.Equal(t, http.StatusOK, status)
}

func TestOnlyPostedJSONIsTaken(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	health := `{"jsonrpc":"2.0","id":1,"method":"sessionvm.Health"}`
	for contentType, want := range map[string]int{
		"application/json":                   http.StatusOK,
		"application/json; charset=utf-8":    http.StatusOK,
		"Application/JSON;charset=\"UTF-8\"": http.StatusOK,
		"application/json;charset=UTF-16":    http.StatusUnsupportedMediaType,
		"application/json;;;":                http.StatusUnsupportedMediaType,
		"application/json;":                  http.StatusUnsupportedMediaType,
		"application/json; version=2":        http.StatusUnsupportedMediaType,
		"application/json-rpc":               http.StatusUnsupportedMediaType,
		"text/plain":                         http.StatusUnsupportedMediaType,
		"application/x-www-form-urlencoded":  http.StatusUnsupportedMediaType,
		"":                                   http.StatusUnsupportedMediaType,
		";":                                  http.StatusUnsupportedMediaType,
	} {
		status, body := c.postAs(contentType, strings.NewReader(health))
		require.Equal(t, want, status, contentType)
		require.Equal(t, want == http.StatusOK, c.decodeOne(body).Error == nil, contentType)
	}
	response, err := http.Get(c.server.URL + "/rpc")
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
	require.Equal(t, http.MethodPost, response.Header.Get("Allow"))
}

func TestAnswersToABatchAreBoundedTogether(t *testing.T) {
	c := startChain(t, Config{MaxAnswerBytes: 1000}, nil)
	info := func(id int) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"sessionvm.GetChainInfo"}`, id)
	}
	var answers []answer
	c.decode(c.post("["+info(1)+","+info(2)+","+info(3)+","+info(4)+"]"), &answers)
	codes := make(map[int]int)
	for _, answer := range answers {
		codes[answer.code()]++
	}
	require.Positive(t, codes[0])
	require.Positive(t, codes[int(refusal.ErrTooLarge)])
	require.Nil(t, c.decodeOne(c.post(info(5))).Error, "a single call gets its answer")
}

func TestCallsOfOneClientAreLimited(t *testing.T) {
	c := startChain(t, Config{RequestRate: 0.001, RequestBurst: 3}, nil)
	for range 3 {
		require.Nil(t, c.call("sessionvm.Health", `{}`).Error)
	}
	got := c.call("sessionvm.Health", `{}`)
	require.Equal(t, int(refusal.ErrRateLimited), got.code())
	require.Contains(t, got.Error.Data.Expected, "3 at once")
	require.Equal(t, refusal.ErrRateLimited.Error(), got.Error.Data.Reason)
}

func TestEachCallOfABatchCounts(t *testing.T) {
	c := startChain(t, Config{RequestRate: 0.001, RequestBurst: 3}, nil)
	one := `{"jsonrpc":"2.0","id":%d,"method":"sessionvm.Health"}`
	var calls []string
	for i := range 5 {
		calls = append(calls, fmt.Sprintf(one, i))
	}
	var answers []answer
	c.decode(c.post("["+strings.Join(calls, ",")+"]"), &answers)
	refused := 0
	for _, answer := range answers {
		if answer.code() == int(refusal.ErrRateLimited) {
			refused++
		}
	}
	require.Equal(t, 2, refused)
}

func TestUnsignedTransactionsOfOneClientAreLimited(t *testing.T) {
	c := startChain(t, Config{UnsignedRate: 0.001, UnsignedBurst: 2}, nil)
	alice := identity(t, 1)
	c.register(alice)
	session := c.open(alice)
	block, waiting := c.state()

	_, err := c.CreateSession(t.Context(), sessionParams(alice))
	require.ErrorIs(t, err, refusal.ErrRateLimited)
	public := identity(t, 2).Public()
	_, err = c.RegisterIdentity(t.Context(), client.RegisterIdentityParams{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA})
	require.ErrorIs(t, err, refusal.ErrRateLimited)
	_, err = c.SendTransaction(t.Context(), &chain.RegisterIdentity{KEMPublicKey: public.KEM, DSAPublicKey: public.DSA, Deadline: uint64(time.Now().Add(time.Minute).UnixMilli())}, nil)
	require.ErrorIs(t, err, refusal.ErrRateLimited, "as raw bytes no more than by name")
	after, waitingAfter := c.state()
	require.Equal(t, block, after)
	require.Equal(t, waiting, waitingAfter)

	_, err = c.SendMessage(t.Context(), c.message(alice, session, "signed"))
	require.NoError(t, err, "who signs is not limited by it")
}

func TestAPanicEndsItsCallAlone(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	methods["Panic"] = on(func(*request, context.Context, *struct{}) (*struct{}, error) { panic("here") })
	defer delete(methods, "Panic")
	got := c.call("sessionvm.Panic", `{}`)
	require.Equal(t, int(client.CodeInternalError), got.code())
	require.NotContains(t, got.Error.Message, "here")
	require.Nil(t, c.call("sessionvm.Health", `{}`).Error)
}
