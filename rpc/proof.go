package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// snapshotAt returns the state at a height; nil means after the last accepted block.
func (r *request) snapshotAt(height *uint64) (*state.Snapshot, error) {
	if height == nil {
		return r.vm.Snapshot(), nil
	}
	return r.vm.SnapshotAt(*height)
}

func (r *request) getProof(ctx context.Context, p *client.GetProofParams) (*client.GetProofResult, error) {
	snapshot, block, err := r.proofState(ctx, p)
	if err != nil {
		return nil, err
	}
	kind, key, err := r.proofKey(snapshot, p)
	if err != nil {
		return nil, err
	}
	value, proof, err := snapshot.Prove(key)
	if err != nil {
		return nil, err
	}
	bundle, err := proofs.NewBundle(snapshot.Header(), key, proof)
	if err == nil && value != nil && p.Full {
		err = r.complete(bundle, snapshot, kind, value)
	}
	if err == nil && block != nil {
		err = lightclient.Certify(bundle, block)
	}
	if err != nil {
		return nil, err
	}
	file, err := json.Marshal(bundle)
	return &client.GetProofResult{Kind: kind, Present: value != nil, Height: bundle.Header.Height, Proof: file}, err
}

// proofState returns the state to prove from, and its light block if it has to be certified.
func (r *request) proofState(ctx context.Context, p *client.GetProofParams) (*state.Snapshot, *lightclient.LightBlock, error) {
	if !p.Certified {
		snapshot, err := r.snapshotAt(p.Height)
		return snapshot, nil, err
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, nil, err
	}
	defer cancel()
	if p.Height != nil {
		return r.certifiedAt(ctx, *p.Height, p)
	}
	height, delivered := r.deliveredAt(p)
	if delivered && p.PostQuantum {
		if snapshot, block, err := r.checkpointOf(ctx, height, p); block != nil || err != nil {
			return snapshot, block, err
		}
	}
	var deliveredErr error
	if delivered { // those who trusted that time's validators can verify this
		snapshot, block, err := r.certifiedAt(ctx, height, p)
		if !errors.Is(err, refusal.ErrPruned) && !uncertified(err) {
			return snapshot, block, err
		}
		deliveredErr = err
	}
	block, _, err := r.lightBlockAt(ctx, 0, p.TrustedHeight, p.PostQuantum)
	if err != nil {
		return nil, nil, err
	}
	if delivered && block.Header.Height < height {
		return nil, nil, deliveredErr
	}
	snapshot, err := r.vm.SnapshotAt(block.Header.Height)
	return snapshot, block, err
}

// checkpointOf returns the state at the next checkpoint after a message's block, whose certificate serves all messages that it has;
// nil if there is none of the same validators, or its state is pruned.
func (r *request) checkpointOf(ctx context.Context, height uint64, p *client.GetProofParams) (*state.Snapshot, *lightclient.LightBlock, error) {
	header, err := r.vm.HeaderAt(height)
	if err != nil {
		return nil, nil, err
	}
	kept, err := r.vm.Checkpoint(height)
	if errors.Is(err, refusal.ErrNotFound) || err == nil && kept.Header.ValidatorSetHash != header.ValidatorSetHash {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	snapshot, block, err := r.certifiedAt(ctx, kept.Header.Height, p)
	if errors.Is(err, refusal.ErrPruned) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	index, err := r.messageIndex(p.MessageID, p.Index, p.SessionID, p.Sequence)
	if err != nil {
		return nil, nil, err
	}
	if _, err := snapshot.Message(index); errors.Is(err, refusal.ErrNotFound) { // it has left the tree
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	return snapshot, block, nil
}

// certifiedAt returns the state at a height, and its light block.
func (r *request) certifiedAt(ctx context.Context, height uint64, p *client.GetProofParams) (*state.Snapshot, *lightclient.LightBlock, error) {
	snapshot, err := r.vm.SnapshotAt(height)
	if err != nil {
		return nil, nil, err
	}
	block, _, err := r.lightBlock(ctx, snapshot.Header(), p.TrustedHeight, p.PostQuantum)
	return snapshot, block, err
}

// deliveredAt returns the height of the block that delivered the message that is named, and whether
// there is one.
func (r *request) deliveredAt(p *client.GetProofParams) (height uint64, ok bool) {
	index, err := r.messageIndex(p.MessageID, p.Index, p.SessionID, p.Sequence)
	if err != nil {
		return 0, false
	}
	record, err := r.vm.Snapshot().Message(index)
	if err != nil {
		return 0, false
	}
	_, inclusion, err := r.vm.Transaction(record.ID)
	return inclusion.Height, err == nil
}

// proofKey returns the tree key of what is to be proven.
func (r *request) proofKey(snapshot *state.Snapshot, p *client.GetProofParams) (proofs.Kind, []byte, error) {
	named := p.MessageID != ids.Empty || p.Index != 0 || p.Sequence != 0
	switch {
	case p.Participant != ids.Empty && (named || p.SessionID == ids.Empty):
		return "", nil, refusal.New(refusal.ErrInvalidArgs, "participant with sessionId alone", "something else")
	case p.Participant != ids.Empty:
		return proofs.KindReceipt, chain.ReceiptKey(p.SessionID, p.Participant), nil
	case p.SessionID != ids.Empty && !named:
		return proofs.KindSession, chain.SessionKey(p.SessionID), nil
	}
	if p.SessionID != ids.Empty && p.Sequence != 0 && p.MessageID == ids.Empty && p.Index == 0 {
		session, err := snapshot.Session(p.SessionID)
		switch {
		case err != nil && !errors.Is(err, refusal.ErrNotFound):
			return "", nil, err
		case err != nil || p.Sequence > session.Messages:
			return proofs.KindSession, chain.SessionKey(p.SessionID), nil
		}
	}
	index, err := r.messageIndex(p.MessageID, p.Index, p.SessionID, p.Sequence)
	return proofs.KindMessage, chain.MessageKey(index), err
}

// complete adds to a bundle what its leaf commits to.
func (r *request) complete(bundle *proofs.Bundle, snapshot *state.Snapshot, kind proofs.Kind, value []byte) error {
	var transaction ids.ID
	switch kind {
	case proofs.KindSession:
		keys, err := snapshot.SessionKeys(ids.ID(bundle.Key[1:]))
		if err != nil {
			return fmt.Errorf("keys of session %x: %w", bundle.Key[1:], err)
		}
		bundle.SessionKeys = keys.Bytes()
		return nil
	case proofs.KindMessage:
		message, err := chain.ParseMessage(value)
		if err != nil {
			return err
		}
		transaction = message.ID
	default:
		receipt, err := chain.ParseReceipt(value)
		if err != nil {
			return err
		}
		transaction = receipt.Transaction
	}
	tx, _, err := r.vm.Transaction(transaction)
	if err != nil {
		return err
	}
	bundle.Transaction = tx.WithoutRegistration().Bytes()
	signer, err := snapshot.Identity(tx.Body.Actor())
	if errors.Is(err, refusal.ErrNotFound) { // it is no longer registered
		return nil
	} else if err != nil {
		return err
	}
	bundle.KEMPublicKey, bundle.DSAPublicKey = signer.KEMPublicKey, signer.DSAPublicKey
	return nil
}
