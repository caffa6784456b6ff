package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
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

// bundle proves what is at a key of the tree, or that nothing is; value is nil then.
func bundle(snapshot *state.Snapshot, key []byte) (b *proofs.Bundle, value []byte, err error) {
	value, proof, err := snapshot.Prove(key)
	if err != nil {
		return nil, nil, err
	}
	b, err = proofs.NewBundle(snapshot.Header(), key, proof)
	return b, value, err
}

func proofResult(kind proofs.Kind, b *proofs.Bundle, present bool) (*client.ProofResult, error) {
	file, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	return &client.ProofResult{
		Kind:    kind,
		Present: present,
		Height:  b.Header.Height,
		BlockID: b.BlockID,
		Proof:   file,
		Binary:  b.Bytes(),
	}, nil
}

func (r *request) getMessageProof(_ context.Context, p *client.GetMessageProofParams) (*client.ProofResult, error) {
	snapshot, err := r.snapshotAt(p.Height)
	if err != nil {
		return nil, err
	}
	if p.SessionID != ids.Empty && p.Sequence != 0 && p.MessageID == ids.Empty && p.Index == 0 {
		session, err := snapshot.Session(p.SessionID)
		switch {
		case err != nil && !errors.Is(err, refusal.ErrNotFound):
			return nil, err
		case err != nil || p.Sequence > session.Messages:
			return sessionProof(snapshot, p.SessionID, p.Full)
		}
	}
	index, err := r.messageIndex(p.MessageID, p.Index, p.SessionID, p.Sequence)
	if err != nil {
		return nil, err
	}
	b, value, err := bundle(snapshot, chain.MessageKey(index))
	if err != nil {
		return nil, err
	}
	if value != nil && p.Full {
		message, err := chain.ParseMessage(value)
		if err != nil {
			return nil, err
		}
		if err := r.addTransaction(b, snapshot, message.ID); err != nil {
			return nil, err
		}
	}
	return proofResult(proofs.KindMessage, b, value != nil)
}

func (r *request) getSessionProof(_ context.Context, p *client.GetSessionProofParams) (*client.ProofResult, error) {
	snapshot, err := r.snapshotAt(p.Height)
	if err != nil {
		return nil, err
	}
	return sessionProof(snapshot, p.SessionID, p.Full)
}

func sessionProof(snapshot *state.Snapshot, id ids.ID, full bool) (*client.ProofResult, error) {
	b, value, err := bundle(snapshot, chain.SessionKey(id))
	if err != nil {
		return nil, err
	}
	if value != nil && full {
		keys, err := snapshot.SessionKeys(id)
		if err != nil {
			return nil, fmt.Errorf("keys of session %s: %w", id, err)
		}
		b.SessionKeys = keys.Bytes()
	}
	return proofResult(proofs.KindSession, b, value != nil)
}

func (r *request) getReceiptProof(_ context.Context, p *client.GetReceiptProofParams) (*client.ProofResult, error) {
	snapshot, err := r.snapshotAt(p.Height)
	if err != nil {
		return nil, err
	}
	b, value, err := bundle(snapshot, chain.ReceiptKey(p.SessionID, p.Participant))
	if err != nil {
		return nil, err
	}
	if value != nil && p.Full {
		receipt, err := chain.ParseReceipt(value)
		if err != nil {
			return nil, err
		}
		if err := r.addTransaction(b, snapshot, receipt.Transaction); err != nil {
			return nil, err
		}
	}
	return proofResult(proofs.KindReceipt, b, value != nil)
}

// addTransaction adds the transaction that a record commits to and the keys of who signed
// it. Keys of an identity that is no longer registered are left out.
func (r *request) addTransaction(b *proofs.Bundle, snapshot *state.Snapshot, id ids.ID) error {
	tx, _, err := r.vm.Transaction(id)
	if err != nil {
		return err
	}
	b.Transaction = tx.Bytes()
	identity, err := snapshot.Identity(tx.Body.Actor())
	if errors.Is(err, refusal.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	b.KEMPublicKey, b.DSAPublicKey = identity.KEMPublicKey, identity.DSAPublicKey
	return nil
}
