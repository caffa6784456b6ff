package chain

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/refusal"
)

func sampleInvite() *Invite {
	return &Invite{Bits: 10, Bucket: 0x2a5, Head: fill(7, InvitationHeadSize), Sealed: fill(8, InvitationSizes[0]), Deadline: 1700000000000, Work: 77}
}

func TestGoldenInvitations(t *testing.T) {
	invite := sampleInvite()
	head, sealed := Hash(sha256.Sum256(invite.Head)), Hash(sha256.Sum256(invite.Sealed))
	first := FirstInvitation(sampleChainID, invite.To())
	second := NextInvitation(first, head, sealed, 1_700_000_000_123)
	challenge := NewInvitationChallenge(sampleChainID, sampleTransaction(invite).ID(), sampleID(9))
	golden(t, "invitations.json", []vector{{Name: "bucket 0x2a5 of 10 bits", Hex: map[string]string{
		"key":       fmt.Sprintf("%x", InvitationsKey(invite.To())),
		"T(0)":      first.String(),
		"head":      head.String(),
		"sealed":    sealed.String(),
		"time":      fmt.Sprintf("%016x", 1_700_000_000_123),
		"T(1)":      second.String(),
		"beacon":    fmt.Sprintf("%x", idBytes(sampleID(9))),
		"challenge": Hash(challenge).String(),
	}}})
}

// TestAnInvitationsIDCoversAllButItsWork: one envelope is one transaction, whoever works for it.
func TestAnInvitationsIDCoversAllButItsWork(t *testing.T) {
	seen := map[ids.ID]string{sampleTransaction(sampleInvite()).ID(): "none"}
	for name, change := range map[string]func(*Invite){
		"bits":     func(b *Invite) { b.Bits++ },
		"bucket":   func(b *Invite) { b.Bucket ^= 1 },
		"head":     func(b *Invite) { b.Head[1000] ^= 1 },
		"sealed":   func(b *Invite) { b.Sealed[1000] ^= 1 },
		"size":     func(b *Invite) { b.Sealed = fill(8, InvitationSizes[1]) },
		"deadline": func(b *Invite) { b.Deadline++ },
	} {
		invite := sampleInvite()
		change(invite)
		id := sampleTransaction(invite).ID()
		require.NotContains(t, seen, id, name)
		seen[id] = name
	}
	worked := sampleInvite()
	worked.Work++
	require.Equal(t, "none", seen[sampleTransaction(worked).ID()])
	require.NotEqual(t, sampleTransaction(sampleInvite()).Leaf(), sampleTransaction(worked).Leaf())
}

func TestBucketsArePrefixesOfIdentityIDs(t *testing.T) {
	id := ids.ID{0b10110011, 0b01000000, 0xff}
	for bits, number := range map[uint64]uint64{0: 0, 1: 1, 4: 0b1011, 8: 0b10110011, 10: 0b1011001101, 16: 0b1011001101000000} {
		bucket := BucketOf(id, bits)
		require.Equal(t, Bucket{bits, number}, bucket)
		require.NoError(t, bucket.Check())
		again, ok := ParseInvitationsKey(InvitationsKey(bucket))
		require.True(t, ok)
		require.Equal(t, bucket, again)
	}
	for _, bucket := range []Bucket{{17, 0}, {0, 1}, {3, 8}, {16, 1 << 16}, {1 << 63, 0}} {
		require.ErrorIs(t, bucket.Check(), refusal.ErrInvitation)
	}
	for _, key := range [][]byte{{9}, {9, 3, 0, 8}, {9, 17, 0, 0}, {9, 0, 0, 0, 0}, {8, 0, 0, 0}} {
		_, ok := ParseInvitationsKey(key)
		require.False(t, ok)
	}
}

func TestBucketsAreAsLargeAsTheGenesisSays(t *testing.T) {
	g := DefaultGenesis()
	for identities, bits := range map[uint64]uint64{
		0: 0, 1: 0, 4096: 0, 8191: 0, 8192: 1, 16383: 1, 16384: 2, 1_000_000: 7, 1 << 28: 16, 1 << 40: 16,
	} {
		require.Equal(t, bits, g.bucketBits(identities), identities)
		if bits > 0 {
			require.GreaterOrEqual(t, identities>>bits, g.Invitations.BucketIdentities)
		}
	}
	totals := &Totals{Timestamp: 599_999, Prekeys: 20_000, BucketBits: 5, BucketBitsBefore: 6}
	require.Equal(t, [2]uint64{5, 6}, totals.BucketBitsAt(g, 599_999), "within the window")
	require.Equal(t, [2]uint64{2, 5}, totals.BucketBitsAt(g, 600_000), "the next one")
}

