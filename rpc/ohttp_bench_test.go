package rpc

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/ohttp"
)

// What sealing adds to a small call, for the node: go test ./rpc -run '^$' -bench SealedCall.
func BenchmarkSealedCall(b *testing.B) {
	config := DefaultConfig()
	config.RequestRate = 0
	c := startChain(b, config, nil)
	key, err := ohttp.GenerateKey()
	require.NoError(b, err)
	public, err := ohttp.ParseKeys(key.Keys(), key.Hash())
	require.NoError(b, err)
	sealed, _, err := public.Seal(inner(RPCPath, "application/json", askInfo).Bytes())
	require.NoError(b, err)
	junk := bytes.Clone(sealed)
	junk[len(junk)-1] ^= 1
	gateway := c.service.gateway(key)
	for _, way := range []struct {
		name      string
		handler   http.Handler
		mediaType string
		body      []byte
		status    int
	}{
		{"plain", c.handler, jsonType, []byte(askInfo), http.StatusOK},
		{"sealed", gateway, ohttp.RequestType, sealed, http.StatusOK},
		{"junk", gateway, ohttp.RequestType, junk, http.StatusBadRequest},
	} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(way.body))
				r.Header.Set("Content-Type", way.mediaType)
				w := httptest.NewRecorder()
				way.handler.ServeHTTP(w, r)
				require.Equal(b, way.status, w.Code)
			}
		})
	}
}
