package client

import (
	"context"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// BlockParams name an accepted block by height or ID; neither means the last accepted one.
// On the wire a height may also be "latest".
type BlockParams struct {
	Height *uint64 `json:"height,omitempty"`
	ID     ids.ID  `json:"id,omitzero"`
}

// GetHeaderResult holds a header.
type GetHeaderResult struct {
	Header Header `json:"header"`
}

// Header is a block's header, as it is hashed.
type Header struct {
	ID ids.ID `json:"id"` // SHA-256 of bytes
	*chain.Header
	Bytes Bytes `json:"bytes"` // chain.Header.Bytes
}

// fill makes a header of zeros of one that an answer left out.
func (h *Header) fill() {
	if h.Header == nil {
		h.Header = new(chain.Header)
	}
}

// GetHeader returns the header of an accepted block.
func (c *Client) GetHeader(ctx context.Context, params BlockParams) (*GetHeaderResult, error) {
	result, err := call[GetHeaderResult](ctx, c, "GetHeader", params)
	if err == nil {
		result.Header.fill()
	}
	return result, err
}

// GetBlockResult holds a block.
type GetBlockResult struct {
	Block Block `json:"block"`
}

// Block is an accepted block.
type Block struct {
	Header       Header             `json:"header"`
	Transactions []BlockTransaction `json:"transactions"`
	Bytes        Bytes              `json:"bytes"` // chain.Block.Bytes
}

// BlockTransaction says what a transaction of a block is; its content is in the block's
// bytes, or to be had with GetTransaction.
type BlockTransaction struct {
	ID    ids.ID `json:"id"`
	Type  string `json:"type"`
	Actor ids.ID `json:"actor,omitzero"` // left out if nobody signed
}

// GetBlock returns an accepted block.
func (c *Client) GetBlock(ctx context.Context, params BlockParams) (*GetBlockResult, error) {
	result, err := call[GetBlockResult](ctx, c, "GetBlock", params)
	if err == nil {
		result.Block.Header.fill()
	}
	return result, err
}