func TestTheWorkOfAnInvitationIsForItAndABeacon(t *testing.T) {
	challenge := NewInvitationChallenge(sampleChainID, sampleID(1), sampleID(2))
	require.NotEqual(t, challenge, NewInvitationChallenge(ids.ID{9}, sampleID(1), sampleID(2)))
	require.NotEqual(t, challenge, NewInvitationChallenge(sampleChainID, sampleID(3), sampleID(2)))
	require.NotEqual(t, challenge, NewInvitationChallenge(sampleChainID, sampleID(1), sampleID(3)))
	require.NotEqual(t, challenge, NewChallenge(sampleChainID, sampleID(1), sampleID(2)), "a registration's")
	g := DefaultGenesis()
	g.Invitations.WorkBits, g.Invitations.MaxKept = 20, 1000
	const places = 500
	interval := g.Retention() / places
	totals := &Totals{Timestamp: 1 << 40}
	wanted := map[uint64]uint64{0: 20, 249: 20, 250: 21, 374: 21, 375: 22, 499: 28}
	for n := range uint64(places) {
		if bits, ok := wanted[n]; ok {
			require.Equal(t, bits, totals.InvitationBitsAt(g, totals.Timestamp), n)
		}
		all, taken := totals.InvitationPlacesAt(g, totals.Timestamp)
		require.Equal(t, []uint64{places, n}, []uint64{all, taken})
		totals.CountInvitation(g)
	}
	require.Equal(t, totals.Timestamp+g.Retention(), totals.InvitationsUntil, "all are taken")
	for n := range uint64(places + 2) { // a place comes free with each interval
		_, taken := totals.InvitationPlacesAt(g, totals.Timestamp+n*interval)
		require.Equal(t, places-min(n, places), taken)
	}
}

// TestMarksSayWhatIsKept compares them with a list of all invitations, at random times, of which there are never more
// than may be kept.
func TestMarksSayWhatIsKept(t *testing.T) {
	type invited struct {
		at         uint64
		transcript Hash // before it
	}
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 10))
		g := DefaultGenesis()
		g.RetentionDays = 1 + random.Uint64N(3)
		g.Invitations.MaxKept = 2 + random.Uint64N(60)
		period := g.Retention() / InvitationPeriods
		totals := &Totals{Timestamp: random.Uint64N(1 << 41)}
		bucket := Bucket{3, 5}
		leaf := NewInvitations(sampleChainID, bucket)
		var all []invited
		for range 80 {
			now := totals.Timestamp + random.Uint64N(period)>>random.IntN(10)
			if random.IntN(10) == 0 {
				now += random.Uint64N(20) * period
			}
			kept, before, transcript := uint64(0), uint64(0), leaf.Transcript
			for i, invitation := range all {
				if invitation.at/period+InvitationPeriods > now/period {
					if kept++; kept == 1 {
						before, transcript = uint64(i), invitation.transcript
					}
				}
			}
			if kept == 0 {
				before = leaf.Count
			}
			require.LessOrEqual(t, kept, g.Invitations.MaxKept, "seed %d", seed)
			totals.Turn(g, now, ids.Empty)
			gotBefore, gotTranscript := leaf.Begin(g, now)
			require.Equal(t, before, gotBefore)
			require.Equal(t, transcript, gotTranscript)
			for range random.IntN(6) {
				if places, taken := totals.InvitationPlacesAt(g, now); taken >= places {
					break
				}
				all = append(all, invited{now, leaf.Transcript})
				invite := sampleInvite()
				invite.Head[0] = byte(len(all))
				totals.CountInvitation(g)
				compact := invite.Compact(now)
				leaf.Add(g, &compact)
				require.EqualValues(t, len(all), leaf.Count)
				require.LessOrEqual(t, len(leaf.Marks), InvitationPeriods)
				require.Equal(t, NextInvitation(all[len(all)-1].transcript, sha256.Sum256(invite.Head), sha256.Sum256(invite.Sealed), now), leaf.Transcript)
			}
			again, err := ParseInvitations(leaf.Bytes())
			require.NoError(t, err)
			require.Equal(t, leaf.Bytes(), again.Bytes())
		}
	}
}
