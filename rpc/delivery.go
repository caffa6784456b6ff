package rpc

import (
	"context"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

func (r *request) getWarpMessage(ctx context.Context, p *client.GetWarpMessageParams) (*client.GetWarpMessageResult, error) {
	delivery, err := r.vm.Delivery(p.TransactionID)
	if err != nil {
		return nil, instead(err, refusal.ErrNotFound, "the ID of a message or of an acknowledgement", p.TransactionID)
	}
	unsigned := delivery.UnsignedMessage(r.vm.Host().NetworkID)
	result := &client.GetWarpMessageResult{
		Unsigned:   unsigned.Bytes(),
		UnsignedID: unsigned.ID(),
		Delivery:   client.Delivery(*delivery),
	}
	if p.UnsignedOnly {
		return result, nil
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if err := r.signDelivery(ctx, p.TransactionID, result); err != nil {
		return nil, locate(err, client.ErrorData{TransactionID: p.TransactionID, SessionID: delivery.Session})
	}
	return result, nil
}

// signDelivery has the validators of now sign a delivery.
func (r *request) signDelivery(ctx context.Context, transaction ids.ID, result *client.GetWarpMessageResult) error {
	current, err := r.currentSet(ctx)
	if err != nil {
		return err
	}
	if err := r.client.collection(); err != nil {
		return err
	}
	collector, err := r.vm.Certificates()
	if err != nil {
		return err
	}
	signed, err := pause(ctx, r, func(ctx context.Context) (*warp.Message, error) {
		return collector.Delivery(ctx, transaction, current.Validators)
	})
	if err != nil {
		return err
	}
	weight, err := current.Weight(signed.Signers)
	if err != nil {
		return err
	}
	result.Signed = signed.Bytes()
	result.ValidatorSetHash, result.PChainHeight = r.hash(current), current.pChainHeight
	result.Weight = client.Weight(weight)
	return nil
}
