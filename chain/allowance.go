package chain

import (
	"fmt"

	"github.com/luxfi/session/refusal"
)

// Allowance bounds how much of something an identity may use: a leaky bucket, which block time
// refills.
type Allowance struct {
	// PerDay is how much comes back in a day; 0: there is no bound.
	PerDay uint64 `json:"perDay"`
	// Burst is how much may be used at once.
	Burst uint64 `json:"burst"`
}

// Allowances are what each registered identity may use.
type Allowances struct {
	// TransactionBytes are the bytes of the transactions that the identity signs.
	TransactionBytes Allowance `json:"transactionBytes"`
	// StateBytes are the bytes of leaves that they write.
	StateBytes Allowance `json:"stateBytes"`
	// Sessions are the sessions that the identity creates.
	Sessions Allowance `json:"sessions"`
	// Keys are its prekeys and rotations of session keys.
	Keys Allowance `json:"keys"`
	// FreshShare is the share of each burst that an identity has when it registers first: one part
	// in so many. The rest comes as what was used comes back. 0 and 1: all of it.
	FreshShare uint64 `json:"freshShare"`
}

// maxFreshShare bounds FreshShare.
const maxFreshShare = 1000

// Fresh returns until when an allowance counts as used for an identity that registered first at a
// time, both Unix milliseconds.
func (a Allowance) Fresh(since, share uint64) uint64 {
	if a.PerDay == 0 || share == 0 {
		return 0
	}
	holds := a.Burst * dayMilliseconds / a.PerDay
	return since + holds - holds/share
}

// maxAllowance bounds both numbers, so that a day's milliseconds times them fit 64 bits.
const maxAllowance = 1 << 36

const dayMilliseconds = day * 1000

// Use uses an amount at a block time, of an allowance that is used until a time. It returns
// until when the allowance is used then, and ok; or else from when on that much is allowed.
// Times are Unix milliseconds; an amount is at most MaxBlockBytes times four.
func (a Allowance) Use(until, now, amount uint64) (next uint64, ok bool) {
	if a.PerDay == 0 || amount == 0 {
		return until, true
	}
	takes := amount * dayMilliseconds / a.PerDay // both rounded down, so that the burst fits in pieces too
	holds := a.Burst * dayMilliseconds / a.PerDay
	next = max(until, now) + takes
	if next > now+holds {
		return next - holds, false
	}
	return next, true
}

// check refuses allowances of which a single transaction can be too much.
func (g *Genesis) checkAllowances() error {
	a, l := g.Allowances, g.Limits
	if a.FreshShare > maxFreshShare {
		return refusal.New(refusal.ErrGenesis, fmt.Sprintf("allowances.freshShare up to %d", maxFreshShare), a.FreshShare)
	}
	for _, allowance := range []struct {
		name string
		Allowance
		least uint64
	}{
		{"transactionBytes", a.TransactionBytes, l.MaxBlockBytes},
		{"stateBytes", a.StateBytes, leastStateBytes(l.MaxParticipants, l.MaxMetadataBytes)},
		{"sessions", a.Sessions, 1},
		{"keys", a.Keys, 1},
	} {
		if allowance.PerDay > maxAllowance {
			return refusal.New(refusal.ErrGenesis, fmt.Sprintf("allowances.%s.perDay up to %d", allowance.name, uint64(maxAllowance)), allowance.PerDay)
		}
		if allowance.PerDay > 0 && (allowance.Burst < allowance.least || allowance.Burst > maxAllowance) {
			return refusal.New(refusal.ErrGenesis, fmt.Sprintf("allowances.%s.burst from %d, what one transaction may take, to %d", allowance.name, allowance.least, uint64(maxAllowance)), allowance.Burst)
		}
	}
	return nil
}
