package mailbox

import (
	"strings"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/internal/strictjson"
	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// Me is the user, and so nobody else's name.
const Me = "me"

// MaxName is how long a name may be, in bytes: below the size of any ID, so that none is taken for a name.
const MaxName = 32

// CheckName refuses what is not a short word: others' groups bring their names with them. Errors:
// ErrName.
func CheckName(name string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	if name == "" || len(name) > MaxName || strings.Trim(name, allowed) != "" || name[0] == '-' || name == Me {
		return refusal.Because(ErrName, "%q is no name: expected 1 to %d letters, digits, \"-\", \"_\" or \".\"", name, MaxName)
	}
	return nil
}

// CheckPeer refuses what can be neither a name nor an ID, before anybody is asked. Errors: ErrName.
func CheckPeer(text string) error {
	if CheckName(text) == nil {
		return nil
	}
	if _, err := ParseIdentity(text); err != nil {
		return refusal.Because(ErrName, "%q is no name and no ID", text)
	}
	return nil
}

// ParseIdentity reads an identity's ID: 07 and 64 hex digits, or what ParseID reads. Errors: ErrName.
func ParseIdentity(text string) (ids.ID, error) {
	if id, err := pq.ParseID(text); err == nil {
		return id, nil
	}
	id, err := ParseID(text)
	if err != nil {
		return ids.Empty, refusal.Because(ErrName, "%q is no identity: expected 07 and 64 hex digits", text)
	}
	return id, nil
}

// ParseID reads 64 hex digits, with or without 0x, or CB58. Errors: ErrName.
func ParseID(text string) (ids.ID, error) {
	id, err := strictjson.ParseID(text)
	if err != nil {
		return ids.Empty, refusal.Because(ErrName, "%.80q is no ID: expected 64 hex digits, or CB58", text)
	}
	return id, nil
}
