package client

import (
	"context"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
)

// GetWarpMessageParams name what is delivered.
type GetWarpMessageParams struct {
	TransactionID ids.ID  `json:"transactionId"`         // the ID of a message, or of an Acknowledge
	UnsignedOnly  bool    `json:"unsignedOnly,omitzero"` // do not wait for signatures
	Wait          Seconds `json:"wait,omitzero"`         // for signatures; zero: the service's default
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

// Delivery is what a Warp message of a delivery says: a warp.Delivery.
type Delivery struct {
	Type        byte       `json:"type"` // warp.MessageType or warp.ReceiptType
	ChainID     ids.ID     `json:"chainId"`
	Height      uint64     `json:"height"` // of the block that has it
	StateRoot   chain.Hash `json:"stateRoot"`
	Session     ids.ID     `json:"sessionId"`
	Transaction ids.ID     `json:"transactionId"` // the message's ID, or the Acknowledge's
	Sequence    uint64     `json:"sequence"`
	Sender      ids.ID     `json:"sender"`     // of the message; whose receipt it is
	Transcript  chain.Hash `json:"transcript"` // of the session after the message of the sequence
}

// GetWarpMessage returns the Warp message of the delivery of a message or a receipt, which another chain can
// act on. refusal.ErrNoQuorum says that too little of the validators' weight has signed it.
func (c *Client) GetWarpMessage(ctx context.Context, params GetWarpMessageParams) (*GetWarpMessageResult, error) {
	return call[GetWarpMessageResult](ctx, c, "GetWarpMessage", params)
}
