package e2ee

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/luxfi/session/pq"
	"github.com/luxfi/session/refusal"
)

// What holds secrets prints as text without them, for every verb of fmt and in slog, and
// refuses to be encoded as text.

// String returns the session's and the member's IDs.
func (s Session) String() string {
	return fmt.Sprintf("e2ee.Session(%x of %s)", s.session, pq.FormatID(s.self))
}

// Format writes what String returns, whatever the verb.
func (s Session) Format(state fmt.State, _ rune) { io.WriteString(state, s.String()) }

// LogValue returns what String returns.
func (s Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText refuses: Session.State returns the state, to be stored encrypted.
func (s Session) MarshalText() ([]byte, error) {
	return nil, refusal.Because(ErrSecret, "%s: use State, and encrypt it", s)
}

// String says that it is a prekey, and nothing else.
func (k Prekey) String() string { return "e2ee.Prekey(redacted)" }

// Format writes what String returns, whatever the verb.
func (k Prekey) Format(state fmt.State, _ rune) { io.WriteString(state, k.String()) }

// LogValue returns what String returns.
func (k Prekey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText refuses: Prekey.Seed returns the secret, to be stored encrypted.
func (k Prekey) MarshalText() ([]byte, error) {
	return nil, refusal.Because(ErrSecret, "%s: use Seed, and encrypt it", k)
}

// String returns the attachment's ID alone.
func (m Manifest) String() string { return fmt.Sprintf("e2ee.Manifest(%x, redacted)", m.ID()) }

// Format writes what String returns, whatever the verb.
func (m Manifest) Format(state fmt.State, _ rune) { io.WriteString(state, m.String()) }

// LogValue returns what String returns.
func (m Manifest) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText refuses: Manifest.Bytes returns the encoding, to be sealed.
func (m Manifest) MarshalText() ([]byte, error) {
	return nil, refusal.Because(ErrSecret, "%s: use Bytes, and seal it", m)
}

// String returns the attachment's ID, and how much of it is here.
func (d Download) String() string {
	return fmt.Sprintf("e2ee.Download(%x, %d of %d chunks)", d.id, d.count, d.chunks)
}

// Format writes what String returns, whatever the verb.
func (d Download) Format(state fmt.State, _ rune) { io.WriteString(state, d.String()) }

// LogValue returns what String returns.
func (d Download) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalText refuses: Download.State returns the state.
func (d Download) MarshalText() ([]byte, error) {
	return nil, refusal.Because(ErrSecret, "%s: use State", d)
}

// String returns the pseudonym alone: the rest is for those who were told.
func (s Seat) String() string { return fmt.Sprintf("e2ee.Seat(%s)", pq.FormatID(s.ID)) }

// Format writes what String returns, whatever the verb.
func (s Seat) Format(state fmt.State, _ rune) { io.WriteString(state, s.String()) }

// LogValue returns what String returns.
func (s Seat) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String says that it is the secret of a seat, and nothing else.
func (s SeatSecret) String() string { return "e2ee.SeatSecret(redacted)" }

// Format writes what String returns, whatever the verb.
func (s SeatSecret) Format(state fmt.State, _ rune) { io.WriteString(state, s.String()) }

// LogValue returns what String returns.
func (s SeatSecret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// String says that it is the key of an invitation, and nothing else.
func (k InvitationKey) String() string { return "e2ee.InvitationKey(redacted)" }

// Format writes what String returns, whatever the verb.
func (k InvitationKey) Format(state fmt.State, _ rune) { io.WriteString(state, k.String()) }

// LogValue returns what String returns.
func (k InvitationKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText refuses: open the invitation instead.
func (k InvitationKey) MarshalText() ([]byte, error) {
	return nil, refusal.Because(ErrSecret, "%s: open the invitation instead", k)
}
