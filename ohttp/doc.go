// Package ohttp asks a chain's service through a relay, by Oblivious HTTP (RFC 9458): the relay sees
// who asks, and not what; the node sees what is asked, and not who asks. It has the side of programs, a
// Transport; the relay; and what a gateway, the handler of a node, is made of.
//
// A request travels as a binary HTTP message of known length (RFC 9292), padded, sealed by HPKE
// (RFC 9180) to the gateway's key, which is X-Wing's: ML-KEM-768 and X25519 together. Its answer is sealed
// for that request alone.
//
// What it rests on: the relay and the node do not tell each other; and the program has the hash of the
// gateway's keys from the node's operator, and not from the relay. The relay still sees times and padded sizes.
package ohttp
