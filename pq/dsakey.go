package pq

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// DSAKey is an ML-DSA-65 key pair by itself: a validator's, which is no identity. It prints as its type,
// never as its secret.
type DSAKey struct {
	public []byte
	secret *dsaSecret
}

// dsaSecret holds a pointer behind a pointer: see identitySecret.
type dsaSecret struct{ key *mldsa65.PrivateKey }

// GenerateDSASeed returns the seed of a new key, DSASeedSize bytes from the system's randomness.
func GenerateDSASeed() []byte {
	seed := make([]byte, DSASeedSize)
	rand.Read(seed) // never fails: without randomness it ends the program
	return seed
}

// DSAKeyFromSeed expands the seed ξ of a key pair, DSASeedSize bytes (FIPS 204, algorithm 6).
func DSAKeyFromSeed(seed []byte) (*DSAKey, error) {
	public, private, err := newDSAKey(seed)
	if err != nil {
		return nil, err
	}
	return &DSAKey{public, &dsaSecret{private}}, nil
}

// Public returns a copy of the public key, DSAPublicKeySize bytes.
func (k *DSAKey) Public() []byte { return bytes.Clone(k.public) }

// Sign signs a message as Identity.Sign does: hedged.
func (k *DSAKey) Sign(context string, message []byte) ([]byte, error) {
	return signMessage(k.secret.key, context, message, true)
}

// String returns the type alone.
func (k DSAKey) String() string { return "pq.DSAKey(redacted)" }

// Format writes what String returns, whatever the verb.
func (k DSAKey) Format(state fmt.State, _ rune) { io.WriteString(state, k.String()) }

// LogValue returns what String returns.
func (k DSAKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText refuses: the seed is what is kept.
func (k DSAKey) MarshalText() ([]byte, error) {
	return nil, fmt.Errorf("%w: %s: keep the seed", ErrSecret, k)
}
