package rpc

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

func TestJSONRPCIsTakenToTheLetter(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	health := func(members string) string { return `{` + members + `"method":"sessionvm.Health"}` }
	zero := strings.Repeat("00", 32)
	of := func(method, params string) string {
		return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"sessionvm.%s","params":%s}`, method, params)
	}
	for name, test := range map[string]struct {
		body string
		id   string
		code refusal.Reason
	}{
		"no version, as LP-42's first clients": {health(`"id":1,`), `1`, 0},
		"version 1.0":                          {health(`"jsonrpc":"1.0","id":1,`), `1`, 0},
		"another version":                      {health(`"jsonrpc":"3.0","id":1,`), `1`, client.CodeInvalidRequest},
		"a version in numbers":                 {health(`"jsonrpc":2.0,"id":1,`), `1`, client.CodeInvalidRequest},
		"an ID of null":                        {health(`"jsonrpc":"2.0","id":null,`), `null`, 0},
		"an ID of text":                        {health(`"jsonrpc":"2.0","id":"\u0000\"",`), `"\u0000\""`, 0},
		"an ID with a fraction":                {health(`"jsonrpc":"2.0","id":1.50,`), `1.50`, 0},
		"an ID that is an array":               {health(`"jsonrpc":"2.0","id":[1],`), `null`, client.CodeInvalidRequest},
		"an ID that is true":                   {health(`"jsonrpc":"2.0","id":true,`), `null`, client.CodeInvalidRequest},
		"a member that is none":                {health(`"jsonrpc":"2.0","id":1,"foo":2,`), `1`, client.CodeInvalidRequest},
		"a member twice":                       {health(`"jsonrpc":"2.0","id":1,"id":1,`), `1`, client.CodeInvalidRequest},
		"a member in another case":             {health(`"jsonrpc":"2.0","ID":1,`), `null`, client.CodeInvalidRequest},
		"a method that is a number":            {`{"jsonrpc":"2.0","id":1,"method":5}`, `1`, client.CodeInvalidRequest},
		"a number":                             {`1`, `null`, client.CodeInvalidRequest},
		"a text":                               {`"a"`, `null`, client.CodeInvalidRequest},
		"a byte order mark":                    {"\ufeff" + health(`"id":1,`), `null`, client.CodeParseError},
		"invalid UTF-8":                        {health("\"id\":\"\xff\","), `null`, client.CodeParseError},
		"a lone surrogate":                     {of("CreateSession", `{"metadata":{"a":"\ud800"}}`), `null`, client.CodeParseError},
		"a comma too many":                     {`{"jsonrpc":"2.0",}`, `null`, client.CodeParseError},
		"endless nesting":                      {strings.Repeat(`[`, 1<<20), `null`, client.CodeParseError},
		"parameters that are a number":         {of("Health", `7`), `1`, client.CodeInvalidParams},
		"an array of a text":                   {of("Health", `["x"]`), `1`, client.CodeInvalidParams},
		"an array of null":                     {of("Health", `[null]`), `1`, client.CodeInvalidParams},
		"an array of two objects":              {of("Health", `[{},{}]`), `1`, client.CodeInvalidParams},
		"a parameter in another case":          {of("GetSession", `{"sessionID":"x"}`), `1`, client.CodeInvalidParams},
		"a parameter twice":                    {of("GetBlock", `{"height":0,"height":0}`), `1`, client.CodeInvalidParams},
		"metadata with a name twice":           {of("CreateSession", `{"metadata":{"a":"","a":""}}`), `1`, refusal.ErrInvalidArgs},
		"an ID of zeros":                       {of("GetBlock", `{"height":0,"id":"`+zero+`"}`), `1`, refusal.ErrInvalidArgs},
		"index 0":                              {of("GetMessage", `{"index":0}`), `1`, refusal.ErrInvalidArgs},
		"more elements than any list has":      {of("CreateSession", `{"participants":[`+strings.Repeat(`"`+zero+`",`, maxElements)+`"`+zero+`"]}`), `1`, refusal.ErrInvalidArgs},
	} {
		got := c.decodeOne(c.post(test.body))
		require.Equal(t, "2.0", got.Version, name)
		require.Equal(t, test.id, string(got.ID), name)
		require.Equal(t, int(test.code), got.code(), "%s: %+v", name, got.Error)
		if got.Error != nil {
			require.NotEmpty(t, got.Error.Data.Reason, name)
			require.NotEmpty(t, got.Error.Data.Expected, name)
			require.NotEmpty(t, got.Error.Data.Got, name)
			require.Less(t, len(got.Error.Message), 500, name)
		}
	}
	var twice []answer
	c.decode(c.post(`[`+health(`"id":1,`)+`,`+health(`"id":1,`)+`]`), &twice)
	require.Len(t, twice, 2, "which call has which ID is the client's affair")
	var one []answer
	c.decode(c.post(`[1]`), &one)
	require.Equal(t, int(client.CodeInvalidRequest), one[0].code())
}

func TestOtherPathsAndEncodingsAreAnsweredInJSON(t *testing.T) {
	c := startChain(t, DefaultConfig(), nil)
	for _, path := range []string{"/", "/RPC", "//rpc", "/rpc/", "/x"} {
		response, err := http.Post(c.server.URL+path, "application/json", strings.NewReader(`{}`))
		require.NoError(t, err)
		var got answer
		c.decode(readAll(t, response), &got)
		require.Equal(t, http.StatusNotFound, response.StatusCode, path)
		require.Equal(t, int(client.CodeInvalidRequest), got.code())
	}
	request, err := http.NewRequest(http.MethodPost, c.server.URL+"/rpc", strings.NewReader(`{}`))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Content-Encoding", "gzip")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	readAll(t, response)
	require.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode)
	response, err = http.Post(c.server.URL+"/health", "", nil)
	require.NoError(t, err)
	var got answer
	c.decode(readAll(t, response), &got)
	require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
}
