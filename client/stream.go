package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/luxfi/session/internal/jsonrpc"
)

// CertificateType is the media type of the answer that StreamPostQuantum reads.
const CertificateType = "application/octet-stream"

// maxStreamError bounds the error object in place of a stream.
const maxStreamError = 64 << 10

// StreamPostQuantum returns the encoded warp.PostQuantumCertificate of a block, by the block's own set, as it comes: however many have
// signed, warp.Verifier.ReadPostQuantum checks it with one signature in memory. Close it. Without a deadline of the
// context its end has none.
func (c *Client) StreamPostQuantum(ctx context.Context, params BlockParams) (io.ReadCloser, error) {
	address, ok := strings.CutSuffix(c.Address(), "/rpc")
	if !ok {
		return nil, fmt.Errorf("streaming a certificate: expected a service's URL that ends in /rpc, got %q", c.Address())
	}
	body, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	response, err := c.service.Open(ctx, address+"/certificate", "application/json", body)
	if err != nil {
		return nil, fmt.Errorf("streaming a certificate: %w", err)
	}
	if response.StatusCode == http.StatusOK && response.Header.Get("Content-Type") == CertificateType {
		return response.Body, nil
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxStreamError))
	if err == nil {
		if err = jsonrpc.Decode("null", response.Status, answer, new(struct{})); err == nil {
			err = ErrResponse
		}
	}
	return nil, fmt.Errorf("streaming a certificate: %w", refused(err))
}
