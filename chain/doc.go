// Package chain defines the bytes of a SessionVM chain (LP-42): headers, blocks,
// transactions, the records of the state tree and their keys, and the genesis.
//
// Every consensus byte has one canonical encoding (canoto: deterministic and read
// compatible with Protocol Buffers) and a strict decoder: each byte is consumed,
// each value has one encoding, and lengths are bounded before memory is allocated.
// The formats are versioned and guarded by the golden vectors in testdata/.
//
// Hashes and signatures are domain separated by a versioned context string and the
// chain ID. A transaction's ID never covers its signature, because ML-DSA signatures
// (FIPS 204) are not unique.
//
// The package has no I/O and knows no database, no host and no cryptography beyond
// hashes, so that light clients can use it anywhere, WebAssembly included.
package chain
