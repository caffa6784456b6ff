package signing

import (
	"errors"
	"fmt"

	"github.com/luxfi/session/chain"
)

// One error for each reason not to sign, or not to take an answer. Each is wrapped together
// with a chain.Refusal that says what was expected and what came.
var (
	ErrRequest       = errors.New("not a signature request")
	ErrResponse      = errors.New("not a signature response")
	ErrJustification = errors.New("the justification names something else")
	ErrNotAccepted   = errors.New("not accepted here")
	ErrNotDelivered  = errors.New("not a delivery as this chain has it")
	ErrNoSigner      = errors.New("the host gives no signer")
	ErrNoQuorum      = errors.New("too few validators have answered")
)

func refuse(way error, reason chain.Reason, expected string, got any) error {
	return fmt.Errorf("%w: %w", way, chain.Refuse(reason, expected, got))
}
