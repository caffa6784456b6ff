package client

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
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

// Seconds is a duration that travels as a number of seconds, fractions allowed.
type Seconds time.Duration

// MarshalJSON implements json.Marshaler.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Seconds(), 'f', -1, 64), nil
}

// UnmarshalJSON implements json.Unmarshaler. Durations beyond a year are refused, so that
// none overflows.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	const year = 365 * 24 * 60 * 60
	var seconds float64
	if err := json.Unmarshal(text, &seconds); err != nil {
		return fmt.Errorf("a number of seconds: %w", err)
	}
	if seconds < -year || seconds > year {
		return fmt.Errorf("a number of seconds within a year, got %v", seconds)
	}
	*s = Seconds(seconds * float64(time.Second))
	return nil
}
