// Package avx mends what assembly of others leaves behind.
package avx

import "bytes"

// Clear ends a use of circl's assembly for ML-DSA and ML-KEM, which leaves the upper halves of the AVX registers in use. On some processors
// each SSE instruction of the thread is slower from then on, those of SHA-256 80 times. Go's search for a byte in more than 32
// uses AVX2, and ends with VZEROUPPER.
func Clear() { bytes.IndexByte(zeros[:], 1) }

var zeros [64]byte
