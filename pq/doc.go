// Package pq is the cryptography of SessionVM's users: post-quantum identities, signatures,
// and envelopes that only their recipients can read (LP-42, "Cryptographic Schemes").
//
// # Identities
//
// An identity is an ML-KEM-768 key pair (FIPS 203), which others encrypt to, and an
// ML-DSA-65 key pair (FIPS 204), which it signs with. Both derive from one 32-byte seed by
// HKDF-SHA-512 with versioned labels. Its ID is BLAKE2b-256(KEM public key || DSA public
// key), so it commits to both. SaveIdentity keeps the seed in a file, encrypted to a
// passphrase in the age format. SafetyNumber makes of two IDs the digits that people compare.
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
// # Envelopes
//
// Seal encrypts to up to 128 recipients at once. Version 1, in order, sizes in bytes:
//
//	1      version and suite, 0x01
//	1      number of recipients, 1 to 128
//	1140   for each recipient:
//	         4     tag: SHA-256("sessionvm/seal/tag/v1" || 0x00 || ID), its first bytes
//	         1088  ML-KEM-768 ciphertext
//	         48    content key, wrapped
//	32     commitment to the content key, the header and all of the above
//	n+16   content
//
// The content key is 32 random bytes. Each wrapping key is HKDF-SHA-256 of the key shared
// through ML-KEM, and wraps with ChaCha20-Poly1305, the KEM ciphertext as associated data.
// A transcript hash covers the header and the whole recipient table; HKDF-SHA-256 of the
// content key and the transcript gives the content's ChaCha20-Poly1305 key and the
// commitment. Every key encrypts one thing, so nonces are zero. ChaCha20-Poly1305 was chosen
// because it needs no hardware to be fast and free of timing leaks, WebAssembly included.
//
// # What it promises
//
//   - Only recipients read the content, against an adversary with a quantum computer, as far
//     as ML-KEM-768 holds (NIST category 3).
//   - A change of any byte of an envelope, of its header or of the list of recipients is
//     refused.
//   - All recipients that open an envelope with the same header read the same plaintext, even
//     if its sender is malicious: the commitment fixes the content key.
//
// # What it does not promise
//
//   - No forward secrecy beyond key rotation. Session keys of one epoch open that epoch's
//     messages only, but they derive from the seed: who gets the seed reads every message,
//     past ones too. There is no ratchet in this version.
//   - No hybrid: if ML-KEM falls, so does the content. There is no classical exchange beside
//     it in this version.
//   - Envelopes do not hide who their recipients are (a session's participants are public on
//     the chain anyway), how many there are, or the size of the content: pad before sealing.
//   - Envelopes do not say who made them. The sender's signature over the envelope does; Seal
//     says what belongs in the header for it.
//   - Recipients that share a session can deny nothing: the signature is on the chain.
//
// The first byte of an envelope is the seam: other exchanges, ratchets and group keys take
// other versions, and version 1 stays readable.
//
// # Where it runs
//
// Anywhere: no cgo, no database, no node, and WebAssembly (GOOS=js GOARCH=wasm), apart from
// SaveIdentity and LoadIdentity, which need a file system. ML-KEM is Go's crypto/mlkem,
// ML-DSA is cloudflare/circl. The tests hold both against the Wycheproof vectors, and
// testdata/ has this package's own golden vectors.
package pq
