package chain

import (
	"fmt"
	"math/bits"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// InvitationTerms are what invitations cost, and how many there may be.
type InvitationTerms struct {
	// WorkBits are how many leading zero bits the work of an invitation has; more when the chain keeps
	// more than half of MaxKept, see Genesis.InvitationBits.
	WorkBits uint64 `json:"workBits"`
	// MaxKept bounds the invitations that are not past retention.
	MaxKept uint64 `json:"maxKept"`
	// MaxBlock bounds the invitations of a block; 0: there are none.
	MaxBlock uint64 `json:"maxBlock"`
	// MaxBlockBytes bounds the bytes of their transactions in a block, at most limits.maxBlockBytes.
	MaxBlockBytes uint64 `json:"maxBlockBytes"`
	// BucketIdentities is how many identities with a prekey a bucket has on average, at least: buckets
	// have a bit more with each doubling.
	BucketIdentities uint64 `json:"bucketIdentities"`
}

// InvitationPeriods is how many periods a retention has. An invitation is kept until the period of
// its block is so many periods ago: for all of the retention but one part in so many, at least.
const InvitationPeriods = 16

// leastInvitationBytes is room for the smallest invitation.
const leastInvitationBytes = 14 << 10

func (g *Genesis) checkInvitations() error {
	t := &g.Invitations
	for _, bound := range []struct {
		name            string
		value, low, top uint64
	}{
		{"workBits", t.WorkBits, 0, maxGenesisBits},
		{"maxKept", t.MaxKept, 1, 1 << 40},
		{"maxBlock", t.MaxBlock, 0, 1 << 16},
		{"maxBlockBytes", t.MaxBlockBytes, leastInvitationBytes, MaxBlockBytes},
		{"bucketIdentities", t.BucketIdentities, 1, 1 << 40},
	} {
		if bound.value < bound.low || bound.value > bound.top {
			return refusal.New(refusal.ErrGenesis, fmt.Sprintf("invitations.%s from %d to %d", bound.name, bound.low, bound.top), bound.value)
		}
	}
	t.MaxBlockBytes = min(t.MaxBlockBytes, g.Limits.MaxBlockBytes)
	return nil
}

// InvitationBits returns how many bits the work of an invitation has when so many are kept: one more
// than WorkBits when half of the room is taken, two when three quarters are, and so on.
func (g *Genesis) InvitationBits(kept uint64) uint64 {
	return scarce(g.Invitations.WorkBits, g.Invitations.MaxKept, kept)
}

// scarce returns a price in bits that is in inverse proportion to the room that is left.
func scarce(price, most, taken uint64) uint64 {
	free := uint64(1)
	if taken < most {
		free = most - taken
	}
	return min(price+uint64(bits.Len64(most/free))-1, MaxWorkBits)
}

// InvitationPeriod returns the number of the period that a block time is in, Unix milliseconds.
func (g *Genesis) InvitationPeriod(now uint64) uint64 {
	return now / (g.Retention() / InvitationPeriods)
}

// NewInvitationChallenge returns what the work of an invitation is done for: its transaction's ID,
// which covers all but the work, and a beacon. So one work pays for one envelope and a short time.
func NewInvitationChallenge(chainID, transaction, beacon ids.ID) Challenge {
	return Challenge(domainHash(domainInvitationWork, chainID[:], transaction[:], beacon[:]))
}

// bucketBits returns how many bits buckets have among so many identities.
func (g *Genesis) bucketBits(identities uint64) uint64 {
	buckets := identities / g.Invitations.BucketIdentities
	return min(uint64(bits.Len64(max(buckets, 1)))-1, MaxBucketBits)
}

// BucketBitsAt returns how many bits the bucket of an invitation may have in a block of a time, Unix
// milliseconds, whose parent has these totals: those of this transactionWindow, or of the one before.
// They follow from how many identities can be invited when a window begins.
func (t *Totals) BucketBitsAt(genesis *Genesis, now uint64) [2]uint64 {
	period := genesis.Limits.TransactionWindow * 1000
	if now/period > t.Timestamp/period {
		return [2]uint64{genesis.bucketBits(t.Prekeys), t.BucketBits}
	}
	return [2]uint64{t.BucketBits, t.BucketBitsBefore}
}

// KeptInvitationsAt returns how many invitations are not past retention in a block of a time, Unix
// milliseconds, whose parent has these totals.
func (t *Totals) KeptInvitationsAt(genesis *Genesis, now uint64) (kept uint64) {
	period := genesis.InvitationPeriod(now)
	for age, count := range t.Invitations {
		if t.InvitationPeriod-uint64(age)+InvitationPeriods > period {
			kept += count
		}
	}
	return kept
}

// Turn brings what follows from the time alone to a block of a time, Unix milliseconds, whose parent
// has these totals and an ID.
func (t *Totals) Turn(genesis *Genesis, now uint64, parent ids.ID) {
	beacons, bucketBits := t.BeaconsAt(genesis, now, parent), t.BucketBitsAt(genesis, now)
	t.Beacon, t.BeaconBefore = beacons[0], beacons[1]
	t.BucketBits, t.BucketBitsBefore = bucketBits[0], bucketBits[1]
	if period := genesis.InvitationPeriod(now); len(t.Invitations) > 0 && period > t.InvitationPeriod {
		passed := make([]uint64, min(period-t.InvitationPeriod, InvitationPeriods))
		t.Invitations, t.InvitationPeriod = append(passed, t.Invitations...), period
		t.Invitations = t.Invitations[:min(len(t.Invitations), InvitationPeriods)]
		for n := len(t.Invitations); n > 0 && t.Invitations[n-1] == 0; n-- {
			t.Invitations = t.Invitations[:n-1]
		}
		if len(t.Invitations) == 0 {
			t.Invitations, t.InvitationPeriod = nil, 0
		}
	}
	t.Timestamp = now
}

// CountInvitation counts an invitation of this block.
func (t *Totals) CountInvitation(genesis *Genesis) {
	if len(t.Invitations) == 0 {
		t.Invitations, t.InvitationPeriod = []uint64{0}, genesis.InvitationPeriod(t.Timestamp)
	}
	t.Invitations[0]++
}
