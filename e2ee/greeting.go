package e2ee

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/luxfi/session/refusal"
)

const greetingVersion1 = 0x01

// greets has the contents that a greeting may have, in their order.
var greets = []ContentType{ContentProof, ContentRoster, ContentSeats}

// Said is a content and its type.
type Said struct {
	Type    ContentType
	Content []byte
}

// Greeting is what a member tells a private group first: who it is, of the owner who is in it, and its seats. It is the content of a
// message of type ContentGreeting. In order, in bytes:
//
//	1       version, 0x01
//	...     two or three contents: a proof of identity, a roster, seats; each at most once, in this order:
//	1       type
//	4       size
//	...     content
type Greeting []Said

// Contents returns what is sent: the greeting in one content, or each of its contents by itself if there is one alone, or all
// together are more than MaxContent.
func (g Greeting) Contents() []Said {
	if whole := g.Bytes(); len(g) > 1 && len(whole) <= MaxContent {
		return []Said{{ContentGreeting, whole}}
	}
	return g
}

// Bytes returns the encoding.
func (g Greeting) Bytes() []byte {
	encoded := []byte{greetingVersion1}
	for _, said := range g {
		encoded = binary.BigEndian.AppendUint32(append(encoded, byte(said.Type)), uint32(len(said.Content)))
		encoded = append(encoded, said.Content...)
	}
	return encoded
}

// ParseGreeting decodes a greeting strictly, but not its contents. Errors: ErrVersion, ErrMalformed.
func ParseGreeting(encoded []byte) (Greeting, error) {
	read := cursor{rest: encoded}
	if version := read.uint8(); version != greetingVersion1 {
		return nil, refusal.Because(ErrVersion, "expected version %#02x, got %#02x: a newer program may read it", greetingVersion1, version)
	}
	var g Greeting
	for last := -1; !read.done(); {
		said := Said{Type: ContentType(read.uint8())}
		at := slices.Index(greets, said.Type)
		if at <= last {
			return nil, refusal.Because(ErrMalformed, "expected a proof, a roster and seats in this order, got a content of type %d", said.Type)
		}
		said.Content = bytes.Clone(read.bytes(int(read.uint32())))
		if read.short {
			return nil, refusal.Because(ErrMalformed, "expected whole contents, got %d bytes", len(encoded))
		}
		g, last = append(g, said), at
	}
	if len(g) < 2 {
		return nil, refusal.Because(ErrMalformed, "expected two or three contents, got %d", len(g))
	}
	return g, nil
}
