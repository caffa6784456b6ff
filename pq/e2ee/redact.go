package e2ee

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/luxfi/session/pq"
)

// What holds secrets prints as text without them, for every verb of fmt and in slog, and
// refuses to be encoded as text.

// String returns the session's and the member's IDs.
func (s Session) String() string {
	return fmt.Sprintf("e2ee.Session(%x of %s)", s.session, pq.FormatID(s.self))
}

// GoString returns what String returns.
func (s Session) GoString() string { return s.String() }

// Format writes what String returns, whatever the verb.
func (s Session) Format(state fmt.State, _ rune) { io.WriteString(state, s.String()) }

// LogValue returns what String returns.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText refuses: Session.State returns the state, to be stored encrypted.
func (s Session) MarshalText() ([]byte, error) {
	return nil, wrapf(ErrSecret, "%s: use State, and encrypt it", s)
}

// String returns the suite alone.
func (k OfferKey) String() string { return "e2ee.OfferKey(" + k.suite.String() + ", redacted)" }

// GoString returns what String returns.
func (k OfferKey) GoString() string { return k.String() }

// Format writes what String returns, whatever the verb.
func (k OfferKey) Format(state fmt.State, _ rune) { io.WriteString(state, k.String()) }

// LogValue returns what String returns.
func (k OfferKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText refuses: OfferKey.Seed returns the secret, to be stored encrypted.
func (k OfferKey) MarshalText() ([]byte, error) {
	return nil, wrapf(ErrSecret, "%s: use Seed, and encrypt it", k)
}
