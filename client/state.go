package client

import (
	"context"

	"github.com/luxfi/ids"
)

// GetStateProofParams name keys of the state tree (chain.SessionKey and the others), at most
// lightclient.MaxStateProofKeys.
type GetStateProofParams struct {
	Keys          []Bytes `json:"keys"`
	TrustedHeight uint64  `json:"trustedHeight,omitzero"` // of the block that the reader trusts; zero: none
	Uncertified   bool    `json:"uncertified,omitzero"`   // without a certificate: the reader trusts the node
	Wait          Seconds `json:"wait,omitzero"`          // for signatures; zero: the service's default
}

// GetStateProofResult shows what the state holds at the keys, or that it holds nothing.
type GetStateProofResult struct {
	Height uint64 `json:"height"` // of the block whose state it is
	Proof  []byte `json:"proof"`  // lightclient.StateProof.Bytes, in base64
}

// GetStateProof proves what is at keys of the state tree, under the latest block that is
// certified.
func (c *Client) GetStateProof(ctx context.Context, params GetStateProofParams) (*GetStateProofResult, error) {
	return call[GetStateProofResult](ctx, c, "GetStateProof", params)
}

// PollSessionParams ask what happened in a session since the reader asked last.
type PollSessionParams struct {
	SessionID ids.ID `json:"sessionId"`
	From      uint64 `json:"from"`           // first sequence wanted, from 1
	Limit     uint64 `json:"limit,omitzero"` // of messages; zero: the service's default
	// Receipts are the sequences of the receipts that the reader knows, zero for none, in the
	// participants' order: later ones are wanted. Left out: no receipts are wanted.
	Receipts []uint64 `json:"receipts,omitempty"`
	// ProvenHeight is of the block whose state the reader knows the session in; zero: none. If
	// nothing has happened since, there is nothing to prove.
	ProvenHeight  uint64  `json:"provenHeight,omitzero"`
	TrustedHeight uint64  `json:"trustedHeight,omitzero"` // of the block that the reader trusts; zero: none
	Uncertified   bool    `json:"uncertified,omitzero"`   // without a certificate: the reader trusts the node
	Wait          Seconds `json:"wait,omitzero"`          // how long to wait for a message if there is none; zero: not at all
}

// PollSessionResult is a page of messages, and the proof that they are what the chain has from
// the first sequence wanted on. The proof has the session's leaf; if the page does not reach the
// session's last message, the leaf of the page's last message; if messages before the page's
// first have left the chain, the Totals, and the leaf of that first message if there is one; the
// leaf of each receipt.
type PollSessionResult struct {
	Height   uint64    `json:"height"` // of the block whose state it is
	Messages []Message `json:"messages"`
	Receipts []Bytes   `json:"receipts,omitempty"` // signed Acknowledge transactions
	Proof    []byte    `json:"proof,omitempty"`    // lightclient.StateProof.Bytes, in base64; left out if there is nothing new in the state at provenHeight
}

// PollSession returns a session's messages with everything that a light client needs to verify
// them, in one answer.
func (c *Client) PollSession(ctx context.Context, params PollSessionParams) (*PollSessionResult, error) {
	return call[PollSessionResult](ctx, c, "PollSession", params)
}
