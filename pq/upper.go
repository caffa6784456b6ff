package pq

import "bytes"

// clearUpper ends a use of circl's assembly, which leaves the upper halves of the AVX registers in use. On some processors each SSE
// instruction of the thread is slower by then, those of SHA-256 80 times. Go's search of more than 32 bytes for a byte uses AVX2 and ends with
// VZEROUPPER.
func clearUpper() { bytes.IndexByte(zeros[:], 1) }

var zeros [64]byte
