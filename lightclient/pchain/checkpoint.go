package pchain

import (
	"context"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// Certify gets the certificate of a block by the validator set with a hash, from anybody:
// it is verified.
type Certify func(ctx context.Context, block ids.ID, validatorSetHash chain.Hash) (*warp.Certificate, error)

// Checkpoint makes a checkpoint of a header that anybody may have shown, and returns the weight
// of the validators now that has signed it. The checks are
//
//	a) the header commits to the validators that the subnet has at the header's P-chain height
//	b) a quorum of the validators that the subnet has now have signed it
//
// Without b) validators that have left could sign what they like: they have nothing to lose.
func (c *Client) Checkpoint(ctx context.Context, rules *lightclient.Rules, subnet ids.ID, header *chain.Header, certify Certify) (lightclient.Checkpoint, warp.Weight, error) {
	checkpoint, quorum := lightclient.Checkpoint{Header: header}, rules.Quorum
	if quorum == (warp.Threshold{}) {
		quorum = warp.DefaultQuorum
	}
	if err := rules.Check(); err != nil {
		return checkpoint, warp.Weight{}, err
	}
	height, err := c.Height(ctx)
	if err != nil {
		return checkpoint, warp.Weight{}, err
	}
	if header.PChainHeight > height {
		return checkpoint, warp.Weight{}, refusal.Wrap(lightclient.ErrPChainHeight, refusal.ErrNotFound,
			fmt.Sprintf("a P-chain at height %d, which block %d names: try again", header.PChainHeight, header.Height), height)
	}
	if checkpoint.Validators, err = c.Validators(ctx, subnet, header.PChainHeight); err != nil {
		return checkpoint, warp.Weight{}, err
	}
	if err := rules.VerifySet(header, checkpoint.Validators); err != nil { // a)
		return checkpoint, warp.Weight{}, fmt.Errorf("block %d does not commit to the validators that the P-chain has at height %d, on network %d: %w", header.Height, header.PChainHeight, rules.NetworkID, err)
	}
	current, err := c.Validators(ctx, subnet, height)
	if err != nil {
		return checkpoint, warp.Weight{}, err
	}
	certificate, err := certify(ctx, header.ID(), current.Hash(rules.NetworkID, rules.ChainID))
	if err != nil {
		return checkpoint, warp.Weight{}, err
	}
	weight, err := rules.VerifyCertificateBy(certificate, header, current, quorum) // b)
	if err != nil {
		return checkpoint, warp.Weight{}, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	return checkpoint, weight, nil
}
