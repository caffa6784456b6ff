package pq

import (
	"fmt"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	lru "github.com/hashicorp/golang-lru/v2"
)

// VerifierCache verifies signatures with the unpacked ML-DSA-65 public keys of the
// identities that signed last. Unpacking expands the key's 6x5 matrix (FIPS 204, algorithm
// 32) and is more than half of the cost of a verification. An unpacked key takes about
// 40 KB. The cache is safe for concurrent use.
//
// Keys are found by identity ID alone. An ID commits to the identity's keys, so the caller
// must only pair an ID with the key it stands for (PublicIdentity.ID, or a registration
// that was checked with it); the cache sees one of the two keys and cannot check that.
type VerifierCache struct {
	keys *lru.Cache[[IDSize]byte, *mldsa65.PublicKey]
}

// NewVerifierCache returns a cache of at most size keys (at least one).
func NewVerifierCache(size int) *VerifierCache {
	keys, err := lru.New[[IDSize]byte, *mldsa65.PublicKey](max(size, 1))
	if err != nil {
		panic(fmt.Sprintf("a cache of %d keys: %v", size, err)) // only a size below 1 fails
	}
	return &VerifierCache{keys: keys}
}

// Verify checks a signature of the identity with the given ID, as the function Verify does.
// publicKey returns the identity's ML-DSA-65 public key; it is called only if the cache
// does not have it, and its error is returned wrapped. A key enters the cache once a
// signature verified with it, so that bad signatures push nothing out.
func (c *VerifierCache) Verify(id [IDSize]byte, publicKey func() ([]byte, error), context string, message, signature []byte) error {
	if err := checkSignatureSizes(context, signature); err != nil {
		return err
	}
	if key, ok := c.keys.Get(id); ok {
		return verifyUnpacked(key, context, message, signature)
	}
	packed, err := publicKey()
	if err != nil {
		return fmt.Errorf("public key of identity %s: %w", FormatID(id), err)
	}
	key, err := unpackDSAPublicKey(packed)
	if err != nil {
		return err
	}
	if err := verifyUnpacked(key, context, message, signature); err != nil {
		return err
	}
	c.keys.Add(id, key)
	return nil
}
