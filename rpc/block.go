package rpc

import (
	"context"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
)

// header finds an accepted block by height or ID; neither means the last accepted one.
func (r *request) header(p *client.BlockParams) (*chain.Header, error) {
	switch byID := p.ID != ids.Empty; {
	case byID && p.Height != nil:
		return nil, refusal.New(refusal.ErrInvalidArgs, "height or id", "both")
	case byID:
		header, err := r.vm.HeaderByID(p.ID)
		return header, instead(err, refusal.ErrNotFound, "the ID of an accepted block", p.ID)
	case p.Height != nil:
		return r.vm.HeaderAt(*p.Height)
	default:
		return r.vm.Snapshot().Header(), nil
	}
}

func (r *request) getHeader(_ context.Context, p *client.BlockParams) (*client.GetHeaderResult, error) {
	header, err := r.header(p)
	if err != nil {
		return nil, err
	}
	return &client.GetHeaderResult{Header: headerAnswer(header)}, nil
}

func headerAnswer(header *chain.Header) client.Header {
	return client.Header{ID: header.ID(), Header: header, Bytes: header.Bytes()}
}

func (r *request) getBlock(_ context.Context, p *client.BlockParams) (*client.GetBlockResult, error) {
	header, err := r.header(p)
	if err != nil {
		return nil, err
	}
	block, err := r.vm.BlockAt(header.Height)
	if err != nil {
		return nil, err
	}
	answer := client.Block{
		Header:       headerAnswer(block.Header),
		Transactions: make([]client.BlockTransaction, len(block.Transactions)),
		Bytes:        block.Bytes(),
	}
	for i, tx := range block.Transactions {
		answer.Transactions[i] = client.BlockTransaction{ID: tx.ID(), Type: typeName(tx.Body), Actor: tx.Body.Actor()}
	}
	return &client.GetBlockResult{Block: answer}, nil
}
