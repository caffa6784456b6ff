package warp

import (
	"fmt"

	"github.com/luxfi/session/refusal"
)

// Aggregation collects validators' signatures of one message until they are enough. It is
// not safe for use by several goroutines.
type Aggregation struct {
	suite     Ciphersuite
	unsigned  *UnsignedMessage
	encoded   []byte
	set       *ValidatorSet
	indices   []int
	signed    map[int]bool
	weight    Weight
	signature point
}

// NewAggregation returns an aggregation without signatures.
func NewAggregation(suite Ciphersuite, unsigned *UnsignedMessage, set *ValidatorSet) *Aggregation {
	a := &Aggregation{
		suite:    suite,
		unsigned: unsigned,
		encoded:  unsigned.Bytes(),
		set:      set,
		signed:   make(map[int]bool, set.Len()),
		weight:   Weight{Total: set.TotalWeight()},
	}
	a.signature = identity()
	return a
}

// Add verifies a validator's own signature, and counts it if it is good.
func (a *Aggregation) Add(key *PublicKey, signature Signature) error {
	index := a.set.Index(key)
	if index < 0 {
		return refusal.Wrap(ErrUnknownSigner, refusal.ErrProof, fmt.Sprintf("the key of one of %d validators", a.set.Len()), key)
	}
	if a.signed[index] {
		return refusal.Wrap(ErrRepeatedSigner, refusal.ErrDuplicate, "a validator that has not signed yet", fmt.Sprintf("validator %d", index))
	}
	p, err := signaturePoint(signature)
	if err != nil {
		return err
	}
	validator := a.set.Validator(index)
	if err := verifyPoint(a.suite, &validator.PublicKey.point, a.encoded, p); err != nil {
		return err
	}
	a.signature.add(p)
	a.signed[index] = true
	a.indices = append(a.indices, index)
	a.weight.Signed += validator.Weight
	return nil
}

// Weight returns how much has signed so far.
func (a *Aggregation) Weight() Weight { return a.weight }

// Message returns the signed message, if enough has signed.
func (a *Aggregation) Message(threshold Threshold) (*Message, error) {
	if err := threshold.Verify(a.weight); err != nil {
		return nil, err
	}
	m := &Message{UnsignedMessage: *a.unsigned, Signers: NewSigners(a.indices...)}
	copy(m.Signature[:], a.signature.compressed())
	return m, nil
}
