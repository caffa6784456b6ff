package warp

import (
	"encoding/binary"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// The first byte of a payload: its type and version.
const (
	MessageType      = 0x01 // a Delivery of a message
	ValidatorKeyType = 0x02 // a ValidatorKeyMessage
	ReceiptType      = 0x03 // a Delivery of a participant's receipt
	CallType         = 0x04 // a CallMessage, of a contract of another chain
)

// DeliverySize is the size of a delivery's payload, in bytes.
const DeliverySize = 1 + 4*ids.IDLen + 2*chain.HashSize + 2*8

// Delivery is what validators sign about a message that the chain has delivered, or about a participant's receipt, for
// another chain to act on. It is the payload of an AddressedCall whose source address is
// the sender's identity ID, 32 bytes. All fields have a fixed place, so that a contract
// reads them without a decoder:
//
//	  0  type              1 byte, 0x01 of a message, 0x03 of a receipt
//	  1  chain ID         32
//	 33  height            8, big endian
//	 41  state root       32
//	 73  session ID       32
//	105  transaction ID   32
//	137  sequence          8, big endian
//	145  sender            32
//	177  transcript       32
//	209  end
type Delivery struct {
	// Type is MessageType or ReceiptType.
	Type byte
	// ChainID is the chain that delivered the message. It stands here too, and not in the
	// Warp message alone, so that the payload means the same wherever it is passed on.
	ChainID ids.ID
	// Height is the block that has the message or the receipt: deliveries can be ordered by it, and
	// the header found.
	Height uint64
	// StateRoot is that block's: an ICS-23 proof of the message's record leads to it, so
	// that the receiver can check more of the state without another signature.
	StateRoot chain.Hash
	// Session is the session that it belongs to.
	Session ids.ID
	// Transaction is the ID of the message, or of the Acknowledge. A message's ID commits to session, sender and the
	// ciphertext's hash, so that a receiver who is shown a ciphertext can check that it is the one.
	Transaction ids.ID
	// Sequence is the message's place in its session, from 1: a receiver that keeps the
	// last one handles each message once, in order, and sees what is missing. A receipt is of all
	// messages up to it.
	Sequence uint64
	// Sender is the identity that sent the message, or whose receipt it is. It is the call's source address too;
	// but the platform's contracts see the last 20 bytes of that one alone.
	Sender ids.ID
	// Transcript is the session's after the message of the sequence: it shows that a list of messages is complete.
	Transcript chain.Hash
}

// Bytes returns the encoding of the payload within the AddressedCall, DeliverySize bytes.
func (d *Delivery) Bytes() []byte {
	bytes := append(make([]byte, 0, DeliverySize), d.Type)
	bytes = append(bytes, d.ChainID[:]...)
	bytes = binary.BigEndian.AppendUint64(bytes, d.Height)
	bytes = append(bytes, d.StateRoot[:]...)
	bytes = append(bytes, d.Session[:]...)
	bytes = append(bytes, d.Transaction[:]...)
	bytes = binary.BigEndian.AppendUint64(bytes, d.Sequence)
	bytes = append(bytes, d.Sender[:]...)
	return append(bytes, d.Transcript[:]...)
}

// UnsignedMessage returns the Warp message of the delivery: from its chain, an
// AddressedCall.
func (d *Delivery) UnsignedMessage(networkID uint32) *UnsignedMessage {
	call := AddressedCall{SourceAddress: d.Sender[:], Payload: d.Bytes()}
	return &UnsignedMessage{NetworkID: networkID, SourceChainID: d.ChainID, Payload: call.Bytes()}
}

// Delivery decodes the delivery that the message is, strictly. A delivery of another chain
// than the message's source is refused: nobody can vouch for it.
func (m *UnsignedMessage) Delivery() (*Delivery, error) {
	call, err := ParseAddressedCall(m.Payload)
	if err != nil {
		return nil, err
	}
	if len(call.SourceAddress) != ids.IDLen {
		return nil, refusal.Wrap(ErrPayloadType, refusal.ErrMalformed, fmt.Sprintf("the sender's ID as source address, %d bytes", ids.IDLen), len(call.SourceAddress))
	}
	d, err := parseDelivery(call.Payload)
	if err != nil {
		return nil, err
	}
	if d.ChainID != m.SourceChainID {
		return nil, refusal.Wrap(ErrWrongChain, refusal.ErrWrongChain, "a delivery of the source chain "+m.SourceChainID.String(), d.ChainID)
	}
	if address := ids.ID(call.SourceAddress); d.Sender != address {
		return nil, refusal.Wrap(ErrPayloadType, refusal.ErrMalformed, "the sender's ID as source address, "+d.Sender.String(), address)
	}
	return d, nil
}

func parseDelivery(bytes []byte) (*Delivery, error) {
	if len(bytes) == 0 || bytes[0] != MessageType && bytes[0] != ReceiptType {
		return nil, refusal.Wrap(ErrPayloadType, refusal.ErrVersion, fmt.Sprintf("a payload that begins with type %#02x or %#02x, a delivery", MessageType, ReceiptType), fmt.Sprintf("%x", bytes[:min(1, len(bytes))]))
	}
	if len(bytes) != DeliverySize {
		return nil, refusal.Wrap(ErrPayloadType, refusal.ErrMalformed, fmt.Sprintf("a delivery of %d bytes", DeliverySize), len(bytes))
	}
	return &Delivery{
		Type:        bytes[0],
		ChainID:     ids.ID(bytes[1:33]),
		Height:      binary.BigEndian.Uint64(bytes[33:41]),
		StateRoot:   chain.Hash(bytes[41:73]),
		Session:     ids.ID(bytes[73:105]),
		Transaction: ids.ID(bytes[105:137]),
		Sequence:    binary.BigEndian.Uint64(bytes[137:145]),
		Sender:      ids.ID(bytes[145:177]),
		Transcript:  chain.Hash(bytes[177:209]),
	}, nil
}
