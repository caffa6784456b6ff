package client

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/internal/jsonrpc"
	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/refusal"
)

// TransactionsType is the media type of the body that SendTransactions posts.
const TransactionsType = "application/octet-stream"

// TransactionsResult has what became of each transaction, in their order.
type TransactionsResult struct {
	Transactions []SentTransaction `json:"transactions"`
}

// SentTransaction is a transaction that was taken into the node's mempool, or is in the chain
// already; or was refused.
type SentTransaction struct {
	TransactionID ids.ID     `json:"transactionId,omitzero"` // zero if it could not be decoded
	Error         *ErrorData `json:"error,omitempty"`        // why it was refused, with its code
}

// Err returns why a transaction was refused, as an *Error; nil if it was taken.
func (s *SentTransaction) Err() error {
	if s.Error == nil {
		return nil
	}
	return &Error{
		Code:    refusal.Reason(s.Error.Code),
		Message: fmt.Sprintf("%s: expected %s, got %s", s.Error.Reason, s.Error.Expected, s.Error.Got),
		Data:    *s.Error,
	}
}

// SendTransactions submits transactions in one request, in their canonical encoding, and does not
// wait until they are accepted. For many it costs the node half of what as many calls do. The
// service takes ServiceLimits.MaxTransactions at a time, of MaxBodyBytes together.
func (c *Client) SendTransactions(ctx context.Context, transactions []*chain.Transaction) (*TransactionsResult, error) {
	address, ok := strings.CutSuffix(c.Address(), "/rpc")
	if !ok {
		return nil, fmt.Errorf("sending transactions: expected a service's URL that ends in /rpc, got %q", c.Address())
	}
	var body bytes.Buffer
	for _, tx := range transactions {
		body.Write(binary.BigEndian.AppendUint32(nil, uint32(len(tx.Bytes()))))
		body.Write(tx.Bytes())
	}
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	status, answer, err := c.service.Post(ctx, address+"/transactions", TransactionsType, body.Bytes())
	if err != nil {
		return nil, fmt.Errorf("sending transactions: %w", err)
	}
	result := new(TransactionsResult)
	if err := strictjson.Unmarshal(answer, result); err != nil || len(result.Transactions) != len(transactions) {
		if err = jsonrpc.Decode("null", status, answer, result); err == nil {
			err = ErrResponse
		}
		return nil, fmt.Errorf("sending transactions: %w", refused(err))
	}
	for i, tx := range transactions {
		sent := &result.Transactions[i]
		if sent.TransactionID != tx.ID() && (sent.Error == nil || sent.TransactionID != ids.Empty) {
			return nil, fmt.Errorf("sending transactions: %w: expected transaction %s, got %s", ErrResponse, tx.ID(), sent.TransactionID)
		}
	}
	return result, nil
}
