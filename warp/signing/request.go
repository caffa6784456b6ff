package signing

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

const (
	// MaxJustificationBytes bounds a request's justification.
	MaxJustificationBytes = 64
	// MaxRequestBytes bounds an encoded Request.
	MaxRequestBytes = warp.MaxUnsignedMessageBytes + MaxJustificationBytes + 16
	// MaxResponseBytes bounds an encoded response.
	MaxResponseBytes = warp.SignatureSize + 16
)

// The fields of ACP-118's protobuf messages (sdk.proto: SignatureRequest,
// SignatureResponse).
const (
	messageField       = protowire.Number(1)
	justificationField = protowire.Number(2)
	signatureField     = protowire.Number(1)
)

// Request asks a validator for its signature: the SignatureRequest of ACP-118.
type Request struct {
	// Message is an encoded warp.UnsignedMessage.
	Message []byte
	// Justification names what the message is about; it may be empty.
	Justification []byte
}

// Bytes returns the encoding.
func (r *Request) Bytes() []byte {
	return appendField(appendField(nil, messageField, r.Message), justificationField, r.Justification)
}

// ParseRequest decodes a request, of at most MaxRequestBytes. Fields that it does not know
// are refused: what is signed must be all that was asked.
func ParseRequest(encoded []byte) (*Request, error) {
	if len(encoded) > MaxRequestBytes {
		return nil, refusal.Wrap(ErrRequest, refusal.ErrTooLarge, fmt.Sprintf("at most %d bytes", MaxRequestBytes), len(encoded))
	}
	r := new(Request)
	if err := parseFields(encoded, map[protowire.Number]*[]byte{messageField: &r.Message, justificationField: &r.Justification}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	if len(r.Justification) > MaxJustificationBytes {
		return nil, refusal.Wrap(ErrRequest, refusal.ErrTooLarge, fmt.Sprintf("a justification of at most %d bytes", MaxJustificationBytes), len(r.Justification))
	}
	return r, nil
}

// responseBytes encodes ACP-118's SignatureResponse.
func responseBytes(signature warp.Signature) []byte {
	return appendField(nil, signatureField, signature[:])
}

// ParseResponse decodes ACP-118's SignatureResponse. It verifies nothing.
func ParseResponse(encoded []byte) (signature warp.Signature, err error) {
	if len(encoded) > MaxResponseBytes {
		return signature, refusal.Wrap(ErrResponse, refusal.ErrTooLarge, fmt.Sprintf("at most %d bytes", MaxResponseBytes), len(encoded))
	}
	var value []byte
	if err := parseFields(encoded, map[protowire.Number]*[]byte{signatureField: &value}); err != nil {
		return signature, fmt.Errorf("%w: %w", ErrResponse, err)
	}
	if len(value) != len(signature) {
		return signature, refusal.Wrap(ErrResponse, refusal.ErrMalformed, fmt.Sprintf("a signature of %d bytes", len(signature)), len(value))
	}
	return warp.Signature(value), nil
}

func appendField(encoded []byte, number protowire.Number, value []byte) []byte {
	if len(value) == 0 { // as proto3 has it
		return encoded
	}
	return protowire.AppendBytes(protowire.AppendTag(encoded, number, protowire.BytesType), value)
}

// parseFields decodes a protobuf message that has byte strings alone, each at most once.
// They alias the input.
func parseFields(encoded []byte, fields map[protowire.Number]*[]byte) error {
	for len(encoded) > 0 {
		number, kind, size := protowire.ConsumeTag(encoded)
		field := fields[number]
		if kind != protowire.BytesType || field == nil || *field != nil { // no field has the number 0, which what is no tag has
			return refusal.New(refusal.ErrMalformed, "the fields of ACP-118, each once", fmt.Sprintf("field %d of type %d", number, kind))
		}
		value, valueSize := protowire.ConsumeBytes(encoded[size:])
		if valueSize < 0 {
			return refusal.New(refusal.ErrMalformed, fmt.Sprintf("a byte string in field %d", number), protowire.ParseError(valueSize))
		}
		*field = value
		encoded = encoded[size+valueSize:]
	}
	return nil
}
