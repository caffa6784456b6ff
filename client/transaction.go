package client

import (
	"context"
	"time"

	"github.com/luxfi/ids"
)

// IssueTransactionParams carry an encoded transaction, signature included.
type IssueTransactionParams struct {
	Bytes Bytes   `json:"bytes"`         // chain.Transaction.Bytes
	Wait  Seconds `json:"wait,omitzero"` // for acceptance; zero: not at all
}

// The states of a transaction.
const (
	TransactionAccepted   = "accepted"
	TransactionProcessing = "processing" // in a block that is not accepted yet
	TransactionWaiting    = "waiting"    // in the mempool
	TransactionDropped    = "dropped"    // left the mempool without being accepted
	TransactionUnknown    = "unknown"
)

// TransactionResult says where a transaction is. Its place is set once it is accepted.
type TransactionResult struct {
	TransactionID ids.ID     `json:"transactionId"` // of a message: its message ID
	Status        string     `json:"status"`
	BlockID       ids.ID     `json:"blockId,omitzero"`
	Height        uint64     `json:"height,omitzero"`
	Position      uint64     `json:"position,omitzero"` // in the block, from 0
	Timestamp     time.Time  `json:"timestamp,omitzero"`
	SessionID     ids.ID     `json:"sessionId,omitzero"` // the session that it makes or concerns
	ChannelID     ids.ID     `json:"channelId,omitzero"` // the channel that it makes or concerns
	Index         uint64     `json:"index,omitzero"`     // of a message that is still in the tree
	Sequence      uint64     `json:"sequence,omitzero"`  // of a message that is still in the tree
	Dropped       *ErrorData `json:"dropped,omitempty"`  // why it was dropped
}

// IssueTransaction submits an encoded transaction. One that is in the chain already is no
// error: the answer says where.
func (c *Client) IssueTransaction(ctx context.Context, params IssueTransactionParams) (*TransactionResult, error) {
	return call[TransactionResult](ctx, c, "IssueTransaction", params)
}

// GetTransactionParams name a transaction.
type GetTransactionParams struct {
	TransactionID ids.ID `json:"transactionId"`
}

// GetTransactionResult says where a transaction is and, once accepted, what it is.
type GetTransactionResult struct {
	TransactionResult
	Type     string    `json:"type,omitzero"`                // CreateSession, SendMessage, ...
	Actor    ids.ID    `json:"actor,omitzero" id:"identity"` // who signed, or the contract's ID; left out if nobody did
	Contract *Contract `json:"contract,omitempty"`           // of another chain, that acts; nil: none does
	Bytes    Bytes     `json:"bytes,omitempty"`              // chain.Transaction.Bytes
}

// GetTransaction says where a transaction is. A transaction that nobody knows is no error:
// its status is unknown.
func (c *Client) GetTransaction(ctx context.Context, params GetTransactionParams) (*GetTransactionResult, error) {
	return call[GetTransactionResult](ctx, c, "GetTransaction", params)
}
