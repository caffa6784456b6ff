package rpc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/lightclient"
	"github.com/luxfi/session/proofs"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// provable returns the latest state whose block is certified, and of the block what a reader
// needs who trusts another one.
func (r *request) provable(ctx context.Context, trusted uint64, uncertified bool) (*state.Snapshot, *lightclient.LightBlock, error) {
	latest := r.vm.Snapshot()
	if header := latest.Header(); uncertified || trusted != 0 && header.Height == trusted {
		return latest, &lightclient.LightBlock{Header: header}, nil
	}
	block, _, err := r.lightBlockAt(ctx, 0, trusted, false)
	if err != nil {
		return nil, nil, err
	}
	if trusted != 0 {
		header, err := r.vm.HeaderAt(trusted)
		switch {
		case err != nil && !errors.Is(err, refusal.ErrNotFound):
			return nil, nil, err
		case err == nil && header.ValidatorSetHash == block.Header.ValidatorSetHash:
			block.Validators = nil
		}
	}
	if block.Header.Height == latest.Header().Height {
		return latest, block, nil
	}
	snapshot, err := r.vm.SnapshotAt(block.Header.Height)
	return snapshot, block, err
}

const (
	// maxProofBytes bounds the commitments of an answer. A proof of absence holds both neighbours,
	// and a key of a few bytes can be beside the largest leaves that there are.
	maxProofBytes = 2 << 20
	// keysOfCall is for how many keys a client is charged another call.
	keysOfCall = 16
)

// prove returns the encoded proof of keys in a state.
func (r *request) prove(ctx context.Context, snapshot *state.Snapshot, block *lightclient.LightBlock, keys [][]byte) (client.Bytes, error) {
	p, size := &lightclient.StateProof{Block: block}, 0
	for i, key := range keys {
		if i > 0 && i%keysOfCall == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r.spend(1)
		}
		_, proof, err := snapshot.Prove(key)
		if err != nil {
			return nil, err
		}
		commitment, err := proofs.EncodeCommitment(proof)
		if err != nil {
			return nil, err
		}
		if size += len(commitment); size > maxProofBytes && i > 0 {
			return nil, refusal.New(refusal.ErrTooLarge, fmt.Sprintf("keys whose proofs have at most %d bytes together", maxProofBytes), fmt.Sprintf("more with key %d of %d", i+1, len(keys)))
		}
		p.Leaves = append(p.Leaves, lightclient.ProvenLeaf{Key: key, Commitment: commitment})
	}
	return p.Bytes(), nil
}

func (r *request) getStateProof(ctx context.Context, p *client.GetStateProofParams) (*client.GetStateProofResult, error) {
	if count := len(p.Keys); count == 0 || count > lightclient.MaxStateProofKeys {
		return nil, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("keys: from 1 to %d", lightclient.MaxStateProofKeys), count)
	}
	keys := make([][]byte, len(p.Keys))
	for i, key := range p.Keys {
		if len(key) == 0 || len(key) > chain.MaxKeyBytes {
			return nil, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("keys of 1 to %d bytes", chain.MaxKeyBytes), len(key))
		}
		keys[i] = key
	}
	ctx, cancel, err := r.signing(ctx, p.Wait)
	if err != nil {
		return nil, err
	}
	defer cancel()
	snapshot, block, err := r.provable(ctx, p.TrustedHeight, p.Uncertified)
	if err != nil {
		return nil, err
	}
	proof, err := r.prove(ctx, snapshot, block, keys)
	if err != nil {
		return nil, err
	}
	return &client.GetStateProofResult{Height: block.Header.Height, Proof: proof}, nil
}

