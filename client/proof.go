package client

import (
	"context"
	"encoding/json"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/proofs"
)

// GetProofParams name what to prove, or that it is absent: a message by its ID, by its index, or by
// session and sequence; a receipt by session and participant; a session by itself. A sequence
// beyond the session's messages is answered with the session's proof: its count shows that the
// message is not there (proofs.VerifyNoMessage).
type GetProofParams struct {
	MessageID   ids.ID `json:"messageId,omitzero"`
	Index       uint64 `json:"index,omitzero" min:"1"` // among all messages of the chain, from 1
	SessionID   ids.ID `json:"sessionId,omitzero"`
	Sequence    uint64 `json:"sequence,omitzero" min:"1"` // in the session, from 1
	Participant ids.ID `json:"participant,omitzero" id:"identity"`

	Height *uint64 `json:"height,omitempty"` // nil: the last accepted block, or the last certified one; on the wire also "latest"
	// Full adds the message itself or the signed receipt, with its signer's keys, or a session's
	// keys and metadata.
	Full bool `json:"full,omitzero"`
	// Certified adds the validators' certificates of the block.
	Certified     bool    `json:"certified,omitzero"`
	TrustedHeight uint64  `json:"trustedHeight,omitzero"` // of the block that the verifier trusts; zero: none
	PostQuantum   bool    `json:"postQuantum,omitzero"`   // certified with ML-DSA-65 signatures too
	Wait          Seconds `json:"wait,omitzero"`          // for signatures; zero: the service's default
}

// GetProofResult holds a proof. What it says beside it is not verified: that is what Bundle is for.
type GetProofResult struct {
	Kind    proofs.Kind     `json:"kind"`    // what the proof is about
	Present bool            `json:"present"` // whether it shows that this is there, or that it is absent
	Height  uint64          `json:"height"`  // of the block whose state root it leads to
	Proof   json.RawMessage `json:"proof"`   // the content of a proof file
}

// Bundle decodes the proof. Its Verify says what it shows, lightclient.VerifyOffline also
// whether its block is the chain's.
func (r *GetProofResult) Bundle() (*proofs.Bundle, error) { return proofs.ParseBundleJSON(r.Proof) }

// GetProof proves a message, a receipt or a session, or that there is none. For a certified proof,
// refusal.ErrNoQuorum says that too little of the validators' weight has signed the block.
func (c *Client) GetProof(ctx context.Context, params GetProofParams) (*GetProofResult, error) {
	return call[GetProofResult](ctx, c, "GetProof", params)
}
