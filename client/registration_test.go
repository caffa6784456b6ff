package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

// TestANodeThatAsksForWorkAgainAndAgain says a price, refuses the work, and says another beacon.
func TestANodeThatAsksForWorkAgainAndAgain(t *testing.T) {
	bits, asked := uint64(4), 0
	c := serve(t, func(w http.ResponseWriter, method string, _ json.RawMessage, id string) {
		answer := fmt.Sprintf(`"error":{"code":%d,"message":"no"}`, int(refusal.ErrWork))
		switch method {
		case "sessionvm.GetChainInfo":
			asked++
			answer = fmt.Sprintf(`"result":{"chainId":%q,"genesis":{},"registration":{"mode":"work","bits":%d,"renewal":1,"beacon":%q}}`, ids.ID{1}, bits, ids.ID{2, byte(asked)})
		case "sessionvm.GetIdentity":
			answer = fmt.Sprintf(`"error":{"code":%d,"message":"no"}`, int(refusal.ErrNotRegistered))
		}
		_, _ = fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, id, answer)
	})
	var told []uint64
	c.working = func(bits uint64) { told = append(told, bits) }
	_, err := c.RegisterIdentity(t.Context(), RegisterIdentityParams{})
	require.ErrorIs(t, err, refusal.ErrWork)
	require.Equal(t, []uint64{4, 4, 4}, told, "not for ever")

	told, bits = nil, MaxWork+1
	_, err = c.RegisterIdentity(t.Context(), RegisterIdentityParams{})
	require.ErrorIs(t, err, refusal.ErrWork)
	require.Empty(t, told, "too much is not begun")

	bits = MaxWork
	ctx, cancel := context.WithCancel(t.Context())
	c.working = func(bits uint64) {
		told = append(told, bits)
		cancel()
	}
	_, err = c.RegisterIdentity(ctx, RegisterIdentityParams{})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []uint64{MaxWork}, told, "whoever is told can end it")
}
