// Command session is the user's command line of a SessionVM chain (LP-42): identities,
// sessions, messages and proofs.
//
// It is a client only, and it trusts a node with nothing that it can check itself. Keys
// are taken for an identity's when they hash to its ID; a message is shown as its
// sender's when the sender's ML-DSA-65 signature verifies; a proof is verified without
// any node. What a node still decides is which blocks it shows, and so what is newest.
//
// A proof rests on a block. Whether that is the chain's is checked with a trust file (a
// block and its validators, "session trust"): package lightclient follows the chain from
// there by the validators' signatures.
//
// Every command prints for people, or with --json for programs. The exit status is one
// of the Exit constants.
package main
