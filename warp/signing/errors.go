package signing

import (
	"errors"
	"fmt"

	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/warp"
)

// One error for each reason not to sign, or not to take an answer. Each is wrapped together
// with a refusal.Error that says what was expected and what came.
var (
	ErrRequest       = errors.New("not a signature request")
	ErrResponse      = errors.New("not a signature response")
	ErrJustification = errors.New("the justification names something else")
	ErrNotAccepted   = errors.New("not accepted here")
	ErrNotDelivered  = errors.New("not a delivery as this chain has it")
	ErrNoSigner      = errors.New("the host gives no signer")
	ErrNoQuorum      = errors.New("too few validators have answered")
	ErrSecretKey     = errors.New("not a BLS12-381 secret key")
)

// QuorumError is an ErrNoQuorum, and says how much has signed.
type QuorumError struct {
	Threshold warp.Threshold
	Weight    warp.Weight
	// Last is the last answer that did not count; nil, if there was none.
	Last error
}

// Error implements error.
func (e *QuorumError) Error() string {
	if e.Last == nil {
		return e.refusal().Error()
	}
	return fmt.Sprintf("%v; the last answer that did not count: %v", e.refusal(), e.Last)
}

// Unwrap makes errors.Is find ErrNoQuorum, the refusal.Reason and the last answer.
func (e *QuorumError) Unwrap() []error {
	if e.Last == nil {
		return []error{ErrNoQuorum, e.refusal()}
	}
	return []error{ErrNoQuorum, e.refusal(), e.Last}
}

func (e *QuorumError) refusal() error {
	return refusal.New(refusal.ErrNoQuorum, e.Threshold.String()+" of the validators' weight", e.Weight)
}
