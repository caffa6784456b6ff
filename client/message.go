package client

import (
	"context"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// SendMessageParams are LP-42's. The signature is over chain.SigningBytes of the
// *chain.SendMessage (chain ID, session ID, sender and the ciphertext's SHA-256 hash) in
// the context chain.ContextMessage.
type SendMessageParams struct {
	SessionID  ids.ID  `json:"sessionId"`
	Sender     ids.ID  `json:"sender" id:"identity"`
	Ciphertext Bytes   `json:"ciphertext"`
	Signature  Bytes   `json:"signature"`     // ML-DSA-65, 3309 bytes
	Wait       Seconds `json:"wait,omitzero"` // for acceptance; zero: the service's default
}

// SendMessageResult is LP-42's messageId and sequence, both final, and where the message
// was accepted. Sending the same message again gives the first one's.
type SendMessageResult struct {
	MessageID ids.ID    `json:"messageId"`
	Sequence  uint64    `json:"sequence"`
	Index     uint64    `json:"index"`
	Height    uint64    `json:"height"`
	Timestamp time.Time `json:"timestamp"`
}

// SendMessage sends a message and waits until it is accepted.
func (c *Client) SendMessage(ctx context.Context, params SendMessageParams) (*SendMessageResult, error) {
	return call[SendMessageResult](ctx, c, "SendMessage", params)
}

// GetMessageParams name a message by its ID, by its index, or by session and sequence.
type GetMessageParams struct {
	MessageID ids.ID `json:"messageId,omitzero"`
	Index     uint64 `json:"index,omitzero" min:"1"` // among all messages of the chain, from 1
	SessionID ids.ID `json:"sessionId,omitzero"`
	Sequence  uint64 `json:"sequence,omitzero" min:"1"` // in the session, from 1
}

// GetMessageResult holds a message.
type GetMessageResult struct {
	Message Message `json:"message"`
}

// Message is LP-42's Message, and its place in the chain.
type Message struct {
	ID         ids.ID     `json:"id"`
	SessionID  ids.ID     `json:"sessionId"`
	Sender     ids.ID     `json:"sender"`
	Ciphertext Bytes      `json:"ciphertext"`
	Signature  Bytes      `json:"signature"`          // empty of a contract's message
	Contract   *Contract  `json:"contract,omitempty"` // of another chain, that has sent it; nil: an identity has
	Timestamp  time.Time  `json:"timestamp"`          // of its block
	Sequence   uint64     `json:"sequence"`           // in the session, from 1
	Index      uint64     `json:"index"`              // among all messages of the chain, from 1
	Height     uint64     `json:"height"`             // of its block
	Previous   uint64     `json:"previous"`           // index of the session's previous message; 0 for the first
	Transcript chain.Hash `json:"transcript"`         // of the session after this message: chain.NextTranscript
}

// Contract is a contract of another chain. It takes part in sessions as chain.ContractID, and the validators of its chain
// have signed what it sends, with BLS.
type Contract struct {
	ChainID ids.ID `json:"chainId"`
	Address Bytes  `json:"address"`
}

// ContractOf returns the contract that acts in a transaction, nil if none does.
func ContractOf(tx *chain.Transaction) *Contract {
	if tx.Warp == nil {
		return nil
	}
	return &Contract{ChainID: tx.Warp.SourceChain, Address: tx.Warp.Address}
}

// GetMessage returns a message.
func (c *Client) GetMessage(ctx context.Context, params GetMessageParams) (*GetMessageResult, error) {
	return call[GetMessageResult](ctx, c, "GetMessage", params)
}

// ListMessagesParams ask for a page of a session's messages in their order.
type ListMessagesParams struct {
	SessionID ids.ID  `json:"sessionId"`
	From      uint64  `json:"from,omitzero"`  // first sequence wanted; zero: from the oldest that is still there
	Limit     uint64  `json:"limit,omitzero"` // zero: the service's default
	Wait      Seconds `json:"wait,omitzero"`  // how long to wait for a message if there is none; zero: not at all
}

// ListMessagesResult is a page of messages. A page may be shorter than its limit when the
// messages are large.
type ListMessagesResult struct {
	Messages []Message `json:"messages"`
	Next     uint64    `json:"next"`  // from of the next page, also when it is still empty
	Total    uint64    `json:"total"` // messages of the session: the page is the last if next is above it
}

// ListMessages lists the messages of a session.
func (c *Client) ListMessages(ctx context.Context, params ListMessagesParams) (*ListMessagesResult, error) {
	return call[ListMessagesResult](ctx, c, "ListMessages", params)
}

// GetReceiptParams name a participant's receipt in a session.
type GetReceiptParams struct {
	SessionID   ids.ID `json:"sessionId"`
	Participant ids.ID `json:"participant" id:"identity"`
}

// GetReceiptResult holds a receipt.
type GetReceiptResult struct {
	Receipt Receipt `json:"receipt"`
}

// Receipt is a participant's statement to have every message up to the sequence.
type Receipt struct {
	SessionID     ids.ID     `json:"sessionId"`
	Participant   ids.ID     `json:"participant"`
	Sequence      uint64     `json:"sequence"`
	Transcript    chain.Hash `json:"transcript"`    // of the session after the message of the sequence
	Timestamp     time.Time  `json:"timestamp"`     // of its block
	TransactionID ids.ID     `json:"transactionId"` // the signed Acknowledge
}

// GetReceipt returns a participant's latest receipt in a session.
func (c *Client) GetReceipt(ctx context.Context, params GetReceiptParams) (*GetReceiptResult, error) {
	return call[GetReceiptResult](ctx, c, "GetReceipt", params)
}
