package client

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/luxfi/session/chain"
)

// Bytes are bytes that travel as hex.
type Bytes = chain.Bytes

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
