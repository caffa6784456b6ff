// Package pq is the cryptography of SessionVM's users: post-quantum identities, their
// signatures, and the KEM keys that others encrypt to (LP-42, "Cryptographic Schemes"). What
// encrypts messages with these keys is package e2ee.
//
// # Identities
//
// An identity is an ML-KEM-768 key pair (FIPS 203), which others encrypt to, and an
// ML-DSA-65 key pair (FIPS 204), which it signs with. Both derive from one 32-byte seed by
// HKDF-SHA-512 with versioned labels. Its ID is BLAKE2b-256(KEM public key || DSA public
// key), so it commits to both. SafetyNumber makes of two IDs the digits that people compare.
//
// From one identity any number of others derive, each by a label (Identity.Private). Nothing
// public ties them to it or to each other.
//
// # Signatures
//
// ML-DSA-65 in pure mode, never pre-hashed. The context parameter separates domains, and
// every caller has its own versioned one. Signing is hedged, so signatures are not unique:
// never derive an ID from one. A VerifierCache more than halves the cost of verifying.
//
// # KEM keys
//
// ML-KEM-768. Encapsulate makes a key of 32 bytes that it shares with a public key's owner, and
// the ciphertext that carries it; KEMKey.Decapsulate gets it out again. A public key that
// somebody else made is checked as FIPS 203 asks for. The keys that give forward secrecy are random,
// and package e2ee's.
//
// # Files
//
// SaveIdentity keeps the seed in a file, encrypted to a passphrase in the age format;
// LoadIdentity reads it. Secrets are written nowhere else: they print as redacted text, and
// refuse to be encoded. Wipe erases them from memory, as far as Go allows.
//
// # Where it runs
//
// Anywhere: no cgo, no database, no node, and WebAssembly (GOOS=js GOARCH=wasm), apart from
// SaveIdentity and LoadIdentity, which need a file system. ML-KEM is Go's crypto/mlkem,
// ML-DSA is cloudflare/circl. The tests hold both against the Wycheproof vectors, and
// testdata/ has this package's own golden vectors.
package pq
