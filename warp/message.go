package warp

import (
	"crypto/sha256"

	"github.com/luxfi/ids"
)

const (
	// MaxPayloadBytes bounds an encoded payload, as platformvm/warp/payload does.
	MaxPayloadBytes = 24 << 10
	// MaxUnsignedMessageBytes bounds an encoded UnsignedMessage.
	MaxUnsignedMessageBytes = versionSize + 4 + ids.IDLen + lengthSize + MaxPayloadBytes
	// MaxMessageBytes bounds an encoded Message.
	MaxMessageBytes = MaxUnsignedMessageBytes + typeIDSize + lengthSize + MaxSignersBytes + SignatureSize

	bitSetSignatureType = 0
)

// UnsignedMessage is what validators sign: its encoding, all of it.
//
//	codec version, 0    2 bytes
//	network ID          4
//	source chain ID    32
//	payload             4 bytes of length, and the payload
type UnsignedMessage struct {
	// NetworkID is the network whose validators sign.
	NetworkID uint32
	// SourceChainID is the chain that the message comes from.
	SourceChainID ids.ID
	// Payload is at most MaxPayloadBytes.
	Payload []byte
}

// Bytes returns the encoding that is signed.
func (m *UnsignedMessage) Bytes() []byte {
	bytes := make([]byte, 0, versionSize+4+ids.IDLen+lengthSize+len(m.Payload))
	return m.append(appendVersion(bytes))
}

// ID returns the message's ID: SHA-256 over its encoding.
func (m *UnsignedMessage) ID() ids.ID { return sha256.Sum256(m.Bytes()) }

func (m *UnsignedMessage) append(bytes []byte) []byte {
	bytes = append(appendUint32(bytes, m.NetworkID), m.SourceChainID[:]...)
	return appendBytes(bytes, m.Payload)
}

func (m *UnsignedMessage) read(r *reader) {
	m.NetworkID = r.uint32()
	copy(m.SourceChainID[:], r.take(ids.IDLen))
	m.Payload = r.bytes("a payload", MaxPayloadBytes)
}

// ParseUnsignedMessage decodes strictly. The payload aliases the input.
func ParseUnsignedMessage(bytes []byte) (*UnsignedMessage, error) {
	r := newReader("an unsigned message", bytes, MaxUnsignedMessageBytes)
	m := new(UnsignedMessage)
	m.read(r)
	if err := r.end(); err != nil {
		return nil, err
	}
	return m, nil
}

// Message is an UnsignedMessage with the aggregated signature of some of the source chain's
// validators: a BitSetSignature.
//
//	codec version, 0    2 bytes
//	unsigned message    without its codec version
//	signature type, 0   4
//	signers             4 bytes of length, and the bit set
//	signature          96, a compressed point of G2
type Message struct {
	UnsignedMessage
	Signers   Signers
	Signature Signature
}

// Bytes returns the encoding.
func (m *Message) Bytes() []byte {
	bytes := make([]byte, 0, versionSize+4+ids.IDLen+lengthSize+len(m.Payload)+typeIDSize+lengthSize+len(m.Signers)+SignatureSize)
	bytes = m.append(appendVersion(bytes))
	bytes = appendUint32(bytes, bitSetSignatureType)
	bytes = appendBytes(bytes, m.Signers)
	return append(bytes, m.Signature[:]...)
}

// ParseMessage decodes strictly. It verifies nothing; the payload and the signers alias the
// input.
func ParseMessage(bytes []byte) (*Message, error) {
	r := newReader("a signed message", bytes, MaxMessageBytes)
	m := new(Message)
	m.read(r)
	r.typeID("a bit set signature", bitSetSignatureType)
	m.Signers = r.bytes("a bit set", MaxSignersBytes)
	copy(m.Signature[:], r.take(SignatureSize))
	if err := r.end(); err != nil {
		return nil, err
	}
	return m, m.Signers.check()
}
