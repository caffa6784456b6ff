package pq

import (
	"bytes"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"strings"
)

const (
	labelSafetyNumber = "sessionvm/safety-number/v1"

	safetyGroups    = 12 // of five digits
	safetyGroupSize = 5  // bytes of the hash for each group

	// SafetyNumberSize is the length of a safety number's text: 60 digits and 11 spaces.
	SafetyNumberSize = safetyGroups*5 + safetyGroups - 1
)

// SafetyNumber returns the code that two people compare, by voice or side by side, to be sure
// that each has the other's keys: 60 digits in 12 groups of 5 with spaces between,
// SafetyNumberSize characters. The order of the IDs does not matter, so both see the same.
//
// An ID commits to both public keys (PublicIdentity.ID), so the number does too, once the keys
// in use are checked against the IDs. It is
//
//	SHA-512("sessionvm/safety-number/v1" || 0x00 || lower ID || higher ID)
//
// the lower ID being the first in byte order. Its first 60 bytes are 12 numbers of 5 bytes, big
// endian; each modulo 100,000 is a group. Signal makes its digits in the same way.
//
// That is about 199 bits. Who stands between two people shows each of them keys of its own, and
// needs two whose numbers are the same: a collision, about 2^99 keys for either. A quantum
// computer comes to 2^66 steps in theory, with as much quantum memory (Brassard, Hoyer, Tapp,
// "Quantum Cryptanalysis of Hash and Claw-Free Functions"). Comparing fewer digits gives less:
// d digits that match cost about 10^(d/2) keys.
//
// An identity's keys never change. So a person whose number is another one has another
// identity: a new one, or somebody else's. Nothing should be sent before that is cleared up.
// The number of an ID with itself has the same form and says nothing: compare with another's.
func SafetyNumber(a, b [IDSize]byte) string {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	hash := sha512.New()
	hash.Write(append([]byte(labelSafetyNumber), 0))
	hash.Write(a[:])
	hash.Write(b[:])
	sum := hash.Sum(nil)
	groups := make([]string, safetyGroups)
	for i := range groups {
		var wide [8]byte
		copy(wide[len(wide)-safetyGroupSize:], sum[i*safetyGroupSize:])
		groups[i] = fmt.Sprintf("%05d", binary.BigEndian.Uint64(wide[:])%100_000)
	}
	return strings.Join(groups, " ")
}
