// Package warp has what the validators of a SessionVM chain sign with their BLS keys, byte
// for byte as the platform's Warp messages are, and verifies it.
//
// Two things are signed. A Certificate says that a block was accepted: its payload is
// Hash(block ID). A Delivery says that a message was delivered, in a form that another
// chain can act on: its payload is an AddressedCall. Both travel in a signed Message, which
// any Warp receiver verifies against the validators of the source chain.
//
// What the package promises: one encoding for each value, that of the linear codec of
// platformvm/warp; every byte of an input consumed, every length bounded before memory is
// allocated; and one error for each way in which a signed message can be wrong.
//
// # What a signature rests on
//
// A signature of several validators is one aggregated point, and is checked with the sum of
// their public keys. That is sound only if every key in the ValidatorSet belongs to
// somebody who has proven to hold its secret key: otherwise a key can be chosen so that it
// cancels others out of the sum (a rogue key attack). The platform demands that proof when
// a validator registers. So a Message is to be verified only against a set that is known to
// be the platform's: taken from it, or committed to by a header that is trusted already.
// Never against a set that came with the message. The package lightclient shows how a set
// comes to be trusted.
//
// BLS signatures are not post-quantum secure. The messages that the chain carries are
// signed with ML-DSA-65 by their senders, but that a block was accepted rests on BLS12-381.
//
// # Ciphersuites
//
// Networks hash what they sign with different tags, see Ciphersuite. Which one a network
// uses is part of what a verifier is configured with, and is never read from the wire.
//
// The package is pure: no I/O, no clock, no cgo. It builds for js/wasm.
package warp
