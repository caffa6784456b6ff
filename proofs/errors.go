package proofs

import "errors"

// One error for each way in which a commitment proof can be wrong. Each is wrapped together
// with a refusal.Error whose reason is refusal.ErrProof.
var (
	ErrEncoding = errors.New("not a canonically encoded ICS-23 proof")
	ErrForm     = errors.New("neither a plain existence nor a plain non-existence proof")
	ErrLeaf     = errors.New("not a leaf of an IAVL tree")
	ErrPath     = errors.New("not a path of an IAVL tree")
	ErrKey      = errors.New("proof of another key")
	ErrValue    = errors.New("proof of another value")
	ErrRoot     = errors.New("the path does not lead to the root, or the neighbours are none")
)

// One error for each way in which what stands around the proof can be wrong, wrapped alike.
var (
	ErrBlockID     = errors.New("the block ID is not the header's hash")
	ErrStateKey    = errors.New("not a key of the state tree")
	ErrSessionKeys = errors.New("not the session's keys")
	ErrTransaction = errors.New("not the transaction that the record names")
	ErrSigner      = errors.New("not the public keys of the transaction's signer")
	ErrDisclosure  = errors.New("not who stands behind the signer")
	ErrStatement   = errors.New("the statement is about something else")
	ErrIncomplete  = errors.New("not all of the session's messages")
)
