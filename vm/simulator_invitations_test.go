package vm

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
	"github.com/luxfi/session/state"
)

// oracleInvitations are the invitations of a chain.
type oracleInvitations struct {
	buckets    map[chain.Bucket][]oracleInvitation // that have had one
	bucketBits [2]uint64                           // of this window, and of the one before
	placed     uint64                              // when the places of all are free again

	invited, invitedBytes uint64 // in this block
}

type oracleInvitation struct {
	body       *chain.Invite
	timestamp  uint64
	height     uint64
	position   int
	transcript chain.Hash
}

// turnInvitations begins a child of a block.
func (o *oracle) turnInvitations(parent *oracle) {
	o.buckets = maps.Clone(o.buckets)
	o.invited, o.invitedBytes = 0, 0
	window := 1000 * o.genesis.Limits.TransactionWindow
	if o.now/window == parent.now/window {
		return
	}
	bits := uint64(0)
	for 2<<bits <= parent.prekeys()/o.genesis.Invitations.BucketIdentities {
		bits++
	}
	o.bucketBits = [2]uint64{min(bits, 16), o.bucketBits[0]}
}

func (o *oracle) prekeys() (count uint64) {
	for _, identity := range o.identities {
		if identity.prekeyNumber > 0 {
			count++
		}
	}
	return count
}

// countInvitations adds to totals what they say of invitations.
func (o *oracle) countInvitations(totals *chain.Totals) *chain.Totals {
	totals.Prekeys = o.prekeys()
	totals.BucketBits, totals.BucketBitsBefore = o.bucketBits[0], o.bucketBits[1]
	totals.InvitationsUntil = o.placed
	return totals
}

// place returns after how many milliseconds an invitation's place comes free, as docs/PROTOCOL.md has it.
func (o *oracle) place() uint64 { return (2*o.retention()-1)/o.genesis.Invitations.MaxKept + 1 }

func (o *oracle) refuseInvitation(refuse func(bool, refusal.Reason), body *chain.Invite, tx *chain.Transaction) {
	terms, size := o.genesis.Invitations, uint64(len(tx.Bytes()))
	refuse(!slices.Contains(o.bucketBits[:], body.Bits), refusal.ErrBucketBits)
	refuse(size > terms.MaxBlockBytes, refusal.ErrTransactionTooLarge)
	refuse(max(o.placed, o.now)+o.place() > o.now+o.retention()/o.place()*o.place(), refusal.ErrInvitationLimit)
	paid := max(zeros("invitation", tx.ID(), o.beacons[0], body.Work), zeros("invitation", tx.ID(), o.beacons[1], body.Work))
	refuse(paid < o.invitationBits(), refusal.ErrWork)
	refuse(o.invited >= terms.MaxBlock || o.invitedBytes+size > terms.MaxBlockBytes, refusal.ErrInvitationBlockLimit)
}

func (o *oracle) invitationBits() uint64 {
	return o.genesis.Invitations.WorkBits + scarcity(o.retention(), max(o.placed, o.now)-o.now)
}

func (o *oracle) invite(body *chain.Invite, tx *chain.Transaction) {
	bucket := chain.Bucket{Bits: body.Bits, Number: body.Bucket}
	head, sealed := sha256.Sum256(body.Head), sha256.Sum256(body.Sealed)
	before := slices.Clip(o.buckets[bucket])
	previous := transcriptOf(bucket, before)
	o.buckets[bucket] = append(before, oracleInvitation{
		body: body, timestamp: o.now, height: o.height, position: o.position,
		transcript: sha256.Sum256(slices.Concat([]byte("sessionvm/invitations/v1\x00"), previous[:], head[:], sealed[:], binary.BigEndian.AppendUint64(nil, o.now))),
	})
	o.placed = max(o.placed, o.now) + o.place()
	o.invited++
	o.invitedBytes += uint64(len(tx.Bytes()))
}

// transcriptOf returns the transcript of a bucket after invitations, as docs/PROTOCOL.md has it.
func transcriptOf(bucket chain.Bucket, invitations []oracleInvitation) chain.Hash {
	if n := len(invitations); n > 0 {
		return invitations[n-1].transcript
	}
	return sha256.Sum256(slices.Concat([]byte("sessionvm/invitations/v1\x00"), testChainID[:], []byte{byte(bucket.Bits), byte(bucket.Number >> 8), byte(bucket.Number)}))
}

// requireInvitations holds the leaves of the buckets against the oracle.
func (o *oracle) requireInvitations(is *require.Assertions, snapshot *state.Snapshot) {
	sixteenth := o.retention() / 16
	for bucket, invitations := range o.buckets {
		last := invitations[len(invitations)-1].timestamp / sixteenth
		expected := &chain.Invitations{Count: uint64(len(invitations)), Transcript: transcriptOf(bucket, invitations)}
		for i, invitation := range invitations {
			period := invitation.timestamp / sixteenth
			if first := i == 0 || invitations[i-1].timestamp/sixteenth != period; first && period+16 > last {
				expected.Marks = append(expected.Marks, chain.InvitationMark{Period: period, Before: uint64(i), Transcript: transcriptOf(bucket, invitations[:i])})
			}
		}
		got, err := snapshot.Invitations(bucket)
		requireRecord(is, expected, got, err, "invitations of", bucket)
	}
}

// requireListedInvitations holds the places of invitations against the oracle. All of them are held.
func (o *oracle) requireListedInvitations(is *require.Assertions, vm *VM) {
	for bucket, invitations := range o.buckets {
		count := uint64(len(invitations))
		found, err := vm.Invitations(bucket, 0, count, 1000)
		is.NoError(err)
		is.Len(found, len(invitations))
		for i, at := range found {
			expected := invitations[i]
			is.EqualValues(i+1, at.Number)
			is.Equal(expected.timestamp, at.Timestamp)
			is.Equal(expected.height, at.Height)
			is.EqualValues(expected.position, at.Position)
			body, err := vm.Invitation(at)
			is.NoError(err)
			is.Equal(expected.body.Head, body.Head)
			is.Equal(expected.body.Sealed, body.Sealed)
		}
		page, err := vm.Invitations(bucket, count, count, 1)
		is.NoError(err)
		is.Equal(found[count-1:], page)
	}
}

// invitation returns an invitation that has mostly paid what it costs.
func (g *simulatedTransactions) invitation(o *oracle) *chain.Invite {
	bits := pick(g.random, o.bucketBits[:])
	if g.chance(5) {
		bits++
	}
	sizes := chain.InvitationSizes
	bucket := chain.BucketOf(g.person().ID(), min(bits, 16))
	body := &chain.Invite{Bits: bucket.Bits, Bucket: bucket.Number, Head: make([]byte, chain.InvitationHeadSize), Sealed: make([]byte, sizes[0]), Deadline: g.deadline(o)}
	if g.chance(15) {
		body.Sealed = make([]byte, pick(g.random, sizes))
	}
	binary.BigEndian.PutUint64(body.Head, g.random.Uint64())
	id, beacon, work := chain.TransactionID(testChainID, body), pick(g.random, o.beacons), o.invitationBits()
	if g.chance(5) {
		work--
	}
	for zeros("invitation", id, beacon, body.Work) < work && work < 64 {
		body.Work++
	}
	return body
}
