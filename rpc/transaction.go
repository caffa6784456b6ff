package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/client"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/vm"
)

func (r *request) issueTransaction(ctx context.Context, p *client.IssueTransactionParams) (*client.TransactionResult, error) {
	wait, err := r.wait(p.Wait, 0)
	if err != nil {
		return nil, err
	}
	tx, err := chain.ParseTransaction(r.chainID(), p.Bytes)
	if err != nil {
		return nil, err
	}
	if err := r.submit(ctx, tx); err != nil {
		return nil, err
	}
	if wait > 0 {
		if _, err := r.await(ctx, tx, wait); err != nil {
			return nil, err
		}
	}
	result, err := r.transactionResult(tx)
	if err == nil && result.Status == client.TransactionUnknown { // on its stem: who submits it may know
		result.Status = client.TransactionWaiting
	}
	return result, err
}

// transactionResult says where a transaction is.
func (r *request) transactionResult(tx *chain.Transaction) (*client.TransactionResult, error) {
	about := r.about(tx)
	status, inclusion, err := r.vm.TransactionStatus(tx.ID())
	if err != nil && status != vm.TransactionDropped {
		return nil, err
	}
	answer := &client.TransactionResult{
		TransactionID: tx.ID(),
		Status:        string(status),
		SessionID:     about.SessionID,
		ChannelID:     about.ChannelID,
		Dropped:       whyDropped(err),
	}
	return answer, r.place(answer, inclusion)
}

// place says where an accepted transaction is.
func (r *request) place(answer *client.TransactionResult, inclusion vm.Inclusion) error {
	if answer.Status != client.TransactionAccepted {
		return nil
	}
	answer.BlockID = inclusion.Block
	answer.Height = inclusion.Height
	answer.Position = uint64(inclusion.Position)
	answer.Timestamp = timeOf(inclusion.Timestamp)
	if inclusion.Message == 0 {
		return nil
	}
	record, err := r.vm.Snapshot().Message(inclusion.Message)
	if errors.Is(err, refusal.ErrNotFound) { // swept just now
		return nil
	} else if err != nil {
		return err
	}
	answer.Index, answer.Sequence = inclusion.Message, record.Sequence
	return nil
}

func whyDropped(err error) *client.ErrorData {
	if err == nil {
		return nil
	}
	data, ok := errorData(err)
	if !ok {
		data.Code, data.Reason = int(refusal.ErrDropped), refusal.ErrDropped.Error()
	}
	return &data
}

func (r *request) getTransaction(_ context.Context, p *client.GetTransactionParams) (*client.GetTransactionResult, error) {
	status, _, err := r.vm.TransactionStatus(p.TransactionID)
	if err != nil && status != vm.TransactionDropped {
		return nil, err
	}
	answer := &client.GetTransactionResult{TransactionResult: client.TransactionResult{
		TransactionID: p.TransactionID,
		Status:        string(status),
		Dropped:       whyDropped(err),
	}}
	if status != vm.TransactionAccepted {
		return answer, nil
	}
	tx, inclusion, err := r.vm.Transaction(p.TransactionID)
	if err != nil {
		return nil, err
	}
	about := r.about(tx)
	answer.SessionID, answer.ChannelID = about.SessionID, about.ChannelID
	answer.Type, answer.Actor, answer.Bytes = typeName(tx.Body), tx.Body.Actor(), tx.Bytes()
	answer.Contract = client.ContractOf(tx)
	return answer, r.place(&answer.TransactionResult, inclusion)
}

// bodies are the transaction types.
var bodies = []chain.Body{
	new(chain.RegisterIdentity), new(chain.PublishPrekey), new(chain.CreateSession), new(chain.SendMessage),
	new(chain.Acknowledge), new(chain.RotateKey), new(chain.CloseSession),
	new(chain.CreateChannel), new(chain.AddMember), new(chain.RemoveMember), new(chain.TransferChannel),
	new(chain.Invite), new(chain.RegisterValidatorKey),
}

// typeName returns the name of a transaction type: CreateSession, SendMessage, ...
func typeName(body chain.Body) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", body), "*chain.")
}
