package messaging

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// TestWhoIsRegisteredNeedsNoAdmissionBeforeItEnds: a renewal that nobody admits to stops nobody, and the program is told.
func TestWhoIsRegisteredNeedsNoAdmissionBeforeItEnds(t *testing.T) {
	now := time.UnixMilli(1_800_000_000_000)
	for name, test := range map[string]struct {
		identity string // the node's answer
		goesOn   bool
	}{
		"registered": {fmt.Sprintf(`"result":{"identity":{"expires":%q}}`, now.Add(time.Second).UTC().Format(time.RFC3339)), true},
		"lapsed":     {fmt.Sprintf(`"result":{"identity":{"expires":%q}}`, now.UTC().Format(time.RFC3339)), false},
		"a stranger": {fmt.Sprintf(`"error":{"code":%d,"message":"no"}`, int(refusal.ErrNotRegistered)), false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var call struct {
				ID     json.RawMessage
				Method string
			}
			_ = json.NewDecoder(r.Body).Decode(&call)
			answer := test.identity
			if call.Method == "sessionvm.RegisterIdentity" {
				answer = fmt.Sprintf(`"error":{"code":%d,"message":"no"}`, int(refusal.ErrNotAdmitted))
			}
			_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, call.ID, answer)
		}))
		c, err := client.New(server.URL, client.Options{})
		require.NoError(t, err)
		identity, err := pq.GenerateIdentity()
		require.NoError(t, err)
		var warned error
		config := Config{Client: c, Identity: identity, Warn: func(err error) { warned = err }}
		m := &Messenger{shared: &shared{config: config, self: identity.ID(), now: func() time.Time { return now }}, client: c}
		err = m.register(t.Context())
		if test.goesOn {
			require.NoError(t, err, name)
			require.ErrorIs(t, warned, refusal.ErrNotAdmitted, name)
		} else {
			require.ErrorIs(t, err, refusal.ErrNotAdmitted, name)
			require.NoError(t, warned, name)
		}
		server.Close()
	}
}
