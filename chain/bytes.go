package chain

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Bytes are bytes that travel as hex: lower case and without a prefix; what comes may have
// capitals and the prefix 0x.
type Bytes []byte

// String returns the bytes in hex.
func (b Bytes) String() string { return hex.EncodeToString(b) }

// MarshalText implements encoding.TextMarshaler.
func (b Bytes) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, b), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(text []byte) error {
	digits := strings.TrimPrefix(strings.TrimPrefix(string(text), "0x"), "0X")
	decoded, err := hex.DecodeString(digits)
	if err != nil {
		return fmt.Errorf("bytes as hex: %w", err)
	}
	*b = decoded
	return nil
}
