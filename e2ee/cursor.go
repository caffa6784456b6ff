package e2ee

import (
	"encoding/binary"
	"io"

	"github.com/luxfi/session/refusal"
)

// cursor reads fixed-size, big-endian fields. It never allocates what it has not seen: a
// read past the end gives nothing and leaves it short.
type cursor struct {
	rest  []byte
	short bool
}

func (c *cursor) bytes(size int) []byte {
	if c.short || size < 0 || size > len(c.rest) {
		c.short = true
		return nil
	}
	read := c.rest[:size:size]
	c.rest = c.rest[size:]
	return read
}

func (c *cursor) uint8() uint8 {
	if read := c.bytes(1); read != nil {
		return read[0]
	}
	return 0
}

func (c *cursor) uint16() uint16 {
	if read := c.bytes(2); read != nil {
		return binary.BigEndian.Uint16(read)
	}
	return 0
}

func (c *cursor) uint32() uint32 {
	if read := c.bytes(4); read != nil {
		return binary.BigEndian.Uint32(read)
	}
	return 0
}

func (c *cursor) uint64() uint64 {
	if read := c.bytes(8); read != nil {
		return binary.BigEndian.Uint64(read)
	}
	return 0
}

// array32 reads 32 bytes.
func (c *cursor) array32() (read [32]byte) {
	copy(read[:], c.bytes(32))
	return read
}

// done says that all was read, and nothing was missing.
func (c *cursor) done() bool { return !c.short && len(c.rest) == 0 }

// readRandom fills fresh bytes from a source.
func readRandom(random io.Reader, size int) ([]byte, error) {
	fresh := make([]byte, size)
	if _, err := io.ReadFull(random, fresh); err != nil {
		clear(fresh)
		return nil, refusal.Because(ErrRandom, "expected %d bytes: %v", size, err)
	}
	return fresh, nil
}
