package rpc

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
	"github.com/luxfi/session/warp"
)

func (r *request) getWarpMessage(ctx context.Context, p *client.GetWarpMessageParams) (*client.GetWarpMessageResult, error) {
	delivery, err := r.vm.Delivery(p.MessageID)
	if err != nil {
		return nil, instead(err, refusal.ErrNotFound, "the ID of a message", p.MessageID)
	}
	unsigned := delivery.UnsignedMessage(r.vm.Host().NetworkID)
	result := &client.GetWarpMessageResult{
		Unsigned:   unsigned.Bytes(),
		UnsignedID: unsigned.ID(),
		Delivery: client.Delivery{
			ChainID:   delivery.ChainID,
			Height:    delivery.Height,
			StateRoot: delivery.StateRoot,
			SessionID: delivery.Session,
			MessageID: delivery.Message,
			Sequence:  delivery.Sequence,
			Sender:    delivery.Sender,
		},
	}
	if p.UnsignedOnly {
		return result, nil
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if err := r.signDelivery(ctx, p.MessageID, result); err != nil {
		return nil, locate(err, client.ErrorData{MessageID: p.MessageID, SessionID: delivery.Session})
	}
	return result, nil
}

// signDelivery has the validators of now sign a delivery.
func (r *request) signDelivery(ctx context.Context, message ids.ID, result *client.GetWarpMessageResult) error {
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
	signed, err := collector.Delivery(ctx, message, current.Validators)
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

func (r *request) getDelivery(ctx context.Context, p *client.GetDeliveryParams) (*client.GetDeliveryResult, error) {
	index, err := r.messageIndex(p.MessageID, p.Index, p.SessionID, p.Sequence)
	if err != nil {
		return nil, err
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if p.Height != nil {
		snapshot, err := r.vm.SnapshotAt(*p.Height)
		if err != nil {
			return nil, err
		}
		return r.delivery(ctx, snapshot, index, p)
	}
	latest := r.vm.Snapshot()
	record, err := latest.Message(index)
	if err != nil {
		return nil, err
	}
	_, inclusion, err := r.vm.Transaction(record.ID)
	if err != nil {
		return nil, err
	}
	snapshot, err := r.vm.SnapshotAt(inclusion.Height)
	if errors.Is(err, refusal.ErrPruned) {
		return r.delivery(ctx, latest, index, p)
	} else if err != nil {
		return nil, err
	}
	result, err := r.delivery(ctx, snapshot, index, p)
	if uncertified(err) && snapshot.Header().Height != latest.Header().Height {
		return r.delivery(ctx, latest, index, p)
	}
	return result, err
}

// delivery proves a message in a state, and has the state's block certified.
func (r *request) delivery(ctx context.Context, snapshot *state.Snapshot, index uint64, p *client.GetDeliveryParams) (*client.GetDeliveryResult, error) {
	proof, value, err := bundle(snapshot, chain.MessageKey(index))
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, refusal.New(refusal.ErrNotFound, "a block whose state has the message", snapshot.Header().Height)
	}
	if p.Full {
		record, err := chain.ParseMessage(value)
		if err != nil {
			return nil, err
		}
		if err := r.addTransaction(proof, snapshot, record.ID); err != nil {
			return nil, err
		}
	}
	block, weight, err := r.lightBlock(ctx, snapshot.Header(), p.TrustedHeight)
	if err != nil {
		return nil, err
	}
	return deliveryResult(proof, block, weight)
}

func deliveryResult(proof *proofs.Bundle, block *lightclient.LightBlock, weight warp.Weight) (*client.GetDeliveryResult, error) {
	certified := &lightclient.CertifiedBundle{Bundle: proof, Block: block}
	file, err := json.Marshal(certified)
	if err != nil {
		return nil, err
	}
	return &client.GetDeliveryResult{
		Height:    block.Header.Height,
		BlockID:   block.Header.ID(),
		Timestamp: block.Header.Time(),
		Bundle:    file,
		Binary:    certified.Bytes(),
		Handover:  len(block.Handovers) > 0,
		Weight:    client.Weight(weight),
	}, nil
}
