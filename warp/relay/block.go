package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/proofs"
)

// ErrNode is that a node, of the session chain or of the EVM chain, answers falsely.
var ErrNode = errors.New("the node answers falsely")

// block is an accepted block of the session chain, under whose state root something is to be shown.
type block struct {
	sessions *client.Client
	header   *chain.Header
}

// proof is an ICS-23 proof, and what it shows.
type proof struct {
	*proofs.Bundle
	shows *proofs.Statement
}

// lastBlock returns the last accepted block.
func lastBlock(ctx context.Context, sessions *client.Client) (*block, error) {
	answer, err := sessions.GetHeader(ctx, client.BlockParams{})
	if err != nil {
		return nil, err
	}
	return &block{sessions, answer.Header.Header}, nil
}

// prove returns the proof of what is at a key in the block's state, which the parameters ask for. Errors: ErrNode.
func (b *block) prove(ctx context.Context, key []byte, params client.GetProofParams) (*proof, error) {
	params.Height = &b.header.Height
	answer, err := b.sessions.GetProof(ctx, params)
	if err != nil {
		return nil, err
	}
	bundle, err := answer.Bundle()
	if err != nil {
		return nil, err
	}
	shows, err := bundle.Verify(pq.Verify)
	if err != nil {
		return nil, err
	}
	if bundle.Header.ID() != b.header.ID() || !bytes.Equal(bundle.Key, key) {
		return nil, fmt.Errorf("%w: expected a proof of key %x in block %s, got one of %x in %s", ErrNode, key, b.header.ID(), bundle.Key, bundle.Header.ID())
	}
	return &proof{bundle, shows}, nil
}

// certify returns the call with an input that the header is part of, and with the block's certificate by the validators
// of now, who are those that the EVM chain asks for.
func (b *block) certify(ctx context.Context, input func(header []byte) []byte) (*Call, error) {
	now, err := b.sessions.GetValidators(ctx, client.GetValidatorsParams{})
	if err != nil {
		return nil, err
	}
	certified, err := b.sessions.GetCertificate(ctx, client.GetCertificateParams{Height: &b.header.Height, ValidatorSetHash: now.ValidatorSetHash})
	if err != nil {
		return nil, err
	}
	return &Call{Input: input(b.header.Bytes()), Warp: [][]byte{certified.Certificate}}, nil
}
