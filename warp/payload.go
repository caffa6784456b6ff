package warp

import (
	"github.com/luxfi/ids"
)

// The types of payloads, as platformvm/warp/payload numbers them.
const (
	hashType          = 0
	addressedCallType = 1
)

// hashPayloadSize is the size of the payload Hash, in bytes.
const hashPayloadSize = versionSize + typeIDSize + ids.IDLen

// HashPayload returns the payload Hash(hash). Of a block ID, it is what validators sign to
// certify that they have accepted the block.
//
//	codec version, 0    2 bytes
//	payload type, 0     4
//	hash               32
func HashPayload(hash ids.ID) []byte {
	bytes := appendVersion(make([]byte, 0, hashPayloadSize))
	return append(appendUint32(bytes, hashType), hash[:]...)
}

// ParseHashPayload decodes the payload Hash strictly.
func ParseHashPayload(bytes []byte) (hash ids.ID, err error) {
	r := newReader("a payload", bytes, MaxPayloadBytes)
	r.typeID("a hash", hashType)
	copy(hash[:], r.take(ids.IDLen))
	if err := r.end(); err != nil {
		return ids.Empty, err
	}
	return hash, nil
}

// AddressedCall is the payload of a call from an address of the source chain.
//
//	codec version, 0    2 bytes
//	payload type, 1     4
//	source address      4 bytes of length, and the address
//	payload             4 bytes of length, and the payload
type AddressedCall struct {
	SourceAddress []byte
	Payload       []byte
}

// Bytes returns the encoding.
func (c *AddressedCall) Bytes() []byte {
	bytes := appendVersion(make([]byte, 0, versionSize+typeIDSize+2*lengthSize+len(c.SourceAddress)+len(c.Payload)))
	bytes = appendUint32(bytes, addressedCallType)
	return appendBytes(appendBytes(bytes, c.SourceAddress), c.Payload)
}

// ParseAddressedCall decodes strictly. The call aliases the input.
func ParseAddressedCall(bytes []byte) (*AddressedCall, error) {
	r := newReader("a payload", bytes, MaxPayloadBytes)
	r.typeID("an addressed call", addressedCallType)
	c := &AddressedCall{
		SourceAddress: r.bytes("an address", MaxPayloadBytes),
		Payload:       r.bytes("a payload", MaxPayloadBytes),
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	return c, nil
}
