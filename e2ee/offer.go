package e2ee

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/luxfi/session/pq"
)

const (
	// ContextOffer is the ML-DSA context of an offer's signature.
	ContextOffer = "sessionvm/e2ee/offer/v1"

	offerVersion1 = 0x01
	offerStart    = 1 + 1 + 32 + pq.IDSize + 8
)

// Offer is a KEM key that a member made for sessions and signed, so that others can start one
// while it is offline. It says openly which suite its owner can do. In order, in bytes:
//
//	1       version, 0x01
//	1       suite
//	32      chain ID
//	32      identity ID
//	8       expiry, Unix milliseconds
//	1184    public key (1216 for X-Wing)
//	3309    ML-DSA-65 signature over all of the above, in ContextOffer
type Offer struct {
	Suite     Suite
	Chain     [32]byte
	Identity  ID
	Expires   uint64 // Unix milliseconds
	PublicKey []byte
	Signature []byte
}

// OfferKey is the secret half of an offer. It prints as redacted text.
type OfferKey struct {
	suite  Suite
	public []byte
	seed   *[]byte
}

// NewOffer makes a key and offers it. The key must be kept (OfferKey.Seed) for as long as
// sessions may start with it; after that it should be erased.
func NewOffer(random io.Reader, identity *pq.Identity, chain [32]byte, suite Suite, expires uint64) (*Offer, *OfferKey, error) {
	if !suite.known() {
		return nil, nil, wrapf(ErrSuite, "want a known suite, got %s", suite)
	}
	seed, err := readRandom(sourceOf(random), suite.seedSize())
	if err != nil {
		return nil, nil, err
	}
	defer clear(seed)
	key, err := OfferKeyFromSeed(suite, seed)
	if err != nil {
		return nil, nil, err
	}
	offer := &Offer{Suite: suite, Chain: chain, Identity: identity.ID(), Expires: expires, PublicKey: bytes.Clone(key.public)}
	if offer.Signature, err = identity.Sign(ContextOffer, offer.unsigned()); err != nil {
		return nil, nil, err
	}
	return offer, key, nil
}

// OfferKeyFromSeed returns the key that Seed was called on.
func OfferKeyFromSeed(suite Suite, seed []byte) (*OfferKey, error) {
	if !suite.known() {
		return nil, wrapf(ErrSuite, "want a known suite, got %s", suite)
	}
	public, err := suite.publicKey(seed)
	if err != nil {
		return nil, err
	}
	kept := bytes.Clone(seed)
	return &OfferKey{suite: suite, public: public, seed: &kept}, nil
}

// Suite returns the suite that the key is for.
func (k *OfferKey) Suite() Suite { return k.suite }

// Seed returns a copy of the secret, to be stored encrypted: 64 bytes for ML-KEM-768, 32 for
// X-Wing.
func (k *OfferKey) Seed() []byte { return bytes.Clone(*k.seed) }

// Wipe erases the secret. Sessions that start with the offer can no longer be opened.
func (k *OfferKey) Wipe() {
	clear(*k.seed)
	*k.seed = nil
}

func (o *Offer) unsigned() []byte {
	unsigned := make([]byte, 0, offerStart+len(o.PublicKey)+pq.DSASignatureSize)
	unsigned = append(unsigned, offerVersion1, byte(o.Suite))
	unsigned = append(unsigned, o.Chain[:]...)
	unsigned = append(unsigned, o.Identity[:]...)
	unsigned = binary.BigEndian.AppendUint64(unsigned, o.Expires)
	return append(unsigned, o.PublicKey...)
}

// Bytes returns the encoding.
func (o *Offer) Bytes() []byte { return append(o.unsigned(), o.Signature...) }

// ParseOffer decodes an offer strictly. It does not verify it.
func ParseOffer(encoded []byte) (*Offer, error) {
	read := cursor{rest: encoded}
	version, suite := read.uint8(), Suite(read.uint8())
	if read.short || version != offerVersion1 || !suite.known() {
		return nil, wrapf(ErrOffer, "want version %#02x and a known suite, got version %#02x and %s", offerVersion1, version, suite)
	}
	offer := &Offer{Suite: suite, Chain: read.array32(), Identity: read.array32(), Expires: read.uint64()}
	offer.PublicKey = bytes.Clone(read.bytes(suite.publicKeySize()))
	offer.Signature = bytes.Clone(read.bytes(pq.DSASignatureSize))
	if !read.done() {
		return nil, wrapf(ErrOffer, "want %d bytes, got %d", offerStart+suite.publicKeySize()+pq.DSASignatureSize, len(encoded))
	}
	return offer, nil
}

// Verify checks that an offer is for a chain, not expired, by the identity, and signed by it.
func (o *Offer) Verify(identity pq.PublicIdentity, chain [32]byte, now uint64) error {
	switch {
	case !o.Suite.known():
		return wrapf(ErrOffer, "want a known suite, got %s", o.Suite)
	case o.Chain != chain:
		return wrapf(ErrOffer, "want one for chain %x, got %x", chain, o.Chain)
	case o.Identity != identity.ID():
		return wrapf(ErrOffer, "want one of %s, got %s", pq.FormatID(identity.ID()), pq.FormatID(o.Identity))
	case now >= o.Expires:
		return wrapf(ErrOffer, "it expired at %d and it is %d: ask its owner for a fresh one", o.Expires, now)
	}
	if err := o.Suite.checkPublicKey(o.PublicKey); err != nil {
		return fmt.Errorf("%w: %w", ErrOffer, err)
	}
	if err := pq.Verify(identity.DSA, ContextOffer, o.unsigned(), o.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrOffer, err)
	}
	return nil
}
