package client

import (
	"context"
	"encoding/json"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/proofs"
)

// GetMessageProofParams name a message by its ID, by its index, or by session and sequence,
// and the height at which to prove it. A sequence beyond the session's messages is answered
// with the session's proof: its count shows that the message is not there
// (proofs.VerifyNoMessage).
type GetMessageProofParams struct {
	MessageID ids.ID  `json:"messageId,omitzero"`
	Index     uint64  `json:"index,omitzero"` // among all messages of the chain, from 1
	SessionID ids.ID  `json:"sessionId,omitzero"`
	Sequence  uint64  `json:"sequence,omitzero"` // in the session, from 1
	Height    *uint64 `json:"height,omitempty"`  // nil: the last accepted block; on the wire also "latest"
	Full      bool    `json:"full,omitzero"`     // with the message itself and its sender's keys
}

// GetSessionProofParams name a session and the height at which to prove it, or its absence.
type GetSessionProofParams struct {
	SessionID ids.ID  `json:"sessionId"`
	Height    *uint64 `json:"height,omitempty"` // nil: the last accepted block; on the wire also "latest"
	Full      bool    `json:"full,omitzero"`    // with the participants' keys and the metadata
}

// GetReceiptProofParams name a participant's receipt in a session and the height at which
// to prove it, or its absence.
type GetReceiptProofParams struct {
	SessionID   ids.ID  `json:"sessionId"`
	Participant ids.ID  `json:"participant" id:"identity"`
	Height      *uint64 `json:"height,omitempty"` // nil: the last accepted block; on the wire also "latest"
	Full        bool    `json:"full,omitzero"`    // with the signed receipt itself and the participant's keys
}

// ProofResult is a proof as package proofs reads it: Proof is the content of a proof file,
// Binary the same in its short form. What it says beside them is not verified: that is
// what Bundle is for.
type ProofResult struct {
	Kind    proofs.Kind     `json:"kind"`    // what the proof is about
	Present bool            `json:"present"` // whether it shows that this is there, or that it is absent
	Height  uint64          `json:"height"`  // of the block whose state root it leads to
	BlockID ids.ID          `json:"blockId"` // of that block
	Proof   json.RawMessage `json:"proof"`
	Binary  Bytes           `json:"binary"`
}

// Bundle decodes the proof. Its Verify says what it shows.
func (r *ProofResult) Bundle() (*proofs.Bundle, error) { return proofs.ParseBundleJSON(r.Proof) }

// GetMessageProof proves a message, or that there is none.
func (c *Client) GetMessageProof(ctx context.Context, params GetMessageProofParams) (*ProofResult, error) {
	return call[ProofResult](ctx, c, "GetMessageProof", params)
}

// GetSessionProof proves a session, or that there is none of that ID.
func (c *Client) GetSessionProof(ctx context.Context, params GetSessionProofParams) (*ProofResult, error) {
	return call[ProofResult](ctx, c, "GetSessionProof", params)
}

// GetReceiptProof proves a receipt, or that there is none.
func (c *Client) GetReceiptProof(ctx context.Context, params GetReceiptProofParams) (*ProofResult, error) {
	return call[ProofResult](ctx, c, "GetReceiptProof", params)
}
