// Package signing is a validator's part in Warp messages: what it is willing to sign, how it
// answers the signature requests of others (ACP-118), and how it collects the signatures of
// the other validators.
//
// A validator signs two things (LP-42; package warp has their bytes):
//
//   - Hash(block ID), for a block that it has accepted;
//   - the delivery of a message that is in its accepted state.
//
// The justification of a request names what the message is about: the block's or the
// message's ID, 32 bytes. It may be left out, as relayers do that know nothing of the chain;
// one that names something else is refused.
//
// The package knows the chain, the host's signer and the network only through small
// interfaces. Requests and answers are bounded before they are decoded, and signatures are
// cached, so that a request costs the host's signer nothing the second time.
package signing
