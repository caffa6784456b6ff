package pq

// Sizes of ML-KEM-768 (FIPS 203, table 3), in bytes.
const (
	// KEMPublicKeySize is the size of an encapsulation key: 3 polynomials of 384 bytes
	// and the 32-byte seed of the matrix.
	KEMPublicKeySize = 1184
	// KEMCiphertextSize is the size of a ciphertext.
	KEMCiphertextSize = 1088
	// KEMSharedKeySize is the size of the key that both sides share.
	KEMSharedKeySize = 32
	// KEMSeedSize is the size of the seed d || z of a key pair.
	KEMSeedSize = 64
)

// Sizes of ML-DSA-65 (FIPS 204, table 2), in bytes.
const (
	// DSAPublicKeySize is the size of a public key.
	DSAPublicKeySize = 1952
	// DSASignatureSize is the size of a signature.
	DSASignatureSize = 3309
	// DSASeedSize is the size of the seed ξ of a key pair.
	DSASeedSize = 32
	// MaxContextSize is the largest context of a signature (FIPS 204, section 5.2).
	MaxContextSize = 255
)

// Sizes of an identity, in bytes.
const (
	// StoreKeySize is the size of the key of a session's stored state.
	StoreKeySize = 32
	// SeedSize is the size of the one secret of an identity. Both key pairs, and every
	// session key pair, derive from it.
	SeedSize = 32
	// IDSize is the size of an identity's ID.
	IDSize = 32
)
