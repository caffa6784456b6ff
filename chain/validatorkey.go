package chain

//go:generate go tool canoto $GOFILE

import (
	"bytes"
	"fmt"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

const (
	// BLSPublicKeySize is the size of a validator's BLS12-381 public key, compressed, in bytes.
	BLSPublicKeySize = 48
	// BLSSignatureSize is the size of a BLS12-381 signature, compressed, in bytes.
	BLSSignatureSize = 96

	// MaxValidatorKeys bounds the validators that have a key on the chain.
	MaxValidatorKeys = 1 << 14

	// ContextReplaceValidatorKey is the signing context of the key that another one takes the place of.
	ContextReplaceValidatorKey = "sessionvm/replace-validator-key/v1"
)

// Scheme is how validators sign that they have accepted a block, beside BLS.
type Scheme uint8

// SchemeMLDSA65 is ML-DSA-65 (FIPS 204), pure mode. It is the only one so far.
const SchemeMLDSA65 Scheme = 1

// String returns the scheme's name.
func (s Scheme) String() string {
	if s == SchemeMLDSA65 {
		return "ML-DSA-65"
	}
	return fmt.Sprintf("scheme %d", uint8(s))
}

// Check refuses a scheme that this software does not know.
func (s Scheme) Check() error {
	if s != SchemeMLDSA65 {
		return refusal.New(refusal.ErrScheme, fmt.Sprintf("scheme %d, %s", uint8(SchemeMLDSA65), SchemeMLDSA65), s)
	}
	return nil
}

// RegisterValidatorKey binds a post-quantum key to a validator, which the platform knows by its BLS key.
// The validator signs with both. A key that takes the place of another one is signed by that one too, so
// that who can forge BLS signatures can't replace it. The transaction's ID does not cover the three
// signatures, and each of them covers all the rest.
type RegisterValidatorKey struct {
	Scheme       Scheme `canoto:"uint,1"`
	PublicKey    []byte `canoto:"bytes,2"` // DSAPublicKeySize bytes
	BLSPublicKey []byte `canoto:"bytes,3"` // BLSPublicKeySize bytes
	Replaces     []byte `canoto:"bytes,4"` // the validator's key so far, DSAPublicKeySize bytes; empty if it has none
	Deadline     uint64 `canoto:"uint,5"`  // Unix milliseconds: no block later than this may hold it

	BLSSignature []byte `canoto:"bytes,6"` // of the validator, over a Warp message of the transaction's ID; BLSSignatureSize bytes
	Possession   []byte `canoto:"bytes,7"` // of PublicKey over the signing bytes, with the body's context; SignatureSize bytes
	Consent      []byte `canoto:"bytes,8"` // of Replaces, with ContextReplaceValidatorKey; SignatureSize bytes, empty without one

	canotoData canotoData_RegisterValidatorKey
}

func (b *RegisterValidatorKey) wire() transactionWire {
	return transactionWire{RegisterValidatorKey: b}
}

// Context implements Body.
func (*RegisterValidatorKey) Context() string { return ContextRegisterValidatorKey }

// Actor implements Body. No identity signs: a validator does.
func (*RegisterValidatorKey) Actor() ids.ID { return ids.Empty }

func (b *RegisterValidatorKey) unsigned() []byte {
	return encodeUnsigned(&RegisterValidatorKey{
		Scheme: b.Scheme, PublicKey: b.PublicKey, BLSPublicKey: b.BLSPublicKey, Replaces: b.Replaces, Deadline: b.Deadline,
	})
}

func (b *RegisterValidatorKey) check() error {
	if err := b.Scheme.Check(); err != nil {
		return err
	}
	replaces := len(b.Replaces) > 0
	for _, part := range []struct {
		what  string
		bytes []byte
		size  int
		asked bool
	}{
		{"ML-DSA-65 public key", b.PublicKey, DSAPublicKeySize, true},
		{"BLS public key", b.BLSPublicKey, BLSPublicKeySize, true},
		{"ML-DSA-65 public key that is replaced", b.Replaces, DSAPublicKeySize, replaces},
	} {
		if part.asked && len(part.bytes) != part.size {
			return refusal.New(refusal.ErrKeySize, fmt.Sprintf("%s of %d bytes", part.what, part.size), len(part.bytes))
		}
	}
	if bytes.Equal(b.PublicKey, b.Replaces) {
		return refusal.New(refusal.ErrValidatorKey, "another key than the one that it replaces", "the same")
	}
	if len(b.BLSSignature) != BLSSignatureSize {
		return refusal.New(refusal.ErrSignatureSize, fmt.Sprintf("a BLS signature of %d bytes", BLSSignatureSize), len(b.BLSSignature))
	}
	if err := checkSignature(true, "", b.Possession); err != nil {
		return err
	}
	return checkSignature(replaces, "a registration that replaces a key", b.Consent)
}

// ValidatorKeyID returns what a validator's key is found by: H(domain, compressed BLS public key).
func ValidatorKeyID(blsPublicKey []byte) ids.ID {
	return ids.ID(domainHash(domainValidatorKey, blsPublicKey))
}

// ValidatorKeyKey returns the key of a validator's ValidatorKey, 33 bytes.
func ValidatorKeyKey(validator ids.ID) []byte { return idKey(prefixValidatorKey, validator) }

// ValidatorKey is the leaf of a validator's post-quantum key. There is none before the first registration, and
// none any more when the validator has been gone for long.
type ValidatorKey struct {
	Scheme       Scheme `canoto:"uint,1"`
	PublicKey    []byte `canoto:"bytes,2"` // DSAPublicKeySize bytes
	BLSPublicKey []byte `canoto:"bytes,3"` // BLSPublicKeySize bytes
	Registered   uint64 `canoto:"uint,4"`  // block time of the registration of this key, Unix milliseconds
	Number       uint64 `canoto:"uint,5"`  // counts what happens to validators' keys, from 1: its place in the order of sweeps
	Seen         uint64 `canoto:"uint,6"`  // block time of the last registration or visit of a sweep, Unix milliseconds
	Absent       bool   `canoto:"bool,7"`  // the validator was none at that visit

	canotoData canotoData_ValidatorKey
}

// Bytes returns the canonical encoding, the leaf's value.
func (k *ValidatorKey) Bytes() []byte { return k.MarshalCanoto() }

// ParseValidatorKey decodes the leaf of a validator's key strictly. Byte fields alias the input.
func ParseValidatorKey(bytes []byte) (*ValidatorKey, error) {
	return parseRecord(bytes, new(ValidatorKey))
}
