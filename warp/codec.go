package warp

import (
	"encoding/binary"
	"fmt"

	"github.com/luxfi/session/refusal"
)

// The linear codec, as far as Warp uses it: a codec version in front (2 bytes), integers
// big endian, byte strings behind their length (4 bytes), interface values behind the ID of
// their type (4 bytes), arrays as they are.
const (
	codecVersion = 0

	versionSize = 2
	lengthSize  = 4
	typeIDSize  = 4
)

func appendVersion(bytes []byte) []byte {
	return binary.BigEndian.AppendUint16(bytes, codecVersion)
}

func appendUint32(bytes []byte, n uint32) []byte { return binary.BigEndian.AppendUint32(bytes, n) }

func appendBytes(bytes, value []byte) []byte {
	return append(appendUint32(bytes, uint32(len(value))), value...)
}

// reader decodes from the front. It keeps the first error.
type reader struct {
	rest []byte
	err  error
}

// newReader returns a reader behind the codec version of what is named.
func newReader(what string, bytes []byte, maxBytes int) *reader {
	r := &reader{rest: bytes}
	if len(bytes) > maxBytes {
		r.err = refusal.Wrap(ErrCodec, refusal.ErrTooLarge, fmt.Sprintf("%s of at most %d bytes", what, maxBytes), len(bytes))
		return r
	}
	if version := r.take(versionSize); r.err == nil && binary.BigEndian.Uint16(version) != codecVersion {
		r.err = refusal.Wrap(ErrCodec, refusal.ErrVersion, fmt.Sprintf("codec version %d", codecVersion), binary.BigEndian.Uint16(version))
	}
	return r
}

// take returns the next bytes. They alias the input.
func (r *reader) take(size int) []byte {
	if r.err != nil {
		return nil
	}
	if size > len(r.rest) {
		r.err = refusal.Wrap(ErrCodec, refusal.ErrMalformed, fmt.Sprintf("%d more bytes", size), len(r.rest))
		return nil
	}
	taken := r.rest[:size:size]
	r.rest = r.rest[size:]
	return taken
}

func (r *reader) uint32() uint32 {
	if bytes := r.take(lengthSize); r.err == nil {
		return binary.BigEndian.Uint32(bytes)
	}
	return 0
}

// bytes returns a byte string of at most maxSize bytes. It aliases the input.
func (r *reader) bytes(what string, maxSize int) []byte {
	size := r.uint32()
	if r.err == nil && uint64(size) > uint64(maxSize) {
		r.err = refusal.Wrap(ErrCodec, refusal.ErrTooLarge, fmt.Sprintf("%s of at most %d bytes", what, maxSize), size)
	}
	return r.take(int(min(uint64(size), uint64(maxSize))))
}

// typeID checks the ID of an interface value's type.
func (r *reader) typeID(what string, want uint32) {
	if id := r.uint32(); r.err == nil && id != want {
		r.err = refusal.Wrap(ErrPayloadType, refusal.ErrMalformed, fmt.Sprintf("type %d, %s", want, what), id)
	}
}

// end checks that nothing is left.
func (r *reader) end() error {
	if r.err == nil && len(r.rest) != 0 {
		r.err = refusal.Wrap(ErrCodec, refusal.ErrMalformed, "nothing after the value", fmt.Sprintf("%d more bytes", len(r.rest)))
	}
	return r.err
}
