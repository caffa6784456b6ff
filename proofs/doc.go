// Package proofs shows what the state tree of a SessionVM chain holds, or does not hold,
// under the state root of a block header: that a message was delivered, what a session is,
// what a participant has acknowledged, or that something is not there.
//
// The proofs are ICS-23 commitment proofs (github.com/cosmos/ics23) of an IAVL tree. The
// specification that they are checked with is this package's own, never the prover's, and
// everything that the library does not expect is refused before it sees it. Verification
// is pure: no network, no clock, no state.
//
// A Bundle is one self-contained proof file: the header, what is claimed, and the proof,
// in a binary and a JSON form. Every change of a byte of a valid file is refused, or means
// the same.
//
// What a verified bundle rests on is its header: who trusts the block ID can trust the
// statement. That validators have signed the block is not shown here.
package proofs
