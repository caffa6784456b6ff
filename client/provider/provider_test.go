package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
)

// answering returns a provider of a server that answers every call with a result, or with an
// error object.
func answering(t *testing.T, member, content string) *Provider {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var call struct{ ID json.RawMessage }
		if body, err := io.ReadAll(r.Body); err == nil && json.Unmarshal(body, &call) == nil {
			_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%q:%s}`, call.ID, member, content)
		}
	}))
	t.Cleanup(server.Close)
	called, err := client.New(server.URL, client.Options{MaxResponseBytes: 100_000, Timeout: 10 * time.Second})
	require.NoError(t, err)
	return New("test", called)
}

func TestAnAnswerThatIsNoBlockIsAnErrorAndNothingElse(t *testing.T) {
	header := (&chain.Header{Version: chain.HeaderVersion, ChainID: ids.ID{1}, Height: 5}).Bytes()
	for name, result := range map[string]string{
		"nothing":         `{}`,
		"null":            `null`,
		"a number":        `7`,
		"empty hex":       `{"lightBlock":"","header":{"bytes":""},"binary":""}`,
		"no hex":          `{"lightBlock":"xy","header":{"bytes":"xy"},"binary":"xy"}`,
		"no encoding":     `{"lightBlock":"00","header":{"bytes":"00"},"binary":"00"}`,
		"too large":       `{"lightBlock":"` + strings.Repeat("00", 60_000) + `"}`,
		"another height":  fmt.Sprintf(`{"header":{"bytes":"%x"}}`, header),
		"trailing bytes":  fmt.Sprintf(`{"header":{"height":6,"bytes":"%x00"}}`, header),
		"a deep document": `{"lightBlock":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
	} {
		p := answering(t, "result", result)
		_, err := p.LightBlock(t.Context(), 6, 1)
		require.Error(t, err, name)
		_, err = p.Header(t.Context(), 6)
		require.Error(t, err, name)
	}
	got, err := answering(t, "result", fmt.Sprintf(`{"header":{"bytes":"%x"}}`, header)).Header(t.Context(), 5)
	require.NoError(t, err)
	require.Equal(t, uint64(5), got.Height)
}

func TestWhatTheNodeDoesNotHaveIsNotFound(t *testing.T) {
	for code, found := range map[refusal.Reason]bool{
		refusal.ErrNotFound:     false,
		refusal.ErrNoQuorum:     false,
		refusal.ErrWaitTimeout:  false,
		refusal.ErrValidatorSet: false,
		refusal.ErrRateLimited:  true,
		refusal.ErrInvalidArgs:  true,
	} {
		p := answering(t, "error", fmt.Sprintf(`{"code":%d,"message":"no","data":{"reason":"no","weight":{"signed":1,"total":3}}}`, int(code)))
		_, err := p.LightBlock(t.Context(), 0, 0)
		_, headerErr := p.Header(t.Context(), 1)
		for _, err := range []error{err, headerErr} {
			require.ErrorIs(t, err, code)
			require.Equal(t, !found, errors.Is(err, lightclient.ErrNotFound), code)
			var refused *client.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, uint64(3), refused.Data.Weight.Total)
		}
	}
}
