package client

import (
	"context"
	"encoding/json"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// GetWarpMessageParams name a message.
type GetWarpMessageParams struct {
	MessageID    ids.ID  `json:"messageId"`
	UnsignedOnly bool    `json:"unsignedOnly,omitzero"` // do not wait for signatures
	Wait         Seconds `json:"wait,omitzero"`         // for signatures; zero: the service's default
}

// GetWarpMessageResult is the Warp message of a delivery. It is signed by the validators of
// now, so that old deliveries can be signed again when the set has changed.
type GetWarpMessageResult struct {
	Unsigned         Bytes      `json:"unsigned"`         // warp.UnsignedMessage.Bytes
	UnsignedID       ids.ID     `json:"unsignedId"`       // SHA-256 of unsigned
	Signed           Bytes      `json:"signed,omitempty"` // warp.Message.Bytes; left out if not asked for
	ValidatorSetHash chain.Hash `json:"validatorSetHash,omitzero"`
	PChainHeight     uint64     `json:"pChainHeight,omitzero"` // of the set
	Weight           Weight     `json:"weight,omitzero"`
	Delivery         Delivery   `json:"delivery"` // what unsigned says, for people
}

// Delivery is what a Warp message of a delivery says.
type Delivery struct {
	ChainID   ids.ID     `json:"chainId"`
	Height    uint64     `json:"height"` // of the block that delivered the message
	StateRoot chain.Hash `json:"stateRoot"`
	SessionID ids.ID     `json:"sessionId"`
	MessageID ids.ID     `json:"messageId"`
	Sequence  uint64     `json:"sequence"`
	Sender    ids.ID     `json:"sender"`
}

// GetWarpMessage returns the Warp message of a message's delivery, which another chain can
// act on. refusal.ErrNoQuorum says that too little of the validators' weight has signed it.
func (c *Client) GetWarpMessage(ctx context.Context, params GetWarpMessageParams) (*GetWarpMessageResult, error) {
	return call[GetWarpMessageResult](ctx, c, "GetWarpMessage", params)
}

// GetDeliveryParams name a message as GetMessageProofParams do, and where to prove its delivery: at the block that delivered it, and if that state is pruned or nobody
// certifies that block any more, at the last accepted one; or at a height.
type GetDeliveryParams struct {
	MessageID     ids.ID  `json:"messageId,omitzero"`
	Index         uint64  `json:"index,omitzero"` // among all messages of the chain, from 1
	SessionID     ids.ID  `json:"sessionId,omitzero"`
	Sequence      uint64  `json:"sequence,omitzero"`      // in the session, from 1
	Height        *uint64 `json:"height,omitempty"`       // on the wire also "latest"
	Full          bool    `json:"full,omitzero"`          // with the message itself and its sender's keys
	TrustedHeight uint64  `json:"trustedHeight,omitzero"` // of the block that the verifier trusts; zero: none
	Wait          Seconds `json:"wait,omitzero"`          // for signatures; zero: the service's default
}

// GetDeliveryResult is a delivery's proof with the light block that it rests on, as package
// lightclient reads it: Bundle is the content of a file for whoever has a trust file,
// Binary the same in its short form.
type GetDeliveryResult struct {
	Height    uint64          `json:"height"`  // of the block whose state root the proof leads to
	BlockID   ids.ID          `json:"blockId"` // of that block
	Timestamp time.Time       `json:"timestamp"`
	Bundle    json.RawMessage `json:"bundle"` // lightclient.CertifiedBundle
	Binary    Bytes           `json:"binary"`
	Handover  bool            `json:"handover"` // whether a certificate by the trusted block's set is with it
	Weight    Weight          `json:"weight"`
}

// GetDelivery returns everything that shows a message's delivery to whoever trusts the
// validators, in one answer.
func (c *Client) GetDelivery(ctx context.Context, params GetDeliveryParams) (*GetDeliveryResult, error) {
	return call[GetDeliveryResult](ctx, c, "GetDelivery", params)
}
