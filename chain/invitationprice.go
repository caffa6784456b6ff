package chain

import (
	"fmt"
	"math/bits"

	"github.com/luxfi/ids"

	"github.com/luxfi/session/refusal"
)

// InvitationTerms are what invitations cost, and how many there may be.
type InvitationTerms struct {
	// WorkBits are how many leading zero bits the work of an invitation has; more when more than half of
	// the places for them are taken, see Totals.InvitationBitsAt.
	WorkBits uint64 `json:"workBits"`
	// MaxKept bounds the invitations that are not past retention. Half as many have places at once, which
	// come free one after the other in a retention: however many have come, there is room for another soon.
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
const leastInvitationBytes = 10 << 10

func (g *Genesis) checkInvitations() error {
	t := &g.Invitations
	for _, bound := range []struct {
		name            string
		value, low, top uint64
	}{
		{"workBits", t.WorkBits, 0, maxGenesisBits},
		{"maxKept", t.MaxKept, 2, 1 << 40},
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

// invitationInterval returns after how many milliseconds the place of an invitation comes free.
func (g *Genesis) invitationInterval() uint64 {
	return (2*g.Retention() + g.Invitations.MaxKept - 1) / g.Invitations.MaxKept
}

// takenInvitationsAt returns until how many milliseconds after a block time, Unix milliseconds, the places
// for invitations are taken that come free one after the other; all are if that is the retention.
func (t *Totals) takenInvitationsAt(now uint64) uint64 { return max(t.InvitationsUntil, now) - now }

// InvitationPlacesAt returns how many places for invitations there are, and how many of them are taken in a
// block of a time, Unix milliseconds, whose parent has these totals.
func (t *Totals) InvitationPlacesAt(genesis *Genesis, now uint64) (places, taken uint64) {
	interval := genesis.invitationInterval()
	return genesis.Retention() / interval, (t.takenInvitationsAt(now) + interval - 1) / interval
}

// InvitationBitsAt returns how many bits the work of an invitation has in a block of a time, Unix milliseconds,
// whose parent has these totals: one more than WorkBits when half of the places are taken, two when three
// quarters are, and so on.
func (t *Totals) InvitationBitsAt(genesis *Genesis, now uint64) uint64 {
	return scarce(genesis.Invitations.WorkBits, genesis.Retention(), t.takenInvitationsAt(now))
}

// Turn brings what follows from the time alone to a block of a time, Unix milliseconds, whose parent
// has these totals and an ID.
func (t *Totals) Turn(genesis *Genesis, now uint64, parent ids.ID) {
	beacons, bucketBits := t.BeaconsAt(genesis, now, parent), t.BucketBitsAt(genesis, now)
	t.Beacon, t.BeaconBefore = beacons[0], beacons[1]
	t.BucketBits, t.BucketBitsBefore = bucketBits[0], bucketBits[1]
	t.Timestamp = now
}

// CountInvitation gives an invitation of this block its place.
func (t *Totals) CountInvitation(genesis *Genesis) {
	t.InvitationsUntil = max(t.InvitationsUntil, t.Timestamp) + genesis.invitationInterval()
}
