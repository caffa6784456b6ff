package pq

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// idPrefix marks the text of a post-quantum identity's ID.
const idPrefix = "07"

// idTextSize is the length of an ID's text: the prefix and 64 hex digits.
const idTextSize = len(idPrefix) + 2*IDSize

// FormatID returns an identity ID as people read it: "07" and 64 lower-case hex digits,
// 66 characters.
func FormatID(id [IDSize]byte) string {
	return idPrefix + hex.EncodeToString(id[:])
}

// ParseID reads what FormatID writes. Upper-case digits and a leading 0x are accepted.
func ParseID(text string) ([IDSize]byte, error) {
	var id [IDSize]byte
	digits := strings.TrimPrefix(text, "0x")
	if len(digits) != idTextSize {
		return id, fmt.Errorf("%w: expected %q and %d hex digits, got %d characters", ErrID, idPrefix, 2*IDSize, len(digits))
	}
	if !strings.HasPrefix(digits, idPrefix) {
		return id, fmt.Errorf("%w: expected the prefix %q, got %q: IDs of other networks are not IDs here", ErrID, idPrefix, digits[:len(idPrefix)])
	}
	var parsed [IDSize]byte
	if _, err := hex.Decode(parsed[:], []byte(digits[len(idPrefix):])); err != nil {
		return id, fmt.Errorf("%w: expected hex digits after %q: %w", ErrID, idPrefix, err)
	}
	return parsed, nil
}
