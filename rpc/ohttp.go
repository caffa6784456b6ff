package rpc

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/internal/sealedfile"
	"github.com/luxfi/session/ohttp"
	"github.com/luxfi/session/refusal"
)

// OHTTPPath is the path of the gateway of Oblivious HTTP: GET has its keys, POST takes a sealed request.
const OHTTPPath = "/ohttp"

// openingCalls is how many more calls a sealed request is charged for: opening it takes as long as these.
const openingCalls = 5

// gateway opens sealed requests and answers them as the endpoint of their path does, for the same client: the relay
// that sent them. There is no other way from it.
type gateway struct {
	*service
	key     *ohttp.Key
	targets map[string]endpoint
}

func (s *service) gateway(key *ohttp.Key) http.Handler {
	g := &gateway{s, key, map[string]endpoint{RPCPath: s.rpc(), TransactionsPath: s.transactions()}}
	sealed := endpoint{s, ohttp.RequestType, int64(ohttp.SealedSize(int(s.config.MaxBodyBytes))), g.answer}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			response{status: http.StatusOK, parts: [][]byte{key.Keys()}, mediaType: ohttp.KeysType}.write(w)
			return
		}
		sealed.ServeHTTP(w, r)
	})
}

// answer answers a sealed request. What goes wrong after it was opened is answered inside: RFC 9458, section 5.2.
func (g *gateway) answer(r *request, ctx context.Context, sealed []byte) response {
	message, exchange, err := g.open(r, ctx, sealed)
	if errors.Is(err, ohttp.ErrKey) {
		g.metrics.failed(int(client.CodeInvalidRequest))
		return response{status: http.StatusBadRequest, parts: [][]byte{[]byte(ohttp.KeyProblem)}, mediaType: ohttp.KeyProblemType}
	}
	if err == nil {
		var parts [][]byte
		if parts, err = g.seal(r, ctx, exchange, g.serve(r, ctx, message)); err == nil {
			return response{status: http.StatusOK, parts: parts, mediaType: ohttp.ResponseType}
		}
	}
	return response{status: http.StatusTooManyRequests, parts: [][]byte{r.failure(ctx, OHTTPPath, nil, err)}}
}

// open opens a request.
func (g *gateway) open(r *request, ctx context.Context, sealed []byte) (message []byte, exchange *ohttp.Exchange, err error) {
	r.client.owe(openingCalls)
	if err := r.hold(int64(len(sealed)) - smallBody); err != nil {
		return nil, nil, err
	}
	if err := r.acquire(ctx); err != nil {
		return nil, nil, err
	}
	defer r.release()
	return g.key.Open(sealed)
}

// serve answers what was sealed.
func (g *gateway) serve(r *request, ctx context.Context, message []byte) response {
	refuse := func(status int, err error) response {
		return response{status: status, parts: [][]byte{r.failure(ctx, OHTTPPath, nil, err)}}
	}
	inner, err := ohttp.ParseRequest(message)
	if err != nil {
		return refuse(http.StatusBadRequest, err)
	}
	target, ok := g.targets[inner.Path]
	if !ok || inner.Scheme != ohttp.Scheme || inner.Authority != ohttp.Authority {
		return refuse(http.StatusNotFound, &protocolError{client.CodeInvalidRequest,
			"the target " + ohttp.Address + ", or " + TransactionsPath + " there", quoted(inner.Scheme + "://" + inner.Authority + inner.Path)})
	}
	mediaType, _ := ohttp.Value(inner.Header, "content-type")
	encoding, encoded := ohttp.Value(inner.Header, "content-encoding")
	if encoded && encoding == "" { // several
		encoding = "several"
	}
	if status, err := target.check(inner.Method, mediaType, encoding, int64(len(inner.Content))); err != nil {
		return refuse(status, err)
	}
	return target.answer(r, ctx, inner.Content)
}

// seal seals an answer. One that there is no memory for is replaced by the error.
func (g *gateway) seal(r *request, ctx context.Context, exchange *ohttp.Exchange, a response) (parts [][]byte, err error) {
	if err := r.hold(int64(a.size()) - smallBody); err != nil {
		a = response{status: http.StatusTooManyRequests, parts: [][]byte{r.failure(ctx, OHTTPPath, nil, err)}}
	}
	if err := r.acquire(ctx); err != nil {
		return nil, err
	}
	defer r.release()
	var header []ohttp.Field
	if len(a.parts) > 0 {
		header = []ohttp.Field{{Name: "content-type", Value: jsonType}}
	}
	if a.status == http.StatusTooManyRequests {
		header = append(header, ohttp.Field{Name: "retry-after", Value: strconv.Itoa(retryAfter)})
	}
	nonce, ciphertext, err := exchange.SealAnswer(ohttp.EncodeResponse(a.status, header, a.parts...))
	return [][]byte{nonce, ciphertext}, err
}

// gatewayKey reads the gateway's key from a file, 64 hex digits, and makes the file if there is none. A relative path
// is one in the chain's folder.
func gatewayKey(path, folder string) (*ohttp.Key, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err := ohttp.GenerateKey()
		if err != nil {
			return nil, err
		}
		encoded, err := key.Bytes()
		if err != nil {
			return nil, err
		}
		return key, sealedfile.Replace(path, []byte(hex.EncodeToString(encoded)+"\n"), 0o600)
	} else if err != nil {
		return nil, err
	}
	encoded, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(encoded) != ohttp.KeySize {
		return nil, refusal.New(refusal.ErrConfig, "ohttpKey: a file with 64 hex digits, or none, to make one", path)
	}
	return ohttp.ParseKey(encoded)
}
