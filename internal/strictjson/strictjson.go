// Package strictjson decodes JSON that others have written, and IDs in text.
//
// It is stricter than encoding/json, as I-JSON (RFC 7493) is: an object's names are
// case-sensitive and each comes once, text is valid UTF-8 without lone surrogates, and
// nothing follows the value. An ID that is longer than any ID is refused before it is
// decoded: the time to decode CB58 grows with the square of its length, so that 200,000
// characters take seconds.
package strictjson

import (
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/luxfi/ids"
)

const (
	hexDigits = 2 * ids.IDLen
	// The text of an ID in CB58: 32 bytes and a checksum of 4. A chain of the platform, whose
	// ID is 31 zeros and a letter, is written with 33 characters. Shorter text is a nickname.
	minCB58, maxCB58 = 33, 52
)

var boundedIDs = json.WithUnmarshalers(json.UnmarshalFromFunc(func(decoder *jsontext.Decoder, id *ids.ID) error {
	token, err := decoder.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case 'n':
		return nil
	case '"':
		*id, err = ParseID(token.String())
		return err
	default:
		return fmt.Errorf("an ID as a string, got JSON of kind %s", token.Kind())
	}
}))

// Unmarshal decodes one JSON value. Names that the target does not have are ignored.
func Unmarshal(text []byte, into any) error { return json.Unmarshal(text, into, boundedIDs) }

// UnmarshalKnown is Unmarshal, and refuses names that the target does not have.
func UnmarshalKnown(text []byte, into any) error {
	return json.Unmarshal(text, into, boundedIDs, json.RejectUnknownMembers(true))
}

// ParseID reads an ID as CB58, or as 64 hex digits with or without 0x.
func ParseID(text string) (ids.ID, error) {
	if digits := TrimHexPrefix(text); len(digits) == hexDigits {
		var id ids.ID
		if _, err := hex.Decode(id[:], []byte(digits)); err == nil {
			return id, nil
		}
	}
	if len(text) < minCB58 || len(text) > maxCB58 {
		return ids.Empty, fmt.Errorf("expected an ID as CB58 (%d to %d characters) or %d hex digits, got %d characters", minCB58, maxCB58, hexDigits, len(text))
	}
	return ids.FromString(text)
}

// TrimHexPrefix returns text without 0x or 0X before it.
func TrimHexPrefix[T ~string | ~[]byte](text T) T {
	if len(text) >= 2 && text[0] == '0' && text[1]|0x20 == 'x' {
		return text[2:]
	}
	return text
}
