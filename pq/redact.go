package pq

import (
	"fmt"
	"io"
	"log/slog"
)

// The types that hold secrets print as text without them, for every verb of fmt and in
// slog, and refuse to be encoded. The receivers are values, so that a dereferenced pointer
// is covered too.

// String returns the type and the public ID.
func (i Identity) String() string { return "pq.Identity(" + FormatID(i.id) + ")" }

// Format writes what String returns, whatever the verb.
func (i Identity) Format(state fmt.State, _ rune) { io.WriteString(state, i.String()) }

// LogValue returns what String returns.
func (i Identity) LogValue() slog.Value { return slog.StringValue(i.String()) }

// MarshalText refuses: SaveIdentity writes identities, encrypted.
func (i Identity) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("%w: %s: use SaveIdentity or EncryptIdentity", ErrSecret, i)
}

// String returns the type alone.
func (k KEMKey) String() string { return "pq.KEMKey(redacted)" }

// Format writes what String returns, whatever the verb.
func (k KEMKey) Format(state fmt.State, _ rune) { io.WriteString(state, k.String()) }

// LogValue returns what String returns.
func (k KEMKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText refuses: KEM keys derive from their identity, which SaveIdentity writes.
func (k KEMKey) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("%w: %s: keep the identity, which it derives from", ErrSecret, k)
}
