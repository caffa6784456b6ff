package lightclient

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/luxfi/ids"
	"github.com/stretchr/testify/require"

	"github.com/luxfi/session/chain"
	"github.com/luxfi/session/refusal"
)

// inviting is a bucket of a chain, with what a node has of it.
type inviting struct {
	genesis *chain.Genesis
	bucket  chain.Bucket
	leaf    *chain.Invitations
	all     []chain.CompactInvitation
	header  chain.Header
}

func newInviting(t testing.TB) *inviting {
	genesis, err := chain.ParseGenesis([]byte(`{"retentionDays":1,"sessionTTL":3600}`))
	require.NoError(t, err)
	b := &inviting{genesis: genesis, bucket: chain.Bucket{Bits: 3, Number: 6}, header: chain.Header{ChainID: ids.ID{1}, Timestamp: 1 << 40}}
	b.leaf = chain.NewInvitations(b.header.ChainID, b.bucket)
	return b
}

// invite adds invitations, in a block each.
func (b *inviting) invite(count int) {
	for range count {
		b.header.Height++
		b.header.Timestamp += 1000
		head := make([]byte, chain.InvitationHeadSize)
		binary.BigEndian.PutUint64(head, b.header.Height)
		body := &chain.Invite{Bits: b.bucket.Bits, Bucket: b.bucket.Number, Head: head, Sealed: []byte{byte(b.header.Height)}}
		compact := body.Compact(b.header.Timestamp)
		b.leaf.Add(b.genesis, &compact)
		b.all = append(b.all, compact)
	}
}

func (b *inviting) pass(periods uint64) {
	b.header.Height++
	b.header.Timestamp += periods * b.genesis.Retention() / chain.InvitationPeriods
}

// state returns the state of the chain as it is.
func (b *inviting) state() *State {
	header := b.header
	value := b.leaf.Bytes()
	if b.leaf.Count == 0 {
		value = nil
	}
	return &State{Header: &header, leaves: map[string][]byte{string(chain.InvitationsKey(b.bucket)): value}}
}

// page returns the invitations from a number on, at most so many.
func (b *inviting) page(from uint64, limit int) []chain.CompactInvitation {
	rest := b.all[min(int(from-1), len(b.all)):]
	return slices.Clone(rest[:min(limit, len(rest))])
}

// TestAReaderFollowsABucket page by page, while it grows and time goes on, with breaks of all lengths.
func TestAReaderFollowsABucket(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 5))
		b := newInviting(t)
		cursor := NewInvitationCursor(b.header.ChainID, b.bucket)
		for range 60 {
			switch random.IntN(4) {
			case 0:
				b.pass(random.Uint64N(6))
			case 1:
				b.pass(16 * random.Uint64N(2))
			default:
				b.invite(random.IntN(4))
			}
			before, transcript := b.leaf.Begin(b.genesis, b.header.Timestamp)
			first := max(cursor.Read.Number, before) + 1
			next, err := cursor.Follow(b.genesis, b.state(), first, b.page(first, 1+random.IntN(4)))
			require.NoError(t, err, "seed %d", seed)
			if before > cursor.Read.Number && next.Read.Number == before {
				require.Equal(t, transcript, next.Read.Transcript)
			}
			require.LessOrEqual(t, next.Proven.Number, next.Read.Number)
			if cursor = next; cursor.Read.Number == b.leaf.Count {
				require.Equal(t, cursor.Read, cursor.Proven)
				require.Equal(t, b.leaf.Transcript, cursor.Proven.Transcript)
			}
		}
		newest, err := NewInvitationCursor(b.header.ChainID, b.bucket).Latest(b.state())
		require.NoError(t, err)
		require.Equal(t, b.leaf.Count, newest.Proven.Number)
		b.invite(2)
		next, err := newest.Follow(b.genesis, b.state(), newest.Read.Number+1, b.page(newest.Read.Number+1, 2))
		require.NoError(t, err)
		require.Equal(t, InvitationPlace{b.leaf.Count, b.leaf.Transcript}, next.Proven)
	}
}

