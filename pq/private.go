package pq

import (
	"crypto/sha512"
	"fmt"
	"unicode/utf8"
)

// MaxPrivateLabelSize bounds the label of a private identity, in bytes.
const MaxPrivateLabelSize = 64

// Private returns the identity that this one, the root, has for a label: the same root and
// label always give the same one, another label another one. The label is 1 to
// MaxPrivateLabelSize bytes of valid UTF-8 and counts byte for byte: nothing is normalised. The
// seed of the private identity is derived from the root's, as everything else is:
//
//	derive(root's seed, "sessionvm/identity/private/v1", SHA-512(label)), SeedSize bytes
//
// It is an identity like any other, with an ID, keys and sessions of its own. Nothing public of
// it says whose it is, and the root can't be computed from it, not even from its seed. Nothing
// has to be kept but the root's seed and the label.
//
// What ties it to the root is that seed alone: who gets it, and knows or guesses the label, has
// the private identity too, for as long as it is used. A label of random characters can't be
// guessed, and must then be kept like a secret. What is done with the two identities can link
// them as well: the same times, the same connection.
//
// Errors: ErrLabel for the label, ErrWiped for a root that is wiped. Wiping one of the two does
// not wipe the other.
func (i *Identity) Private(label string) (*Identity, error) {
	if i.secret.wiped {
		return nil, fmt.Errorf("%w: load the identity again to derive a private one", ErrWiped)
	}
	if len(label) < 1 || len(label) > MaxPrivateLabelSize {
		return nil, fmt.Errorf("%w: expected 1 to %d bytes, got %d", ErrLabel, MaxPrivateLabelSize, len(label))
	}
	if !utf8.ValidString(label) {
		return nil, fmt.Errorf("%w: expected valid UTF-8, got %d bytes that are not", ErrLabel, len(label))
	}
	hashed := sha512.Sum512([]byte(label))
	seed, err := derive(i.secret.seed, labelPrivate, SeedSize, hashed[:])
	if err != nil {
		return nil, err
	}
	defer clear(seed)
	return IdentityFromSeed(seed)
}
