package vm

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

const (
	floodBlock   = 4    // places for invitations in a block
	floodKept    = 1024 // invitations that a chain keeps; half as many have places at once
	floodBits    = 2    // of work, the least
	floodSources = 32   // addresses that the attacker has
	floodRounds  = 48   // in the retention of a day
	// floodShare is how many times as many invitations as come free the attacker's work pays for, at the least price.
	// It can't be stocked for longer than a round: it is for a beacon.
	floodShare = 8
)

// flood is an attacker who puts as many invitations onto a chain as its work pays for, all the time, and somebody
// honest who sends one now and then.
type flood struct {
	*testChain
	most   int             // invitations of a block, of all
	dear   uint64          // the most bits that an honest one has cost
	late   int             // the most blocks that a paid one has waited for
	honest []*chain.Invite // oldest first
}

// TestAFloodOfInvitationsLosesNone has an attacker at its best for two retentions: all places of all blocks, from many
// addresses, for as much work as it has; and then all places at once, for any price. An honest sender's
// invitation is in a block as soon as each address has had a place since it was last paid for, for little more than the share that the work buys;
// readers never scan more than a block has places for, or than the chain keeps; and what they scan has all honest ones.
func TestAFloodOfInvitationsLosesNone(t *testing.T) {
	f := &flood{testChain: startChain(t, func(g *chain.Genesis) {
		g.RetentionDays, g.SessionTTL = 1, 3600
		g.Invitations.WorkBits, g.Invitations.MaxKept, g.Invitations.MaxBlock = floodBits, floodKept, floodBlock
	})}
	for range 2 * floodRounds {
		f.attack(floodShare * (floodKept / 2) << floodBits / floodRounds)
		f.sends()
		f.drain()
		f.clock.advance(24 * time.Hour / floodRounds)
	}
	places, taken := f.totals().InvitationPlacesAt(f.Genesis(), f.clock.millis())
	t.Logf("%d of %d places taken; an honest invitation cost %d bits and %d blocks for each payment at most", taken, places, f.dear, f.late)
	require.Equal(t, floodBlock, f.most, "the attack fills blocks")
	require.Greater(t, taken, places*3/4, "and takes nearly all that there is")
	require.LessOrEqual(t, f.late, floodSources/floodBlock+1)
	require.LessOrEqual(t, f.dear, uint64(floodBits+bits.Len(floodShare)))

	for taken < places {
		f.attack(1 << 20)
		places, taken = f.totals().InvitationPlacesAt(f.Genesis(), f.clock.millis())
	}
	f.clock.advance(24 * time.Hour / floodRounds)
	f.sends()
	f.requireScanned()
}

// attack submits invitations from all addresses in turn until the work is used up, or nobody has a place. Each pays what it
// costs after those that wait.
func (f *flood) attack(left int) {
	ahead := f.totals()
	for n := 0; ; n++ {
		if places, taken := ahead.InvitationPlacesAt(f.Genesis(), f.clock.millis()); taken >= places {
			f.drain()
			return
		}
		price := max(f.invitationPrice().Bits, ahead.InvitationBitsAt(f.Genesis(), f.clock.millis()))
		if left -= 1 << price; left < 0 {
			return
		}
		tx := f.testChain.worked(f.inviteBody(chain.Bucket{}, chain.InvitationSizes[0]), f.invitationPrice().Beacon, price)
		require.NoError(f.t, f.Submit(context.Background(), tx, Source(fmt.Sprint("flood ", n%floodSources))))
		ahead.CountInvitation(f.Genesis())
	}
}

// sends sends an honest invitation, and pays again if the price has risen before it was taken, as client.Invite does.
func (f *flood) sends() {
	for range 3 {
		blocks := 0
		price := f.invitationPrice()
		body := f.inviteBody(chain.Bucket{}, chain.InvitationSizes[0])
		tx := f.testChain.worked(body, price.Beacon, price.Bits)
		require.NoError(f.t, f.Submit(context.Background(), tx, "honest"))
		for waits := true; waits; waits = slices.Contains(idsOf(f.Waiting()), tx.ID()) {
			blocks++
			if blk := f.next(); blk != nil && slices.Contains(idsOf(blk.Transactions), tx.ID()) {
				f.honest, f.late, f.dear = append(f.honest, tx.Body.(*chain.Invite)), max(f.late, blocks), max(f.dear, price.Bits)
				return
			}
		}
	}
	require.Fail(f.t, "an honest invitation was not taken")
}

// drain accepts blocks until nothing waits.
func (f *flood) drain() {
	for len(f.Waiting()) > 0 && f.next() != nil {
	}
}

// next accepts a block of what waits, a second later; nil if nothing of it can be taken.
func (f *flood) next() *Block {
	f.clock.advance(time.Second)
	blk, err := f.BuildBlock(context.Background())
	if errors.Is(err, refusal.ErrEmptyBlock) {
		return nil
	}
	require.NoError(f.t, err)
	require.NoError(f.t, blk.Verify(context.Background()))
	require.NoError(f.t, f.SetPreference(context.Background(), blk.ID()))
	require.NoError(f.t, blk.Accept(context.Background()))
	f.most = max(f.most, len(blk.Transactions))
	return blk
}

// requireScanned scans what the bucket keeps, up to the transcript of its leaf.
func (f *flood) requireScanned() {
	leaf, err := f.Snapshot().Invitations(chain.Bucket{})
	require.NoError(f.t, err)
	before, transcript := leaf.Begin(f.Genesis(), f.clock.millis())
	scanned, err := f.Invitations(chain.Bucket{}, before+1, leaf.Count, floodKept+1)
	require.NoError(f.t, err)
	require.LessOrEqual(f.t, len(scanned), floodKept)
	require.Greater(f.t, len(scanned), floodKept/4)
	heads := make(map[string]bool)
	for _, at := range scanned {
		transcript = at.Next(transcript)
		heads[string(at.Head)] = true
	}
	require.Equal(f.t, leaf.Transcript, transcript)
	for _, body := range f.honest[len(f.honest)-floodRounds*15/16:] { // a retention, less a period
		require.True(f.t, heads[string(body.Head)])
	}
}
