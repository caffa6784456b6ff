package lightclient

import (
	"errors"
	"fmt"
	"time"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// One error for each way in which a light block can be wrong by itself. Those of its
// certificate and validator set are the ones of package warp.
var (
	ErrEncoding            = errors.New("not a canonically encoded value of the light client")
	ErrOptions             = errors.New("the trust options make no sense")
	ErrHeader              = errors.New("not a header that can be followed")
	ErrNoCertificate       = errors.New("block has no certificate")
	ErrDowngrade           = errors.New("block is not certified post-quantum")
	ErrNoKeys              = errors.New("trusted block has no post-quantum keys to go on from")
	ErrKeyProofs           = errors.New("not the post-quantum keys of the block's validators")
	ErrNotAdjacent         = errors.New("heights do not follow each other")
	ErrNotAhead            = errors.New("height is not above the trusted one")
	ErrNotBelow            = errors.New("height is not below the trusted one")
	ErrParent              = errors.New("header does not link to the trusted one")
	ErrTime                = errors.New("header is older than one below it")
	ErrPChainHeight        = errors.New("platform chain height is below that of an earlier header")
	ErrWrongHeight         = errors.New("provider answered with another height")
	ErrInconsistent        = errors.New("provider answered with another block than before")
	ErrNotFound            = errors.New("no such block")
	ErrCheckpoint          = errors.New("checkpoint contradicts a block that is trusted already")
	ErrOtherBlock          = errors.New("proof of another block than the one that is trusted")
	ErrStatement           = errors.New("the proof shows something else")
	ErrWithheld            = errors.New("messages of the session are missing")
	ErrInvitations         = errors.New("not the invitations that the chain has")
	ErrStateBehind         = errors.New("the state is older than one that was seen")
	ErrTooFarBack          = errors.New("too far below the lowest trusted block")
	ErrInvitationsWithheld = errors.New("invitations of the bucket are missing")
	ErrStoreCorrupted      = errors.New("the store holds what it should not")
	ErrEvidence            = errors.New("not evidence of two certified blocks of one height")
)

// ErrOldHeaderExpired says that the trusted block is older than the trusting period. Take a
// new checkpoint, with Client.Renew.
type ErrOldHeaderExpired struct {
	At  time.Time // when it expired
	Now time.Time
}

// Error implements error.
func (e ErrOldHeaderExpired) Error() string {
	return fmt.Sprintf("trusted block expired at %s, now is %s: take a new checkpoint", e.At.Format(time.RFC3339), e.Now.Format(time.RFC3339))
}

// Unwrap makes errors.Is find the refusal.Reason.
func (e ErrOldHeaderExpired) Unwrap() error { return refusal.ErrProof }

// ErrFromFuture says that a header's time is ahead of the clock by more than the drift.
type ErrFromFuture struct {
	Time  time.Time
	Now   time.Time
	Drift time.Duration
}

// Error implements error.
func (e ErrFromFuture) Error() string {
	return fmt.Sprintf("header's time %s is more than %s ahead of the clock, %s: check the clock", e.Time.Format(time.RFC3339Nano), e.Drift, e.Now.Format(time.RFC3339Nano))
}

// Unwrap makes errors.Is find the refusal.Reason.
func (e ErrFromFuture) Unwrap() error { return refusal.ErrProof }

// ErrNotEnoughTrust says that too little of the trusted set's weight has been shown to have
// signed a block. A block in between may help.
type ErrNotEnoughTrust struct {
	From, To uint64 // heights
	// Weight is of the trusted set.
	Weight warp.Weight
	// Untrusted says that signers outside of the trusted set are among those of the
	// certificate, and that no handover came: so nothing counts.
	Untrusted bool
}

// Error implements error.
func (e ErrNotEnoughTrust) Error() string {
	cause := ""
	if e.Untrusted {
		cause = " (others have signed too, and there is no handover)"
	}
	return fmt.Sprintf("from block %d to %d: expected %s of the trusted set's weight, got %s%s", e.From, e.To, warp.OneThird, e.Weight, cause)
}

// Unwrap makes errors.Is find the refusal.Reason.
func (e ErrNotEnoughTrust) Unwrap() error { return refusal.ErrProof }

// ErrTrustLost says that the validator set changed too much from one block to the next.
// Take a new checkpoint, with Client.Renew.
type ErrTrustLost struct {
	Height uint64 // the last block that can be trusted
	Err    error
}

// Error implements error.
func (e ErrTrustLost) Error() string {
	return fmt.Sprintf("validator set after block %d cannot be followed, take a new checkpoint: %v", e.Height, e.Err)
}

// Unwrap returns why.
func (e ErrTrustLost) Unwrap() error { return e.Err }

// ErrProvider says which provider failed, or answered with what does not verify.
type ErrProvider struct {
	Provider string
	Err      error
}

// Error implements error.
func (e ErrProvider) Error() string { return fmt.Sprintf("provider %s: %v", e.Provider, e.Err) }

// Unwrap returns why.
func (e ErrProvider) Unwrap() error { return e.Err }

// ErrWitnesses says that too few witnesses have the block that the primary shows.
type ErrWitnesses struct {
	BlockID        ids.ID
	Height         uint64
	Agreed, Needed int
}

// Error implements error.
func (e ErrWitnesses) Error() string {
	return fmt.Sprintf("block %s at height %d: expected %d witnesses to have it, got %d: try again, or add witnesses", e.BlockID, e.Height, e.Needed, e.Agreed)
}

// Unwrap makes errors.Is find the refusal.Reason.
func (e ErrWitnesses) Unwrap() error { return refusal.ErrProof }

// ErrDivergence says that there are two certified blocks of one height. Neither is trusted.
type ErrDivergence struct {
	Evidence *Evidence
	// First and Second are the providers that showed them.
	First, Second string
}

// Error implements error.
func (e ErrDivergence) Error() string {
	return fmt.Sprintf("two certified blocks at height %d: %s from %s and %s from %s: at least a third of the validators' weight is dishonest",
		e.Evidence.First.Header.Height, e.Evidence.First.Header.ID(), e.First, e.Evidence.Second.Header.ID(), e.Second)
}

// Unwrap makes errors.Is find the refusal.Reason.
func (e ErrDivergence) Unwrap() error { return refusal.ErrProof }
