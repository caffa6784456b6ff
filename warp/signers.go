package warp

import (
	"fmt"
	"math/bits"

	"github.com/luxfi/session/refusal"
)

// MaxSignersBytes bounds a bit set of signers.
const MaxSignersBytes = MaxValidators / 8

// Signers is a bit set over the validators of a ValidatorSet: big endian, bit i of the
// number is validator i, without a zero byte in front. The empty set has no bytes.
type Signers []byte

// NewSigners returns the set of validators at the indices.
func NewSigners(indices ...int) Signers {
	size := 0
	for _, i := range indices {
		size = max(size, i/8+1)
	}
	s := make(Signers, size)
	for _, i := range indices {
		s[len(s)-1-i/8] |= 1 << (i % 8)
	}
	return s
}

// Len returns how many signers there are.
func (s Signers) Len() (n int) {
	for _, b := range s {
		n += bits.OnesCount8(b)
	}
	return n
}

// Contains reports whether the validator at an index is a signer.
func (s Signers) Contains(index int) bool {
	at := len(s) - 1 - index/8
	return index >= 0 && at >= 0 && s[at]&(1<<(index%8)) != 0
}

// Indices returns the signers' indices in ascending order.
func (s Signers) Indices() []int {
	indices := make([]int, 0, s.Len())
	for at := len(s) - 1; at >= 0; at-- {
		for b := s[at]; b != 0; b &= b - 1 {
			indices = append(indices, 8*(len(s)-1-at)+bits.TrailingZeros8(b))
		}
	}
	return indices
}

// check refuses a second encoding of a set: zero bytes in front.
func (s Signers) check() error {
	if len(s) > MaxSignersBytes {
		return refusal.Wrap(ErrSignerBits, refusal.ErrTooLarge, fmt.Sprintf("a bit set of at most %d bytes", MaxSignersBytes), len(s))
	}
	if len(s) > 0 && s[0] == 0 {
		return refusal.Wrap(ErrSignerBits, refusal.ErrMalformed, "a bit set without a zero byte in front", fmt.Sprintf("%x", []byte(s)))
	}
	return nil
}
