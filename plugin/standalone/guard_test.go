package standalone

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/rpc"
)

func ask(t *testing.T, handler http.Handler, method, host string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, "/rpc", nil)
	r.Host = host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

var answers = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "yes") })

func TestAHostNameThatIsNotAllowedIsRefused(t *testing.T) {
	handler := guard(answers, "node.example:9652", rpc.Config{AllowedHosts: []string{"Chain.example"}})
	for _, host := range []string{"127.0.0.1:9652", "127.0.0.1", "[::1]:9652", "[::1]", "10.1.2.3:1", "localhost", "LocalHost:80", "localhost.:80", "node.example:9652", "chain.example"} {
		require.Equal(t, http.StatusOK, ask(t, handler, http.MethodPost, host).StatusCode, host)
	}
	for _, host := range []string{"", "evil.example", "evil.example:9652", "localhost.evil.example", "127.0.0.1.evil.example", "chain.example.", "x.node.example"} {
		want := http.StatusForbidden
		if host == "chain.example." { // a name's end may be written
			want = http.StatusOK
		}
		require.Equal(t, want, ask(t, handler, http.MethodPost, host).StatusCode, host)
	}
	everything := guard(answers, ":9652", rpc.Config{AllowedHosts: []string{"*"}})
	require.Equal(t, http.StatusOK, ask(t, everything, http.MethodGet, "evil.example").StatusCode)
}

func TestAForeignOriginIsRefusedAndAListedOneGetsCORS(t *testing.T) {
	const host = "127.0.0.1:9652"
	handler := guard(answers, host, rpc.Config{})
	for origin, status := range map[string]int{
		"":                       http.StatusOK,
		"http://127.0.0.1:9652":  http.StatusOK,
		"http://127.0.0.1:9653":  http.StatusForbidden,
		"https://evil.example":   http.StatusForbidden,
		"null":                   http.StatusForbidden,
		"http://127.0.0.1:9652.": http.StatusForbidden,
	} {
		response := ask(t, handler, http.MethodPost, host, "Origin", origin)
		require.Equal(t, status, response.StatusCode, origin)
		require.Empty(t, response.Header.Get("Access-Control-Allow-Origin"))
	}

	handler = guard(answers, host, rpc.Config{AllowedOrigins: []string{"https://app.example"}})
	response := ask(t, handler, http.MethodPost, host, "Origin", "https://app.example")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "https://app.example", response.Header.Get("Access-Control-Allow-Origin"))
	preflight := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"}
	response = ask(t, handler, http.MethodOptions, host, append(preflight, "Origin", "https://app.example")...)
	require.Equal(t, http.StatusNoContent, response.StatusCode)
	require.Equal(t, "https://app.example", response.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "POST", response.Header.Get("Access-Control-Allow-Methods"))
	require.Equal(t, "content-type", response.Header.Get("Access-Control-Allow-Headers"))
	require.Equal(t, http.StatusForbidden, ask(t, handler, http.MethodOptions, host, append(preflight, "Origin", "https://evil.example")...).StatusCode)
	require.Equal(t, http.StatusForbidden, ask(t, handler, http.MethodPost, "evil.example", "Origin", "https://app.example").StatusCode)
}
