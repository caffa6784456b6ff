package rpc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func FuzzHandler(f *testing.F) {
	c := startChain(f, Config{MaxBodyBytes: 1 << 16, WaitSeconds: 1, MaxWaitSeconds: 1}, nil)
	c.halted.Store(true)
	for name := range methods {
		f.Add(fmt.Appendf(nil, `{"jsonrpc":"2.0","id":1,"method":"sessionvm.%s","params":{}}`, name))
	}
	for _, seed := range []string{
		``, `{}`, `[]`, `[1]`, `[[]]`, `null`, `"x"`, "\x00", `{"jsonrpc":"2.0"}`,
		`{"jsonrpc":"2.0","method":"sessionvm.Health"}`,
		`[{"jsonrpc":"2.0","id":"\u0000","method":"sessionvm.health"},{"jsonrpc":"2.0","method":"x"}]`,
		`{"jsonrpc":"2.0","id":1,"method":"sessionvm.GetBlock","params":[{"height":"latest"}]}`,
		`{"jsonrpc":"2.0","id":1e400,"method":"sessionvm.ListMessages","params":{"sessionId":"0x` + strings.Repeat("07", 32) + `","wait":0.001}}`,
		`{"jsonrpc":"2.0","id":1,"method":"sessionvm.IssueTransaction","params":{"bytes":"0a00"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"sessionvm.CreateSession","params":{"participants":["` + strings.Repeat("07", 33) + `"],"publicKeys":["` + strings.Repeat("00", 1184) + `"],"wait":0.001}}`,
		`{"jsonrpc":"2.0","id":1,"method":"sessionvm.GetProof","params":{"index":1,"height":0,"full":true}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest(http.MethodPost, "/rpc", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		ctx, cancel := context.WithTimeout(r.Context(), 20*time.Millisecond) // nobody waits for a block
		defer cancel()
		late := time.AfterFunc(20*time.Second, func() { panic("no answer to " + strconv.Quote(string(body))) })
		defer late.Stop()
		c.handler.ServeHTTP(w, r.WithContext(ctx))
		switch answer := w.Body.Bytes(); {
		case w.Code == http.StatusNoContent && len(answer) == 0:
		case w.Code >= http.StatusInternalServerError:
			t.Fatalf("HTTP status %d: %s", w.Code, answer)
		case !json.Valid(answer):
			t.Fatalf("no JSON: %q", answer)
		case strings.Contains(string(answer), `"code":-32603`):
			t.Fatalf("internal error: %s", answer)
		}
	})
}