func (r *request) pollSession(ctx context.Context, p *client.PollSessionParams) (*client.PollSessionResult, error) {
	limit, err := r.limit(p.Limit)
	if err != nil {
		return nil, err
	}
	wait, err := r.wait(p.Wait, 0)
	if err != nil {
		return nil, err
	}
	if count := len(p.Receipts); count > chain.MaxParticipants {
		return nil, refusal.New(refusal.ErrInvalidArgs, fmt.Sprintf("receipts: at most %d", chain.MaxParticipants), count)
	}
	if _, err := r.awaitMessages(ctx, p.SessionID, p.From, 1, wait); err != nil {
		return nil, err
	}
	ctx, cancel, err := r.signing(ctx, client.Seconds(min(r.config.wait(), pollSigning)))
	if err != nil {
		return nil, err
	}
	defer cancel()
	snapshot, block, err := r.provable(ctx, p.TrustedHeight, p.Uncertified)
	limited := err
	if errors.Is(err, refusal.ErrRateLimited) {
		snapshot, block, err = r.kept(ctx, p.TrustedHeight, err)
	}
	if err != nil {
		return nil, err
	}
	result := &client.PollSessionResult{Height: block.Header.Height, Messages: []client.Message{}}
	keys, err := r.poll(ctx, snapshot, p, limit, result)
	if limited != nil && errors.Is(err, refusal.ErrUnknownSession) { // it may be newer than that state
		return nil, limited
	} else if err != nil {
		return nil, err
	}
	if p.ProvenHeight != result.Height || len(result.Messages) > 0 || len(result.Receipts) > 0 {
		result.Proof, err = r.prove(ctx, snapshot, block, keys)
	}
	return result, err
}

// kept returns what provable does, with certificates that are kept alone: the latest block that is
// certified, or the trusted one. If this node has neither it is the error that says why not more.
func (r *request) kept(ctx context.Context, trusted uint64, limited error) (*state.Snapshot, *lightclient.LightBlock, error) {
	var block *lightclient.LightBlock
	if certified, err := r.vm.LatestCertified(); err == nil && certified.Height > trusted {
		block, _, err = r.lightBlock(ctx, certified, trusted, false)
		if err != nil { // its handover is not kept
			block = nil
		}
	}
	if block == nil && trusted != 0 {
		if header, err := r.vm.HeaderAt(trusted); err == nil {
			block = &lightclient.LightBlock{Header: header}
		}
	}
	if block == nil {
		return nil, nil, limited
	}
	snapshot, err := r.vm.SnapshotAt(block.Header.Height)
	if err != nil {
		err = limited
	}
	return snapshot, block, err
}

// pollSigning bounds how long a poll waits for signatures of the latest block.
const pollSigning = 5 * time.Second

// poll fills in the messages and the receipts of a state, and returns the keys of their proof.
func (r *request) poll(ctx context.Context, snapshot *state.Snapshot, p *client.PollSessionParams, limit int, result *client.PollSessionResult) ([][]byte, error) {
	session, err := snapshot.Session(p.SessionID)
	if errors.Is(err, refusal.ErrNotFound) {
		return nil, refusal.New(refusal.ErrUnknownSession, "a session in the latest certified state", p.SessionID)
	} else if err != nil {
		return nil, err
	}
	from := max(p.From, 1)
	page, err := r.messages(ctx, snapshot, session, p.SessionID, from, limit)
	if err != nil {
		return nil, err
	}
	result.Messages = page.Messages
	keys := [][]byte{chain.SessionKey(p.SessionID)}
	first := page.Next
	if count := len(page.Messages); count > 0 {
		first = page.Messages[0].Sequence
		if page.Next <= session.Messages {
			keys = append(keys, chain.MessageKey(page.Messages[count-1].Index))
		}
	}
	if first > from {
		keys = append(keys, chain.TotalsKey())
		if len(page.Messages) > 0 {
			keys = append(keys, chain.MessageKey(page.Messages[0].Index))
		}
	}
	for i := range min(len(p.Receipts), len(session.Participants)) {
		receipt, err := snapshot.Receipt(p.SessionID, session.Participants[i])
		if errors.Is(err, refusal.ErrNotFound) || err == nil && receipt.Sequence <= p.Receipts[i] {
			continue
		} else if err != nil {
			return nil, err
		}
		tx, _, err := r.vm.Transaction(receipt.Transaction)
		if err != nil {
			return nil, err
		}
		result.Receipts = append(result.Receipts, tx.Bytes())
		keys = append(keys, chain.ReceiptKey(p.SessionID, session.Participants[i]))
	}
	return keys, nil
}