// TestANodeThatLiesAboutInvitationsIsCaught in all that it can say, on a page that reaches the end.
func TestANodeThatLiesAboutInvitationsIsCaught(t *testing.T) {
	b := newInviting(t)
	b.invite(3)
	b.pass(1)
	b.invite(8)
	older := b.state()
	b.invite(1)
	cursor := NewInvitationCursor(b.header.ChainID, b.bucket)
	cursor, err := cursor.Follow(b.genesis, b.state(), 1, b.page(1, 12))
	require.NoError(t, err)
	b.invite(6)
	newer := b.state()
	first, honest := uint64(13), b.page(13, 100)
	_, err = cursor.Follow(b.genesis, newer, first, honest)
	require.NoError(t, err)

	lies := map[string]struct {
		state *State
		first uint64
		page  []chain.CompactInvitation
		want  error
	}{
		"shows none":             {newer, first, nil, ErrInvitationsWithheld},
		"hides the first":        {newer, first + 1, honest[1:], ErrInvitationsWithheld},
		"renumbers":              {newer, first, honest[1:], nil}, // until the page that follows
		"repeats old ones":       {newer, 12, b.page(12, 100), ErrInvitationsWithheld},
		"hides one, adds one":    {newer, first, append(slices.Delete(slices.Clone(honest), 2, 3), honest[5]), ErrInvitations},
		"adds one":               {newer, first, append(slices.Clone(honest), honest[5]), ErrInvitations},
		"puts one in":            {newer, first, slices.Insert(slices.Clone(honest), 1, honest[5]), ErrInvitations},
		"an older state":         {older, first, nil, ErrStateBehind},
		"an older state, hiding": {older, first, honest, ErrStateBehind},
		"another order":          {newer, first, []chain.CompactInvitation{honest[1], honest[0], honest[2], honest[3], honest[4], honest[5]}, ErrInvitations},
	}
	for i := range honest {
		for name, change := range map[string]func(*chain.CompactInvitation){
			"another head": func(c *chain.CompactInvitation) { c.Head = bytes.Clone(c.Head); c.Head[700] ^= 1 },
			"another rest": func(c *chain.CompactInvitation) { c.Sealed[3] ^= 1 },
			"another time": func(c *chain.CompactInvitation) { c.Timestamp++ },
		} {
			page := slices.Clone(honest)
			change(&page[i])
			lies[name+" of "+string(rune('0'+i))] = struct {
				state *State
				first uint64
				page  []chain.CompactInvitation
				want  error
			}{newer, first, page, ErrInvitations}
		}
	}
	for name, lie := range lies {
		next, err := cursor.Follow(b.genesis, lie.state, lie.first, lie.page)
		if lie.want == nil { // a short page is not a lie yet
			require.NoError(t, err, name)
			require.Equal(t, cursor.Proven, next.Proven, name)
			_, err = next.Follow(b.genesis, newer, next.Read.Number+1, honest[5:])
			require.ErrorIs(t, err, ErrInvitations, name)
			continue
		}
		require.ErrorIs(t, err, lie.want, name)
		require.ErrorIs(t, err, refusal.ErrProof, name)
		require.Equal(t, cursor, next, "the cursor stays")
	}
	_, err = cursor.Follow(b.genesis, &State{Header: newer.Header}, first, honest)
	require.ErrorIs(t, err, ErrStatement, "no leaf")
	none := newInviting(t)
	_, err = NewInvitationCursor(none.header.ChainID, none.bucket).Follow(none.genesis, none.state(), 1, honest[:1])
	require.ErrorIs(t, err, ErrInvitations, "of a bucket that has had none")
}

// TestAFalsePageIsFoundWhereThePeriodEnds: a node can't lead a reader on for long.
func TestAFalsePageIsFoundWhereThePeriodEnds(t *testing.T) {
	b := newInviting(t)
	b.invite(6)
	b.pass(1)
	b.invite(6)
	cursor := NewInvitationCursor(b.header.ChainID, b.bucket)
	page := b.page(1, 4)
	page[2].Sealed[0] ^= 1
	cursor, err := cursor.Follow(b.genesis, b.state(), 1, page)
	require.NoError(t, err)
	require.Zero(t, cursor.Proven.Number)
	_, err = cursor.Follow(b.genesis, b.state(), 5, b.page(5, 2))
	require.ErrorIs(t, err, ErrInvitations)
	cursor.Read = cursor.Proven // again, with another node
	cursor, err = cursor.Follow(b.genesis, b.state(), 1, b.page(1, 8))
	require.NoError(t, err)
	require.EqualValues(t, 6, cursor.Proven.Number)
	require.EqualValues(t, 8, cursor.Read.Number)
}

// TestOneWhoWasAwayForLongNeedsNotWhatIsPast, and nothing of the rest can be hidden from them.
func TestOneWhoWasAwayForLongNeedsNotWhatIsPast(t *testing.T) {
	b := newInviting(t)
	b.invite(5)
	cursor, err := NewInvitationCursor(b.header.ChainID, b.bucket).Follow(b.genesis, b.state(), 1, b.page(1, 5))
	require.NoError(t, err)
	b.invite(7)
	b.pass(17)
	b.invite(4)
	before, _ := b.leaf.Begin(b.genesis, b.header.Timestamp)
	require.EqualValues(t, 12, before)
	_, err = cursor.Follow(b.genesis, b.state(), 14, b.page(14, 9))
	require.ErrorIs(t, err, ErrInvitationsWithheld, "one that is kept is hidden")
	next, err := cursor.Follow(b.genesis, b.state(), 13, b.page(13, 9))
	require.NoError(t, err)
	require.EqualValues(t, 16, next.Proven.Number)
	b.pass(20)
	next, err = cursor.Follow(b.genesis, b.state(), 17, nil)
	require.NoError(t, err, "all are past retention")
	require.Equal(t, InvitationPlace{b.leaf.Count, b.leaf.Transcript}, next.Proven)
}

// BenchmarkFollow checks a page of 256 invitations against the bucket's leaf: what a reader does beside the
// decapsulation for each.
func BenchmarkFollow(b *testing.B) {
	of := newInviting(b)
	of.invite(256)
	state, page := of.state(), of.page(1, 256)
	begin := NewInvitationCursor(of.header.ChainID, of.bucket)
	for b.Loop() {
		if _, err := begin.Follow(of.genesis, state, 1, page); err != nil {
			b.Fatal(err)
		}
	}
}
