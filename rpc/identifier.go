package rpc

import (
	"encoding/hex"
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

const (
	idDigits = 2 * ids.IDLen
	// cb58 text of 32 bytes and a checksum of 4; the decoder's time grows with the square
	// of the length.
	minCB58, maxCB58 = 36, 52
)

// parseID reads an ID as CB58, or as 64 hex digits with or without 0x. An identity's ID may
// also be 07 and 64 hex digits, as people write it.
func parseID(text string, identity bool) (ids.ID, error) {
	digits := trimHexPrefix(text)
	if identity && len(digits) == idDigits+2 && strings.HasPrefix(digits, "07") {
		digits = digits[2:]
	}
	if len(digits) == idDigits {
		var id ids.ID
		if _, err := hex.Decode(id[:], []byte(digits)); err == nil {
			return id, nil
		}
	}
	if len(text) >= minCB58 && len(text) <= maxCB58 {
		if id, err := ids.FromString(text); err == nil {
			return id, nil
		}
	}
	want := "an ID as CB58 or 64 hex digits"
	if identity {
		want = "an identity's ID as CB58, 64 hex digits, or 07 and 64 hex digits"
	}
	return ids.Empty, refusal.New(refusal.ErrInvalidArgs, want, quoted(text))
}

// identityText is an identity's ID as people write it.
func identityText(id ids.ID) string { return "07" + id.Hex() }

// parseHex reads hex digits of either case, with or without 0x.
func parseHex(text string) ([]byte, error) {
	decoded, err := hex.DecodeString(trimHexPrefix(text))
	if err != nil {
		return nil, refusal.New(refusal.ErrInvalidArgs, "bytes as an even number of hex digits", err)
	}
	return decoded, nil
}

func trimHexPrefix(text string) string {
	if strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X") {
		return text[2:]
	}
	return text
}
