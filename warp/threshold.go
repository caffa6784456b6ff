package warp

import (
	"fmt"
	"math/bits"

	"github.com/luxfi/session/refusal"
)

// Weight is how much of a validator set's weight has signed.
type Weight struct {
	Signed uint64 `json:"signed"`
	// Total counts all validators, also those without a BLS key.
	Total uint64 `json:"total"`
}

// String returns "signed of total".
func (w Weight) String() string { return fmt.Sprintf("%d of %d", w.Signed, w.Total) }

// Threshold is the part of a validator set's weight that has to sign: at least Num/Den of
// it, or more than that.
type Threshold struct {
	Num uint64 `json:"num"`
	Den uint64 `json:"den"`
	// Above demands more than Num/Den.
	Above bool `json:"above,omitempty"`
}

var (
	// DefaultQuorum is the platform's default for Warp messages: at least 67%.
	DefaultQuorum = Threshold{Num: 67, Den: 100}
	// OneThird is more than 1/3: the smallest share of the weight that is certain to include an
	// honest validator, if at most a third of the weight is dishonest.
	OneThird = Threshold{Num: 1, Den: 3, Above: true}
	// TwoThirds is more than 2/3.
	TwoThirds = Threshold{Num: 2, Den: 3, Above: true}
)

// String returns "at least 67/100" or "more than 1/3".
func (t Threshold) String() string {
	if t.Above {
		return fmt.Sprintf("more than %d/%d", t.Num, t.Den)
	}
	return fmt.Sprintf("at least %d/%d", t.Num, t.Den)
}

// Check refuses what is not a fraction above 0 and up to 1, or can't be reached.
func (t Threshold) Check() error {
	if t.Num == 0 || t.Num > t.Den || (t.Above && t.Num == t.Den) {
		return refusal.Wrap(ErrThreshold, refusal.ErrInvalidArgs, "a fraction above 0 and up to 1", t)
	}
	return nil
}

// Verify checks that enough weight has signed. Nothing is enough of a set without weight.
func (t Threshold) Verify(w Weight) error {
	if err := t.Check(); err != nil {
		return err
	}
	// Signed * Den against Total * Num, in 128 bits.
	signedHigh, signedLow := bits.Mul64(w.Signed, t.Den)
	totalHigh, totalLow := bits.Mul64(w.Total, t.Num)
	above := signedHigh > totalHigh || signedHigh == totalHigh && signedLow > totalLow
	equal := signedHigh == totalHigh && signedLow == totalLow
	if w.Signed == 0 || w.Signed > w.Total || !above && (t.Above || !equal) {
		return refusal.Wrap(ErrInsufficientWeight, refusal.ErrProof, t.String()+" of the weight", w)
	}
	return nil
}
