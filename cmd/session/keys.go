package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/pq"
)

// foreignKeyError is a session key that is not shown to be its participant's: a message
// that is sealed to it may be read by somebody else.
type foreignKeyError struct {
	participant ids.ID
	err         error
}

func (e *foreignKeyError) Error() string {
	return fmt.Sprintf("the session's key of %s is not shown to be theirs: %v", pq.FormatID(e.participant), e.err)
}

func (e *foreignKeyError) Unwrap() error { return e.err }

// fetchSession returns a session and checks that the answer is well formed.
func (n *node) fetchSession(ctx context.Context, id ids.ID) (*client.Session, error) {
	answer, err := n.GetSession(ctx, client.GetSessionParams{SessionID: id})
	if err != nil {
		return nil, n.failed(err)
	}
	s := &answer.Session
	if s.ID != id || len(s.PublicKeys) != len(s.Participants) || len(s.KeyEpochs) != len(s.Participants) {
		return nil, fmt.Errorf("%s answers falsely: about session %s, with %d participants, %d keys and %d epochs",
			n.address, s.ID, len(s.Participants), len(s.PublicKeys), len(s.KeyEpochs))
	}
	return s, nil
}

// checkSessionKey checks that a participant chose the key that the session has for them,
// without trusting who made the session or the node that shows it: in epoch 0 it is the
// key that the identity's ID commits to; later on the participant has signed it.
func (n *node) checkSessionKey(ctx context.Context, s *client.Session, i int) error {
	participant, key, epoch := s.Participants[i], s.PublicKeys[i], s.KeyEpochs[i]
	err := n.checkFirstKey(ctx, participant, key)
	if epoch > 0 {
		err = n.checkRotatedKey(ctx, &chain.RotateKey{Session: s.ID, Participant: participant, PublicKey: key, Epoch: epoch})
	}
	if err != nil {
		return &foreignKeyError{participant, err}
	}
	return nil
}

func (n *node) checkFirstKey(ctx context.Context, participant ids.ID, key []byte) error {
	public, err := n.lookup(ctx, participant)
	if err != nil {
		return err
	}
	if !bytes.Equal(public.KEM, key) {
		return fmt.Errorf("it is another one than the ID commits to")
	}
	return nil
}

// checkRotatedKey fetches the transaction that gave the session a key and checks its
// signature. The transaction's ID follows from what it must say.
func (n *node) checkRotatedKey(ctx context.Context, rotation *chain.RotateKey) error {
	id := chain.TransactionID(n.chainID, rotation)
	answer, err := n.GetTransaction(ctx, client.GetTransactionParams{TransactionID: id})
	if err != nil {
		return n.failed(err)
	}
	if len(answer.Bytes) == 0 {
		return fmt.Errorf("the node does not show the signed rotation %s (%s)", id, answer.Status)
	}
	tx, err := chain.ParseTransaction(n.chainID, answer.Bytes)
	if err != nil {
		return err
	}
	if tx.ID() != id {
		return fmt.Errorf("the node shows transaction %s instead of the signed rotation %s", tx.ID(), id)
	}
	return n.verify(ctx, rotation.Participant, tx.Body, tx.Signature)
}
