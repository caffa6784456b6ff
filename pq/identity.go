package pq

import (
	"bytes"
	"crypto/rand"
	"fmt"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// Identity is an ML-KEM-768 key pair and an ML-DSA-65 key pair, both derived from one
// 32-byte seed. It prints as its ID, never as its secrets. Its methods may be called
// concurrently, apart from Wipe.
type Identity struct {
	public PublicIdentity
	id     [IDSize]byte
	secret *identitySecret
}

// identitySecret stands behind a pointer, so that an Identity's copies are wiped with it.
// It holds pointers in turn: when a struct has an Identity in an unexported field, fmt
// ignores the Identity's methods and, for verbs that do not fit, follows one pointer.
type identitySecret struct {
	seed  *[SeedSize]byte
	dsa   *mldsa65.PrivateKey
	kem   *KEMKey
	wiped bool
}

// GenerateIdentity makes an identity from the system's randomness.
func GenerateIdentity() (*Identity, error) {
	seed := make([]byte, SeedSize)
	defer clear(seed)
	rand.Read(seed) // never fails: without randomness it ends the program
	return IdentityFromSeed(seed)
}

// IdentityFromSeed makes the identity of a 32-byte seed: the same seed always gives the
// same identity. The seed must be random: whoever knows it is the identity.
func IdentityFromSeed(seed []byte) (*Identity, error) {
	if len(seed) != SeedSize {
		return nil, fmt.Errorf("%w: an identity takes %d bytes, got %d", ErrSeed, SeedSize, len(seed))
	}
	kept := [SeedSize]byte(seed)
	secret := &identitySecret{seed: &kept}
	var err error
	if secret.kem, err = deriveKEMKey(secret.seed, labelKEM); err != nil {
		return nil, err
	}
	dsaSeed, err := derive(secret.seed, labelDSA, DSASeedSize)
	if err != nil {
		return nil, err
	}
	defer clear(dsaSeed)
	dsaPublic, dsa, err := newDSAKey(dsaSeed)
	if err != nil {
		return nil, err
	}
	secret.dsa = dsa
	public := PublicIdentity{KEM: secret.kem.Public(), DSA: dsaPublic}
	return &Identity{public: public, id: public.ID(), secret: secret}, nil
}

// ID returns the identity's ID (PublicIdentity.ID).
func (i *Identity) ID() [IDSize]byte { return i.id }

// Public returns a copy of the public half.
func (i *Identity) Public() PublicIdentity {
	return PublicIdentity{KEM: bytes.Clone(i.public.KEM), DSA: bytes.Clone(i.public.DSA)}
}

// Sign signs a message with ML-DSA-65 in pure mode (FIPS 204, algorithm 2). The context, at
// most 255 bytes, separates what the signature is for; Verify needs the same one. Signing
// is hedged: fresh randomness enters, so two signatures of one message differ, and faults
// and side channels have less to hold on to (FIPS 204, section 3.4).
func (i *Identity) Sign(context string, message []byte) ([]byte, error) {
	return i.sign(context, message, true)
}

// SignDeterministic signs as Sign does, without randomness: the same message always gets
// the same signature. It is for test vectors and for systems without randomness.
func (i *Identity) SignDeterministic(context string, message []byte) ([]byte, error) {
	return i.sign(context, message, false)
}

func (i *Identity) sign(context string, message []byte, hedged bool) ([]byte, error) {
	if i.secret.wiped {
		return nil, fmt.Errorf("%w: load the identity again to sign", ErrWiped)
	}
	return signMessage(i.secret.dsa, context, message, hedged)
}

// KEM returns the identity's own KEM key pair, the one its ID commits to.
func (i *Identity) KEM() *KEMKey { return i.secret.kem }

// StoreKey returns the key that a session's state is stored under: StoreKeySize bytes, the
// same for the same arguments. It is a secret.
func (i *Identity) StoreKey(chainID, session [32]byte) ([]byte, error) {
	if i.secret.wiped {
		return nil, fmt.Errorf("%w: load the identity again to derive the key of a store", ErrWiped)
	}
	return derive(i.secret.seed, labelStore, StoreKeySize, chainID[:], session[:])
}

// Wipe overwrites the seed and the signing key, and drops the KEM key (see KEMKey.Wipe).
// Whatever needs a secret fails with ErrWiped from then on, for copies of the identity too;
// It is best effort: the runtime may have
// copied the secrets while it worked with them. Wipe must not run while another goroutine
// uses the identity.
func (i *Identity) Wipe() {
	clear(i.secret.seed[:])
	*i.secret.dsa = mldsa65.PrivateKey{}
	i.secret.kem.Wipe()
	i.secret.wiped = true
}
